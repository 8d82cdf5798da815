"""A referral is taken back while its message did not arrive. A colleague who sees to the message sends it again, and
the patient is called in for what he does not need."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from referrals.region import sent, settled, stands
from referrals.test_following import became
from referrals.test_receiving import messages_out
from samjournal import messages, referrals
from samjournal.fhir.errors import Conflict
from samjournal.messages import state_of
from samjournal.record import read
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


@pytest.mark.parametrize("state", ["rejected", "timed-out", "no-route"])
async def test_what_was_taken_back_goes_to_nobody(world: World, state: str) -> None:
    doctor = await world.permit("doctor")
    id_ = await sent(world, "specialist")
    (message,) = await messages_out(world, id_)
    await became(world, message, "queued", "transported", state)
    one = await stands(world, id_)
    await referrals.withdraw(world.door, doctor, id_, one.version, reason="Pasienten er frisk.")
    failed = await read(world.door, doctor, "Communication", str(message["id"]))
    with pytest.raises(Conflict, match="taken back"):
        await messages.resend(world.door, doctor, failed.id, failed.version)
    found = await messages.receivers(world.door, doctor, "HENVISNING", datetime.now(UTC), units=["specialist"])
    with pytest.raises(Conflict, match="taken back"):
        await messages.other_receiver(world.door, doctor, failed.id, failed.version, found[0])
    out = {str(each["id"]): each for each in await messages_out(world, id_)}
    (cancelling,) = [each for each in out.values() if each["id"] != message["id"]]
    await became(world, cancelling, "queued", "transported", "rejected")
    again = await read(world.door, doctor, "Communication", str(cancelling["id"]))
    await messages.resend(world.door, doctor, again.id, again.version)
    await messages.by_phone(world.door, doctor, failed.id, failed.version, "Ringte Hanne på ekspedisjonen.")
    assert sorted(state_of(each) for each in await messages_out(world, id_)) == ["phone", "resent", "signed"]
