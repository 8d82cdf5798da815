"""Norwegian compounds and what they are put together of: `hjertesvikt` is `hjerte` and `svikt`.

A word is parted only where every part is a word of our list (`stems.txt`), with `s` or `e` between where Norwegian has
it; the last part may be inflected. What the list does not know stays whole: no guess finds what nobody wrote.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files

from samjournal.fhir.stemming import root

_SHORTEST = 6
"""Shorter words are not put together of others that anybody would look for."""

_LONGEST = 64
"""Longer ones are no words that somebody wrote: data, or a key that stuck."""

_FIRST, _LAST = 3, 3
"""The fewest letters of a first part, and of the last."""

_INFLECTED = 4
"""The fewest letters of a last part that is not written as in the list: shorter ones fit too much by chance."""

_PREFIXES = "anti bi blå etter hyper hypo intra inter mellom mikro ny over peri poly post pre re residiv sub tverr"
_WHOLE = frozenset(("planlegge", "planlegger", "planleggjar", "barnebarn"))
"""What only looks like a compound of our words."""

_BEFORE = frozenset(_PREFIXES.split())
"""What stands before a word and is none that is looked for itself."""


_Cut = tuple[tuple[int, int], ...]


@lru_cache(maxsize=65_536)
def parts(word: str) -> tuple[str, ...]:
    """What a folded word is put together of, each part and what lies beside each other: of three parts also the first
    two and the last two. Nothing for a word that is no compound."""
    if not _SHORTEST <= len(word) <= _LONGEST or word in _WHOLE:
        return ()
    cut = _cut(word, 0, {})
    if cut is None:
        return ()
    runs = [(first, last) for first in range(len(cut)) for last in range(first, len(cut))]
    found = [
        word[cut[first][0] : cut[last][1]]
        for first, last in sorted(runs, key=lambda run: run[1] - run[0])
        if last - first < len(cut) - 1
    ]
    return tuple(dict.fromkeys(one for one in found if one not in _BEFORE or one in _words()))


def _cut(word: str, start: int, known: dict[int, _Cut | None]) -> _Cut | None:
    """Where the parts from a place on begin and end: as few as can be, the first as long as can be. `known`: what was
    found from which place, since `nyre` repeated can be parted in two ways at each of its places."""
    if start in known:
        return known[start]
    best: _Cut | None = None
    for end in range(len(word) - _LAST, start + 1, -1):
        head = word[start:end]
        if head not in _BEFORE and (len(head) < _FIRST or head not in _words()):
            continue
        for then in (end, end + 1):
            if then > end and word[end] not in "se":
                continue
            rest = ((then, len(word)),) if _is_last(word[then:]) else _cut(word, then, known)
            if rest is not None and (best is None or len(rest) + 1 < len(best)):
                best = ((start, end), *rest)
    known[start] = best
    return best


def _is_last(word: str) -> bool:
    return word in _words() or (len(word) >= _INFLECTED and len(root(word)) >= _FIRST and root(word) in _roots())


@cache
def _words() -> frozenset[str]:
    lines = files(__package__).joinpath("stems.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _roots() -> frozenset[str]:
    return frozenset(map(root, _words()))
