"""Connections as those who run them see them: depth and age, what stopped, replay, and alarms that are work once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from exchange.letters import dialog, message
from exchange.test_outbox import connected, endpoint, signed, standing  # noqa: F401
from exchange.test_receiving import addressed, took  # noqa: F401
from samjournal import access, accounts, messages, tasks
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.record.beside import matches, resources
from workspace.test_pages import enter  # noqa: F401
from world import World, to

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
JOB = access.for_job("messages")
PAGE = "/workspace/connections"


@pytest.fixture(scope="module")
async def operated(connected: World) -> World:  # noqa: F811
    """Somebody runs the connections, and answers for the one to the specialist."""
    async with connected.pool.transaction() as db:
        role = RoleAt("operator", "hospital", "operator-role", "Hospital")
        await accounts.add(db, [Account("operator", "Operator", "staff", (role,), practitioner_id="operator")])
    owner = {"url": messages.OWNER, "valueReference": {**to("Organization/hospital"), "display": "Odd, Drift"}}
    await connected.put(endpoint("outside-heart", "outside-heart", extension=[owner]))
    return connected


async def place(world: World, now: datetime | None = None) -> messages.Connection:
    found = await messages.connections(world.door, await world.permit("operator"), now or datetime.now(UTC))
    return next(one for one in found if one.id == "outside-heart")


async def stopped(world: World) -> str:
    out = await signed(world)
    one = (await resources(world.door, JOB, [("Communication", out.id)]))[f"Communication/{out.id}"]
    await messages.failed(world.door, JOB, one, "no-route", "Ingen forbindelse av typen folder.", datetime.now(UTC))
    return out.id


async def test_it_says_how_much_waits_and_since_when(operated: World) -> None:
    before = await place(operated)
    out = await signed(operated)
    one = await place(operated)
    assert (one.depth, one.owner, one.way) == (before.depth + 1, "Odd, Drift", "folder")
    assert one.oldest is not None
    found = (await resources(operated.door, JOB, [("Communication", out.id)]))[f"Communication/{out.id}"]
    queued = await messages.queue(operated.door, JOB, found, b"<x/>", datetime.now(UTC))
    await messages.transported(operated.door, JOB, queued, "", datetime.now(UTC))
    after = await place(operated)
    assert (after.depth, after.awaiting) == (before.depth, before.awaiting + 1)
    assert after.last_out is not None


async def test_an_endpoint_that_nobody_manages_is_listed_beside_the_others(operated: World) -> None:
    bare = {key: value for key, value in endpoint("bare", "bare").items() if key != "managingOrganization"}
    await operated.put(bare)
    found = {one.id: one for one in await messages.connections(operated.door, JOB, datetime.now(UTC))}
    assert "outside-heart" in found
    assert (found["bare"].organisation, found["bare"].last_out, found["bare"].last_in) == ("", None, None)


async def test_what_stands_too_long_is_work_once_and_ends_with_it(operated: World) -> None:
    out = await signed(operated)
    later = datetime.now(UTC) + timedelta(hours=2)
    asked = [("identifier", f"{messages.ALARM}|outside-heart"), ("status", "requested")]
    for _ in range(2):
        found = await messages.connections(operated.door, JOB, later)
        await messages.alarm(operated.door, JOB, found, later)
    (task,) = [tasks.said(one.resource()) for one in await matches(operated.door, JOB, "Task", asked)]
    assert "outside-heart står" in task.words
    assert (task.patient, task.owner) == ("", "Organization/message-desk")
    one = (await resources(operated.door, JOB, [("Communication", out.id)]))[f"Communication/{out.id}"]
    await messages.failed(operated.door, JOB, one, "no-route", "", datetime.now(UTC))
    found = await messages.connections(operated.door, JOB, datetime.now(UTC))
    assert await messages.alarm(operated.door, JOB, found, datetime.now(UTC)) == 1
    assert not await matches(operated.door, JOB, "Task", asked)


async def test_a_dead_letter_is_sent_again_without_being_read(enter: Enter, operated: World) -> None:  # noqa: F811
    id_ = await stopped(operated)
    lost = str(uuid4())
    await took(operated, message(dialog("Hemmelig diagnose."), id_=lost, to=("990001", "990002")))
    desk = enter("operator")
    page = (await desk.get(PAGE)).text
    for said in ("Ingen forbindelse av typen folder.", lost, "Ikke til noen her", "Odd, Drift"):
        assert said in page
    for secret in ("Nordmann", "NORDMANN", "Hemmelig", "Hei."):
        assert secret not in page
    version = (await resources(operated.door, JOB, [("Communication", id_)]))[f"Communication/{id_}"].version
    done = await desk.post(PAGE, data={"message": id_, "version": str(version)})
    assert done.headers["location"] == f"{PAGE}?did=replayed"
    assert messages.state_of(await standing(operated, id_)) == "signed"
    again = await desk.post(PAGE, data={"message": id_, "version": str(version)})
    assert again.headers["location"] == f"{PAGE}?did=moved"


async def test_a_refused_one_is_for_its_sender(operated: World) -> None:
    out = await signed(operated)
    one = (await resources(operated.door, JOB, [("Communication", out.id)]))[f"Communication/{out.id}"]
    await messages.failed(operated.door, JOB, one, "rejected", "Ukjent tjeneste", datetime.now(UTC))
    with pytest.raises(Conflict):
        await messages.replay(operated.door, await operated.permit("operator"), out.id, 2)


async def test_it_is_for_those_who_run_them_and_they_see_no_patient(enter: Enter, operated: World) -> None:  # noqa: F811
    assert (await enter("doctor").get(PAGE)).status_code == 403
    with pytest.raises(Forbidden):
        await messages.connections(operated.door, await operated.permit("doctor"), datetime.now(UTC))
    desk = enter("operator")
    assert (await desk.get("/workspace")).headers["location"] == PAGE
    assert (await desk.get("/workspace/patients/kari")).status_code in (403, 404)
    async with await operated.client("operator") as client:
        for address in ("/Patient/kari", "/Communication", "/Task", "/Patient?name=Nordmann"):
            assert (await client.get(address)).status_code in (403, 404)


async def test_how_long_messages_take_is_told_for_each_unit(operated: World) -> None:
    await took(operated, message(dialog("Ring meg."), id_=str(uuid4())))
    found = await messages.times(operated.door, await operated.permit("operator"), datetime.now(UTC))
    ward = next(one for one in found if one.unit == "Medisin 3")
    assert ward.figures.waiting >= 1
    assert ward.figures.oldest is not None
