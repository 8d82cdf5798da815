"""A referral is taken back, and whoever has it does not hear of it: his address is closed, or the cancellation comes
from another unit than the one he had it from, which he passes by."""

from __future__ import annotations

import pytest

from referrals.region import endpoint, sent, settled, stands
from referrals.test_receiving import messages_out, work_of
from samjournal import referrals
from samjournal.fhir.identifiers import HER
from samjournal.messages.states import DOCUMENT
from world import World, organization

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    await settled(world)
    number = [{"system": HER, "value": "800003"}]
    await world.put({**organization("clinic", part_of="hospital"), "identifier": number})
    return world


async def test_who_takes_no_messages_now_is_phoned(world: World) -> None:
    doctor = await world.permit("doctor")
    id_ = await sent(world, "specialist")
    await world.put(endpoint("specialist", "folder", "suspended"))
    one = await stands(world, id_)
    await referrals.withdraw(world.door, doctor, id_, one.version, reason="Pasienten er frisk.")
    assert (await stands(world, id_)).state == "withdrawn"
    (task,) = await work_of(world, "Organization/ward", id_)
    assert "Ring Specialist" in task.words
    await world.put(endpoint("specialist", "folder"))


async def test_who_got_it_from_another_hears_it_from_him(world: World) -> None:
    doctor, clinic = await world.permit("doctor"), await world.permit("clinic")
    id_ = await sent(world, "clinic")
    await referrals.open_(world.door, clinic, id_)
    one = await stands(world, id_)
    await referrals.forward(world.door, clinic, id_, one.version, to="specialist", words="De har kortere ventetid.")
    one = await stands(world, id_)
    await referrals.withdraw(world.door, doctor, id_, one.version, reason="Pasienten er frisk.")
    first, last = await messages_out(world, id_)
    assert first["sender"] == last["sender"]
    documents = [[each["value"] for each in one_["identifier"] if each["system"] == DOCUMENT] for one_ in (first, last)]  # type: ignore[attr-defined]
    assert documents[0] == documents[1]
    assert len(documents[0]) == 1
