"""Results that somebody must acknowledge: one task for each, with whoever ordered it, and again when it is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from following import changes_since
from samjournal import access, accounts, tasks
from samjournal.accounts import Account, RoleAt
from samjournal.record import Change, change
from samjournal.record.feed import Cursor, feed_end
from samjournal.tasks import Said
from world import World, made, to

pytestmark = pytest.mark.anyio
LAB = [{"coding": [{"code": "laboratory"}]}]
DOCTOR, WARD = "PractitionerRole/doctor-role", "Organization/ward"
Resource = dict[str, Any]


def value(id_: str, number: float, *, flag: str = "N", **more: Any) -> Resource:
    return made(
        "Observation", id_, status="final", category=LAB, code={"text": "Kalium"}, subject=to("Patient/kari"),
        issued=datetime.now(UTC).isoformat(timespec="seconds"), valueQuantity={"value": number, "unit": "mmol/L"},
        interpretation=[{"coding": [{"code": flag}]}], **more,
    )  # fmt: skip


def report(id_: str, *results: str, **more: Any) -> Resource:
    return made(
        "DiagnosticReport", id_, **{"status": "final", **more}, code={"text": "Blodprøver"}, subject=to("Patient/kari"),
        issued=datetime.now(UTC).isoformat(timespec="seconds"), result=[to(f"Observation/{one}") for one in results],
    )  # fmt: skip


def order(id_: str, requester: str) -> Resource:
    return made(
        "ServiceRequest", id_, status="completed", intent="order", subject=to("Patient/kari"), requester=to(requester)
    )


@pytest.fixture
async def since(world: World) -> Cursor:
    return await feed_end(world.door)


async def _read(world: World, since: Cursor) -> int:
    changes, _ = await changes_since(world.door, since)
    return await tasks.take_in(world.door, access.for_job("results"), changes, datetime.now(UTC))


async def _of(world: World, focus: str) -> list[Said]:
    async with await world.client() as client:
        found = await client.get(f"/Task?focus={focus}&_sort=authored-on,_id")
    return [tasks.said(one["resource"]) for one in found.json().get("entry", ())]


async def test_a_report_waits_on_whoever_ordered_it_once(world: World, since: Cursor) -> None:
    await world.put(
        order("o1", DOCTOR),
        value("v1", 4.1),
        value("v2", 4.2),
        report("r1", "v1", "v2", basedOn=[to("ServiceRequest/o1")]),
    )
    assert await _read(world, since) == 1
    assert await _read(world, since) == 0
    (task,) = await _of(world, "DiagnosticReport/r1")
    assert (task.kind, task.owner, task.urgent, task.patient) == ("acknowledge", DOCTOR, False, "Patient/kari")
    assert await _of(world, "Observation/v1") == []
    listed = await tasks.inbox(world.door, await world.permit("doctor"), now=datetime.now(UTC))
    assert task.id in {one.id for one in listed.mine}
    assert {"DiagnosticReport/r1", "Observation/v1"} <= listed.about.keys()


async def test_a_critical_one_hurries(world: World, since: Cursor) -> None:
    await world.put(order("o2", DOCTOR), value("v3", 6.8, flag="HH", basedOn=[to("ServiceRequest/o2")]))
    await _read(world, since)
    (task,) = await _of(world, "Observation/v3")
    assert task.urgent
    assert task.due is not None
    assert task.due < datetime.now(UTC) + timedelta(hours=2)


async def test_what_is_changed_after_it_was_acknowledged_waits_again(world: World, since: Cursor) -> None:
    await world.put(order("o3", DOCTOR), value("v4", 4.1), report("r3", "v4", basedOn=[to("ServiceRequest/o3")]))
    await _read(world, since)
    (task,) = await _of(world, "DiagnosticReport/r3")
    doctor = await world.permit("doctor")
    await tasks.finish(world.door, doctor, task.id, task.version)
    await world.put({**report("r3", "v4", basedOn=[to("ServiceRequest/o3")]), "meta": {"tag": [{"code": "x"}]},
                     "issued": (await _issued(world, "r3"))})  # fmt: skip
    assert await _read(world, since) == 0, "a label is no change of what it says"
    await world.put({**value("v4", 5.9), "status": "corrected"})
    assert await _read(world, since) == 1
    again = next(one for one in await _of(world, "DiagnosticReport/r3") if one.status == "requested")
    assert again.renewed
    with pytest.raises(Exception, match="done already"):
        await tasks.finish(world.door, doctor, task.id, task.version + 1)


async def _issued(world: World, id_: str) -> str:
    async with await world.client() as client:
        return str((await client.get(f"/DiagnosticReport/{id_}")).json()["issued"])


async def test_what_changes_while_it_waits_cannot_be_acknowledged_unseen(world: World, since: Cursor) -> None:
    await world.put(order("o4", DOCTOR), value("v5", 4.1, basedOn=[to("ServiceRequest/o4")]))
    await _read(world, since)
    (seen,) = await _of(world, "Observation/v5")
    await world.put({**value("v5", 6.9, flag="HH", basedOn=[to("ServiceRequest/o4")]), "status": "corrected"})
    await _read(world, since)
    (now,) = await _of(world, "Observation/v5")
    assert now.urgent
    assert now.version == seen.version + 1
    with pytest.raises(Exception, match="meanwhile"):
        await tasks.finish(world.door, await world.permit("doctor"), seen.id, seen.version)


async def test_a_report_that_comes_later_takes_over_its_results(world: World, since: Cursor) -> None:
    await world.put(order("o5", DOCTOR), value("v6", 4.1, basedOn=[to("ServiceRequest/o5")]))
    await _read(world, since)
    await world.put(report("r5", "v6", basedOn=[to("ServiceRequest/o5")]))
    await _read(world, since)
    assert [one.status for one in await _of(world, "Observation/v6")] == ["cancelled"]
    assert [one.status for one in await _of(world, "DiagnosticReport/r5")] == ["requested"]


async def test_without_an_order_the_unit_of_the_contact_answers(world: World, since: Cursor) -> None:
    await world.put(value("v7", 4.1, encounter=to("Encounter/kari-stay")))
    await _read(world, since)
    (task,) = await _of(world, "Observation/v7")
    assert task.owner == WARD


async def test_of_a_post_that_ended_the_unit_answers(world: World, since: Cursor) -> None:
    gone = made("PractitionerRole", "gone-role", active=False, organization=to(WARD))
    await world.put(gone, order("o8", "PractitionerRole/gone-role"), value("v8", 4, basedOn=[to("ServiceRequest/o8")]))
    await _read(world, since)
    (task,) = await _of(world, "Observation/v8")
    assert (task.owner, task.requester) == (WARD, "PractitionerRole/gone-role")


async def test_who_measured_it_himself_has_seen_it_and_vital_signs_are_no_results(world: World, since: Cursor) -> None:
    vital = {**value("v9", 80), "category": [{"coding": [{"code": "vital-signs"}]}]}
    mine = value("v10", 8.1, performer=[to(DOCTOR)], basedOn=[to("ServiceRequest/o1")])
    await world.put(order("o1", DOCTOR), vital, mine)
    assert await _read(world, since) == 0


async def test_what_is_old_when_it_comes_is_history(world: World, since: Cursor) -> None:
    old = (datetime.now(UTC) - timedelta(days=60)).isoformat(timespec="seconds")
    await world.put({**value("v11", 4), "issued": old, "effectiveDateTime": old})
    assert await _read(world, since) == 0


async def test_what_is_preliminary_waits_for_the_laboratory(world: World, since: Cursor) -> None:
    await world.put(value("v12", 4), report("r12", "v12", status="preliminary", encounter=to("Encounter/kari-stay")))
    await _read(world, since)
    assert await _of(world, "DiagnosticReport/r12") == []
    assert len(await _of(world, "Observation/v12")) == 1, "a final value waits on nobody's report"


async def test_past_its_deadline_it_waits_on_the_team_and_still_on_him(world: World, since: Cursor) -> None:
    await world.put(order("o13", DOCTOR), value("v13", 6.8, flag="HH", basedOn=[to("ServiceRequest/o13")]))
    await _read(world, since)
    later = datetime.now(UTC) + timedelta(hours=2)
    job = access.for_job("deadlines")
    assert await tasks.escalate(world.door, job, later) >= 1
    assert await tasks.escalate(world.door, job, later) == 0
    (task,) = await _of(world, "Observation/v13")
    assert (task.owner, task.also, task.escalated) == (DOCTOR, WARD, True)
    mine = await tasks.inbox(world.door, await world.permit("doctor"), now=later)
    theirs = await tasks.inbox(world.door, await world.permit("nurse"), now=later)
    assert task.id in {one.id for one in mine.mine} & {one.id for one in mine.team} & {one.id for one in theirs.team}


async def test_work_of_who_left_goes_to_the_unit(world: World) -> None:
    async with world.pool.transaction() as db:
        await accounts.add(db, [Account("leaver", "Leaver", "staff", (RoleAt("nurse", "ward", "leaver-role", "Ward"),),
                                        practitioner_id="leaver")])  # fmt: skip
    await world.put(made("PractitionerRole", "leaver-role", active=True, organization=to(WARD)))
    doctor = await world.permit("doctor")
    asked = await tasks.make(
        world.door, doctor, patient="kari", words="Ring datter", owner="PractitionerRole/leaver-role"
    )
    job = access.for_job("deadlines")
    await tasks.rehouse(world.door, job, datetime.now(UTC))
    assert tasks.said(await _again(world, asked.id)).owner == "PractitionerRole/leaver-role"
    await world.put(made("PractitionerRole", "leaver-role", active=False, organization=to(WARD)))
    assert await tasks.rehouse(world.door, job, datetime.now(UTC)) == 1
    assert await tasks.rehouse(world.door, job, datetime.now(UTC)) == 0
    assert tasks.said(await _again(world, asked.id)).owner == WARD


async def _again(world: World, id_: str) -> Resource:
    async with await world.client() as client:
        found: Resource = (await client.get(f"/Task/{id_}")).json()
    return found


async def test_nothing_but_a_job_reads_beside_the_log(world: World) -> None:
    with pytest.raises(Exception, match="Only jobs"):
        await tasks.escalate(world.door, world.system, datetime.now(UTC))


async def test_what_is_kept_is_what_the_tasks_say(world: World) -> None:
    rows = await world.pool.fetch("SELECT id FROM access.task")
    assert rows
    await change(world.door, world.system, [Change.delete("Task", rows[0]["id"])])
    left = await world.pool.fetchval("SELECT count(*) FROM access.task WHERE id = $1", rows[0]["id"])
    assert left == 0
