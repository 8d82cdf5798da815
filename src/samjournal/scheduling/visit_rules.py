"""A unit's own visit types, as its office says them: how long, with whom, who may book, why it is cancelled. Row 5.5

    put_visit_type(door, permit, visit, week=None) -> Stored    a new one (id ""), or another version of one
    written(visit, was={}) -> dict                              the HealthcareService; the inverse of `read_visit`
    reason(text) -> dict                                        one of the unit's reasons to cancel, in its own words

What a visit type says is not deleted: one that is used no more is not `active`, and what was booked by it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Invalid
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change
from samjournal.scheduling.planning import REGISTER, demand, own
from samjournal.scheduling.visits import KINDS, SYSTEM, TRANSLATION, VISIT, WAYS, VisitType, visit_types
from samjournal.scheduling.weekly import Weekly, with_weekly

Resource = dict[str, Any]
REASON: Final = "urn:samjournal:cancel-reason"
BOOKERS: Final = ("citizen", "staff", "referral")
LONGEST_NAME: Final = 80
LONGEST: Final = 2000
_NUMBERS: Final = (
    ("minutes", "minutes", (5, 24 * 60)),
    ("before", "before", (0, 240)),
    ("after", "after", (0, 240)),
    ("step", "step", (0, 24 * 60)),
    ("notice", "notice", (0, 24 * 60)),
    ("horizon", "horizon", (1, 730)),
    ("cancel-until", "cancel_until", (0, 24 * 60)),
    ("places", "places", (1, 200)),
)
"""Each number of the extension, what the visit type calls it, and from where to where it may be."""


async def put_visit_type(door: Door, permit: Permit, visit: VisitType, week: Weekly | None = None) -> Stored:
    """Store a visit type of the own unit, as of the version that it says; `week` is when such visits are held, None:
    whenever the unit is open. Raises Invalid with what is wrong, Conflict for a name that another has, VersionMoved,
    Forbidden, NotFound for what is another unit's."""
    rights = await demand(door, permit, *REGISTER)
    _refuse(visit)
    unit = {"reference": f"Organization/{permit.organization}", "display": permit.unit}
    same = visit.names["nb"].casefold()
    others = await visit_types(door, permit, unit=permit.organization)
    if visit.active and any(one.names["nb"].casefold() == same and one.id != visit.id and one.active for one in others):
        raise Conflict("The unit has a visit type of that name already.")
    was = await own(door, permit, rights, f"HealthcareService/{visit.id}") if visit.id else {}
    service = {**written(visit, bare(was)), "providedBy": unit}
    if week is not None:
        service = with_weekly(service, week)
    one = Change.update(service, if_match=visit.version) if visit.id else Change.create(service)
    return (await change(door, rights, [one]))[0]


def _refuse(visit: VisitType) -> None:
    """Say what of it cannot be. Raises Invalid, with the field's name first."""
    if not visit.names.get("nb", "").strip():
        raise Invalid("name: give the visit type a name.")
    for _, name, (least, most) in _NUMBERS:
        if not least <= getattr(visit, name) <= most:
            raise Invalid(f"{name}: a number from {least} to {most}.")
    if not visit.ways or not set(visit.ways) <= set(WAYS):
        raise Invalid("ways: choose in what way it is held.")
    if not set(visit.who) <= set(BOOKERS):
        raise Invalid("who: choose who may book it.")
    if any(need.kind not in KINDS for need in visit.needs):
        raise Invalid("needs: a person, a room or a device.")


def written(visit: VisitType, was: Resource | None = None) -> Resource:
    """The HealthcareService of a visit type, over what stood there."""
    kept = dict(was or {})
    service: Resource = {
        **kept,
        "resourceType": "HealthcareService",
        "active": visit.active,
        "category": [{"coding": [{"system": SYSTEM, "code": "visit"}]}],
        "providedBy": visit.unit,
        "name": " ".join(visit.names["nb"].split())[:LONGEST_NAME],
        "extension": [
            *(one for one in kept.get("extension", ()) if one.get("url") != VISIT),
            {"url": VISIT, "extension": list(_parts(visit))},
        ],
    }
    if visit.id:
        service["id"] = visit.id
    if said := [_translation(code, visit.names[code]) for code in ("nn", "en") if visit.names.get(code, "").strip()]:
        service["_name"] = {"extension": said}
    else:
        service.pop("_name", None)
    return service


def _parts(visit: VisitType) -> Iterator[Resource]:
    for url, name, _ in _NUMBERS:
        yield {"url": url, "valueUnsignedInt": getattr(visit, name)}
    yield from ({"url": "who", "valueCode": one} for one in visit.who)
    yield from ({"url": "way", "valueCode": one} for one in visit.ways)
    if visit.fee:
        yield {"url": "fee", "valueMoney": visit.fee}
    yield from ({"url": "reason", "valueCodeableConcept": one} for one in visit.reasons)
    for need in visit.needs:
        any_ = [{"url": "any", "valueReference": one} for one in need.any]
        yield {"url": "need", "extension": [{"url": "kind", "valueCode": need.kind}, *any_]}
    if visit.drop_in:
        yield {"url": "drop-in", "valueBoolean": True}
    if visit.instruction.strip():
        yield {"url": "instruction", "valueString": visit.instruction.strip()[:LONGEST]}


def _translation(code: str, text: str) -> Resource:
    parts = [
        {"url": "lang", "valueCode": code},
        {"url": "content", "valueString": " ".join(text.split())[:LONGEST_NAME]},
    ]
    return {"url": TRANSLATION, "extension": parts}


def reason(text: str) -> Resource:
    """One of the unit's reasons to cancel: its words, and a code made of them that stays when others come beside it."""
    said = " ".join(text.split())[:LONGEST_NAME]
    plain = said.casefold().replace("æ", "ae").replace("ø", "o").replace("å", "a")
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "annet"
    return {"coding": [{"system": REASON, "code": code, "display": said}], "text": said}
