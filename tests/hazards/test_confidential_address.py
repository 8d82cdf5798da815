"""Hazard: a confidential address is betrayed by a page, a search, a total or a history. README §7 number 8."""

from __future__ import annotations

import pytest

from world import World

pytestmark = pytest.mark.anyio
SECRETS = ("Skjult vei", "Hemmelig", "7777", "99999999")


@pytest.mark.parametrize(
    "path",
    [
        "/Patient/elias",
        "/Patient/elias/_history",
        "/Patient/elias/_history/1",
        "/Patient?_id=elias",
        "/Encounter?patient=elias&_include=Encounter:patient",
    ],
)
async def test_staff_with_a_relation_see_the_person_but_not_where_he_lives(world: World, path: str) -> None:
    async with await world.client("nurse") as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert "Elias" in answer.text
    assert not [secret for secret in SECRETS if secret in answer.text]
    assert "REDACTED" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "address-city=Hemmelig",
        "address=Skjult",
        "address-postalcode=7777",
        "phone=99999999",
        "telecom=99999999",
    ],
)
async def test_a_search_for_the_address_finds_nothing_and_counts_nothing(world: World, query: str) -> None:
    async with await world.client("nurse") as client:
        assert (await client.get(f"/Patient?{query}&_total=accurate")).json()["total"] == 0
        assert (await client.get(f"/Patient?{query}&_summary=count")).json()["total"] == 0


async def test_a_system_that_may_sees_it_and_finds_it(world: World) -> None:
    async with await world.client() as client:
        assert "Skjult vei" in (await client.get("/Patient/elias")).text
        assert (await client.get("/Patient?address-city=hemmelig")).json()["total"] == 1


async def test_the_person_himself_sees_it(world: World) -> None:
    async with await world.client("elias") as client:
        assert "Skjult vei" in (await client.get("/Patient/elias")).text


async def test_somebody_who_cannot_see_it_cannot_take_it_away(world: World) -> None:
    async with await world.client("nurse") as client:
        seen = (await client.get("/Patient/elias")).json()
        assert (await client.put("/Patient/elias", json=seen)).status_code == 403
    async with await world.client() as client:
        assert "Skjult vei" in (await client.get("/Patient/elias")).text
