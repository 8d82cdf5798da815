"""Real Synthea bundles come in whole: what is read back is what was sent, references resolved."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from samjournal.server.load import load
from world import World

pytestmark = pytest.mark.anyio
SYNTHEA = Path(__file__).parents[3] / "shared/data/synthea"
FILES = sorted(SYNTHEA.glob("[A-C]*.json"))[:4]


@pytest.mark.skipif(not FILES, reason="needs ../shared/data/synthea beside the checkout")
async def test_nothing_of_a_bundle_is_lost(world: World) -> None:
    told: list[str] = []
    assert await load(world.pool, FILES, tell=told.append) == 0
    again: list[str] = []
    assert await load(world.pool, FILES, tell=again.append) == 0
    assert any(f"{len(FILES)} loaded before" in line for line in again)
    for file in FILES:
        entries = json.loads(file.read_bytes())["entry"]
        sent = sorted(_shape(entry["resource"]) for entry in entries)
        assert entries
        assert sorted(_shape(resource) for resource in await _stored(world, entries)) == sent


async def _stored(world: World, entries: list[dict[str, Any]]) -> list[dict[str, object]]:
    """What was stored of some entries: a resource that came as urn:uuid:X has the id X."""
    ids = [entry["fullUrl"].removeprefix("urn:uuid:") for entry in entries]
    rows = await world.pool.fetch("SELECT body FROM store.version WHERE id = ANY($1::text[])", ids)
    return [json.loads(row["body"], parse_float=str) for row in rows]


def _shape(resource: dict[str, object]) -> str:
    """A resource without what the server gives it, references by type alone."""
    kept = {name: value for name, value in resource.items() if name not in ("id", "meta")}
    text = json.dumps(kept, sort_keys=True)
    text = re.sub(r'"reference": "urn:uuid:[^"]+"', '"reference": "?"', text)
    text = re.sub(r'"reference": "[A-Z][A-Za-z]+/[^"]+"', '"reference": "?"', text)
    return re.sub(r': "?(-?\d+\.\d+(?:[eE][-+]?\d+)?)"?', r": \1", text)
