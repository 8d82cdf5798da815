"""Everything of real synthetic patients: no resource of a record is missing, and no other person's comes with it."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from samjournal.server.load import load
from world import World

pytestmark = pytest.mark.anyio
SYNTHEA = Path(__file__).parents[3] / "shared/data/synthea"
FILES = sorted(SYNTHEA.glob("[A-D]*.json"))[:4]
REGISTERS = {"Organization", "Practitioner", "PractitionerRole", "Location", "Medication", "Device"}


@pytest.mark.skipif(not FILES, reason="needs ../shared/data/synthea beside the checkout")
async def test_all_of_a_synthea_record_comes_and_nobody_elses(world: World) -> None:
    assert await load(world.pool, FILES, tell=lambda _: None) == 0
    async with await world.client() as client:
        for file in FILES:
            entries = json.loads(file.read_bytes())["entry"]
            mine = {
                (one["resource"]["resourceType"], one["fullUrl"].removeprefix("urn:uuid:"))
                for one in entries
                if one["resource"]["resourceType"] not in REGISTERS
            }
            (patient,) = [id_ for type_, id_ in mine if type_ == "Patient"]
            whole = (await client.get(f"/Patient/{patient}/$everything")).json()["entry"]
            assert whole[0]["resource"]["id"] == patient
            assert _named(whole, "match") >= mine
            assert {type_ for type_, _ in _named(whole, "match") - mine} <= REGISTERS
            assert {type_ for type_, _ in _named(whole, "include")} <= REGISTERS
            assert _references(whole) <= _named(whole, "match") | _named(whole, "include")
            assert await _paged(client, f"/Patient/{patient}/$everything?_count=40") == _named(whole, "match")


def _named(entries: list[dict[str, dict[str, str]]], mode: str) -> set[tuple[str, str]]:
    found = [
        (one["resource"]["resourceType"], one["resource"]["id"]) for one in entries if one["search"]["mode"] == mode
    ]
    assert len(found) == len(set(found))
    return set(found)


def _references(entries: list[dict[str, dict[str, str]]]) -> set[tuple[str, str]]:
    """What the patient's own resources refer to by a literal reference."""
    found: set[tuple[str, str]] = set()

    def walk(value: object) -> None:
        if isinstance(value, dict):
            text = value.get("reference")
            if isinstance(text, str) and text.count("/") == 1 and ":" not in text:
                type_, id_ = text.split("/")
                found.add((type_, id_))
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for one in entries:
        if one["search"]["mode"] == "match":
            walk(one["resource"])
    return found


async def _paged(client: httpx.AsyncClient, path: str) -> set[tuple[str, str]]:
    seen: set[tuple[str, str]] = set()
    following: str | None = path
    while following:
        bundle = (await client.get(following)).json()
        page = _named(bundle["entry"], "match")
        assert page.isdisjoint(seen)
        seen |= page
        following = next((one["url"] for one in bundle["link"] if one["relation"] == "next"), None)
    return seen
