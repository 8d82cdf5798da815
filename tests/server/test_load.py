"""`samjournal load`: what one file needs of another is found whatever their order; faults are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from samjournal.server import exits
from samjournal.server.load import load
from world import World

pytestmark = pytest.mark.anyio
NPI = "http://hl7.org/fhir/sid/us-npi"


def _bundle(file: Path, *resources: dict[str, object]) -> None:
    entries = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources]
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}))


async def test_a_conditional_reference_to_a_later_file_is_found(world: World, tmp_path: Path) -> None:
    seen = {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "participant": [{"individual": {"reference": f"Practitioner?identifier={NPI}|7"}}],
    }
    _bundle(tmp_path / "a.json", seen)
    _bundle(tmp_path / "b.json", {"resourceType": "Practitioner", "identifier": [{"system": NPI, "value": "7"}]})
    told: list[str] = []
    assert await load(world.pool, [tmp_path], tell=told.append) == exits.OK, told
    async with await world.client() as client:
        made = (await client.get("/Practitioner?identifier=7")).json()["entry"][0]["resource"]["id"]
        found = (await client.get(f"/Encounter?practitioner=Practitioner/{made}")).json()
    assert found["total"] == 1


async def test_what_is_wrong_is_told_by_file_and_place_and_the_rest_is_loaded(world: World, tmp_path: Path) -> None:
    _bundle(tmp_path / "a.json", {"resourceType": "Patient", "gender": "man"})
    _bundle(tmp_path / "b.json", {"resourceType": "Patient", "identifier": [{"value": "loaded-beside"}]})
    (tmp_path / "c.json").write_text("{")
    (tmp_path / "d.json").write_text('{"resourceType":"Bundle","type":"message"}')
    _bundle(
        tmp_path / "e.json",
        {"resourceType": "Basic", "code": {"text": "x"}, "subject": {"reference": "Patient?identifier=no"}},
    )
    told: list[str] = []
    assert await load(world.pool, [tmp_path], tell=told.append) == exits.FINDINGS
    refused = [line for line in told if line.startswith("REFUSED")]
    assert [Path(line.split(" ")[1].rstrip(":")).name for line in refused] == ["a.json", "c.json", "d.json", "e.json"]
    assert "Bundle.entry[0].resource: Patient.gender" in " ".join(told)
    async with await world.client() as client:
        assert (await client.get("/Patient?identifier=loaded-beside")).json()["total"] == 1


async def test_resources_and_collections_keep_their_ids(world: World, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text('{"resourceType":"Patient","id":"alone","active":true}')
    both = [{"resource": {"resourceType": "Patient", "id": f"together-{n}"}} for n in (1, 2)]
    (tmp_path / "set.json").write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": both}))
    assert await load(world.pool, [tmp_path], tell=lambda _: None) == exits.OK
    async with await world.client() as client:
        for id_ in ("alone", "together-1", "together-2"):
            assert (await client.get(f"/Patient/{id_}")).status_code == 200, id_
