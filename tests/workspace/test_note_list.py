"""The list of notes over HTTP."""

from __future__ import annotations

import re

import pytest

from workspace.test_pages import Enter, enter
from workspace.test_timeline import note
from world import World, patient, stay, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
NOTES = "/workspace/patients/kari/notes"
OTHER = {"coding": [{"system": "http://loinc.org", "code": "11506-3"}], "text": "Legenotat"}


@pytest.fixture(scope="module")
async def written(world: World) -> World:
    await world.put(
        *(
            note(f"n{place:02d}", f"2026-10-{1 + place % 28:02d}T10:00:00+02:00", f"Tekst {place}.")
            for place in range(60)
        ),
        note("d1", "2026-11-20T10:00:00+01:00", "Legen skrev.")
        | {"type": OTHER, "author": [to("PractitionerRole/doctor-role") | {"display": "Dag Doctor"}]},
        note("p1", "2026-11-21T10:00:00+01:00", "Ikke ferdig.") | {"status": "preliminary"},
    )
    return world


async def test_all_of_a_note_is_read_there_the_newest_first(written: World, enter: Enter) -> None:
    page = (await enter("nurse").get(NOTES)).text
    assert page.index("Ikke ferdig.") < page.index("Legen skrev.") < page.index("Tekst 27.")
    assert "ikke signert" in page
    assert "Dag Doctor" in page or "D. Doctor" in page


async def test_its_pages_have_every_note_once(written: World, enter: Enter) -> None:
    browser, address, found = enter("nurse"), NOTES, []
    while address:
        page = (await browser.get(address)).text
        found += re.findall(r'id="note-(\w+)"', page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(found) == len(set(found)) == 62


async def test_long_notes_are_whole_and_fewer_to_a_page(world: World, enter: Enter) -> None:
    await world.put(patient("wordy", "Ord"), stay("wordy-stay", "wordy"))
    for place in range(5):
        long = note(f"w{place}", f"2026-10-0{1 + place}T10:00:00+02:00", f"{'ord ' * 2200}Slutt {place}.")
        await world.put(long | {"subject": to("Patient/wordy")})
    browser, address, pages = enter("nurse"), "/workspace/patients/wordy/notes", []
    while address:
        page = (await browser.get(address)).text
        pages.append(re.findall(r"Slutt (\d)\.</p>", page))
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"kind": "http://loinc.org|11506-3"}, ["d1"]),
        ({"author": "doctor-role"}, ["d1"]),
        ({"note": "n05"}, ["n05"]),
        ({"kind": "http://loinc.org|11506-3", "author": "nurse-role"}, []),
    ],
)
async def test_notes_are_chosen(written: World, enter: Enter, chosen: dict[str, str], found: list[str]) -> None:
    page = (await enter("nurse").get(NOTES, params=chosen)).text
    assert re.findall(r'id="note-(\w+)"', page) == found
