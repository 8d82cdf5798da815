"""`Patient/$match` over HTTP: the tier of *find*, each logged. hl7.org/fhir/R4/patient-operation-match.html"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.audit import unfold
from world import FNR, HIDDEN_ADDRESS, World, patient

pytestmark = pytest.mark.anyio
KARI = "11834826226"
GRADE = "http://hl7.org/fhir/StructureDefinition/match-grade"


@pytest.fixture(scope="module", autouse=True)
async def twins(world: World) -> None:
    await world.put(
        {**patient("tor-1", "Vik"), "name": [{"family": "Vik", "given": ["Tor"]}], "birthDate": "2010-05-05"},
        {**patient("tor-2", "Vik"), "name": [{"family": "Vik", "given": ["Tor"]}], "birthDate": "2010-05-05"},
    )


async def ask(world: World, who: str | None, asked: dict[str, Any], **more: Any) -> Any:
    resource = {"resourceType": "Patient", **asked}
    parameters = [{"name": "resource", "resource": resource}, *(dict(name=key, **one) for key, one in more.items())]
    async with await world.client(who) as client:
        return await client.post("/Patient/$match", json={"resourceType": "Parameters", "parameter": parameters})


def kari(**more: Any) -> dict[str, Any]:
    name = [{"family": "nordmann", "given": ["kari"]}]
    return {"identifier": [{"system": FNR, "value": KARI}], "name": name, "birthDate": "1948-03-11", **more}


async def test_who_is_the_same_is_certain_with_score_and_grade(world: World) -> None:
    answer = await ask(world, None, kari())
    assert answer.status_code == 200, answer.text
    first = answer.json()["entry"][0]
    assert first["resource"]["id"] == "kari"
    assert first["search"] == {
        "extension": [{"url": GRADE, "valueCode": "certain"}], "mode": "match", "score": 1.0
    }  # fmt: skip
    assert first["resource"]["birthDate"] == "1948-03-11"


async def test_without_relation_no_more_than_find_shows_is_told(world: World) -> None:
    (entry,) = (await ask(world, "homenurse", kari())).json()["entry"]
    told = entry["resource"]
    assert told["birthDate"] == "1948"
    assert set(told) == {"resourceType", "id", "meta", "name", "birthDate"}
    assert (await ask(world, "nurse", kari())).json()["entry"][0]["resource"]["identifier"][0]["value"] == KARI


async def test_a_protected_address_is_not_told_to_anybody(world: World) -> None:
    asked = {"name": [{"family": "Moe", "given": ["Elias"]}], "birthDate": "1948-03-11"}
    for who in ("nurse", None):
        answer = await ask(world, who, asked)
        assert answer.json()["entry"][0]["resource"]["id"] == "elias"
        assert not HIDDEN_ADDRESS.search(answer.text)


async def test_each_who_is_told_is_in_the_log(world: World) -> None:
    await ask(world, "doctor", {"name": [{"family": "Vik", "given": ["Tor"]}], "birthDate": "2010-05-05"})
    async with world.pool.transaction() as db:
        await unfold(db)
    seen = await world.pool.fetch(
        "SELECT p.id FROM audit.look l JOIN audit.seen s ON s.look = l.id JOIN access.person p ON p.patient = s.patient"
        " WHERE l.action = 'match' AND l.actor = 'doctor'"
    )
    assert {row["id"] for row in seen} == {"tor-1", "tor-2"}


async def test_twins_of_the_same_name_are_not_certain(world: World) -> None:
    asked = {"name": [{"family": "Vik", "given": ["Tor"]}], "birthDate": "2010-05-05"}
    answer = (await ask(world, None, asked)).json()
    grades = [one["search"]["extension"][0]["valueCode"] for one in answer["entry"]]
    assert grades == ["probable", "probable"]
    assert (await ask(world, None, asked, onlyCertainMatches={"valueBoolean": True})).json()["total"] == 0
    assert (await ask(world, None, asked, count={"valueInteger": 1})).json()["total"] == 1


async def test_who_may_not_look_people_up_may_not_match(world: World) -> None:
    assert (await ask(world, "kari", kari())).status_code == 403


@pytest.mark.parametrize("asked", [{}, {"gender": "female"}, {"birthDate": "1948-13-01"}])
async def test_nothing_to_go_by_is_told(world: World, asked: dict[str, Any]) -> None:
    answer = await ask(world, None, asked)
    assert answer.status_code == 400, answer.text


async def test_of_somebody_merged_the_record_that_stays_is_told(world: World) -> None:
    gone = {**patient("gone", "Lund"), "link": [{"type": "replaced-by", "other": {"reference": "Patient/stays"}}]}
    await world.put(patient("stays", "Berg"), gone)
    asked = {"name": [{"family": "Lund", "given": ["Gone"]}], "birthDate": "1948-03-11"}
    assert [one["resource"]["id"] for one in (await ask(world, None, asked)).json()["entry"]] == ["stays"]
