"""The record of an identity that is used no more: closed to everybody, and nothing leads from it to the new one."""

from __future__ import annotations

import pytest

from patients.test_merging import keeper
from samjournal import accounts, patients
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.patients import NewPerson
from samjournal.record import own_blocks, state_reason, unblock
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio
WHY = "Vedtak om ny identitet, sak hos registeret"


@pytest.fixture(scope="module", autouse=True)
async def child(world: World) -> None:
    async with world.pool.transaction() as db:
        await accounts.add(db, [keeper("gerd"), keeper("jon")])


async def born(world: World, id_: str) -> None:
    await world.put({**patient(id_, "Gammel"), "address": [{"city": "Levanger"}]}, stay(f"{id_}-stay", id_))
    await world.put({**observation(id_), "id": f"{id_}-pulse"})


async def statuses(world: World, login: str | None, *paths: str) -> list[int]:
    async with await world.client(login) as client:
        return [(await client.get(path)).status_code for path in paths]


async def test_closed_no_relation_opens_it_and_an_emergency_does_with_a_reason(world: World) -> None:
    await born(world, "arn")
    assert await statuses(world, "nurse", "/Patient/arn", "/Observation/arn-pulse") == [200, 200]
    await patients.close(world.door, await world.permit("gerd"), "arn", WHY)
    assert await statuses(world, "nurse", "/Patient/arn", "/Observation/arn-pulse") == [403, 404]
    with pytest.raises(Forbidden):
        await state_reason(world.door, await world.permit("secretary"), "arn", "Jeg må se noe her")
    await state_reason(world.door, await world.permit("doctor"), "arn", "Bevisstløs i mottaket nå", emergency=True)
    assert await statuses(world, "doctor", "/Patient/arn", "/Observation/arn-pulse") == [200, 200]
    async with await world.client("doctor") as client:
        assert "Levanger" not in (await client.get("/Patient/arn")).text
    await patients.reopen(world.door, await world.permit("gerd"), "arn", "Feil barn, se saken")
    assert await statuses(world, "nurse", "/Patient/arn", "/Observation/arn-pulse") == [200, 200]


async def test_nothing_leads_from_the_old_identity_to_the_new(world: World) -> None:
    await born(world, "bo")
    await patients.close(world.door, await world.permit("gerd"), "bo", WHY)
    new = await patients.register(world.door, await world.permit("jon"), NewPerson("Ny", "Bo", "1948-03-11"))
    named = await world.pool.fetchval(
        "SELECT count(*) FROM store.version WHERE position('Patient/bo\"'::bytea IN body) > 0"
        " AND position(convert_to($1, 'UTF8') IN body) > 0",
        new.id,
    )
    assert named == 0
    both = await world.pool.fetchval(
        "SELECT count(*) FROM audit.look WHERE shown LIKE '%Patient/bo%' AND shown LIKE '%' || $1 || '%'", new.id
    )
    assert both == 0
    assert await statuses(world, "nurse", f"/Patient/{new.id}") == [403], "and no relation came along"


async def test_who_may_close_and_what_is_refused(world: World) -> None:
    await born(world, "dag")
    for login in ("doctor", "secretary", "nurse"):
        with pytest.raises(Forbidden):
            await patients.close(world.door, await world.permit(login), "dag", WHY)
    keeps = await world.permit("gerd")
    with pytest.raises(Invalid):
        await patients.close(world.door, keeps, "dag", "nei")
    with pytest.raises(Conflict):
        await patients.reopen(world.door, keeps, "dag", WHY)
    await patients.close(world.door, keeps, "dag", WHY)
    with pytest.raises(Conflict):
        await patients.close(world.door, keeps, "dag", WHY)
    await world.put(patient("dag-ny", "Ny"))
    with pytest.raises(Conflict):
        await patients.propose(world.door, keeps, "dag", "dag-ny", "Samme barn, tror jeg her")
    row = await world.pool.fetchrow("SELECT kind, actor, reason FROM access.review WHERE source = 'Patient/dag'")
    assert tuple(row) == ("close", "gerd", WHY)


async def test_the_patient_s_own_page_does_not_open_it(world: World) -> None:
    await patients.close(world.door, await world.permit("gerd"), "kari", WHY)
    permit = await world.permit("kari")
    assert await own_blocks(world.door, permit) == []
    consent = await world.pool.fetchval("SELECT source FROM access.block LIMIT 1")
    with pytest.raises(NotFound):
        await unblock(world.door, permit, consent.removeprefix("Consent/"))
