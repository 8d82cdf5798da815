"""What a directory says of somebody becomes his account, his roles and what the record says of him, all or nothing.

    put(door, permit, wish, login=, version=)    somebody new, or what is said of him by now
    remove(door, permit, login)                  the directory knows him no longer
    settle(door, permit, login)                  his roles as they are given now: groups, beginnings and ends

A role is given when the directory gives it, without anybody's doing; who is given none, or is not active, is out at
once. Both are idempotent: what stands already is not written again. docs/decisions/0057
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec

from samjournal import accounts, audit
from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.errors import Conflict, Invalid, NotFound, VersionMoved
from samjournal.fhir.identifiers import FNR, HPR
from samjournal.provisioning import posts, recording
from samjournal.provisioning.people import Person, called, named, person, wanted
from samjournal.provisioning.proposing import Held, close_tasks, held_back, keep, task_id, tasks_for
from samjournal.provisioning.units import names_of
from samjournal.provisioning.wishes import Taken, Wish, check, planned
from samjournal.record import Change, Door, change, new_id
from samjournal.record.door import look_of

_SQL = queries("samjournal.provisioning")
_ATTEMPTS: Final = 4


class _Moved(Conflict):
    """It was changed since it was read: it is looked at again."""


async def put(
    door: Door, permit: Permit, wish: Wish, *, login: str | None = None, version: int | None = None
) -> tuple[Person, bool]:
    """What a directory says of somebody, and whether he is new to it. Without `login` he is new, or one who is here and
    of whom no directory has spoken (by his numbers). Raises Taken, NotFound, VersionMoved when another `version`
    stands, Invalid for numbers, roles and units that there are not."""
    check(wish)
    for attempt in range(_ATTEMPTS):
        standing = await _standing(door, wish, login, version)
        try:
            made = await _put(door, permit, wish, standing)
        except (VersionMoved, _Moved):
            if attempt == _ATTEMPTS - 1:
                raise Conflict("Somebody else changed the same person at this moment. Try again.") from None
        else:
            return made, login is None
    raise AssertionError


async def remove(door: Door, permit: Permit, login: str, *, version: int | None = None) -> None:
    """Somebody whom the directory knows no longer: out at once, in no group, with nothing given. His account and what
    the record says of him stay, closed; by his numbers he is found again when he comes back."""
    standing = await person(door.pool, login)
    if standing is None:
        raise NotFound("Nobody who works here has this id.")
    content = {**standing.content, "active": False}
    wish = Wish(standing.user_name, standing.external_id, content, standing.hpr, None, ())
    await put(door, permit, wish, login=login, version=version)

    async def along(db: Connection) -> None:
        await db.execute(_SQL.part_from_all, login)
        await db.execute(_SQL.forget, login)
        await audit.write(db, [look_of(permit, "provision", why="directory", reason=f"{login} removed")])

    await door.pool.change(along)


async def leave_units(door: Door, permit: Permit, units: Sequence[str]) -> int:
    """Nobody has a role at some units any longer, whatever gave it: at once. How many had one. Groups stay, with their
    people, and give nothing until a file or the directory says again what they stand for."""
    rows = await door.pool.fetch(_SQL.at_units, list(units))
    logins = [row["login"] for row in rows]

    async def along(db: Connection) -> None:
        if adopted := [row["login"] for row in await db.fetch(_SQL.adopt, logins)]:
            await db.execute(_SQL.adopt_roles, adopted)
        await db.execute(_SQL.unmap_teams, list(units))
        await db.execute(_SQL.take_given_at, list(units))
        await db.execute(_SQL.unsettle, logins)
        told = f"{len(logins)} people at {len(units)} units"
        await audit.write(db, [look_of(permit, "organisation", why="configuration", reason=told)])

    await door.pool.change(along)
    for login in logins:
        await settle(door, permit, login, at_once=True)
    return len(logins)


async def settle(door: Door, permit: Permit, login: str, *, at_once: bool = False) -> bool:
    """Give somebody the roles that he is given now, and take the others; `at_once`: no unit is asked. False when
    nothing was to be done."""
    for _ in range(_ATTEMPTS):
        standing = await person(door.pool, login)
        if standing is None or not standing.said:
            return False
        wish = Wish(standing.user_name, standing.external_id, standing.content, standing.hpr, at_once=at_once)
        try:
            return await _put(door, permit, wish, standing) is not standing
        except (VersionMoved, _Moved):
            continue
    return False  # It is looked at again.


async def _standing(door: Door, wish: Wish, login: str | None, version: int | None) -> Person | None:
    """Who is meant, and that what is wished is nobody else's."""
    numbers = [(HPR, wish.hpr), (FNR, wish.fnr)]
    owners = {name: await accounts.numbered(door.pool, name, value) for name, value in numbers if value}
    mine = login
    if mine is None:
        known = {one for one in owners.values() if one is not None}
        if len(known) == 1:
            there = await person(door.pool, next(iter(known)), gone=True)
            mine = there.login if there is not None and not there.said else None
    if any(owner not in (None, mine) for owner in owners.values()):
        raise Taken("Somebody else who works here has this number.")
    if await named(door.pool, wish.user_name) not in (None, mine):
        raise Taken(f"The userName {wish.user_name[:120]} is somebody else's.")
    if wish.external_id and login is None and any(one != mine for one in await called(door.pool, wish.external_id)):
        raise Taken("Somebody else has this externalId.")
    standing = await person(door.pool, mine, gone=login is None) if mine is not None else None
    if login is not None and standing is None:
        raise NotFound("Nobody who works here has this id.")
    if version is not None and standing is not None and standing.version != version:
        raise VersionMoved(f"The newest version is {standing.version}, not {version}. Read it again, then change it.")
    return standing


