"""A set and its score are stored together; a value that is corrected or struck takes the score with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal import vitals
from samjournal.fhir.errors import Conflict, Invalid
from samjournal.fhir.structure import check
from samjournal.vitals.making import is_score
from world import World, patient, stay

pytestmark = pytest.mark.anyio
WHOLE: dict[str, float | str] = {
    "systolic": 105.0, "diastolic": 60.0, "pulse": 95.0, "respiration": 22.0, "saturation": 93.0, "oxygen": 0.0,
    "temperature": 38.4, "consciousness": "A",
}  # fmt: skip
NOW = datetime.now(UTC)
COUNT = iter(range(1000))


async def lying(world: World, **more: Any) -> str:
    id_ = f"vital-{next(COUNT)}"
    await world.put({**patient(id_, "Mål"), **more}, stay(f"{id_}-stay", id_))
    return id_


async def observations(world: World, id_: str) -> list[dict[str, Any]]:
    async with await world.client("nurse") as client:
        found = (await client.get(f"/Observation?patient={id_}&_count=100")).json()
    return [one["resource"] for one in found.get("entry", ())]


async def score_of(world: World, id_: str) -> dict[str, Any] | None:
    found = [one for one in await observations(world, id_) if is_score(one)]
    return found[0] if found else None


async def test_a_whole_set_is_stored_with_its_score_and_what_it_came_from(world: World) -> None:
    id_ = await lying(world)
    done = await vitals.record(world.door, await world.permit("nurse"), id_, WHOLE)
    assert done.scored is not None
    assert (done.scored.total, done.scored.band) == (7, "high")
    found = await observations(world, id_)
    assert [check(one) for one in found] == [[]] * 8
    (score,) = (one for one in found if is_score(one))
    assert score["valueInteger"] == 7
    parts = {one["reference"] for one in score["derivedFrom"]}
    assert parts == {f"Observation/{one['id']}" for one in found if not is_score(one)}


async def test_half_a_set_is_stored_without_a_score(world: World) -> None:
    id_ = await lying(world)
    done = await vitals.record(world.door, await world.permit("nurse"), id_, {"pulse": 131.0, "respiration": 26.0})
    assert done.scored is not None
    assert done.scored.total is None
    assert "temperature" in done.scored.missing
    assert await score_of(world, id_) is None


async def test_what_was_measured_within_half_an_hour_completes_the_set_and_what_is_older_does_not(world: World) -> None:
    first = {name: value for name, value in WHOLE.items() if name not in ("temperature", "consciousness")}
    rest: dict[str, float | str] = {"temperature": 38.4, "consciousness": "A"}
    permit = await world.permit("nurse")
    for minutes, total in ((29, 7), (31, None)):
        id_ = await lying(world)
        await vitals.record(world.door, permit, id_, first, at=NOW - timedelta(minutes=minutes))
        done = await vitals.record(world.door, permit, id_, rest, at=NOW)
        assert done.scored is not None
        assert done.scored.total == total, minutes


async def test_children_and_pregnant_women_get_no_score(world: World) -> None:
    permit = await world.permit("nurse")
    child = await lying(world, birthDate=f"{NOW.year - 10}-01-01")
    assert (await vitals.record(world.door, permit, child, WHOLE)).not_used == "child"
    woman = await lying(world, gender="female")
    code = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z34.9"}]}
    await world.make({"resourceType": "Condition", "code": code, "subject": {"reference": f"Patient/{woman}"}})
    assert (await vitals.record(world.door, permit, woman, WHOLE)).not_used == "pregnant"
    assert [await score_of(world, child), await score_of(world, woman)] == [None, None]


async def test_scale_2_is_used_by_decision_alone(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    calm = {**WHOLE, "saturation": 89.0}
    before = await vitals.record(world.door, permit, id_, calm, at=NOW - timedelta(hours=2))
    await vitals.use_scale_2(world.door, await world.permit("doctor"), id_, "Kols med kjent CO2-retensjon")
    after = await vitals.record(world.door, permit, id_, calm, at=NOW)
    assert before.scored is not None
    assert after.scored is not None
    assert (before.scored.points["saturation"], after.scored.points["saturation"]) == (3, 0)
    await vitals.use_scale_1(world.door, await world.permit("doctor"), id_, "Feil på diagnosen")
    again = await vitals.record(world.door, permit, id_, calm)
    assert again.scored is not None
    assert not again.scored.scale_2


async def test_a_form_that_is_sent_twice_is_stored_once(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    first = await vitals.record(world.door, permit, id_, {"pulse": 70.0}, once="form-1")
    second = await vitals.record(world.door, permit, id_, {"pulse": 70.0}, once="form-1")
    assert (first.again, second.again) == (False, True)
    assert len(await observations(world, id_)) == 1


async def test_a_corrected_value_keeps_the_old_one_in_words_and_the_score_follows(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    done = await vitals.record(world.door, permit, id_, WHOLE)
    (temperature,) = (one for one in done.measurements if "temperature" in vitals.values_of(one.resource()))
    await vitals.correct(world.door, permit, temperature.id, {"temperature": 36.4}, "Leste feil", was="38,4 °C")
    found = {one["id"]: one for one in await observations(world, id_)}
    assert found[temperature.id]["status"] == "amended"
    assert found[temperature.id]["valueQuantity"]["value"] == 36.4
    assert found[temperature.id]["note"][0]["text"] == "Rettet fra 38,4 °C: Leste feil"
    (score,) = (one for one in found.values() if is_score(one))
    assert (score["valueInteger"], score["status"]) == (6, "amended")


async def test_only_the_same_kind_and_with_a_reason_is_corrected(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    done = await vitals.record(world.door, permit, id_, {"pulse": 70.0})
    pulse = done.measurements[0].id
    with pytest.raises(Invalid):
        await vitals.correct(world.door, permit, pulse, {"weight": 70.0}, "Feil felt", was="70")
    with pytest.raises(Invalid):
        await vitals.strike(world.door, permit, pulse, " ")
    await vitals.strike(world.door, permit, pulse, "Feil")
    with pytest.raises(Conflict):
        await vitals.strike(world.door, permit, pulse, "Feil")


@pytest.mark.parametrize("at", [NOW + timedelta(days=1), NOW - timedelta(days=400)])
async def test_a_time_that_cannot_be_is_refused(world: World, at: datetime) -> None:
    with pytest.raises(Invalid):
        await vitals.record(world.door, await world.permit("nurse"), await lying(world), {"pulse": 70.0}, at=at)
