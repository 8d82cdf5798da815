"""Why a record is open to somebody or is not, and what a look at that costs the reader: a line in the log."""

from __future__ import annotations

import pytest

from samjournal.access import Bond
from samjournal.fhir.errors import Forbidden, NotFound
from samjournal.record import explain, state_reason
from world import Resource, World, appointment, made, patient, stay, to

pytestmark = pytest.mark.anyio
OLD = {"start": "2020-01-01", "end": "2020-01-05"}


@pytest.fixture(scope="module")
async def bound(world: World) -> World:
    await world.put(
        *(patient(id_, "Bundet") for id_ in ("was", "comes", "booked", "nobody", "reasoned", "twofold", "other-half")),
        {**stay("was-here", "was", status="finished"), "period": OLD},
        {
            **appointment("comes", "HealthcareService/ward-clinic", start="2040-01-01T10:00:00+01:00"),
            "id": "comes-then",
        },
    )
    return world


async def bonds(world: World, login: str, patient_id: str) -> tuple[str | None, list[tuple[str, str, str]]]:
    found = await explain(world.door, await world.permit(login), patient_id)
    return found.opens, [(bond.kind, bond.source, bond.state) for bond in found.bonds]


async def test_it_tells_what_opens_and_what_does_not_yet_or_no_more(bound: World) -> None:
    assert await bonds(bound, "nurse", "kari") == ("stay", [("stay", "Encounter/kari-stay", "open")])
    assert await bonds(bound, "nurse", "was") == (None, [("stay", "Encounter/was-here", "over")])
    assert await bonds(bound, "nurse", "comes") == (None, [("appointment", "Appointment/comes-then", "later")])
    assert await bonds(bound, "nurse", "nobody") == (None, [])
    assert await bonds(bound, "homenurse", "kari") == (None, []), "the bonds of others are not told"


async def test_what_somebody_made_himself_is_told_to_wait_for_another(bound: World) -> None:
    one = await bound.make(appointment("booked", "Practitioner/secretary"), by="secretary")
    assert await bonds(bound, "secretary", "booked") == (None, [("appointment", f"Appointment/{one.id}", "self-made")])


async def test_a_stated_reason_is_told_with_its_words(bound: World) -> None:
    await state_reason(bound.door, await bound.permit("doctor"), "reasoned", "Ringt om råd av legevakten")
    found = await explain(bound.door, await bound.permit("doctor"), "reasoned")
    assert found.opens == "reason"
    (bond,) = found.bonds
    assert (bond.kind, bond.reason) == ("reason", "Ringt om råd av legevakten")
    assert bond.starts
    assert bond.ends
    assert (bond.ends - bond.starts).total_seconds() == pytest.approx(4 * 3600, abs=5)


async def test_all_ids_of_a_person_are_asked(bound: World) -> None:
    await bound.put(stay("other-stay", "other-half"))
    link = {"other": to("Patient/twofold"), "type": "replaced-by"}
    async with await bound.client() as client:
        sent = {**patient("other-half", "Bundet"), "link": [link]}
        assert (await client.put("/Patient/other-half", json=sent)).status_code == 200
    await bound.door.persons.refresh(bound.pool)
    for id_ in ("twofold", "other-half"):
        assert await bonds(bound, "nurse", id_) == ("stay", [("stay", "Encounter/other-stay", "open")])


async def test_a_citizen_hears_that_it_is_the_own_record(bound: World) -> None:
    assert await bonds(bound, "kari", "kari") == ("self", [])
    assert await bonds(bound, "kari", "ola") == (None, [])


async def test_each_answer_is_a_look(bound: World) -> None:
    await bound.as_owner("TRUNCATE audit.look CASCADE")
    await bonds(bound, "nurse", "kari")
    await bonds(bound, "nurse", "was")
    system = bound.system
    await explain(bound.door, system, "kari", reader=await bound.permit("nurse"))
    looks = await bound.pool.fetch("SELECT actor, action, why, shown FROM audit.look ORDER BY at")
    assert [tuple(row) for row in looks] == [
        ("nurse", "explain", "stay", "Encounter/kari-stay"),
        ("nurse", "closed", "find", "Encounter/was-here"),
        ("import", "explain", "system", "Encounter/kari-stay"),
    ]


async def test_only_a_system_asks_about_others_and_nobody_about_nobody(bound: World) -> None:
    nurse = await bound.permit("nurse")
    with pytest.raises(Forbidden):
        await explain(bound.door, nurse, "kari", reader=await bound.permit("doctor"))
    with pytest.raises(NotFound):
        await explain(bound.door, nurse, "never")


# What a care team and a task make


def team(status: str = "active", **more: object) -> Resource:
    members = [{"member": to("Practitioner/homenurse")}, {"member": to("Patient/kari")}]
    return made("CareTeam", "team", status=status, subject=to("Patient/ola"), participant=members, **more)


def task(status: str, **more: object) -> Resource:
    owner = to("Organization/homecare")
    return made("Task", "todo", status=status, intent="order", **{"for": to("Patient/ola")}, owner=owner, **more)


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (team(), "care-team"),
        (team(period={"start": "2026-01-01"}), "care-team"),
        (team(period={"start": "2020-01-01", "end": "2020-02-01"}), None),
        (team("inactive"), None),
        (team("proposed"), None),
        (task("in-progress", authoredOn="2026-11-01"), "task"),
        (task("requested"), "task"),
        (task("draft"), None),
        (task("cancelled"), None),
        (task("completed", authoredOn="2020-01-01", lastModified="2020-01-02"), None),
    ],
)
async def test_a_team_and_a_task_open_the_record_while_they_last(
    bound: World, resource: Resource, kind: str | None
) -> None:
    await bound.put(resource)
    found = await explain(bound.door, await bound.permit("homenurse"), "ola")
    assert found.opens == kind
    async with await bound.client() as client:
        assert (await client.delete(f"/{resource['resourceType']}/{resource['id']}")).status_code in (200, 204)
    assert (await explain(bound.door, await bound.permit("homenurse"), "ola")).bonds == ()


def test_a_bond_is_a_value() -> None:
    assert Bond("stay", "Encounter/1", None, None, "open") == Bond("stay", "Encounter/1", None, None, "open")
