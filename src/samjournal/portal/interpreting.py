"""The languages that an interpreter can be asked for, the most asked for first. pasient- og brukerrettighetsloven § 3-5

languages(_) -> list[tuple[str, str]]     code (BCP 47) and name in the reader's language, by name
named(code, _) -> str                     '' for a code that is none of them
wanted(patient) -> str                      the language that the record says an interpreter is needed for, else ''
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from samjournal.ui.language import Language, marked

LANGUAGES: Final = {
    "am": marked("amharisk"),
    "ar": marked("arabisk"),
    "prs": marked("dari"),
    "en": marked("engelsk"),
    "et": marked("estisk"),
    "tl": marked("filippinsk"),
    "fr": marked("fransk"),
    "ku": marked("kurdisk"),
    "lt": marked("litauisk"),
    "sma": marked("sørsamisk"),
    "se": marked("nordsamisk"),
    "nsl": marked("norsk tegnspråk"),
    "om": marked("oromo"),
    "ps": marked("pashto"),
    "fa": marked("persisk (farsi)"),
    "pl": marked("polsk"),
    "pt": marked("portugisisk"),
    "ro": marked("rumensk"),
    "ru": marked("russisk"),
    "so": marked("somali"),
    "es": marked("spansk"),
    "sw": marked("swahili"),
    "th": marked("thai"),
    "ti": marked("tigrinja"),
    "tr": marked("tyrkisk"),
    "de": marked("tysk"),
    "uk": marked("ukrainsk"),
    "ur": marked("urdu"),
    "vi": marked("vietnamesisk"),
}
NEEDED: Final = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def languages(_: Language) -> list[tuple[str, str]]:
    """Code and name of each, by name."""
    return sorted(((code, _(name)) for code, name in LANGUAGES.items()), key=lambda one: one[1])


def named(code: str, _: Language) -> str:
    """What a language is called, '' for a code that is none of them."""
    return _(LANGUAGES[code]) if code in LANGUAGES else ""


def wanted(patient: Mapping[str, Any]) -> str:
    """The language that somebody is spoken with, where his record says that he needs an interpreter."""
    needs = any(one.get("url") == NEEDED and one.get("valueBoolean") for one in patient.get("extension") or ())
    if not needs:
        return ""
    spoken = sorted(patient.get("communication") or (), key=lambda one: not one.get("preferred"))
    codes = [code.get("code", "") for one in spoken for code in (one.get("language") or {}).get("coding") or ()]
    return next((code.split("-")[0] for code in codes if code.split("-")[0] in LANGUAGES), "")
