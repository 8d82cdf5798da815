"""The value sets of Norwegian profiles are worked out, or refused in words; none is a fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import Parsed, compact_of
from samjournal.record import Arrival, query_of, search, take_in
from samjournal.terminology import LOADED
from world import World

pytestmark = pytest.mark.anyio
NORWAY = Path(__file__).parents[3] / "shared/norway"
FILES = [path for path in sorted(NORWAY.rglob("*.json")) if "fhir-" in str(path)]


@pytest.mark.skipif(not FILES, reason="needs ../shared/norway beside the checkout")
async def test_every_one_of_them_is_worked_out_or_refused_in_words(world: World) -> None:
    arrivals = {}
    for path in FILES:
        text = path.read_text("utf-8-sig")
        resource = json.loads(text) if '"ValueSet"' in text or '"CodeSystem"' in text else {}
        if resource.get("resourceType") in ("ValueSet", "CodeSystem") and resource.get("id"):
            arrivals[resource["resourceType"], resource["id"]] = Arrival(
                resource["resourceType"], resource["id"], Parsed(resource, compact_of(resource))
            )
    taken = await take_in(world.door, world.system, list(arrivals.values()))
    sets = [
        f"ValueSet/{one.id}"
        for one, done in zip(arrivals.values(), taken, strict=True)
        if done.outcome == "stored" and one.type == "ValueSet"
    ]
    await LOADED.refresh(world.pool)
    known, refused = 0, []
    for one in sets:
        try:
            await search(world.door, world.system, query_of("Observation", [("code:in", one)]))
            known += 1
        except Invalid as error:
            refused.append(str(error))
    assert known > len(refused)
    assert all("is not loaded" in one or "is no value set that is stored here" in one for one in refused), refused
