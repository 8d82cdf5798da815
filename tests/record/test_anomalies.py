"""Looks that ask for a question are found once, wait on the right list, and tell nothing that is protected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal import accounts, audit
from samjournal.access import reviewed, to_review
from samjournal.accounts import Account, RoleAt
from samjournal.audit import Look
from samjournal.record import Want, anomalies, open_chart
from world import CONFIDENTIALITY, FNR, Resource, World, organization, patient, stay, to

pytestmark = pytest.mark.anyio
CEL = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "CEL"}
NURSE, COLLEAGUE, FAR = "11834826226", "21889400123", "01880050123"


def person(id_: str, family: str, *, number: str | None = None, line: str = "", **more: Any) -> Resource:
    address = {"address": [{"line": [line], "postalCode": "7700", "city": "Steinkjer"}]} if line else {}
    return {**patient(id_, family, number=number), **address, **more}


def practitioner(id_: str, family: str, number: str) -> Resource:
    name = {"family": family, "given": [id_.title()]}
    return {"resourceType": "Practitioner", "id": id_, "name": [name], "identifier": [{"system": FNR, "value": number}]}


def staff(login: str, code: str, unit: str) -> Account:
    role = RoleAt(code, unit, f"{login}-role", unit.title())
    return Account(login, login.title(), "staff", (role,), practitioner_id=login)


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    """The nurse of the ward lives in Storgata 4. On the ward lie her colleague, her neighbour, and others."""
    await world.put(
        organization("other"),
        practitioner("nurse", "Hegge", NURSE),
        practitioner("colleague", "Vik", COLLEAGUE),
        practitioner("stranger", "Dal", FAR),
        person("self", "Hegge", number=NURSE, line="Storgata 4"),
        person("worker", "Vik", number=COLLEAGUE, line="Fjellveien 1"),
        person("elsewhere", "Dal", number=FAR),
        person("neighbour", "Lund", line="storgata 17 B"),
        person("cousin", "HEGGE"),
        person("famous", "Star", meta={"security": [CEL]}),
        person("hidden", "Løv", line="Storgata 8", meta={"security": [{"system": CONFIDENTIALITY, "code": "R"}]}),
        person("plain", "Nes", line="Storgaten 4"),
    )
    async with world.pool.transaction() as db:
        await accounts.add(
            db,
            [
                staff("colleague", "secretary", "hospital"),
                staff("stranger", "nurse", "homecare"),
                staff("berit", "privacy-officer", "hospital"),
                staff("odd", "privacy-officer", "homecare"),
            ],
        )
    await world.put(*(stay(f"{id_}-stay", id_) for id_ in PATIENTS))
    await judged_all(world)


PATIENTS = ("self", "worker", "elsewhere", "neighbour", "cousin", "famous", "hidden", "plain")


async def judged_all(world: World) -> None:
    while await anomalies.judge_new(world.door):
        pass


@pytest.fixture(autouse=True)
async def nothing_waits(world: World) -> None:
    await judged_all(world)
    await world.as_owner("DELETE FROM access.finding")
    await world.as_owner("DELETE FROM access.review WHERE kind = 'anomaly'")


async def opened(world: World, *ids: str, by: str = "nurse") -> None:
    for id_ in ids:
        await open_chart(world.door, await world.permit(by), id_, [])


async def found(world: World) -> dict[str, set[str]]:
    """The rules that asked of looks at each patient."""
    rows = await world.pool.fetch(
        "SELECT p.id, f.rule FROM access.finding f LEFT JOIN access.person p ON p.patient = f.patient"
    )
    told: dict[str, set[str]] = {}
    for row in rows:
        told.setdefault(row["id"], set()).add(row["rule"])
    return told


async def test_each_rule_finds_what_it_asks_for_and_nothing_else(world: World) -> None:
    await opened(world, *PATIENTS)
    await judged_all(world)
    assert await found(world) == {
        "self": {"himself"},
        "worker": {"colleague"},
        "neighbour": {"neighbour"},
        "cousin": {"surname"},
        "famous": {"well-known"},
    }


async def test_a_colleague_without_an_account_is_one_by_the_register(world: World) -> None:
    post = {"resourceType": "PractitionerRole", "id": "stranger-post", "practitioner": to("Practitioner/stranger")}
    await world.put({**post, "organization": to("Organization/other")})
    await opened(world, "elsewhere")
    await judged_all(world)
    assert await found(world) == {}, "works in another organisation"
    await world.put({**post, "organization": to("Organization/ward")})
    await opened(world, "elsewhere")
    await judged_all(world)
    assert await found(world) == {"elsewhere": {"colleague"}}
    async with await world.client() as client:
        assert (await client.delete("/PractitionerRole/stranger-post")).status_code == 204


async def test_a_protected_address_is_compared_with_nobodys(world: World) -> None:
    await opened(world, "hidden")
    await judged_all(world)
    assert await found(world) == {}
    label = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    await world.put(person("self", "Hegge", number=NURSE, line="Storgata 4", meta=label))
    try:
        await opened(world, "neighbour")
        await judged_all(world)
        assert await found(world) == {}, "nor is the reader's own"
    finally:
        await world.put(person("self", "Hegge", number=NURSE, line="Storgata 4"))


async def test_a_look_is_judged_once_and_alike_ones_wait_as_one(world: World) -> None:
    await opened(world, "worker", "worker")
    await judged_all(world)
    await opened(world, "worker")
    await judged_all(world)
    await judged_all(world)
    assert await world.pool.fetchval("SELECT count(*) FROM access.finding") == 3
    rows = await world.pool.fetch("SELECT * FROM access.review WHERE kind = 'anomaly'")
    assert [(row["actor"], row["source"], row["organization"], row["reason"]) for row in rows] == [
        ("nurse", "colleague", "ward", None)
    ]
    berit = await world.permit("berit")
    async with world.pool.transaction() as db:
        assert await reviewed(db, berit, rows[0]["id"]) is not None
    await opened(world, "worker")
    await judged_all(world)
    waiting = await world.pool.fetchval(
        "SELECT count(*) FROM access.review WHERE kind = 'anomaly' AND reviewed IS NULL"
    )
    assert waiting == 1, "what comes after it was looked over asks anew"


async def test_only_the_officer_of_the_readers_organisation_has_it_on_the_list(world: World) -> None:
    await opened(world, "famous")
    await judged_all(world)
    async with world.pool.acquire() as db:
        mine = await to_review(db, await world.permit("berit"))
        others = await to_review(db, await world.permit("odd"))
    assert [one.source for one in mine.matters if one.kind == "anomaly"] == ["well-known"]
    assert [one for one in others.matters if one.kind == "anomaly"] == []


async def test_searches_that_showed_several_are_judged_for_each_and_lists_of_people_are_not(world: World) -> None:
    async with await world.client("nurse") as client:
        assert (await client.get("/Encounter?_count=100")).json()["total"] > 5
        await client.get("/Patient?_id=self")
    await world.as_owner("UPDATE audit.look SET action = 'find' WHERE shown = 'Patient/self' AND action = 'search'")
    await judged_all(world)
    told = await found(world)
    assert told["worker"] == {"colleague"}
    assert len(await world.pool.fetch("SELECT DISTINCT look FROM access.finding")) == 1


async def test_refreshes_systems_and_citizens_are_not_judged(world: World) -> None:
    first = await open_chart(world.door, await world.permit("nurse"), "worker", [Want("all", "Observation")])
    await judged_all(world)
    await open_chart(world.door, await world.permit("nurse"), "worker", [], look=first.look)
    async with await world.client() as client:
        await client.get("/Patient/famous")
    await judged_all(world)
    assert await world.pool.fetchval("SELECT count(*) FROM access.finding") == 1


async def test_a_batch_goes_on_where_the_one_before_ended(world: World) -> None:
    await opened(world, *PATIENTS)
    steps = 1
    while await anomalies.judge_new(world.door, batch=3):
        steps += 1
    assert steps >= 3
    assert len(await found(world)) == 5


async def test_a_relation_that_is_gone_a_day_later_asks(world: World) -> None:
    later = datetime.now(UTC) + timedelta(days=2)
    while await anomalies.judge_later(world.door, now=later):
        pass
    await world.put(patient("brief", "Kort"), stay("brief-stay", "brief"))
    await opened(world, "brief", "plain")
    await world.put(stay("brief-stay", "brief", status="entered-in-error"))
    assert await anomalies.judge_later(world.door, now=datetime.now(UTC)) is False
    assert await found(world) == {}, "it is asked a day later"
    while await anomalies.judge_later(world.door, now=later):
        pass
    assert await found(world) == {"brief": {"withdrawn"}}
    while await anomalies.judge_later(world.door, now=later):
        pass
    assert await world.pool.fetchval("SELECT count(*) FROM access.finding") == 1


async def test_far_more_patients_in_an_hour_than_usual_ask_once(world: World) -> None:
    await world.pool.execute("DELETE FROM access.pace")
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    await world.as_owner(f"DELETE FROM audit.look WHERE at < '{hour.isoformat()}'")
    agent = {"organization_id": "ward", "agent": "PractitionerRole/nurse-role"}
    for actor, count in (("busy", 25), ("calm", 12)):
        looks = [
            Look("r", actor, actor, "nurse", "Ward", "chart", "stay", patient=n, **agent) for n in range(1, count + 1)
        ]
        async with world.pool.transaction() as db:
            await audit.write(db, looks * 2)
    before = (hour - timedelta(minutes=9)).isoformat()
    await world.as_owner(f"UPDATE audit.look SET at = '{before}' WHERE actor IN ('busy', 'calm')")
    usual = hour - timedelta(days=3)
    await world.pool.execute("INSERT INTO access.pace VALUES ('busy', $1, 4), ('calm', $1, 2), ('', $2, 0)", usual,
                             hour - timedelta(hours=2))  # fmt: skip
    assert await anomalies.reckon_hour(world.door) is False
    assert await anomalies.reckon_hour(world.door) is False
    rows = await world.pool.fetch("SELECT actor, patient, source FROM access.review WHERE kind = 'anomaly'")
    assert [tuple(row) for row in rows] == [("busy", None, "many 25 4")]
