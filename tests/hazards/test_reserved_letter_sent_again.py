"""A note about violence is kept from the patient's own pages and from others, and so is the letter that it goes in. The
letter did not arrive, is sent again, and what goes instead is open to everybody."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notes.test_summaries import BOTH, JOB, about, furnish, signed
from samjournal import messages
from samjournal.messages.outgoing import stepped
from samjournal.record import Change, change
from samjournal.record.beside import resources
from world import World

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True, scope="module")
async def _region(world: World) -> None:
    await furnish(world)


@pytest.mark.parametrize("way", ["resend", "other"])
async def test_what_is_sent_again_is_reserved_as_it_was(world: World, way: str) -> None:
    note = await signed(world, BOTH, kind="violence")
    (message,) = await about(world, note)
    first = (await resources(world.door, JOB, [("Communication", message["id"])])).popitem()[1]
    refused = Change.update(stepped(first.resource(), "rejected", NOW), if_match=first.version)
    (failed,) = await change(world.door, JOB, [refused])
    doctor = await world.permit("doctor")
    if way == "resend":
        await messages.resend(world.door, doctor, failed.id, failed.version)
    else:
        (receiver,) = await messages.receivers(world.door, doctor, "EPIKRISE", NOW, units=["heart"])
        await messages.other_receiver(world.door, doctor, failed.id, failed.version, receiver)
    (again,) = [one for one in await about(world, note) if one["id"] != message["id"]]
    stored = (await resources(world.door, JOB, [("Communication", again["id"])])).popitem()[1]
    await messages.queue(world.door, JOB, stored, b"<x/>", NOW)
    kari = await world.client("kari")
    for type_ in ("Communication", "DocumentReference"):
        kept = (await resources(world.door, JOB, [(type_, again["id"])])).popitem()[1].resource()
        assert {one["code"] for one in kept["meta"]["security"]} == {"SDV", "NOPAT"}
        assert (await kari.get(f"/{type_}/{again['id']}")).status_code == 404
