"""A discharge summary was sent, and is found to be an error, as one of another patient. Whoever got it goes on by it.

What has not left does not leave, what failed is not sent again, and the unit has work to tell who has it.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notes.test_summaries import BOTH, JOB, about, furnish, signed
from samjournal import messages, notes
from samjournal.fhir.errors import Conflict
from samjournal.messages.outgoing import stepped
from samjournal.notes.signing import Changed
from samjournal.record import Change, change
from samjournal.record.beside import matches, resources
from samjournal.tasks import said
from world import World

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)
WHY = "Den gjelder en annen pasient."


@pytest.fixture(autouse=True, scope="module")
async def _region(world: World) -> None:
    await furnish(world)


@pytest.mark.parametrize("state", ["signed", "accepted", "rejected"])
async def test_who_has_it_is_told_and_nobody_else_gets_it(world: World, state: str) -> None:
    note = await signed(world, BOTH)
    (message,) = await about(world, note)
    stored = (await resources(world.door, JOB, [("Communication", message["id"])])).popitem()[1]
    if state != "signed":
        change_ = Change.update(stepped(stored.resource(), state, NOW), if_match=stored.version)  # type: ignore[arg-type]
        (stored,) = await change(world.door, JOB, [change_])
    doctor = await world.permit("doctor")
    await notes.mark_wrong(world.door, doctor, note.id, Changed(note.version), WHY)
    asked = [("focus", note.reference), ("status", "requested"), ("owner", "Organization/ward")]
    (task,) = [said(one.resource()) for one in await matches(world.door, JOB, "Task", asked)]
    assert task.kind == "do"
    assert "feilført" in task.words
    assert "Legekontoret" in task.words
    assert ("Hjertespesialisten" in task.words) == (state != "rejected")
    if state == "rejected":
        with pytest.raises(Conflict, match="taken back"):
            await messages.resend(world.door, doctor, stored.id, stored.version)
