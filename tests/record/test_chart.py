"""A chart is read by one statement: what each list holds, in which order, and that there is more."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.record import Want, open_chart, query_of, search
from world import World, observation, organization, stay

pytestmark = pytest.mark.anyio
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VITALS = "category=vital-signs&_sort=-date"


@pytest.fixture(scope="module")
async def measured(world: World) -> World:
    days = [f"2026-11-{day:02d}T08:00:00Z" for day in (3, 9, 5, 5, 17, 1)]
    for number, at in enumerate(days):
        category = [{"coding": [{"system": CATEGORY, "code": "vital-signs" if number % 2 == 0 else "laboratory"}]}]
        await world.put(observation("kari", at=at) | {"id": f"o{number}", "category": category})
    await world.put(organization("other"), stay("ola-stay", "ola", unit="other"))
    await world.put(observation("ola") | {"id": "ola-1"})
    return world


async def test_a_list_is_what_the_search_finds_in_its_order(measured: World) -> None:
    """By either way of looking: through the codes, or back in time."""
    permit = await measured.permit("nurse")
    query = query_of("Observation", [("patient", "kari"), ("category", "vital-signs"), ("_sort", "-date")])
    found = [one.id for one in (await search(measured.door, permit, query)).matches]
    wants = [Want("codes", "Observation", VITALS), Want("time", "Observation", VITALS, common=True)]
    chart = await open_chart(measured.door, permit, "kari", [*wants, Want("stays", "Encounter")])
    assert found == ["o4", "o2", "o0"]
    assert [one["id"] for one in chart.lists["codes"]] == found
    assert [one["id"] for one in chart.lists["time"]] == found
    assert [one["id"] for one in chart.lists["stays"]] == ["kari-stay"]


async def test_that_there_is_more_is_told_and_what_is_more_is_not_shown(measured: World) -> None:
    wants = [Want("two", "Observation", "_sort=-date", 2), Want("all", "Observation", "_sort=-date", 6)]
    chart = await open_chart(measured.door, await measured.permit("nurse"), "kari", wants)
    assert chart.more == {"two"}
    assert [one["id"] for one in chart.lists["two"]] == ["o4", "o1"]
    assert len(chart.lists["all"]) == 6


async def test_a_list_of_a_type_that_the_role_may_not_read_is_empty(measured: World) -> None:
    chart = await open_chart(measured.door, await measured.permit("secretary"), "kari", [Want("log", "AuditEvent")])
    assert chart.lists["log"] == []


async def test_a_chart_with_many_lists_is_read_by_one_statement(measured: World) -> None:
    statements: list[str] = []

    def heard(asked: Any) -> None:
        statements.append(asked.query)

    wants = [Want(f"list-{number}", "Observation", VITALS, 5) for number in range(20)]
    permit = await measured.permit("nurse")
    await open_chart(measured.door, permit, "kari", wants)
    async with measured.pool.lane() as lane:
        lane.add_query_logger(heard)
    await open_chart(measured.door, permit, "kari", wants)
    async with measured.pool.lane() as lane:
        lane.remove_query_logger(heard)
    assert len([one for one in statements if "store.version" in one]) == 1
    assert len(statements) <= 5
