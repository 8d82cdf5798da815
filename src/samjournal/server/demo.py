"""`samjournal demo`: a region of synthetic people in an empty record, through the door as everything else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.demo.chart import Resource
from samjournal.demo.organisations import register
from samjournal.demo.region import charts
from samjournal.demo.staff import accounts as demo_accounts
from samjournal.record import Change, Door, change, existing, is_done, open_door

SEED = 2026
_AT_ONCE = 12
"""Charts in one transaction: about half a second's work."""
T = TypeVar("T")


async def make_demo(pool: Pool, *, inhabitants: int, tell: Callable[[str], None]) -> None:
    """Make the demo people, or the rest of them if an earlier attempt was cut off; nothing if they are all there.

    `tell` shows one line to the person at the terminal. With no inhabitants there are units, personas' accounts and
    no patients.
    """
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    permit = access.for_system("demo", scope=None, request="demo")
    done = _key("done", str(inhabitants))
    if await is_done(door, done):
        return
    began = time.monotonic()
    async with pool.transaction() as db:
        await accounts.add(db, demo_accounts())
    made = await _people(door, permit, inhabitants, tell) if inhabitants > 0 else 0
    await change(door, permit, [], claim=done)
    tell(f"Made {made} people in {time.monotonic() - began:.0f} s.")


async def _people(door: Door, permit: Permit, inhabitants: int, tell: Callable[[str], None]) -> int:
    await _store(door, permit, list(register()), _key("register"))
    made = 0
    for some in _batches(charts(inhabitants, SEED, datetime.now(UTC)), _AT_ONCE):
        there = await existing(door, "Patient", [chart.id for chart in some])
        resources = [resource for chart in some if chart.id not in there for resource in chart.resources]
        made += len(some)
        await _store(door, permit, resources, None)
        if made % (_AT_ONCE * 10) == 0:
            tell(f"  {made} of {inhabitants} people")
    return made


async def _store(door: Door, permit: Permit, resources: list[Resource], claim: bytes | None) -> None:
    """A chart is stored whole or not at all, so a patient who is there has all of it."""
    creates = [Change.with_id(resource) for resource in resources]
    await change(door, permit, creates, action="import", claim=claim)


def _key(*parts: str) -> bytes:
    return sha256("\n".join(("demo", str(SEED), *parts)).encode()).digest()


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while some := list(islice(source, size)):
        yield some
