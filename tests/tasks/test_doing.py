"""Work for people: who has it, what becomes of it, and that nobody does it twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from samjournal import tasks
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.record import Stored, read
from samjournal.record.waiting import count_waiting
from world import World

pytestmark = pytest.mark.anyio
WARD = "Organization/ward"
NURSE = "PractitionerRole/nurse-role"


async def _asked(world: World, owner: str = NURSE, words: str = "Bytt venekanyle", **more: object) -> Stored:
    permit = await world.permit("doctor")
    return await tasks.make(world.door, permit, patient="kari", words=words, owner=owner, **more)  # type: ignore[arg-type]


async def _counted(world: World, login: str) -> int:
    return await count_waiting(world.door, await world.permit(login))


async def test_what_is_made_waits_on_its_owner_until_a_deadline(world: World) -> None:
    before = await _counted(world, "nurse")
    made = await _asked(world)
    what = tasks.said(made.resource())
    assert (what.owner, what.requester, what.status) == (NURSE, "PractitionerRole/doctor-role", "requested")
    assert what.due is not None
    assert what.due > datetime.now(UTC) + timedelta(days=2)
    assert await _counted(world, "nurse") == before + 1
    listed = await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))
    assert [one.words for one in listed.mine][-1] == "Bytt venekanyle"
    assert "Patient/kari" in listed.about


@pytest.mark.parametrize(
    ("words", "owner", "due"),
    [("x", NURSE, None), ("Ring", "PractitionerRole/homenurse-role", None), ("Ring", NURSE, timedelta(hours=-1))],
)
async def test_what_cannot_be_is_refused(world: World, words: str, owner: str, due: timedelta | None) -> None:
    with pytest.raises(Invalid):
        await _asked(world, owner, words, due=due and datetime.now(UTC) + due)


async def test_one_takes_it_from_the_team_and_the_second_is_told(world: World) -> None:
    made = await _asked(world, WARD)
    taken = await tasks.take(world.door, await world.permit("nurse"), made.id, made.version)
    assert tasks.said(taken.resource()).owner == NURSE
    with pytest.raises(VersionMoved):
        await tasks.take(world.door, await world.permit("secretary"), made.id, made.version)
    reviews = await world.pool.fetch("SELECT source FROM access.review WHERE source = $1", f"Task/{made.id}")
    assert [row["source"] for row in reviews] == [f"Task/{made.id}"]  # Of who made it for his team; not of who took it.


async def test_done_by_two_at_once_is_done_by_one(world: World) -> None:
    made = await _asked(world, WARD)
    done = await tasks.finish(world.door, await world.permit("nurse"), made.id, made.version, "Byttet")
    what = tasks.said(done.resource())
    assert (what.status, what.owner, what.note) == ("completed", NURSE, ("Byttet", "Nurse"))
    with pytest.raises(FhirError):
        await tasks.finish(world.door, await world.permit("doctor"), made.id, made.version)


async def test_what_was_done_last_is_undone(world: World) -> None:
    nurse = await world.permit("nurse")
    made = await _asked(world)
    done = await tasks.finish(world.door, nurse, made.id, made.version)
    assert done.version == 2
    with pytest.raises(Conflict):
        await tasks.undo(world.door, await world.permit("secretary"), made.id, done.version)
    back = await tasks.undo(world.door, nurse, made.id, done.version)
    assert tasks.said(back.resource()).status == "requested"
    with pytest.raises(VersionMoved):
        await tasks.undo(world.door, nurse, made.id, done.version)


async def test_what_one_made_by_a_slip_is_taken_back(world: World) -> None:
    made = await _asked(world)
    back = await tasks.undo(world.door, await world.permit("doctor"), made.id, made.version)
    assert back.resource()["status"] == "cancelled"
    with pytest.raises(Conflict):
        await tasks.finish(world.door, await world.permit("nurse"), made.id, back.version)


async def test_it_is_handed_on_and_sent_back_with_a_word(world: World) -> None:
    nurse = await world.permit("nurse")
    made = await _asked(world)
    handed = await tasks.hand_on(world.door, nurse, made.id, made.version, "PractitionerRole/secretary-role", "Min fri")
    assert tasks.said(handed.resource()).note == ("Min fri", "Nurse")
    secretary = await world.permit("secretary")
    with pytest.raises(Invalid):
        await tasks.send_back(world.door, secretary, made.id, handed.version, "")
    back = await tasks.send_back(world.door, secretary, made.id, handed.version, "Ikke min oppgave")
    what = tasks.said(back.resource())
    assert (what.owner, what.requester) == ("PractitionerRole/doctor-role", "PractitionerRole/secretary-role")


async def test_a_named_action_is_not_done_here(world: World) -> None:
    (stored,) = await world.put(
        {
            "resourceType": "Task", "id": "named", "status": "requested", "intent": "order",
            "code": {"coding": [{"system": "urn:samjournal:named-action", "code": "wrong-patient"}]},
            "owner": {"reference": WARD},
        }
    )  # fmt: skip
    with pytest.raises(Forbidden):
        await tasks.finish(world.door, await world.permit("nurse"), stored.id, stored.version)
    listed = await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))
    assert "named" not in {one.id for one in listed.team}


async def test_who_has_no_relation_finds_nothing(world: World) -> None:
    made = await _asked(world)
    with pytest.raises(NotFound):
        await read(world.door, await world.permit("homenurse"), "Task", made.id)
    with pytest.raises(NotFound):
        await tasks.take(world.door, await world.permit("homenurse"), made.id, made.version)


async def test_a_countersignature_that_the_author_must_sign_before_waits_on_nobody_yet(world: World) -> None:
    before = await _counted(world, "doctor")
    task = {
        "resourceType": "Task", "id": "held", "status": "on-hold", "intent": "order", "owner": {"reference":
        "PractitionerRole/doctor-role"}, "for": {"reference": "Patient/kari"},
        "code": {"coding": [{"system": tasks.SYSTEM, "code": "countersign"}]},
    }  # fmt: skip
    await world.put(task)
    assert await _counted(world, "doctor") == before
    await world.put({**task, "status": "requested"})
    assert await _counted(world, "doctor") == before + 1


async def test_a_result_is_acknowledged_by_who_it_waits_on_or_by_who_signs(world: World) -> None:
    made = await _asked(world, "PractitionerRole/doctor-role", "Svar på kalium", kind="acknowledge")
    with pytest.raises(Forbidden):
        await tasks.finish(world.door, await world.permit("secretary"), made.id, made.version)
    done = await tasks.finish(world.door, await world.permit("nurse"), made.id, made.version)
    assert tasks.said(done.resource()).owner == NURSE
