"""Who sees what: relation, role and type, on every path. Requirement 2.1."""

from __future__ import annotations

import pytest

from samjournal.db.binding import Arguments
from world import World, observation, stay

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def pulse(world: World) -> str:
    """An Observation of Kari, who lies on the ward."""
    return (await world.make(observation("kari"))).id


async def test_the_ward_that_has_the_stay_reads(world: World, pulse: str) -> None:
    for login in ("doctor", "nurse", "secretary"):
        async with await world.client(login) as client:
            assert (await client.get(f"/Observation/{pulse}")).status_code == 200, login


async def test_a_unit_without_relation_gets_the_same_404_as_for_what_is_not_there(world: World, pulse: str) -> None:
    async with await world.client("homenurse") as client:
        hidden, absent = await client.get(f"/Observation/{pulse}"), await client.get("/Observation/none")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.text.replace(pulse, "none").partition('"id"')[0] == absent.text.partition('"id"')[0]


async def test_a_patient_that_may_be_found_needs_a_reason(world: World) -> None:
    async with await world.client("homenurse") as client:
        answer = await client.get("/Patient/kari")
    assert answer.status_code == 403
    assert "State a reason" in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/Observation?patient=kari",
        "/Observation?patient=kari&_total=accurate",
        "/Observation?_count=1000",
        "/Patient?name=nordmann",
        "/Patient?_id=kari&_revinclude=Observation:patient",
    ],
)
async def test_lists_and_totals_hold_nothing_of_others(world: World, pulse: str, path: str) -> None:
    async with await world.client("homenurse") as client:
        bundle = (await client.get(path)).json()
    assert bundle.get("entry", []) == []
    assert bundle.get("total", 0) == 0


async def test_a_count_counts_only_what_may_be_seen(world: World, pulse: str) -> None:
    async with await world.client("homenurse") as client:
        assert (await client.get("/Observation?_summary=count")).json()["total"] == 0


async def test_an_include_brings_nothing_that_is_not_for_the_reader(world: World) -> None:
    await world.put({"resourceType": "Patient", "id": "nora"})
    await world.put(
        {
            "resourceType": "Task",
            "id": "about-two",
            "status": "requested",
            "intent": "order",
            "for": {"reference": "Patient/kari"},
            "focus": {"reference": "Patient/nora"},
        }
    )
    async with await world.client() as client:
        assert len((await client.get("/Task?patient=kari")).json()["entry"]) == 1
    async with await world.client("nurse") as client:
        # It names somebody else too, so a permit for both is needed.
        assert (await client.get("/Task/about-two")).status_code == 404
        assert (await client.get("/Task?patient=kari&_include=Task:focus")).json().get("entry", []) == []


async def test_a_relation_ends(world: World) -> None:
    await world.put({"resourceType": "Patient", "id": "per"})
    ended = {
        **stay("per-stay", "per", status="finished"),
        "period": {"start": "2020-01-01", "end": "2020-02-01"},
    }
    await world.put(ended)
    async with await world.client("nurse") as client:
        assert (await client.get("/Patient/per")).status_code == 403


async def test_a_cancelled_stay_opens_nothing(world: World) -> None:
    await world.put({"resourceType": "Patient", "id": "pia"}, stay("pia-stay", "pia"))
    async with await world.client("nurse") as client:
        assert (await client.get("/Patient/pia")).status_code == 200
        await world.put(stay("pia-stay", "pia", status="cancelled"))
        assert (await client.get("/Patient/pia")).status_code == 403


async def test_a_citizen_reads_the_own_record_and_no_other(world: World, pulse: str) -> None:
    async with await world.client("kari") as client:
        assert (await client.get(f"/Observation/{pulse}")).status_code == 200
        assert (await client.get("/Patient/ola")).status_code == 404
        assert (await client.get("/Task?patient=kari")).status_code == 403
        assert (await client.post("/Observation", json=observation("kari"))).status_code == 403
        found = (await client.get("/Patient?name=nordmann")).json()["entry"]
    assert [entry["resource"]["id"] for entry in found] == ["kari"]


async def test_a_role_writes_only_its_own_types(world: World) -> None:
    async with await world.client("secretary") as client:
        answer = await client.post("/Observation", json=observation("kari"))
    assert answer.status_code == 403
    assert "may not create Observation" in answer.text


async def test_a_nurse_without_relation_cannot_write(world: World) -> None:
    async with await world.client("homenurse") as client:
        assert (await client.post("/Observation", json=observation("kari"))).status_code == 403
    async with await world.client() as client:
        assert (await client.get("/Observation?patient=kari&_summary=count")).json()["total"] == 1


async def test_scopes_limit_a_system(world: World, pulse: str) -> None:
    async with await world.client(scope="system/Observation.rs") as client:
        assert (await client.get(f"/Observation/{pulse}")).status_code == 200
        assert (await client.get("/Patient/kari")).status_code == 403
        assert (await client.post("/Observation", json=observation("kari"))).status_code == 403
        assert (await client.get("/Observation?_revinclude=Task:patient")).status_code == 400


async def test_without_a_token_nothing_is_said(world: World) -> None:
    async with world.anonymous() as client:
        for path in ("/Patient/kari", "/Patient/none", "/Nonsense", "/Patient?nam=x"):
            assert (await client.get(path)).status_code == 401, path
        assert (await client.get("/metadata")).status_code == 200


async def test_what_names_no_patient_is_for_the_unit_that_wrote_it(world: World) -> None:
    nobodys = {**observation("kari"), "subject": {"reference": "http://elsewhere/fhir/Patient/1"}}
    made = await world.make(nobodys, by="nurse")
    async with await world.client("doctor") as client:
        assert (await client.get(f"/Observation/{made.id}")).status_code == 200
    async with await world.client("homenurse") as client:
        assert (await client.get(f"/Observation/{made.id}")).status_code == 404
        body = {**nobodys, "id": made.id}
        assert (await client.put(f"/Observation/{made.id}", json=body)).status_code == 404
    async with await world.client("kari") as client:
        assert (await client.get(f"/Observation/{made.id}")).status_code == 404
        assert (await client.get("/Organization/ward")).status_code == 200


async def test_a_row_is_judged_by_one_relation_and_not_by_the_nearest_of_all(world: World) -> None:
    # Somebody in dialysis has thousands of contacts at one unit; sorting them for each row took a quarter of a minute.
    condition = (await world.permit("nurse")).condition("c", Arguments())
    assert "access.opens(c.patient" in condition
    assert "ORDER BY" not in condition
