"""Words that somebody typed or pasted into a line of a form: what is odd about them, in words, before they are stored.

    odd("Astma", _) -> ""            nothing is
    odd("\u202eAstma", _) -> "…"     signs that nobody sees, and that turn what is read around
    odd("1" * 200, _) -> "…"         no name of anything

A name that is read from right to left, or that fills the head of a page with digits, may hide what it is beside.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from samjournal.ui.language import Language

LONGEST_WORD: Final = 60
"""Letters without a space between them. No name of an illness or a substance has more."""
_JOINERS: Final = "\u200c\u200d"
"""Between letters of some scripts; they turn nothing around."""
_HIDDEN: Final = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"))
_DIGITS: Final = re.compile(r"\d{11,}")


def line(text: object, longest: int = 200) -> str:
    """A field of one line as it is meant: without space around it, and with one space between words."""
    return " ".join(str(text or "").split())[: longest + 1]


def odd(text: str, _: Language, *, longest: int = 200) -> str:
    """What is wrong with words, and what to do; empty where nothing is, and for no words at all."""
    if any(unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS for letter in text):
        return _("Teksten har tegn som ikke synes. Skriv den inn på nytt for hånd.")
    if len(text) > longest:
        return _("Teksten er for lang. Skriv det kort her, og resten i et notat.")
    if any(len(word) > LONGEST_WORD for word in text.split()):
        return _("Det er et ord på over {n} tegn her. Skriv det på nytt.", n=LONGEST_WORD)
    if _DIGITS.search(text):
        return _("Det er et langt tall her, som et fødselsnummer. Skriv hva det er, med ord.")
    if text and not any(letter.isalpha() for letter in text):
        return _("Skriv hva det er, med ord.")
    return ""
