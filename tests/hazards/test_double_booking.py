"""Two patients have one hour, or one person is to be in two rooms: whoever comes second must hear it at once.

By every way that an appointment comes: page, API, transaction, batch, load; and two hundred at the same moment.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from samjournal import access
from samjournal.db.pool import connect
from samjournal.fhir.dates import OSLO
from samjournal.fhir.numbers import number
from samjournal.record import Arrival, Change, Door, change, compare_projections, open_door, take_in
from samjournal.scheduling import Free, Taken, book, visit_type
from scheduling.places import NOW, at, booked, clinic, need, post, room, visit
from world import World, patient, to

pytestmark = pytest.mark.anyio
PATIENTS = 200
_DAYS = itertools.count(1)


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await world.put(
        *(patient(f"p{number}", "Hansen") for number in range(PATIENTS)),
        visit(
            "meeting",
            need("person", "PractitionerRole/anne-post"),
            need("person", "PractitionerRole/bo-post"),
            need("person", "PractitionerRole/cato-post"),
            need("room", "Location/room-1", "Location/room-2"),
        ),
    )
    return world


@pytest.fixture
async def patient_door(world: World, database: str) -> AsyncIterator[Door]:
    """A door that waits for its few connections as long as it takes: this machine may have much else to do."""
    pool = await connect(database, size=10, patience=300, lock_timeout=300, statement_timeout=300)
    yield await open_door(pool, secret=world.door.secret)
    await pool.close(patience=2)


async def test_of_two_hundred_who_book_the_same_hour_one_gets_it_and_all_others_hear_of_three_more(
    world: World, patient_door: Door
) -> None:
    """Each names the four in another order; nobody waits for one who waits for him, and nobody gets a fault."""
    secretary = await world.permit("secretary")
    kind = await visit_type(world.door, secretary, "meeting")
    start = at(2, "10:00")
    actors = [f"PractitionerRole/{one}-post" for one in ("anne", "bo", "cato")] + ["Location/room-1"]
    rng = random.Random(8)

    async def one(number: int) -> object:
        asked = rng.sample(actors, len(actors))
        try:
            return await book(patient_door, secretary, f"p{number}", kind, start, asked, now=NOW)
        except Taken as taken:
            return taken.alternatives

    came = await asyncio.gather(*(one(number) for number in range(PATIENTS)))
    lost = [some for some in came if isinstance(some, list)]
    assert len(lost) == PATIENTS - 1
    for alternatives in lost:
        assert len(alternatives) == 3
        assert all(isinstance(offer, Free) and offer.start != start for offer in alternatives)
    taken = await world.pool.fetchval("SELECT count(*) FROM store.occupied WHERE lower(period) = $1", start)
    assert taken == 5


async def test_over_the_api_each_of_many_is_answered_and_one_gets_the_hour(world: World) -> None:
    start = at(2, "12:00")
    actors = ["Practitioner/anne", "Practitioner/bo", "Location/room-2"]
    rng = random.Random(9)
    async with await world.client(scope="system/*.cruds") as client:

        async def one(number: int) -> httpx.Response:
            sent = booked(f"p{number}", *rng.sample(actors, len(actors)), start=start)
            return await client.post("/Appointment", json=sent)

        answers = await asyncio.gather(*(one(number) for number in range(60)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 59
    refused = next(answer for answer in answers if answer.status_code == 409)
    (issue, *_) = refused.json()["issue"]
    assert issue["code"] == "conflict"
    assert issue["details"]["coding"][0]["code"] == "time-taken"
    winner = next(answer.json() for answer in answers if answer.status_code == 201)
    whose = winner["participant"][0]["actor"]["reference"]
    assert whose not in refused.text.replace("Patient/p1 ", "")
    assert winner["id"] not in refused.text


@pytest.mark.parametrize(
    ("mine", "his"),
    [
        (["Patient/p1"], ["Patient/p1"]),
        (["Patient/p1", "Practitioner/anne"], ["Patient/p2", "PractitionerRole/anne-post"]),
        (["Patient/p1", "Location/room-1"], ["Patient/p2", "Location/room-1"]),
        (["Patient/p1", "Location/bed-1"], ["Patient/p2", "Location/bed-1"]),
        (["Patient/p1", "Device/scanner"], ["Patient/p2", "Device/scanner"]),
    ],
    ids=["patient", "person", "room", "bed", "device"],
)
@pytest.mark.parametrize("way", ["create", "update", "transaction", "batch"])
async def test_by_no_way_is_anybody_or_anything_booked_twice(
    world: World, mine: list[str], his: list[str], way: str
) -> None:
    await world.put(room("bed-1", kind="bd"), {"resourceType": "Device", "id": "scanner"})
    start = datetime(2030, 1, 1, 9, tzinfo=OSLO) + timedelta(days=next(_DAYS))
    first, second = _sent(mine, start), _sent(his, start + timedelta(minutes=29))
    async with await world.client(scope="system/*.cruds") as client:
        stored = await client.post("/Appointment", json=first)
        assert stored.status_code == 201, stored.text
        refused = await _by(client, way, second)
        assert refused == 409
        after = _sent(his, start + timedelta(minutes=30))
        assert await _by(client, way, after) in (200, 201)  # What begins as the other ends is not double.


def _sent(who: list[str], start: datetime) -> dict[str, Any]:
    made = booked("x", *who[1:], start=start)
    made["participant"][0]["actor"] = to(who[0])
    return made


async def _by(client: httpx.AsyncClient, way: str, sent: dict[str, Any]) -> int:
    """The status of a write by one of the ways."""
    if way == "create":
        return (await client.post("/Appointment", json=sent)).status_code
    if way == "update":
        one = f"by-update-{next(_DAYS)}"
        return (await client.put(f"/Appointment/{one}", json={**sent, "id": one})).status_code
    entry = {"resource": sent, "request": {"method": "POST", "url": "Appointment"}}
    answer = await client.post("", json={"resourceType": "Bundle", "type": way, "entry": [entry]})
    if way == "batch":
        return int(answer.json()["entry"][0]["response"]["status"][:3])
    return answer.status_code


async def test_two_at_once_in_one_transaction_are_refused_both(world: World) -> None:
    start = at(3, "09:00")
    entries = [
        {"resource": booked(who, "Practitioner/anne", start=start), "request": {"method": "POST", "url": "Appointment"}}
        for who in ("p5", "p6")
    ]
    async with await world.client(scope="system/*.cruds") as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 409
        assert (await client.get("/Appointment?patient=p5&date=2027-03-03")).json().get("total") == 0


async def test_two_who_change_places_in_one_transaction_may(world: World) -> None:
    early, late = at(3, "10:00"), at(3, "11:00")
    one, other = [
        (await world.make(booked(who, "Practitioner/anne", start=start))).resource()
        for who, start in (("p7", early), ("p8", late))
    ]
    changed = [
        {**one, "start": other["start"], "end": other["end"]},
        {**other, "start": one["start"], "end": one["end"]},
    ]
    await change(world.door, world.system, [Change.update(resource) for resource in changed])
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("p9", "Practitioner/anne", start=early))


async def test_those_who_would_change_places_at_once_do_not_wait_for_each_other(world: World) -> None:
    """Each wants what the other is about to leave, and neither may have it before."""
    early, late = at(4, "10:00"), at(4, "11:00")
    one, other = [
        (await world.make(booked(who, actor, start=start))).resource()
        for who, actor, start in (("p10", "Practitioner/anne", early), ("p11", "Practitioner/bo", late))
    ]
    swapped = [
        {**booked("p10", "Practitioner/bo", start=late), "id": one["id"]},
        {**booked("p11", "Practitioner/anne", start=early), "id": other["id"]},
    ]
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    before = await world.pool.fetchval(deadlocks)
    async with await world.client(scope="system/*.cruds") as client:
        for _ in range(10):
            sent = [client.put(f"/Appointment/{made['id']}", json=made) for made in swapped]
            assert [answer.status_code for answer in await asyncio.gather(*sent)] == [409, 409]
    assert await world.pool.fetchval(deadlocks) == before


async def test_what_is_cancelled_or_did_not_come_is_free_again(world: World) -> None:
    start = at(5, "09:00")
    for status in ("cancelled", "noshow", "entered-in-error", "waitlist"):
        stored = await world.make(booked("p14", "Practitioner/anne", "Location/room-1", start=start))
        await world.put({**stored.resource(), "status": status})
    last = await world.make(booked("p14", "Practitioner/anne", "Location/room-1", start=start))
    await change(world.door, world.system, [Change.delete("Appointment", last.id)])
    await world.make(booked("p15", "Practitioner/anne", "Location/room-1", start=start))


async def test_what_is_double_when_it_is_loaded_is_let_in_told_and_goes_on(world: World) -> None:
    start = at(8, "09:00")
    await world.make(booked("p20", "Practitioner/anne", start=start))
    double = booked("p21", "Practitioner/anne", start=start) | {"id": "from-elsewhere"}
    sent = Change.create(double).compact
    (taken,) = await take_in(world.door, world.system, [Arrival("Appointment", "from-elsewhere", sent)])
    assert taken.outcome == "stored"
    assert [(issue.severity, "Practitioner/anne" in issue.text) for issue in taken.issues] == [("warning", True)]
    # It is gone on with where it is; what takes another time takes it as any does.
    await world.put({**double, "status": "arrived"})
    await world.put({**double, "status": "arrived", "end": (start + timedelta(minutes=20)).isoformat()})
    await world.make(booked("p22", "Practitioner/anne", start=at(8, "10:00")))
    moved = booked("p21", "Practitioner/anne", start=at(8, "10:00")) | {"id": "from-elsewhere"}
    with pytest.raises(Exception, match="taken"):
        await world.put(moved)


async def test_two_records_of_one_person_are_one_person(world: World) -> None:
    start = at(9, "09:00")
    await world.put({**patient("old-record", "Hansen"), "link": [{"other": to("Patient/p30"), "type": "replaced-by"}]})
    await world.make(booked("p30", start=start))
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("old-record", "Practitioner/bo", start=start))
    # Booked while nobody knew that they are one: both stand, and a third one is refused.
    await world.make(booked("p31", start=start))
    await world.put(patient("twice", "Hansen"))
    await world.make(booked("twice", start=start))
    await world.put({**patient("twice", "Hansen"), "link": [{"other": to("Patient/p31"), "type": "replaced-by"}]})
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("twice", start=start))
    # Parted again, each has a time of his own.
    await world.put(patient("twice", "Hansen"))
    assert await _lanes(world, "twice", "p31") == [0, 0]


async def _lanes(world: World, *patients: str) -> list[int]:
    rows = await world.pool.fetch(
        "SELECT lane FROM store.occupied o JOIN store.current c ON c.type = $2 AND c.id = o.id"
        " JOIN access.person p ON p.patient = o.key AND p.id = ANY($1) ORDER BY lane",
        list(patients),
        number("Appointment"),
    )
    return [row["lane"] for row in rows]


async def test_who_gets_a_post_that_has_times_is_taken_then(world: World) -> None:
    start = at(10, "09:00")
    await world.put(post("open-post", "anne"))
    await world.make(booked("p40", "PractitionerRole/open-post", start=start))
    await world.put(post("open-post", "bo"))
    await world.make(booked("p41", "Practitioner/anne", start=start))
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("p42", "Practitioner/bo", start=start))


async def test_a_ward_and_a_unit_are_nobodys_alone(world: World) -> None:
    for who in ("p50", "p51"):
        await world.make(booked(who, "Location/corridor", "HealthcareService/clinic-all", start=at(11, "09:00")))


async def test_a_place_beside_another_has_a_reason(world: World) -> None:
    start = at(12, "09:00")
    await world.make(booked("p60", "Practitioner/anne", start=start))
    lane = {"url": "urn:samjournal:lane", "extension": [{"url": "lane", "valueUnsignedInt": 1}]}
    async with await world.client(scope="system/*.cruds") as client:
        sent = booked("p61", "Practitioner/anne", start=start, extension=[lane])
        assert (await client.post("/Appointment", json=sent)).status_code == 422
        lane["extension"] = [*lane["extension"], {"url": "reason", "valueString": "Øyeblikkelig hjelp"}]
        assert (await client.post("/Appointment", json=sent)).status_code == 201
        again = booked("p61", "Practitioner/bo", start=start, extension=[lane])
        assert (await client.post("/Appointment", json=again)).status_code == 409  # The patient is in one place.


async def test_what_stands_is_what_the_appointments_say(world: World) -> None:
    """After all of this the doctor finds nothing wrong, and sets right what somebody spoiled."""
    doctor = access.for_system("doctor", scope="system/*.cruds", request="doctor")

    async def wrong(*, rebuild: bool = False) -> int:
        return sum(
            [
                one.differing
                async for one in compare_projections(world.door, doctor, rebuild=rebuild)
                if one.type == "Appointment"
            ]
        )

    assert await wrong() == 0
    spoiled = await world.pool.fetchval(
        "SELECT count(DISTINCT id) FROM store.occupied WHERE period && '[2027-01-01,2028-01-01)'"
    )
    await world.as_owner("DELETE FROM store.occupied")
    assert await wrong(rebuild=True) >= spoiled > 0
    assert await wrong() == 0
