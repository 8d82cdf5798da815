"""Somebody says of a message that did not arrive that it did, or makes other work of the work on it, and nobody sees to
it any longer. How far a message came is told by what carries it; people say how it goes instead, and end the work so.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from exchange.test_outbox import JOB, connected, outbox, signed, standing  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import messages
from samjournal.exchange.outbox import Outbox, step
from samjournal.messages import state_of
from samjournal.messages.outgoing import OUTBOX, stepped
from samjournal.record.beside import matches, resources
from world import World

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]


async def failed(world: World) -> tuple[Resource, Resource]:
    """A message that did not arrive, and the work on it."""
    message = await signed(world)
    stored = (await resources(world.door, JOB, [("Communication", message.id)])).popitem()[1]
    await messages.failed(world.door, JOB, stored, "no-route", "Nei.", datetime.now(UTC))
    (task,) = await matches(world.door, JOB, "Task", [("focus", f"Communication/{message.id}")])
    return await standing(world, message.id), task.resource()


async def put(world: World, resource: Resource) -> int:
    client = await world.client("doctor")
    return int((await client.put(f"/{resource['resourceType']}/{resource['id']}", json=resource)).status_code)


@pytest.mark.parametrize("state", ["accepted", "acted", "transported", ""])
async def test_nobody_says_that_it_arrived(connected: World, state: str) -> None:  # noqa: F811
    message, _ = await failed(connected)
    said = stepped(message, state, datetime.now(UTC)) if state else dict(message)  # type: ignore[arg-type]
    if not state:
        del said["statusReason"]
    assert await put(connected, said) == 403
    assert state_of(await standing(connected, message["id"])) == "no-route"


async def test_what_waits_to_be_sent_waits_on(connected: World, outbox: Outbox) -> None:  # noqa: F811
    message = await signed(connected)
    said = await standing(connected, message.id)
    others = [one for one in said["identifier"] if one["system"] != OUTBOX]
    assert await put(connected, {**said, "identifier": others}) == 403
    client = await connected.client("doctor")
    assert (await client.delete(f"/Communication/{message.id}")).status_code in (403, 405)
    assert await put(connected, {**said, "note": [{"text": "Haster."}]}) == 200, "all else is written as ever"
    await step(outbox, datetime.now(UTC))
    assert state_of(await standing(connected, message.id)) == "transported"


CHANGED: dict[str, Resource] = {
    "other work": {"code": {"coding": [{"system": "urn:samjournal:task", "code": "do"}]}},
    "no work of ours": {"code": {"text": "Noe"}},
    "about something else": {"focus": {"reference": "Patient/kari"}},
    "nobody's": {"owner": None},
    "done": {"status": "completed"},
    "called off": {"status": "cancelled"},
    "a mistake": {"status": "entered-in-error"},
}


@pytest.mark.parametrize("how", CHANGED)
async def test_the_work_on_it_stays_what_it_is(connected: World, how: str) -> None:  # noqa: F811
    message, task = await failed(connected)
    changed = {name: value for name, value in {**task, **CHANGED[how]}.items() if value is not None}
    assert await put(connected, changed) == 403
    doctor = await connected.permit("doctor")
    stored = (await resources(connected.door, JOB, [("Communication", message["id"])])).popitem()[1]
    await messages.by_phone(connected.door, doctor, stored.id, stored.version, "Ringte Hanne kl. 12.")
    (done,) = await matches(connected.door, JOB, "Task", [("focus", f"Communication/{message['id']}")])
    assert done.resource()["status"] == "completed"
