"""From text to the words it is found by: folded, cut to their stem, and parted where they are compounds.

    vector(texts) -> str       a tsvector as PostgreSQL reads it; '' where there is no word
    sought(word) -> str        what a word that somebody asks for is found under: its stem
    words(text) -> list[str]   the words of a text

postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSVECTOR
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from samjournal.fhir.compounds import parts
from samjournal.fhir.folding import fold
from samjournal.fhir.stemming import stem

MAX_WORDS = 50_000
"""So many words of a resource are found; what stands after them is not."""

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LONGEST = 100
_PLACES = 100
"""So many places of a word are kept, for phrases."""
_ROOM = 900_000
"""Bytes of words and places that fit into one tsvector, with something to spare."""
_LAST_PLACE = 16_383


class Text(NamedTuple):
    """A text, and whether it is narrative, which can be searched for itself."""

    text: str
    narrative: bool = False


def words(text: str) -> list[str]:
    """The words of a text, folded; what a hyphen joins is several."""
    return [word for joined in _joined(text) for word in joined.split("-")]


def _joined(text: str) -> Iterator[str]:
    for found in _WORD.finditer(unicodedata.normalize("NFC", text)):
        yield fold(found[0])


@lru_cache(maxsize=65_536)
def sought(word: str) -> str:
    """What a folded word is looked for as: its stem, cut until nothing falls off. `senteret` is cut to `senter`, and
    that to `sent`, so that each finds the other."""
    while (cut := stem(word)) != word:
        word = cut
    return word[:_LONGEST]


@lru_cache(maxsize=65_536)
def _stored(word: str, as_written: bool) -> tuple[str, ...]:
    """Everything that a word in a text is found by."""
    found = dict.fromkeys(sought(part) for part in (word, *parts(word)))
    return (*found, word[:_LONGEST]) if as_written and word not in found else tuple(found)


def vector(texts: Iterable[Text], *, as_written: bool = False) -> str:
    """The words of some texts with their places; words of a narrative weigh A. A phrase never reaches from one text
    into the next. With `as_written` the words are there as they stand too, for those who ask how they begin."""
    found: dict[str, list[str]] = {}
    place, room = 0, _ROOM
    for text, narrative in texts:
        weight = "A" if narrative else ""
        for joined in _joined(text):
            several = joined.split("-")
            at = min(place + 1, _LAST_PLACE)
            if len(several) > 1:
                room -= _put(found, _stored("".join(several), as_written), f"{at}{weight}")
            for word in several:
                place += 1
                room -= _put(found, _stored(word, as_written), f"{min(place, _LAST_PLACE)}{weight}")
            if room < 0 or place > MAX_WORDS:
                return _literal(found)
        place += 1
    return _literal(found)


def _put(found: dict[str, list[str]], lexemes: Iterable[str], place: str) -> int:
    """Add a place to some words; the bytes that it takes."""
    taken = 0
    for lexeme in lexemes:
        places = found.get(lexeme)
        if places is None:
            found[lexeme] = [place]
            taken += len(lexeme.encode()) + 4
        elif len(places) < _PLACES and places[-1] != place:
            places.append(place)
            taken += 2
    return taken


def _literal(found: dict[str, list[str]]) -> str:
    return " ".join(f"'{lexeme}':{','.join(places)}" for lexeme, places in found.items())
