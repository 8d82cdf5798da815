"""One line for anything in a record: when, of what kind, what it says, who and where. For timeline, search and lists.

entry(resource, reader) -> Entry
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from samjournal.fhir import parameters
from samjournal.scheduling.video import link_of
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.current import first_sentence, medicine_name, note_text
from samjournal.workspace.facts import (
    ATC,
    ICD_10,
    ICPC_2,
    SNOMED,
    Reader,
    Resource,
    author,
    code,
    id_of,
    joined,
    name_of,
    said,
    stands,
    status,
    unit,
)
from samjournal.workspace.history import CONTACTS
from samjournal.workspace.measured import flag_of, written_value
from samjournal.workspace.plan import called

KINDS: Final = {
    "AllergyIntolerance": marked("Allergi"),
    "Appointment": marked("Time"),
    "CarePlan": marked("Plan"),
    "Communication": marked("Melding"),
    "Composition": marked("Notat"),
    "Condition": marked("Diagnose"),
    "DiagnosticReport": marked("Svarrapport"),
    "DocumentReference": marked("Dokument"),
    "Encounter": marked("Kontakt"),
    "EpisodeOfCare": marked("Tjeneste"),
    "Flag": marked("Varsel"),
    "Goal": marked("Mål"),
    "Immunization": marked("Vaksine"),
    "MedicationAdministration": marked("Gitt legemiddel"),
    "MedicationRequest": marked("Legemiddel"),
    "MedicationStatement": marked("Bruker legemiddel"),
    "Observation": marked("Måling"),
    "Procedure": marked("Prosedyre"),
    "QuestionnaireResponse": marked("Skjema"),
    "ServiceRequest": marked("Henvisning"),
    "Task": marked("Oppgave"),
}
STATES: Final = {
    "active": marked("aktiv"),
    "on-hold": marked("på pause"),
    "stopped": marked("seponert"),
    "completed": marked("fullført"),
    "cancelled": marked("avlyst"),
    "revoked": marked("trukket tilbake"),
    "booked": marked("bestilt"),
    "pending": marked("venter på svar"),
    "proposed": marked("foreslått"),
    "waitlist": marked("på venteliste"),
    "noshow": marked("møtte ikke"),
    "fulfilled": marked("gjennomført"),
    "arrived": marked("har møtt"),
    "requested": marked("ikke begynt"),
    "in-progress": marked("pågår"),
    "finished": marked("avsluttet"),
    "rejected": marked("avslått"),
    "draft": marked("utkast"),
    "preliminary": marked("ikke signert"),
    "amended": marked("rettet"),
    "corrected": marked("rettet"),
    "not-done": marked("ikke gjort"),
    "planned": marked("planlagt"),
}
UNREMARKABLE: Final = frozenset({"final", "current", "completed", "finished", "fulfilled", "active"})
"""States that need no word on the line."""


AUTHORLESS: Final = frozenset({"Appointment", "Encounter", "EpisodeOfCare", "Goal"})
"""Types of which R4 does not tell who wrote them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `at` as the record has it, `title` stands strongest; `text` is all of it as plain paragraphs, for what
    is read where it stands. `wrong` is what was entered in error."""

    type: str
    id: str
    at: str
    kind: str
    title: str
    rest: str = ""
    code: str = ""
    state: str = ""
    mark: str = ""  # "", "høy", "lav"
    who: str = ""
    unit: str = ""
    new: str = ""
    link: str = ""
    contact: str = ""  # the Encounter's id
    text: tuple[str, ...] = ()
    wrong: bool = False
    clock: str = ""
    day: str = ""
    video: str = ""


def _link(notes: str, type_: str, id_: str) -> str:
    """The page of a note, or of a report."""
    if not notes:
        return ""
    if type_ == "DiagnosticReport":
        return f"{notes.removesuffix('notes/')}results/{type_}/{id_}"
    return f"{notes}{id_}" if type_ == "Composition" else ""


def entry(resource: Resource, reader: Reader, *, notes: str = "") -> Entry:
    """The line of a resource; `notes` is the address that a note's id is put behind."""
    _, type_ = reader.language, str(resource["resourceType"])
    at = moment_of(resource)
    made = Entry(
        type=type_,
        id=str(resource.get("id", "")),
        at=at,
        kind=_(KINDS.get(type_, marked("Annet"))),
        title=_named(resource, reader),
        state=_state(resource, reader),
        who=author(resource) or _participant(resource),
        unit=unit(resource),
        new=reader.newness(resource),
        link=_link(notes, type_, str(resource.get("id"))),
        contact=str(resource["id"]) if type_ == "Encounter" else id_of(resource.get("encounter"), "Encounter"),
        wrong=not stands(resource),
        clock=formats.clock(at, language=_),
        day=formats.day(at, now=reader.now, language=_),
    )
    more = MORE.get(type_)
    made = replace(made, **more(resource, reader)) if more else made
    return made if made.who or type_ in AUTHORLESS else replace(made, who=_("uten forfatter"))


