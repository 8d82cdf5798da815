"""The embedded PostgreSQL 18 of a data folder: start, adopt, watch, stop.

    async with running(Path("data"), purpose="serve") as postgres:   # owns the folder, keeps it alive, stops it
        pool = await samjournal.db.pool.connect(postgres.dsn)
    async with reach(Path("data"), purpose="token") as dsn:          # uses the one that runs, else as above

PostgreSQL runs in a session of its own: Ctrl-C in a terminal reaches our program, which drains before it stops
the database. postgresql.org/docs/18/server-start.html, postgresql.org/docs/18/server-shutdown.html
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import asyncpg

from samjournal.db import cluster
from samjournal.db.folder import (
    PORT,
    CannotStart,
    Folder,
    InUse,
    at,
    is_owned,
    owned,
    owner_of,
    processes,
    send,
    take,
    until,
    waited,
    works_in,
)

__all__ = ["CannotStart", "Folder", "InUse", "Postgres", "at", "keep", "reach", "running", "start", "stop"]

DATABASE = "samjournal"

# How long an earlier PostgreSQL may say nothing or be ending, and how long it may take to recover.
_SILENCE = 8.0
_PATIENCE = 120.0

# How long an orderly stop may take. It writes out what lies in shared buffers.
_ORDERLY = 20.0

_log = logging.getLogger("samjournal.postgres")


@dataclass(slots=True)
class Postgres:
    """A running server. `dsn` is for `pool.connect` and, as it is, for psql and pg_dump."""

    folder: Folder
    dsn: str
    pid: int
    state: Literal["running", "down"] = "running"
    reason: str = ""
    restarts: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    child: subprocess.Popen[bytes] | None = None  # None for an adopted one

    @property
    def alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return works_in(self.pid, self.folder)

    def dsn_of(self, database: str) -> str:
        return _dsn(self.folder, database)


@contextlib.asynccontextmanager
async def running(
    path: Path, *, purpose: str, settings: Mapping[str, str] | None = None, patience: float = 0
) -> AsyncIterator[Postgres]:
    """Own the folder and run its PostgreSQL until the block ends; it is started again whenever it was killed.

    Raises InUse when another program owns the folder for longer than `patience` seconds.
    """
    folder = at(path)
    async with owned(folder, purpose=purpose, patience=patience):
        postgres = await start(folder, settings=settings)
        keeper = asyncio.create_task(keep(postgres), name="postgres-keeper")
        try:
            yield postgres
        finally:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
            # Whoever came in by `reach` meanwhile finishes first, unless this is the server itself that stops.
            guests_gone = await waited(folder.guests, patience=0 if purpose == "serve" else 60)
            with guests_gone or contextlib.nullcontext():
                await asyncio.shield(stop(postgres))


@contextlib.asynccontextmanager
async def reach(path: Path, *, purpose: str, patience: float = 30) -> AsyncIterator[str]:
    """The DSN of the folder's PostgreSQL: of the one that another program runs, else of one run for this block."""
    folder = at(path)
    guest = await waited(folder.guests, shared=True, patience=patience)
    with guest or contextlib.nullcontext():
        begun = time.monotonic()
        while is_owned(folder):
            if await _answers(_dsn(folder, DATABASE)) == "yes":
                yield _dsn(folder, DATABASE)
                return
            if time.monotonic() - begun > patience:
                raise CannotStart(f"{owner_of(folder)} has {folder.root}, but its database does not answer.")
            await asyncio.sleep(0.1)
    async with running(path, purpose=purpose, patience=patience) as postgres:
        yield postgres.dsn


async def start(folder: Folder, *, settings: Mapping[str, str] | None = None, create: bool = True) -> Postgres:
    """Start the folder's PostgreSQL, or adopt one that outlived the program which started it.

    The caller owns the folder. With `create=False` a missing cluster is an error.
    """
    settings = settings or {}
    line = cluster.command(folder, settings)
    begun = heard = time.monotonic()
    while (life := take(folder.life)) is None:
        pid = _postmaster(folder)
        answer = await _answers(_dsn(folder, "postgres")) if pid else "silent"
        if pid and answer == "yes":
            if cluster.runs_with(folder, line):
                _log.info("adopted the PostgreSQL that was still running", extra={"pid": pid})
                return await _with_database(Postgres(folder, _dsn(folder, DATABASE), pid, settings=settings))
            send(pid, signal.SIGINT)
        if pid and answer != "silent" and _status(folder) != "stopping":
            heard = time.monotonic()
        # Children of a killed server end by themselves when they are idle, but a busy one may go on for long.
        if not pid or time.monotonic() - heard > _SILENCE:
            _kill(folder)
        if time.monotonic() - begun > _PATIENCE:
            raise CannotStart(f"An earlier PostgreSQL has {folder.cluster} and does not end: {processes(folder)}.")
        await asyncio.sleep(0.05)
    with life:
        if strangers := processes(folder):
            raise InUse(f"A PostgreSQL that Samjournal did not start (process {strangers[0]}) has {folder.cluster}.")
        cluster.sweep(folder)
        await cluster.ensure(folder, life, create=create)
        child = cluster.spawn(folder, line, life)
    try:
        await _until_ready(folder, child)
        made = Postgres(folder, _dsn(folder, DATABASE), child.pid, settings=settings, child=child)
        return await _with_database(made)
    except BaseException:
        # Also when the start is cancelled: what was begun is ended before anybody else may have the folder.
        if child.poll() is None:
            child.send_signal(signal.SIGQUIT)
            await asyncio.shield(asyncio.to_thread(child.wait, 10))
        raise


