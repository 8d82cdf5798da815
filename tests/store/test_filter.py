"""`_filter` finds what its expression says, and refuses in words what it cannot. hl7.org/fhir/R4/search_filter.html"""

from __future__ import annotations

from typing import Any

import pytest

from world import World, observation, patient

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]


def _to(reference: str) -> dict[str, str]:
    return {"reference": reference}


@pytest.fixture(scope="module")
async def full(world: World) -> World:
    """Three people named Hansen, or nearly, with a measurement each."""
    await world.put(
        {"resourceType": "Organization", "id": "clinic", "name": "Klinikken"},
        {
            **patient("asa", "Hansen"),
            "gender": "female",
            "birthDate": "1940-01-01",
            "managingOrganization": _to("Organization/clinic"),
        },
        {
            **patient("bo", "Hans"),
            "gender": "male",
            "birthDate": "1960-05-17",
            "identifier": [{"system": "urn:x", "value": "a,b"}],
        },
        {**patient("cy", "von Hansen"), "gender": "male", "birthDate": "1980-05-17", "active": True},
        {**observation("asa", code="1", value=5), "id": "a1"},
        {**observation("bo", code="1", value=50, at="2026-02"), "id": "b1"},
        {**observation("cy", code="2", value=5), "id": "c2"},
        {"resourceType": "ValueSet", "id": "vs", "status": "active", "url": "http://x/fhir/vs"},
    )
    return world


async def _ids(world: World, type_: str, expression: str) -> list[str]:
    async with await world.client() as client:
        answer = await client.get(f"/{type_}", params={"_filter": expression})
    assert answer.status_code == 200, answer.text
    known = ("asa", "bo", "cy", "a1", "b1", "c2", "vs")
    return [one["resource"]["id"] for one in answer.json().get("entry", []) if one["resource"]["id"] in known]


@pytest.mark.parametrize(
    ("type_", "expression", "found"),
    [
        ("Patient", 'family eq "hansen"', ["asa"]),
        ("Patient", "family eq HANS", ["bo"]),
        ("Patient", "family sw hans", ["asa", "bo"]),
        ("Patient", "family ew hansen", ["asa", "cy"]),
        ("Patient", "family co ans", ["asa", "bo", "cy"]),
        ("Patient", 'family eq "von hansen"', ["cy"]),
        ("Patient", "family ne hansen and gender eq male", ["bo", "cy"]),
        ("Patient", "gender eq male and birthdate gt 1970", ["cy"]),
        ("Patient", "not (gender eq male) and family co hans", ["asa"]),
        ("Patient", "not(birthdate ge 1960) and family co hans", ["asa"]),
        ("Patient", "gender eq female or birthdate eq 1980-05-17", ["asa", "cy"]),
        # From left to right: (female or born 1980) and born after 1970
        ("Patient", "gender eq female or birthdate eq 1980-05-17 and birthdate gt 1970", ["cy"]),
        ("Patient", "gender eq female or (birthdate eq 1980-05-17 and birthdate gt 1970)", ["asa", "cy"]),
        ("Patient", "birthdate po 1960-05", ["bo"]),
        ("Patient", "birthdate ne 1960-05-17 and family co hans", ["asa", "cy"]),
        ("Patient", "active pr true", ["cy"]),
        ("Patient", "active pr false and family co hans", ["asa", "bo"]),
        ("Patient", 'identifier eq "urn:x|a,b"', ["bo"]),
        ("Patient", "identifier eq urn:x|a", []),
        ("Patient", "organization re Organization/clinic", ["asa"]),
        ("Patient", "organization.name eq klinikken", ["asa"]),
        ("Patient", "_id eq asa or _id eq cy", ["asa", "cy"]),
        ("Patient", "_has:Observation:patient:code eq 2", ["cy"]),
        ("Patient", "family co hans and not (_has:Observation:patient:code eq 1)", ["cy"]),
        ("Observation", "code eq 1 and value-quantity gt 5", ["b1"]),
        ("Observation", "code eq http://loinc.org|1 and patient.family eq hansen", ["a1"]),
        ("Observation", "patient.gender ne male and code eq 1", ["a1"]),
        ("Observation", "patient.family ew hansen or value-quantity eq 50", ["a1", "b1", "c2"]),
        ("Observation", "patient re Patient/bo", ["b1"]),
        ("Observation", "date lt 2026-03 or (subject:Patient.birthdate gt 1970 and code eq 2)", ["b1", "c2"]),
        ("ValueSet", "url sb http://x/fhir", ["vs"]),
    ],
)
async def test_it_finds_what_it_says(full: World, type_: str, expression: str, found: list[str]) -> None:
    assert await _ids(full, type_, expression) == found


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("", "it ends where a condition should stand"),
        ("gender", "it ends where an operator after “gender” should stand"),
        ("gender eq", "it ends where a value after “eq” should stand"),
        ("gender eq male name eq x", "“name” is left over"),
        ("gender is male", "“is” is no operator."),
        ("(gender eq male", "should stand"),
        ("gender eq male)", "is left over"),
        ('name eq "x', "has no end"),
        ("gender co mal", "“gender” is a token, which is not compared by “co” here: eq, ne, pr are."),
        ("gender in http://x/vs", "is a token, which is not compared by “in” here"),
        ("gendr eq male", "Did you mean “gender”?"),
        ("organization.nme eq x", "Did you mean “name”?"),
        ("name:exact eq x", "in a filter the operator says what is meant"),
        ("birthdate gt yesterday", "is not a date"),
        ("gender pr maybe", "is true or false"),
        ("name[use eq official].family eq x", "conditions in “[…]” are not read here"),
        ("(" * 30 + "gender eq male" + ")" * 30, "more than 20 parentheses"),
        (" or ".join(["gender eq male"] * 61), "more than 60 conditions"),
    ],
)
async def test_what_is_not_understood_is_told_in_words(full: World, expression: str, told: str) -> None:
    async with await full.client() as client:
        for headers in ({}, {"prefer": "handling=lenient"}):
            answer = await client.get("/Patient", params={"_filter": expression}, headers=headers)
            assert answer.status_code == 400
            assert told in answer.json()["issue"][0]["diagnostics"]
