"""Processes beside the load: each brings batches into the record, through a door of its own.

To parse, check and index is most of a load's work, and one process has one core. What is read, named and resolved stays
in the load itself, so that the order of things is decided in one place.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import NamedTuple

import asyncpg
import uvloop

from samjournal import access
from samjournal.db.pool import Unavailable, connect
from samjournal.fhir.errors import Busy, Issue
from samjournal.fhir.parsing import Parsed
from samjournal.record import Arrival, Door, Outcome, Taken, open_door, take_in
from samjournal.server.aside import CONTEXT, begin
from samjournal.server.exits import NotReady
from samjournal.server.load.flights import Carry, is_full


class _Away(NamedTuple):
    """What kept a batch from being stored, in a form that goes from process to process."""

    told: str
    full: bool


@contextlib.asynccontextmanager
async def carriers(dsn: str, secret: bytes, count: int, client: str) -> AsyncIterator[Carry]:
    """So many processes that bring batches into the record in the name of `client`, until the end of this."""
    begin(__name__)
    processes = ProcessPoolExecutor(count, mp_context=CONTEXT, initializer=_begin, initargs=(dsn, secret, client))
    loop = asyncio.get_running_loop()

    def start() -> None:
        for _ in range(count):
            processes.submit(_open)

    # The first files are read meanwhile: what the processes come from answers when it has imported all that they need.
    started = asyncio.create_task(asyncio.to_thread(start))

    async def carry(arrivals: Sequence[Arrival]) -> list[Taken]:
        try:
            await asyncio.shield(started)
            taken = await loop.run_in_executor(processes, _carry, [_sent(one) for one in arrivals])
        except BrokenProcessPool:
            raise NotReady(
                "A process of the load was ended from outside (is the memory full?). Repeat the command: it goes on"
                " where it stopped."
            ) from None
        if isinstance(taken, _Away):
            raise Unavailable(taken.told) from (asyncpg.DiskFullError() if taken.full else None)
        return [
            Taken(outcome, one.type, one.id, version, issues)
            for one, (outcome, version, issues) in zip(arrivals, taken, strict=True)
        ]

    try:
        yield carry
    finally:
        await asyncio.wait([started])
        await asyncio.to_thread(processes.shutdown, cancel_futures=True)


# In the processes


class _Post:
    """What one of the processes works with."""

    loop: asyncio.AbstractEventLoop
    dsn: str
    secret: bytes
    client: str
    door: Door | None = None


def _begin(dsn: str, secret: bytes, client: str) -> None:
    # Who interrupts the load interrupts all of it; the load says when these end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_load, daemon=True).start()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
    _Post.loop = uvloop.new_event_loop()
    _Post.dsn, _Post.secret, _Post.client = dsn, secret, client


def _end_with_the_load() -> None:
    """A load that was killed cannot say so."""
    load = multiprocessing.parent_process()
    assert load is not None
    wait([load.sentinel])
    os._exit(1)


def _open() -> None:
    _Post.loop.run_until_complete(_door())


# Plain tuples go from process to process in a third of the time that values of our own take.
_Sent = tuple[str, str, "bytes | Parsed | None", bool, bool]
_Outcome = tuple[Outcome, "int | None", tuple[Issue, ...]]


def _sent(one: Arrival) -> _Sent:
    return one.type, one.id, one.sent, one.is_new, one.is_compact


def _carry(sent: list[_Sent]) -> list[_Outcome] | _Away:
    return _Post.loop.run_until_complete(_through_the_door([Arrival(*one) for one in sent]))


async def _door() -> Door:
    if _Post.door is None:
        _Post.door = await open_door(await connect(_Post.dsn, size=2, statement_timeout=60), secret=_Post.secret)
    return _Post.door


async def _through_the_door(arrivals: list[Arrival]) -> list[_Outcome] | _Away:
    try:
        permit = access.for_system(_Post.client, scope=None, request=_Post.client)
        taken = await take_in(await _door(), permit, arrivals)
        return [(one.outcome, one.version, one.issues) for one in taken]
    except (Unavailable, Busy) as error:
        return _Away(str(error), is_full(error))