async def keep(postgres: Postgres) -> None:
    """Start PostgreSQL again whenever it ended without being asked to. Runs until cancelled."""
    stopping = 0.0
    while True:
        await asyncio.sleep(0.1)
        if postgres.alive:
            # A plain `kill` asks PostgreSQL to wait until all clients have left, which a pool never does.
            stopping = stopping + 0.1 if _status(postgres.folder) == "stopping" else 0.0
            if stopping:
                send(postgres.pid, signal.SIGINT if stopping < _ORDERLY else signal.SIGQUIT)
            continue
        postgres.state = "down"
        _log.error("PostgreSQL ended and is started again", extra={"pid": postgres.pid})
        await _start_again(postgres)


async def _start_again(postgres: Postgres) -> None:
    pause = 0.1
    while postgres.state == "down":
        try:
            new = await start(postgres.folder, settings=postgres.settings, create=False)
        except (CannotStart, OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            postgres.reason = str(error)
            _log.error("PostgreSQL does not start", extra={"reason": postgres.reason})
            await asyncio.sleep(pause)
            pause = min(pause * 2, 5)
        else:
            postgres.pid, postgres.child = new.pid, new.child
            postgres.state, postgres.reason = "running", ""
            postgres.restarts += 1
            _log.warning("PostgreSQL runs again", extra={"pid": postgres.pid})


async def stop(postgres: Postgres) -> None:
    """Stop cleanly. What does not end in time is ended hard, which costs a recovery at the next start and no data."""
    # An orderly stop that is asked for in the middle of a recovery never ends (seen with 18.4).
    deadline = time.monotonic() + _ORDERLY
    while postgres.alive and time.monotonic() < deadline:
        if await _answers(postgres.dsn) != "not yet":
            break
        await asyncio.sleep(0.05)
    for ask, patience in ((signal.SIGINT, _ORDERLY), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)):
        if postgres.alive:
            send(postgres.pid, ask)
            await until(lambda: not postgres.alive, patience=patience)
    life = await waited(postgres.folder.life, patience=5)
    if life is not None:
        life.close()
    else:
        _kill(postgres.folder)
    postgres.state = "down"


def _kill(folder: Folder) -> None:
    for pid in processes(folder):
        send(pid, signal.SIGKILL)


async def _with_database(postgres: Postgres) -> Postgres:
    """The server with Samjournal's database in it: a kill may have come between making the two."""
    try:
        connection = await asyncpg.connect(postgres.dsn, timeout=10)
    except asyncpg.InvalidCatalogNameError:
        connection = await asyncpg.connect(postgres.dsn_of("postgres"), timeout=10)
        with contextlib.suppress(asyncpg.DuplicateDatabaseError):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    await connection.close()
    return postgres


async def _until_ready(folder: Folder, child: subprocess.Popen[bytes]) -> None:
    begun = told = time.monotonic()
    while True:
        if child.poll() is not None:
            raise CannotStart(f"PostgreSQL does not start in {folder.root}: {cluster.complaint(folder)}")
        if _status(folder) == "ready" and await _answers(_dsn(folder, "postgres")) == "yes":
            return
        if time.monotonic() - told > 5:
            told = time.monotonic()
            _log.warning("PostgreSQL is still recovering", extra={"seconds": round(told - begun)})
        await asyncio.sleep(0.01)


async def _answers(dsn: str) -> Literal["yes", "not yet", "silent"]:
    try:
        connection = await asyncpg.connect(dsn, timeout=5)
    except asyncpg.PostgresError:
        return "not yet"
    except (OSError, asyncpg.InterfaceError):
        return "silent"
    await connection.close()
    return "yes"


def _dsn(folder: Folder, database: str) -> str:
    return f"postgresql:///{database}?host={quote(str(folder.sockets), safe='')}&port={PORT}&user={cluster.USER}"


def _postmaster(folder: Folder) -> int | None:
    """The process that postmaster.pid names, if that is truly a PostgreSQL of this folder."""
    try:
        pid = int(_pid_file(folder)[0])
    except (IndexError, ValueError):
        return None
    return pid if pid > 0 and works_in(pid, folder) else None


def _status(folder: Folder) -> str:
    """What the postmaster says of itself: starting, ready, stopping."""
    lines = _pid_file(folder)
    return lines[7].strip() if len(lines) > 7 else ""


def _pid_file(folder: Folder) -> list[str]:
    try:
        return folder.cluster.joinpath("postmaster.pid").read_text().split("\n")
    except (OSError, UnicodeDecodeError):
        return []
