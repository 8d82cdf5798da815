"""A letter waits, and its address is given to another organisation meanwhile: it must not get what was meant for the
first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.test_outbox import connected, endpoint, in_folder, outbox, signed, standing, work  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal.exchange.outbox import Outbox, step
from samjournal.exchange.transport import Unreachable
from samjournal.messages import state_of
from world import World

pytestmark = pytest.mark.anyio


async def test_nobody_gets_what_was_written_to_another(
    connected: World,  # noqa: F811
    outbox: Outbox,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await connected.put(endpoint("moving", "outside-heart", address="920001"))
    message = await signed(connected, endpoint="moving")
    folder = outbox.transports["folder"]

    async def away(_: object) -> str:
        raise Unreachable("away")

    with monkeypatch.context() as patch:
        patch.setattr(folder, "send", away)
        await step(outbox, datetime.now(UTC))
    assert state_of(await standing(connected, message.id)) == "queued"
    await connected.put(endpoint("moving", "outside", address="920001"))
    outbox.resting.clear()
    await step(outbox, datetime.now(UTC))
    assert [one for one in in_folder(tmp_path) if message.number in one.name] == []
    assert state_of(await standing(connected, message.id)) == "no-route"
    (task,) = await work(connected, message.id)
    assert "Adressen er en annens nå" in task.words
