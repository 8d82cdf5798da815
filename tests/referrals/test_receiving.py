"""A referral in this record: signed, opened, assessed, booked and done, with one owner and one deadline all the way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from referrals.region import about, sent, settled, stands, task
from samjournal import referrals, tasks
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid, NotFound, TimeTaken, VersionMoved
from samjournal.record import query_of, read, search
from samjournal.referrals import after
from samjournal.scheduling import Taken, visit_type
from scheduling.places import at, booked, need, post, visit
from world import World

pytestmark = pytest.mark.anyio
CLINIC, WARD = "Organization/clinic", "Organization/ward"


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


def soon(days: int = 20) -> str:
    return (datetime.now(OSLO) + timedelta(days=days)).date().isoformat()


async def letters(world: World, id_: str) -> list[dict[str, object]]:
    page = await search(world.door, world.system, query_of("Communication", [("based-on", f"ServiceRequest/{id_}")]))
    return [one.resource() for one in page.matches]


async def messages_out(world: World, id_: str) -> list[dict[str, object]]:
    asked = [("subject", "Patient/kari"), ("_count", "200")]
    found = [
        one.resource() for one in (await search(world.door, world.system, query_of("Communication", asked))).matches
    ]
    return [
        one for one in found if {"reference": f"ServiceRequest/{id_}"} in one.get("about", ()) and "statusReason" in one
    ]


async def work_of(world: World, owner: str, id_: str) -> list[tasks.Said]:
    asked = [("owner", owner), ("focus", f"ServiceRequest/{id_}"), ("code", "urn:samjournal:task|do")]
    page = await search(world.door, world.system, query_of("Task", asked))
    return [tasks.said(one.resource()) for one in page.matches]


async def test_from_one_desk_to_the_other_and_back(world: World) -> None:
    now = datetime.now(UTC)
    id_ = await sent(world, help_by=soon())
    one = await stands(world, id_)
    assert [step.state for step in one.steps] == ["signed", "sent", "received"]
    assert (one.owner, one.receiver, one.sender, one.way) == (CLINIC, CLINIC, WARD, "shared")
    assert one.due is not None
    assert abs(one.due - after(now, 1)) < timedelta(minutes=1)
    assert await messages_out(world, id_) == [], "who works in this record is never sent a message"
    clinic = await world.permit("clinic")
    assert await referrals.open_(world.door, clinic, id_)
    assert not await referrals.open_(world.door, clinic, id_)
    one = await stands(world, id_, clinic)
    assert one.state == "opened"
    assert one.due is not None
    assert one.due.date() == after(now, 10).date()
    await referrals.assess(world.door, clinic, id_, one.version, right=True, until=soon(30), words="Velkommen")
    one = await stands(world, id_)
    assert (one.state, one.steps[-1].right, one.steps[-1].until) == ("assessed", True, soon(30))
    (letter,) = await letters(world, id_)
    assert {each["reference"] for each in letter["recipient"]} == {"Patient/kari", "PractitionerRole/doctor-role"}  # type: ignore[attr-defined]
    assert "Velkommen" in str(letter["payload"])
    start = datetime.now(UTC) + timedelta(days=9)
    await referrals.book(world.door, await world.permit("office"), id_, one.version, start=start, minutes=45)
    one = await stands(world, id_)
    assert one.state == "booked"
    booked = (await read(world.door, clinic, *one.steps[-1].leads_to.split("/"))).resource()  # type: ignore[call-arg]
    assert (booked["status"], booked["minutesDuration"]) == ("booked", 45)
    await referrals.close(world.door, clinic, id_, one.version)
    ended = await stands(world, id_)
    assert ended.state == "done"
    assert ended.help_by == soon()
    assert (await task(world, id_)).resource()["status"] == "completed"
    request = (await read(world.door, clinic, "ServiceRequest", id_)).resource()
    assert request["status"] == "completed"


async def test_it_is_booked_by_a_visit_type_at_a_time_that_is_free(world: World) -> None:
    id_ = await sent(world)
    clinic, office = await world.permit("clinic"), await world.permit("office")
    await world.put(
        post("free-post", "free-person", CLINIC.partition("/")[2]),
        visit("assessed", need("person", "PractitionerRole/free-post"), unit=CLINIC.partition("/")[2], minutes=60),
    )
    kind = await visit_type(world.door, office, "assessed")
    await referrals.assess(world.door, clinic, id_, 1, right=True, until=soon(30))
    one = await stands(world, id_)
    start = at(2, "10:00")
    await world.make(booked("ola", "Practitioner/free-person", start=start))
    with pytest.raises(Taken) as taken:
        await referrals.book(world.door, office, id_, one.version, start=start, visit=kind)
    assert taken.value.alternatives[0].start == at(2, "11:00")
    assert (await stands(world, id_)).state == "assessed", "nothing was done"
    await referrals.book(world.door, office, id_, one.version, start=at(2, "11:00"), visit=kind)
    one = await stands(world, id_)
    made = (await read(world.door, clinic, *one.steps[-1].leads_to.split("/"))).resource()  # type: ignore[call-arg]
    assert "PractitionerRole/free-post" in str(made["participant"])
    assert made["basedOn"] == [{"reference": f"ServiceRequest/{id_}"}]
    # Another time: its own hour is free for it, and the one before is given up in the same moment.
    await referrals.book(world.door, office, id_, one.version, start=at(2, "11:30"), visit=kind)
    await world.make(booked("ola", "Practitioner/free-person", start=at(2, "11:00")))
    with pytest.raises(TimeTaken):
        await world.make(booked("ola", "Practitioner/free-person", start=at(2, "12:00")))


async def test_who_has_it_not_does_nothing_with_it(world: World) -> None:
    id_ = await sent(world)
    doctor = await world.permit("doctor")
    assert not await referrals.open_(world.door, doctor, id_), "a look by who sent it opens nothing"
    for act in (
        referrals.assess(world.door, doctor, id_, 1, right=True, until=soon()),
        referrals.reject(world.door, doctor, id_, 1, reason="Nei takk"),
        referrals.close(world.door, doctor, id_, 1, words="Ferdig"),
        referrals.withdraw(world.door, await world.permit("clinic"), id_, 1, reason="Trengs ikke"),
        referrals.assess(world.door, await world.permit("office"), id_, 1, right=True, until=soon()),
    ):
        with pytest.raises(Forbidden):
            await act
    with pytest.raises(FhirError):
        await referrals.open_(world.door, await world.permit("heart"), id_)


async def test_two_at_once_are_told(world: World) -> None:
    id_ = await sent(world)
    clinic = await world.permit("clinic")
    await referrals.assess(world.door, clinic, id_, 1, right=True, until=soon())
    with pytest.raises(VersionMoved):
        await referrals.reject(world.door, clinic, id_, 1, reason="For langt unna")
    assert len(await letters(world, id_)) == 1


async def test_rejected_it_is_work_for_who_sent_it(world: World) -> None:
    id_ = await sent(world)
    with pytest.raises(Invalid):
        await referrals.reject(world.door, await world.permit("clinic"), id_, 1, reason=" ")
    await referrals.reject(world.door, await world.permit("clinic"), id_, 1, reason="Hører til Hjerte")
    one = await stands(world, id_)
    assert (one.state, one.steps[-1].words, one.is_open) == ("rejected", "Hører til Hjerte", False)
    (work,) = await work_of(world, WARD, id_)
    assert "Hører til Hjerte" in work.words
    assert (await read(world.door, world.system, "ServiceRequest", id_)).resource()["status"] == "revoked"
    with pytest.raises(Conflict):
        await referrals.close(world.door, await world.permit("clinic"), id_, one.version, words="Likevel")


async def test_no_right_to_help_sends_it_back(world: World) -> None:
    id_ = await sent(world)
    await referrals.assess(
        world.door, await world.permit("clinic"), id_, 1, right=False, words="Kan følges av fastlege"
    )
    one = await stands(world, id_)
    assert [step.state for step in one.steps][-2:] == ["assessed", "rejected"]
    assert len(await work_of(world, WARD, id_)) == 1
    assert len(await letters(world, id_)) == 1


async def test_forwarded_it_has_another_owner_and_both_are_told(world: World) -> None:
    id_ = await sent(world)
    clinic = await world.permit("clinic")
    with pytest.raises(referrals.NotReady):
        await referrals.forward(world.door, clinic, id_, 1, to="gym", words="Trening først")
    await referrals.forward(world.door, clinic, id_, 1, to="heart", words="Hører til Hjerte")
    one = await stands(world, id_)
    assert (one.owner, one.receiver, one.state) == ("Organization/heart", "Organization/heart", "received")
    assert [step.state for step in one.steps][-2:] == ["forwarded", "received"]
    (work,) = await work_of(world, WARD, id_)
    assert "Heart" in work.words
    with pytest.raises((Forbidden, NotFound)):
        await referrals.reject(world.door, clinic, id_, one.version, reason="Angrer")
    assert await referrals.open_(world.door, await world.permit("heart"), id_)


async def test_withdrawn_and_asked_about(world: World) -> None:
    id_, doctor = await sent(world), await world.permit("doctor")
    await referrals.remind(world.door, doctor, id_, 1, words="Pasienten er dårligere")
    (work,) = await work_of(world, CLINIC, id_)
    assert "dårligere" in work.words
    await referrals.open_(world.door, await world.permit("clinic"), id_)
    one = await stands(world, id_)
    await referrals.withdraw(world.door, doctor, id_, one.version, reason="Innlagt akutt")
    one = await stands(world, id_)
    assert (one.state, one.steps[-1].words) == ("withdrawn", "Innlagt akutt")
    assert len(await work_of(world, CLINIC, id_)) == 2


async def test_outside_it_is_always_a_message(world: World) -> None:
    id_ = await sent(world, "specialist")
    one = await stands(world, id_)
    assert (one.state, one.way, one.owner) == ("signed", "message", "Organization/specialist")
    (message,) = await messages_out(world, id_)
    assert "Tungpust" in str(message["payload"])
    await referrals.withdraw(world.door, await world.permit("doctor"), id_, 1, reason="Innlagt akutt")
    assert len(await messages_out(world, id_)) == 2


@pytest.mark.parametrize("unit", ["gym", "spa", "none", "nobody-at-all"])
async def test_who_is_not_ready_gets_none(world: World, unit: str) -> None:
    with pytest.raises(referrals.NotReady) as refused:
        await sent(world, unit)
    assert refused.value.receiver.why in ("nobody", "untested", "no-endpoint")


async def test_what_cannot_be_assessed_is_not_sent(world: World) -> None:
    for wrong in ({"about": ""}, {"text": " "}, {"help_by": "2020-01-01"}, {"help_by": "snart"}, {"priority": "now"}):
        with pytest.raises(Invalid):
            await sent(world, **wrong)
    with pytest.raises(Invalid):
        await sent(world, "ward")
    with pytest.raises(Forbidden):
        await referrals.refer(world.door, await world.permit("secretary"), "kari", about())
    with pytest.raises(FhirError):
        await referrals.refer(
            world.door, await world.permit("doctor"), "kari", about(with_it=(("Observation/x", "x"),))
        )
