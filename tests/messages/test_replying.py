"""An answer to somebody outside goes back to him as a message, in the same transaction as the work that it ends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from exchange.letters import dialog, message
from exchange.test_outbox import addressed, connected, endpoint, in_folder, outbox, standing  # noqa: F401
from exchange.test_receiving import kept, open_tasks, took
from samjournal import messages, tasks
from samjournal.exchange import envelope, xml
from samjournal.exchange.kinds import dialog as dialogue
from samjournal.exchange.outbox import Outbox, step
from samjournal.exchange.outgoing import rendered
from samjournal.fhir.errors import Conflict
from samjournal.fhir.identifiers import HPR
from samjournal.messages import state_of
from world import World, made

pytestmark = pytest.mark.anyio
NOW = datetime.now(UTC)


async def asked(world: World, kind: str = "DIALOG_HELSEFAGLIG") -> tuple[str, tasks.Said]:
    """The MsgId of a message from the specialist, and the work that it is."""
    id_ = str(uuid4())
    data = message(dialog("Kan hun komme i morgen?"), id_=id_, kind=kind)
    await took(world, data.replace(b"900001", b"920000").replace(b"900002", b"920001"))
    (task,) = await open_tasks(world, id_)
    return id_, task


async def test_an_answer_goes_back_to_who_asked(
    connected: World,  # noqa: F811
    outbox: Outbox,  # noqa: F811
    tmp_path: Any,
) -> None:
    await connected.put(
        made("Practitioner", "doctor", name=[{"family": "Lin"}], identifier=[{"system": HPR, "value": "9144900"}])
    )
    outbox.render = rendered
    id_, task = await asked(connected)
    (letter,) = await kept(connected, "Communication", id_)
    assert messages.can_be_answered(letter)
    doctor = await connected.permit("doctor")
    done = await tasks.answer(connected.door, doctor, task.id, task.version, "Ja, klokka ni.", outside=messages.reply)
    assert done.reaches == "outside"
    assert await open_tasks(connected, id_) == []
    await step(outbox, NOW)
    (file,) = in_folder(tmp_path)
    read = envelope.read(xml.parse(file.read_bytes()))
    assert (read.parent, read.kind.code) == (id_, "DIALOG_HELSEFAGLIG")
    assert dialogue.read(read).text == "Ja, klokka ni."
    (reference,) = [one["valueReference"]["reference"] for one in done.task.resource()["output"]]
    assert state_of(await standing(connected, reference.removeprefix("Communication/"))) == "transported"


async def test_who_has_no_address_is_not_answered_and_the_work_waits(connected: World) -> None:  # noqa: F811
    await connected.put(endpoint("outside-heart", "outside-heart", status="suspended"))
    id_, task = await asked(connected)
    doctor = await connected.permit("doctor")
    with pytest.raises(Conflict, match="no address for answers"):
        await tasks.answer(connected.door, doctor, task.id, task.version, "Ja.", outside=messages.reply)
    assert len(await open_tasks(connected, id_)) == 1
    await connected.put(endpoint("outside-heart", "outside-heart"))
