"""Every look is on disk before its answer leaves. House rule 3."""

from __future__ import annotations

import asyncio

import pytest

from samjournal import audit
from samjournal.record import Want, log_for_patient, open_chart, state_reason
from world import World, observation

pytestmark = pytest.mark.anyio


async def _count(world: World) -> int:
    count: int = await world.pool.fetchval("SELECT count(*) FROM audit.look")
    return count


async def _newest(world: World) -> dict[str, object]:
    row = await world.pool.fetchrow("SELECT * FROM audit.look ORDER BY at DESC LIMIT 1")
    assert row is not None
    return dict(row)


async def test_a_read_says_who_in_which_role_saw_what_and_why(world: World) -> None:
    async with await world.client("nurse") as client:
        await client.get("/Patient/kari")
    look = await _newest(world)
    assert (look["actor"], look["role"], look["organization"], look["action"]) == ("nurse", "nurse", "Ward", "read")
    assert (look["why"], look["shown"]) == ("stay", "Patient/kari")


async def test_a_refused_look_shows_nothing_and_logs_no_reading(world: World) -> None:
    before = await _count(world)
    async with await world.client("homenurse") as client:
        assert (await client.get("/Patient/kari")).status_code == 403
    after = await world.pool.fetch("SELECT action FROM audit.look WHERE actor = 'homenurse' AND action = 'read'")
    assert after == []
    assert await _count(world) == before + 1  # the token that was made


async def test_a_search_of_several_patients_is_unfolded_for_each(world: World) -> None:
    await world.make(observation("kari"))
    await world.make(observation("ola"))
    async with await world.client() as client:
        await client.get("/Observation?code=8867-4")
    async with world.pool.transaction() as db:
        await audit.unfold(db)
        assert await audit.unfold(db) == 0
    seen = await log_for_patient(world.door, await world.permit("kari"), "kari")
    assert any(look.action == "search" and "Observation" in look.types for look in seen)


async def test_a_search_of_one_patient_names_the_relation(world: World) -> None:
    async with await world.client("nurse") as client:
        await client.get("/Observation?patient=kari")
    look = await _newest(world)
    assert (look["action"], look["why"]) == ("search", "stay")


@pytest.mark.parametrize(
    "query", ["_summary=count", "_count=0&_total=accurate", "code=none", "code=none&_summary=count"]
)
async def test_a_count_or_an_empty_answer_about_a_patient_is_a_look(world: World, query: str) -> None:
    before = await _count(world)
    async with await world.client("nurse") as client:
        assert (await client.get(f"/Observation?patient=kari&{query}")).status_code == 200
    look = await _newest(world)
    assert await _count(world) == before + 2  # the token, and the look
    assert (look["action"], look["why"], look["patient"] is not None) == ("search", "stay", True)


async def test_a_change_is_logged_in_its_own_transaction(world: World) -> None:
    before = await _count(world)
    made = await world.make(observation("kari"), by="nurse")
    look = await _newest(world)
    assert (look["action"], look["shown"]) == ("create", f"Observation/{made.id}")
    assert await _count(world) == before + 1


async def test_looks_in_flight_are_all_written(world: World) -> None:
    before = await _count(world)
    permit = await world.permit("nurse")
    await asyncio.gather(*(open_chart(world.door, permit, "kari", [Want("all", "Observation")]) for _ in range(40)))
    assert await _count(world) == before + 40


async def test_refreshes_of_an_open_page_are_one_look_for_the_citizen(world: World) -> None:
    permit, kari = await world.permit("doctor"), await world.permit("kari")
    before = len(await log_for_patient(world.door, kari, "kari"))
    first = await open_chart(world.door, permit, "kari", [])
    for _ in range(3):
        await open_chart(world.door, permit, "kari", [], look=first.look)
    assert len(await log_for_patient(world.door, kari, "kari")) == before + 1


async def test_a_reason_is_logged_with_its_words_and_opens_the_chart(world: World) -> None:
    permit = await world.permit("homenurse")
    await state_reason(world.door, permit, "kari", "Pårørende ringte, hun er falt hjemme")
    snapshot = await open_chart(world.door, permit, "kari", [])
    assert snapshot.why == "reason"
    seen = await log_for_patient(world.door, await world.permit("kari"), "kari")
    assert [look.reason for look in seen if look.action == "reason"] == ["Pårørende ringte, hun er falt hjemme"]
    open_ = await world.pool.fetchval("SELECT count(*) FROM access.review WHERE kind = 'reason' AND reviewed IS NULL")
    assert open_ == 1


async def test_only_the_person_reads_the_own_log(world: World) -> None:
    from samjournal.fhir.errors import NotFound

    for login in ("doctor", "elias"):
        with pytest.raises(NotFound):
            await log_for_patient(world.door, await world.permit(login), "kari")


async def test_when_the_log_cannot_be_written_nothing_is_shown(world: World) -> None:
    async with await world.client("nurse") as client:
        assert (await client.get("/Patient/kari")).status_code == 200
        await world.as_owner("ALTER TABLE audit.look RENAME TO look_away")
        try:
            answers = [
                await client.get("/Patient/kari"),
                await client.get("/Observation?patient=kari"),
                await client.get("/Patient/kari/_history"),
            ]
        finally:
            await world.as_owner("ALTER TABLE audit.look_away RENAME TO look")
    assert [answer.status_code for answer in answers] == [503] * 3
    assert all("Kari" not in answer.text for answer in answers)
    assert all(answer.headers["retry-after"] for answer in answers)