async def _put(door: Door, permit: Permit, wish: Wish, standing: Person | None) -> Person:
    now = datetime.now(UTC)
    given = wish.given if wish.given is not None else (standing.given if standing else ())
    wants = wanted(wish.active, given, standing.teams if standing else (), now)
    has = {(at.code, at.organization_id): ends for at, ends in standing.roles} if standing else {}
    plan, held = planned(has, wants), Held()
    if standing is not None and not wish.at_once:
        over = {key for key, ends in has.items() if ends is not None and ends <= now}
        out = not (wish.active and wants)
        held = await held_back(door, standing, plan.give, set(plan.take) - over, out=out)
        wants = {key: ends for key, ends in wants.items() if key not in held.waits}
        wants |= {key: has[key] for key in held.stays}
        plan = planned(has, wants)
    is_quiet = not (plan.changes or held.propose or held.withdraw)
    if standing is not None and standing.said and is_quiet and await _says_the_same(door, wish, standing):
        return standing
    mentioned = {unit for _, unit in plan.give} | {one.organization for one in given}
    mentioned |= {one.organization for one in held.propose}
    names = await names_of(door, permit, mentioned)
    if missing := sorted(mentioned - set(names)):
        raise Invalid(f"There is no Organization {missing[0][:64]} in this record.")
    login = standing.login if standing else new_id()
    gets_in = wish.active and bool(wants)
    changes, practitioner_id, roles = await recording.of(door, permit, wish, standing, login, plan, names, now, gets_in)
    name = (
        posts.called(wish.content, wish.user_name)
        if wish.content.keys() - {"active"} or not standing
        else (standing.name)
    )
    content = msgspec.json.encode(wish.content).decode()

    async def along(db: Connection) -> None:
        before = await accounts.whole(db, login)
        _refuse_moved(before, standing)
        if before is None:
            await accounts.open_account(db, login, name, practitioner_id, active=gets_in)
        elif (before.name, before.practitioner_id, before.active) != (name, practitioner_id, gets_in):
            await accounts.change_account(db, login, name, practitioner_id, active=gets_in)
        saves = standing is None or not standing.said or not await _says_the_same(door, wish, standing)
        stands = await db.fetchrow(_SQL.lock_person, login)
        if stands is not None and (
            standing is None or (stands["version"], stands["unsettled"]) != (standing.version, standing.unsettled)
        ):
            raise _Moved("It was changed since.")
        if saves:
            await db.execute(
                _SQL.put_person,
                login,
                wish.user_name,
                wish.user_name.lower(),
                wish.external_id,
                content,
                bool(plan.take),
            )
            await db.execute(_SQL.take_given, login)
            rows = [(one.code, one.organization, one.starts, one.ends) for one in given]
            await db.execute(_SQL.give, login, *map(list, zip(*rows, strict=True))) if rows else None
        elif plan.take:
            await db.execute(_SQL.unsettle, [login])
        for system, value in ((HPR, wish.hpr), (FNR, wish.fnr)):
            if value or system == HPR:
                await accounts.renumber(db, login, system, value)
                await accounts.know_as(db, login, [(system, value)] if value else [])
        await accounts.take_roles(db, login, [roles[key].practitioner_role_id for key in plan.take])
        for key, ends in plan.give.items():
            await accounts.give_role(db, login, roles[key], ends)
        for key, ends in plan.renew.items():
            await accounts.renew_role(db, login, roles[key], ends)
        await keep(db, login, held, now)
        parts = ("in" if gets_in else "out", plan.told, "waits" if held.propose else "")
        told = " ".join(part for part in parts if part)
        shown = audit.shown([("Practitioner", practitioner_id), *(("PractitionerRole", one.id or "") for one in changes
                             if one.type == "PractitionerRole")])  # fmt: skip
        await audit.write(db, [look_of(permit, "provision", why="directory", shown=shown, reason=told)])

    changes += [Change.update(one) for one in tasks_for(held, names, now)]
    if changes:
        await change(door, permit, changes, along=along)
    else:
        await door.pool.change(along)
    if held.withdraw:
        await close_tasks(door, permit, [task_id(one) for one in held.withdraw], now)
    made = await person(door.pool, login, gone=True)
    assert made is not None
    return made


def _refuse_moved(before: accounts.Whole | None, standing: Person | None) -> None:
    """What was planned was planned from what stands."""
    if (before is None) != (standing is None):
        raise _Moved("It was changed since.")
    if before is not None and standing is not None:
        was = {(at.practitioner_role_id, ends) for at, ends in standing.roles}
        if was != {(at.practitioner_role_id, ends) for at, ends in before.roles} or before.active != standing.gets_in:
            raise _Moved("It was changed since.")


async def _says_the_same(door: Door, wish: Wish, standing: Person) -> bool:
    if (wish.user_name, wish.external_id, wish.content, wish.hpr) != (
        standing.user_name,
        standing.external_id,
        standing.content,
        standing.hpr,
    ):
        return False
    if wish.given is not None and set(wish.given) != set(standing.given):
        return False
    return wish.fnr is None or (await accounts.numbers_of(door.pool, standing.login)).get(FNR) == wish.fnr
