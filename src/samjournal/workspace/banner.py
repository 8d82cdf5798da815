"""The dark head of the chart: whose sheet this is, and what may kill them. It never moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from samjournal.record import Snapshot, Want
from samjournal.ui import formats
from samjournal.ui.language import Language, marked
from samjournal.workspace.ages import AGES
from samjournal.workspace.facts import (
    SNOMED,
    Reader,
    Resource,
    author,
    code,
    codings,
    joined,
    name_of,
    newest_first,
    said,
    standing,
    status,
    when,
)

BANNER: Final = (
    Want("allergies", "AllergyIntolerance"),
    Want("flags", "Flag", count=30),
    Want("encounters", "Encounter", "_sort=-date", 40),
    Want("relatives", "RelatedPerson", count=10),
)
"""What the head of a page needs."""
NO_KNOWN_ALLERGY: Final = "716186003"
GUARDIAN: Final = "GUARD"
"""v3-RoleCode: a guardian, of a child or by the authorities."""
NUMBERS: Final = {
    "urn:oid:2.16.578.1.12.4.1.4.1": marked("Fødselsnr."),
    "urn:oid:2.16.578.1.12.4.1.4.2": marked("D-nummer"),
    "urn:oid:2.16.578.1.12.4.1.4.3": marked("Hjelpenr."),
}
GENDERS: Final = {
    "female": marked("Kvinne"),
    "male": marked("Mann"),
    "other": marked("Annet"),
    "unknown": marked("Ukjent"),
}


@dataclass(frozen=True, slots=True)
class Allergy:
    """What the patient must not have, and what happened."""

    label: str
    substance: str
    reaction: str
    by: str = ""  # when it was entered, and by whom


@dataclass(frozen=True, slots=True)
class Banner:
    """Everything in the head, already in words."""

    family: str
    given: str
    born: str
    age: str
    gender: str
    number_label: str
    number: str
    bed: str
    died: str
    merged: str
    protected: bool
    allergies: tuple[Allergy, ...]
    allergy_state: str  # listed, none, unasked
    allergy_words: str
    critical: tuple[str, ...]
    guardians: tuple[str, ...] = ()
    critical_by: tuple[str, ...] = ()  # since when and by whom, for each of `critical`
    allergy_by: str = ""  # who asked, where none is known
    allergy_old: str = ""  # how old that answer is, where it is too old


def banner(snapshot: Snapshot, reader: Reader) -> Banner:
    """The head of the chart."""
    patient, _ = snapshot.patient, reader.language
    family, given = name(patient)
    label, number_ = number(patient)
    died = patient.get("deceasedDateTime")
    state, words, found = allergies(snapshot.lists.get("allergies", ()), reader)
    flags = [each for each in newest_first(snapshot.lists.get("flags", ()), "period") if status(each) == "active"]
    asked = _asked(snapshot.lists.get("allergies", ())) if state == "none" else None
    return Banner(
        family=family.upper() or _("UTEN NAVN"),
        given=given,
        born=formats.full_date(patient.get("birthDate")) or _("ikke kjent"),
        age=formats.age(patient.get("birthDate"), at=_alive_until(patient, reader), language=_),
        gender=_(GENDERS.get(str(patient.get("gender")), marked("Ikke oppgitt"))),
        number_label=_(label),
        number=number_ or _("mangler"),
        bed=bed(snapshot.lists.get("encounters", ())),
        died=(_("Død {day}", day=formats.full_date(died)) if died else "")
        or (_("Død") if patient.get("deceasedBoolean") else ""),
        merged=_("Slått sammen med en annen journal") if _is_replaced(patient) else "",
        protected=bool(snapshot.patient_protected),
        allergies=tuple(found),
        allergy_state=state,
        allergy_words=words,
        critical=tuple(said(flag.get("code"), _) for flag in flags),
        critical_by=tuple(_since(flag, reader, "period") for flag in flags),
        allergy_by=author(asked) if asked else "",
        allergy_old=_too_old(asked, reader) if asked else "",
        guardians=tuple(guardians(snapshot.lists.get("relatives", ()), reader)),
    )


def name(patient: Resource) -> tuple[str, str]:
    """Family name and given names, the official ones first."""
    names = patient.get("name") or [{}]
    chosen = next((each for each in names if each.get("use") in ("official", "usual")), names[0])
    if not chosen.get("family") and chosen.get("text"):
        *given, family = str(chosen["text"]).split()
        return family, " ".join(given)
    return str(chosen.get("family") or ""), " ".join(chosen.get("given") or ())


def whose(patient: Resource, _: Language) -> dict[str, str]:
    """Whose record a page is about that has no banner: id, name and birth date."""
    family, given = name(patient)
    called = f"{family.upper()}, {given}" if given else family.upper()
    return {
        "id": str(patient["id"]),
        "name": called or _("UTEN NAVN"),
        "born": formats.full_date(patient.get("birthDate")) or _("ikke kjent"),
    }


def number(patient: Resource) -> tuple[str, str]:
    """What the patient's number is called and the number, grouped for reading; empty when there is none."""
    for system, label in NUMBERS.items():
        for identifier in patient.get("identifier") or ():
            if identifier.get("system") == system and identifier.get("value") and identifier.get("use") != "old":
                return label, formats.grouped(str(identifier["value"]))
    return marked("Fødselsnr."), ""


