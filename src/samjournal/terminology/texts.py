"""What some three hundred codes are called, in our own words. hl7.org/fhir/R4/terminologies.html

Full code systems are installed by the operator; these make the demo and the commonest codes readable without.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal, NamedTuple

Language = Literal["nb", "nn", "en"]

SYSTEMS = {
    "loinc": "http://loinc.org",
    "icd-10": "http://hl7.org/fhir/sid/icd-10",
    "icpc-2": "http://hl7.org/fhir/sid/icpc-2",
    "atc": "http://www.whocc.no/atc",
    "sct": "http://snomed.info/sct",
    "act": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "flag": "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation",
    "category": "http://terminology.hl7.org/CodeSystem/observation-category",
    "profession": "urn:oid:2.16.578.1.12.4.1.1.9060",
}
"""The short names that the file uses, and the systems they stand for."""


class Texts(NamedTuple):
    """One code's text in the three languages."""

    nb: str
    nn: str
    en: str


def text(system: str, code: str, language: Language) -> str | None:
    """What a code is called in a language, or None when this list does not have it."""
    found = all_texts().get((system, code))
    return getattr(found, language) if found else None


@cache
def all_texts() -> Mapping[tuple[str, str], Texts]:
    """Every text by system and code. A code longer than the list knows has no text: nothing is guessed."""
    found: dict[tuple[str, str], Texts] = {}
    for line in files(__package__).joinpath("texts.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            short, code, nb, nn, en = line.split("\t")
            found[SYSTEMS[short], code] = Texts(nb, nn or nb, en)
    return found
