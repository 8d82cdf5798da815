"""Sessions end in time, whatever is done, and what was written meanwhile is kept. samjournal.accounts.sessions"""

from __future__ import annotations

import pytest

from samjournal import accounts
from samjournal.accounts import Session, kept
from samjournal.accounts.kept import drop, keep
from samjournal.fhir.errors import Forbidden
from world import World

pytestmark = pytest.mark.anyio


async def _aged(world: World, session: Session, *, column: str, by: str) -> None:
    """Let time pass: a moment of a session lies further back."""
    moved = f"UPDATE accounts.session SET {column} = {column} - interval '{by}' WHERE id = '\\x{session.id}'"
    await world.as_owner(moved)


@pytest.mark.parametrize(("column", "lasts", "over"), [("seen", "29 min", "31 min"), ("expires", "7 h", "481 min")])
async def test_a_session_ends_unused_and_ends_anyway(world: World, column: str, lasts: str, over: str) -> None:
    session, cookie = await accounts.sign_in_demo(world.pool, "kari")
    await _aged(world, session, column=column, by=lasts)
    assert await accounts.session_of(world.pool, cookie, used=False) == session
    await _aged(world, session, column=column, by=over)
    assert await accounts.session_of(world.pool, cookie) is None
    assert await accounts.ended(world.pool, cookie) == "kari"
    assert await accounts.standing(world.pool, [session.id]) == set()


async def test_use_is_noted_once_a_minute_and_asking_is_no_use(world: World) -> None:
    session, cookie = await accounts.sign_in_demo(world.pool, "kari")
    await _aged(world, session, column="seen", by="50 s")
    first = await accounts.session_of(world.pool, cookie)
    await _aged(world, session, column="seen", by="50 s")
    asked = await accounts.session_of(world.pool, cookie, used=False)
    used = await accounts.session_of(world.pool, cookie)
    again = await accounts.session_of(world.pool, cookie)
    assert [one.left for one in (first, asked, used, again) if one] == [
        pytest.approx(seconds, abs=5) for seconds in (1750, 1700, 1800, 1800)
    ]


async def test_the_cookie_changes_with_each_proof_and_role_and_the_session_stays(world: World) -> None:
    session, first = await accounts.sign_in_demo(world.pool, "nurse")
    assert session.role is not None
    _, second = await accounts.choose_role(world.pool, session, session.role.practitioner_role_id)
    await _aged(world, session, column="expires", by="11 h")
    third = await accounts.prove_again(world.pool, session, accounts.Proof("helseid", "high"))
    assert await accounts.session_of(world.pool, first) is None
    assert await accounts.session_of(world.pool, second) is None
    now = await accounts.session_of(world.pool, third)
    assert now is not None
    assert (now.id, now.proof.way) == (session.id, "helseid")
    assert now.whole == pytest.approx(12 * 3600, abs=5)
    assert session.proven is not None
    assert now.proven is not None
    assert now.proven > session.proven
    with pytest.raises(Forbidden):
        await accounts.choose_role(world.pool, session, "doctor-role")


async def test_who_is_closed_out_is_out_at_once(world: World) -> None:
    _, cookie = await accounts.sign_in_demo(world.pool, "doctor")
    await world.as_owner("UPDATE accounts.account SET active = false WHERE login = 'doctor'")
    assert await accounts.session_of(world.pool, cookie) is None
    await world.as_owner("UPDATE accounts.account SET active = true WHERE login = 'doctor'")


async def test_what_ended_is_forgotten_after_a_day(world: World) -> None:
    session, cookie = await accounts.sign_in_demo(world.pool, "kari")
    await _aged(world, session, column="seen", by="23 h")
    await accounts.forget_ended(world.pool)
    assert await accounts.ended(world.pool, cookie) == "kari"
    await _aged(world, session, column="seen", by="2 h")
    await accounts.forget_ended(world.pool)
    assert await accounts.ended(world.pool, cookie) is None


async def test_a_kept_form_opens_by_its_name_for_the_same_person_alone(world: World) -> None:
    name = await keep(world.pool, "nurse", "/workspace/x?y=1", b"text=Sov+godt%0A%C3%A6&text=&act=sign")
    found = await kept(world.pool, "nurse", name)
    assert found is not None
    assert found.path == "/workspace/x?y=1"
    assert found.fields == (("text", "Sov godt\næ"), ("text", ""), ("act", "sign"))
    assert await kept(world.pool, "doctor", name) is None
    assert await kept(world.pool, "nurse", "x" * 43 + "=") is None
    assert await kept(world.pool, "nurse", "not a name") is None
    async with world.pool.acquire() as db:
        rows = await db.fetch("SELECT sealed FROM accounts.kept_form")
    assert rows
    assert all(b"Sov" not in row["sealed"] for row in rows)
    await drop(world.pool, name)
    assert await kept(world.pool, "nurse", name) is None
