"""Hazard: a search in texts tells of somebody whom the reader may not see, or of what is hidden from him.

A word found, a total, or a name of a code would each be an answer.
"""

from __future__ import annotations

from typing import Any

import pytest

from world import CONFIDENTIALITY, World, patient, stay

pytestmark = pytest.mark.anyio
LABELLED = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}


def _div(text: str) -> dict[str, str]:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'}


def _note(id_: str, patient_id: str, text: str) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "id": id_,
        "status": "final",
        "type": {"text": "Journalnotat om voldsutsatthet"},
        "subject": {"reference": f"Patient/{patient_id}", "display": "Navnløs Person"},
        "date": "2026-11-20",
        "author": [{"display": "Lege"}],
        "title": "Notat",
        "section": [{"text": _div(text)}],
    }


@pytest.fixture(scope="module")
async def told(world: World) -> World:
    """A note about Kari, who lies on the ward, one about Ola, who is nobody's, and a protected person."""
    await world.put(
        _note("of-kari", "kari", "Krisesenteret er varslet"),
        _note("of-ola", "ola", "Krisesenteret er varslet"),
        {
            **patient("vera", "Vik"),
            **LABELLED,
            "text": _div("Vera Vik, hemmelig adresse, Hemmeligveien 7"),
            "contained": [{"resourceType": "Organization", "id": "gp", "name": "Hemmelig legesenter"}],
            "generalPractitioner": [{"reference": "#gp", "display": "Hemmelig legesenter"}],
            "communication": [{"language": {"text": "Kvensk"}}],
        },
        stay("vera-stay", "vera"),
        {
            **patient("siv", "Sund"),
            **LABELLED,
            "generalPractitioner": [{"display": "Fastlege på Frosta"}],
            "communication": [{"language": {"text": "Samisk"}}],
        },
        stay("siv-stay", "siv"),
    )
    return world


async def _found(world: World, query: str, login: str | None) -> tuple[list[str], int]:
    async with await world.client(login) as client:
        answer = await client.get(f"/{query}&_total=accurate")
        counted = await client.get(f"/{query}&_summary=count")
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == counted.json()["total"]
    return [one["resource"]["id"] for one in answer.json().get("entry", ())], counted.json()["total"]


@pytest.mark.parametrize(
    "query",
    [
        "Composition?_content=krisesenter",
        "Composition?_text=krisesenteret",
        "Composition?type:text=voldsutsatt",
        "Composition?subject:text=navnløs",
        "Composition?_content=krisesenter OR voldsutsatthet",
        "Composition?_content=krisesenter -finnesikke&_sort=-date",
    ],
)
async def test_a_word_in_somebody_elses_note_finds_and_counts_nothing(told: World, query: str) -> None:
    assert await _found(told, query, None) == (["of-kari", "of-ola"], 2)
    assert await _found(told, query, "doctor") == (["of-kari"], 1)
    assert await _found(told, query, "homenurse") == ([], 0)
    assert await _found(told, query, "kari") == (["of-kari"], 1)


@pytest.mark.parametrize(
    "query",
    [
        "Patient?_content=hemmelig",
        "Patient?_content=hemmeligveien",
        "Patient?_text=hemmeligveien",
        "Patient?general-practitioner:text=hemmelig",
        "Patient?general-practitioner:text=fastlege",
    ],
)
async def test_what_is_hidden_of_a_protected_person_is_not_found_by_its_words(told: World, query: str) -> None:
    assert (await _found(told, query, None))[1] == 1
    assert await _found(told, query, "nurse") == ([], 0)


@pytest.mark.parametrize(("query", "found"), [("Patient?_content=kvensk", "vera"), ("Patient?_content=samisk", "siv")])
async def test_what_is_not_hidden_of_a_protected_person_is_found(told: World, query: str, found: str) -> None:
    for login in (None, "nurse"):
        assert await _found(told, query, login) == ([found], 1)


async def test_a_word_that_is_not_there_tells_nothing_of_what_is_hidden(told: World) -> None:
    """`kvensk -hemmelig` would tell a nurse of the hidden word if it did not find."""
    assert await _found(told, "Patient?_content=kvensk -hemmelig", "nurse") == (["vera"], 1)
    assert await _found(told, "Patient?_content=samisk -frosta", "nurse") == (["siv"], 1)
    assert await _found(told, "Patient?_content=kvensk -hemmelig", None) == ([], 0)
    assert await _found(told, "Patient?_content=samisk -frosta", None) == (["siv"], 1), "a name of whom it refers to"


async def test_what_somebody_is_called_names_no_patient_in_the_log(told: World) -> None:
    await told.as_owner("DELETE FROM audit.look WHERE actor = 'doctor'")
    assert await _found(told, "Composition?patient:text=kari", "doctor") == ([], 0)
    rows = await told.pool.fetch("SELECT why, patient FROM audit.look WHERE actor = 'doctor' AND action = 'search'")
    assert {(row["why"], row["patient"]) for row in rows} == {("nobody", None)}


async def test_pages_of_a_search_in_texts_hold_each_note_once(told: World) -> None:
    async with await told.client() as client:
        seen, url = [], "/Composition?_content=krisesenter&_count=1&_sort=-date"
        while url:
            answer = (await client.get(url)).json()
            seen += [one["resource"]["id"] for one in answer.get("entry", ())]
            url = next((one["url"] for one in answer["link"] if one["relation"] == "next"), "")
    assert seen == ["of-kari", "of-ola"]


async def test_every_search_in_texts_leaves_a_line_of_what_it_showed(told: World) -> None:
    await told.as_owner("DELETE FROM audit.look WHERE actor = 'doctor'")
    await _found(told, "Composition?_content=krisesenter", "doctor")
    rows = await told.pool.fetch("SELECT why, shown FROM audit.look WHERE actor = 'doctor' AND action = 'search'")
    assert sorted((row["why"], row["shown"]) for row in rows) == [("nobody", ""), ("stay", "Composition/of-kari")]
