"""Hazard: work that waits and that nobody sees: in another role, in a closed record, of who left, or not counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from following import changes_since
from samjournal import access, accounts, record, tasks
from samjournal.accounts import Account, RoleAt
from samjournal.record import count_waiting
from samjournal.record.feed import feed_end
from world import World, made, organization, patient, to

pytestmark = pytest.mark.anyio
WARD = "Organization/ward"
TWO = Account(
    "two", "Two", "staff",
    (RoleAt("doctor", "ward", "two-ward", "Ward"), RoleAt("doctor", "homecare", "two-home", "Homecare")),
    practitioner_id="two",
)  # fmt: skip


def _task(id_: str, owner: str, patient_id: str = "kari", *, due: datetime | None = None) -> dict[str, object]:
    until = {"restriction": {"period": {"end": due.isoformat(timespec="seconds")}}} if due else {}
    return made("Task", id_, status="requested", intent="order", owner=to(owner), authoredOn="2026-11-20",
                **{"for": to(f"Patient/{patient_id}")}, **until)  # fmt: skip


async def _two(world: World, role: int) -> access.Permit:
    who = await accounts.account(world.pool, "two")
    assert who is not None
    at = next(one for one in who.roles if one.practitioner_role_id == TWO.roles[role].practitioner_role_id)
    return await access.for_work(
        world.pool, login="two", name="Two", kind="staff", role=at, patient_id=None, request="t"
    )


async def test_what_waits_in_another_role_is_counted_there(world: World) -> None:
    async with world.pool.transaction() as db:
        await accounts.add(db, [TWO])
    await world.put(_task("t1", "PractitionerRole/two-ward"), _task("t2", "Practitioner/two"))
    now = datetime.now(UTC)
    at_home = await _two(world, 1)
    found = await tasks.inbox(world.door, at_home, roles=["two-ward"], now=now)
    assert dict(found.elsewhere) == {"two-ward": 1}
    assert [one.id for one in found.mine] == ["t2"], "what waits on the person waits on him in each role"
    assert await count_waiting(world.door, at_home) == 1
    at_ward = await _two(world, 0)
    assert {one.id for one in (await tasks.inbox(world.door, at_ward, now=now)).mine} == {"t1", "t2"}


async def test_what_is_in_a_closed_record_is_counted_and_said(world: World) -> None:
    keeps_out = {"type": "deny", "actor": [{"role": {"text": "x"}, "reference": to("Practitioner/doctor")}]}
    scope = {"coding": [{"code": "patient-privacy"}]}
    block = made("Consent", "b", status="active", scope=scope, category=[{"text": "b"}], patient=to("Patient/lukk"),
                 policyRule={"text": "x"}, provision=keeps_out)  # fmt: skip
    await world.put(patient("lukk", "Berg"), _task("t3", "PractitionerRole/doctor-role", "lukk"), block)
    found = await tasks.inbox(world.door, await world.permit("doctor"), now=datetime.now(UTC))
    assert (len(found.mine), found.closed) == (0, 1)
    assert "Patient/lukk" not in found.about


async def test_a_deadline_that_passed_while_nobody_served_is_seen_to(world: World) -> None:
    await world.put(
        _task("t4", "PractitionerRole/doctor-role", due=datetime.now(UTC) - timedelta(days=30)),
        _task("t5", WARD, due=datetime.now(UTC) - timedelta(days=30)),
    )
    job = access.for_job("deadlines")
    assert await tasks.escalate(world.door, job, datetime.now(UTC)) == 2
    assert await tasks.escalate(world.door, job, datetime.now(UTC)) == 0
    found = await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))
    assert {"t4", "t5"} <= {one.id for one in found.team}
    mine = await tasks.inbox(world.door, await world.permit("doctor"), now=datetime.now(UTC))
    assert "t4" in {one.id for one in mine.mine}


async def test_what_is_not_counted_is_found_by_the_doctor_and_counted_again(world: World) -> None:
    await world.as_owner("DELETE FROM access.task WHERE id = 't1'")
    wrong = [one async for one in record.compare_projections(world.door, world.system, rebuild=True) if one.differing]
    assert [(one.type, one.wrong) for one in wrong] == [("Task", ("Task/t1",))]
    assert await world.pool.fetchval("SELECT count(*) FROM access.task WHERE id = 't1'") == 1


async def _result(world: World, id_: str, **more: object) -> tasks.Said:
    """What waits of a final laboratory result that came just now."""
    since = await feed_end(world.door)
    lab = [{"coding": [{"code": "laboratory"}]}]
    issued = datetime.now(UTC).isoformat(timespec="seconds")
    await world.put(
        made("Observation", id_, status="final", category=lab, code={"text": "Kalium"}, issued=issued, **more)
    )
    changes, _ = await changes_since(world.door, since)
    assert await tasks.take_in(world.door, access.for_job("results"), changes, datetime.now(UTC)) == 1
    async with await world.client() as client:
        found = (await client.get(f"/Task?focus=Observation/{id_}")).json()
    return tasks.said(found["entry"][0]["resource"])


async def test_a_result_that_names_nobody_waits_on_who_is_on_duty(world: World) -> None:
    task = await _result(world, "nobodys", subject=to("Patient/ola"))
    assert task.owner == WARD, "where most can sign in who acknowledge results"
    listed = await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))
    assert task.id in {one.id for one in listed.team}
    kind = {"coding": [{"system": "urn:samjournal:unit", "code": "duty"}]}
    await world.put({**organization("homecare"), "type": [kind]}, patient("alone", "Berg"))
    on_duty = await _result(world, "nobodys-either", subject=to("Patient/alone"))
    assert on_duty.owner == "Organization/homecare"
    await world.put(organization("homecare"))


async def test_before_that_it_waits_on_the_gp_and_on_who_made_it(world: World) -> None:
    gp = {**patient("listed", "Liste"), "generalPractitioner": [to("PractitionerRole/homenurse-role")]}
    await world.put(gp, made("Organization", "laboratory", name="Lab", partOf=to("Organization/hospital")))
    assert (await _result(world, "of-gp", subject=to("Patient/listed"))).owner == "PractitionerRole/homenurse-role"
    made_by = await _result(world, "of-ward", subject=to("Patient/ola"), performer=[to(WARD)])
    assert made_by.owner == WARD
    empty = await _result(world, "of-empty", subject=to("Patient/ola"), performer=[to("Organization/laboratory")])
    assert empty.owner == WARD, "at the laboratory nobody can sign in, nor above it"


async def test_who_may_not_acknowledge_is_passed_by_for_his_unit(world: World) -> None:
    order = made("ServiceRequest", "by-secretary", status="active", intent="order", subject=to("Patient/kari"),
                 requester=to("PractitionerRole/secretary-role"))  # fmt: skip
    await world.put(order)
    task = await _result(world, "ordered", subject=to("Patient/kari"), basedOn=[to("ServiceRequest/by-secretary")])
    assert (task.owner, task.requester) == (WARD, "PractitionerRole/secretary-role")


async def test_a_unit_in_which_nobody_can_sign_in_is_passed_by_when_a_deadline_passes(world: World) -> None:
    over = datetime.now(UTC) - timedelta(days=1)
    await world.put(
        organization("night", part_of="ward"),
        organization("elsewhere"),
        made("PractitionerRole", "gone-post", active=True, organization=to("Organization/night")),
        _task("t6", "Organization/night", due=over),
        _task("t7", "PractitionerRole/gone-post", due=over),
        _task("t8", "Organization/elsewhere", due=over),
    )
    job = access.for_job("deadlines")
    assert await tasks.escalate(world.door, job, datetime.now(UTC)) == 3
    assert await tasks.escalate(world.door, job, datetime.now(UTC)) == 0
    found = await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))
    assert {"t6", "t7", "t8"} <= {one.id for one in found.team}


async def test_a_result_that_waits_on_nobody_is_given_to_who_is_on_duty(world: World) -> None:
    code = {"coding": [{"system": "urn:samjournal:task", "code": "acknowledge"}]}
    task = _task("t9", WARD)
    del task["owner"]
    await world.put({**task, "code": code})
    assert await tasks.rehouse(world.door, access.for_job("deadlines"), datetime.now(UTC)) >= 1
    found = await tasks.inbox(world.door, await world.permit("nurse"), now=datetime.now(UTC))
    assert "t9" in {one.id for one in found.team}
