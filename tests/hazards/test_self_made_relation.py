"""Hazard: somebody opens a chart by writing the very thing that would give access to it. House rule 9."""

from __future__ import annotations

import pytest

from world import World, appointment, stay

pytestmark = pytest.mark.anyio


async def _opens(world: World, login: str, patient_id: str) -> int:
    async with await world.client(login) as client:
        return (await client.get(f"/Patient/{patient_id}")).status_code


async def test_a_secretary_books_for_herself_and_the_chart_stays_closed(world: World) -> None:
    async with await world.client("secretary") as client:
        for actor in (
            "Practitioner/secretary",
            "PractitionerRole/secretary-role",
            "HealthcareService/ward-clinic",
        ):
            answer = await client.post("/Appointment", json=appointment("ola", actor))
            assert answer.status_code == 201, answer.text
    assert await _opens(world, "secretary", "ola") == 403
    async with await world.client("secretary") as client:
        assert (await client.get("/Appointment?patient=ola")).json().get("entry", []) == []


async def test_the_colleague_she_booked_for_may_open_it(world: World) -> None:
    assert await _opens(world, "doctor", "ola") == 200


async def test_what_she_made_is_on_the_review_list(world: World) -> None:
    kinds = await world.pool.fetch("SELECT kind, actor FROM access.review WHERE actor = 'secretary'")
    assert {tuple(row) for row in kinds} == {("self-made", "secretary")}


async def test_a_bundle_makes_no_difference(world: World) -> None:
    await world.put({**_patient("bente")})
    entries = [
        {
            "resource": appointment("bente", "Practitioner/secretary"),
            "request": {"method": "POST", "url": "Appointment"},
        },
        {"resource": stay("s", "bente"), "request": {"method": "POST", "url": "Encounter"}},
        {"request": {"method": "GET", "url": "Patient/bente"}},
    ]
    async with await world.client("secretary") as client:
        whole = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        apart = await client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert (whole.status_code, whole.json()["resourceType"]) == (403, "OperationOutcome")
    booked, _, read = apart.json()["entry"]
    assert booked["response"]["status"].startswith("201")
    assert read["response"]["status"].startswith("403")
    assert "resource" not in read
    assert await _opens(world, "secretary", "bente") == 403


async def test_it_counts_once_somebody_else_has_acted_on_it(world: World) -> None:
    await world.put(_patient("cato"))
    made = await world.make(appointment("cato", "Practitioner/secretary"), by="secretary")
    assert await _opens(world, "secretary", "cato") == 403
    arrived = {**made.resource(), "status": "arrived"}
    arrived.pop("meta")
    await world.put(arrived)
    assert await _opens(world, "secretary", "cato") == 200


async def test_widening_what_somebody_else_made_counts_as_ones_own(world: World) -> None:
    await world.put(_patient("dina"))
    old = appointment("dina", "HealthcareService/ward-clinic", start="2020-01-01T10:00:00+01:00")
    await world.put({**old, "id": "dina-old"})
    assert await _opens(world, "secretary", "dina") == 403
    async with await world.client("secretary") as client:
        moved = {**appointment("dina", "HealthcareService/ward-clinic"), "id": "dina-old"}
        assert (await client.put("/Appointment/dina-old", json=moved)).status_code == 404
    assert await _opens(world, "secretary", "dina") == 403


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "CareTeam", "status": "active", "subject": {"reference": "Patient/kari"}},
        {
            "resourceType": "Consent",
            "status": "active",
            "scope": {"text": "x"},
            "category": [{"text": "x"}],
            "patient": {"reference": "Patient/kari"},
        },
    ],
)
async def test_people_do_not_write_what_decides_access(world: World, resource: dict[str, object]) -> None:
    async with await world.client("doctor") as client:
        answer = await client.post(f"/{resource['resourceType']}", json=resource)
    assert answer.status_code == 403
    assert "named actions" in answer.text


async def test_people_do_not_change_labels_or_links(world: World) -> None:
    async with await world.client("doctor") as client:
        kari = (await client.get("/Patient/kari")).json()
        labelled = {**kari, "meta": {"security": [{"code": "R"}]}}
        linked = {**kari, "link": [{"type": "seealso", "other": {"reference": "Patient/ola"}}]}
        assert (await client.put("/Patient/kari", json=labelled)).status_code == 403
        assert (await client.put("/Patient/kari", json=linked)).status_code == 403


def _patient(id_: str) -> dict[str, object]:
    return {"resourceType": "Patient", "id": id_, "name": [{"family": id_}]}
