"""What a doctor decides is decided by nobody else, over the API either."""

from __future__ import annotations

import pytest

from world import World

pytestmark = pytest.mark.anyio
FLAG = {
    "resourceType": "Flag",
    "status": "active",
    "code": {"coding": [{"system": "urn:samjournal:news2", "code": "spo2-scale-2"}]},
    "subject": {"reference": "Patient/kari"},
}


async def test_a_nurse_neither_takes_nor_ends_the_decision_on_the_scale(world: World) -> None:
    nurse, doctor = await world.client("nurse"), await world.client("doctor")
    assert (await nurse.post("/Flag", json=FLAG)).status_code == 403
    decided = (await doctor.post("/Flag", json=FLAG)).json()
    address = f"/Flag/{decided['id']}"
    assert (await nurse.put(address, json={**decided, "status": "inactive"})).status_code == 403
    assert (await nurse.delete(address)).status_code == 403
    other = {**FLAG, "code": {"text": "Fallfare"}}
    assert (await nurse.post("/Flag", json=other)).status_code == 201
    assert (await doctor.put(address, json={**decided, "status": "inactive"})).status_code == 200
