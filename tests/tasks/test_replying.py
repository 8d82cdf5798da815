"""A message is answered: the answer goes to whoever sent it, and the Task is done in the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal import tasks
from samjournal.fhir.errors import Conflict, Invalid, VersionMoved
from world import World, made, to

pytestmark = pytest.mark.anyio
DOCTOR = "PractitionerRole/doctor-role"


async def _asked(world: World, id_: str, sender: str, **more: Any) -> tasks.Said:
    """A message to the doctor, and the Task to answer it."""
    message = made(
        "Communication", id_, status="completed", subject=to("Patient/kari"), sender=to(sender) if sender else None,
        recipient=[to(DOCTOR)], topic={"text": "Dosen"}, payload=[{"contentString": "Skal jeg fortsette?"}], **more,
    )  # fmt: skip
    await world.put({name: value for name, value in message.items() if value is not None})
    now = datetime.now(UTC)
    task = tasks.written(
        kind="answer", patient="kari", owner=to(DOCTOR), at=now, due=now + timedelta(days=2),
        focus=f"Communication/{id_}", requester=to(sender) if sender else None,
    )  # fmt: skip
    labels = {"meta": more["meta"]} if "meta" in more else {}
    return tasks.said((await world.make({**task, **labels})).resource())


async def _answers(world: World, to_: str) -> list[dict[str, Any]]:
    async with await world.client() as client:
        every = (await client.get("/Communication?_count=200")).json()["entry"]
    return [
        one["resource"]
        for one in every
        if {"reference": f"Communication/{to_}"} in one["resource"].get("inResponseTo", ())
    ]


async def test_the_answer_goes_back_and_the_work_is_done(world: World) -> None:
    task = await _asked(world, "m1", "Patient/kari")
    done = await tasks.answer(
        world.door, await world.permit("doctor"), task.id, task.version, "Ja, fortsett.\nRing ved feber."
    )
    assert (done.reaches, tasks.said(done.task.resource()).status) == ("patient", "completed")
    (answer,) = await _answers(world, "m1")
    assert (answer["sender"]["reference"], answer["recipient"]) == (DOCTOR, [{"reference": "Patient/kari"}])
    assert answer["payload"] == [{"contentString": "Ja, fortsett.\nRing ved feber."}]
    assert answer["topic"] == {"text": "Dosen"}
    assert done.task.resource()["output"][0]["valueReference"] == {"reference": f"Communication/{answer['id']}"}
    async with await world.client("kari") as citizen:
        seen = (await citizen.get("/Communication?subject=Patient/kari")).json()
    assert {"m1", answer["id"]} <= {one["resource"]["id"] for one in seen["entry"]}


async def test_a_colleague_gets_the_answer_to_read(world: World) -> None:
    task = await _asked(world, "m2", "PractitionerRole/nurse-role")
    done = await tasks.answer(world.door, await world.permit("doctor"), task.id, task.version, "Ja.")
    assert done.reaches == "colleague"
    (answer,) = await _answers(world, "m2")
    mine = (await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))).mine
    assert [one.kind for one in mine if one.focus == f"Communication/{answer['id']}"] == ["do"]


async def test_without_words_or_sender_nothing_is_done(world: World) -> None:
    doctor = await world.permit("doctor")
    task = await _asked(world, "m3", "Patient/kari")
    with pytest.raises(Invalid):
        await tasks.answer(world.door, doctor, task.id, task.version, "  \n ")
    with pytest.raises(Invalid):
        await tasks.finish(world.door, doctor, task.id, task.version)
    unnamed = await _asked(world, "m4", "")
    with pytest.raises(Conflict):
        await tasks.answer(world.door, doctor, unnamed.id, unnamed.version, "Ja.")
    assert await _answers(world, "m3") == await _answers(world, "m4") == []


async def test_one_answers_and_what_was_sent_is_not_undone(world: World) -> None:
    doctor = await world.permit("doctor")
    task = await _asked(world, "m5", "Patient/kari")
    done = await tasks.answer(world.door, doctor, task.id, task.version, "Ja.")
    with pytest.raises((Conflict, VersionMoved)):
        await tasks.answer(world.door, await world.permit("nurse"), task.id, task.version, "Nei.")
    with pytest.raises(Conflict):
        await tasks.undo(world.door, doctor, task.id, done.task.version)
    assert len(await _answers(world, "m5")) == 1
