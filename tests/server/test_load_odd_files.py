"""`samjournal load`: files as they come from other people's programs, and what must not become of them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from samjournal.fhir.primitives import wrong
from samjournal.server import exits
from samjournal.server.load import load
from samjournal.server.load.report import without_values
from world import Resource, World, observation, patient

pytestmark = pytest.mark.anyio
MARK = b"\xef\xbb\xbf"
URN = "urn:uuid:0b1b2c3d-0000-4000-8000-00000000000"


async def run(world: World, *paths: Path, **options: Any) -> tuple[int, str]:
    told: list[str] = []
    code = await load(world.pool, paths, tell=told.append, **options)
    return code, "\n".join(told)


async def families(world: World, query: str) -> list[str]:
    async with await world.client() as client:
        found = (await client.get(f"/Patient?{query}&_sort=_id")).json().get("entry", [])
    return [one["resource"]["name"][0]["family"] for one in found]


def line(resource: Resource) -> bytes:
    return json.dumps(resource).encode() + b"\r\n"


async def test_a_resource_over_several_lines_is_one_though_a_line_of_it_is_one_too(
    world: World, tmp_path: Path
) -> None:
    file = tmp_path / "a.json"
    file.write_text(
        '{"resourceType":"Patient","id":"several-lines",\n"contained":[\n'
        '{"resourceType":"Organization","id":"within","name":"x"}\n],\n'
        '"managingOrganization":{"reference":"#within"}}\n'
    )
    assert (await run(world, file))[0] == exits.OK
    async with await world.client() as client:
        assert (await client.get("/Patient/several-lines")).json()["contained"][0]["id"] == "within"
        assert (await client.get("/Organization/within")).status_code == 404


async def test_a_bad_line_after_a_very_long_one_costs_only_itself(world: World, tmp_path: Path) -> None:
    long = {**patient("long-1", "Long"), "photo": [{"contentType": "image/png", "data": "AAAA" * 30_000}]}
    file = tmp_path / "a.ndjson"
    file.write_bytes(line(long) + b'{"resourceType":"Patient","id":"lo\r\n' + line(patient("long-2", "Long")))
    code, told = await run(world, file)
    assert code == exits.FINDINGS
    assert f"{file}:2" in told
    assert await families(world, "family=Long") == ["Long", "Long"]


async def test_files_that_were_put_together_with_their_marks_are_read(world: World, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    file.write_bytes(
        MARK + line(patient("mark-1", "Mark")) + b"\r\n \r\n" + MARK + line(patient("mark-2", "Mark")) + MARK
    )
    code, told = await run(world, file)
    assert code == exits.OK, told
    assert await families(world, "family=Mark") == ["Mark", "Mark"]


async def test_records_in_utf_16_are_a_fault_in_a_folder_too(world: World, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json.dumps(patient("wide", "Wide")).encode("utf-16"))
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    assert "UTF-16" in told


async def test_several_gz_after_each_other_are_one_and_what_is_cut_off_is_told(world: World, tmp_path: Path) -> None:
    packed = [gzip.compress(line(patient(f"gz-{number}", "Gz"))) for number in (1, 2)]
    (tmp_path / "a").write_bytes(b"".join(packed) + bytes(512))
    (tmp_path / "b").write_bytes(packed[0][:-9])
    code, told = await run(world, tmp_path)
    assert code == exits.FINDINGS
    assert f"{tmp_path / 'b'}: The gz file is damaged or cut off" in told
    assert await families(world, "family=Gz") == ["Gz", "Gz"]


async def test_a_bundle_in_a_bundle_keeps_its_own_references(world: World, tmp_path: Path) -> None:
    inner = {
        "resourceType": "Bundle",
        "id": "inner",
        "type": "collection",
        "entry": [
            {"fullUrl": f"{URN}1", "resource": {**observation("x"), "subject": {"reference": f"{URN}2"}}},
            {"fullUrl": f"{URN}2", "resource": {"resourceType": "Patient"}},
        ],
    }
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": inner}]}))
    code, told = await run(world, file)
    assert code == exits.OK, told
    async with await world.client() as client:
        stored = (await client.get("/Bundle/inner")).json()
    assert stored["entry"][0]["resource"]["subject"]["reference"] == f"{URN}2"


async def test_a_moment_at_the_end_of_the_calendar_does_not_end_the_load(world: World, tmp_path: Path) -> None:
    file = tmp_path / "a.ndjson"
    last = {**observation("kari", at="9999-12-31T23:59:60Z"), "id": "last-moment"}
    file.write_bytes(line(last) + line(patient("after-all", "Afterall")))
    assert (await run(world, file))[0] == exits.OK
    assert await families(world, "family=Afterall") == ["Afterall"]


@pytest.mark.parametrize(
    "text",
    [
        "'Kari er syk, og det står i et felt for datoer, for lenge…' does not fit the type date: it must be a date.",
        "“Patient?name=Kari ”Syk” Nordmann” is no criterion: name a parameter.",
        "per-1: the period ends (2026-01-01) before it starts (2026-02-01).",
        "rng-2: the low end (120.5) is above the high end (80).",
        "age-1: an age is not negative, as -120 is.",
        "cnt-3: a count is a whole number; 120.5 is none.",
        "Text stands between elements: 'Kari er syk'. Values go in value=\"…\".",
        "120 does not fit the type string: it must be text.",
    ],
)
def test_the_report_tells_no_value(text: str) -> None:
    told = without_values(text)
    assert not [secret for secret in ("Kari", "syk", "Nordmann", "2026", "120", "80") if secret in told], told
    assert told.rstrip(".")


def test_the_report_tells_nothing_of_a_text_where_a_date_should_be() -> None:
    told = without_values(wrong("date", "Kari er svært syk. " * 9))
    assert "Kari" not in told
    assert "does not fit the type date" in told


def test_the_report_tells_the_reason() -> None:
    told = "age-1, cnt-3: the unit of such a quantity is UCUM's: system http://unitsofmeasure.org."
    assert without_values(told) == told
    for told in ("The body is not UTF-8 (line 2, column 58).", "The text is not JSON (line 2): expected ',' or '}'."):
        assert without_values(told) == told
