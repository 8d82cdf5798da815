"""Death ends what the person does himself, and not what was written of him."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import access
from samjournal.access import mandates
from samjournal.db.migrate import DIRECTORY
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import patient_key
from samjournal.record import compare_projections, log_for_patient
from world import World, appointment, patient, stay

pytestmark = pytest.mark.anyio
CLINIC = "HealthcareService/ward-clinic"
DIED = "2026-11-20T04:00:00+01:00"
MIGRATION = (DIRECTORY / "0021_identity.sql").read_text(encoding="utf-8")


def person(id_: str, **more: Any) -> dict[str, Any]:
    return {**patient(id_, "Dahl"), "generalPractitioner": [{"reference": "Organization/homecare"}], **more}


async def opens(world: World, login: str, id_: str) -> int:
    async with await world.client(login) as client:
        return (await client.get(f"/Patient/{id_}")).status_code


@pytest.mark.parametrize(
    "dead", [{"deceasedDateTime": DIED}, {"deceasedDateTime": "2026-11"}, {"deceasedBoolean": True}]
)
async def test_the_gps_list_ends_and_the_stay_goes_on(world: World, dead: dict[str, Any]) -> None:
    await world.put(person("dagny"), stay("dagny-stay", "dagny"))
    assert (await opens(world, "homenurse", "dagny"), await opens(world, "nurse", "dagny")) == (200, 200)
    assert not await access.is_dead(world.pool, patient_key("dagny"))
    await world.put(person("dagny", **dead))
    assert await access.is_dead(world.pool, patient_key("dagny"))
    assert (await opens(world, "homenurse", "dagny"), await opens(world, "nurse", "dagny")) == (403, 200)
    await world.put(person("dagny", deceasedBoolean=False))
    assert (await opens(world, "homenurse", "dagny"), await opens(world, "nurse", "dagny")) == (200, 200)


async def test_nothing_is_booked_after_the_death(world: World) -> None:
    await world.put(person("einar", deceasedDateTime=DIED), stay("einar-stay", "einar"))
    after, before = "2026-11-25T10:00:00+01:00", "2026-11-19T10:00:00+01:00"
    for who in ("secretary", None):
        async with await world.client(who) as client:
            refused = await client.post("/Appointment", json=appointment("einar", CLINIC, start=after))
            assert refused.status_code == 422
            assert "dead" in refused.text
            cancelled = {**appointment("einar", CLINIC, start=after), "status": "cancelled"}
            assert (await client.post("/Appointment", json=cancelled)).status_code == 201
            was = {**appointment("einar", CLINIC, start=before), "status": "fulfilled"}
            assert (await client.post("/Appointment", json=was)).status_code == 201
    living = await world.make(appointment("kari", CLINIC, start=after))
    assert living.version == 1


async def test_what_was_booked_before_is_cancelled_and_not_moved(world: World) -> None:
    await world.put(person("finn"), stay("finn-stay", "finn"))
    booked = (await world.make(appointment("finn", CLINIC, start="2099-01-01T10:00:00+01:00"))).resource()
    await world.put(person("finn", deceasedBoolean=True))
    async with await world.client() as client:
        moved = {**booked, "start": "2099-02-01T10:00:00+01:00", "end": "2099-02-01T10:30:00+01:00"}
        assert (await client.put(f"/Appointment/{booked['id']}", json=moved)).status_code == 422
        assert (
            await client.put(f"/Appointment/{booked['id']}", json={**booked, "status": "cancelled"})
        ).status_code == 200


async def test_a_dead_citizen_s_token_opens_nothing(world: World) -> None:
    permit = await world.permit("kari")
    await world.put({**patient("kari", "Nordmann", number="11834826226"), "deceasedDateTime": DIED})
    with pytest.raises(Forbidden):
        await world.permit("kari")
    assert await opens(world, "kari", "kari") == 403
    assert await opens(world, "nurse", "kari") == 200
    assert any(look.actor == "nurse" for look in await log_for_patient(world.door, permit, "kari")), "the log goes on"
    await world.put(patient("kari", "Nordmann", number="11834826226"))
    assert await opens(world, "kari", "kari") == 200


async def test_the_death_under_one_id_counts_for_the_person(world: World) -> None:
    link = [{"type": "replaced-by", "other": {"reference": "Patient/gro"}}]
    await world.put(patient("gro", "Dahl"), {**patient("gro-2", "Dahl"), "link": link, "deceasedBoolean": True})
    assert await access.is_dead(world.pool, patient_key("gro"))


async def test_a_record_of_an_earlier_build_is_migrated_to_what_stands_in_it(world: World) -> None:
    await world.put(
        person("hans", deceasedDateTime=DIED), person("hege", deceasedDateTime="2026-11"), person("heidi"),
        person("hilde", deceasedBoolean=True), person("hugo", deceasedDateTime="2026"),
    )  # fmt: skip
    await world.as_owner("UPDATE access.person SET died = NULL")
    await world.as_owner("UPDATE access.relation SET ends = '9999-01-01 00:00+00' WHERE kind = 'gp-list'")
    await world.pool.execute(
        "INSERT INTO access.relation (patient, party, kind, starts, ends, source) SELECT $1, party, kind, starts, ends,"
        " 'Patient/hilde' FROM access.relation WHERE source = 'Patient/heidi'",
        patient_key("hilde"),
    )
    backfill = MIGRATION.partition("UPDATE access.person")[2].partition("-- When a person died")[0]
    await world.as_owner("UPDATE access.person" + backfill)
    drift = [one async for one in compare_projections(world.door, world.system)]
    assert [one for one in drift if one.wrong] == []


async def test_a_death_is_kept_once_and_set_right_for_all_who_ask(world: World) -> None:
    await world.put(person("ivar"))
    mine = patient_key("ivar")
    await world.pool.execute("UPDATE access.person SET died = now() WHERE patient = $1", mine)
    assert await access.is_dead(world.pool, mine)
    (civil,) = await mandates._civils(world.pool, [mine])
    assert civil.dead, "who may act for him is asked of the same"
    wrong = {name async for one in compare_projections(world.door, world.system, rebuild=True) for name in one.wrong}
    assert "Patient/ivar" in wrong
    assert not await access.is_dead(world.pool, mine)
    (civil,) = await mandates._civils(world.pool, [mine])
    assert not civil.dead
