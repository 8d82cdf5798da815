"""One referral, or one message, that nothing can be made of stands in the feed, and no other is followed any longer:
those that went out have no state, those that came stand on no list."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from following import changes_since
from referrals.region import referral, sent, settled, stands
from referrals.test_following import JOB, became
from referrals.test_receiving import messages_out
from samjournal import referrals
from samjournal.messages.outgoing import STEP
from samjournal.record.feed import feed_end
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


async def test_what_nothing_can_be_made_of_is_passed_by(world: World) -> None:
    begin = await feed_end(world.door)
    broken, sound = await sent(world, "specialist"), await sent(world, "specialist")
    (odd,) = await messages_out(world, broken)
    step = {"url": STEP, "extension": [{"url": "at", "valueInstant": datetime.now(UTC).isoformat()}]}
    await world.put({**odd, "extension": [*odd["extension"], step]})  # type: ignore[misc]
    request = next(one for one in referral("nobodys", "kari") if one["resourceType"] == "ServiceRequest")
    await world.put({**request, "performer": [{"reference": "Organization/ward"}], "occurrencePeriod": {"end": "2031"}})
    (message,) = await messages_out(world, sound)
    await became(world, message, "queued", "transported")
    found, _ = await changes_since(world.door, begin)
    await referrals.follow(world.door, JOB, found, datetime.now(UTC))
    assert (await stands(world, sound)).state == "sent"
    assert (await stands(world, "nobodys")).state == "received"
    assert (await stands(world, broken)).state == "signed"
