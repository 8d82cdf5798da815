"""How text is folded for search: case and accents do not count, Norwegian letters do.

hl7.org/fhir/R4/search.html#string. å, ø and æ are letters of their own, so "aasen" does not find "Åsen".
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """The text in small letters, without accents, with single spaces."""
    small = unicodedata.normalize("NFC", text).casefold()
    return " ".join((small if small.isascii() else small.translate(_PLAIN)).split())


class _Plain(dict[int, str]):
    """Each letter without its accents, found when it is first met."""

    def __missing__(self, letter: int) -> str:
        parts = unicodedata.normalize("NFKD", chr(letter))
        plain = "".join(part for part in parts if not unicodedata.combining(part))
        return self.setdefault(letter, plain)


_PLAIN = _Plain({ord(letter): letter for letter in "åøæ"})
