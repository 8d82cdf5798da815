"""Hazard: the national number of those who work here is shown to everybody, since registers are open to all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from samjournal.fhir.identifiers import FNR, HPR
from world import World

pytestmark = pytest.mark.anyio
NUMBER = "15076500565"
WHO = {
    "resourceType": "Practitioner",
    "id": "kirsten",
    "identifier": [{"system": HPR, "value": "4711471"}, {"system": FNR, "value": NUMBER}],
    "name": [{"family": "Moe", "given": ["Kirsten"]}],
    "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">Moe, {NUMBER}</div>'},
}
POST = {
    "resourceType": "PractitionerRole",
    "id": "kirsten-role",
    "practitioner": {"reference": "Practitioner/kirsten"},
    "organization": {"reference": "Organization/ward"},
}
ASKED = (
    "Practitioner/kirsten",
    "Practitioner/kirsten/_history",
    "Practitioner/kirsten/_history/1",
    "Practitioner/kirsten/_history/2",
    f"Practitioner?identifier={HPR}|4711471",
    "Practitioner?_id=kirsten&_elements=identifier",
    "Practitioner?_id=kirsten&_format=xml",
    "PractitionerRole?_id=kirsten-role&_include=PractitionerRole:practitioner",
    "Practitioner?_id=kirsten&_revinclude=PractitionerRole:practitioner",
)
FOUND_BY = (
    f"Practitioner?identifier={FNR}|{NUMBER}",
    f"Practitioner?identifier={NUMBER}",
    f"Practitioner?identifier={FNR}|",
    f"Practitioner?_filter=identifier eq {FNR}|{NUMBER}",
    f"Practitioner?_text={NUMBER}",
    f"Practitioner?_content={NUMBER}",
    f"PractitionerRole?practitioner.identifier={FNR}|{NUMBER}",
    f"Organization?_has:PractitionerRole:organization:practitioner.identifier={FNR}|{NUMBER}",
)


@pytest.fixture(scope="module", autouse=True)
async def staff(world: World) -> None:
    """Two versions with the number, and a third from which it was taken."""
    await world.put(WHO, POST)
    await world.put(WHO)
    await world.put({**WHO, "id": "was-numbered"})
    bare = {name: value for name, value in WHO.items() if name not in ("identifier", "text")}
    await world.put({**bare, "id": "was-numbered"})


@pytest.fixture(params=["nurse", "secretary", "kari"])
async def reader(world: World, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    async with await world.client(request.param) as client:
        yield client


@pytest.mark.parametrize("path", [*ASKED, "Practitioner/was-numbered/_history"])
async def test_nobody_is_shown_it(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(f"/{path}")
    assert answer.status_code == 200
    assert "Moe" in answer.text or "4711471" in answer.text
    assert NUMBER not in answer.text


@pytest.mark.parametrize("path", FOUND_BY)
async def test_nobody_is_found_by_it(reader: httpx.AsyncClient, path: str) -> None:
    answer = await reader.get(f"/{path}")
    assert answer.status_code in (200, 403)
    assert answer.status_code == 403 or answer.json()["total"] == 0


async def test_a_system_that_may_see_what_is_protected_has_it(world: World) -> None:
    async with await world.client() as client:
        assert NUMBER in (await client.get("/Practitioner/kirsten")).text
        for path in (f"Practitioner?identifier={FNR}|{NUMBER}", f"Practitioner?identifier={HPR}|4711471"):
            assert (await client.get(f"/{path}")).json()["total"] >= 1, path
