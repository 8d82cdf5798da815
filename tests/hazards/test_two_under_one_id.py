"""Hazard: two sources number their patients alike, or use the uuids of an example, and one person's record becomes
another's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samjournal.server import exits
from samjournal.server.load import load
from world import FNR, World, observation, patient

pytestmark = pytest.mark.anyio
URN = "urn:uuid:0c1b2c3d-0000-4000-8000-00000000000"


async def run(world: World, *paths: Path, **options: Any) -> tuple[int, str]:
    told: list[str] = []
    code = await load(world.pool, paths, tell=told.append, **options)
    return code, "\n".join(told)


def write(file: Path, content: dict[str, Any]) -> Path:
    file.write_text(json.dumps(content))
    return file


async def test_another_person_under_a_patients_id_is_refused(world: World, tmp_path: Path) -> None:
    one = write(tmp_path / "a.json", patient("77", "Aas", number="11834826226"))
    other = write(tmp_path / "b.json", patient("77", "Boe", number="24906599910"))
    code, told = await run(world, one, other)
    assert code == exits.FINDINGS
    assert "Patient/77 is somebody else here" in told
    assert "24906599910" not in told
    async with await world.client() as client:
        assert (await client.get("/Patient/77")).json()["name"][0]["family"] == "Aas"
        assert (await client.get("/Patient/77/_history")).json()["total"] == 1
    code, told = await run(world, other, dry_run=True)
    assert code == exits.FINDINGS, "a dry run tells it as well"


async def test_the_same_person_with_a_corrected_number_or_name_is_no_other(world: World, tmp_path: Path) -> None:
    first = patient("78", "Dahl", number="11834826226")
    corrected = patient("78", "Dahl", number="24906599910")
    married = patient("78", "Eide", number="24906599910")
    dnumber = {**patient("78", "Foss"), "identifier": [{"system": f"{FNR}.2", "value": "1"}]}
    for number, content in enumerate((first, corrected, married, dnumber)):
        code, told = await run(world, write(tmp_path / f"{number}.json", content))
        assert code == exits.OK, told
    async with await world.client() as client:
        assert (await client.get("/Patient/78")).json()["name"][0]["family"] == "Foss"


async def test_the_uuids_of_a_template_keep_two_people_apart_in_collections_too(world: World, tmp_path: Path) -> None:
    for family in ("Gran", "Holm"):
        who = patient("x", family)
        found = {**observation("x"), "subject": {"reference": f"{URN}1"}}
        del who["id"]
        entries = [{"fullUrl": f"{URN}1", "resource": who}, {"fullUrl": f"{URN}2", "resource": found}]
        write(tmp_path / f"{family}.json", {"resourceType": "Bundle", "type": "collection", "entry": entries})
    code, told = await run(world, tmp_path)
    assert code == exits.OK, told
    async with await world.client() as client:
        for family in ("Gran", "Holm"):
            (one,) = (await client.get(f"/Patient?family={family}")).json()["entry"]
            assert (await client.get(f"/Observation?patient={one['resource']['id']}")).json()["total"] == 1
