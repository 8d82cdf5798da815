"""Pages hold every match once, whatever the order and whoever writes meanwhile; totals count what the reader may see.

hl7.org/fhir/R4/search.html#sort, #total
"""

from __future__ import annotations

from itertools import count
from random import Random
from typing import Any

import pytest

from samjournal.fhir import parameters
from samjournal.fhir.definitions import load
from samjournal.store.search import ordering
from world import CONFIDENTIALITY, World, observation, patient, stay

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]
_numbers = count(1)


@pytest.fixture(scope="module")
async def full(world: World) -> World:
    """Forty measurements of Kari's, with codes, values and days that repeat, and some without."""
    random = Random(5)
    await world.put(*(_measured(f"m{number:02}", random) for number in range(40)))
    await world.put(
        *(
            {"resourceType": "ValueSet", "id": f"v{number}", "status": "active", "url": f"http://x/{url}"}
            for number, url in enumerate(("b", "a", "c"))
        ),
        {**patient("s1", "Sorter"), "gender": "male", "identifier": [{"value": "9"}, {"value": "2"}], "active": True},
        {
            **patient("s2", "Sorter"),
            "gender": "female",
            "identifier": [{"value": "5"}],
            "active": False,
            "generalPractitioner": [{"reference": "Practitioner/b"}],
        },
        {
            **patient("s3", "Sorter"),
            "generalPractitioner": [{"reference": "Practitioner/a"}],
            "managingOrganization": {"reference": "Organization/hospital"},
        },
    )
    return world


def _measured(id_: str, random: Random) -> Resource:
    made = {
        **observation(
            "kari", code=random.choice("123"), value=random.randint(1, 5), at=f"2026-11-{random.randint(1, 4):02}"
        ),
        "id": id_,
        "status": random.choice(("final", "amended", "preliminary")),
    }
    for element in ("valueQuantity", "effectiveDateTime"):
        if random.random() < 0.2:
            del made[element]
    return made


ORDERS = [
    "",
    "_id",
    "-_id",
    "_lastUpdated",
    "-date",
    "date,-value-quantity",
    "status,-date",
    "-status,code,value-quantity",
    "code,-_lastUpdated",
    "patient,-status,_id",
    "-value-quantity,status,-date,code",
]


@pytest.mark.parametrize("order", ORDERS)
async def test_pages_go_on_where_the_one_before_ended_though_others_write(full: World, order: str) -> None:
    """Between two pages one is changed so that it would stand elsewhere, one is made, and one is deleted."""
    url: str | None = f"/Observation?patient=kari&_count=7{f'&_sort={order}' if order else ''}"
    seen: list[str] = []
    touched: set[str] = set()
    random = Random(order)
    async with await full.client() as client:
        there = {
            one["resource"]["id"] for one in (await client.get("/Observation?patient=kari&_count=1000")).json()["entry"]
        }
        while url:
            bundle = (await client.get(url)).json()
            seen += [one["resource"]["id"] for one in bundle.get("entry", [])]
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
            left = sorted(there - touched - {*seen})
            if len(left) > 2:
                changed, deleted = random.sample(left, 2)
                touched |= {changed, deleted}
                await full.put(_measured(changed, random), _measured(f"new-{next(_numbers)}", random))
                await client.delete(f"/Observation/{deleted}")
    kept = [id_ for id_ in seen if id_ in there - touched]
    assert len(kept) == len(set(kept)), "none that was left alone is shown twice"
    assert set(kept) == there - touched, "none that was left alone is lost"


@pytest.mark.parametrize("order", ORDERS[1:])
async def test_several_keys_sort_each_within_the_one_before(full: World, order: str) -> None:
    async with await full.client() as client:
        bundle = (await client.get(f"/Observation?patient=kari&_count=1000&_sort={order}")).json()
    found = [one["resource"] for one in bundle["entry"]]
    expected = sorted(found, key=lambda one: one["id"])
    for key in reversed(order.split(",")):
        code, down = key.removeprefix("-"), key.startswith("-")
        having = [one for one in expected if _value(one, code) is not None]
        without = [one for one in expected if _value(one, code) is None]
        expected = [*sorted(having, key=lambda one: _value(one, code), reverse=down), *without]
        if down:
            expected = _steady(having, code) + without
    assert [one["id"] for one in found] == [one["id"] for one in expected]


