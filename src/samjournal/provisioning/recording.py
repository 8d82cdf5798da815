"""What the record says from now on of somebody whose roles change: changes of what differs, through the door.

of(door, permit, wish, standing, login, plan, ...)    changes, the Practitioner's id, and each role by its key
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from samjournal.access import Permit
from samjournal.accounts import RoleAt
from samjournal.db.queries import queries
from samjournal.fhir.identifiers import FNR, HPR
from samjournal.provisioning import posts
from samjournal.provisioning.people import Key, Person
from samjournal.provisioning.wishes import Plan, Wish
from samjournal.record import Change, Door
from samjournal.record.beside import matches, resources

_SQL = queries("samjournal.provisioning")


async def of(
    door: Door,
    permit: Permit,
    wish: Wish,
    standing: Person | None,
    login: str,
    plan: Plan,
    names: dict[str, str],
    now: datetime,
    gets_in: bool,
) -> tuple[list[Change], str, dict[Key, RoleAt]]:
    """What the record says from now on: changes of what differs, the Practitioner's id, and each role by its key."""
    practitioner_id = standing.practitioner_id if standing else None
    adopted = None
    if practitioner_id is None:
        adopted = await _in_the_record(door, permit, wish)
        practitioner_id = adopted or login
    roles = {(at.code, at.organization_id): at for at, _ in standing.roles} if standing else {}
    kept = await _posts_there(door, permit, adopted, list(plan.give)) if adopted else {}
    for code, unit in plan.give:
        id_ = kept.get(unit) or posts.post_id(login, code, unit)
        roles[code, unit] = RoleAt(code, unit, id_, names[unit], practitioner_id)
    asked = [("PractitionerRole", roles[key].practitioner_role_id) for key in (*plan.give, *plan.take)]
    found = await resources(door, permit, [("Practitioner", practitioner_id), *asked])

    def there(reference: str) -> dict[str, Any] | None:
        return found[reference].resource() if reference in found else None

    made: list[dict[str, Any]] = []
    was = there(f"Practitioner/{practitioner_id}")
    now_is = posts.practitioner(was, practitioner_id, wish.content, hpr=wish.hpr, fnr=wish.fnr, active=gets_in)
    if not posts.is_same(was, now_is):
        made.append(now_is)
    display = posts.called(wish.content, wish.user_name)
    who = {"reference": f"Practitioner/{practitioner_id}", "display": display}
    for key in plan.give:
        at = roles[key]
        made.append(
            posts.post(
                there(f"PractitionerRole/{at.practitioner_role_id}"),
                at.practitioner_role_id,
                who=who,
                unit={"reference": f"Organization/{at.organization_id}", "display": at.unit_name},
                code=at.code,
                title=str(wish.content.get("title") or ""),
                now=now,
            )
        )
    for key in plan.take:
        post = there(f"PractitionerRole/{roles[key].practitioner_role_id}")
        if post is not None:
            made.append(posts.ended(post, now))
    changes = [
        Change.update(
            one, if_match=found[name].version if (name := f"{one['resourceType']}/{one['id']}") in found else None
        )
        for one in made
    ]
    return changes, practitioner_id, roles


async def _in_the_record(door: Door, permit: Permit, wish: Wish) -> str | None:
    """The Practitioner whom the record has already by a number of his, and who has no account."""
    for system, value in ((HPR, wish.hpr), (FNR, wish.fnr)):
        if not value:
            continue
        found = await matches(door, permit, "Practitioner", [("identifier", f"{system}|{value}"), ("_count", "2")])
        if len(found) == 1 and await door.pool.fetchval(_SQL.by_practitioner, found[0].id) is None:
            return found[0].id
    return None


async def _posts_there(door: Door, permit: Permit, practitioner_id: str, keys: Sequence[Key]) -> dict[str, str]:
    """The posts that somebody has in the record already at some units, where there is one alone: unit to id."""
    if not keys:
        return {}
    asked = [("practitioner", f"Practitioner/{practitioner_id}"), ("_count", "50")]
    found: dict[str, list[str]] = {}
    for one in await matches(door, permit, "PractitionerRole", asked):
        unit = one.resource().get("organization", {}).get("reference", "").removeprefix("Organization/")
        found.setdefault(unit, []).append(one.id)
    units = [unit for _, unit in keys]
    return {unit: ids[0] for unit, ids in found.items() if len(ids) == 1 and units.count(unit) == 1}
