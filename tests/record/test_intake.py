"""Imports: each resource is judged for itself, and nothing is stored twice."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from samjournal import access, record
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.parsing import Parsed, compact_of, parse
from samjournal.record import Arrival, Change, is_done, take_in
from samjournal.record.change import apply, prepare
from samjournal.store import writing
from samjournal.store.bulk import bulk, settle
from world import World

pytestmark = pytest.mark.anyio
SYSTEM = access.for_system("import", scope=None, request="test")
GATHERING = "SELECT 'fastupdate=on' = ANY(reloptions) FROM pg_class WHERE oid = 'store.current_tokens'::regclass"


def arrival(resource: dict[str, Any]) -> Arrival:
    return Arrival.of(Parsed(resource, compact_of(resource)), resource["id"])


def observation(id_: str, **elements: Any) -> dict[str, Any]:
    found = {"resourceType": "Observation", "id": id_, "status": "final", "code": {"text": "Vekt"}}
    return found | {"subject": {"reference": "Patient/ola"}} | elements


async def test_bad_ones_are_refused_and_the_rest_is_stored(world: World) -> None:
    some = [arrival(observation(f"a{n}")) for n in range(50)]
    some[7] = arrival(observation("a7", status="finished"))
    taken = await take_in(world.door, SYSTEM, some)
    assert [one.outcome for one in taken].count("stored") == 49
    assert taken[7].outcome == "refused"
    assert taken[7].issues[0].path == "Observation.status"
    assert taken[8].version == 1


async def test_the_same_again_is_left_as_it_is_and_a_change_is_a_new_version(world: World) -> None:
    first = await take_in(world.door, SYSTEM, [arrival(observation("b1")), arrival(observation("b2"))])
    again = await take_in(world.door, SYSTEM, [arrival(observation("b1")), arrival(observation("b2", issued=NOON))])
    assert [one.outcome for one in first] == ["stored", "stored"]
    assert [(one.outcome, one.version) for one in again] == [("unchanged", 1), ("stored", 2)]


NOON = "2026-11-22T12:00:00+01:00"


async def test_what_was_sent_keeps_its_digits_and_is_known_again(world: World) -> None:
    sent = parse(
        b'{"resourceType":"Observation","id":"c1","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.00}}'
    )
    (first,) = await take_in(world.door, SYSTEM, [Arrival.of(sent, "c1")])
    (again,) = await take_in(world.door, SYSTEM, [Arrival.of(sent, "c1")])
    assert (first.outcome, again.outcome) == ("stored", "unchanged")
    assert b'"value":1.00}' in ((await record.read(world.door, SYSTEM, "Observation", "c1")).body or b"")


async def test_one_id_twice_in_a_batch_becomes_two_versions(world: World) -> None:
    some = [observation("d1"), observation("d1", issued=NOON), observation("d1", issued=NOON)]
    taken = await take_in(world.door, SYSTEM, [arrival(one) for one in some])
    assert [(one.outcome, one.version) for one in taken] == [("stored", 1), ("stored", 2), ("unchanged", 2)]


async def test_what_comes_as_new_and_is_there_after_all_is_compared(world: World) -> None:
    several = range(writing.MANY + 1)
    await take_in(world.door, SYSTEM, [arrival(observation(f"n{n}")) for n in several])
    some = [observation(f"n{n}") | ({"issued": NOON} if n == 3 else {}) for n in several] + [observation("n-new")]
    taken = await take_in(
        world.door, SYSTEM, [Arrival("Observation", one["id"], compact_of(one), is_new=True) for one in some]
    )
    assert [one.outcome for one in taken].count("unchanged") == writing.MANY
    assert [(one.id, one.outcome, one.version) for one in taken if one.outcome == "stored"] == [
        ("n3", "stored", 2),
        ("n-new", "stored", 1),
    ]


async def test_another_patient_under_the_same_id_is_refused_alone(world: World) -> None:
    await take_in(world.door, SYSTEM, [arrival(observation("e1"))])
    other = observation("e1", subject={"reference": "Patient/kari"})
    taken = await take_in(world.door, SYSTEM, [arrival(observation("e0")), arrival(other), arrival(observation("e2"))])
    assert [one.outcome for one in taken] == ["stored", "refused", "stored"]
    assert "another patient" in taken[1].issues[0].text


async def test_what_somebody_else_creates_for_another_patient_at_this_moment_is_refused_alone(world: World) -> None:
    theirs = observation("j1", subject={"reference": "Patient/kari"})
    change = Change.received("update", Parsed(theirs, compact_of(theirs)), id_="j1")
    async with world.pool.transaction() as db:
        await apply(SYSTEM, [prepare(SYSTEM, change, checked=False)], db, None, None)
        ours = asyncio.create_task(take_in(world.door, SYSTEM, [arrival(observation(id_)) for id_ in ("j0", "j1")]))
        while not await world.pool.fetchval(WAITING):
            pass
    taken = await ours
    assert [one.outcome for one in taken] == ["stored", "refused"]
    assert "another patient" in taken[1].issues[0].text


WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND wait_event_type = 'Lock' AND wait_event = 'transactionid'"
)


async def test_a_claim_is_kept_with_the_last_batch_even_of_nothing(world: World) -> None:
    await take_in(world.door, SYSTEM, [arrival(observation("f1"))], claim=b"file one")
    await take_in(world.door, SYSTEM, [], claim=b"file two")
    assert await is_done(world.door, b"file one")
    assert await is_done(world.door, b"file two")


async def test_a_dry_run_judges_and_writes_nothing(world: World) -> None:
    await take_in(world.door, SYSTEM, [arrival(observation("g1"))])
    some = [arrival(observation("g1")), arrival(observation("g2")), arrival(observation("g3", status="?"))]
    taken = await take_in(world.door, SYSTEM, some, claim=b"never", dry_run=True)
    assert [one.outcome for one in taken] == ["unchanged", "stored", "refused"]
    assert not await is_done(world.door, b"never")
    assert await record.existing(world.door, "Observation", ["g1", "g2"]) == {"g1"}


async def test_people_do_not_import(world: World) -> None:
    permit = await world.permit("nurse")
    with pytest.raises(Forbidden, match="Imports are for systems"):
        await take_in(world.door, permit, [arrival(observation("h1"))])


async def test_the_token_index_gathers_only_while_somebody_imports(world: World) -> None:
    async with bulk(world.pool):
        assert await world.pool.fetchval(GATHERING)
        async with bulk(world.pool):
            pass
        assert await world.pool.fetchval(GATHERING), "the outer import goes on"
        assert not await settle(world.pool)
        await take_in(world.door, SYSTEM, [arrival(observation(f"i{n}")) for n in range(30)])
        found = await record.search(
            world.door, SYSTEM, record.query_of("Observation", [("_id", "i7"), ("status", "final")])
        )
        assert [one.id for one in found.matches] == ["i7"], "what is gathered is found"
    assert not await world.pool.fetchval(GATHERING)


async def test_what_a_killed_import_left_is_set_right(world: World) -> None:
    await world.as_owner("ALTER INDEX store.current_tokens SET (fastupdate = on)")
    assert await settle(world.pool)
    assert not await world.pool.fetchval(GATHERING)
    assert not await settle(world.pool)
