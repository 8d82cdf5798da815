"""`samjournal doctor`: looks for what is wrong with an installation and says what to do about it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from samjournal import access, accounts, record, terminology
from samjournal.db import migrate, rights
from samjournal.db.pool import Pool
from samjournal.record import (
    Door,
    Drift,
    all_standing,
    compare_projections,
    compare_search,
    open_door,
    unresolved,
)
from samjournal.server.welcome import tell


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `text` says what was seen and, where it is wrong, what to do. With `note` it is
    nothing wrong, but somebody may want to know it."""

    what: str
    right: bool
    text: str
    note: bool = False

    @property
    def mark(self) -> str:
        return "WRONG" if not self.right else "note " if self.note else "ok   "


Check = Callable[[Pool], AsyncIterator[Finding]]


async def examine(pool: Pool, *, data_dir: Path | None, rebuild: bool = False, quick: bool = False) -> int:
    """Look at everything, tell it line by line, and return the number of findings. `quick` leaves out what reads the
    whole record."""
    wrong = 0
    whole = () if quick else (projections(rebuild), references)
    for check in (database, schema, roles, erasures, space(data_dir), size, search_parameters, *whole):
        async for finding in check(pool):
            tell(f"{finding.mark} {finding.what}: {finding.text}")
            wrong += not finding.right
    tell("Nothing is wrong." if not wrong else f"{wrong} finding{'s' if wrong > 1 else ''}.")
    return wrong


def projections(rebuild: bool) -> Check:
    """Whether what is kept of the record beside it is what the record says; with `rebuild` it is set right, and what
    search needs of every resource is looked at too."""

    async def check(pool: Pool) -> AsyncIterator[Finding]:
        door = await _door(pool)
        if door is None:
            return
        # Who may act for another is set right, but counts only when the register says so again: whoever wrote it once
        # is not told by what was written.
        permit = access.for_system("doctor", scope="system/*.cruds", request="doctor")
        async for drift in compare_projections(door, permit, rebuild=rebuild):
            what = "codes" if drift.type in terminology.PROJECTED else "relations"
            yield _drifted(f"{what} from {drift.type}", drift, rebuild)
        if rebuild:
            async for drift in compare_search(door, rebuild=True):
                yield _drifted(f"search of {drift.type}", drift, rebuild)

    return check


def _drifted(what: str, drift: Drift, rebuild: bool) -> Finding:
    told = f"{drift.compared} compared"
    if drift.differing:
        mended = "set right" if rebuild else "run samjournal doctor --rebuild"
        told += f", {drift.differing} differ ({', '.join(drift.wrong[:5])}): {mended}"
    return Finding(what, not drift.differing, told + ".")


async def references(pool: Pool) -> AsyncIterator[Finding]:
    """References that lead to nothing that is stored. They are accepted, for what they name may come later."""
    door = await _door(pool)
    if door is None:
        return
    looked_at, missing = 0, Counter[str]()
    async for type_, count, found in unresolved(door):
        looked_at += count
        for one in found:
            missing[type_] += 1
            if missing[type_] <= _LISTED:
                yield Finding("reference", True, f"{one.source} {one.path} → {one.target} leads nowhere.", note=True)
    for type_, many in missing.items():
        if many > _LISTED:
            yield Finding("references", True, f"{many - _LISTED} more from {type_} lead nowhere.", note=True)
    told = f"{looked_at} resources looked through, {missing.total()} references lead nowhere."
    yield Finding("references", True, told)


_LISTED = 100
"""So many of each type are listed."""


async def _door(pool: Pool) -> Door | None:
    installation = await accounts.installation(pool)
    return await open_door(pool, secret=installation.secret) if installation else None


async def search_parameters(pool: Pool) -> AsyncIterator[Finding]:
    """Search parameters that were added, and how far what is stored is indexed by them."""
    if not await pool.fetchval("SELECT to_regclass('store.parameter') IS NOT NULL"):
        return  # The schema is older, as was told.
    for one in await all_standing(pool):
        for far in one.types:
            told = f"SearchParameter/{one.id}: {far.told()}."
            if one.changed:
                told += " What is stored by now is another: activate it again to search by that."
            yield Finding(f"search by {far.type}.{one.code}", True, told, note=one.changed or not far.ready)


