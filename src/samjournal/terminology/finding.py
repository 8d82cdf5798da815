"""Finding codes by what somebody types, and what lies under a code. hl7.org/fhir/R4/valueset-operation-expand.html

found = await find(db, ICD_10, "hjertesv", language="nb")
codes = await below(db, ICD_10, "I50")
"""

from __future__ import annotations

from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.folding import fold
from samjournal.terminology import systems
from samjournal.terminology.concepts import key, words
from samjournal.terminology.loaded import LOADED, Language
from samjournal.terminology.texts import text as text_of

_SQL = queries("samjournal.terminology")
_LONGEST = 200
"""More letters are not looked at: no name is so long."""

_LAST = "\U0010ffff"
"""What begins with a text sorts below that text with this behind it."""

_PART = 3
"""Shorter parts are not looked for inside words: they are in too many."""


class Found(NamedTuple):
    """One code with its text in the language asked for."""

    system: str
    code: str
    text: str


async def find(
    db: Pool | Connection, system: str, typed: str, *, language: Language = "nb", count: int = 20
) -> list[Found]:
    """The codes in use of a system that begin with what was typed or whose words do, the closest first.

    Each word typed must begin a word of the name or of a synonym, in any language; `svikt` finds `hjertesvikt` too when
    there is room. A code is found with or without its point.
    """
    asked = words(typed[:_LONGEST])
    if not asked:
        return []
    names = LOADED.same(systems.canonical(system))
    query = " & ".join(f"'{word}':*" for word in asked)
    start = key(typed[:_LONGEST])
    rows = await db.fetch(_SQL.find_words, names, query, start, start + _LAST, fold(typed[:_LONGEST]), count)
    if len(rows) < count and max(map(len, asked)) >= _PART:
        there = [row["code"] for row in rows]
        parts = [f"%{word}%" for word in asked]
        rows += await db.fetch(_SQL.find_parts, names, parts, there, count - len(rows))
    return [_found(row, language) for row in rows]


async def below(db: Pool | Connection, system: str, code: str) -> set[str]:
    """A code and every code that lies under it, withdrawn ones included: they stand in old records."""
    system = systems.canonical(system)
    rows = await db.fetch(_SQL.below, LOADED.same(system), systems.written(system, code))
    return {row["code"] for row in rows}


def _found(row: tuple[str, ...], language: Language) -> Found:
    system, code, display, nb, nn, en = row
    in_row = {"nb": nb, "nn": nn, "en": en}[language] or display or nb or nn or en
    return Found(system, code, text_of(system, code, language) or in_row or code)
