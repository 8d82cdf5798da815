"""A referral waits, and nobody opens it, assesses it or gives it an appointment: 348 went to units without reception,
and 62 patients were lost between two steps. Both sides are told, once; a unit that loses its last member too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from referrals.region import sent, settled, stands, task
from referrals.test_receiving import work_of
from samjournal import access, referrals, tasks
from samjournal.fhir.dates import OSLO
from workspace.test_pages import enter  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("referrals")
CLINIC, WARD = "Organization/clinic", "Organization/ward"
Enter = Callable[[str | None], httpx.AsyncClient]


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


async def told(world: World, id_: str) -> tuple[int, int]:
    return len(await work_of(world, CLINIC, id_)), len(await work_of(world, WARD, id_))


async def test_each_step_that_does_not_come_is_told_to_both_sides_once(world: World) -> None:
    id_ = await sent(world)
    now, clinic = datetime.now(UTC), await world.permit("clinic")
    await referrals.late(world.door, JOB, now)
    assert await told(world, id_) == (0, 0)
    later = now + timedelta(days=5)
    assert await referrals.late(world.door, JOB, later) > 0
    assert await referrals.late(world.door, JOB, later) == 0
    assert await told(world, id_) == (1, 1)
    one = await stands(world, id_)
    assert (one.late, one.owner, one.state) == (True, CLINIC, "received"), "it stays where it is"
    await referrals.open_(world.door, clinic, id_)
    await referrals.late(world.door, JOB, now + timedelta(days=20))
    assert await told(world, id_) == (2, 2)
    one = await stands(world, id_)
    until = (datetime.now(OSLO) + timedelta(days=30)).date().isoformat()
    await referrals.assess(world.door, clinic, id_, one.version, right=True, until=until)
    assert not (await stands(world, id_)).late
    await referrals.late(world.door, JOB, now + timedelta(days=40))
    assert await told(world, id_) == (3, 3)


async def test_one_that_hurries_is_late_in_hours(world: World) -> None:
    id_ = await sent(world, priority="stat")
    await referrals.late(world.door, JOB, datetime.now(UTC) + timedelta(hours=1, minutes=1))
    assert await told(world, id_) == (1, 1)


async def test_the_team_is_not_given_what_its_own_job_sees_to(world: World) -> None:
    id_ = await sent(world)
    await tasks.escalate(world.door, access.for_job("deadlines"), datetime.now(UTC) + timedelta(days=60))
    assert (await task(world, id_)).version == 1


async def test_outside_the_sender_alone_is_told(world: World) -> None:
    id_ = await sent(world, "specialist")
    await referrals.late(world.door, JOB, datetime.now(UTC) + timedelta(days=5))
    assert len(await work_of(world, WARD, id_)) == 1
    assert await work_of(world, "Organization/specialist", id_) == []


async def test_a_unit_that_loses_its_last_member_is_told_of_above(world: World) -> None:
    id_ = await sent(world, "heart")
    now = datetime.now(UTC)
    await referrals.late(world.door, JOB, now)
    async with world.pool.transaction() as db:
        await db.execute("UPDATE accounts.account SET active = false WHERE login = 'heart'")
    try:
        assert await referrals.late(world.door, JOB, now) > 0
        assert await referrals.late(world.door, JOB, now) == 0
        found = [one for unit in ("ward", "clinic") for one in await work_of(world, f"Organization/{unit}", id_)]
        assert ["Ingen kan lese" in one.words for one in found] == [True]
        with pytest.raises(referrals.NotReady) as refused:
            await sent(world, "heart")
        assert refused.value.receiver.why == "nobody"
    finally:
        async with world.pool.transaction() as db:
            await db.execute("UPDATE accounts.account SET active = true WHERE login = 'heart'")


async def test_the_page_says_why_a_unit_cannot_be_chosen(enter: Enter) -> None:  # noqa: F811
    desk = enter("doctor")
    page = (await desk.get("/workspace/referrals/receivers?receiver-q=gym")).text
    assert "Kan ikke ta imot" in page
    assert "ingen kan lese den nå" in page
    assert "disabled" in page
    assert "ikke satt opp" in (await desk.get("/workspace/referrals/receivers?receiver-q=none")).text
    assert "ikke prøvd" in (await desk.get("/workspace/referrals/receivers?receiver-q=spa")).text
    form = {"q": "Fallfare", "when": "month", "receiver": "gym", "text": "Har falt to ganger."}
    refused = await desk.post("/workspace/patients/kari/referrals", data=form)
    assert refused.status_code == 409
    assert "Ikke sendt" in refused.text
    assert "Har falt to ganger." in refused.text
