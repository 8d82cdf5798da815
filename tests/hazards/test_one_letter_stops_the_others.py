"""One letter that cannot be made or sent stands first in the queue, and nobody's leaves any longer.

What goes wrong with one message is a task for a person of the unit that sends it; the next is taken all the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange.test_outbox import JOB, connected, outgoing, rendered, signed, standing, work  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import messages
from samjournal.exchange.folder import Folder
from samjournal.exchange.outbox import Outbox, step
from samjournal.messages import state_of
from samjournal.messages.outgoing import OUTBOX
from world import World

pytestmark = pytest.mark.anyio
_FAULTS = {"no name": KeyError("name"), "a letter that XML has not": ValueError("All strings must be XML compatible")}


@pytest.mark.parametrize("why", _FAULTS)
async def test_a_message_that_cannot_be_made_is_work_and_the_others_leave(
    connected: World,  # noqa: F811
    tmp_path: Path,
    why: str,
) -> None:
    async def made(door: Any, permit: Any, communication: dict[str, Any], now: datetime) -> bytes:
        if communication["payload"][0]["contentString"] == "Denne går ikke.":
            raise _FAULTS[why]
        return await rendered(door, permit, communication, now)

    outbox = Outbox(connected.door, JOB, made, {"folder": Folder(tmp_path)})
    first, next_ = await signed(connected, text="Denne går ikke."), await signed(connected)
    await step(outbox, datetime.now(UTC))
    assert state_of(await standing(connected, next_.id)) == "transported"
    assert state_of(await standing(connected, first.id)) == "no-route"
    (task,) = await work(connected, first.id)
    assert (task.kind, task.owner) == ("deliver", "Organization/ward")


async def test_a_message_whose_bytes_are_gone_is_work_and_the_others_leave(
    connected: World,  # noqa: F811
    tmp_path: Path,
) -> None:
    """What is queued says that its bytes are made. They may be erased by decision, or never have been there."""
    outbox = Outbox(connected.door, JOB, rendered, {"folder": Folder(tmp_path)})
    first = outgoing()
    (put,) = messages.sending(first, datetime.now(UTC))
    assert put.resource is not None
    others = [one for one in put.resource["identifier"] if one["system"] != OUTBOX]
    queued = {**put.resource, "identifier": [*others, {"system": OUTBOX, "value": "queued"}]}
    await connected.put(queued)
    next_ = await signed(connected)
    await step(outbox, datetime.now(UTC))
    assert state_of(await standing(connected, next_.id)) == "transported"
    assert state_of(await standing(connected, first.id)) == "no-route"
    assert len(await work(connected, first.id)) == 1


@pytest.mark.parametrize("lacks", ["recipient", "sender"])
async def test_a_message_that_lacks_what_it_must_have_is_somebodys_work(
    connected: World,  # noqa: F811
    tmp_path: Path,
    lacks: str,
) -> None:
    """As a load may bring it."""
    outbox = Outbox(connected.door, JOB, rendered, {"folder": Folder(tmp_path)})
    first = outgoing()
    (put,) = messages.sending(first, datetime.now(UTC))
    assert put.resource is not None
    others = [one for one in put.resource["identifier"] if one["system"] != OUTBOX]
    queued = {**put.resource, "identifier": [*others, {"system": OUTBOX, "value": "queued"}]}
    await connected.put({name: value for name, value in queued.items() if name != lacks})
    next_ = await signed(connected)
    await step(outbox, datetime.now(UTC))
    assert len(await work(connected, first.id)) == 1
    assert state_of(await standing(connected, next_.id)) == "transported"
