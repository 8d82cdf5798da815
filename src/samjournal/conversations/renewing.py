"""A citizen wishes prescriptions anew: of whoever prescribed them, else of the GP, with a day by which it is decided.

    renew(door, permit, medicines, words, pick_up, draft) -> list[str]      the messages, one to each team

hl7.org/fhir/R4/medicationrequest.html. Nothing is prescribed by it: an answer says yes, no, or that they talk first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from samjournal.access import Permit, for_job
from samjournal.conversations.asking import Asked, send
from samjournal.conversations.teams import Team, Unwritable, teams
from samjournal.fhir.errors import Invalid
from samjournal.record import Door, Ending, read
from samjournal.tasks.answering import unit_of

Resource = dict[str, Any]
MOST: Final = 20
PRESCRIBED: Final = ("active", "on-hold", "completed", "stopped")


async def renew(
    door: Door, permit: Permit, medicines: Sequence[str], words: str, pick_up: str, draft: Ending
) -> list[str]:
    """Ask for them (ids of MedicationRequests that the reader sees), `pick_up` says where or how. Raises Invalid
    (none), Unwritable (nobody can be asked), NotFound, and as `ask`."""
    wanted = list(dict.fromkeys(medicines))[:MOST]
    if not wanted:
        raise Invalid("Choose at least one medicine.")
    may = [one for one in await teams(door, permit) if not one.closed]
    asked: dict[str, tuple[Team, list[Resource]]] = {}
    for id_ in wanted:
        request = (await read(door, permit, "MedicationRequest", id_)).resource()
        if request.get("status") not in PRESCRIBED:
            raise Invalid("Choose a medicine of the list.")
        whom = await _whose(door, request, may)
        asked.setdefault(whom.unit, (whom, []))[1].append(request)
    wishes = [(_wish(whom, some, words, pick_up), whom) for whom, some in asked.values()]
    return await send(door, permit, wishes, draft)


async def _whose(door: Door, request: Resource, may: Sequence[Team]) -> Team:
    """The team of whoever prescribed it, while the patient has to do with it; else the GP."""
    unit = await unit_of(door, for_job("renewal"), request.get("requester"))
    for one in may:
        if unit is not None and one.unit == unit.get("reference"):
            return one
    gp = next((one for one in may if one.kind == "gp-list"), None)
    if gp is None:
        raise Unwritable("nobody")
    return gp


def _wish(whom: Team, some: Sequence[Resource], words: str, pick_up: str) -> Asked:
    names = [called(one) for one in some]
    lines = ["Ønsker ny resept på:", *(f"- {name}" for name in names)]
    if place := " ".join(pick_up.split())[:200]:
        lines.append(f"Henting: {place}")
    if words.strip():
        lines += ["", words.strip()]
    about = tuple(
        {"reference": f"MedicationRequest/{one['id']}", "display": name} for one, name in zip(some, names, strict=True)
    )
    return Asked(whom.unit, f"Ny resept: {', '.join(names)}", "\n".join(lines), "renewal", about)


def called(request: Resource) -> str:
    """What a medicine is called in a prescription."""
    concept = request.get("medicationCodeableConcept") or {}
    displays = [str(one["display"]) for one in concept.get("coding", ()) if one.get("display")]
    name = concept.get("text") or (displays[0] if displays else "")
    return str(name or (request.get("medicationReference") or {}).get("display") or "medisin uten navn")
