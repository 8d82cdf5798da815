"""A referral by what its messages become, and one that came or was written in another way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from following import changes_since
from referrals.region import referral, sent, settled, stands, task
from referrals.test_receiving import messages_out
from samjournal import access, referrals
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import NotFound
from samjournal.messages.outgoing import stepped
from samjournal.record import Change, change, read
from samjournal.record.feed import feed_end
from samjournal.referrals.states import CATEGORY
from scheduling.places import booked
from world import World, to

pytestmark = pytest.mark.anyio
JOB = access.for_job("referrals")


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


async def became(world: World, message: dict[str, Any], *states: str) -> dict[str, Any]:
    """The message as it comes to some states."""
    for state in states:
        stored = await read(world.door, world.system, "Communication", message["id"])
        body = stepped(stored.resource(), state, datetime.now(UTC))  # type: ignore[arg-type]
        await change(world.door, world.system, [Change.update(body, if_match=stored.version)])
        message = body
    return message


async def followed(world: World, *changes: Any) -> int:
    """What the job does with all that changed since `changes`."""
    cursor = changes[0]
    found, _ = await changes_since(world.door, cursor)
    return await referrals.follow(world.door, JOB, found, datetime.now(UTC))


async def test_a_message_gives_its_referral_the_steps(world: World) -> None:
    begin = await feed_end(world.door)
    id_ = await sent(world, "specialist")
    (message,) = await messages_out(world, id_)
    await became(world, message, "queued", "transported")
    await followed(world, begin)
    one = await stands(world, id_)
    assert (one.state, one.owner) == ("sent", "Organization/specialist")
    await became(world, message, "accepted")
    await followed(world, begin)
    one = await stands(world, id_)
    assert one.state == "received"
    assert one.due is not None
    assert one.due > datetime.now(UTC) + timedelta(days=8)
    assert await followed(world, begin) == 0, "once more does nothing"


async def test_until_the_receiver_takes_it_over_it_is_its_senders(world: World) -> None:
    begin = await feed_end(world.door)
    id_ = await sent(world, "specialist")
    (message,) = await messages_out(world, id_)
    one = await stands(world, id_)
    assert (one.is_on_its_way, one.holder) == (True, one.sender_name)
    await became(world, message, "queued", "transported", "accepted")
    await followed(world, begin)
    one = await stands(world, id_)
    assert (one.is_on_its_way, one.holder) == (False, one.receiver_name)


@pytest.mark.parametrize("state", ["rejected", "timed-out", "no-route"])
async def test_it_says_that_its_message_goes_no_further_until_it_does(world: World, state: str) -> None:
    begin = await feed_end(world.door)
    id_ = await sent(world, "specialist")
    (message,) = await messages_out(world, id_)
    await became(world, message, "queued", state)
    await followed(world, begin)
    one = await stands(world, id_)
    assert (one.stuck, one.is_on_its_way) == (state, True)
    assert await followed(world, begin) == 0
    await became(world, message, "queued", "transported")
    await followed(world, begin)
    assert (await stands(world, id_)).stuck == ""


@pytest.mark.parametrize(("how", "state"), [("phone", "received"), ("paper", "sent")])
async def test_told_by_phone_the_receiver_has_it_and_of_paper_nobody_knows_yet(
    world: World, how: str, state: str
) -> None:
    begin = await feed_end(world.door)
    id_ = await sent(world, "specialist")
    (message,) = await messages_out(world, id_)
    await became(world, message, "no-route", how)
    await followed(world, begin)
    one = await stands(world, id_)
    assert (one.state, one.stuck) == (state, "")


async def test_sent_to_another_instead_it_is_with_him(world: World) -> None:
    begin = await feed_end(world.door)
    id_ = await sent(world, "specialist")
    (message,) = await messages_out(world, id_)
    await became(world, message, "queued", "transported", "rejected")
    await followed(world, begin)
    second = {
        **message,
        "id": f"{message['id']}-again",
        "recipient": [{**to("Organization/none"), "display": "Noen andre"}],
        "sent": (datetime.now(UTC) + timedelta(seconds=5)).isoformat(),
    }
    second.pop("meta", None)
    await became(world, message, "other-receiver")
    await world.put(stepped(second, "transported", datetime.now(UTC)))
    await followed(world, begin)
    one = await stands(world, id_)
    assert (one.owner, one.receiver_name, one.state) == ("Organization/none", "Noen andre", "sent")
    request = (await read(world.door, world.system, "ServiceRequest", id_)).resource()
    assert request["performer"][0]["reference"] == "Organization/none"
    assert await followed(world, begin) == 0


async def test_what_stands_on_no_list_gets_on_one(world: World) -> None:
    begin = await feed_end(world.door)
    request = {
        "resourceType": "ServiceRequest",
        "status": "active",
        "intent": "order",
        "category": [CATEGORY],
        "subject": to("Patient/kari"),
        "authoredOn": datetime.now(UTC).isoformat(),
        "performer": [to("Organization/clinic")],
        "reasonCode": [{"text": "Uklar feber"}],
    }
    made = await world.make(request, by="doctor")
    with pytest.raises(NotFound):
        await task(world, made.id)
    assert await followed(world, begin) == 1
    one = await stands(world, made.id)
    assert (one.state, one.owner) == ("received", "Organization/clinic")
    ended = {**made.resource(), "status": "revoked"}
    await world.put(ended, by="doctor")
    await followed(world, begin)
    assert (await task(world, made.id)).resource()["status"] == "cancelled"
    assert await followed(world, begin) == 0


async def test_a_referral_that_arrives_waits_on_its_unit(world: World) -> None:
    now = datetime.now(UTC)
    request = {"resourceType": "ServiceRequest", "id": "came", "status": "active", "reasonCode": [{"text": "Hoste"}]}
    unit = {**to("Organization/clinic"), "display": "Clinic"}
    made = referrals.arrived(request, unit, "kari", now, urgent=True)
    assert (made["id"], made["focus"]["reference"], made["owner"]) == ("came", "ServiceRequest/came", unit)
    assert made["restriction"]["period"]["end"] == (now + timedelta(hours=1)).isoformat(timespec="milliseconds")
    assert made["priority"] == "stat"


async def test_an_assessed_referral_is_booked_when_its_patient_books_a_time(world: World) -> None:
    begin = await feed_end(world.door)
    await world.put(*referral("booking", "kari", state="assessed"), *referral("waiting", "kari"))
    start = datetime.now(UTC) + timedelta(days=20)
    visit = {**booked("kari", start=start), "id": "by-himself"}
    of_another = {**booked("ola", start=start), "id": "of-another"}
    for id_, one in (("waiting", visit), ("booking", of_another)):
        await world.put({**one, "basedOn": [to(f"ServiceRequest/{id_}")]})
        await followed(world, begin)
    assert (await stands(world, "waiting")).state == "received"
    assert (await stands(world, "booking")).state == "assessed"
    await world.put({**visit, "basedOn": [to("ServiceRequest/booking")]})
    assert await followed(world, begin) == 1
    one = await stands(world, "booking")
    last = one.last("booked")
    assert (one.state, last.leads_to if last else "") == ("booked", "Appointment/by-himself")
    assert await followed(world, begin) == 0, "once more does nothing"


async def test_a_referral_goes_with_its_visit_when_that_is_moved_and_waits_for_another_when_it_is_called_off(
    world: World,
) -> None:
    begin = await feed_end(world.door)
    await world.put(*referral("lost", "kari", state="assessed"))
    start = datetime.now(UTC) + timedelta(days=30)
    visit = {**booked("kari", start=start), "id": "lost-visit", "basedOn": [to("ServiceRequest/lost")]}
    await world.put(visit)
    await followed(world, begin)
    assert (await stands(world, "lost")).state == "booked"

    later = start + timedelta(days=7)
    await world.put({**visit, **{name: booked("kari", start=later)[name] for name in ("start", "end")}})
    assert await followed(world, begin) == 1
    last = (await stands(world, "lost")).last("booked")
    assert last is not None
    assert last.until == later.astimezone(OSLO).date().isoformat()
    assert await followed(world, begin) == 0, "once more does nothing"

    await world.put({**visit, "status": "cancelled"})
    assert await followed(world, begin) == 1
    one = await stands(world, "lost")
    assert (one.state, one.waits_for) == ("assessed", "booked"), "somebody has it, with a deadline"
    assert one.due is not None
    assert await followed(world, begin) == 0, "once more does nothing"

    await world.put({**visit, "id": "lost-again"})
    assert await followed(world, begin) == 1
    last = (await stands(world, "lost")).last("booked")
    assert last is not None
    assert last.leads_to == "Appointment/lost-again"
