"""References by canonical url: found with and without the version. hl7.org/fhir/R4/references.html#canonical"""

from __future__ import annotations

import pytest

from world import Resource, World, made, to

pytestmark = pytest.mark.anyio
Q = "http://ex.org/q"


def answer(id_: str, questionnaire: str) -> Resource:
    return made(
        "QuestionnaireResponse", id_, status="completed", questionnaire=questionnaire, subject=to("Patient/kari")
    )


@pytest.fixture(scope="module")
async def asked(world: World) -> World:
    await world.put(
        made("Questionnaire", "q1", url=Q, version="1", status="active"),
        made("Questionnaire", "q2", url=Q, version="2", status="active"),
        made("Questionnaire", "q0", url=Q, status="active"),
        made("Questionnaire", "own", url="http://test/fhir/Questionnaire/own", status="active"),
        answer("to-1", f"{Q}|1"),
        answer("to-3", f"{Q}|3"),
        answer("to-any", Q),
        answer("to-4.1.2", "http://ex.org/v|4.1.2"),
        answer("to-4.10", "http://ex.org/v|4.10"),
        answer("to-4", "http://ex.org/v|4"),
        answer("to-v", "http://ex.org/v"),
        answer("to-part", "http://ex.org/parts|5#second"),
        answer("to-part-of-any", "http://ex.org/parts#second"),
        made("Questionnaire", "parts", url="http://ex.org/parts", version="5", status="active"),
        {
            **made("Basic", "part", code={"text": "x"}),
            "meta": {"profile": ["http://ex.org/s|1#a", "http://ex.org/t#b"]},
        },
        answer("to-own", "http://test/fhir/Questionnaire/own"),
        {**made("Basic", "profiled", code={"text": "x"}), "meta": {"profile": ["http://ex.org/p|1.0"]}},
    )
    return world


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"QuestionnaireResponse?questionnaire={Q}", ["to-1", "to-3", "to-any"]),
        (f"QuestionnaireResponse?questionnaire={Q}%7C1", ["to-1"]),
        (f"QuestionnaireResponse?questionnaire={Q}%7C2", []),
        (f"QuestionnaireResponse?_filter=questionnaire re %22{Q}%7C1%22", ["to-1"]),
        ("QuestionnaireResponse?questionnaire=http://test/fhir/Questionnaire/own", ["to-own"]),
        ("Questionnaire?_id=q1&_revinclude=QuestionnaireResponse:questionnaire", ["q1", "to-1", "to-any"]),
        ("Questionnaire?_id=q2&_revinclude=QuestionnaireResponse:questionnaire", ["q2", "to-any"]),
        ("Questionnaire?_id=q0&_revinclude=QuestionnaireResponse:questionnaire", ["q0", "to-any"]),
        ("Questionnaire?_id=q2&_revinclude=*", ["q2", "to-any"]),
        ("Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=to-1", ["q1"]),
        ("Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=to-3", []),
        ("Questionnaire?_has:QuestionnaireResponse:questionnaire:_id=to-any", ["q0", "q1", "q2"]),
        ("QuestionnaireResponse?questionnaire.version=2", ["to-any"]),
        ("QuestionnaireResponse?questionnaire.version=1", ["to-1", "to-any"]),
        ("QuestionnaireResponse?_id=to-1&_include=QuestionnaireResponse:questionnaire", ["q1", "to-1"]),
        ("Basic?_profile=http://ex.org/p%7C1.0", ["profiled"]),
        ("Basic?_profile=http://ex.org/p", ["profiled"]),
        ("Basic?_profile=http://ex.org/p%7C2.0", []),
        ("Basic?_profile=http://ex.org/s", ["part"]),
        ("Basic?_profile=http://ex.org/s%7C1", ["part"]),
        ("Basic?_profile=http://ex.org/s%7C1%23a", ["part"]),
        ("Basic?_profile=http://ex.org/s%7C1%23b", []),
        ("Basic?_profile=http://ex.org/t", ["part"]),
        ("Basic?_profile=http://ex.org/t%23b", ["part"]),
        ("QuestionnaireResponse?questionnaire=http://ex.org/parts", ["to-part", "to-part-of-any"]),
        ("QuestionnaireResponse?questionnaire=http://ex.org/parts%7C5", ["to-part"]),
        ("QuestionnaireResponse?questionnaire=http://ex.org/parts%7C5%23second", ["to-part"]),
        ("QuestionnaireResponse?questionnaire=http://ex.org/parts%23second", ["to-part", "to-part-of-any"]),
        ("QuestionnaireResponse?questionnaire=http://ex.org/parts%7C5%23third", []),
        ("Questionnaire?_id=parts&_revinclude=*", ["parts", "to-part", "to-part-of-any"]),
        ("QuestionnaireResponse?_id=to-part&_include=QuestionnaireResponse:questionnaire", ["parts", "to-part"]),
        ("QuestionnaireResponse?questionnaire:below=http://ex.org/v%7C4", ["to-4", "to-4.1.2", "to-4.10"]),
        ("QuestionnaireResponse?questionnaire:below=http://ex.org/v%7C4.1", ["to-4.1.2"]),
        ("QuestionnaireResponse?questionnaire:below=http://ex.org/v%7C4.1.2", ["to-4.1.2"]),
        ("QuestionnaireResponse?questionnaire:below=http://ex.org/v%7C1,http://ex.org/q%7C1", ["to-1"]),
        ("QuestionnaireResponse?questionnaire:above=http://ex.org/v%7C4.1.2", ["to-4", "to-4.1.2", "to-v"]),
        ("QuestionnaireResponse?questionnaire:above=http://ex.org/v%7C4.1", ["to-4", "to-v"]),
    ],
)
async def test_a_version_means_that_one_and_none_means_each(asked: World, query: str, found: list[str]) -> None:
    async with await asked.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    assert sorted(entry["resource"]["id"] for entry in answer.json().get("entry", ())) == found


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("QuestionnaireResponse?questionnaire:below=http://ex.org/v", "goes by versions"),
        ("QuestionnaireResponse?questionnaire:above=http://ex.org/v%7C", "goes by versions"),
        ("QuestionnaireResponse?questionnaire:below=http://ex.org/v%7C1%23part", "goes by versions"),
        ("QuestionnaireResponse?subject:below=Patient/kari%7C1", "does not take the modifier"),
        ("Basic?_profile:below=http://ex.org/p", "whole address"),
        ("Questionnaire?url=http://ex.org/q%7C1", "and version=… for the version"),
        ("Questionnaire?url:below=http://ex.org/q%7C1", "and version=… for the version"),
    ],
)
async def test_what_lies_below_goes_by_versions_alone(asked: World, query: str, told: str) -> None:
    async with await asked.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]
