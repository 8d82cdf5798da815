"""A demo that is cut off is finished by asking again: nothing is missing, nothing is there twice, nothing changed."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from samjournal import accounts
from samjournal.db.pool import Pool
from samjournal.demo.region import generate
from samjournal.fhir.numbers import number
from samjournal.server.demo import SEED, make_demo
from samjournal.server.exits import Refused

pytestmark = pytest.mark.anyio
PEOPLE = 120


async def _patients(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM store.current WHERE type = $1", number("Patient"))
    return count


async def _moment(pool: Pool) -> datetime:
    body = await pool.fetchval("SELECT body FROM store.version WHERE type = $1", number("Basic"))
    return datetime.fromisoformat(body.decode().partition("demo:moment")[2].split('"')[4])


async def _cut_off(pool: Pool, *, at: int) -> None:
    """Begin, and stop in the middle as Ctrl-C does."""
    work = asyncio.create_task(make_demo(pool, inhabitants=PEOPLE, depth="register", tell=lambda _: None))
    while await _patients(pool) < at:
        assert not work.done()
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_what_was_cut_off_is_finished_as_if_it_had_not_been(pool: Pool) -> None:
    await accounts.create(pool, kind="demo")
    await _cut_off(pool, at=1)
    assert await _patients(pool) < PEOPLE
    assert await make_demo(pool, inhabitants=PEOPLE, depth="register", tell=lambda _: None)
    made = generate(PEOPLE, SEED, await _moment(pool), "register")
    expected = {(number(one["resourceType"]), one["id"]) for one in made} | {(number("Basic"), "demo-region")}
    rows = await pool.fetch("SELECT type, id FROM store.version")
    assert len(rows) == len(expected)
    assert {(row["type"], row["id"]) for row in rows} == expected


async def test_what_is_all_there_is_left_as_it_is(pool: Pool) -> None:
    told: list[str] = []
    assert not await make_demo(pool, inhabitants=PEOPLE, depth="register", tell=told.append)
    assert not await make_demo(pool, inhabitants=PEOPLE, tell=told.append), "a server that starts on it leaves it so"
    assert told == []


async def test_a_demo_with_another_seed_is_refused_by_name(pool: Pool) -> None:
    with pytest.raises(Refused, match="seed 2026"):
        await make_demo(pool, inhabitants=PEOPLE, seed=7, tell=lambda _: None)


async def test_those_in_the_register_get_their_histories_when_asked_for(pool: Pool) -> None:
    before = await _patients(pool)
    await make_demo(pool, inhabitants=PEOPLE, depth="years", tell=lambda _: None)
    assert await _patients(pool) == before
    made = {(number(r["resourceType"]), r["id"]) for r in generate(PEOPLE, SEED, await _moment(pool))}
    rows = await pool.fetch("SELECT type, id FROM store.current")
    assert made <= {(row["type"], row["id"]) for row in rows}
