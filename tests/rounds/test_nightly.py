"""Each night what must always hold is looked for, and what does not becomes somebody's work. README 7.2"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from exchange.letters import dialog, message
from exchange.test_outbox import connected, outbox, outgoing  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import access, messages, rounds, tasks
from samjournal.exchange import receive
from samjournal.exchange.outbox import Outbox, step
from samjournal.fhir.keys import patient_key
from samjournal.record import change
from samjournal.record.beside import matches, resources
from world import World, made, to

pytestmark = pytest.mark.anyio
JOB = access.for_job("rounds")
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=2)
Resource = dict[str, Any]


async def found(world: World, rule: str, now: datetime = LATER) -> list[rounds.Finding]:
    return [one async for one in rounds.RULES[rule](world.door, JOB, now)]


async def about(world: World, rule: str, now: datetime = LATER) -> set[str]:
    return {one.about for one in await found(world, rule, now)}


async def way_of(world: World, request: str, id_: str, **more: Any) -> None:
    task = tasks.written(
        kind="do",
        patient="kari",
        owner={"reference": "Organization/ward"},
        at=NOW,
        due=NOW + timedelta(days=1),
        focus=f"ServiceRequest/{request}",
    )
    task["code"] = {"coding": [{"system": "urn:samjournal:task", "code": "assess"}]}
    await world.put({**task, "id": id_, **more})


async def referral(world: World, id_: str) -> None:
    category = [{"coding": [{"system": "urn:samjournal:request", "code": "referral"}]}]
    await world.put(
        made(
            "ServiceRequest",
            id_,
            status="active",
            intent="order",
            category=category,
            subject=to("Patient/kari"),
            performer=[to("Organization/ward")],
        )
    )


async def test_every_active_referral_is_on_exactly_one_list_with_owner_and_deadline(
    connected: World,  # noqa: F811
) -> None:
    for id_ in ("right", "nowhere", "twice", "nobodys", "ended"):
        await referral(connected, id_)
    await way_of(connected, "right", "way-1")
    await way_of(connected, "twice", "way-2")
    await way_of(connected, "twice", "way-3")
    await way_of(connected, "nobodys", "way-4", owner={"display": "ingen"}, restriction={"repetitions": 1})
    await way_of(connected, "ended", "way-5", status="completed")
    assert await about(connected, "referrals") == {
        f"ServiceRequest/{one}" for one in ("nowhere", "twice", "nobodys", "ended")
    }


async def test_every_signed_letter_goes_on_or_is_somebodys(
    connected: World,  # noqa: F811
    outbox: Outbox,  # noqa: F811
) -> None:
    stuck, sent, failed = outgoing(), outgoing(), outgoing()
    for one in (sent, failed):
        await change(connected.door, await connected.permit("doctor"), messages.sending(one, NOW))
    outbox.transports = {"folder": outbox.transports["folder"]}
    await step(outbox, NOW)
    await change(connected.door, await connected.permit("doctor"), messages.sending(stuck, NOW))
    assert await about(connected, "letters", NOW) == set()
    assert await about(connected, "letters") == {f"Communication/{stuck.id}"}
    (waits,) = (await resources(connected.door, JOB, [("Communication", failed.id)])).values()
    await messages.failed(connected.door, JOB, waits, "timed-out", "", NOW)
    assert f"Communication/{failed.id}" not in await about(connected, "letters")
    (task,) = await matches(connected.door, JOB, "Task", [("focus", f"Communication/{failed.id}")])
    await connected.put({**task.resource(), "status": "completed"})
    assert f"Communication/{failed.id}" in await about(connected, "letters"), "a task alone ends nothing"
    assert len(await about(connected, "letters", NOW + timedelta(hours=98))) == 3


async def test_every_message_that_came_is_in_one_queue_or_filed(connected: World) -> None:  # noqa: F811
    async def came(words: str) -> str:
        outcome = await receive(connected.door, JOB, message(dialog(words)), now=NOW)
        asked = [("identifier", f"urn:samjournal:message-id|{outcome.id}")]
        (one,) = await matches(connected.door, JOB, "Communication", asked)
        return one.id

    first, filed, lost, double = [await came(words) for words in ("en", "to", "tre", "fire")]
    tasks_of = {
        id_: (await matches(connected.door, JOB, "Task", [("focus", f"Communication/{id_}")]))[0]
        for id_ in (first, filed, lost, double)
    }
    await connected.put({**tasks_of[filed].resource(), "status": "completed"})
    await connected.put({**tasks_of[lost].resource(), "focus": to("Patient/kari")})
    await connected.put({**tasks_of[double].resource(), "id": "second-task"})
    assert await about(connected, "received") == {f"Communication/{lost}", f"Communication/{double}"}


async def test_every_result_is_acknowledged_or_waits_on_somebody(connected: World) -> None:  # noqa: F811
    ids = {}
    for name in ("seen", "waiting", "lost"):
        report = made(
            "DiagnosticReport",
            name,
            status="final",
            code={"text": "Prøve"},
            subject=to("Patient/kari"),
            issued=NOW.isoformat(),
            performer=[to("Organization/ward")],
        )
        ids[name] = (await connected.make(report, by="doctor")).reference
    for name, status in (("seen", "completed"), ("waiting", "requested")):
        await way_of(connected, "x", f"ack-{name}", focus=to(ids[name]), status=status)
    assert await about(connected, "results") == {ids["lost"]}
    assert await about(connected, "results", NOW) == set(), "the feed may take a while"


async def test_everybody_who_left_has_a_summary_or_somebody_has_the_task(connected: World) -> None:  # noqa: F811
    for id_ in ("summed", "tasked", "forgotten"):
        await connected.put(
            made(
                "Encounter",
                id_,
                status="finished",
                **{"class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"}},
                subject=to("Patient/kari"),
                serviceProvider=to("Organization/ward"),
                period={"start": (NOW - timedelta(days=5)).isoformat(), "end": (NOW - timedelta(days=2)).isoformat()},
            )
        )
    await connected.put(
        made(
            "Composition",
            "summary",
            status="final",
            type={"coding": [{"system": "http://loinc.org", "code": "18842-5"}]},
            subject=to("Patient/kari"),
            encounter=to("Encounter/summed"),
            date=NOW.isoformat(),
            author=[to("Practitioner/doctor")],
            title="Epikrise",
        )
    )
    await way_of(connected, "x", "write-it", focus=to("Encounter/tasked"))
    assert await about(connected, "discharges") == {"Encounter/forgotten"}


async def test_every_emergency_access_is_looked_over(connected: World) -> None:  # noqa: F811
    await connected.as_owner(
        "INSERT INTO access.review (patient, at, kind, actor, role, source, reason, organization) VALUES"
        f" ({patient_key('kari')}, now() - interval '15 days', 'reason', 'doctor', 'doctor', 'x', 'nød', 'ward')"
    )
    (one,) = [one for one in await found(connected, "emergencies") if one.about == "Organization/ward"]
    assert one.words.startswith("1 innsyn")


async def test_findings_are_work_once_as_long_as_they_are_open(connected: World) -> None:  # noqa: F811
    await referral(connected, "forgotten")

    async def work() -> list[Resource]:
        asked = [("focus", "ServiceRequest/forgotten")]
        return [one.resource() for one in await matches(connected.door, JOB, "Task", asked)]

    counts = await rounds.make_rounds(connected.door, JOB, LATER)
    assert counts["referrals"] >= 1
    await rounds.make_rounds(connected.door, JOB, LATER)
    (task,) = await work()
    assert (task["owner"]["reference"], task["for"]) == ("Organization/ward", to("Patient/kari"))
    assert "forgotten" not in str(task["description"])
    await connected.put({**task, "status": "completed"})
    await rounds.make_rounds(connected.door, JOB, LATER)
    assert sorted(one["status"] for one in await work()) == ["completed", "requested"], "it still does not hold"
