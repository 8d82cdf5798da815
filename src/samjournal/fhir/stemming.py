"""The stem of a Norwegian word: `sviktende`, `svikten` and `svikt` are one. snowballstem.org/algorithms/norwegian

The same stems as PostgreSQL's `norwegian_stem` (a test compares), made here so that what is stored and what is asked
for are cut alike, whatever the database server's release.
"""

from __future__ import annotations

from functools import lru_cache

_VOWELS = frozenset("aeiouyæåø")
_BEFORE_S = frozenset("bcdfghjlmnoprtvyz")
_ENDINGS = (
    "a e ede ande ende ane ene hetene en heten ar er heter as es edes endes enes hetenes ens hetens ers ets et het ast "
    "s erte ert"
)
_LAST = "leg eleg ig eig lig elig els lov elov slov hetslov"
ENDINGS, LAST = (tuple(sorted(words.split(), key=len, reverse=True)) for words in (_ENDINGS, _LAST))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """The stem of a folded word."""
    start = _region(word)
    if start is None:
        return word
    word = _without_ending(word, start)
    if word[start:].endswith(("dt", "vt")):
        word = word[:-1]
    last = next((one for one in LAST if word[start:].endswith(one)), "")
    return word.removesuffix(last) if last else word


@lru_cache(maxsize=65_536)
def root(word: str) -> str:
    """The stem of a folded word, cut until nothing falls off: `senteret` is cut to `senter`, and that to `sent`, so
    that each finds the other."""
    while (cut := stem(word)) != word:
        word = cut
    return word


def _region(word: str) -> int | None:
    """Where endings may begin: after the first consonant behind a vowel, and never before the fourth letter."""
    seen = False
    for place, letter in enumerate(word):
        if letter in _VOWELS:
            seen = True
        elif seen:
            return max(place + 1, 3)
    return None


def _without_ending(word: str, start: int) -> str:
    region = word[start:]
    ending = next((one for one in ENDINGS if region.endswith(one)), "")
    if ending in ("erte", "ert"):
        return word.removesuffix(ending) + "er"
    if ending == "s":
        before = word[-2]
        follows_k = before == "k" and word[-3:-2] not in _VOWELS
        return word[:-1] if before in _BEFORE_S or follows_k else word
    return word.removesuffix(ending) if ending else word
