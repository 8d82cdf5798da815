"""A referral is on exactly one list while it is open: nobody takes its Task away, ends it alone, or makes a second."""

from __future__ import annotations

import pytest

from referrals.region import sent, settled, stands, task
from samjournal import referrals, tasks
from samjournal.fhir.errors import Conflict, FhirError
from samjournal.record import Change, change
from world import World, to

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


@pytest.mark.parametrize(
    "more",
    [
        {"status": "completed"},
        {"status": "cancelled"},
        {"focus": to("ServiceRequest/another")},
        {"code": {"coding": [{"system": "urn:samjournal:task", "code": "do"}]}},
        {"owner": None},
        {"restriction": None},
    ],
)
async def test_over_the_api_it_stays_on_its_list(world: World, more: dict[str, object]) -> None:
    id_ = await sent(world)
    stored = await task(world, id_)
    body = {name: value for name, value in {**stored.resource(), **more}.items() if value is not None}
    async with await world.client("clinic") as client:
        answer = await client.put(f"/Task/{id_}", json=body)
        assert answer.status_code == 403, answer.text
        assert (await client.delete(f"/Task/{id_}")).status_code == 403
    assert (await stands(world, id_)).is_open


async def test_there_is_never_a_second_task(world: World) -> None:
    id_ = await sent(world)
    body = {name: value for name, value in (await task(world, id_)).resource().items() if name not in ("id", "meta")}
    with pytest.raises(FhirError):
        await change(world.door, await world.permit("clinic"), [Change.create(body)])


async def test_the_inbox_ends_none(world: World) -> None:
    id_ = await sent(world)
    clinic = await world.permit("clinic")
    with pytest.raises(Conflict):
        await tasks.finish(world.door, clinic, id_, 1, "Ferdig")
    with pytest.raises(Conflict):
        await tasks.send_back(world.door, clinic, id_, 1, "Ikke vår")
    taken = await tasks.take(world.door, clinic, id_, 1)
    one = await stands(world, id_)
    assert (one.owner, one.receiver) == ("PractitionerRole/clinic-role", "Organization/clinic")
    listed = await referrals.of_unit(world.door, clinic, "received")
    assert id_ in [each.id for each in listed.referrals], "who takes it takes it off no list"
    await referrals.reject(world.door, clinic, id_, taken.version, reason="Hører ikke til her")
