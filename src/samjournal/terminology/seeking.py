"""Codes of diagnoses as somebody looks for them who has no time: by names, everyday words, abbreviations, with slips.

    await ready(db)                                        what is searched is made of what is loaded, when that changed
    hits = seek("elvblest", language="nb", first=ICPC_2)   the likeliest first, each with why it is there
    hits = seek("ibux", among=SUBSTANCES)                  what somebody does not tolerate

What is searched: the codes in use of ICPC-2 and ICD-10 that are loaded, by their names in all languages and synonyms;
our own texts (`texts.tsv`) and everyday words (`wordings.tsv`) for them. Of a system that is not loaded the codes of
our own texts are found. Substances are searched the same way: ATC, and of SNOMED CT the foods and pollens that
`substances.tsv` names, and no other of its many codes. Nothing is chosen: a slip is told as one, with the word that was
taken to be meant.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nsmallest
from importlib.resources import files
from typing import Final, Literal, NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.folding import fold
from samjournal.terminology.concepts import key
from samjournal.terminology.loaded import LOADED, Language
from samjournal.terminology.systems import ATC, ICD_10, ICPC_2, SNOMED
from samjournal.terminology.texts import all_texts
from samjournal.terminology.texts import text as text_of
from samjournal.terminology.wordlist import Wordlist, typed_words

_SQL = queries("samjournal.terminology")
Area = tuple[str, ...]
SOUGHT: Final[Area] = (ICPC_2, ICD_10)
"""Diagnoses."""
SUBSTANCES: Final[Area] = (ATC, SNOMED)
"""What somebody does not tolerate."""
_WORDS: Final = {SOUGHT: "wordings.tsv", SUBSTANCES: "substances.tsv"}
_LISTED: Final = frozenset((ICPC_2, ICD_10, ATC))
"""The systems of which every code is found; of others those that everyday words name."""
SHORTEST: Final = 2
"""Fewer letters are not looked for."""
LONGEST: Final = 100
_JUDGED = 400
"""So many names at most are ordered by how well they fit, the shortest."""

Why = Literal["code", "name", "word", "part", "slip", "used", "favourite"]
"""Why a code was found: it was typed; its name; another word for it; a part of a word; it resembles what was typed;
and without anything typed, since it was used last or is a favourite."""
_ORDER: Final = {"code": 0, "name": 1, "word": 1, "part": 2, "slip": 3}


class Hit(NamedTuple):
    """A code, what it is called in the language asked for, why it was found, and the name or word by which. `is_own`:
    it is among the reader's favourites or last used."""

    system: str
    code: str
    text: str
    why: Why
    by: str
    is_own: bool = False


class _Name(NamedTuple):
    """One name of a code; `number` counts the codes; `is_word`: it is another word for it."""

    number: int
    text: str
    folded: str
    is_word: bool


@dataclass(frozen=True, slots=True)
class _Sought:
    """Everything that is searched, made once for what is loaded."""

    changes: int  # of what is loaded, when it was made
    codes: list[tuple[str, str]]
    numbers: dict[tuple[str, str], int]
    keys: dict[str, list[int]]
    names: list[_Name]
    words: Wordlist


_kept: dict[Area, _Sought] = {}
_making = asyncio.Lock()


async def ready(db: Pool | Connection, among: Area = SOUGHT) -> None:
    """Make what is searched anew if other code systems are loaded than when it was made; beside other work."""
    if among in _kept and _kept[among].changes == LOADED.changes:
        return
    async with _making:
        if among in _kept and _kept[among].changes == LOADED.changes:
            return
        changes = LOADED.changes
        asked = {name: system for system in among if system in _LISTED for name in LOADED.same(system)}
        rows = await db.fetch(_SQL.offered, list(asked))
        loaded = [(asked[row[0]], *row[1:]) for row in rows]
        _kept[among] = await asyncio.to_thread(_sought, changes, among, loaded)


