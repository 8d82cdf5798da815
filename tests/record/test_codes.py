"""`:in`, `:not-in`, `:below` and `:above` find by the codes that value sets and code systems have.

hl7.org/fhir/R4/search.html#modifiers, hl7.org/fhir/R4/valueset.html#compositions
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from samjournal.terminology import LOADED
from samjournal.terminology.expansion import MAX_CODES
from world import World, observation

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]

ICD = "http://hl7.org/fhir/sid/icd-10"
ICD_OID = "urn:oid:2.16.578.1.12.4.1.1.7110"
FOOD = "http://example.no/food"
SETS = "http://example.no/ValueSet"


def _set(id_: str, *include: Resource, exclude: Any = (), **members: Any) -> Resource:
    made = {"resourceType": "ValueSet", "id": id_, "url": f"{SETS}/{id_}", "status": "active", **members}
    compose = {"include": list(include)} | ({"exclude": list(exclude)} if exclude else {})
    return {**made, "compose": compose} if include else made


def _filter(property_: str, op: str, value: str, system: str = FOOD) -> Resource:
    return {"system": system, "filter": [{"property": property_, "op": op, "value": value}]}


def _import(*ids: str) -> Resource:
    return {"valueSet": [f"{SETS}/{id_}" for id_ in ids]}


def _of(id_: str, system: str, code: str) -> Resource:
    return {**observation("kari"), "id": id_, "code": {"coding": [{"system": system, "code": code}]}}


FOODS = {
    "resourceType": "CodeSystem",
    "id": "food",
    "url": FOOD,
    "version": "2",
    "status": "active",
    "content": "complete",
    "concept": [
        {
            "code": "fruit",
            "display": "Frukt",
            "concept": [
                {"code": "apple", "display": "Eple", "property": [{"code": "colour", "valueCode": "red"}]},
                {"code": "pear", "display": "Pære", "property": [{"code": "colour", "valueCode": "green"}]},
            ],
        },
        {"code": "bread", "display": "Brød", "property": [{"code": "inactive", "valueBoolean": True}]},
    ],
}


@pytest.fixture(scope="module")
async def full(world: World) -> World:
    """A small code system, ICD-10 in part, value sets of every make, and one observation of each code."""
    await world.put(
        FOODS,
        {
            "resourceType": "CodeSystem",
            "id": "icd-10",
            "url": ICD,
            "status": "active",
            "content": "fragment",
            "concept": [{"code": code, "display": code} for code in ("I50", "I50.0", "I50.9", "I51", "J18.9")],
        },
        _set("listed", {"system": FOOD, "concept": [{"code": "apple"}, {"code": "bread"}]}),
        _set("whole", {"system": FOOD}),
        _set("is-a", _filter("concept", "is-a", "fruit")),
        _set("under", _filter("concept", "descendent-of", "fruit")),
        _set("not-fruit", _filter("concept", "is-not-a", "fruit")),
        _set("above", _filter("concept", "generalizes", "pear")),
        _set("regex", _filter("code", "regex", "(ap|br).*")),
        _set("called", _filter("display", "regex", "P.*")),
        _set("green", _filter("colour", "=", "green")),
        _set("coloured", _filter("colour", "exists", "true")),
        _set("some", _filter("concept", "in", "pear, bread")),
        _set("red-ish", _filter("colour", "regex", "re?d")),
        _set("active") | {"compose": {"inactive": False, "include": [{"system": FOOD}]}},
        _set("but-apple", {"system": FOOD}, exclude=[{"system": FOOD, "concept": [{"code": "apple"}]}]),
        _set("both", _import("listed", "is-a")),
        _set("either", _import("green"), {"system": ICD, "concept": [{"code": "I51"}]}),
        _set("round", _import("about"), {"system": FOOD, "concept": [{"code": "pear"}]}),
        _set("about", _import("round"), {"system": FOOD, "concept": [{"code": "apple"}]}),
        _set("heart", _filter("concept", "is-a", "I50", ICD)),
        _set(
            "kept",
            expansion={
                "timestamp": "2026-01-01",
                "contains": [
                    {"system": FOOD, "code": "fruit", "abstract": True, "contains": [{"system": FOOD, "code": "pear"}]}
                ],
            },
        ),
        _set(
            "unloaded",
            _filter("concept", "is-a", "x", "http://snomed.info/sct"),
            expansion={"timestamp": "2026-01-01", "contains": [{"system": FOOD, "code": "apple"}]},
        ),
        _set("edition", {**_filter("concept", "is-a", "fruit"), "version": "2"}),
        {**_set("old", {"system": FOOD, "concept": [{"code": "apple"}]}), "url": f"{SETS}/versions", "version": "1.9"},
        {**_set("new", {"system": FOOD, "concept": [{"code": "pear"}]}), "url": f"{SETS}/versions", "version": "1.10"},
        # What cannot be worked out
        _set("missing-part", _import("nowhere")),
        _set("nothing"),
        _set("unknown-system", _filter("concept", "is-a", "x", "http://snomed.info/sct")),
        _set("other-edition", {**_filter("concept", "is-a", "fruit"), "version": "1"}),
        _set("bad-regex", _filter("code", "regex", "(")),
        _set("odd", _filter("colour", "is-a", "red")),
        _set(
            "partial", expansion={"timestamp": "2026-01-01", "total": 9, "contains": [{"system": FOOD, "code": "pear"}]}
        ),
        _set("large", {"system": FOOD, "concept": [{"code": f"c{number}"} for number in range(MAX_CODES + 1)]}),
        *(_of(code, FOOD, code) for code in ("fruit", "apple", "pear", "bread")),
        _of("i50", ICD, "I50"),
        _of("i509", ICD_OID, "I509"),
        _of("i51", ICD, "I51"),
        {
            **observation("kari"),
            "id": "two",
            "code": {"coding": [{"system": FOOD, "code": "apple"}, {"system": ICD, "code": "J18.9"}]},
        },
        {**observation("kari"), "id": "bare", "status": "preliminary", "code": {"text": "uten kode"}},
    )
    await LOADED.refresh(world.pool)
    return world


async def _ids(world: World, query: str) -> list[str]:
    async with await world.client() as client:
        answer = await client.get(f"/Observation?{query}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


@pytest.mark.parametrize(
    ("value_set", "found"),
    [
        ("listed", ["apple", "bread", "two"]),
        ("whole", ["apple", "bread", "fruit", "pear", "two"]),
        ("is-a", ["apple", "fruit", "pear", "two"]),
        ("under", ["apple", "pear", "two"]),
        ("not-fruit", ["bread"]),
        ("above", ["fruit", "pear"]),
        ("regex", ["apple", "bread", "two"]),
        ("called", ["pear"]),
        ("green", ["pear"]),
        ("coloured", ["apple", "pear", "two"]),
        ("some", ["bread", "pear"]),
        ("red-ish", ["apple", "two"]),
        ("active", ["apple", "fruit", "pear", "two"]),
        ("but-apple", ["bread", "fruit", "pear"]),
        ("both", ["apple", "two"]),
        ("either", ["i51", "pear"]),
        ("round", ["apple", "pear", "two"]),
        ("heart", ["i50", "i509"]),
        ("kept", ["pear"]),
        ("unloaded", ["apple", "two"]),
        ("edition", ["apple", "fruit", "pear", "two"]),
        ("versions", ["pear"]),
        ("versions|1.9", ["apple", "two"]),
    ],
)
async def test_a_value_set_finds_what_has_one_of_its_codes(full: World, value_set: str, found: list[str]) -> None:
    assert await _ids(full, f"code:in={SETS}/{quote(value_set)}") == found


async def test_what_is_in_no_value_set_is_all_the_rest(full: World) -> None:
    everything = set(await _ids(full, "_count=100"))
    inside = set(await _ids(full, f"code:in={SETS}/is-a"))
    assert set(await _ids(full, f"code:not-in={SETS}/is-a")) == everything - inside
    assert "bare" in everything - inside
    assert set(await _ids(full, f"code:not-in={SETS}/is-a,{SETS}/heart")) == everything - inside - {"i50", "i509"}


async def test_a_value_set_is_named_by_its_id_too_and_several_are_alternatives(full: World) -> None:
    assert await _ids(full, "code:in=ValueSet/green") == ["pear"]
    assert await _ids(full, f"code:in=ValueSet/green,{SETS}/not-fruit") == ["bread", "pear"]


async def test_value_sets_of_r4_itself_are_known(full: World) -> None:
    every = await _ids(full, "status:in=http://hl7.org/fhir/ValueSet/observation-status&_count=100")
    assert "bare" in every
    assert every == await _ids(full, "_count=100")
    assert await _ids(full, "status:not-in=http://hl7.org/fhir/ValueSet/observation-status|4.0.1") == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"code:below={ICD}|I50", ["i50", "i509"]),
        (f"code:below={ICD_OID}|I50", ["i50", "i509"]),
        (f"code:above={ICD}|I50.9", ["i50", "i509"]),
        (f"code:above={ICD}|I51", ["i51"]),
        (f"code:below={FOOD}|fruit", ["apple", "fruit", "pear", "two"]),
        ("code:below=fruit", ["apple", "fruit", "pear", "two"]),
        ("code:above=apple", ["apple", "fruit", "two"]),
        (f"code:below={FOOD}|fruit,{ICD}|I51", ["apple", "fruit", "i51", "pear", "two"]),
        ("combo-code:below=fruit", ["apple", "fruit", "pear", "two"]),
        # :not of several values: none of them
        (f"code:not={FOOD}|apple,I50&code={FOOD}|,{ICD}|", ["bread", "fruit", "i51", "pear"]),
        (f"code:not={FOOD}|apple&code={ICD}|J18.9", []),
    ],
)
async def test_codes_are_found_with_what_lies_below_or_above_them(full: World, query: str, found: list[str]) -> None:
    assert await _ids(full, query) == found


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (f"code:in={SETS}/nowhere", "is no value set that is stored here"),
        ("code:in=ValueSet/nowhere", "is no value set that is stored here"),
        (f"code:in={SETS}/versions|3", "is no value set that is stored here"),
        (f"code:in={SETS}/missing-part", f"takes in {SETS}/nowhere"),
        (f"code:in={SETS}/nothing", "says neither how it is composed nor what is in it"),
        (f"code:not-in={SETS}/unknown-system", "http://snomed.info/sct is not loaded"),
        (f"code:in={SETS}/other-edition", "edition 1 of http://example.no/food is not loaded; there is 2"),
        (f"code:in={SETS}/bad-regex", "is no regular expression"),
        (f"code:in={SETS}/odd", "the filter “is-a” on “colour” is not understood"),
        (f"code:in={SETS}/partial", "lists 1 of 9 codes"),
        (f"code:in={SETS}/large", f"at most {MAX_CODES} are searched at once"),
        ("code:below=http://snomed.info/sct|1", "is not loaded"),
        ("code:below=unheard", "No loaded code system has the code"),
        ("code:below=a|", "is no code that others lie below"),
    ],
)
async def test_what_cannot_be_worked_out_is_refused_in_words(full: World, query: str, says: str) -> None:
    async with await full.client() as client:
        for asked in (query, f"{query}&_summary=count"):
            answer = await client.get(f"/Observation?{asked}")
            assert answer.status_code == 400, answer.text
            assert says in answer.json()["issue"][0]["diagnostics"], answer.text


async def test_a_doctor_finds_by_value_sets_among_his_own_patients_alone(full: World) -> None:
    await full.put({**_of("olas", FOOD, "pear"), "subject": {"reference": "Patient/ola"}})
    async with await full.client("doctor") as client:
        answer = await client.get(f"/Observation?code:in={SETS}/green&_total=accurate")
        counted = await client.get(f"/Observation?code:in={SETS}/green&_summary=count")
    assert [entry["resource"]["id"] for entry in answer.json()["entry"]] == ["pear"]
    assert (answer.json()["total"], counted.json()["total"]) == (1, 1)
    assert "olas" in await _ids(full, f"code:in={SETS}/green")
    async with await full.client() as client:
        assert (await client.delete("/Observation/olas")).status_code in (200, 204)


async def test_a_criterion_may_ask_for_a_value_set(full: World) -> None:
    async with await full.client() as client:
        made = {**observation("kari"), "code": {"coding": [{"system": FOOD, "code": "pear"}]}}
        answer = await client.post("/Observation", json=made, headers={"if-none-exist": f"code:in={SETS}/green"})
    assert answer.status_code == 200
    assert answer.json()["id"] == "pear"
