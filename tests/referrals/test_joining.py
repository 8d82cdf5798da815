"""An organisation joins and leaves: its open referrals go the other way, none twice and none neither way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from referrals.region import endpoint, sent, settled, stands
from referrals.test_following import became
from referrals.test_receiving import messages_out, work_of
from samjournal import access, accounts, referrals
from samjournal.accounts import Account, RoleAt
from samjournal.messages import state_of
from samjournal.record import Change, change
from samjournal.referrals import joining
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("referrals")


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


async def states(world: World, id_: str) -> list[str]:
    return sorted(state_of(one) for one in await messages_out(world, id_))


async def test_who_joins_has_what_was_sent_to_him_and_who_leaves_gets_it_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    waiting, gone, failed = [await sent(world, "specialist") for _ in range(3)]
    for id_, some in ((gone, ("queued", "transported", "accepted")), (failed, ("queued", "transported", "rejected"))):
        (message,) = await messages_out(world, id_)
        await became(world, message, *some)
    assert await referrals.switch(world.door, JOB, now) == 0
    tomorrow = (now + timedelta(days=1)).isoformat()
    await world.put(
        endpoint("specialist", period={"start": tomorrow}),
        endpoint("specialist", "folder", period={"end": tomorrow}),
    )
    member = Account("special", "Siri Spesialist", "staff", (RoleAt("doctor", "specialist", "special-role", "S"),),
                     practitioner_id="special")  # fmt: skip
    async with world.pool.transaction() as db:
        await accounts.add(db, [member])
    assert await referrals.switch(world.door, JOB, now) == 0, "it has not begun yet"
    then = now + timedelta(days=1, minutes=1)

    calls = 0

    async def breaking(*args: object, **more: object) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise RuntimeError("killed in the middle")
        return await change(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(joining, "change", breaking)
    with pytest.raises(RuntimeError):
        await referrals.switch(world.door, JOB, then)
    monkeypatch.undo()
    assert await referrals.switch(world.door, JOB, then) == 2
    assert await referrals.switch(world.door, JOB, then) == 0
    special = await world.permit("special")
    for id_ in (waiting, gone, failed):
        one = await stands(world, id_)
        assert (one.way, one.owner, one.state) == ("shared", "Organization/specialist", "received")
    assert await states(world, waiting) == ["other-receiver"], "what had not left does not leave"
    assert await states(world, gone) == ["accepted"], "no second message"
    assert await referrals.open_(world.door, special, gone)
    one = await stands(world, gone)
    await referrals.assess(world.door, special, gone, one.version, right=True, until=(then.date()).isoformat())

    over = then.isoformat()
    await world.put(
        endpoint("specialist", period={"end": over}),
        endpoint("specialist", "folder", period={"start": over}),
    )
    last = then + timedelta(minutes=1)
    calls = 0
    monkeypatch.setattr(joining, "change", breaking)
    with pytest.raises(RuntimeError):
        await referrals.switch(world.door, JOB, last)
    monkeypatch.undo()
    assert await referrals.switch(world.door, JOB, last) == 2
    assert await referrals.switch(world.door, JOB, last) == 0
    for id_ in (waiting, gone, failed):
        one = await stands(world, id_)
        assert (one.way, one.owner) == ("message", "Organization/specialist")
        assert len([state for state in await states(world, id_) if state == "signed"]) == 1
    assert (await stands(world, gone)).state == "assessed", "what was decided holds"
    assert "rett til helsehjelp" in str(await messages_out(world, gone))


async def test_who_leaves_without_a_way_is_told_of(world: World) -> None:
    id_ = await sent(world, "heart")
    now = datetime.now(UTC) + timedelta(minutes=1)
    await referrals.switch(world.door, JOB, now)
    await world.put(endpoint("heart", period={"end": datetime.now(UTC).isoformat()}))
    assert await referrals.switch(world.door, JOB, now) == 1
    assert await referrals.switch(world.door, JOB, now) == 0
    (work,) = await work_of(world, "Organization/ward", id_)
    assert "papir" in work.words
    one = await stands(world, id_)
    assert (one.owner, one.is_open) == ("Organization/heart", True)
    await change(world.door, world.system, [Change.update(endpoint("heart"))])
