"""From text to the words it is found by: folded, cut to their root, and parted where they are compounds.

    vector(texts) -> str       a tsvector as PostgreSQL reads it; '' where there is no word
    sought(word) -> str        what a word that somebody asks for is found under: its root
    words(text) -> list[str]   the words of a text
    pieces(text, roots)        a text in pieces, with those marked that one of the roots finds

postgresql.org/docs/current/datatype-textsearch.html#DATATYPE-TSVECTOR
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import NamedTuple

from samjournal.fhir.compounds import parts
from samjournal.fhir.folding import fold
from samjournal.fhir.stemming import root

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
    return [word for joined in _WORD.findall(_composed(text)) for word in fold(joined).split("-")]


def _composed(text: str) -> str:
    """The text with each letter as one sign, so that an accent parts no word."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def pieces(text: str, roots: Collection[str]) -> list[tuple[str, bool]]:
    """The text in pieces: True for a word that is found by one of the roots, which are as `sought` gives them."""
    whole, found, at = _composed(text), list[tuple[str, bool]](), 0
    for match in _WORD.finditer(whole):
        if any(lexeme in roots for lexemes in _found_by(match[0], False) for lexeme in lexemes):
            found += [(whole[at : match.start()], False), (match[0], True)]
            at = match.end()
    return [piece for piece in (*found, (whole[at:], False)) if piece[0]]


def sought(word: str) -> str:
    """What a folded word is looked for as: its root; what is longer than any word, such as data, as it begins."""
    return root(word) if len(word) <= _LONGEST else word[:_LONGEST]


def _found_by(written: str, as_written: bool) -> tuple[tuple[str, ...], ...]:
    """Everything that a word in a text is found by. What is longer than any word is not kept in memory."""
    return (_stored if len(written) <= _LONGEST else _stored.__wrapped__)(written, as_written)


@lru_cache(maxsize=65_536)
def _stored(written: str, as_written: bool) -> tuple[tuple[str, ...], ...]:
    """The same; where a hyphen joins several, each of them, and all as one."""
    several = fold(written).split("-")
    found = [dict.fromkeys(_roots(word)) for word in several]
    if as_written:
        for kept, word in zip(found, several, strict=True):
            kept[word[:_LONGEST]] = None
    if len(several) > 1:
        found[0] |= dict.fromkeys(_roots("".join(several)))
    return tuple(map(tuple, found))


def _roots(word: str) -> Iterable[str]:
    yield sought(word)
    if len(word) <= _LONGEST:
        yield from map(sought, parts(word))


def vector(texts: Iterable[Text], *, as_written: bool = False) -> str:
    """The words of some texts with their places; words of a narrative, which come first, weigh A. A phrase never
    reaches from one text into the next. With `as_written` the words are there as they stand too, for those who ask how
    they begin."""
    found: dict[str, list[int]] = {}
    place, narrated, room = 0, 0, _ROOM
    for text, narrative in texts:
        for written in _WORD.findall(_composed(text)):
            for lexemes in _found_by(written, as_written):
                place += 1
                at = min(place, _LAST_PLACE)
                for lexeme in lexemes:
                    places = found.get(lexeme)
                    if places is None:
                        found[lexeme] = [at]
                        room -= len(lexeme.encode()) + 6
                    elif places[-1] != at and len(places) < _PLACES:
                        places.append(at)
                        room -= 2
            if room < 0 or place > MAX_WORDS:
                break
        if narrative:
            narrated = min(place, _LAST_PLACE)
        place += 1
    return " ".join(f"'{lexeme}':{_places(places, narrated)}" for lexeme, places in found.items())


def _places(places: list[int], narrated: int) -> str:
    return ",".join(f"{place}A" if place <= narrated else str(place) for place in places)