def allergies(resources: Any, reader: Reader) -> tuple[str, str, list[Allergy]]:
    """Listed, asked with none known, or never asked: three different things, each in words."""
    _ = reader.language
    found = newest_first(resources, "recordedDate")
    current = [each for each in found if _counts(each)]
    listed = [each for each in current if code(each.get("code"), SNOMED) != NO_KNOWN_ALLERGY]
    if listed:
        high_first = sorted(listed, key=lambda each: each.get("criticality") != "high")
        return "listed", "", [_allergy(each, reader) for each in high_first]
    if current:
        asked = reader.day(when(current[0], "recordedDate", "onsetDateTime"))
        words = _("Ingen kjent allergi, spurt {day}", day=asked) if asked else _("Ingen kjent allergi")
        return "none", words, []
    return "unasked", _("Allergi: ikke spurt"), []


def _counts(allergy: Resource) -> bool:
    """Whether it may still harm: not over, and not refuted."""
    over = status(allergy, "clinicalStatus") in ("resolved", "inactive")
    return not over and status(allergy, "verificationStatus") != "refuted"


def _asked(resources: Any) -> Resource | None:
    """The newest answer that no allergy is known."""
    return next((each for each in newest_first(resources, "recordedDate") if _counts(each)), None)


def _too_old(asked: Resource, reader: Reader) -> str:
    at = when(asked, "recordedDate", "onsetDateTime")
    if not at or reader.now - formats.order(at) <= AGES["no known allergy"]:
        return ""
    return reader.language("{age} gammel", age=formats.ago(at, now=reader.now, language=reader.language))


def _since(resource: Resource, reader: Reader, *elements: str) -> str:
    """Since when, and by whom, as far as the record tells."""
    return joined(reader.day(when(resource, *elements)), author(resource))


def guardians(relatives: Any, reader: Reader) -> list[str]:
    """Who is guardian (verge) now, by name, with a number to call."""
    found = []
    for each in standing(relatives):
        codes = {coded for concept in each.get("relationship") or () for _, coded in codings(concept)}
        ends = (each.get("period") or {}).get("end")
        over = ends is not None and formats.order(ends) < formats.order(reader.now)
        if GUARDIAN in codes and each.get("active") is not False and not over:
            family, given = name(each)
            phones = [str(one["value"]) for one in each.get("telecom") or () if one.get("value")]
            called = " ".join(part for part in (given, family) if part)
            found.append(
                ", ".join([called or reader.language("uten navn"), *(formats.phone(one) for one in phones[:1])])
            )
    return found


def bed(encounters: Any) -> str:
    """The bed of the stay that is going on."""
    for encounter in encounters:
        if status(encounter) == "in-progress" and (encounter.get("class") or {}).get("code") in (
            "IMP",
            "ACUTE",
        ):
            for place in encounter.get("location") or ():
                if place.get("status") != "completed" and name_of(place.get("location")):
                    return name_of(place.get("location"))
    return ""


def _allergy(resource: Resource, reader: Reader) -> Allergy:
    _ = reader.language
    shown = [
        said(symptom, _)
        for reaction in resource.get("reaction") or ()
        for symptom in reaction.get("manifestation") or ()
    ]
    year = formats.full_date(when(resource, "onsetDateTime", "lastOccurrence"))[-4:]
    label = _("Overfølsom") if resource.get("type") == "intolerance" else _("Allergi")
    reaction = " ".join([*(", ".join(shown[:2]),), year]).strip()
    what = said(resource.get("code"), _) or _("mot hva er ikke oppgitt")
    return Allergy(label, what, reaction, _since(resource, reader, "recordedDate"))


def _alive_until(patient: Resource, reader: Reader) -> Any:
    """The age of somebody who has died stops."""
    died = patient.get("deceasedDateTime")
    return formats.order(died) if died else reader.now


def _is_replaced(patient: Resource) -> bool:
    return any(link.get("type") == "replaced-by" for link in patient.get("link") or ())