async def database(pool: Pool) -> AsyncIterator[Finding]:
    """What answers, and whether it promises to keep what it was given."""
    version, durable, checksums = await pool.fetchrow(  # type: ignore[misc]
        "SELECT current_setting('server_version'), current_setting('fsync') = 'on'"
        " AND current_setting('full_page_writes') = 'on' AND current_setting('synchronous_commit') <> 'off',"
        " current_setting('data_checksums') = 'on'"
    )
    yield Finding("database", True, f"PostgreSQL {version} answers.")
    yield Finding(
        "durability",
        durable,
        "Commits wait for the disk."
        if durable
        else "Commits do not wait for the disk: turn on fsync, full_page_writes and synchronous_commit.",
    )
    yield Finding(
        "checksums",
        checksums,
        "Pages have checksums." if checksums else "Pages have no checksums: run pg_checksums --enable.",
    )


async def schema(pool: Pool) -> AsyncIterator[Finding]:
    """Whether the schema is the one that this program brings."""
    async with pool.acquire() as connection:
        try:
            missing = await migrate.pending(connection)
        except migrate.SchemaRefused as refused:
            yield Finding("schema", False, str(refused))
            return
    yield Finding(
        "schema",
        not missing,
        f"Missing: {', '.join(missing)}; start the server once." if missing else "Up to date.",
    )


async def roles(pool: Pool) -> AsyncIterator[Finding]:
    """Whether the roles of the database may what they must, and no more."""
    async with pool.acquire() as connection:
        if not await pool.fetchval("SELECT to_regclass('store.tombstone') IS NOT NULL"):
            return  # The schema is older, as was told.
        wrong = await rights.differences(connection)
    told = f"{'; '.join(wrong[:5])}{' …' if wrong[5:] else ''}: run `samjournal database prepare` as the owner."
    yield Finding("roles", not wrong, told if wrong else "Each may what it must, and no more.")


async def erasures(pool: Pool) -> AsyncIterator[Finding]:
    """Whether everything that two persons decided to erase was erased."""
    door = await _door(pool)
    if door is None or not await pool.fetchval("SELECT to_regclass('access.erasure') IS NOT NULL"):
        return  # Nothing is installed, or the schema is older, as was told.
    waiting = await record.erasures(door)
    for one in waiting:
        if one.confirmed is not None:
            told = f"{one.said} was confirmed and is not erased: samjournal record expunge carry-out {one.id}."
            yield Finding("erasure", False, told)
    if open_ := [one for one in waiting if one.confirmed is None and one.deadline > datetime.now(UTC)]:
        yield Finding("erasure", True, f"{len(open_)} proposals wait to be confirmed.", note=True)


def space(data_dir: Path | None) -> Check:
    """Room on the disk of an embedded database: a full disk stops all writing."""

    async def look(_: Pool) -> AsyncIterator[Finding]:
        if data_dir is None:
            return
        free = shutil.disk_usage(data_dir).free
        enough = free > 2_000_000_000
        yield Finding("disk", enough, f"{free / 1e9:.1f} GB free{'' if enough else ': make room before it is full'}.")

    return look


async def size(pool: Pool) -> AsyncIterator[Finding]:
    """How large the database is, and whether anything keeps it from cleaning up."""
    bytes_used = await pool.fetchval("SELECT pg_database_size(current_database())")
    yield Finding("size", True, f"The database takes {bytes_used / 1e6:.0f} MB.")
    oldest = await pool.fetchval(
        "SELECT coalesce(max(extract(epoch FROM now() - xact_start)), 0) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    yield Finding(
        "transactions",
        oldest < 60,
        f"The oldest open transaction has lasted {oldest:.0f} s{'' if oldest < 60 else ': feed readers wait for it'}.",
    )
