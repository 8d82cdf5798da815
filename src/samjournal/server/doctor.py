"""`samjournal doctor`: looks for what is wrong with an installation and says what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from samjournal import access, accounts
from samjournal.db import migrate
from samjournal.db.pool import Pool
from samjournal.record import compare_projections, open_door
from samjournal.server.welcome import tell


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: `text` says what was seen and, where it is wrong, what to do."""

    what: str
    right: bool
    text: str


Check = Callable[[Pool], AsyncIterator[Finding]]


async def examine(pool: Pool, *, data_dir: Path | None, rebuild: bool) -> int:
    """Look at everything, tell it line by line, and return the number of findings."""
    wrong = 0
    for check in (database, schema, space(data_dir), size, projections(rebuild)):
        async for finding in check(pool):
            tell(f"{'ok   ' if finding.right else 'WRONG'} {finding.what}: {finding.text}")
            wrong += not finding.right
    tell("Nothing is wrong." if not wrong else f"{wrong} finding{'s' if wrong > 1 else ''}.")
    return wrong


def projections(rebuild: bool) -> Check:
    """Whether what access keeps of the record is what the record says; with `rebuild` it is set right."""

    async def check(pool: Pool) -> AsyncIterator[Finding]:
        installation = await accounts.installation(pool)
        if installation is None:
            return
        door = await open_door(pool, secret=installation.secret)
        permit = access.for_system("doctor", scope=None, request="doctor")
        async for drift in compare_projections(door, permit, rebuild=rebuild):
            told = f"{drift.compared} compared"
            if drift.wrong:
                mended = "set right" if rebuild else "run samjournal doctor --rebuild"
                told += f", {len(drift.wrong)} differ ({', '.join(drift.wrong[:5])}): {mended}"
            yield Finding(f"relations from {drift.type}", not drift.wrong, told + ".")

    return check


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
