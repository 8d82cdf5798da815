"""The schema is brought up to date once, in order, and a program that is too old says so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import asyncpg
import pytest

from samjournal.db.migrate import SchemaRefused, migrate
from samjournal.db.postgres import Postgres

_numbers = count(1)


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    """A database with nothing in it."""
    name = f"migrate_{next(_numbers)}"
    asyncio.run(_execute(postgres.dsn, f"CREATE DATABASE {name}"))
    yield postgres.dsn_of(name)
    asyncio.run(_execute(postgres.dsn, f"DROP DATABASE {name} WITH (FORCE)"))


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _write(folder: Path, *texts: str) -> Path:
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(texts, 1):
        (folder / f"{number:04}_step.sql").write_text(text)
    return folder


ONE, TWO = "CREATE TABLE one (a int);", "ALTER TABLE one ADD COLUMN b int;"


def test_each_is_applied_once_and_in_order(empty: str, tmp_path: Path) -> None:
    folder = _write(tmp_path / "m", ONE)
    assert asyncio.run(migrate(empty, directory=folder)) == ["0001_step"]
    _write(folder, ONE, TWO)
    assert asyncio.run(migrate(empty, directory=folder)) == ["0002_step"]
    assert asyncio.run(migrate(empty, directory=folder)) == []


def test_two_programs_at_once_apply_it_once(empty: str, tmp_path: Path) -> None:
    folder = _write(tmp_path / "m", ONE, TWO)

    async def both() -> list[list[str]]:
        return await asyncio.gather(migrate(empty, directory=folder), migrate(empty, directory=folder))

    assert sorted(asyncio.run(both()), key=len) == [[], ["0001_step", "0002_step"]]


def test_one_that_fails_leaves_nothing_of_itself(empty: str, tmp_path: Path) -> None:
    folder = _write(tmp_path / "m", ONE, "CREATE TABLE two (a int); SELECT nonsense;")
    with pytest.raises(asyncpg.UndefinedColumnError):
        asyncio.run(migrate(empty, directory=folder))
    _write(folder, ONE, "CREATE TABLE two (a int);")
    assert asyncio.run(migrate(empty, directory=folder)) == ["0002_step"]


def test_an_older_program_runs_on_a_newer_schema_unless_the_schema_says_no(empty: str, tmp_path: Path) -> None:
    older, newer = _write(tmp_path / "old", ONE), _write(tmp_path / "new", ONE, TWO)
    asyncio.run(migrate(empty, directory=newer))
    assert asyncio.run(migrate(empty, directory=older)) == []
    newest = _write(tmp_path / "newest", ONE, TWO, "-- oldest: 0003\nALTER TABLE one DROP COLUMN a;")
    asyncio.run(migrate(empty, directory=newest))
    with pytest.raises(SchemaRefused, match="newer Samjournal"):
        asyncio.run(migrate(empty, directory=older))


def test_a_migration_that_was_changed_after_it_was_applied_is_refused(empty: str, tmp_path: Path) -> None:
    asyncio.run(migrate(empty, directory=_write(tmp_path / "m", ONE)))
    with pytest.raises(SchemaRefused, match="was changed"):
        asyncio.run(migrate(empty, directory=_write(tmp_path / "m", ONE + " ")))
