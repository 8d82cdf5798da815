"""Coded fields of templates: what is typed in each, and the Observation that it becomes. Row 1.4

    FIELDS                                        the fields by code
    problem(field, typed)                         why a value cannot be, '' when it can
    resource(field, typed, about)                 the resource beside the note
    words(field, typed, code)                     `Puls 72 /min`: the same in the text of the note

Numbers are Quantities in UCUM. Codes of choices are SNOMED CT where there is one, else our own
(`urn:samjournal:finding`). Diagnoses and tariffs have lines of their own in every note (`coding`).
hl7.org/fhir/R4/observation.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
OURS: Final = "urn:samjournal:finding"
_UCUM: Final = "http://unitsofmeasure.org"
_CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_PRESSURE: Final = re.compile(r"(\d{2,3})\s*/\s*(\d{2,3})")
_NUMBER: Final = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its code, system, and names (bokmål, nynorsk, English)."""

    code: str
    names: tuple[str, str, str]
    system: str = SNOMED


@dataclass(frozen=True, slots=True)
class Field:
    """One coded field. `unit` is what is shown and its UCUM code; `low` and `high` what a person can have: what lies
    outside is a slip of the finger."""

    code: str
    names: tuple[str, str, str]
    kind: Literal["quantity", "pressure", "choice"]
    coding: tuple[str, str]
    unit: tuple[str, str] = ("", "")
    low: float = 0
    high: float = 0
    choices: tuple[Choice, ...] = ()
    category: str = "vital-signs"

    def name(self, code: str) -> str:
        return self.names[{"nb": 0, "nn": 1}.get(code, 2)]


@dataclass(frozen=True, slots=True)
class About:
    """What the resources beside a note share: the patient, who says it, when it was so (with zone)."""

    patient_id: str
    performer: tuple[Mapping[str, str], ...]
    at: str


def _number_field(
    code: str, names: tuple[str, str, str], loinc: str, unit: tuple[str, str], low: float, high: float
) -> Field:
    return Field(code, names, "quantity", (LOINC, loinc), unit, low, high)


FIELDS: Final[Mapping[str, Field]] = {
    field.code: field
    for field in (
        Field(
            "bt",
            ("Blodtrykk", "Blodtrykk", "Blood pressure"),
            "pressure",
            (LOINC, "85354-9"),
            ("mmHg", "mm[Hg]"),
            15,
            300,
        ),
        _number_field("puls", ("Puls", "Puls", "Pulse"), "8867-4", ("/min", "/min"), 20, 300),
        _number_field("rf", ("Resp.frekv.", "Resp.frekv.", "Resp. rate"), "9279-1", ("/min", "/min"), 3, 80),
        _number_field("spo2", ("SpO₂", "SpO₂", "SpO₂"), "59408-5", ("%", "%"), 30, 100),
        _number_field("temp", ("Temperatur", "Temperatur", "Temperature"), "8310-5", ("°C", "Cel"), 25, 45),
        _number_field("vekt", ("Vekt", "Vekt", "Weight"), "29463-7", ("kg", "kg"), 0.3, 400),
        _number_field("hoyde", ("Høyde", "Høgd", "Height"), "8302-2", ("cm", "cm"), 20, 250),
        _number_field("hode", ("Hodeomkrets", "Hovudomkrins", "Head circumference"), "9843-4", ("cm", "cm"), 20, 70),
        _number_field("smerte", ("Smerte 0–10", "Smerte 0–10", "Pain 0–10"), "72514-3", ("", "{score}"), 0, 10),
        Field(
            "royk",
            ("Røyk", "Røyk", "Tobacco"),
            "choice",
            (LOINC, "72166-2"),
            choices=(
                Choice("266919005", ("Aldri røykt", "Aldri røykt", "Never smoked")),
                Choice("8517006", ("Har sluttet", "Har slutta", "Former smoker")),
                Choice("77176002", ("Røyker", "Røykjer", "Smoker")),
            ),
            category="social-history",
        ),
        Field(
            "mobilitet",
            ("Forflytning", "Forflytting", "Mobility"),
            "choice",
            (OURS, "mobility"),
            choices=(
                Choice("mobility-alone", ("Selvhjulpen", "Sjølvhjelpen", "Unaided"), OURS),
                Choice("mobility-aid", ("Med hjelpemiddel", "Med hjelpemiddel", "With an aid"), OURS),
                Choice("mobility-help", ("Med hjelp av andre", "Med hjelp av andre", "With help"), OURS),
                Choice("mobility-bed", ("Sengeliggende", "Sengeliggjande", "In bed"), OURS),
            ),
            category="exam",
        ),
        Field(
            "amming",
            ("Ernæring", "Ernæring", "Feeding"),
            "choice",
            (OURS, "feeding"),
            choices=(
                Choice("feeding-breast", ("Fullammes", "Fullammast", "Breastfed only"), OURS),
                Choice("feeding-both", ("Delvis ammet", "Delvis amma", "Partly breastfed"), OURS),
                Choice("feeding-other", ("Ammes ikke", "Ammast ikkje", "Not breastfed"), OURS),
            ),
            category="survey",
        ),
    )
}


