"""A result that is called seen by somebody who may not judge it, or by nobody: the critical value is acted on by none.

The way to harm: a secretary, or an app in her name, completes, cancels, takes or deletes the Task over the API.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from samjournal import tasks
from samjournal.fhir.errors import Forbidden, Invalid
from world import ACT, World, observation, to

pytestmark = pytest.mark.anyio
DOCTOR = "PractitionerRole/doctor-role"


@pytest.fixture
async def clients(world: World) -> dict[str, httpx.AsyncClient]:
    return {login: await world.client(login) for login in ("doctor", "nurse", "secretary")}


@pytest.fixture
async def task(world: World) -> dict[str, Any]:
    await world.put({**observation("kari"), "id": "potassium"})
    return await _asked(world, DOCTOR)


async def _asked(world: World, owner: str, focus: str = "Observation/potassium") -> dict[str, Any]:
    now = datetime.now(UTC)
    written = tasks.written(
        kind="acknowledge", patient="kari", owner=to(owner), at=now, due=now + timedelta(days=1), focus=focus
    )
    return (await world.make(written)).resource()


def _done(task: dict[str, Any], owner: str, at: str = "") -> dict[str, Any]:
    end = at or datetime.now(UTC).isoformat(timespec="seconds")
    return {**task, "status": "completed", "owner": to(owner), "executionPeriod": {"end": end}}


async def test_a_secretary_completes_cancels_and_deletes_nothing(
    clients: dict[str, httpx.AsyncClient], task: dict[str, Any]
) -> None:
    desk, address = clients["secretary"], f"/Task/{task['id']}"
    own = "PractitionerRole/secretary-role"
    for changed in (
        _done(task, own),
        _done(task, DOCTOR),
        {**task, "status": "cancelled"},
        {**task, "status": "entered-in-error"},
        {**task, "owner": to(own)},
        {**task, "code": {"text": "Ring"}},
        {**task, "focus": to("Observation/another")},
    ):
        assert (await desk.put(address, json=changed)).status_code == 403
    patch = [{"op": "replace", "path": "/status", "value": "completed"}]
    headers = {"content-type": "application/json-patch+json"}
    assert (await desk.patch(address, json=patch, headers=headers)).status_code == 403
    entry = {"resource": _done(task, own), "request": {"method": "PUT", "url": address[1:]}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [entry]}
    assert (await desk.post("/", json=bundle)).status_code == 403
    assert (await desk.delete(address)).status_code == 403
    for owner in (own, DOCTOR):
        new = {name: value for name, value in _done(task, owner).items() if name not in ("id", "meta")}
        assert (await desk.post("/Task", json=new)).status_code == 403, owner
    assert (await clients["doctor"].get(address)).json()["status"] == "requested"


async def test_who_acknowledges_does_it_himself_and_now(
    clients: dict[str, httpx.AsyncClient], task: dict[str, Any]
) -> None:
    nurse, address = clients["nurse"], f"/Task/{task['id']}"
    assert (await nurse.put(address, json=_done(task, DOCTOR))).status_code == 403
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    assert (await nurse.put(address, json=_done(task, "PractitionerRole/nurse-role", yesterday))).status_code == 403
    done = await nurse.put(address, json=_done(task, "PractitionerRole/nurse-role"))
    assert done.status_code == 200
    for login in ("doctor", "secretary"):
        forged = {**done.json(), "owner": to(DOCTOR)}
        assert (await clients[login].put(address, json=forged)).status_code == 403, login


async def test_what_is_closed_to_the_reader_is_not_called_seen(
    world: World, clients: dict[str, httpx.AsyncClient]
) -> None:
    label = {"system": ACT, "code": "HIV"}
    await world.put({**observation("kari"), "id": "reserved", "meta": {"security": [label]}})
    task = await _asked(world, "PractitionerRole/nurse-role", "Observation/reserved")
    answer = await clients["nurse"].put(f"/Task/{task['id']}", json=_done(task, "PractitionerRole/nurse-role"))
    assert answer.status_code == 403


async def test_a_secretary_neither_takes_a_result_from_the_team_nor_is_given_it(world: World) -> None:
    await world.put({**observation("kari"), "id": "potassium"})
    task = await _asked(world, "Organization/ward")
    with pytest.raises(Forbidden):
        await tasks.take(world.door, await world.permit("secretary"), task["id"], 1)
    doctor = await world.permit("doctor")
    with pytest.raises(Invalid):
        await tasks.hand_on(world.door, doctor, task["id"], 1, "PractitionerRole/secretary-role")
    taken = await tasks.take(world.door, await world.permit("nurse"), task["id"], 1)
    assert tasks.said(taken.resource()).owner == "PractitionerRole/nurse-role"
