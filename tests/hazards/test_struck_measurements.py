"""Hazard: a value that was struck, or is in another unit, still counts in the early warning score."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from samjournal import vitals
from vitals.test_recording import WHOLE, lying, observations, score_of
from world import World

pytestmark = pytest.mark.anyio


async def test_a_score_with_a_struck_value_is_struck(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    done = await vitals.record(world.door, permit, id_, WHOLE)
    await vitals.strike(world.door, permit, done.measurements[0].id, "Målt på nabopasienten")
    score = await score_of(world, id_)
    assert score is not None
    assert score["status"] == "entered-in-error"


async def test_a_struck_value_does_not_complete_the_next_set(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    first: dict[str, float | str] = {"temperature": 40.2}
    struck = await vitals.record(world.door, permit, id_, first, at=datetime.now(UTC) - timedelta(minutes=5))
    await vitals.strike(world.door, permit, struck.measurements[0].id, "Termometeret var ødelagt")
    rest = {name: value for name, value in WHOLE.items() if name != "temperature"}
    done = await vitals.record(world.door, permit, id_, rest)
    assert done.scored is not None
    assert done.scored.missing == ("temperature",)


async def test_a_value_in_another_unit_from_a_device_is_not_counted(world: World) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)
    (made,) = (
        await vitals.record(world.door, permit, id_, {"temperature": 37.0}, at=datetime.now(UTC) - timedelta(minutes=5))
    ).measurements
    fahrenheit = {
        **made.resource(),
        "valueQuantity": {"value": 98.6, "unit": "°F", "system": "http://unitsofmeasure.org", "code": "[degF]"},
    }
    await world.put({name: value for name, value in fahrenheit.items() if name != "meta"})
    done = await vitals.record(
        world.door, permit, id_, {name: value for name, value in WHOLE.items() if name != "temperature"}
    )
    assert done.scored is not None
    assert done.scored.missing == ("temperature",)
    assert await score_of(world, id_) is None


async def test_all_of_a_set_is_stored_or_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    permit, id_ = await world.permit("nurse"), await lying(world)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as patched:
        patched.setattr("samjournal.audit.write", broken)
        with pytest.raises(RuntimeError):
            await vitals.record(world.door, permit, id_, WHOLE)
    assert await observations(world, id_) == []
