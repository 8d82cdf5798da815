"""The sections of a patient summary: what each holds, what its columns are, and what it says when it holds nothing.

    SECTIONS                                    in their order; the first three must be there
    entries(section, found) -> list             what of a record stands in it
    rows(section, entries, language) -> list    the same as a table that a person reads
    called(concept, language) -> str            what something is called

"Asked, none" is said only where the record says it: nothing at all is «no information», never «none known».
hl7.org/fhir/uv/ips/StructureDefinition-Composition-uv-ips.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samjournal.terminology import text as code_text
from samjournal.ui.formats import full_date, number
from samjournal.ui.language import language as by_code

Resource = dict[str, Any]
Names = tuple[str, str, str]  # bokmål, nynorsk, English
LANGUAGES: Final = ("nb", "nn", "en")
LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
ABSENT: Final = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
"""The codes of the IPS for what is not known, and for what is known not to be."""
_NONE_KNOWN: Final = {
    "AllergyIntolerance": {(SNOMED, "716186003"), (ABSENT, "no-known-allergies")},
    "Condition": {(SNOMED, "160245001"), (ABSENT, "no-known-problems")},
    "MedicationStatement": {(SNOMED, "787481004"), (ABSENT, "no-known-medications")},
}
"""What a resource says that means: asked, and there is none."""


@dataclass(frozen=True, slots=True)
class Empty:
    """What a section says that must be there and has nothing: the codes of the IPS, and words for people."""

    known: tuple[str, str]
    unknown: tuple[str, str]
    said: Names


@dataclass(frozen=True, slots=True)
class Section:
    """One section: LOINC code with what it is called there, titles, types, what fits, heads and values of columns."""

    code: str
    display: str
    titles: Names
    types: tuple[str, ...]
    fits: Callable[[Resource], bool]
    heads: tuple[Names, ...]
    values: Callable[[Resource, str], tuple[str, ...]]
    empty: Empty | None = None


def called(concept: Mapping[str, Any] | None, language: str) -> str:
    """What a concept is called: as it was written, else its code in the language, else as its code came."""
    if not concept:
        return ""
    if concept.get("text"):
        return str(concept["text"])
    codings: Sequence[Mapping[str, Any]] = concept.get("coding") or ()
    for one in codings:
        if known := code_text(str(one.get("system", "")), str(one.get("code", "")), language):  # type: ignore[arg-type]
            return known
    return next((str(each) for one in codings if (each := one.get("display") or one.get("code"))), "")


def entries(section: Section, found: Iterable[Resource]) -> list[Resource]:
    """What of a record stands in a section, the newest first; that none is known only where nothing else is."""
    fitting = [one for one in found if one["resourceType"] in section.types and _stands(one) and section.fits(one)]
    real = [one for one in fitting if not says_none(one)]
    return sorted(real or fitting, key=when, reverse=True)


def rows(section: Section, shown: Iterable[Resource], language: str) -> list[tuple[str, ...]]:
    """The table of a section, a row for each entry."""
    return [section.values(one, language) for one in shown]


def says_none(resource: Resource) -> bool:
    """Whether it says that there is none: asked, and none is known."""
    concept = resource.get("code") or resource.get("medicationCodeableConcept") or {}
    codings = {(one.get("system"), one.get("code")) for one in concept.get("coding") or ()}
    return not codings.isdisjoint(_NONE_KNOWN.get(resource["resourceType"], set()))


def when(resource: Resource) -> str:
    """The date that matters of it, as it was written; "" where none is."""
    for name in _WHEN:
        value = resource.get(name)
        found = (value.get("start") or value.get("end")) if isinstance(value, dict) else value
        if found:
            return str(found)
    return ""


_WHEN: Final = (
    "onsetDateTime",
    "onsetPeriod",
    "occurrenceDateTime",
    "effectiveDateTime",
    "effectivePeriod",
    "performedDateTime",
    "performedPeriod",
    "timingDateTime",
    "timingPeriod",
    "period",
    "authoredOn",
    "recordedDate",
    "recordedOn",
    "created",
    "issued",
)


def status(resource: Resource, name: str) -> str:
    """The code of a status that is a concept."""
    codings = (resource.get(name) or {}).get("coding") or [{}]
    return str(codings[0].get("code", ""))


def _stands(resource: Resource) -> bool:
    return resource.get("status") != "entered-in-error" and status(resource, "verificationStatus") not in (
        "entered-in-error",
        "refuted",
    )


def _has_category(resource: Resource, code: str) -> bool:
    return any(
        one.get("code") == code for concept in resource.get("category") or () for one in concept.get("coding") or ()
    )


def _is_over(resource: Resource) -> bool:
    return status(resource, "clinicalStatus") in ("inactive", "resolved", "remission")


def _who(references: Iterable[Mapping[str, Any] | None]) -> str:
    return next((str(one["display"]) for one in references if one and one.get("display")), "")


def _medicine(resource: Resource, language: str) -> tuple[str, ...]:
    named = called(resource.get("medicationCodeableConcept"), language)
    doses = resource.get("dosageInstruction") or resource.get("dosage") or ()
    dose = ". ".join(str(one["text"]) for one in doses if one.get("text"))
    name = named or str((resource.get("medicationReference") or {}).get("display", ""))
    return name, dose, _STATES.get(str(resource.get("status")), _SAME)[LANGUAGES.index(language)], _date(resource)


_SAME: Final = ("", "", "")
_STATES: Final[Mapping[str, Names]] = {
    "active": ("i bruk", "i bruk", "in use"),
    "intended": ("skal brukes", "skal brukast", "to be used"),
    "on-hold": ("satt på pause", "sett på pause", "paused"),
}


def _allergy(resource: Resource, language: str) -> tuple[str, ...]:
    shown = [
        called(one, language)
        for reaction in resource.get("reaction") or ()
        for one in reaction.get("manifestation") or ()
    ]
    grave = {"high": ("kan være farlig", "kan vere farleg", "may be dangerous")}.get(
        str(resource.get("criticality")), _SAME
    )
    return called(resource.get("code"), language), ", ".join(filter(None, shown)), _in(grave, language), _date(resource)


def _problem(resource: Resource, language: str) -> tuple[str, ...]:
    unsure = status(resource, "verificationStatus") in ("unconfirmed", "provisional", "differential")
    sure = ("ikke sikkert", "ikkje sikkert", "not certain") if unsure else _SAME
    return called(resource.get("code"), language), _in(sure, language), _date(resource)


def _vaccine(resource: Resource, language: str) -> tuple[str, ...]:
    by = _who(one.get("actor") for one in resource.get("performer") or ())
    protocol: Mapping[str, Any] = next(iter(resource.get("protocolApplied") or ()), {})
    dose = str(protocol.get("doseNumberPositiveInt") or protocol.get("doseNumberString") or "")
    given = _date(resource) or str(resource.get("occurrenceString", ""))
    return called(resource.get("vaccineCode"), language), dose, str(resource.get("lotNumber", "")), by, given


def _result(resource: Resource, language: str) -> tuple[str, ...]:
    name = called(resource.get("code"), language)
    if resource["resourceType"] == "DiagnosticReport":
        return name, str(resource.get("conclusion", "")), "", _date(resource)
    ranges = resource.get("referenceRange") or [{}]
    low, high = (_quantity(ranges[0].get(end) or {}, language) for end in ("low", "high"))
    usual = str(ranges[0].get("text") or _range(low, high))
    return name, value_of(resource, language), usual, _date(resource)


def _range(low: str, high: str) -> str:
    if low and high:
        return f"{low}–{high}"
    return f"> {low}" if low else f"< {high}" if high else ""


def value_of(resource: Resource, language: str) -> str:
    """The value of an Observation in words, its components one by one."""
    if "valueQuantity" in resource:
        return _quantity(resource["valueQuantity"], language)
    if "valueCodeableConcept" in resource:
        return called(resource["valueCodeableConcept"], language)
    for name in ("valueString", "valueInteger", "valueDateTime", "valueTime", "valueBoolean"):
        if name in resource:
            return str(resource[name])
    parts = [
        f"{called(one.get('code'), language)} {value_of(one, language)}" for one in resource.get("component") or ()
    ]
    return ", ".join(parts)


def _quantity(quantity: Mapping[str, Any], language: str) -> str:
    if "value" not in quantity:
        return ""
    unit = str(quantity.get("unit") or quantity.get("code") or "")
    shown = number(float(quantity["value"]), language=by_code(language))
    return f"{quantity.get('comparator', '')}{shown} {unit}".strip()


def _procedure(resource: Resource, language: str) -> tuple[str, ...]:
    by = _who(one.get("actor") for one in resource.get("performer") or ())
    return called(resource.get("code"), language), by, _date(resource)


def _plan(resource: Resource, _language: str) -> tuple[str, ...]:
    return str(resource.get("title") or ""), str(resource.get("description") or ""), _date(resource)


def _flag(resource: Resource, language: str) -> tuple[str, ...]:
    return called(resource.get("code"), language), _date(resource)


def _device(resource: Resource, language: str) -> tuple[str, ...]:
    return (
        str((resource.get("device") or {}).get("display", "")),
        called(resource.get("bodySite"), language),
        _date(resource),
    )


def _date(resource: Resource) -> str:
    return full_date(when(resource) or None)


def _in(names: Names, language: str) -> str:
    return names[LANGUAGES.index(language)]


_WHAT: Final = ("Hva", "Kva", "What")
_SINCE: Final = ("Dato", "Dato", "Date")
_SMOKES, _DRINKS = ("72166-2",), ("74013-4", "11331-6")


def _has_code(resource: Resource, codes: Sequence[str]) -> bool:
    return any(one.get("code") in codes for one in (resource.get("code") or {}).get("coding") or ())


SECTIONS: Final = (
    Section(
        "11450-4",
        "Problem list - Reported",
        ("Sykdommer og plager", "Sjukdommar og plager", "Problems"),
        ("Condition",),
        lambda one: not _is_over(one),
        (_WHAT, ("Hvor sikkert", "Kor sikkert", "Certainty"), _SINCE),
        _problem,
        Empty(
            ("no-known-problems", "No known problems"),
            ("no-problem-info", "No information about problems"),
            (
                "Ingen sykdommer er skrevet i det som er lest. Det betyr ikke at personen er frisk.",
                "Ingen sjukdommar er skrivne i det som er lese. Det betyr ikkje at personen er frisk.",
                "No problems are written in what was read. It does not mean that the person has none.",
            ),
        ),
    ),
    Section(
        "48765-2",
        "Allergies and adverse reactions Document",
        ("Allergier", "Allergiar", "Allergies and intolerances"),
        ("AllergyIntolerance",),
        lambda one: not _is_over(one),
        (_WHAT, ("Reaksjon", "Reaksjon", "Reaction"), ("Hvor farlig", "Kor farleg", "Criticality"), _SINCE),
        _allergy,
        Empty(
            ("no-known-allergies", "No known allergies"),
            ("no-allergy-info", "No information about allergies"),
            (
                "Om personen har allergier, er ikke kjent: ingen har skrevet at det er spurt.",
                "Om personen har allergiar, er ikkje kjent: ingen har skrive at det er spurt.",
                "Whether the person has allergies is not known: nobody has written that it was asked.",
            ),
        ),
    ),
    Section(
        "10160-0",
        "History of Medication use Narrative",
        ("Medisiner", "Medisinar", "Medication summary"),
        ("MedicationRequest", "MedicationStatement"),
        lambda one: one.get("status") in _STATES and not one.get("doNotPerform"),
        (_WHAT, ("Slik brukes den", "Slik blir han brukt", "How it is taken"), ("Status", "Status", "Status"), _SINCE),
        _medicine,
        Empty(
            ("no-known-medications", "No known medications"),
            ("no-medication-info", "No information about medications"),
            (
                "Ingen medisiner i bruk er skrevet i det som er lest. Det betyr ikke at personen ikke bruker noen.",
                "Ingen medisinar i bruk er skrivne i det som er lese. Det betyr ikkje at personen ikkje bruker nokon.",
                "No medicines in use are written in what was read. It does not mean that the person uses none.",
            ),
        ),
    ),
    Section(
        "104605-1",
        "Alert",
        ("Viktig å vite", "Viktig å vite", "Alerts"),
        ("Flag",),
        lambda one: one.get("status") == "active",
        (_WHAT, _SINCE),
        _flag,
    ),
    Section(
        "11369-6",
        "History of Immunization note",
        ("Vaksiner", "Vaksinar", "Immunizations"),
        ("Immunization",),
        lambda one: one.get("status") == "completed",
        (
            _WHAT,
            ("Dose", "Dose", "Dose"),
            ("Produksjonsnummer", "Produksjonsnummer", "Lot number"),
            ("Gitt av", "Gitt av", "Given by"),
            _SINCE,
        ),
        _vaccine,
    ),
    Section(
        "30954-2",
        "Relevant diagnostic tests/laboratory data note",
        ("Prøvesvar", "Prøvesvar", "Results"),
        ("Observation", "DiagnosticReport"),
        lambda one: (
            _has_category(one, "laboratory")
            if one["resourceType"] == "Observation"
            else bool(one.get("conclusion")) and one.get("status") in ("final", "amended", "corrected", "appended")
        ),
        (_WHAT, ("Svar", "Svar", "Result"), ("Vanlig", "Vanleg", "Reference range"), _SINCE),
        _result,
    ),
    Section(
        "47519-4",
        "History of Procedures Document",
        ("Behandling og operasjoner", "Behandling og operasjonar", "Procedures"),
        ("Procedure",),
        lambda one: one.get("status") in ("completed", "in-progress"),
        (_WHAT, ("Utført av", "Utført av", "Performed by"), _SINCE),
        _procedure,
    ),
    Section(
        "46264-8",
        "History of medical device use",
        ("Hjelpemidler og implantater", "Hjelpemiddel og implantat", "Medical devices"),
        ("DeviceUseStatement",),
        lambda one: one.get("status") in ("active", "intended", "completed"),
        (_WHAT, ("Hvor på kroppen", "Kvar på kroppen", "Body site"), _SINCE),
        _device,
    ),
    Section(
        "11348-0",
        "History of Past illness note",
        ("Tidligere sykdommer", "Tidlegare sjukdommar", "Past problems"),
        ("Condition",),
        _is_over,
        (_WHAT, ("Hvor sikkert", "Kor sikkert", "Certainty"), _SINCE),
        _problem,
    ),
    Section(
        "18776-5",
        "Plan of care note",
        ("Planer", "Planar", "Plan of care"),
        ("CarePlan",),
        lambda one: one.get("status") == "active",
        (_WHAT, ("Innhold", "Innhald", "Content"), _SINCE),
        _plan,
    ),
    Section(
        "29762-2",
        "Social history note",
        ("Levevaner", "Levevanar", "Social history"),
        ("Observation",),
        lambda one: _has_code(one, (*_SMOKES, *_DRINKS)),
        (_WHAT, ("Svar", "Svar", "Answer"), ("", "", ""), _SINCE),
        _result,
    ),
    Section(
        "8716-3",
        "Vital signs note",
        ("Målinger", "Målingar", "Vital signs"),
        ("Observation",),
        lambda one: _has_category(one, "vital-signs"),
        (_WHAT, ("Verdi", "Verdi", "Value"), ("Vanlig", "Vanleg", "Reference range"), _SINCE),
        _result,
    ),
)
