"""A citizen demands that something in the record is corrected, deleted or blocked, and the unit that answers decides.

    demand(door, permit, kind, about, words, draft) -> str      the id of the message

helsepersonelloven §§ 42-44, pasientjournalloven §§ 17, 25. Nothing is overwritten by it: a correction is written as
every correction is, a deletion is a decision of two. Who refuses says why, and the citizen is told how to complain.
"""

from __future__ import annotations

from typing import Any, Final

from samjournal.access import Permit, for_job
from samjournal.conversations.asking import Asked, send
from samjournal.conversations.kinds import ABOUT_RECORD, LONGEST, Kind
from samjournal.conversations.teams import Team, Unwritable, teams
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.fhir.keys import local
from samjournal.record import Door, Ending, is_blocked, read
from samjournal.tasks.answering import unit_of
from samjournal.tasks.manned import called as unit_called
from samjournal.tasks.manned import duty, manned

Resource = dict[str, Any]
TYPES: Final = (
    "AllergyIntolerance",
    "Composition",
    "Condition",
    "DiagnosticReport",
    "Immunization",
    "MedicationRequest",
    "Observation",
    "Procedure",
)
"""What can be pointed at."""
_ANSWERS: Final = ("custodian", "author", "recorder", "asserter", "requester", "performer")
_WORDS: Final = {"correction": "Retting", "deletion": "Sletting", "hiding": "Sperring"}


async def demand(door: Door, permit: Permit, kind: Kind, about: str, words: str, draft: Ending) -> str:
    """Demand it of something (`Composition/7`) that the reader sees. Raises Forbidden for who does not decide for the
    patient, NotFound, Invalid, Unwritable (blocked), and as `ask`."""
    type_, _, id_ = about.partition("/")
    if not permit.decides:
        raise Forbidden("What stands in the record is demanded by the patient, and by who decides for the patient.")
    if kind not in ABOUT_RECORD or type_ not in TYPES:
        raise Invalid("Choose what it is about.")
    found = (await read(door, permit, type_, id_)).resource()
    name = title_of(found)
    whom = await _whose(door, permit, found)
    labels = tuple((found.get("meta") or {}).get("security") or ())
    asked = Asked(
        whom.unit, f"{_WORDS[kind]}: {name}", words, kind, ({"reference": about, "display": name},), labels=labels
    )
    return (await send(door, permit, [(asked, whom)], draft))[0]


async def _whose(door: Door, permit: Permit, found: Resource) -> Team:
    """The unit that answers for it; where nobody signs in there, what that lies under; else the GP, else who is on
    duty."""
    job = for_job("demand")
    for name in _ANSWERS:
        value = found.get(name)
        for one in value if isinstance(value, list) else [value]:
            party = one.get("actor", one) if isinstance(one, dict) else None
            unit = await unit_of(door, job, party) if party else None
            if unit is None or not (local(unit["reference"]) or "").startswith("Organization/"):
                continue
            there = await manned(door, job, unit, "answer")
            if there is not None:
                return await _team(door, permit, there)
    gp = next((one for one in await teams(door, permit) if one.kind == "gp-list" and not one.closed), None)
    if gp is not None:
        return gp
    last = await duty(door, job, "answer")
    if last is None:
        raise Unwritable("nobody")
    return await _team(door, permit, last)


async def _team(door: Door, permit: Permit, unit: Resource) -> Team:
    if await is_blocked(door, permit, unit["reference"]):
        raise Unwritable("blocked")
    named = unit if unit.get("display") else await unit_called(door, for_job("demand"), unit["reference"])
    return Team(named["reference"], str(named.get("display") or ""), "", LONGEST, "")


def title_of(found: Resource) -> str:
    """What something of the record is called, as short as it says."""
    if title := found.get("title") or found.get("description"):
        return str(title)[:80]
    for name in ("code", "medicationCodeableConcept", "vaccineCode", "type"):
        value = found.get(name)
        # The type of a stay is a list, and that of an allergy a code.
        for concept in value if isinstance(value, list) else [value]:
            if isinstance(concept, dict) and (text := _called(concept)):
                return text[:80]
    return "noe i journalen"


def _called(concept: Resource) -> str:
    displays = (one["display"] for one in concept.get("coding", ()) if one.get("display"))
    return str(concept.get("text") or next(displays, ""))
