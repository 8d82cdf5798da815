"""PIN codes of a shared PC: what they open, and what stops who guesses. samjournal.accounts.shared"""

from __future__ import annotations

import asyncio

import pytest

from samjournal import accounts
from samjournal.accounts import Browser, Place, Session
from samjournal.fhir.errors import Forbidden, Invalid
from world import World

pytestmark = pytest.mark.anyio
PIN = "482913"


async def _on_ward(world: World, login: str) -> tuple[Browser, Session]:
    """Somebody who signed in at a PC that is shared, and chose a PIN code."""
    browser, _ = await accounts.browser_at(world.pool, None, "Chrome, Windows")
    session, _ = await accounts.sign_in_demo(world.pool, login, at=Place("Chrome, Windows", browser.id))
    await accounts.share(world.pool, session, "ward", "PC på vaktrommet")
    now = await accounts.session_now(world.pool, session)
    assert now is not None
    await accounts.set_pin(world.pool, now, PIN)
    return browser, now


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "111111", "123456", "987654", "121212", "48291a", "٤٨٢٩١٣", ""]
)
async def test_a_code_that_is_guessed_soon_is_not_taken(world: World, pin: str) -> None:
    _, session = await _on_ward(world, "nurse")
    with pytest.raises(Invalid):
        await accounts.set_pin(world.pool, session, pin)


async def test_five_wrong_codes_and_only_a_full_proof_opens_it(world: World) -> None:
    browser, session = await _on_ward(world, "doctor")
    await accounts.lock(world.pool, session, "/workspace/inbox")
    # At once, so that nobody gets a sixth by asking faster than is counted.
    tried = await asyncio.gather(
        *(accounts.open_by_pin(world.pool, browser.id, "doctor", f"48291{n}") for n in (0, 1, 2, 4, 5, 6, 7)),
        return_exceptions=True,
    )
    assert all(isinstance(one, Forbidden) for one in tried)
    with pytest.raises(Forbidden):
        await accounts.open_by_pin(world.pool, browser.id, "doctor", PIN)
    (on_shift,) = await accounts.on_shift(world.pool, browser.id)
    assert not on_shift.has_pin
    cookie = await accounts.prove_again(world.pool, session, accounts.DEMO)
    now = await accounts.session_of(world.pool, cookie)
    assert now is not None
    assert (now.is_locked, now.place, now.has_pin) == (False, "/workspace/inbox", True)


async def test_a_session_unused_locks_where_others_end_and_the_code_opens_it(world: World) -> None:
    browser, session = await _on_ward(world, "secretary")
    await world.as_owner(f"UPDATE accounts.session SET seen = seen - interval '6 min' WHERE id = '\\x{session.id}'")
    lying = await accounts.lying(world.pool, browser.id, "secretary")
    assert lying is not None
    assert lying.is_locked
    assert await accounts.standing(world.pool, [session.id]) == set()
    other, _ = await accounts.browser_at(world.pool, None, "")
    with pytest.raises(Forbidden):
        await accounts.open_by_pin(world.pool, other.id, "secretary", PIN)
    cookie = await accounts.open_by_pin(world.pool, browser.id, "secretary", PIN)
    now = await accounts.session_of(world.pool, cookie)
    assert now is not None
    assert not now.is_locked
    assert now.proven == session.proven
    assert now.unlocked is not None
    assert session.unlocked is not None
    assert now.unlocked > session.unlocked


async def test_the_code_ends_with_the_shift_and_is_kept_as_a_hash(world: World) -> None:
    browser, session = await _on_ward(world, "homenurse")
    async with world.pool.acquire() as db:
        kept = await db.fetchval("SELECT pin FROM accounts.session WHERE id = $1", bytes.fromhex(session.id))
    assert kept.startswith("$argon2id$")
    assert PIN not in kept
    await world.as_owner(f"UPDATE accounts.session SET expires = now() WHERE id = '\\x{session.id}'")
    assert await accounts.on_shift(world.pool, browser.id) == []
    with pytest.raises(Forbidden):
        await accounts.open_by_pin(world.pool, browser.id, "homenurse", PIN)
