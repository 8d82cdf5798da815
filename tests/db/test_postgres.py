"""Drills of the embedded PostgreSQL: killed at any moment, it comes back with everything that was committed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from samjournal.db import pool as pools
from samjournal.db.folder import until
from samjournal.db.postgres import CannotStart, InUse, Postgres, at, reach, running, stop

pytestmark = [pytest.mark.anyio, pytest.mark.drill]

KEEPER = Path(__file__).with_name("keeper.py")
READY_WITHIN = 20.0


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that was stopped cleanly, to be copied: making one anew takes most of a second."""
    folder = tmp_path_factory.mktemp("made") / "data"
    with keeper(folder):
        pass
    return folder


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("run"))
    yield folder
    end(folder)


# The program that owns the folder is killed


async def test_postgresql_that_outlived_its_program_is_adopted(data: Path) -> None:
    with keeper(data) as (program, postmaster):
        program.kill()
        program.wait()
        with within(READY_WITHIN), keeper(data) as (_, adopted):
            assert adopted == postmaster


async def test_program_and_postgresql_killed_together_come_back_with_what_was_committed(data: Path) -> None:
    with keeper(data) as (program, postmaster):
        async with connected(data) as connection:
            await connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
            os.kill(postmaster, signal.SIGKILL)
            program.kill()
            program.wait()
    with within(READY_WITHIN), keeper(data):
        async with connected(data) as connection:
            assert await connection.fetchval("SELECT n FROM kept") == 1


@pytest.mark.drill
@pytest.mark.parametrize("moment", [0.0, 0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0])
async def test_killed_while_the_database_is_made_the_next_start_makes_it(
    tmp_path: Path, moment: float, *, is_drill: bool
) -> None:
    if moment not in (0.1, 0.45, 0.8) and not is_drill:
        pytest.skip("make prove tries more moments")
    folder = tmp_path / "data"
    program = started(folder)
    await asyncio.sleep(moment)
    program.kill()
    program.wait()
    with within(READY_WITHIN), keeper(folder):
        async with connected(folder) as connection:
            assert await connection.fetchval("SELECT 1") == 1
    assert not list(folder.glob("postgres.new-*"))


async def test_killed_during_recovery_recovers_again(data: Path) -> None:
    with keeper(data) as (program, postmaster):
        async with connected(data) as connection:
            await connection.execute(
                "CREATE TABLE much AS SELECT n, repeat('x', 500) AS t FROM generate_series(1, 60000) n"
            )
        os.kill(postmaster, signal.SIGKILL)
        program.kill()
        program.wait()
    for pause in (0.12, 0.2, 0.3):
        program = started(data)
        await asyncio.sleep(pause)
        for pid in processes(data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        program.kill()
        program.wait()
    with within(READY_WITHIN), keeper(data):
        async with connected(data) as connection:
            assert await connection.fetchval("SELECT count(*) FROM much") == 60000


# PostgreSQL is killed under a running program


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT])
async def test_killed_postgresql_is_started_again_and_the_pool_recovers(data: Path, number: signal.Signals) -> None:
    async with running(data, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=4)
        await pool.execute("CREATE TABLE kept AS SELECT 1 AS n")
        os.kill(postgres.pid, number)
        with within(READY_WITHIN):
            await answered_again(postgres, pool)
        assert await pool.fetchval("SELECT n FROM kept") == 1
        await pool.close()


async def test_killed_backend_fails_its_own_request_only(data: Path) -> None:
    async with running(data, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=4)
        victim = await pool.fetchval("SELECT pg_backend_pid()")
        os.kill(victim, signal.SIGKILL)
        with within(READY_WITHIN):
            while True:
                with contextlib.suppress(pools.Unavailable):
                    await pool.fetchval("SELECT 1")
                    break
                await asyncio.sleep(0.05)
        assert postgres.restarts == 0
        await pool.close()


async def test_busy_orphan_of_a_killed_postgresql_does_not_keep_the_next_from_starting(data: Path) -> None:
    async with running(data, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=2)
        # A loop in PL/pgSQL asks nobody whether the postmaster still lives.
        busy = asyncio.create_task(pool.execute("DO $$ BEGIN LOOP END LOOP; END $$"))
        await asyncio.sleep(0.3)
        os.kill(postgres.pid, signal.SIGKILL)
        with within(READY_WITHIN):
            await answered_again(postgres, pool)
        with pytest.raises(pools.Unavailable):
            await busy
        await pool.close(patience=1)


async def test_requests_while_the_database_is_away_are_refused_at_once(data: Path) -> None:
    async with running(data, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=2)
        await stop(postgres)
        begun = time.monotonic()
        with pytest.raises(pools.Unavailable):
            await pool.fetchval("SELECT 1")
        assert time.monotonic() - begun < 1
        await pool.close()


async def test_connection_lost_while_committing_is_told_as_unknown(data: Path) -> None:
    async with running(data, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=2)
        await pool.execute(
            "CREATE TABLE slow (n int);"
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(5); RETURN NULL; END';"
            "CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION wait()"
        )

        async def save() -> None:
            async with pool.transaction() as connection:
                backends.append(await connection.fetchval("SELECT pg_backend_pid()"))
                await connection.execute("INSERT INTO slow VALUES (1)")

        backends: list[int] = []
        saving = asyncio.create_task(save())
        await asyncio.sleep(0.5)
        os.kill(backends[0], signal.SIGKILL)
        with pytest.raises(pools.Unavailable) as caught:
            await saving
        assert caught.value.unknown
        await pool.close()


