"""`Patient/$match`: who may be meant by a description. hl7.org/fhir/R4/patient-operation-match.html"""

from __future__ import annotations

from typing import Any

import msgspec

from samjournal.fhir.errors import Invalid
from samjournal.fhir.structure import check
from samjournal.patients import Match, match
from samjournal.record import Card, Door
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.request import Request

GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_MOST = 20


async def matched(door: Door, request: Request) -> Answer:
    """POST /fhir/Patient/$match: those who are alike, the most alike first, each with score and grade. Of each stands
    here what *find* shows; the rest is read by its id, with a permit for it."""
    takes = ("resource", "onlyCertainMatches", "count")
    asked = given(request, takes=takes, operation="$match", bare="resource")
    sent = asked.resources.get("resource")
    if sent is None or sent.resource["resourceType"] != "Patient":
        raise Invalid("Send the Patient to look for, as it is or as the parameter resource.")
    issues = [issue for issue in check(sent.resource) if issue.severity == "error"]
    if issues:
        raise Invalid(issues[0].text, issues=issues)
    if not any(name in sent.resource for name in ("identifier", "name", "birthDate")):
        raise Invalid("$match needs a number, a name or a birth date to go by.", path="Patient")
    only, count = asked.one("onlyCertainMatches") or "false", asked.one("count") or str(_MOST)
    if only not in ("true", "false"):
        raise Invalid(f"onlyCertainMatches is true or false, not “{only[:20]}”.")
    if not count.isdigit() or int(count[:9]) < 1:
        raise Invalid(f"count={count[:20]} is not a number of at least 1.")
    found = await match(door, request.who(), sent.resource)
    if only == "true":
        certain = [one for one in found if one.likeness.grade == "certain"]
        # Two that are certain are none: the record has somebody twice, and a person must look.
        found = certain if len(certain) == 1 else []
    entries = [_entry(one, request.base) for one in found[: int(count[:9])]]
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset", "total": len(entries)}
    return Answer(200, msgspec.json.encode({**bundle, **({"entry": entries} if entries else {})}))


def _entry(one: Match, base: str) -> dict[str, Any]:
    return {
        "fullUrl": f"{base}/Patient/{one.card.id}",
        "resource": _patient(one.card),
        "search": {
            "extension": [{"url": GRADE, "valueCode": one.likeness.grade}],
            "mode": "match",
            "score": one.likeness.score,
        },
    }


def _patient(card: Card) -> dict[str, Any]:
    """What *find* shows, as a Patient: a part, and said so."""
    name = {"family": card.family, "given": card.given.split()}
    number = [{"system": card.number_system, "value": card.number}] if card.number else None
    found = {
        "resourceType": "Patient",
        "id": card.id,
        "meta": {"tag": [_SUBSETTED]},
        "identifier": number,
        "name": [{key: value for key, value in name.items() if value}] if any(name.values()) else None,
        "gender": card.gender,
        "birthDate": card.birth,
        "deceasedBoolean": True if card.deceased else None,
    }
    return {key: value for key, value in found.items() if value is not None}
