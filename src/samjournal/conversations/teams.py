"""Whom a citizen may write to, and how soon they answer: units with a relation to the patient, as teams.

    teams(door, permit) -> list[Team]               for the patient, and who acts for the patient
    team(door, permit, unit) -> Team                one of them; raises Unwritable
    other_teams(door, permit, patient_id)           to whom staff may hand a question on
    promise(door, permit) -> Promise                what the reader's own unit says
    set_promise(door, permit, promise, version)     says it anew

What a unit says stands in a HealthcareService of its own (category `messages` of `urn:samjournal:service`): whether it
takes messages (`active`), within how many working days it answers, and words of its own. A unit that says nothing takes
messages when somebody can sign in there, and answers within five days.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from samjournal import accounts
from samjournal.access import Permit, acting, for_job
from samjournal.conversations.kinds import LONGEST
from samjournal.fhir.errors import Conflict, Forbidden, Invalid
from samjournal.fhir.keys import local
from samjournal.record import Change, Door, change, units_bound
from samjournal.record.beside import matches, resources
from samjournal.tasks.manned import roles_for

SERVICE: Final = "urn:samjournal:service"
MESSAGES: Final = "messages"
DAYS: Final = "urn:samjournal:answer-days"
_WORDS: Final = 200
_ORDER: Final = ("gp-list", "home-care", "care-team", "appointment", "contact", "stay", "referral")
"""Whom people write to most, first."""

_EXPECTED: Final = ("gp-list", "home-care", "care-team")
"""Of whom it is said that nobody there answers; a laboratory is not looked for."""

Closed = Literal["", "blocked", "silent", "nobody"]


@dataclass(frozen=True, slots=True)
class Team:
    """One unit: `kind` is the relation, `days` the working days within which it answers, `words` what it says of it.
    `closed` is why it cannot be chosen: the patient has blocked the record for it, it takes no messages, or nobody can
    sign in there."""

    unit: str
    name: str
    kind: str
    days: int
    words: str
    closed: Closed = ""

    @property
    def reference(self) -> dict[str, Any]:
        return {"reference": self.unit, "display": self.name}


@dataclass(frozen=True, slots=True)
class Promise:
    """What a unit says of messages from citizens; `version` 0 when it has said nothing yet."""

    takes: bool = True
    days: int = LONGEST
    words: str = ""
    id: str = ""
    version: int = 0


class Unwritable(Conflict):
    """Nobody there can be written to. `why` as Team.closed, "unknown" for a unit that the patient has nothing to do
    with, "many" when the patient has written more in a day than is read."""

    def __init__(self, why: str) -> None:
        super().__init__("That unit cannot be written to from here. Nothing was sent.")
        self.why = why


async def teams(door: Door, permit: Permit) -> list[Team]:
    """Those that can be written to first. To who acts for the patient without deciding, nothing is told of blocks: a
    blocked unit is one that takes no messages. Raises Forbidden for who may not write."""
    if not permit.sends:
        raise Forbidden("Messages are written by the patient, and by who acts for the patient at a level that may.")
    found = await _teams(door, permit, permit.patient or "")
    if permit.decides:
        return found
    return [one if one.closed != "blocked" else _silent(one) for one in found]


async def team(door: Door, permit: Permit, unit: str) -> Team:
    """The team that a unit (`Organization/7`) is. Raises Unwritable, and Forbidden as `teams`."""
    found = next((one for one in await teams(door, permit) if one.unit == unit), None)
    if found is None:
        raise Unwritable("unknown")
    if found.closed:
        raise Unwritable(found.closed)
    return found


async def other_teams(door: Door, permit: Permit, patient_id: str) -> list[Team]:
    """The teams of a patient whose record is open to the reader, but for his own and those that cannot be written to.
    Raises ReasonNeeded."""
    own = f"Organization/{permit.organization}"
    return [one for one in await _teams(door, permit, patient_id) if one.unit != own and not one.closed]


async def promised(door: Door, units: Iterable[str]) -> dict[str, Promise]:
    """What some units say, by `Organization/id`; those that say nothing are left out."""
    wanted = list(dict.fromkeys(units))
    if not wanted:
        return {}
    asked = [("service-category", f"{SERVICE}|{MESSAGES}"), ("organization", ",".join(wanted)), ("_count", "200")]
    found = await matches(door, for_job("messages-promised"), "HealthcareService", asked)
    said = ((local(one.resource()["providedBy"]["reference"]) or "", one) for one in found)
    return {unit: _promise(one.resource(), one.version) for unit, one in said}


async def promise(door: Door, permit: Permit) -> Promise:
    """What the reader's unit says. Raises Forbidden for who writes no work there."""
    unit = _unit(permit)
    return (await promised(door, [unit])).get(unit, Promise())


