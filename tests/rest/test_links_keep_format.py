"""The links of a page ask in the format in which it came. hl7.org/fhir/R4/http.html#parameters"""

from __future__ import annotations

import re

import pytest

from world import World, observation, patient

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "where",
    [
        "Patient?_count=1&_format=xml",
        "Observation/_history?_count=1&_format=xml",
        "Observation/paged/_history?_count=1&_format=xml",
        "Patient/kari/$everything?_count=1&_format=xml",
        "?_type=Patient,Encounter&_count=1&_format=xml",
    ],
)
async def test_whoever_cannot_set_accept_stays_with_xml(world: World, where: str) -> None:
    for value in (1, 2):
        await world.put(patient(f"p{value}", "Side"), {**observation("kari", value=value), "id": "paged"})
    async with await world.client() as client:
        for following in ("next", None):
            page = await client.get(where if "://" in where else f"/{where}")
            assert page.status_code == 200, page.text
            assert page.text.startswith("<"), where
            links = dict(re.findall(r'<relation value="(\w+)"/><url value="([^"]+)"', page.text))
            assert "_format=xml" in links["self"]
            where = links[following].replace("&amp;", "&") if following else ""


async def test_a_search_by_post_without_a_body_is_one_by_its_address(world: World) -> None:
    async with await world.client() as client:
        answer = await client.post("/Patient/_search?_id=kari", headers={"content-type": ""})
    assert (answer.status_code, answer.json().get("total")) == (200, 1), answer.text
