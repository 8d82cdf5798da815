"""How notes are put on paper: each doctor has a way of writing, and numbers are written as in Norway."""

from __future__ import annotations

import re
from functools import lru_cache

from samjournal.demo.illnesses import Both
from samjournal.demo.staff import Staff


def soap(by: Staff, told: str, found: str, plan: str) -> tuple[str, ...]:
    """What was told, found and agreed, in the author's own layout; the same author always writes alike."""
    match _habit(by.login):
        case 0:
            return tuple(filter(None, (told, found, plan)))
        case 1:
            return tuple(filter(None, (f"{told} {found}".strip(), plan)))
        case 2:
            return tuple(f"{label}: {text}" for label, text in (("A", told), ("F", found), ("V/T", plan)) if text)
    return (" ".join(filter(None, (told, found, plan))),)


@lru_cache(maxsize=65536)
def _habit(login: str) -> int:
    return sum(map(ord, login)) % 4


RETIRED = 67
_WORK = ("jobb", "stilling", "arbeid", "nattevakt", "sykmeld", "sjukmeld", "leder", "leiar")


def speaks_of_work(both: Both) -> bool:
    """Whether a sentence is for those who work."""
    return any(word in text.lower() for text in both for word in _WORK)


# Words of a season, and the months from and to in which they are said.
_SEASONS = (
    ("i sommer", 7, 12),
    ("siden sommeren", 8, 12),
    ("i vår", 4, 12),
    ("til våren", 9, 2),
    ("etter vinteren", 2, 6),
    ("vinteren", 10, 4),
    ("kaldt", 10, 4),
    ("kulda", 10, 4),
    ("isen", 11, 4),
    ("brodder", 11, 4),
    ("snø", 11, 4),
    ("i hagen", 4, 10),
    ("bjørka", 4, 8),
    ("sykkel", 4, 10),
    ("influensa a", 11, 4),
    ("rs-virus", 11, 4),
)


@lru_cache(maxsize=4096)
def in_season(text: str, month: int) -> bool:
    """Whether a sentence in bokmål may be said in a month: nobody paints the house or falls on ice in every one."""
    words = text.lower()
    return all(
        start <= month <= end if start <= end else month >= start or month <= end
        for word, start, end in _SEASONS
        if re.search(rf"\b{word}\b", words)
    )


def comma(value: float, decimals: int) -> str:
    """A number with decimal comma."""
    return f"{value:.{decimals}f}".replace(".", ",")


def inside(name: str) -> str:
    """A name of an illness inside a sentence: proper names keep their capital."""
    proper = name.startswith(("ADHD", "Alzheimers", "Parkinsons"))
    return name if proper else name[0].lower() + name[1:]
