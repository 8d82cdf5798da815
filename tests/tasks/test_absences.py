"""Who is away: the substitute sees what waits on him while it lasts, and nothing more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from samjournal import access, accounts, tasks
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid
from samjournal.record import read
from world import World, made, patient, to

pytestmark = pytest.mark.anyio
DOCTOR, OTHER = "PractitionerRole/doctor-role", "PractitionerRole/other-role"


@pytest.fixture(scope="module", autouse=True)
async def other(world: World) -> None:
    async with world.pool.transaction() as db:
        role = RoleAt("doctor", "ward", "other-role", "Ward")
        await accounts.add(db, [Account("other", "Other", "staff", (role,), practitioner_id="other")])
    task = made("Task", "old", status="requested", intent="order", owner=to(DOCTOR), authoredOn="2026-11-20",
                **{"for": to("Patient/gro")})  # fmt: skip
    await world.put(patient("gro", "Berg"), task)


def _today() -> date:
    return datetime.now(OSLO).date()


async def _go(world: World, by: str = "doctor", **more: object) -> None:
    said = {"whose": DOCTOR, "substitute": OTHER, "first": _today(), "last": _today() + timedelta(days=7), **more}
    await tasks.go_away(world.door, await world.permit(by), **said)  # type: ignore[arg-type]


async def _stand_in(world: World, days: int = 0) -> int:
    return await tasks.stand_in(world.door, access.for_job("deadlines"), datetime.now(UTC) + timedelta(days=days))


async def _opens(world: World, login: str) -> bool:
    async with await world.client(login) as client:
        return (await client.get("/Patient/gro")).status_code == 200


@pytest.mark.parametrize(
    "more",
    [{"substitute": DOCTOR}, {"last": _today() - timedelta(days=1)}, {"substitute": "PractitionerRole/homenurse-role"}],
)
async def test_what_cannot_be_is_refused(world: World, more: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        await _go(world, **more)


async def test_nobody_makes_himself_a_substitute(world: World) -> None:
    with pytest.raises(Forbidden):
        await _go(world, by="other")
    assert await _stand_in(world) == 0
    assert not await _opens(world, "other")


async def test_the_substitute_sees_it_while_it_lasts_and_it_stays_his(world: World) -> None:
    assert await _opens(world, "doctor")
    await _go(world)
    with pytest.raises(Conflict):
        await _go(world, by="nurse")
    assert await _stand_in(world) == 1
    assert await _stand_in(world) == 0
    found = await tasks.inbox(world.door, await world.permit("other"), now=datetime.now(UTC))
    (task,) = found.mine
    assert (task.id, task.owner, task.stood_in) == ("old", DOCTOR, True)
    assert await _opens(world, "other")
    assert not await _opens(world, "nurse")
    mine = await tasks.inbox(world.door, await world.permit("doctor"), now=datetime.now(UTC))
    assert [one.id for one in mine.mine] == ["old"]
    (absence,) = await tasks.away(world.door, await world.permit("secretary"))
    assert (absence.whose_name, absence.substitute_name) == ("Doctor", "Other")
    assert await tasks.away(world.door, await world.permit("homenurse")) == []


async def test_when_it_is_over_it_is_closed_to_him_again(world: World) -> None:
    (absence,) = await tasks.away(world.door, await world.permit("doctor"))
    with pytest.raises(FhirError):
        await tasks.come_back(world.door, await world.permit("homenurse"), absence.id)
    await tasks.come_back(world.door, await world.permit("doctor"), absence.id)
    assert await _stand_in(world) == 1
    assert not await _opens(world, "other")
    assert await tasks.away(world.door, await world.permit("doctor")) == []


async def test_it_ends_by_itself_after_the_last_day(world: World) -> None:
    await _go(world)
    assert await _stand_in(world) == 1
    assert await _stand_in(world, days=9) == 1
    assert not await _opens(world, "other")
    assert await tasks.away(world.door, await world.permit("doctor")) == []
    assert (await read(world.door, await world.permit("doctor"), "Task", "old")).resource().get("extension") is None


async def test_the_substitute_does_it_and_it_is_his_work(world: World) -> None:
    await _go(world)
    await _stand_in(world)
    other = await world.permit("other")
    version = (await read(world.door, other, "Task", "old")).version
    done = await tasks.finish(world.door, other, "old", version)
    assert tasks.said(done.resource()).owner == OTHER
    back = await tasks.undo(world.door, other, "old", done.version)
    assert tasks.said(back.resource()).owner == DOCTOR
