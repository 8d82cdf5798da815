"""What search has of the newest versions, to compare with what the resources say, and to be written anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any, NamedTuple

import asyncpg

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.numbers import number
from samjournal.store.rows import Index
from samjournal.store.search import display
from samjournal.store.search.text import Words

_SQL = queries("samjournal.store")


class Searched(NamedTuple):
    """A resource as it lies, and the rows that it is found by."""

    id: str
    body: bytes
    rows: Index


async def after(db: Connection, type_: str, id_: str, *, limit: int) -> list[Searched]:
    """The next resources of a type after an id ('' begins), in a transaction that sees one moment."""
    rows = await db.fetch(_SQL.searched, number(type_), id_, limit)
    ids = [row["id"] for row in rows]
    strings, dates, numbers = [
        await _of(db, statement, type_, ids) for statement in (_SQL.strings_of, _SQL.dates_of, _SQL.numbers_of)
    ]
    texts: dict[str, list[Words]] = defaultdict(list)
    for row in await db.fetch(_SQL.texts_of, [row["patient"] for row in rows], number(type_), ids):
        texts[row["id"]].append(Words(row["kind"], row["digest"], ""))
    return [
        Searched(
            row["id"],
            row["body"],
            Index(
                patient=row["patient"],
                others=row["others"],
                tokens=row["tokens"],
                lo=_aware(row["lo"]),
                hi=_aware(row["hi"]),
                strings=strings[row["id"]],
                dates=[(param, _aware(lo), _aware(hi)) for param, lo, hi in dates[row["id"]]],
                numbers=numbers[row["id"]],
                protected=row["protected"],
                texts=texts[row["id"]],
            ),
        )
        for row in rows
    ]


def _aware(moment: Any) -> Any:
    """The driver keeps the ends of time as infinite, and gives them back without a zone."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


async def _of(db: Connection, statement: str, type_: str, ids: Sequence[str]) -> dict[str, list[tuple[Any, ...]]]:
    found: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in await db.fetch(statement, number(type_), ids):
        found[row["id"]].append(tuple(row)[1:])
    return found


def alike(standing: Index, right: Index) -> bool:
    """Whether rows say the same. A resource stays protected once it was, and stays under the patient where it is."""
    parts: tuple[Callable[[Index], Sequence[Any]], ...] = (
        lambda one: one.others,
        lambda one: one.tokens,
        lambda one: one.strings,
        lambda one: one.dates,
        lambda one: one.numbers,
        lambda one: [(words.kind, words.digest) for words in one.texts],
    )
    return (
        (standing.lo, standing.hi) == (right.lo, right.hi)
        and (standing.protected or not right.protected)
        and all(set(part(standing)) == set(part(right)) for part in parts)
    )


async def write(db: Connection, type_: str, was: asyncpg.Record, right: Index) -> None:
    """Write the rows of one resource anew; `was` is its newest version, locked."""
    here = (number(type_), was["id"])
    await db.execute(
        _SQL.reindex, *here, right.others, right.tokens, right.lo, right.hi, was["protected"] or right.protected
    )
    patient = was["patient"]
    for forget in (_SQL.forget_strings, _SQL.forget_dates):
        await db.execute(forget, *here)
    await db.execute(_SQL.forget_numbers, *here, patient)
    await db.executemany(_SQL.add_string, [(patient, row[0], *here, *row[1:]) for row in right.strings])
    await db.executemany(_SQL.add_date, [(patient, row[0], *here, *row[1:]) for row in right.dates])
    await db.executemany(_SQL.add_number, [(patient, row[0], row[1], *here, *row[2:]) for row in right.numbers])
    if right.texts:
        columns = zip(*((patient, *here, *words) for words in right.texts), strict=True)
        await db.execute(_SQL.add_texts, *map(list, columns))
    await display.keep(db, right.displays)
