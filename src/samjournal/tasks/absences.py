"""Who is away and who stands in: kept as a Basic of the unit; hl7.org/fhir/R4/basic.html

    away(door, permit) -> list[Absence]                     of the own unit, now and to come
    go_away(door, permit, whose, substitute, first, last)   from one day to another, both included
    come_back(door, permit, id)                             sooner than was said, or never gone
    absent(door, permit, now) -> set[str]                   for the job: who is away, wherever he works
    stand_in(door, permit, now) -> int                      for the job: each Task of who is away names who stands in

Tasks keep their owner; while he is away each names, beside him, who stands in, and opens to the substitute what it
would open if it were his, and no more. Nobody makes himself a substitute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from samjournal import accounts
from samjournal.access import Permit, acting
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from samjournal.fhir.keys import local
from samjournal.record import Change, Door, Stored, change, query_of, read, search
from samjournal.record.beside import matches
from samjournal.tasks.doing import OPEN
from samjournal.tasks.kinds import STOOD_IN
from samjournal.tasks.saying import beside, himself, said, without_also

SYSTEM = "urn:samjournal:absence"
_EXTENSION = "urn:samjournal:absence"
LONGEST = timedelta(days=400)
_STATUSES = ",".join(sorted(OPEN))


@dataclass(frozen=True, slots=True)
class Absence:
    """Who is away, who stands in (references with names), the first and the last day."""

    id: str
    version: int
    whose: str
    whose_name: str
    substitute: str
    substitute_name: str
    first: date
    last: date

    def is_now(self, now: datetime) -> bool:
        """Whether it is one of the days, in Oslo."""
        return self.first <= now.astimezone(OSLO).date() <= self.last


async def away(door: Door, permit: Permit) -> list[Absence]:
    """Those of the own unit that are not over, by the first day."""
    asked = [("code", f"{SYSTEM}|away"), ("_count", "200")]
    page = await search(door, acting(permit, "Basic"), query_of("Basic", asked))
    today = datetime.now(OSLO).date()
    found = [_absence(one) for one in page.matches]
    return sorted((one for one in found if one.last >= today), key=lambda one: (one.first, one.whose_name))


async def absent(door: Door, permit: Permit, now: datetime) -> set[str]:
    """The references of all who are away now. For permits of jobs."""
    stored = await matches(door, permit, "Basic", [("code", f"{SYSTEM}|away"), ("_count", "1000")])
    return {one.whose for one in map(_absence, stored) if one.is_now(now)}


async def go_away(door: Door, permit: Permit, *, whose: str, substitute: str, first: date, last: date) -> Stored:
    """Say that somebody of the unit is away, himself as a rule. Raises Invalid for days that cannot be and for who is
    no colleague, Forbidden for who would stand in himself, Conflict when he is away on one of the days already."""
    today = datetime.now(OSLO).date()
    if last < first or last < today or last - first > LONGEST:
        raise Invalid("The last day comes before the first, is over, or is too far away.")
    if whose == substitute:
        raise Invalid("Choose somebody else to stand in.")
    if substitute == himself(permit)["reference"]:
        raise Forbidden("Nobody makes himself a substitute: a colleague, or who is away, does that.")
    names = await _names(door, permit)
    if whose not in names or substitute not in names:
        raise Invalid("Choose two who work at the unit.")
    for one in await away(door, permit):
        if one.whose == whose and one.first <= last and first <= one.last:
            raise Conflict("Somebody stands in on one of these days already.")
    basic = {
        "resourceType": "Basic",
        "code": {"coding": [{"system": SYSTEM, "code": "away"}]},
        "subject": {"reference": whose, "display": names[whose]},
        "author": himself(permit),
        "created": today.isoformat(),
        "extension": [
            {
                "url": f"{_EXTENSION}:substitute",
                "valueReference": {"reference": substitute, "display": names[substitute]},
            },
            {"url": f"{_EXTENSION}:days", "valuePeriod": {"start": first.isoformat(), "end": last.isoformat()}},
        ],
    }
    return (await change(door, acting(permit, "Basic"), [Change.create(basic)]))[0]


async def come_back(door: Door, permit: Permit, id_: str) -> None:
    """It is over from now on. Raises NotFound for what is no absence of the own unit."""
    stored = await read(door, acting(permit, "Basic"), "Basic", id_)
    if _code(stored.resource()) != "away":
        raise NotFound(f"There is no absence {id_} here.")
    await _over(door, acting(permit, "Basic"), stored)


async def _over(door: Door, permit: Permit, stored: Stored) -> None:
    basic = {name: value for name, value in stored.resource().items() if name != "meta"}
    basic["code"] = {"coding": [{"system": SYSTEM, "code": "over"}]}
    await change(door, permit, [Change.update(basic, if_match=stored.version)])


async def stand_in(door: Door, permit: Permit, now: datetime) -> int:
    """Have each open Task of who is away name who stands in, and no other; how many were changed."""
    stored = await matches(door, permit, "Basic", [("code", f"{SYSTEM}|away"), ("_count", "1000")])
    today = now.astimezone(OSLO).date()
    for one in stored:
        if _absence(one).last < today:
            await _over(door, permit, one)
    standing = {one.whose: one for one in map(_absence, stored) if one.is_now(now)}
    done = 0
    for whose, absence in standing.items():
        substitute = {"reference": absence.substitute, "display": absence.substitute_name}
        asked = [("owner", whose), ("status", _STATUSES), ("_count", "200")]
        for one in await matches(door, permit, "Task", asked):
            what = said(one.resource())
            if what.also != absence.substitute and not what.escalated:  # The team has that already.
                done += await _put(door, permit, beside(one.resource(), substitute, STOOD_IN), one.version, now)
    stood = [("business-status", f"urn:samjournal:task|{STOOD_IN}"), ("status", _STATUSES), ("_count", "500")]
    for one in await matches(door, permit, "Task", stood):
        what = said(one.resource())
        if what.owner not in standing or standing[what.owner].substitute != what.also:
            done += await _put(door, permit, without_also(one.resource()), one.version, now)
    return done


async def _put(door: Door, permit: Permit, task: Mapping[str, Any], version: int, now: datetime) -> int:
    """One change; when somebody was at it at the same moment it is looked at again."""
    changed = {name: value for name, value in task.items() if name != "meta"}
    if labels := task.get("meta", {}).get("security"):
        changed["meta"] = {"security": labels}
    changed["lastModified"] = now.astimezone(UTC).isoformat(timespec="seconds")
    try:
        await change(door, permit, [Change.update(changed, if_match=version)])
    except (Conflict, PreconditionFailed):
        return 0
    return 1


async def _names(door: Door, permit: Permit) -> dict[str, str]:
    """Who works at the unit and can sign in, by the reference of the role."""
    found = await accounts.colleagues(door.pool, permit.organization)
    return {f"PractitionerRole/{at.practitioner_role_id}": who.name for who in found for at in who.roles}


def _code(basic: Mapping[str, Any]) -> str:
    codes = (one.get("code") for one in basic["code"].get("coding", ()) if one.get("system") == SYSTEM)
    return str(next(codes, ""))


def _absence(stored: Stored) -> Absence:
    basic = stored.resource()
    given = {one["url"].rpartition(":")[2]: one for one in basic.get("extension", ())}
    substitute, days = given["substitute"]["valueReference"], given["days"]["valuePeriod"]
    return Absence(
        stored.id,
        stored.version,
        local(basic["subject"]["reference"]) or "",
        basic["subject"].get("display", ""),
        local(substitute["reference"]) or "",
        substitute.get("display", ""),
        date.fromisoformat(days["start"]),
        date.fromisoformat(days["end"]),
    )
