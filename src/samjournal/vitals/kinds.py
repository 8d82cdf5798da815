"""What is measured at the bedside, as data: codes, units, and what a person can have.

hl7.org/fhir/R4/observation-vitalsigns.html

    KINDS[name]                one number of a set: `systolic`, `pulse`, `temperature` …
    CONSCIOUSNESS[letter]      ACVPU: alert, new confusion, answers to voice, to pain, to nothing

`possible` is what a living person can have: what lies outside is a slip of the finger, and is refused. `usual` is what
most patients have, sick ones too: what lies outside is asked about once. Both ends belong to the range.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LOINC: Final = "http://loinc.org"
SNOMED: Final = "http://snomed.info/sct"
UCUM: Final = "http://unitsofmeasure.org"

Coding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One number that is measured. `text` is what the Observation is called in the record; `mistaken` a unit that it
    may be given in by mistake: its name, and factor and offset from it to ours."""

    name: str
    codings: tuple[Coding, ...]
    text: str
    unit: str
    ucum: str
    possible: tuple[float, float]
    usual: tuple[float, float]
    decimals: int = 0
    category: str = "vital-signs"
    mistaken: tuple[str, float, float] | None = None


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("systolic", ((LOINC, "8480-6"),), "Systolisk", "mmHg", "mm[Hg]", (40, 300), (70, 220)),
        Kind("diastolic", ((LOINC, "8462-4"),), "Diastolisk", "mmHg", "mm[Hg]", (15, 200), (35, 130)),
        Kind("pulse", ((LOINC, "8867-4"),), "Puls", "/min", "/min", (20, 300), (35, 180)),
        Kind("respiration", ((LOINC, "9279-1"),), "Respirasjonsfrekvens", "/min", "/min", (3, 80), (8, 40)),
        # The profile asks for 2708-6; 59408-5 says that it was measured through the skin, and is the one we look up.
        Kind("saturation", ((LOINC, "2708-6"), (LOINC, "59408-5")), "SpO₂", "%", "%", (40, 100), (75, 100)),
        Kind("oxygen", ((LOINC, "3151-8"),), "Oksygen", "l/min", "L/min", (0, 70), (0, 15), 1),
        Kind("temperature", ((LOINC, "8310-5"),), "Temperatur", "°C", "Cel", (25, 44), (34, 41), 1,
             mistaken=("°F", 5 / 9, -160 / 9)),
        Kind("weight", ((LOINC, "29463-7"),), "Vekt", "kg", "kg", (0.3, 400), (2, 200), 1,
             mistaken=("lb", 0.45359237, 0)),
        Kind("height", ((LOINC, "8302-2"),), "Høyde", "cm", "cm", (20, 250), (45, 215), 1, mistaken=("m", 100, 0)),
        Kind("pain", ((LOINC, "72514-3"),), "Smerte, NRS", "", "{score}", (0, 10), (0, 10)),
        Kind("glucose", ((LOINC, "14743-9"),), "Glukose, kapillær", "mmol/L", "mmol/L", (0.5, 60), (2.5, 30), 1,
             "laboratory", ("mg/dL", 1 / 18.016, 0)),
    )
}  # fmt: skip
BLOOD_PRESSURE: Final[Coding] = (LOINC, "85354-9")
PRESSURE_PARTS: Final = ("systolic", "diastolic")

ACVPU: Final[tuple[Coding, ...]] = ((SNOMED, "1104441000000107"), (LOINC, "67775-7"))
CONSCIOUSNESS: Final = {
    "A": ("248234008", "Våken"),
    "C": ("130987000", "Nyoppstått forvirring"),
    "V": ("300202002", "Reagerer på tiltale"),
    "P": ("450847001", "Reagerer på smerte"),
    "U": ("422768004", "Reagerer ikke"),
}
"""SNOMED CT's code and what it is called in the record."""
BY_CODING: Final = {coding: kind.name for kind in KINDS.values() for coding in kind.codings}
BY_CODING.update(dict.fromkeys(ACVPU, "consciousness"))
"""Which of our kinds a coding means."""
WEIGHT_JUMP: Final = 0.15
"""A weight that differs more from the last one, as a part of it, is asked about: another unit, another patient."""
