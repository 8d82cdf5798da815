"""The resources of one patient as they come into being. hl7.org/fhir/R4/resource.html

Ids are the patient's own id, the kind and a running number, so that the same seed gives the same ids.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from html import escape
from typing import Any

from samjournal.demo.clock import Clock, instant
from samjournal.demo.staff import Staff
from samjournal.fhir.identifiers import age
from samjournal.terminology import texts

Resource = dict[str, Any]

LOINC = "http://loinc.org"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICPC2 = "http://hl7.org/fhir/sid/icpc-2"
ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
RESPONSIBILITY = "http://hl7.no/fhir/CodeSystem/no-basis-parental-responsibility"

# Which element says whose resource it is; most types say subject.
_SUBJECTS = {
    "AllergyIntolerance": "patient",
    "Immunization": "patient",
    "EpisodeOfCare": "patient",
    "RelatedPerson": "patient",
    "Task": "for",
    "Appointment": None,
}


class Chart:
    """One patient's resources; the Patient itself is the first.

    `orders` holds each laboratory order by contact and time, with the results that have come of it.
    """

    def __init__(self, patient: Resource, clock: Clock, *, born: date) -> None:
        self.patient, self.clock, self.born = patient, clock, born
        self.id: str = patient["id"]
        self.resources: list[Resource] = [patient]
        self.orders: dict[tuple[str, str], tuple[Resource, list[Resource]]] = {}
        self._numbers: Counter[str] = Counter()

    @property
    def reference(self) -> Resource:
        return {"reference": f"Patient/{self.id}", "display": full_name(self.patient)}

    @property
    def age(self) -> int:
        return age(self.born, self.clock.today)

    def number(self, kind: str) -> str:
        """The next id of a kind."""
        self._numbers[kind] += 1
        return f"{self.id}-{kind}-{self._numbers[kind]}"

    def put(self, type_: str, kind: str, by: Staff | None = None, /, **elements: Any) -> Resource:
        """Add a resource; `kind` goes into its id. Elements may end with `_`; None is left out."""
        resource: Resource = {"resourceType": type_, "id": self.number(kind)}
        if by is not None:
            resource["meta"] = {"source": f"Organization/{by.role.organization_id}"}
        subject = _SUBJECTS.get(type_, "subject")
        resource |= {name.rstrip("_"): value for name, value in elements.items() if value is not None}
        if subject:
            resource[subject] = self.reference
        for name, value in (_made_by(type_, by) if by else {}).items():
            resource.setdefault(name, value)
        self.resources.append(resource)
        return resource


def _made_by(type_: str, by: Staff) -> Resource:
    """The elements in which a type says who made it and where."""
    match type_:
        case "Observation":
            return {"performer": [by.reference, by.unit]}
        case "Condition" | "AllergyIntolerance":
            return {"recorder": by.reference}
        case "MedicationRequest" | "ServiceRequest" | "Task":
            return {"requester": by.reference}
        case "Composition":
            return {"author": [by.reference], "custodian": by.unit}
        case "Procedure" | "Immunization":
            return {"performer": [{"actor": by.reference}]}
        case "CarePlan" | "Flag":
            return {"author": by.reference}
        case "Goal":
            return {"expressedBy": by.reference}
        case "Encounter":
            return {"participant": [{"individual": by.reference}], "serviceProvider": by.unit}
        case "EpisodeOfCare":
            return {"managingOrganization": by.unit, "careManager": by.reference}
    return {}


def full_name(patient: Resource) -> str:
    """Given and family name as displayed with a reference."""
    name = patient["name"][0]
    return name.get("text") or f"{' '.join(name['given'])} {name['family']}"


def to(resource: Resource, display: str | None = None) -> Resource:
    """A reference to a resource of the demo."""
    found = {"reference": f"{resource['resourceType']}/{resource['id']}"}
    return found | ({"display": display} if display else {})


def concept(system: str, code: str, text: str | None = None) -> Resource:
    """A code with its bokmål display; `text` only where the author has words of his own for it."""
    display = texts.text(system, code, "nb")
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def status(kind: str, code: str) -> Resource:
    """A status that R4 gives as a concept, such as condition-clinical."""
    return {"coding": [{"system": f"{HL7}{kind}", "code": code}]}


def period(start: datetime | date, end: datetime | date | None = None) -> Resource:
    """A FHIR Period; without end it lasts."""
    return {"start": _written(start)} | ({"end": _written(end)} if end else {})


def _written(when: datetime | date) -> str:
    return instant(when) if isinstance(when, datetime) else when.isoformat()


def narrative(paragraphs: Iterable[str]) -> Resource:
    """Paragraphs of plain text as a FHIR narrative."""
    body = "".join(f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in paragraphs)
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'}


def note(
    chart: Chart,
    by: Staff,
    when: datetime,
    title: str,
    *paragraphs: str,
    kind: str = "Notat",
    encounter: Resource | None = None,
) -> Resource:
    """A final note; `kind` is what sort of note it is, in words."""
    return chart.put(
        "Composition",
        "note",
        by,
        status="final",
        type_=concept(LOINC, NOTE_CODES.get(kind, "11506-3"), kind),
        encounter=to(encounter) if encounter else None,
        date=instant(when),
        title=title,
        section=[{"title": title, "text": narrative(paragraphs)}],
    )


NOTE_CODES = {
    "Epikrise": "18842-5",
    "Innkomstnotat": "34117-2",
    "Sykepleienotat": "28651-8",
    "Sjukepleienotat": "28651-8",
}
"""Kinds of notes that LOINC has a code of its own for here: discharge summary, history and physical, nursing."""


def problem(
    chart: Chart,
    by: Staff,
    code: tuple[str, str],
    text: str,
    *,
    since: date | datetime,
    recorded: date | datetime | None = None,
    certain: bool = True,
    active: bool = True,
    ended: date | None = None,
    year_only: bool = False,
) -> Resource:
    """A Condition on the problem list."""
    return chart.put(
        "Condition",
        "condition",
        by,
        clinicalStatus=status("condition-clinical", "active" if active else "resolved"),
        verificationStatus=status("condition-ver-status", "confirmed" if certain else "provisional"),
        category=[concept(f"{HL7}condition-category", "problem-list-item", "Problemliste")],
        code=concept(*code, text),
        onsetDateTime=_written(since)[:4] if year_only else _written(since),
        abatementDateTime=_written(ended) if ended else None,
        recordedDate=_written(recorded or since),
    )


def medicine(
    chart: Chart,
    by: Staff,
    atc: str,
    text: str,
    dosage: str,
    *,
    since: datetime | date,
    state: str = "active",
    why: str | None = None,
    reason: Resource | None = None,
    code: Resource | None = None,
    encounter: Resource | None = None,
    as_needed: bool = False,
    note_: str | None = None,
    place: str = "community",
) -> Resource:
    """A MedicationRequest; `why` tells why it is paused or stopped.

    It is for `reason`, a Condition, or for `code`, what somebody came with and has no Condition for.
    """
    dose: Resource = {"text": dosage} | ({"asNeededBoolean": True} if as_needed else {})
    return chart.put(
        "MedicationRequest",
        "medicine",
        by,
        status=state,
        statusReason={"text": why} if why else None,
        intent="order",
        category=[status("medicationrequest-category", place)],
        medicationCodeableConcept=concept(ATC, atc, text),
        encounter=to(encounter) if encounter else None,
        authoredOn=_written(since),
        reasonCode=[code] if code else None,
        reasonReference=[to(reason, reason["code"]["text"])] if reason else None,
        note=[{"text": note_}] if note_ else None,
        dosageInstruction=[dose],
    )


def allergy(
    chart: Chart,
    by: Staff,
    text: str,
    reaction: str,
    *,
    when: str,
    recorded: date,
    high: bool = True,
    code: tuple[str, str] | None = None,
    intolerance: bool = False,
) -> Resource:
    """An allergy or intolerance with its reaction; `when` is the date of the reaction, a year will do."""
    return chart.put(
        "AllergyIntolerance",
        "allergy",
        by,
        clinicalStatus=status("allergyintolerance-clinical", "active"),
        verificationStatus=status("allergyintolerance-verification", "confirmed"),
        type_="intolerance" if intolerance else "allergy",
        category=["medication"] if code else ["environment"],
        criticality="high" if high else "low",
        code=concept(*code, text) if code else {"text": text},
        recordedDate=recorded.isoformat(),
        reaction=[{"manifestation": [{"text": reaction}], "onset": when}],
    )


def no_known_allergy(chart: Chart, by: Staff, recorded: date) -> Resource:
    """Asked, and there is none: something else than not asked."""
    return chart.put(
        "AllergyIntolerance",
        "allergy",
        by,
        clinicalStatus=status("allergyintolerance-clinical", "active"),
        verificationStatus=status("allergyintolerance-verification", "confirmed"),
        code=concept(SNOMED, "716186003", "Ingen kjent allergi"),
        recordedDate=recorded.isoformat(),
    )


def encounter(
    chart: Chart,
    by: Staff,
    class_: str,
    start: datetime,
    end: datetime | None,
    *,
    reason: str | None = None,
    type_: str | None = None,
    place: Resource | None = None,
    code: Resource | None = None,
) -> Resource:
    """A contact or a stay; without end it goes on."""
    return chart.put(
        "Encounter",
        "encounter",
        by,
        status="finished" if end else "in-progress",
        class_={
            "system": f"{HL7}v3-ActCode",
            "code": class_,
            "display": texts.text(f"{HL7}v3-ActCode", class_, "nb") or class_,
        },
        type_=[{"text": type_}] if type_ else None,
        period=period(start, end),
        reasonCode=[code or {"text": reason}] if reason or code else None,
        location=[{"location": place, "status": "active" if end is None else "completed"}] if place else None,
    )


def family(
    chart: Chart,
    relation: str,
    given: str,
    surname: str,
    *,
    code: str,
    phone: str | None = None,
    number: Resource | None = None,
    next_of_kin: bool = True,
    born: date | None = None,
    responsible: bool = False,
) -> Resource:
    """A RelatedPerson; `relation` in words, `code` in HL7's v3-RoleCode. A parent is `responsible` by the register."""
    kind = [{"coding": [{"system": f"{HL7}v3-RoleCode", "code": code}], "text": relation}]
    if next_of_kin:
        kind.append({"coding": [{"system": f"{HL7}v2-0131", "code": "N"}], "text": "Nærmeste pårørende"})
    if responsible:
        kind.append({"coding": [{"system": RESPONSIBILITY, "code": "felles"}], "text": "Foreldreansvar"})
    return chart.put(
        "RelatedPerson",
        "related",
        active=True,
        identifier=[number] if number else None,
        relationship=kind,
        name=[{"family": surname, "given": given.split()}],
        telecom=[{"system": "phone", "value": phone, "use": "mobile"}] if phone else None,
        birthDate=born.isoformat() if born else None,
    )


def appointment(
    chart: Chart,
    with_: Iterable[Resource],
    start: datetime,
    minutes: int,
    text: str,
    *,
    instruction: str | None = None,
    state: str = "booked",
    booked: date | None = None,
) -> Resource:
    """A booked appointment of this patient alone with people or units."""
    actors = [chart.reference, *(as_service(actor) for actor in with_)]
    return chart.put(
        "Appointment",
        "appointment",
        status=state,
        description=text,
        start=instant(start),
        end=instant(start + timedelta(minutes=minutes)),
        minutesDuration=minutes,
        created=booked.isoformat() if booked else None,
        patientInstruction=instruction,
        participant=[{"actor": actor, "status": "accepted"} for actor in actors],
    )


def as_service(actor: Resource) -> Resource:
    """In an Appointment a unit stands as the HealthcareService it offers: R4 takes no Organization there."""
    return {**actor, "reference": actor["reference"].replace("Organization/", "HealthcareService/")}
