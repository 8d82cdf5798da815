"""Scopes in words that people understand: what an app may see, and what it may do; in bokmål, nynorsk and English."""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.access.scopes import PATIENT, Grant

_LANGUAGES = ("nb", "nn", "en")
Names = tuple[str, str, str]
TYPES: dict[str, Names] = {
    "*": ("alt som står i journalen", "alt som står i journalen", "all that stands in the record"),
    "AllergyIntolerance": ("allergier", "allergiar", "allergies"),
    "Appointment": ("timer", "timar", "appointments"),
    "CarePlan": ("planer for behandling", "planar for behandling", "plans of care"),
    "CareTeam": ("hvem som er i behandlingsteamet", "kven som er i behandlingsteamet", "who is in the care team"),
    "Communication": ("meldinger", "meldingar", "messages"),
    "Composition": ("notater og brev", "notat og brev", "notes and letters"),
    "Condition": ("diagnoser og problemer", "diagnosar og problem", "diagnoses and problems"),
    "Coverage": ("hvem som betaler", "kven som betaler", "who pays"),
    "Device": ("utstyr", "utstyr", "devices"),
    "DiagnosticReport": (
        "svar på prøver og undersøkelser",
        "svar på prøver og undersøkingar",
        "reports of tests and examinations",
    ),
    "DocumentReference": ("dokumenter", "dokument", "documents"),
    "Encounter": ("besøk og innleggelser", "besøk og innleggingar", "visits and stays"),
    "Goal": ("mål", "mål", "goals"),
    "Immunization": ("vaksiner", "vaksinar", "vaccines"),
    "Location": ("steder", "stader", "places"),
    "Medication": ("legemidler", "legemiddel", "medicines"),
    "MedicationAdministration": ("legemidler som er gitt", "legemiddel som er gitt", "medicines that were given"),
    "MedicationRequest": ("resepter", "reseptar", "prescriptions"),
    "MedicationStatement": ("legemidler i bruk", "legemiddel i bruk", "medicines in use"),
    "Observation": ("prøvesvar og målinger", "prøvesvar og målingar", "test results and measurements"),
    "Organization": ("enheter i helsetjenesten", "einingar i helsetenesta", "units of the health service"),
    "Patient": (
        "navn, fødselsdato og kontaktopplysninger",
        "namn, fødselsdato og kontaktopplysningar",
        "name, date of birth and contact details",
    ),
    "Practitioner": (
        "hvem som arbeider i helsetjenesten",
        "kven som arbeider i helsetenesta",
        "who works in the health service",
    ),
    "PractitionerRole": ("hvem som arbeider hvor", "kven som arbeider kor", "who works where"),
    "Procedure": ("operasjoner og prosedyrer", "operasjonar og prosedyrar", "operations and procedures"),
    "QuestionnaireResponse": ("svar på skjemaer", "svar på skjema", "answers to forms"),
    "RelatedPerson": ("pårørende", "pårørande", "next of kin"),
    "ServiceRequest": ("henvisninger og bestillinger", "tilvisingar og bestillingar", "referrals and orders"),
}
CATEGORIES: dict[str, Names] = {
    "laboratory": ("bare laboratoriesvar", "berre laboratoriesvar", "laboratory results only"),
    "vital-signs": (
        "bare målinger som blodtrykk, puls og vekt",
        "berre målingar som blodtrykk, puls og vekt",
        "measurements such as blood pressure, pulse and weight only",
    ),
    "social-history": ("bare levevaner", "berre levevanar", "ways of living only"),
    "survey": ("bare skåringer", "berre skåringar", "scores only"),
    "imaging": ("bare bilder", "berre bilete", "images only"),
    "encounter-diagnosis": ("bare diagnoser fra besøk", "berre diagnosar frå besøk", "diagnoses from visits only"),
    "problem-list-item": ("bare problemlisten", "berre problemlista", "the problem list only"),
}
_BOTH: Names = ("Se og endre {what}", "Sjå og endre {what}", "See and change {what}")
_WRITES: Names = ("Skrive {what}", "Skrive {what}", "Write {what}")
_READS: Names = ("Se {what}", "Sjå {what}", "See {what}")


@dataclass(frozen=True, slots=True)
class Line:
    """One scope: its word, what it lets, how far, whether that is to write, and whether of one patient alone."""

    word: str
    text: str
    limit: str
    writes: bool
    own: bool


def line(one: Grant, language: str) -> Line:
    """A scope in words. What has no words of ours is called by its name in the standard."""
    place = _LANGUAGES.index(language) if language in _LANGUAGES else 0
    what = TYPES[one.type][place] if one.type in TYPES else one.type
    reads, writes = any(letter in one.letters for letter in "rs"), any(letter in one.letters for letter in "cud")
    text = (_BOTH if reads and writes else _WRITES if writes else _READS)[place].format(what=what)
    limits = []
    for name, value in one.query:
        code = value.rpartition("|")[2]
        known = name == "category" and code in CATEGORIES
        limits.append(CATEGORIES[code][place] if known else f"{name}={value}")
    return Line(one.word, text, ", ".join(limits), writes, one.level == PATIENT)
