"""The languages in which an interpreter can be asked for, the same for citizens and staff. BCP 47, names by the CLDR.

languages(code, also="") -> tuple of (code, name), by name in the reader's language; `also` is that of the record
called(spoken, code) -> str         what a language is called; its code where nobody says
is_language(spoken) -> bool         whether it is one that has a name
needed(patient) -> str              that in which the record says that the patient needs an interpreter, else ''

A language that cannot be chosen is an interpreter who does not come: who is asked for by one and read by another must
be the same. pasient- og brukerrettighetsloven § 3-5
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from babel import Locale

CODES: Final = tuple(
    """
    am ar bg bn bs ce ckb de el en es et fa fr hi hr hu it ka kmr ku ln lt lv ne nsl om pa pl prs ps pt
    rn ro ru rw se sk sma smj so sq sr sv sw ta th ti tl tr uk ur uz vi zh
    """.split()  # noqa: SIM905  read as one list
)
_OURS: Final[Mapping[str, tuple[str, str, str]]] = {
    "ckb": ("kurdisk (sorani)", "kurdisk (sorani)", "Kurdish (Sorani)"),
    "fa": ("persisk (farsi)", "persisk (farsi)", "Persian (Farsi)"),
    "kmr": ("kurdisk (kurmanji)", "kurdisk (kurmanji)", "Kurdish (Kurmanji)"),
    "nsl": ("norsk tegnspråk", "norsk teiknspråk", "Norwegian Sign Language"),
    "prs": ("dari", "dari", "Dari"),
    "tl": ("filippinsk (tagalog)", "filippinsk (tagalog)", "Filipino (Tagalog)"),
}
"""What the CLDR does not name, or not as people do: bokmål, nynorsk, English."""
_READERS: Final = ("nb", "nn", "en")
_NORWEGIAN: Final = ("nb", "nn", "no")
_REQUIRED: Final = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired"


def languages(code: str, also: str = "") -> tuple[tuple[str, str], ...]:
    """Code and name of each, by name; with the one that a record asks for, though few ask for it."""
    found = {*CODES, *([also] if also else [])}
    return tuple(sorted(((one, called(one, code)) for one in found), key=lambda one: one[1].casefold()))


@cache
def called(spoken: str, code: str) -> str:
    """What a spoken language is called in the reader's."""
    if spoken in _OURS:
        return _OURS[spoken][_READERS.index(code)]
    return str(Locale(code).languages.get(spoken) or spoken)


def is_language(spoken: str) -> bool:
    """Whether a code is one that has a name."""
    return spoken in _OURS or spoken in Locale("nb").languages


def preferred(patient: Mapping[str, Any]) -> str:
    """The language that the patient prefers, where the record says one and it is not Norwegian; else ''."""
    for one in sorted(patient.get("communication") or (), key=lambda one: not one.get("preferred")):
        for coding in (one.get("language") or {}).get("coding") or ():
            spoken = str(coding.get("code") or "").partition("-")[0]
            if spoken and spoken not in _NORWEGIAN:
                return spoken
    return ""


def needed(patient: Mapping[str, Any]) -> str:
    """The language that somebody is spoken with, where his record says that he needs an interpreter."""
    needs = any(one.get("url") == _REQUIRED and one.get("valueBoolean") for one in patient.get("extension") or ())
    return preferred(patient) if needs else ""
