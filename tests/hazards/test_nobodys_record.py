"""Hazard: an entry with a slip in its subject is accepted and lies in nobody's record."""

from __future__ import annotations

import json

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "reference",
    ["/Patient/kari", "Patient/kari/", "Patient/ kari", "./Patient/kari", "patient/kari", "Patient/kari#x", "kari",
     "Patient?identifier=1", "urn:uuid:0b1c"],
)  # fmt: skip
async def test_a_reference_that_leads_nowhere_is_refused(world: World, reference: str) -> None:
    async with await world.client() as client:
        answer = await client.post("/Observation", json={**observation("kari"), "subject": {"reference": reference}})
    assert answer.status_code == 400, answer.text
    assert "subject" in answer.text


async def test_every_name_of_this_server_means_this_server(world: World) -> None:
    import httpx

    from samjournal import accounts
    from samjournal.rest import Rest

    token = await accounts.for_system(world.pool, "t")
    app = Rest(world.door, hosts=("127.0.0.1:8000", "localhost:8000"))
    transport = httpx.ASGITransport(app=app, root_path="/fhir")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000/fhir", headers=headers) as client:
        sent = {**observation("kari"), "subject": {"reference": "http://localhost:8000/fhir/Patient/kari"}}
        assert (await client.post("/Observation", json=sent)).json()["subject"]["reference"] == "Patient/kari"
        escaped = json.dumps(sent).replace("/", r"\/")  # As some languages write JSON.
        made = (await client.post("/Observation", content=escaped)).json()
        assert made["subject"]["reference"] == "Patient/kari"
        assert made["id"] in (await client.get("/Observation?patient=kari&_count=1000")).text
        assert (await client.get("/Patient/kari", headers={"host": "localhost:9999"})).status_code == 200
        for host in ("evil.example", 'x"y', "evil.example:8000"):
            assert (await client.get("/Patient/kari", headers={"host": host})).status_code == 400, host
