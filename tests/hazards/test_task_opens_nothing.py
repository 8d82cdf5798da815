"""Hazard: somebody opens a record by a task: one he made for himself, took from his team, or had moved on by a job."""

from __future__ import annotations

import pytest

from samjournal import access, tasks
from samjournal.record import Change, change
from world import World, patient

pytestmark = pytest.mark.anyio
DOCTOR, WARD = "PractitionerRole/doctor-role", "Organization/ward"


def _task(id_: str, patient_id: str, owner: str) -> dict[str, object]:
    return {
        "resourceType": "Task", "id": id_, "status": "requested", "intent": "order",
        "for": {"reference": f"Patient/{patient_id}"}, "owner": {"reference": owner},
        "authoredOn": "2026-11-20T08:00:00+01:00",
        "restriction": {"period": {"end": "2026-11-21T08:00:00+01:00"}},
    }  # fmt: skip


async def _opens(world: World, login: str, patient_id: str) -> bool:
    async with await world.client(login) as client:
        return (await client.get(f"/Patient/{patient_id}")).status_code == 200


async def _made_for_himself(world: World, patient_id: str) -> None:
    """As a doctor makes one while the record is open by something that then ends."""
    stay = {"resourceType": "Encounter", "id": f"{patient_id}-stay", "status": "in-progress", "class": {"code": "IMP"},
            "subject": {"reference": f"Patient/{patient_id}"}, "serviceProvider": {"reference": WARD},
            "period": {"start": "2026-11-19T08:00:00+01:00"}}  # fmt: skip
    await world.put(patient(patient_id, "Berg"), stay)
    made = await world.make({k: v for k, v in _task("", patient_id, DOCTOR).items() if k != "id"}, by="doctor")
    await world.put({**stay, "status": "cancelled"})
    assert not await _opens(world, "doctor", patient_id)
    world.__dict__.setdefault("made", {})[patient_id] = made


async def test_what_one_made_for_oneself_opens_nothing_when_a_job_moves_it_on(world: World) -> None:
    await _made_for_himself(world, "ane")
    (stored,) = [world.__dict__["made"]["ane"]]
    task = {name: value for name, value in stored.resource().items() if name != "meta"}
    moved = {**task, "owner": {"reference": WARD}}
    await change(world.door, access.for_job("tasks"), [Change.update(moved)])
    assert not await _opens(world, "doctor", "ane")
    assert await _opens(world, "nurse", "ane")


async def test_who_takes_it_from_the_team_sees_no_less_and_is_on_no_list(world: World) -> None:
    await world.put(patient("bo", "Berg"), _task("bo-task", "bo", WARD))
    assert await _opens(world, "nurse", "bo")
    taken = await tasks.take(world.door, await world.permit("nurse"), "bo-task", 1)
    assert await _opens(world, "nurse", "bo")
    assert not await _opens(world, "doctor", "bo")
    assert await world.pool.fetchval("SELECT count(*) FROM access.review WHERE source = 'Task/bo-task'") == 0
    done = await tasks.finish(world.door, await world.permit("nurse"), "bo-task", taken.version)
    await tasks.undo(world.door, await world.permit("nurse"), "bo-task", done.version)
    assert await _opens(world, "nurse", "bo")


async def test_who_gives_a_task_of_another_patient_to_himself_opens_nothing(world: World) -> None:
    await world.put(patient("cato", "Berg"), _task("cato-task", "cato", "PractitionerRole/homenurse-role"))
    async with await world.client("doctor") as client:
        answer = await client.put("/Task/cato-task", json=_task("cato-task", "cato", DOCTOR))
    assert answer.status_code in (403, 404)
    assert not await _opens(world, "doctor", "cato")
