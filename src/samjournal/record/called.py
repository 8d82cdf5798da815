"""Which codes somebody may mean by a word, in any language: what a search in a record looks for too."""

from __future__ import annotations

from typing import Final

from samjournal.db.pool import Connection
from samjournal.fhir.folding import fold
from samjournal.fhir.words import words
from samjournal.record.door import Door
from samjournal.terminology import Found, find, text
from samjournal.terminology.loaded import Language
from samjournal.terminology.texts import SYSTEMS, all_texts

SYSTEMS_FOUND: Final = ("icpc-2", "icd-10", "atc", "loinc", "sct")
MOST: Final = 20


async def codes_called(door: Door, typed: str, language: Language) -> list[Found]:
    """The codes whose names or synonyms have a word that begins so for each word typed, at most twenty of a system."""
    asked = words(typed)
    if not asked:
        return []
    async with door.pool.lane() as db:
        loaded = [one for short in SYSTEMS_FOUND for one in await _loaded(db, SYSTEMS[short], typed, language)]
    there = {(one.system, one.code) for one in loaded}
    return loaded + [one for one in _ours(asked, language) if (one.system, one.code) not in there]


async def _loaded(db: Connection, system: str, typed: str, language: Language) -> list[Found]:
    return await find(db, system, typed, language=language, count=MOST)


def _ours(asked: list[str], language: Language) -> list[Found]:
    found = []
    systems = {SYSTEMS[short] for short in SYSTEMS_FOUND}
    for (system, code), names in all_texts().items():
        if system in systems and any(_fits(asked, name) for name in names):
            found.append(Found(system, code, text(system, code, language) or code))
    return found[:MOST]


def _fits(asked: list[str], name: str) -> bool:
    there = fold(name).split()
    return all(any(word.startswith(one) for word in there) for one in asked)
