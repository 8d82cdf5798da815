"""What answers nothing in particular must not settle any message: of a receipt or a fault whose number is empty, or has
marks that part values, some message of ours was the first that a search found."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange.test_outbox import JOB, answer, connected, in_folder, outbox, signed, standing  # noqa: F401
from exchange.test_receiving import addressed, took  # noqa: F401
from samjournal import messages
from samjournal.exchange.outbox import Outbox, step
from samjournal.fhir.errors import NotFound
from samjournal.messages import state_of
from world import World

pytestmark = pytest.mark.anyio
ODD = ["", " ", "x,y", "|", "\\", "$"]


@pytest.mark.parametrize("number", ODD)
async def test_a_fault_of_nothing_stops_nothing(
    connected: World,  # noqa: F811
    outbox: Outbox,  # noqa: F811
    number: str,
) -> None:
    message = await signed(connected)
    await step(outbox, datetime.now(UTC))
    with pytest.raises(NotFound):
        await messages.carried_back(connected.door, JOB, number, "Nei.", datetime.now(UTC))
    assert state_of(await standing(connected, message.id)) == "transported"


@pytest.mark.parametrize("number", [*ODD, "{},{}"])
async def test_a_receipt_of_nothing_settles_nothing(
    connected: World,  # noqa: F811
    outbox: Outbox,  # noqa: F811
    tmp_path: Path,
    number: str,
) -> None:
    message = await signed(connected)
    await step(outbox, datetime.now(UTC))
    (sent,) = in_folder(tmp_path)
    data = answer(sent.read_bytes())
    assert message.number.encode() in data
    odd = number.format(message.number, message.number)
    outcome = await took(connected, data.replace(message.number.encode(), odd.encode()))
    assert outcome.state == "receipt"
    assert outcome.owner
    assert state_of(await standing(connected, message.id)) == "transported"
