"""How strings are folded for search: case and accents do not count, Norwegian letters do.

hl7.org/fhir/R4/search.html#string. å, ø and æ are letters of their own, so "aasen" does not find "Åsen".
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_KEPT = frozenset("åøæ")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text in small letters, without accents, with single spaces."""
    small = unicodedata.normalize("NFC", text).casefold()
    if not small.isascii():
        small = "".join(letter if letter in _KEPT else _plain(letter) for letter in small)
    return " ".join(small.split())


def _plain(letter: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
