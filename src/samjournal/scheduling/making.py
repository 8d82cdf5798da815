"""The Appointment that a booking makes, and what of it says what. Pure. hl7.org/fhir/R4/appointment.html"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.fhir.keys import local
from samjournal.fhir.parsing import compact_of
from samjournal.record import AROUND, LANE, Change, new_id
from samjournal.scheduling.visits import SYSTEM, VisitType, value

Resource = dict[str, Any]
WAY: Final = "urn:samjournal:way"
VIDEO: Final = "urn:samjournal:video"
INTERPRETER: Final = "urn:samjournal:interpreter"
FEE: Final = "urn:samjournal:fee"
SERIES: Final = "urn:samjournal:series"
REASONS: Final = "urn:samjournal:cancel-reason"
_LANGUAGES: Final = "urn:ietf:bcp:47"
_STAFF: Final = ("PractitionerRole", "Practitioner", "Location", "Device")


def appointment(
    visit: VisitType,
    patient: Resource | None,
    actors: Iterable[Resource],
    service: Resource,
    start: datetime,
    end: datetime,
    *,
    status: str = "booked",
    way: str = "",
    words: str = "",
    interpreter: str = "",
    based_on: str = "",
) -> Resource:
    """One appointment; a session of a group has no patient."""
    extensions = [
        {"url": WAY, "valueCode": way or visit.ways[0]},
        *([spoken(interpreter)] if interpreter else []),
        *margins(visit),
    ]
    who = [*([patient] if patient else []), *actors, service]
    return {
        "resourceType": "Appointment",
        "id": new_id(),
        "extension": extensions,
        "status": status,
        "serviceType": [{"coding": [visit.coding]}],
        **({"reasonCode": [{"text": words}]} if words else {}),
        "description": visit.names["nb"],
        "start": instant(start),
        "end": instant(end),
        "minutesDuration": visit.minutes,
        **({"patientInstruction": visit.instruction} if visit.instruction else {}),
        **({"basedOn": [{"reference": based_on}]} if based_on else {}),
        "participant": [{"actor": one, "status": "accepted"} for one in who],
    }


def margins(visit: VisitType) -> list[Resource]:
    """The minutes before and after in which who works with it is taken, for `record`."""
    if not visit.before and not visit.after:
        return []
    parts = [("before", visit.before), ("after", visit.after)]
    return [{"url": AROUND, "extension": [{"url": url, "valueUnsignedInt": minutes} for url, minutes in parts]}]


def spoken(language: str) -> Resource:
    """That an interpreter comes, of which language (BCP 47)."""
    coding = {"system": _LANGUAGES, "code": language}
    return {"url": INTERPRETER, "valueCodeableConcept": {"coding": [coding]}}


def beside(lane: int, reason: str) -> Resource:
    """A place beside others, and why."""
    parts = [{"url": "lane", "valueUnsignedInt": lane}, {"url": "reason", "valueString": reason}]
    return {"url": LANE, "extension": parts}


def with_extension(resource: Resource, url: str, *new: Resource) -> Resource:
    """A resource with the extension of an url replaced, or taken away."""
    rest = [one for one in resource.get("extension", ()) if one.get("url") != url]
    made = {**resource, "extension": [*rest, *new]}
    if not made["extension"]:
        del made["extension"]
    return made


def written(resource: Resource) -> Change:
    """A new resource whose id our own code chose."""
    return Change("create", resource["resourceType"], resource["id"], resource, compact_of(resource))


def in_session(resource: Resource, session: str) -> Resource:
    """An appointment that has a place of a session: the record sees to it that one is left."""
    about = [one for one in resource.get("supportingInformation", ()) if not _is_appointment(one)]
    return {**resource, "supportingInformation": [*about, {"reference": session}]}


def session_of(resource: Resource) -> str:
    """The session (`Appointment/id`) that an appointment names, '' where it names none."""
    return next((one["reference"] for one in resource.get("supportingInformation", ()) if _is_appointment(one)), "")


def _is_appointment(reference: Resource) -> bool:
    return (local(reference.get("reference", "")) or "").startswith("Appointment/")


def moved(one: Resource, actors: Sequence[Resource], start: datetime, end: datetime) -> Resource:
    """The same appointment at another time, with others where they are named."""
    staying = [part for part in one.get("participant", ()) if _type(part) not in _STAFF]
    patients = [part for part in staying if _type(part) == "Patient"]
    rest = [part for part in staying if _type(part) != "Patient"]
    who = [*patients, *({"actor": actor, "status": "accepted"} for actor in actors), *rest]
    minutes = round((end - start).total_seconds() / 60)
    return {**one, "start": instant(start), "end": instant(end), "minutesDuration": minutes, "participant": who}


def _type(participant: Resource) -> str:
    return (local(participant.get("actor", {}).get("reference", "")) or "").partition("/")[0]


def staff_of(one: Resource) -> list[Resource]:
    """The persons, rooms and devices of an appointment."""
    return [part["actor"] for part in one.get("participant", ()) if _type(part) in _STAFF]


def patient_of(one: Resource) -> str:
    """The id of the patient, '' for a session."""
    found = (local(part.get("actor", {}).get("reference", "")) for part in one.get("participant", ()))
    return next((name.partition("/")[2] for name in found if name and name.startswith("Patient/")), "")


def visit_id(one: Resource) -> str:
    """The id of the visit type of an appointment, '' where it has none of ours."""
    codings = (coding for concept in one.get("serviceType", ()) for coding in concept.get("coding", ()))
    return next((str(coding["code"]) for coding in codings if coding.get("system") == SYSTEM and "code" in coding), "")


def way_of(one: Resource) -> str:
    """In which way it is held: in-person, video, phone."""
    return next((str(value(part)) for part in one.get("extension", ()) if part.get("url") == WAY), "in-person")


def instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