def number(typed: str) -> float | None:
    """A number as people write it: `38,2`."""
    text = typed.strip().replace(",", ".")
    return float(text) if _NUMBER.fullmatch(typed.strip()) else None


def problem(field: Field, typed: str) -> str:
    """`form`, `range` or `choice` when a value cannot be, '' when it can or is empty."""
    if not typed.strip():
        return ""
    if field.kind == "pressure":
        found = _PRESSURE.fullmatch(typed.strip())
        if not found:
            return "form"
        upper, lower = int(found[1]), int(found[2])
        return "" if 40 <= upper <= field.high and field.low <= lower < upper else "range"
    if field.kind == "quantity":
        value = number(typed)
        return "form" if value is None else "" if field.low <= value <= field.high else "range"
    return "" if any(one.code == typed for one in field.choices) else "choice"


def words(field: Field, typed: str, code: str) -> str:
    """The value in words, as the note says it."""
    value = typed.strip()
    if field.kind == "choice":
        value = next((one.names[{"nb": 0, "nn": 1}.get(code, 2)] for one in field.choices if one.code == typed), typed)
    if field.kind == "quantity":
        value = value.replace(".", ",")
    unit = field.unit[0]
    return f"{field.name(code)}: {value}{'' if not unit else ' ' + unit}"


def resource(field: Field, typed: str, about: About, code: str) -> dict[str, Any]:
    """The Observation that a value is. `problem` has been asked."""
    system, loinc = field.coding
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": field.category}]}],
        "code": {"coding": [{"system": system, "code": loinc}], "text": field.name(code)},
        "subject": {"reference": f"Patient/{about.patient_id}"},
        "effectiveDateTime": about.at,
        "performer": [dict(one) for one in about.performer],
    }
    if field.kind == "pressure":
        found = _PRESSURE.fullmatch(typed.strip())
        assert found is not None
        parts = (("8480-6", "Systolisk", found[1]), ("8462-4", "Diastolisk", found[2]))
        made["component"] = [
            {
                "code": {"coding": [{"system": LOINC, "code": part}], "text": name},
                "valueQuantity": _quantity(float(value), field),
            }
            for part, name, value in parts
        ]
    elif field.kind == "quantity":
        made["valueQuantity"] = _quantity(number(typed) or 0.0, field)
    else:
        chosen = next(one for one in field.choices if one.code == typed)
        text = chosen.names[{"nb": 0, "nn": 1}.get(code, 2)]
        made["valueCodeableConcept"] = {"coding": [{"system": chosen.system, "code": chosen.code}], "text": text}
    return made


def _quantity(value: float, field: Field) -> dict[str, Any]:
    shown, ucum = field.unit
    number_ = int(value) if value == int(value) else value
    return {"value": number_, **({"unit": shown} if shown else {}), "system": _UCUM, "code": ucum}