async def test_connection_lost_before_the_commit_is_told_as_not_done(data: Path) -> None:
    async with running(data, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=2)

        async def lose() -> None:
            async with pool.transaction() as connection:
                os.kill(await connection.fetchval("SELECT pg_backend_pid()"), signal.SIGKILL)
                await asyncio.sleep(0.2)

        with pytest.raises(pools.Unavailable) as caught:
            await lose()
        assert not caught.value.unknown
        await pool.close()


async def test_vanished_database_is_not_replaced_by_an_empty_one(data: Path) -> None:
    shutil.rmtree(data / "postgres")
    with pytest.raises(CannotStart, match="gone"):
        async with running(data, purpose="serve"):
            pass


# Left-over files and odd places


async def test_left_over_files_that_name_a_living_stranger_are_removed(data: Path) -> None:
    place = at(data).sockets
    stranger = subprocess.Popen(["sleep", "60"])  # noqa: ASYNC220
    try:
        text = f"{stranger.pid}\n{data}/postgres\n1700000000\n5432\n{place}\n\n  5432001  999999\nready   \n"
        (data / "postgres" / "postmaster.pid").write_text(text)
        (place / ".s.PGSQL.5432").write_text("")
        (place / ".s.PGSQL.5432.lock").write_text(text)
        with within(READY_WITHIN):
            async with running(data, purpose="serve"):
                pass
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("name", ["med mellomrom og æøå", "long-" * 30, "comma,and 'quote\""])
async def test_folder_of_any_name_works(made: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    shutil.copytree(made, folder, ignore=shutil.ignore_patterns("run"))
    async with running(folder, purpose="serve") as postgres:
        pool = await pools.connect(postgres.dsn, size=1)
        assert await pool.fetchval("SELECT 1") == 1
        await pool.close()


async def test_second_program_on_a_folder_is_told_who_has_it(data: Path) -> None:
    with keeper(data) as (program, _), pytest.raises(InUse, match=rf"samjournal serve.*{program.pid}"):
        async with running(data, purpose="serve"):
            pass


async def test_other_commands_use_the_database_of_the_running_server(data: Path) -> None:
    with keeper(data):
        async with reach(data, purpose="token") as dsn:
            pool = await pools.connect(dsn, size=1)
            assert await pool.fetchval("SELECT 1") == 1
            await pool.close()


async def test_two_commands_without_a_server_share_one_database(data: Path) -> None:
    async def command(seconds: float) -> int:
        async with reach(data, purpose="token") as dsn:
            pool = await pools.connect(dsn, size=1)
            await asyncio.sleep(seconds)
            value = await pool.fetchval("SELECT 1")
            await pool.close()
            return int(value)

    assert await asyncio.gather(command(0.3), command(1.5), command(0.1)) == [1, 1, 1]
    assert not processes(data)


async def test_folder_of_another_postgresql_is_refused_with_advice(data: Path) -> None:
    (data / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotStart, match="made by PostgreSQL 17"):
        async with running(data, purpose="serve"):
            pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to become somebody else")
def test_root_without_user_namespaces_runs_it_as_nobody_and_adopts_it(tmp_path: Path) -> None:
    forbidden = tmp_path / "bin" / "unshare"
    forbidden.parent.mkdir()
    forbidden.write_text("#!/bin/sh\nexit 1\n")
    forbidden.chmod(0o755)
    path = f"{forbidden.parent}:{os.environ['PATH']}"
    folder = tmp_path / "data"
    try:
        with keeper(folder, PATH=path) as (program, postmaster):
            assert Path(f"/proc/{postmaster}").stat().st_uid == 65534
            program.kill()
            program.wait()
            with keeper(folder, PATH=path) as (_, adopted):
                assert adopted == postmaster
        # The cluster goes on belonging to nobody, also where namespaces are allowed.
        with keeper(folder) as (_, postmaster):
            assert Path(f"/proc/{postmaster}").stat().st_uid == 65534
    finally:
        end(folder)


async def test_database_lets_nobody_else_in(data: Path) -> None:
    async with running(data, purpose="serve"):
        assert (data / "postgres").stat().st_mode & 0o077 == 0
        assert at(data).sockets.stat().st_mode & 0o077 == 0


# What the drills use


def started(folder: Path, **environment: str) -> subprocess.Popen[str]:
    line = [sys.executable, KEEPER, folder]
    return subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})


@contextlib.contextmanager
def keeper(folder: Path, **environment: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The program that owns the folder, and the process of its PostgreSQL."""
    program = started(folder, **environment)
    assert program.stdout is not None
    try:
        line = program.stdout.readline()
        assert line.startswith("ready"), line
        yield program, int(line.split()[1])
    finally:
        program.terminate()
        program.wait(30)
        program.stdout.close()


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


@contextlib.asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(host=str(at(folder).sockets), user="samjournal", database="samjournal")
    try:
        yield connection
    finally:
        connection.terminate()


async def answered_again(postgres: Postgres, pool: pools.Pool) -> None:
    await until(lambda: postgres.restarts > 0, patience=60)
    while True:
        with contextlib.suppress(pools.Unavailable):
            await pool.fetchval("SELECT 1")
            return
        await asyncio.sleep(0.05)


def processes(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if str((entry / "cwd").readlink()).startswith(f"{folder}/"):
                found.append(int(entry.name))
    return found


def end(folder: Path) -> None:
    for pid in processes(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
