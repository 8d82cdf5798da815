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
    ],
)
async def test_a_version_means_that_one_and_none_means_each(asked: World, query: str, found: list[str]) -> None:
    async with await asked.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    assert sorted(entry["resource"]["id"] for entry in answer.json().get("entry", ())) == found
