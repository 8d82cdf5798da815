"""The languages in which an interpreter can be asked for, as the reader calls them. BCP 47, names by the CLDR."""

from __future__ import annotations

from functools import cache
from typing import Final

from babel import Locale

from samjournal.ui.language import language, marked

SIGN: Final = "nsl"
CODES: Final = (
    *("am", "ar", "ckb", "en", "es", "fa", "fr", "ku", "lt", "pl", "ro", "ru", "se", "sma", "so", "th", "ti", "tr"),
    *("uk", "ur", "vi", SIGN),
)
_SIGNED: Final = marked("norsk tegnspråk")


@cache
def languages(code: str) -> tuple[tuple[str, str], ...]:
    """Code and name of each, by name, in the reader's language (nb, nn, en)."""
    return tuple(sorted(((one, called(one, code)) for one in CODES), key=lambda one: one[1].casefold()))


def called(spoken: str, code: str) -> str:
    """What a spoken language is called; its code where nobody says."""
    if spoken == SIGN:
        return language(code)(_SIGNED)
    return str(Locale(code).languages.get(spoken) or spoken)
