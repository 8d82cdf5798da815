"""Names as a list that is searched by words, however they are spelt. Pure, in memory.

    words = Wordlist(names)              names: texts, each by its place
    words.begin(["hjertesv"])            the places of the names that have a word which begins so, for all words typed
    words.hold(["svikt"])                … which holds it anywhere
    words.resemble(["elvblest"])         … which differs by a slip or two, with how many

Spelling that varies in medicine (urticaria, urtikaria) is levelled before anything is compared, so a c for a k is no
mistake. A mistake is a letter left out, added, changed, or two that changed places (Damerau's distance): none in words
of up to three letters, one in up to seven, two in longer ones.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache

from samjournal.terminology.concepts import words as words_of

_LEVEL = (("ch", "k"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("rh", "r"), ("qu", "kv"), ("x", "ks"), ("æ", "e"))
_LEVEL_MORE = (("oe", "ø"), ("aa", "å"), ("z", "s"), ("c", "k"), ("q", "k"), ("w", "v"))
_TWICE = re.compile(r"(.)\1+")
_CLOSE = 60
"""So many words at most are compared letter by letter with one that was typed."""
_LAST = "\U0010ffff"


def level(word: str) -> str:
    """A folded word as it is compared: spellings that mean the same are one."""
    for written, same in (*_LEVEL, *_LEVEL_MORE):
        word = word.replace(written, same)
    return _TWICE.sub(r"\1", word)


def typed_words(text: str) -> list[str]:
    """The words of what somebody typed, levelled."""
    return [level(word) for word in words_of(text)]


def slips(word: str) -> int:
    """How many mistakes a word may have and still be meant."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


class Wordlist:
    """Names by their words."""

    def __init__(self, names: Iterable[str]) -> None:
        places: dict[str, array[int]] = {}
        levelled = cache(level)
        for place, name in enumerate(names):
            for word in {levelled(one) for one in words_of(name)}:
                places.setdefault(word, array("I")).append(place)
        self._words = sorted(places)
        self._places = [places[word] for word in self._words]
        self._all = "\n" + "\n".join(self._words) + "\n"
        self._starts = array("I", _offsets(self._words))
        self._thirds: dict[str, array[int]] = {}
        for number, word in enumerate(self._words):
            for part in _parts(word):
                self._thirds.setdefault(part, array("I")).append(number)

    def begin(self, typed: Sequence[str]) -> set[int]:
        """The names of which for each word typed some word begins with it."""
        return self._every(self._beginning(word) for word in typed)

    def hold(self, typed: Sequence[str]) -> set[int]:
        """The names of which for each word typed some word holds it; parts under three letters must begin one."""
        return self._every(self._holding(word) if len(word) > 2 else self._beginning(word) for word in typed)

    def resemble(self, typed: Sequence[str]) -> tuple[set[int], int]:
        """The names of which for each word typed some word begins with it or resembles it, and how many mistakes they
        are away in all."""
        found, mistakes = [], 0
        for word in typed:
            numbers, away = (there, 0) if (there := list(self._beginning(word))) else self._resembling(word)
            found.append(numbers)
            mistakes += away
        return self._every(found), mistakes

    def _every(self, found: Iterable[Iterable[int]]) -> set[int]:
        left: set[int] | None = None
        for numbers in found:
            here: set[int] = set()
            for number in numbers:
                here.update(self._places[number])
            left = here if left is None else left & here
            if not left:
                return set()
        return left or set()

    def _beginning(self, word: str) -> range:
        return range(bisect_left(self._words, word), bisect_left(self._words, word + _LAST))

    def _holding(self, word: str) -> list[int]:
        found, at = [], self._all.find(word)
        while at >= 0:
            number = bisect_left(self._starts, at + 1) - 1
            found.append(number)
            at = self._all.find(word, self._all.index("\n", at))
        return found

    def _resembling(self, word: str) -> tuple[list[int], int]:
        """The words nearest to one, or to its beginning while it is being typed, and how far they are away."""
        most = slips(word)
        if not most:
            return [], 0
        shared: Counter[int] = Counter()
        for part in _parts(word):
            shared.update(self._thirds.get(part, ()))
        away: dict[int, int] = {}
        for number, _ in shared.most_common(_CLOSE):
            other = self._words[number]
            # A word that is not typed to its end is compared with as much of the other.
            near = min(distance(word, other, most), distance(word, other[: len(word)], most) if len(word) > 4 else 9)
            if near <= most:
                away[number] = near
        if not away:
            return [], 0
        nearest = min(away.values())
        return [number for number, near in away.items() if near == nearest], nearest


def distance(one: str, other: str, most: int) -> int:
    """How many letters must be changed, added, left out or swapped to make one word of the other; more than `most`
    is told as `most` + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        now = [i]
        for j, there in enumerate(other, 1):
            cost = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (letter != there))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == there:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > most:
            return most + 1
        before, last = last, now
    return last[-1]


def _parts(word: str) -> set[str]:
    """The parts of two letters of a word, with its beginning marked: a mistake leaves most of them as they are."""
    marked = f"^{word}"
    return {marked[at : at + 2] for at in range(len(marked) - 1)}


def _offsets(words: Sequence[str]) -> Iterable[int]:
    """Where each word begins in the text that has all of them, one a line."""
    at = 1
    for word in words:
        yield at
        at += len(word) + 1
