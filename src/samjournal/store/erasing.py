"""Erasing: tombstones in the place of what versions said, and nothing of it left in search. Inside a transaction.

    bodies(db, gone, version) -> list[Body]     what still stands of some resources, or of one version of each
    bury(db, gone, version, by)                 tombstones in its place
    forget(db, bodies)                          texts that only these had
    drop_answers(db, gone)                      answers kept for later that show it
    tombstone(db, type, id, version)            by which decision a version was erased

Only the database's role of erasure may do it, and only what a confirmed decision covers (migration 0018).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.numbers import name, number
from samjournal.fhir.parameters import for_type
from samjournal.store import rows
from samjournal.store.search import display, text

_SQL = queries("samjournal.store")
Named = tuple[str, str]


class Body(NamedTuple):
    """What a version says."""

    type: str
    id: str
    version: int
    body: bytes


class Decided(NamedTuple):
    """By which decision, and whose."""

    erasure: UUID
    decision: str
    proposed_by: str
    confirmed_by: str


class Tombstone(NamedTuple):
    """What stands where a version was: when it was erased, by which decision, and the digest (sha-256) of its bytes."""

    version: int
    at: datetime
    decision: str
    digest: bytes


class Standing(NamedTuple):
    """What stands of a resource: under which patient (key), whose it is, how many versions say something; `has` whether
    the version that was asked for does."""

    patient: int
    owner: int
    newest: int
    versions: int
    first: datetime | None
    last: datetime | None
    has: bool


async def stands(db: Pool | Connection, type_: str, id_: str, version: int | None) -> Standing | None:
    """What stands of a resource, None for what was never stored."""
    row = await db.fetchrow(_SQL.erase_stands, number(type_), id_, version)
    return Standing(*row) if row else None


async def under(db: Pool | Connection, patient: int) -> dict[int, int]:
    """How many resources under a patient are not erased, by the key of whose they are."""
    return {row["owner"]: row["resources"] for row in await db.fetch(_SQL.erase_counted, patient)}


async def following(db: Pool | Connection, patient: int, *, besides: Named, limit: int) -> list[Named]:
    """The next resources under a patient that are not erased."""
    rows = await db.fetch(_SQL.erase_next, patient, number(besides[0]), besides[1], limit)
    return [(name(row["type"]), row["id"]) for row in rows]


async def referrers(db: Pool | Connection, one: Named, *, outside: int | None, limit: int) -> list[Named]:
    """What refers to a resource; with `outside` only what does not lie under that patient."""
    token = rows.referring("/".join(one))
    found = await db.fetch(_SQL.erase_referrers, token, outside, limit)
    return [(name(row["type"]), row["id"]) for row in found]


async def bodies(db: Connection, gone: Sequence[Named], version: int | None) -> list[Body]:
    found = await db.fetch(_SQL.erase_bodies, *_asked(gone), version)
    return [Body(name(row["type"]), row["id"], row["version"], row["body"]) for row in found]


async def bury(db: Connection, gone: Sequence[Named], version: int | None, by: Decided) -> None:
    await db.execute(_SQL.erase_mark, *_asked(gone), version, *by)
    await db.execute(_SQL.erase_clear, *_asked(gone), version)


async def tell(db: Connection, one: Body, patient: int) -> None:
    """A line in the feed for one version."""
    await db.execute(_SQL.erase_tell, patient, number(one.type), one.id, one.version)


async def drop_answers(db: Connection, gone: Sequence[Named]) -> None:
    await db.execute(_SQL.erase_hold_jobs)
    await db.execute(_SQL.erase_jobs, *_asked(gone))


async def forget(db: Connection, erased: Sequence[Body]) -> None:
    """Forget what codes and references were called there, where nothing else is called so. Most is, and is found by the
    tokens that these had; for the rest every name is asked."""
    called: dict[int, tuple[int, str]] = {}
    tokens: dict[tuple[int, int], None] = {}
    for one in erased:
        index = rows.index(msgspec.json.decode(one.body), references.texts(one.body))
        for found in index.displays:
            called[found.hash] = found.kind, found.folded
            tokens |= {(found.hash, token): None for token in _tokens(_names(one.type, found.kind), found.folded)}
    if not called:
        return
    await db.execute(_SQL.erase_by_index)
    used = await db.fetch(_SQL.erase_used, *map(list, zip(*tokens, strict=True)))
    leaving = called.keys() - {row["hash"] for row in used}
    everywhere = {kind: _names_everywhere(kind) for kind in {called[hash_][0] for hash_ in leaving}}
    unused = []
    for hash_ in leaving:
        kind, folded = called[hash_]
        if not await db.fetchval(_SQL.erase_used_anywhere, _tokens(everywhere[kind], folded)):
            unused.append(hash_)
    if unused:
        await db.execute(_SQL.erase_displays, unused)


def _tokens(names: Sequence[str], folded: str) -> list[int]:
    return [display.token_of(name_, folded) for name_ in names]


def _names_everywhere(kind: int) -> list[str]:
    return [name_ for type_ in sorted(load().resources) for name_ in _names(type_, kind)]


def _names(type_: str, kind: int) -> list[str]:
    """The names under which texts of a kind lie in resources of a type: of codes those of token parameters and of short
    free texts, else those of references, which have another for patients; those of protected fields apart."""
    closed = "|closed" if kind >= display.CLOSED else ""
    is_code = kind % display.CLOSED == display.CODES
    wanted = "token" if is_code else "reference"
    names = [f"{type_}.{code}{closed}" for code, one in for_type(type_).items() if one.type == wanted]
    if is_code:
        return [*names, text.said(type_)]
    return [*names, *(under for name_ in names if (under := display.naming(name_, "Patient")) and under != name_)]


async def tombstone(db: Pool | Connection, type_: str, id_: str, version: int) -> Tombstone | None:
    """By which decision a version was erased; for the version that tells of it, the newest that was."""
    row = await db.fetchrow(_SQL.tombstone, number(type_), id_, version)
    return Tombstone(row["version"], row["at"], row["decision"], bytes(row["digest"])) if row else None


def _asked(gone: Sequence[Named]) -> tuple[list[int], list[str]]:
    return [number(type_) for type_, _ in gone], [id_ for _, id_ in gone]
