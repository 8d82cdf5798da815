"""The schema, brought up to date by numbered SQL files, each in one transaction. docs/decisions has why.

`migrations/0001_name.sql`, `0002_…`: numbers without gaps, never changed once released. A file may begin with
`-- oldest: 0003`: programs that know fewer than three migrations cannot run on the schema that it leaves.
Without that line the limit of the file before stays, so the previous release runs on a newer schema.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import asyncpg

from samjournal.db.pool import translated

DIRECTORY = Path(__file__).parent / "migrations"

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql\Z")
_OLDEST = re.compile(r"\A\s*--\s*oldest:\s*(\d+)\s*$", re.MULTILINE)
_LOCK = 7_265_766_001

_BOOK = """
CREATE TABLE IF NOT EXISTS migration (
    number   integer PRIMARY KEY,
    name     text NOT NULL,
    digest   bytea NOT NULL,
    oldest   integer NOT NULL,
    program  text NOT NULL,
    applied  timestamptz NOT NULL DEFAULT clock_timestamp()
)
"""


class SchemaRefused(Exception):
    """The schema in the database and this program do not go together. The text says what to do."""


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str
    oldest: int | None

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.sql.encode()).digest()


def known(directory: Path = DIRECTORY) -> list[Migration]:
    """The migrations that this program brings, in order."""
    found = []
    for path in sorted(directory.glob("*.sql")):
        name = _NAME.match(path.name)
        if name is None:
            raise SchemaRefused(f"{path.name} is not named like 0001_name.sql.")
        sql = path.read_text(encoding="utf-8")
        oldest = _OLDEST.match(sql)
        found.append(Migration(int(name[1]), name[2], sql, int(oldest[1]) if oldest else None))
    numbers = [migration.number for migration in found]
    if numbers != list(range(1, len(numbers) + 1)):
        raise SchemaRefused(f"The migrations in {directory} are not numbered 1, 2, 3 …: {numbers}.")
    return found


async def migrate(dsn: str, *, directory: Path = DIRECTORY) -> list[str]:
    """Bring the database up to date and return the names of what was applied. Raises SchemaRefused."""
    migrations = known(directory)
    with translated():
        connection = await asyncpg.connect(dsn, timeout=10)
    try:
        if await _is_current(connection, migrations):
            return []
        # One program migrates, the others wait for it; the lock goes with the connection.
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute("SET lock_timeout = '10s'")
        await connection.execute(_BOOK)
        done = await _applied(connection)
        _check(migrations, done)
        oldest = done[-1]["oldest"] if done else 1
        names = []
        for migration in migrations[len(done) :]:
            oldest = migration.oldest or oldest
            async with connection.transaction():
                await connection.execute(migration.sql)
                await connection.execute(
                    "INSERT INTO migration (number, name, digest, oldest, program) VALUES ($1, $2, $3, $4, $5)",
                    migration.number, migration.name, migration.digest, oldest, _program(),
                )  # fmt: skip
            names.append(f"{migration.number:04}_{migration.name}")
        return names
    except asyncpg.InsufficientPrivilegeError as error:
        raise SchemaRefused(
            f"The schema is not what this program needs, and this role of the database may not change it ({error})."
            " Let the owner of the database run `samjournal database prepare`, then start again."
        ) from None
    finally:
        await connection.close()


async def pending(connection: Any, *, directory: Path = DIRECTORY) -> list[str]:
    """The migrations that the database lacks. Raises SchemaRefused if it is too new for this program."""
    migrations = known(directory)
    done = await _applied(connection)
    _check(migrations, done)
    return [f"{migration.number:04}_{migration.name}" for migration in migrations[len(done) :]]


async def _is_current(connection: Any, migrations: Sequence[Migration]) -> bool:
    done = await _applied(connection)
    _check(migrations, done)
    return len(done) >= len(migrations) and bool(done)


async def _applied(connection: Any) -> list[asyncpg.Record]:
    if not await connection.fetchval("SELECT to_regclass('public.migration') IS NOT NULL"):
        return []
    rows: list[asyncpg.Record] = await connection.fetch(
        "SELECT number, name, digest, oldest FROM migration ORDER BY number"
    )
    return rows


def _check(migrations: Sequence[Migration], done: Sequence[asyncpg.Record]) -> None:
    if len(done) > len(migrations) and done[-1]["oldest"] > len(migrations):
        raise SchemaRefused(
            f"The database was made by a newer Samjournal (schema {done[-1]['number']}; this program knows"
            f" {len(migrations)}). Start the newer release, or restore a backup from before the upgrade."
        )
    for migration, row in zip(migrations, done, strict=False):
        if row["digest"] != migration.digest:
            raise SchemaRefused(
                f"Migration {migration.number:04}_{migration.name} was changed after it was applied to this database."
                " Released migrations stay as they are; while developing, start with an empty data folder (make clean)."
            )


def _program() -> str:
    try:
        return version("samjournal")
    except PackageNotFoundError:
        return "source"