def moment_of(resource: Resource) -> str:
    """When it was, as it was written: by the same elements that the search sorts by, one after the other."""
    for element in _DATES.get(str(resource["resourceType"]), _USUAL):
        value = resource.get(element)
        if isinstance(value, dict):
            value = value.get("start") or value.get("end")
        if value:
            return str(value)
    return ""


_USUAL: Final = ("date", "authoredOn", "recordedDate", "period", "created", "start")
_DATES: Final[Mapping[str, tuple[str, ...]]] = {
    "AllergyIntolerance": ("recordedDate", "onsetDateTime", "lastOccurrence"),
    "Appointment": ("start",),
    "CarePlan": ("period", "created"),
    "Communication": ("sent", "received"),
    "Condition": ("onsetDateTime", "onsetPeriod", "recordedDate"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod", "issued"),
    "Encounter": ("period",),
    "Flag": ("period",),
    "Goal": ("startDate",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod"),
    "MedicationStatement": ("effectiveDateTime", "effectivePeriod", "dateAsserted"),
    "Observation": ("effectiveDateTime", "effectivePeriod", "effectiveInstant", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod"),
    "QuestionnaireResponse": ("authored",),
}


def sort_of(type_: str) -> str:
    """The search parameter that a type is sorted by in time."""
    return parameters.main_date(type_) or "_lastUpdated"


def _named(resource: Resource, reader: Reader) -> str:
    """What it is called."""
    _ = reader.language
    for element in ("code", "type", "vaccineCode", "description", "category"):
        value = resource.get(element)
        if isinstance(value, str) and value:
            return value
        several = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
        words = ", ".join(filter(None, (said(one, _) for one in several if isinstance(one, dict))))
        if words:
            return words
    return _("uten navn")


def _state(resource: Resource, reader: Reader) -> str:
    found = status(resource)
    return "" if found in UNREMARKABLE else reader.language(STATES.get(found, ""))


def _participant(resource: Resource) -> str:
    """Who took part in a contact, where nobody is its author."""
    for one in resource.get("participant") or ():
        person = one.get("individual") or {}
        if name_of(person):
            return name_of(person)
    return ""


def _note(note: Resource, reader: Reader) -> dict[str, Any]:
    paragraphs = tuple(note_text(note))
    title = str(note.get("title") or said(note.get("type"), reader.language))
    kind = said(note.get("type"), reader.language)
    return {"title": title, "rest": first_sentence(note), "text": paragraphs, "kind": kind or reader.language("Notat")}


def _observation(observation: Resource, reader: Reader) -> dict[str, Any]:
    categories = {code(one, _CATEGORY) for one in observation.get("category") or ()}
    is_result = "laboratory" in categories
    return {
        "rest": written_value(observation, reader) or reader.language("ikke besvart"),
        "mark": flag_of(observation, reader),
        "kind": reader.language("Prøvesvar") if is_result else reader.language("Måling"),
    }


_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"


def _condition(condition: Resource, reader: Reader) -> dict[str, Any]:
    _ = reader.language
    unsure = status(condition, "verificationStatus") in ("provisional", "differential", "unconfirmed")
    over = status(condition, "clinicalStatus") in ("resolved", "inactive", "remission")
    return {
        "code": code(condition.get("code"), ICD_10, ICPC_2),
        "rest": joined(_("sannsynlig") if unsure else "", _("ikke lenger aktuell") if over else ""),
    }


def _allergy(allergy: Resource, reader: Reader) -> dict[str, Any]:
    _ = reader.language
    shown = [said(one, _) for reaction in allergy.get("reaction") or () for one in reaction.get("manifestation") or ()]
    over = status(allergy, "clinicalStatus") in ("resolved", "inactive")
    return {"rest": joined(", ".join(shown), _("ikke lenger aktuell") if over else "")}


def _medicine(request: Resource, reader: Reader) -> dict[str, Any]:
    _ = reader.language
    dose = next((str(one["text"]) for one in request.get("dosageInstruction") or () if one.get("text")), "")
    return {
        "title": medicine_name(request, reader),
        "rest": dose or _("dose ikke oppgitt"),
        "code": code(request.get("medicationCodeableConcept"), ATC),
    }


def _encounter(encounter: Resource, reader: Reader) -> dict[str, Any]:
    _ = reader.language
    class_ = str((encounter.get("class") or {}).get("code") or "")
    kind = _(CONTACTS.get(class_, marked("Kontakt")))
    types = ", ".join(filter(None, (said(one, _) for one in encounter.get("type") or ())))
    reasons = ", ".join(filter(None, (said(one, _) for one in encounter.get("reasonCode") or ())))
    end = (encounter.get("period") or {}).get("end")
    until = _("til {when}", when=reader.when(str(end))) if end else ""
    return {"title": types or kind, "kind": kind, "rest": joined(reasons, until)}


def _document(document: Resource, reader: Reader) -> dict[str, Any]:
    return {"title": str(document.get("description") or said(document.get("type"), reader.language))}


def _report(report: Resource, _reader: Reader) -> dict[str, Any]:
    return {"rest": str(report.get("conclusion") or ""), "text": tuple(filter(None, [report.get("conclusion")]))}


def _message(message: Resource, reader: Reader) -> dict[str, Any]:
    words = tuple(str(one["contentString"]) for one in message.get("payload") or () if one.get("contentString"))
    topic = said(message.get("topic"), reader.language) or reader.language("Melding")
    return {
        "title": topic,
        "rest": words[0][:140] if words else "",
        "text": words,
        "who": name_of(message.get("sender")),
    }


def _goal(goal: Resource, reader: Reader) -> dict[str, Any]:
    return {"title": said(goal.get("description"), reader.language) or reader.language("Mål"), "state": ""}


def _plan(plan: Resource, reader: Reader) -> dict[str, Any]:
    words = str(plan.get("description") or "")
    return {
        "title": str(plan.get("title") or reader.language("Plan")),
        "rest": words,
        "text": (words,) if words else (),
    }


def _task(task: Resource, reader: Reader) -> dict[str, Any]:
    owner = name_of(task.get("owner"))
    return {
        "title": called(task, reader.language),
        "rest": reader.language("ansvarlig: {who}", who=owner) if owner else "",
        "who": name_of(task.get("requester")),
    }


def _appointment(appointment: Resource, reader: Reader) -> dict[str, Any]:
    actors = [one.get("actor") or {} for one in appointment.get("participant") or ()]
    names = [name_of(one).split(",")[0] for one in actors if name_of(one) and not id_of(one, "Patient")]
    title = str(appointment.get("description") or _service(appointment, reader) or reader.language("Time"))
    return {"title": title, "rest": joined(*names[:2]), "video": link_of(appointment)}


def _service(appointment: Resource, reader: Reader) -> str:
    return ", ".join(filter(None, (said(one, reader.language) for one in appointment.get("serviceType") or ())))


def _immunization(immunization: Resource, _reader: Reader) -> dict[str, Any]:
    return {"code": code(immunization.get("vaccineCode"), ATC, SNOMED)}


def _form(form: Resource, reader: Reader) -> dict[str, Any]:
    return {"title": str(form.get("questionnaire") or "").rpartition("/")[2] or reader.language("Skjema")}


def _order(request: Resource, reader: Reader) -> dict[str, Any]:
    """What is sent to a laboratory or for an image is an order, and no referral of the patient."""
    tested = {"laboratory", "imaging", "108252007", "363679005"}
    codes = {coding.get("code") for one in request.get("category") or () for coding in one.get("coding") or ()}
    reasons = ", ".join(filter(None, (said(one, reader.language) for one in request.get("reasonCode") or ())))
    receiver = ", ".join(filter(None, (name_of(one) for one in request.get("performer") or ())))
    to = reader.language("til {who}", who=receiver) if receiver else ""
    made = {"rest": joined(reasons, to)}
    return made | ({"kind": reader.language("Bestilling")} if codes & tested else {})


MORE: Final[Mapping[str, Callable[[Resource, Reader], dict[str, Any]]]] = {
    "AllergyIntolerance": _allergy,
    "Appointment": _appointment,
    "CarePlan": _plan,
    "Communication": _message,
    "Composition": _note,
    "Condition": _condition,
    "DiagnosticReport": _report,
    "DocumentReference": _document,
    "Encounter": _encounter,
    "Goal": _goal,
    "Immunization": _immunization,
    "MedicationAdministration": _medicine,
    "MedicationRequest": _medicine,
    "MedicationStatement": _medicine,
    "Observation": _observation,
    "QuestionnaireResponse": _form,
    "ServiceRequest": _order,
    "Task": _task,
}
