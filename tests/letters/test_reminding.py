"""Reminders: the day before, or as the unit chose; once, and not of what was moved."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from letters.town import AWAKE, Town, peopled, town, town_of, visit
from samjournal import letters
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.letters.contacts import Contact
from world import World

__all__ = ["peopled", "town"]
pytestmark = pytest.mark.anyio


def morning(days: int = 0, hour: int = 10) -> datetime:
    """Of today in Oslo, or some days on."""
    day = datetime.now(OSLO).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=OSLO).astimezone(UTC)


def tomorrow(id_: str, who: str = "kari", *, days: int = 1, hour: int = 12) -> dict[str, object]:
    start = morning(days, hour)
    return {
        **visit(id_, who),
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=20)).isoformat(),
    }


async def remind(town: Town, day: int = 0) -> list[str]:
    """Make the reminders of a day; the appointments that people are reminded of."""
    await letters.remind(town.world.door, town.job, AWAKE, morning(day))
    return sorted(row["source"] for row in await town.rows("notice") if row["kind"] == "reminder")


async def test_of_tomorrow_once_and_as_a_reminder(town: Town) -> None:
    await town.world.put(tomorrow("t1", days=31), tomorrow("t2", days=32))
    assert await letters.remind(town.world.door, town.job, AWAKE, morning(30, hour=9)) is None, "not before ten"
    assert await remind(town, 30) == ["Appointment/t1"]
    assert await remind(town, 30) == ["Appointment/t1"]
    town.now = morning(30)
    await town.pass_by(minutes=5)
    (parcel,) = town.sms.parcels
    assert "påminnelse" in parcel.text


async def test_what_was_moved_or_cancelled_meanwhile_is_not_reminded_of(town: Town) -> None:
    await town.world.put(tomorrow("t3", days=41), tomorrow("t4", days=41, hour=14))
    await remind(town, 40)
    await town.world.put(tomorrow("t3", days=45), {**tomorrow("t4", days=41, hour=14), "status": "cancelled"})
    town.now = morning(40)
    await town.pass_by(minutes=5)
    assert {row["why"] for row in await town.rows("notice") if row["kind"] == "reminder"} == {"over"}
    assert town.told() == []


async def test_a_unit_chooses_how_many_days_before_or_none(peopled: World, town: Town) -> None:
    secretary = await peopled.permit("secretary")
    await letters.choose(peopled.door, secretary, [3])
    try:
        await town.world.put(tomorrow("t5", days=51), tomorrow("t6", days=53))
        assert await remind(town, 50) == ["Appointment/t6"]
        await letters.choose(peopled.door, secretary, [])
        assert await remind(town, 52) == ["Appointment/t6"]
    finally:
        await letters.choose(peopled.door, secretary, [1])
    with pytest.raises(Invalid):
        await letters.choose(peopled.door, secretary, [4])
    with pytest.raises(Forbidden):
        await letters.choose(peopled.door, await peopled.permit("kari"), [1])


async def test_cut_off_it_goes_on_and_makes_none_twice(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.world.put(tomorrow("t7", days=61), tomorrow("t8", who="jon", days=61))
    from samjournal.letters import reminding

    put, calls = reminding.put, 0

    async def broken(*given: object) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError
        return await put(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(reminding, "put", broken)
    with pytest.raises(ConnectionError):
        await remind(town, 60)
    monkeypatch.undo()
    assert await remind(town, 60) == ["Appointment/t7", "Appointment/t8"]


async def test_who_is_reserved_is_reminded_by_sms_of_what_was_agreed(peopled: World) -> None:
    async def register(numbers: object) -> dict[str, Contact]:
        return {"11834826226": Contact("90000001", is_reserved=True)}

    town = await town_of(peopled, register=register)
    await town.world.put(tomorrow("t9", days=71))
    assert await remind(town, 70) == ["Appointment/t9"]
    town.now = morning(70)
    await town.pass_by(minutes=5)
    assert town.told() == ["90000001"]
