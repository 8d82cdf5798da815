"""What stands on the channels, for who runs them; and the alarm of one that stands still, once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from letters.town import Town, peopled, town, visit
from samjournal import letters
from samjournal.fhir.errors import Forbidden
from samjournal.letters.faults import Unreachable
from samjournal.record.beside import matches

__all__ = ["peopled", "town"]
pytestmark = pytest.mark.anyio


async def alarms(town: Town) -> list[str]:
    found = await matches(
        town.world.door, town.job, "Task", [("identifier", "urn:samjournal:notice-alarm|sms"), ("_count", "20")]
    )
    return [one.resource()["status"] for one in found]


async def watch(town: Town) -> letters.Traffic:
    found = await letters.traffic(town.world.door, town.job, town.channels, town.now)
    await letters.alarm(town.world.door, town.job, found, town.now)
    return found


async def test_a_channel_that_stands_still_is_work_once_and_the_work_ends_with_it(town: Town) -> None:
    town.sms.faults = [Unreachable("away")] * 20
    await town.world.put(visit("l1"))
    await town.run()
    await watch(town)
    assert await alarms(town) == []
    await town.pass_by(minutes=70)
    found = await watch(town)
    (sms,) = [one for one in found.channels if one.channel == "sms"]
    assert (sms.waiting, sms.is_old, sms.fault) == (1, True, "away")
    await watch(town)
    assert await alarms(town) == ["requested"]
    town.sms.faults = []
    await town.pass_by(hours=2)
    await watch(town)
    assert await alarms(town) == ["completed"]


async def test_a_channel_that_is_away_for_half_a_day_gives_way_to_a_letter(town: Town) -> None:
    town.sms.faults = [Unreachable("away")] * 99
    await town.world.put(visit("l2"))
    await town.run()
    for _ in range(9):
        await town.pass_by(hours=2)
    assert [(row["channel"], row["state"]) for row in await town.rows("sending")] == [
        ("sms", "failed"),
        ("letter", "delivered"),
    ]


async def test_an_outbox_that_nothing_leaves_is_late(town: Town) -> None:
    await town.world.put(visit("l3"))
    await town.follow()
    town.now += timedelta(hours=3)
    found = await letters.traffic(town.world.door, town.job, town.channels, town.now)
    assert (found.due, found.is_late) == (1, True)


async def test_only_who_runs_the_channels_sees_them(town: Town) -> None:
    for login in ("nurse", "kari"):
        with pytest.raises(Forbidden):
            await letters.traffic(town.world.door, await town.world.permit(login), town.channels, town.now)
    with pytest.raises(Forbidden):
        await letters.own(town.world.door, await town.world.permit("mina", acts_for="barn"))
    with pytest.raises(Forbidden):
        await letters.about(town.world.door, await town.world.permit("kari"), "kari")