def _steady(having: list[Resource], code: str) -> list[Resource]:
    """Turned round, with what is alike left as it was."""
    values = sorted({_value(one, code) for one in having}, reverse=True)
    return [one for value in values for one in having if _value(one, code) == value]


def _value(one: Resource, code: str) -> Any:
    match code:
        case "date":
            return one.get("effectiveDateTime")
        case "value-quantity":
            return one.get("valueQuantity", {}).get("value")
        case "code":
            return one["code"]["coding"][0]["code"]
        case "patient":
            return one["subject"]["reference"]
        case "_lastUpdated":
            return one["meta"]["lastUpdated"]
    return one[code.removeprefix("_")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Patient?family=sorter&_sort=gender", ["s2", "s1", "s3"]),
        ("Patient?family=sorter&_sort=-gender", ["s1", "s2", "s3"]),
        ("Patient?family=sorter&_sort=identifier", ["s1", "s2", "s3"]),
        ("Patient?family=sorter&_sort=-identifier", ["s1", "s2", "s3"]),
        ("Patient?family=sorter&_sort=active", ["s2", "s1", "s3"]),
        ("Patient?family=sorter&_sort=general-practitioner", ["s3", "s2", "s1"]),
        ("Patient?family=sorter&_sort=organization", ["s3", "s1", "s2"]),
        ("ValueSet?_sort=url", ["v1", "v0", "v2"]),
        ("ValueSet?_sort=-url&_count=2", ["v2", "v0"]),
    ],
)
async def test_tokens_references_and_uris_are_sorted_as_they_are_written(
    full: World, query: str, found: list[str]
) -> None:
    async with await full.client() as client:
        answer = await client.get(f"/{query}")
    assert [one["resource"]["id"] for one in answer.json()["entry"]] == found


async def test_every_order_of_every_type_is_one_that_postgresql_reads(full: World) -> None:
    async with full.pool.acquire() as db:
        for type_ in sorted(load().resources):
            for code in parameters.for_type(type_):
                for path in ordering.written(type_, code):
                    assert await db.fetchval("SELECT jsonb_path_exists('{}', $1::text::jsonpath)", path) is False


@pytest.mark.parametrize("code", ["code-value-quantity", "combo-code"])
async def test_what_has_no_order_is_refused(full: World, code: str) -> None:
    async with await full.client() as client:
        answer = await client.get(f"/Observation?_sort={code}")
    assert (answer.status_code, "has no order" in answer.text) == (400, True)


async def test_an_order_tells_nothing_of_what_is_protected(full: World) -> None:
    label = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    for id_, doctor in (("h1", "z"), ("h2", "a")):
        hidden = {**patient(id_, "Skjult"), "generalPractitioner": [{"reference": f"Practitioner/{doctor}"}]}
        await full.put({**hidden, "meta": label}, stay(f"{id_}-stay", id_))
    for login, found in ((None, ["h2", "h1"]), ("nurse", ["h1", "h2"])):
        async with await full.client(login) as client:
            answer = (await client.get("/Patient?family=skjult&_sort=general-practitioner")).json()
        assert [one["resource"]["id"] for one in answer["entry"]] == found


@pytest.mark.parametrize("query", ["code=total", "patient.birthdate=1948", "_filter=code eq total", "_list=of-total"])
async def test_totals_count_what_the_reader_may_see(full: World, query: str) -> None:
    for number in range(4):
        await full.put({**observation("kari" if number else "ola", code="total"), "id": f"total-{number}"})
    entries = [{"item": {"reference": f"Observation/total-{number}"}} for number in range(4)]
    listed: Resource = {"resourceType": "List", "id": "of-total", "status": "current", "mode": "working"}
    await full.put({**listed, "subject": {"reference": "Patient/kari"}, "entry": entries})
    for login, number in (("nurse", 3), (None, 4)):
        async with await full.client(login) as client:
            asked = f"/Observation?code=total&{query}"
            accurate = (await client.get(f"{asked}&_count=1&_total=accurate")).json()
            estimate = (await client.get(f"{asked}&_count=1&_total=estimate")).json()
            zero = (await client.get(f"{asked}&_count=0")).json()
            summary = (await client.get(f"{asked}&_summary=count")).json()
            none = (await client.get(f"{asked}&_total=none")).json()
            silent = (await client.get(f"{asked}&_count=1")).json()
            whole = (await client.get(asked)).json()
        told = {accurate["total"], estimate["total"], zero["total"], summary["total"], whole["total"]}
        assert told == {number}, login
        assert "total" not in none
        assert "total" not in silent
