"""The demo is made once, goes on where it was cut off, and grows."""

from __future__ import annotations

import pytest

from samjournal import accounts
from samjournal.db.pool import Pool
from samjournal.demo.numbers import professional_number
from samjournal.fhir.identifiers import FNR, HPR
from samjournal.server.demo import make_demo

pytestmark = pytest.mark.anyio


async def _patients(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM access.person")
    return count


async def _versions(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM store.version")
    return count


async def test_a_demo_is_made_once_and_grows(pool: Pool) -> None:
    await accounts.create(pool, kind="demo")
    told: list[str] = []
    await make_demo(pool, inhabitants=20, tell=told.append)
    assert "Made 20 people" in told[-1]
    first, written = await _patients(pool), await _versions(pool)
    assert first >= 20
    await make_demo(pool, inhabitants=20, tell=told.append)
    assert await _versions(pool) == written
    await make_demo(pool, inhabitants=40, tell=told.append)
    assert await _patients(pool) >= first + 15
    assert await pool.fetchval("SELECT count(*) FROM store.version WHERE version > 1") == 0


async def test_the_personas_can_sign_in(pool: Pool) -> None:
    for login in ("solveig", "henrik", "ayla", "turid", "magnus", "ragnhild", "mina", "elias"):
        session, cookie = await accounts.sign_in_demo(pool, login)
        assert session.login == login
        assert await accounts.session_of(pool, cookie) == session


async def test_the_personas_are_known_by_their_numbers_to_whoever_proves_who_they_are(pool: Pool) -> None:
    doctor = await accounts.known_as(pool, HPR, professional_number("henrik"))
    assert doctor is not None
    assert doctor.login == "henrik"
    numbers = await pool.fetch("SELECT login, value FROM accounts.identity WHERE system = $1 AND kind = 'citizen'", FNR)
    assert {"ragnhild", "mina", "elias"} <= {row["login"] for row in numbers}
    assert all(len(row["value"]) == 11 for row in numbers)
