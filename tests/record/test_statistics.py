"""Statistics of looks: counted once by unit, day and relation, for who answers for the unit, without a name."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from samjournal import accounts, audit
from samjournal.accounts import Account, RoleAt
from samjournal.audit import Look, Tally
from samjournal.fhir.errors import Forbidden
from samjournal.record import looks_by_unit
from samjournal.record.statistics import write_day
from world import World, organization

pytestmark = pytest.mark.anyio
OSLO = ZoneInfo("Europe/Oslo")
TODAY = datetime.now(OSLO).date()
BEFORE = TODAY - timedelta(days=2)


def officer(login: str, unit: str) -> Account:
    return Account(
        login, login, "staff", (RoleAt("privacy-officer", unit, f"{login}-role", unit),), practitioner_id=login
    )


@pytest.fixture(scope="module", autouse=True)
async def looked(world: World) -> None:
    """Two days ago, half an hour after midnight in Oslo, and today."""
    await world.put(organization("other"))
    async with world.pool.transaction() as db:
        await accounts.add(db, [officer("berit", "hospital"), officer("odd", "homecare")])
    await world.as_owner("DELETE FROM audit.look")
    await log(world, "ward", "stay", patient=1)
    await log(world, "ward", "stay", patient=1)
    await log(world, "ward", "reason", patient=2)
    await log(world, "ward", "relation", patients=(1, 2, 3))
    await log(world, "homecare", "home-care", patient=1)
    await log(world, "ward", "find", patient=9, action="find")
    half_past = datetime(BEFORE.year, BEFORE.month, BEFORE.day, 0, 30, tzinfo=OSLO)
    await world.as_owner(f"UPDATE audit.look SET at = '{half_past.isoformat()}'")
    await log(world, "ward", "stay", patient=5)


async def log(
    world: World,
    unit: str,
    why: str,
    *,
    action: str = "chart",
    patient: int | None = None,
    patients: tuple[int, ...] = (),
) -> None:
    look = Look("r", "x", "X", "nurse", unit.title(), action, why, patient=patient, patients=patients,
                organization_id=unit, agent="PractitionerRole/x")  # fmt: skip
    async with world.pool.transaction() as db:
        await audit.write(db, [look])


def of(found: list[Tally], day: date, unit: str) -> dict[str, tuple[int, int]]:
    return {one.why: (one.looks, one.people) for one in found if (one.day, one.organization) == (day, unit)}


async def test_looks_and_people_are_counted_by_day_unit_and_relation_before_and_after_a_day_is_written(
    world: World,
) -> None:
    tomorrow = TODAY + timedelta(days=1)
    live = await looks_by_unit(world.door, world.system, BEFORE, tomorrow)
    assert of(live, BEFORE, "ward") == {"": (4, 3), "stay": (2, 1), "reason": (1, 1), "relation": (1, 3)}
    assert of(live, BEFORE, "homecare") == {"": (1, 1), "home-care": (1, 1)}
    assert of(live, TODAY, "ward") == {"": (1, 1), "stay": (1, 1)}
    days = 0
    while await write_day(world.door):
        days += 1
    assert days in (1, 2), "the days that are over, until yesterday"
    assert await world.pool.fetchval("SELECT max(day) FROM audit.tally") < TODAY
    assert await looks_by_unit(world.door, world.system, BEFORE, tomorrow) == live
    await log(world, "ward", "stay", patient=6)
    now = await looks_by_unit(world.door, world.system, BEFORE, tomorrow)
    assert of(now, BEFORE, "ward") == of(live, BEFORE, "ward")
    assert of(now, TODAY, "ward")[""] == (2, 2)


async def test_an_officer_sees_the_units_he_answers_for_and_nobody_else_any(world: World) -> None:
    tomorrow = TODAY + timedelta(days=1)
    mine = await looks_by_unit(world.door, await world.permit("berit"), BEFORE, tomorrow)
    assert {one.organization for one in mine} == {"ward"}
    others = await looks_by_unit(world.door, await world.permit("odd"), BEFORE, tomorrow)
    assert {one.organization for one in others} == {"homecare"}
    for login in ("nurse", "kari"):
        with pytest.raises(Forbidden):
            await looks_by_unit(world.door, await world.permit(login), BEFORE, tomorrow)
