"""`_lastUpdated`: a moment is kept to the millisecond and lasts as long. hl7.org/fhir/R4/search.html#prefix"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from world import World, patient

pytestmark = pytest.mark.anyio
EXACT = {"eq": 1, "": 1, "ne": 0, "gt": 0, "lt": 0, "ge": 1, "le": 1, "sa": 0, "eb": 0, "ap": 1}
BEFORE = {"eq": 0, "": 0, "ne": 1, "gt": 1, "lt": 0, "ge": 1, "le": 0, "sa": 1, "eb": 0, "ap": 0}
AFTER = {"eq": 0, "": 0, "ne": 1, "gt": 0, "lt": 1, "ge": 0, "le": 1, "sa": 0, "eb": 1, "ap": 0}


@pytest.mark.parametrize("prefix", list(EXACT))
async def test_each_prefix_at_the_moment_itself_and_a_millisecond_beside(world: World, prefix: str) -> None:
    async with await world.client() as client:
        await client.put("/Patient/when", json=patient("when", "Nå"))
        at = (await client.get("/Patient/when")).json()["meta"]["lastUpdated"]
        moment = datetime.fromisoformat(at)
        for wanted, value in (
            (EXACT, moment),
            (BEFORE, moment - timedelta(milliseconds=1)),
            (AFTER, moment + timedelta(milliseconds=1)),
        ):
            text = value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            for query in (f"_lastUpdated={prefix}{text}", f"family=Nå&_lastUpdated={prefix}{text}"):
                found = (await client.get(f"/Patient?_id=when&{query}")).json()["total"]
                assert found == wanted[prefix], (text, at)


async def test_the_second_of_a_moment_holds_it(world: World) -> None:
    async with await world.client() as client:
        await client.put("/Patient/when", json=patient("when", "Igjen"))
        second = (await client.get("/Patient/when")).json()["meta"]["lastUpdated"][:19] + "Z"
        for prefix, count in {"eq": 1, "ge": 1, "le": 1, "gt": 0, "lt": 0, "ap": 1}.items():
            assert (await client.get(f"/Patient?_id=when&_lastUpdated={prefix}{second}")).json()["total"] == count
