"""What the fields of a measurement are called, what is wrong with what was typed, and what is asked about it."""

from __future__ import annotations

from typing import Final

from samjournal import vitals
from samjournal.ui import formats
from samjournal.ui.language import Language, marked

AIR: Final = frozenset(("luft", "l", "air"))
"""What one may type for no oxygen, besides 0."""
OTHER_ROLE: Final = marked(
    "Du byttet rolle etter at du åpnet siden. Ingenting er lagret. Lagrer du nå, er det i rollen som står øverst."
)
FIELDS: Final = {
    "systolic": marked("Overtrykk"),
    "diastolic": marked("Undertrykk"),
    "pulse": marked("Puls"),
    "respiration": marked("Respirasjonsfrekvens"),
    "saturation": marked("SpO₂"),
    "oxygen": marked("Oksygen"),
    "temperature": marked("Temperatur"),
    "consciousness": marked("Bevissthet"),
    "pain": marked("Smerte (0–10)"),
    "glucose": marked("Blodsukker"),
    "weight": marked("Vekt"),
    "height": marked("Høyde"),
}
LETTERS: Final = (
    ("A", marked("Våken")),
    ("C", marked("Forvirret, nytt")),
    ("V", marked("Tiltale")),
    ("P", marked("Smerte")),
    ("U", marked("Reagerer ikke")),
)


def fault_words(fault: vitals.Fault, _: Language) -> str:
    """What is wrong with a field, and what to do."""
    low, high = fault.kind.possible if fault.kind else (0, 0)
    numbers = {"low": formats.number(low, language=_), "high": formats.number(high, language=_)}
    unit = fault.kind.unit if fault.kind else ""
    perhaps = f"{formats.number(fault.perhaps, language=_)} {unit}".strip()
    return {
        "number": _("Skriv et tall."),
        "whole": _("Skriv et helt tall."),
        "range": _("Må være mellom {low} og {high}.", **numbers),
        "unit": _("Det ser ut som {unit}. Mente du {perhaps}?", unit=fault.unit, perhaps=perhaps),
        "comma": _("Mangler det et komma? Mente du {perhaps}?", perhaps=perhaps),
        "lower": _("Undertrykket må være lavere enn overtrykket."),
        "both": _("Skriv både over- og undertrykk."),
        "letter": _("Velg en av de fem."),
    }[fault.why]


def doubt_words(doubt: vitals.Doubt, _: Language) -> str:
    """What is asked about a value that is possible but rare."""
    unit = vitals.KINDS[doubt.field].unit
    value = f"{formats.number(doubt.value, language=_)} {unit}".strip()
    said = {"field": _(FIELDS[doubt.field]), "value": value}
    if doubt.why == "jump":
        before = f"{formats.number(doubt.before, language=_)} {unit}"
        return _(
            "{field} {value}: sist var den {before}. Stemmer det, og er det riktig pasient?", before=before, **said
        )
    return _("{field} {value} er sjelden. Stemmer det?", **said)
