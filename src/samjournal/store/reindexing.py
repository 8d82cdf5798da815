"""What search has of the newest versions, to compare with what the resources say, and to be written anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
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
    return await _searched(db, type_, rows, {row["id"]: row["body"] for row in rows})


async def of(db: Connection, type_: str, ids: Sequence[str]) -> list[Searched]:
    """The rows of some resources, without what they are the rows of."""
    return await _searched(db, type_, await db.fetch(_SQL.indexed_of, number(type_), ids), {})


async def _searched(
    db: Connection, type_: str, rows: Sequence[asyncpg.Record], bodies: Mapping[str, bytes]
) -> list[Searched]:
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
            bodies.get(row["id"], b""),
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
                part=row["part"],
                released=row["released"],
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
    """Whether rows say the same. A resource stays protected once it was, and stays under the patient and in the part
    where it is."""
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
        and standing.part >= right.part
        and standing.released == right.released
        and all(set(part(standing)) == set(part(right)) for part in parts)
    )


async def write(db: Connection, type_: str, some: Sequence[tuple[asyncpg.Record, Index]]) -> None:
    """Write the rows of some resources anew; with each goes its newest version, locked."""
    type_number = number(type_)
    await db.executemany(
        _SQL.reindex,
        [
            (
                type_number,
                was["id"],
                one.others,
                one.tokens,
                one.lo,
                one.hi,
                was["protected"] or one.protected,
                one.indexed,
                max(was["part"], one.part),
                one.released,
            )
            for was, one in some
        ],
    )
    ids = [was["id"] for was, _ in some]
    for forget in (_SQL.forget_all_strings, _SQL.forget_all_dates, _SQL.forget_all_numbers):
        await db.execute(forget, type_number, ids)
    await db.execute(_SQL.forget_texts, [was["patient"] for was, _ in some], [type_number] * len(ids), ids)
    here = [(was["patient"], (type_number, was["id"]), one) for was, one in some]
    strings = [(patient, row[0], *at, *row[1:]) for patient, at, one in here for row in one.strings]
    dates = [(patient, row[0], *at, *row[1:]) for patient, at, one in here for row in one.dates]
    numbers = [(patient, row[0], row[1], *at, *row[2:]) for patient, at, one in here for row in one.numbers]
    for statement, rows in ((_SQL.add_string, strings), (_SQL.add_date, dates), (_SQL.add_number, numbers)):
        if rows:
            await db.executemany(statement, rows)
    texts = [(patient, *at, *words) for patient, at, one in here for words in one.texts]
    if texts:
        await db.execute(_SQL.add_texts, *map(list, zip(*texts, strict=True)))
    await display.keep(db, [name for _, one in some for name in one.displays])
