"""Allergies and critical information: recorded, ruled out, and asked with none known."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import problems
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, Unprocessable, VersionMoved
from samjournal.problems import AllergyStands, Coded, Reaction
from samjournal.record import query_of, search
from world import World, patient, stay

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    await world.put(patient("per", "Berg"), patient("pal", "Dahl"), stay("per-stay", "per"), stay("pal-stay", "pal"))


async def current(world: World, whose: str) -> list[str]:
    page = await search(world.door, world.system, query_of("AllergyIntolerance", [("patient", whose)]))
    found: list[dict[str, Any]] = [one.resource() for one in page.matches]
    return sorted(one["code"]["text"] for one in found if problems.allergies.is_current(one))  # type: ignore[attr-defined]


async def test_an_allergy_with_its_reaction(world: World) -> None:
    door, permit = world.door, await world.permit("nurse")
    reaction = Reaction("Elveblest", "severe", "2019")
    made = await problems.record_allergy(door, permit, "pal", Coded("Penicillin"), reaction, source="patient")
    said = made.resource()
    assert said["criticality"] == "high"
    assert said["reaction"][0]["manifestation"][0]["text"] == "Elveblest"
    assert said["asserter"] == {"reference": "Patient/pal"}
    with pytest.raises(AllergyStands):
        await problems.record_allergy(door, permit, "pal", Coded(" penicillin"), Reaction())
    with pytest.raises(VersionMoved):
        await problems.rule_out(door, permit, "pal", made.id, version=7)
    with pytest.raises(Unprocessable):
        await problems.rule_out(door, permit, "per", made.id, version=1)
    await problems.rule_out(door, permit, "pal", made.id, version=1)
    assert await current(world, "pal") == []
    with pytest.raises(Conflict):
        await problems.rule_out(door, permit, "pal", made.id, version=2)
    again = await problems.record_allergy(door, permit, "pal", Coded("Penicillin"), Reaction())
    await problems.rule_out(door, permit, "pal", again.id, version=1, by_mistake=True)
    assert await current(world, "pal") == []


async def test_what_cannot_be_is_said(world: World) -> None:
    door, permit = world.door, await world.permit("nurse")
    for substance, reaction in (
        (Coded(" "), Reaction()),
        (Coded("x" * 300), Reaction()),
        (Coded("Bie"), Reaction(severity="terrible")),
        (Coded("Bie"), Reaction(since="2999")),
    ):
        with pytest.raises(Invalid):
            await problems.record_allergy(door, permit, "per", substance, reaction)
    with pytest.raises(Forbidden):
        await problems.none_known(door, await world.permit("secretary"), "per")


async def test_critical_information_is_recorded_and_ends(world: World) -> None:
    door, permit = world.door, await world.permit("doctor")
    made = await problems.record_critical(door, permit, "per", "  Vanskelig  luftvei ")
    assert made.resource()["code"]["text"] == "Vanskelig luftvei"
    with pytest.raises(Invalid):
        await problems.record_critical(door, permit, "per", " ")
    with pytest.raises(Unprocessable):
        await problems.end_critical(door, permit, "pal", made.id, version=1)
    with pytest.raises(VersionMoved):
        await problems.end_critical(door, permit, "per", made.id, version=2)
    ended = await problems.end_critical(door, permit, "per", made.id, version=1)
    assert ended.resource()["status"] == "inactive"
    with pytest.raises(Conflict):
        await problems.end_critical(door, permit, "per", made.id, version=2)
