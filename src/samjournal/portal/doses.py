"""How a medicine is taken, without the short forms of professionals: «5 mg × 2» becomes «5 mg 2 ganger om dagen».

plain_dose(text, _) -> str      the same where a short form could mean something else

A dose that is told wrong harms: a number that is followed by a range, or stands in a text that says how often in
another way («× 1 per uke»), stays as the prescriber wrote it. So does its language: words of two languages in one dose
are read wrong.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from samjournal.ui.language import Language, marked

_TIMES: Final = r"× ?(?P<n>{n})(?!\d|[,.]\d| ?[-–/]| ?(?:m?g|µg|ml|E|tab))"
"""A number that is followed by a unit is a strength («2 × 500 mg»), not a number of times."""
SHORT_FORMS: Final = (
    (re.compile(_TIMES.format(n="1")), marked("{n} gang om dagen")),
    (re.compile(_TIMES.format(n=r"\d+")), marked("{n} ganger om dagen")),
    (re.compile(r"(?P<n>\d) ?µg\b"), marked("{n} mikrogram")),
    (re.compile(r"(?P<n>\d) ?E\b"), marked("{n} enheter")),
    (re.compile(r"(?P<n>)\biv\b"), marked("rett i blodet")),
    (re.compile(r"(?P<n>)\bsc\b"), marked("under huden")),
    (re.compile(r"(?P<n>)\bpo\b"), marked("gjennom munnen")),
)
_FOR_SO_LONG: Final = re.compile(
    r"\bi (?:\d+|en|ei|to|tre|fire|fem|seks|sju|åtte|ni|ti|fjorten) [a-zæøå]+", re.IGNORECASE
)
"""A time that something is taken for says nothing of how often."""
_HOW_OFTEN: Final = re.compile(
    r"uk[ea]|ukentlig|veke|måned|månad|\bmnd|hver|kvar|døgn|\bper\b|\bpr\b|/|dagl|gang|gong|\btime|dose"
    r"|(?:man|tirs|tys|ons|tors|fre|lør|laur|søn|sun)dag",
    re.IGNORECASE,
)
_BOKMAL: Final = Language("nb", {})
_UNITS: Final = re.compile(r"\b(?:m?g|µg|ml|mmol|mikrogram|E|IE|kl|x)\b|[^a-zæøåA-ZÆØÅ]")


def plain_dose(text: str, _: Language) -> str:
    """One dose, or what was remarked on it, in plain words: those of the reader where it has no others, else those of
    the language it was written in."""
    says_how_often = _HOW_OFTEN.search(_FOR_SO_LONG.sub("", text)) is not None
    forms = SHORT_FORMS[2:] if says_how_often else SHORT_FORMS
    bare = text
    for pattern, _plain in forms:
        bare = pattern.sub("", bare)
    _ = _ if not _UNITS.sub("", bare) or _.code != "en" else _BOKMAL
    for pattern, plain in forms:
        text = pattern.sub(partial(_spelled_out, plain, _), text)
    return text


def _spelled_out(plain: str, _: Language, found: re.Match[str]) -> str:
    return _(plain, n=found["n"])