def seek(
    typed: str,
    *,
    among: Area = SOUGHT,
    language: Language = "nb",
    first: str = ICPC_2,
    only: str | None = None,
    own: Mapping[tuple[str, str], int] | None = None,
    count: int = 12,
) -> list[Hit]:
    """The codes that are likeliest meant, at most `count`, those of the system `first` before others that fit as well.
    `own` are the reader's favourites and last used by system and code, each with its rank: they come before others
    that fit as well. Whoever asks has awaited `ready`."""
    sought, own = _kept[among], own or {}
    asked = typed_words(typed[:LONGEST])
    if sum(map(len, asked)) < SHORTEST:
        return []
    best: dict[int, tuple[tuple[object, ...], Hit]] = {}

    def take(number: int, why: Why, by: str, *, closeness: int, mistakes: int = 0) -> None:
        system, code = sought.codes[number]
        if only is not None and system != only:
            return
        rank = own.get((system, code))
        order = (_ORDER[why], mistakes, rank is None, rank or 0, closeness, system != first, len(by), code)
        if number not in best or order < best[number][0]:
            hit = Hit(system, code, text_of(system, code, language) or by, why, by, rank is not None)
            best[number] = order, hit

    whole = key(typed[:LONGEST])
    for number in sought.keys.get(whole[:3], ()):
        written = key(sought.codes[number][1])
        if written.startswith(whole):
            take(number, "code", sought.codes[number][1], closeness=len(written) - len(whole))
    begun = sought.words.begin(asked)
    for name in _judged(sought, begun):
        take(name.number, "word" if name.is_word else "name", name.text, closeness=_closeness(name, typed))
    if len(best) < count:
        for name in _judged(sought, sought.words.hold(asked) - begun):
            take(name.number, "part", name.text, closeness=_closeness(name, typed))
    if not best:
        resembling, mistakes = sought.words.resemble(asked)
        for name in _judged(sought, resembling):
            take(name.number, "slip", name.text, closeness=_closeness(name, typed), mistakes=mistakes)
    return [hit for _, hit in nsmallest(count, best.values(), key=lambda one: one[0])]


def is_offered(system: str, code: str, among: Area = SOUGHT) -> bool:
    """Whether a code may be chosen for something new. Whoever asks has awaited `ready`."""
    return (system, code) in _kept[among].numbers


def _closeness(name: _Name, typed: str) -> int:
    """0: it is called just that; 1: it begins with what was typed; 2: one of its words does."""
    said = fold(typed)
    return 0 if name.folded == said else 1 if name.folded.startswith(said) else 2


def _judged(sought: _Sought, places: Collection[int]) -> list[_Name]:
    names = (sought.names[place] for place in places)
    return nsmallest(_JUDGED, names, key=lambda name: len(name.folded)) if len(places) > _JUDGED else list(names)


def _sought(changes: int, among: Area, rows: Collection[tuple[str, ...]]) -> _Sought:
    names = _Names()
    words = _wordings(among)
    named = {code for code, _ in words}
    for system, code, *called, synonyms in rows:
        for text in called:
            names.add(system, code, text)
        for text in synonyms:
            names.add(system, code, text, is_word=True)
    listed = {system for system, *_ in rows}
    # A list that is loaded says which codes there are; of one that is not we know the commonest.
    for (system, code), texts in all_texts().items():
        if system not in among or (system not in _LISTED and (system, code) not in named):
            continue
        if system not in listed or (system, code) in names.numbers:
            for text in texts:
                names.add(system, code, text, is_word=system in listed)
    for (system, code), word in words:
        if (system, code) in names.numbers:
            names.add(system, code, word, is_word=True)
    keys: dict[str, list[int]] = {}
    for (_, code), number in names.numbers.items():
        written = key(code)
        for length in range(SHORTEST, min(len(written), 3) + 1):
            keys.setdefault(written[:length], []).append(number)
    every = Wordlist(name.text for name in names.all)
    return _Sought(changes, list(names.numbers), names.numbers, keys, names.all, every)


class _Names:
    """Names as they are gathered; what a code is called twice is kept once."""

    def __init__(self) -> None:
        self.all: list[_Name] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self._there: set[tuple[int, str]] = set()

    def add(self, system: str, code: str, text: str | None, *, is_word: bool = False) -> None:
        """Another name of a code, or none."""
        if not text:
            return
        number = self.numbers.setdefault((system, code), len(self.numbers))
        folded = fold(text)
        if (number, folded) not in self._there:
            self._there.add((number, folded))
            self.all.append(_Name(number, text, folded, is_word))


@cache
def _wordings(among: Area) -> tuple[tuple[tuple[str, str], str], ...]:
    return tuple(_read_wordings(among))


def _read_wordings(among: Area) -> Iterator[tuple[tuple[str, str], str]]:
    for line in files(__package__).joinpath(_WORDS[among]).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            word, *columns = line.split("\t")
            for system, codes in zip(among, columns, strict=True):
                yield from (((system, code), word) for code in codes.split(",") if code)
