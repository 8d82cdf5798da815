"""A note by a template over HTTP: what is coded lies beside it, and what is wrong is told without losing a word."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from samjournal.notes import retire
from samjournal.ui.formats import OSLO
from samjournal.ui.language import COOKIE
from workspace.test_notes import NOTES, hidden, newest
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


def form_of(page: str, **typed: Any) -> dict[str, Any]:
    """The form of a page as a browser sends it: every heading and text in its order."""
    headings = re.findall(r'name="heading" value="([^"]*)"', page)
    at = re.search(r'name="at" value="([^"]*)"', page)
    texts = [*typed.pop("texts", ()), *[""] * len(headings)][: len(headings)]
    return {**hidden(page), "heading": headings, "text": texts, "at": at[1] if at else "", **typed}


async def test_coded_fields_are_observations_that_the_section_refers_to(enter: Enter, world: World) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    assert "Hvorfor pasienten kommer nå" in page
    values = {"f-bt": "148/92", "f-temp": "38,4", "f-spo2": ""}
    answer = await desk.post(NOTES, data=form_of(page, texts=["Feber i tre dager."], **values))
    assert answer.headers["location"].endswith("?saved=note")
    note: dict[str, Any] = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert {"system": "urn:samjournal:template", "code": "legevakt", "display": "Legevaktnotat"} in note["type"][
        "coding"
    ]
    assert [one["title"] for one in note["section"]] == ["Kontaktårsak", "Funn"]
    client = await world.client("doctor")
    found = [(await client.get(f"/{one['reference']}")).json() for one in note["section"][1]["entry"]]
    assert [one["resourceType"] for one in found] == ["Observation", "Observation"]
    assert found[0]["component"][0]["valueQuantity"]["value"] == 148
    assert found[1]["valueQuantity"] == {
        "value": 38.4,
        "unit": "°C",
        "system": "http://unitsofmeasure.org",
        "code": "Cel",
    }
    assert "Temperatur: 38,4 °C" in note["section"][1]["text"]["div"]


async def test_a_note_with_only_text_is_saved(enter: Enter, world: World) -> None:
    desk = enter("nurse")
    page = (await desk.get(f"{NOTES}/new?template=hjemmesykepleie")).text
    answer = await desk.post(NOTES, data=form_of(page, texts=["Stell utført."]))
    assert answer.headers["location"].endswith("?saved=note")
    note: dict[str, Any] = await newest(world, "nurse", "Composition", subject="Patient/kari")
    assert [one["title"] for one in note["section"]] == ["Utført"]


@pytest.mark.parametrize(
    ("field", "typed"), [("f-temp", "384"), ("f-temp", "varm"), ("f-bt", "148"), ("f-bt", "80/120"), ("f-puls", "720")]
)
async def test_a_slip_of_the_finger_is_told_under_the_field_and_nothing_is_stored(
    enter: Enter, field: str, typed: str
) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    answer = await desk.post(NOTES, data=form_of(page, texts=["Feber siden i går."], **{field: typed}))
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'value="{typed}"' in answer.text
    assert "Feber siden i går.</textarea>" in answer.text


@pytest.mark.parametrize("ahead", [timedelta(hours=2), timedelta(days=-9)])
async def test_what_was_not_measured_now_is_not_recorded_as_such(enter: Enter, ahead: timedelta) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    at = (datetime.now(OSLO) + ahead).strftime("%Y-%m-%dT%H:%M")
    answer = await desk.post(NOTES, data={**form_of(page, texts=["x"], **{"f-puls": "72"}), "at": at})
    assert answer.status_code == 422
    assert 'id="note-at-error"' in answer.text


async def test_a_draft_keeps_what_was_typed_in_the_fields(enter: Enter) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    form = form_of(page, texts=["Utkast."], act="draft", **{"f-puls": "72", "draft": str(uuid4())})
    again = await desk.get((await desk.post(NOTES, data=form)).headers["location"])
    assert 'name="f-puls" maxlength="12" autocomplete="off" inputmode="decimal" value="72"' in again.text


async def test_a_template_out_of_use_is_not_chosen_by_its_address_either(enter: Enter, world: World) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=poliklinikk")).text
    await retire(world.door, await world.permit("doctor"), "poliklinikk", 0)
    answer = await desk.get(f"{NOTES}/new?template=poliklinikk")
    assert answer.status_code == 410
    assert "er tatt ut av bruk" in answer.text
    assert "template=poliklinikk" not in answer.text.partition("<main")[2].partition("</main>")[0]
    assert (await desk.get(f"{NOTES}/new?template=finnes-ikke")).status_code == 404
    # Who had begun signs what he wrote, with its codes, and is told.
    draft = {**form_of(page, texts=["Henvist for hoste."], **{"f-puls": "66"}), "act": "draft", "draft": str(uuid4())}
    shown = (await desk.get((await desk.post(NOTES, data=draft)).headers["location"])).text
    assert "tatt ut av bruk etter at du begynte" in shown
    signed = await desk.post(NOTES, data=form_of(shown, texts=["Henvist for hoste."], **{"f-puls": "66"}))
    assert signed.headers["location"].endswith("?saved=note")
    note: dict[str, Any] = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert any(one.get("entry") for one in note["section"])


async def test_a_note_of_another_role_keeps_the_coded_values_till_it_is_sent_again(enter: Enter) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    answer = await desk.post(NOTES, data={**form_of(page, texts=["x"], **{"f-puls": "72"}), "role": "nurse-role"})
    assert answer.status_code == 409
    assert '<input type="hidden" name="f-puls" value="72">' in answer.text


@pytest.mark.parametrize(
    ("code", "label", "help", "heading", "title"),
    [
        ("nb", "Sykehistorie", "Når det begynte", "Sykehistorie", "Legevaktnotat"),
        ("nn", "Sjukehistorie", "Når det byrja", "Sjukehistorie", "Legevaktnotat"),
        ("en", "History", "When it began", "Sykehistorie", "Legevaktnotat"),
    ],
)
async def test_the_page_is_in_the_reader_s_language_and_the_note_in_the_record_s(
    enter: Enter, world: World, code: str, label: str, help: str, heading: str, title: str
) -> None:
    desk = enter("doctor")
    desk.cookies.set(COOKIE, code)
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    assert re.search(rf'<label for="note-text-2">\s*{label}\b', page)
    assert help in page
    assert re.search(rf'name="title"[^>]*value="{title}"', page)
    assert ("in the note:" in page) == (code == "en")
    answer = await desk.post(NOTES, data=form_of(page, texts=["", f"Skrevet på {code}."]))
    assert answer.headers["location"].endswith("?saved=note")
    note: dict[str, Any] = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert [one["title"] for one in note["section"]] == [heading]
    assert note["type"]["coding"][1]["display"] == title
    edit = (await desk.get(f"{NOTES}/{note['id']}/edit?how=correction")).text
    assert re.search(rf'<label for="note-text">\s*{label}\b', edit)
