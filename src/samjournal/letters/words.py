"""What leaves the house, in three languages: texts as data (`words.toml`), the same for whatever is new.

said("new", "nn", link=...) -> Words        what an SMS, an e-mail or a browser shows
letter("nb", link=..., phone=...) -> dict   what `letter.typ` is given, but for who gets it
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

from samjournal.ui.formats import full_date

LANGUAGES: Final = ("nb", "nn", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """A title and a text without anything of anybody's; `short` has no link."""

    title: str
    text: str
    short: str


@cache
def texts() -> dict[str, Any]:
    """All that is ever said, by language and text."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))


def said(text: str, language: str, *, link: str) -> Words:
    """A text in a language; bokmål for one that is not ours."""
    found = texts()[language if language in LANGUAGES else "nb"][text]
    return Words(found["title"], found["text"].format(link=link), found["short"])


def letter(language: str, *, link: str, phone: str, day: date) -> dict[str, Any]:
    """The values of a letter that say nothing of who gets it."""
    code = language if language in LANGUAGES else "nb"
    found = texts()[code]["letter"]
    return {
        "title": found["title"],
        "language": code,
        "date": full_date(day),
        "words": found["text"][:2],
        "link": link,
        "after": [found["text"][2], *([found["phone"].format(phone=phone)] if phone else [])],
        "signed": found["signed"],
        "reference": found["why"],
    }
