"""What codes are called in the reader's language: loaded code systems first, else our own texts.

hl7.org/fhir/R4/terminologies.html. Full code systems are installed by the operator (`samjournal standards`). Some three
hundred texts of our own, in three languages, make the demo and the commonest codes readable without.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from samjournal.terminology import systems
from samjournal.terminology.loaded import LOADED, Language

SYSTEMS = {
    "loinc": "http://loinc.org",
    "icd-10": systems.ICD_10,
    "icpc-2": systems.ICPC_2,
    "atc": systems.ATC,
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
    """What a code is called in a language, or None when nobody has said.

    The loaded system's word in that language; else ours in that language; else the loaded one in whatever language it
    has. Bokmål is therefore always the loaded system's where that is Norwegian.
    """
    system = systems.canonical(system)
    code = systems.written(system, code)
    loaded = LOADED.names(system, code)
    ours = all_texts().get((system, code))
    if loaded is None:
        return getattr(ours, language) if ours else None
    own = getattr(loaded, language)
    if own:
        return str(own)
    return _ours(ours, language, beside=loaded.nb) or loaded.any


def _ours(ours: Texts | None, language: Language, *, beside: str | None) -> str | None:
    """Our text in a language, unless it is only the bokmål again where the loaded system has a bokmål of its own."""
    if ours is None or (beside and language == "nn" and ours.nn == ours.nb):
        return None
    return str(getattr(ours, language))


@cache
def all_texts() -> Mapping[tuple[str, str], Texts]:
    """Every text of ours by system and code. A code longer than the list knows has no text: nothing is guessed."""
    found: dict[tuple[str, str], Texts] = {}
    for line in files(__package__).joinpath("texts.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            short, code, nb, nn, en = line.split("\t")
            found[SYSTEMS[short], code] = Texts(nb, nn or nb, en)
    return found