async def set_promise(door: Door, permit: Permit, said: Promise) -> None:
    """Say it for the reader's unit, as of the version that he saw. Raises Invalid, VersionMoved, Forbidden, Conflict
    (somebody else said something first)."""
    unit, text = _unit(permit), " ".join(said.words.split())[:_WORDS]
    if not 1 <= said.days <= LONGEST:
        raise Invalid(f"A unit answers within 1 to {LONGEST} working days.")
    service = {
        "resourceType": "HealthcareService",
        "extension": [{"url": DAYS, "valuePositiveInt": said.days}],
        "active": said.takes,
        "providedBy": {"reference": unit, "display": permit.unit},
        "category": [{"coding": [{"system": SERVICE, "code": MESSAGES}]}],
        "name": "Meldinger fra innbyggere",
        **({"comment": text} if text else {}),
    }
    standing = (await promised(door, [unit])).get(unit)
    if standing is None and said.version == 0:
        one = Change.create(service)
    elif standing is not None:
        one = Change.update({**service, "id": standing.id}, if_match=said.version)
    else:
        raise Conflict("Somebody else changed it meanwhile. Look at it again.")
    await change(door, acting(permit, "HealthcareService"), [one])


async def _teams(door: Door, permit: Permit, patient_id: str) -> list[Team]:
    bound = await units_bound(door, permit, patient_id)
    units = list(dict.fromkeys(one.reference for one in bound))
    said = await promised(door, units)
    names = await _named(door, units)
    there = await accounts.manned(door.pool, [_id(one) for one in units], roles_for("answer"))
    found: dict[str, Team] = {}
    for one in sorted(bound, key=lambda one: _rank(one.kind)):
        says = said.get(one.reference, Promise())
        closed: Closed = "blocked" if one.blocked else "" if says.takes else "silent"
        if not closed and _id(one.reference) not in there:
            closed = "nobody"
        if one.reference in names and (closed != "nobody" or one.kind in _EXPECTED):
            named = Team(one.reference, names[one.reference], one.kind, says.days, says.words, closed)
            found.setdefault(one.reference, named)
    return sorted(found.values(), key=lambda one: (bool(one.closed), _rank(one.kind), one.name.casefold()))


async def _named(door: Door, units: Sequence[str]) -> dict[str, str]:
    found = await resources(door, for_job("messages-teams"), [("Organization", _id(one)) for one in units])
    read = {name: one.resource() for name, one in found.items()}
    return {name: str(one.get("name") or name) for name, one in read.items() if one.get("active") is not False}


def _promise(service: dict[str, Any], version: int) -> Promise:
    days = next((one.get("valuePositiveInt") for one in service.get("extension", ()) if one["url"] == DAYS), LONGEST)
    kept = min(max(int(days or LONGEST), 1), LONGEST)
    return Promise(service.get("active") is not False, kept, str(service.get("comment") or ""), service["id"], version)


def _silent(one: Team) -> Team:
    return Team(one.unit, one.name, one.kind, one.days, one.words, "silent")


def _rank(kind: str) -> int:
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _unit(permit: Permit) -> str:
    permit.demand("c", "Task")
    if permit.kind != "staff":
        raise Forbidden("What a unit promises is said by those who work there.")
    return f"Organization/{permit.organization}"


def _id(unit: str) -> str:
    return unit.partition("/")[2]
