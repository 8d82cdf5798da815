"""A citizen writes to a team: once, to somebody who is there, with a day by which there is an answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from samjournal import conversations, tasks
from samjournal.conversations import Asked, Promise, Unwritable, pace
from samjournal.fhir.errors import Forbidden, Invalid, NotFound, VersionMoved
from samjournal.record import DraftEnded, Ending, block, own_blocks, query_of, search, unblock
from samjournal.tasks import after
from world import World, made, to

pytestmark = pytest.mark.anyio
WARD = "Organization/ward"


def fresh() -> Ending:
    return Ending(uuid4(), 0, "page")


async def asked(world: World, words: str = "Kan jeg ta den om kvelden?", **more: Any) -> str:
    kari = await world.permit("kari")
    one = Asked(WARD, "Vanndrivende", words, **more)
    return await conversations.ask(world.door, kari, one, fresh())


async def work(world: World, root: str) -> list[tasks.Said]:
    """The Tasks of one conversation that are not done."""
    kari = await world.permit("kari")
    thread = {f"Communication/{one['id']}" for one in await conversations.conversation(world.door, kari, root)}
    found = await search(world.door, world.system, query_of("Task", [("code", "urn:samjournal:task|answer")]))
    every = [tasks.said(one.resource()) for one in found.matches]
    return [one for one in every if one.focus in thread and one.status != "completed"]


async def stands(world: World, root: str, login: str = "kari") -> conversations.Standing:
    permit = await world.permit(login)
    thread = await conversations.conversation(world.door, permit, root)
    return (await conversations.standing(world.door, permit, thread, datetime.now(UTC)))[root]


async def test_a_question_is_work_of_the_team_until_a_day_that_the_citizen_is_told(world: World) -> None:
    id_ = await asked(world)
    (task,) = await work(world, id_)
    assert (task.focus, task.owner, task.patient, task.kind) == (f"Communication/{id_}", WARD, "Patient/kari", "answer")
    assert task.due is not None
    assert abs(task.due - after(datetime.now(UTC), 5)) < timedelta(minutes=5)
    stand = await stands(world, id_)
    assert (stand.state, stand.due, stand.closed) == ("sent", task.due, False)
    done = await conversations.answer(world.door, await world.permit("nurse"), task.id, task.version, "Ja, gjerne.")
    assert done.reaches == "patient"
    stand = await stands(world, id_)
    assert (stand.state, stand.unread, stand.due) == ("answered", 1, None)
    kari = await world.permit("kari")
    thread = await conversations.conversation(world.door, kari, id_)
    await conversations.mark_read(world.door, kari, thread)
    await conversations.mark_read(world.door, kari, await conversations.conversation(world.door, kari, id_))
    assert (await stands(world, id_)).unread == 0


async def test_who_sends_twice_is_told_what_it_became(world: World) -> None:
    kari, once = await world.permit("kari"), fresh()
    first = await conversations.ask(world.door, kari, Asked(WARD, "Sår", "Det klør."), once)
    with pytest.raises(DraftEnded) as told:
        await conversations.ask(world.door, kari, Asked(WARD, "Sår", "Det klør."), once)
    assert told.value.became == f"Communication/{first}"
    assert len(await work(world, first)) == 1


async def test_a_unit_promises_less_and_can_take_no_messages(world: World) -> None:
    nurse, kari = await world.permit("nurse"), await world.permit("kari")
    await conversations.set_promise(world.door, nurse, Promise(days=2, words="Sår og forbinding"))
    (ward,) = await conversations.teams(world.door, kari)
    assert (ward.unit, ward.days, ward.words, ward.closed) == (WARD, 2, "Sår og forbinding", "")
    with pytest.raises(Invalid):
        await conversations.set_promise(world.door, nurse, Promise(days=6, version=1))
    seen = await conversations.promise(world.door, nurse)
    await conversations.set_promise(world.door, nurse, Promise(takes=False, version=seen.version))
    with pytest.raises(VersionMoved):
        await conversations.set_promise(world.door, nurse, Promise(takes=True, version=seen.version))
    with pytest.raises(Unwritable) as told:
        await conversations.ask(world.door, kari, Asked(WARD, "Sår", "Det klør."), fresh())
    assert told.value.why == "silent"
    await conversations.set_promise(world.door, nurse, Promise(version=seen.version + 1))
    with pytest.raises(Forbidden):
        await conversations.promise(world.door, kari)


async def test_nobody_writes_to_whom_he_has_nothing_to_do_with_or_has_blocked(world: World) -> None:
    kari = await world.permit("kari")
    with pytest.raises(Unwritable):
        await conversations.ask(world.door, kari, Asked("Organization/homecare", "Hjelp", "Kan dere komme?"), fresh())
    await block(world.door, kari, "Organization/hospital")
    (ward,) = await conversations.teams(world.door, kari)
    assert ward.closed == "blocked"
    with pytest.raises(Unwritable) as told:
        await conversations.ask(world.door, kari, Asked(WARD, "Sår", "Det klør."), fresh())
    assert told.value.why == "blocked"
    await unblock(world.door, kari, (await own_blocks(world.door, kari))[0].id)
    assert (await conversations.teams(world.door, kari))[0].closed == ""


async def test_what_is_written_while_it_waits_goes_with_it_and_is_seen_before_it_is_answered(world: World) -> None:
    root, kari, nurse = await asked(world), await world.permit("kari"), await world.permit("nurse")
    (task,) = await work(world, root)
    taken = await tasks.take(world.door, nurse, task.id, task.version)
    more = await conversations.follow_up(world.door, kari, root, "Og det svir.", fresh())
    (again,) = await work(world, root)
    assert (again.id, again.focus, again.due) == (task.id, f"Communication/{more}", task.due)
    with pytest.raises(VersionMoved):
        await conversations.answer(world.door, nurse, task.id, taken.version, "Ja.")
    await conversations.answer(world.door, nurse, task.id, again.version, "Ja. Smør på krem.")
    assert (await stands(world, root)).state == "answered"
    await conversations.follow_up(world.door, kari, root, "Takk!", fresh())
    (late,) = await work(world, root)
    assert late.status == "requested"
    await conversations.answer(world.door, nurse, late.id, late.version, "", "noted")
    assert (await stands(world, root)).state == "answered"


async def test_a_first_question_is_not_merely_noted(world: World) -> None:
    (task,) = await work(world, await asked(world))
    with pytest.raises(Invalid):
        await conversations.answer(world.door, await world.permit("nurse"), task.id, task.version, "", "noted")


async def test_a_conversation_of_another_is_as_if_it_were_not(world: World) -> None:
    root = await asked(world)
    elias = await world.permit("elias")
    with pytest.raises(NotFound):
        await conversations.conversation(world.door, elias, root)
    with pytest.raises(NotFound):
        await conversations.follow_up(world.door, elias, root, "Hei", fresh())


async def test_staff_write_first_and_say_whether_they_take_an_answer(world: World) -> None:
    nurse, kari = await world.permit("nurse"), await world.permit("kari")
    told = await conversations.start(world.door, nurse, "kari", "Time", "Ta med sokker.", answers=False, once="a")
    assert await conversations.start(world.door, nurse, "kari", "Time", "Ta med sokker.", answers=False, once="a") == ""
    asks = await conversations.start(world.door, nurse, "kari", "Sår", "Hvordan går det?", answers=True, once="b")
    assert (await stands(world, told)).state == "told"
    with pytest.raises(Exception, match="takes no answers"):
        await conversations.follow_up(world.door, kari, told, "Takk", fresh())
    await conversations.follow_up(world.door, kari, asks, "Bra!", fresh())
    (task,) = await work(world, asks)
    assert task.owner == WARD
    assert (await stands(world, asks)).state == "sent"


async def test_more_than_anybody_reads_in_a_day_is_not_taken_and_what_was_sent_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    elias, once = await world.permit("elias"), fresh()
    stay: dict[str, Any] = {"class": {"code": "AMB"}, "status": "in-progress", "period": {"start": "2026-11-01"}}
    await world.put(made("Encounter", "elias-stay", **stay, subject=to("Patient/elias"), serviceProvider=to(WARD)))
    first = await conversations.ask(world.door, elias, Asked(WARD, "Sår", "Det klør."), once)
    monkeypatch.setattr(pace, "MOST_A_DAY", 1)
    with pytest.raises(Unwritable) as refused:
        await conversations.ask(world.door, elias, Asked(WARD, "Sår", "Det klør mer."), fresh())
    assert refused.value.why == "many"
    with pytest.raises(Unwritable):
        await conversations.follow_up(world.door, elias, first, "Nå klør det mer.", fresh())
    with pytest.raises(DraftEnded) as told:
        await conversations.ask(world.door, elias, Asked(WARD, "Sår", "Det klør."), once)
    assert told.value.became == f"Communication/{first}"
