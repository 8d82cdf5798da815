"""A draft as the GP sees it: everything that would be signed, nothing signed, and a warning over two pages."""

from __future__ import annotations

from uuid import uuid4

import pytest

from samjournal.notes.letter import pages
from workspace.test_note_template import form_of
from workspace.test_notes import NOTES
from workspace.test_pages import Enter, enter

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


@pytest.mark.parametrize(("lines", "many"), [([], 1), (["x"] * 46, 1), (["x"] * 47, 2), (["y" * 91] * 46, 2)])
def test_pages_are_counted_as_they_print(lines: list[str], many: int) -> None:
    assert pages(lines) == many


async def test_a_preview_has_headings_text_and_coded_values_and_signs_nothing(enter: Enter) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    form = form_of(page, texts=["Kom med ektefelle."], act="preview", **{"f-puls": "88", "draft": str(uuid4())})
    answer = await desk.post(NOTES, data=form)
    shown = await desk.get(answer.headers["location"])
    assert shown.status_code == 200
    for words in ("Kontaktårsak", "Kom med ektefelle.", "Puls: 88 /min", "ikke signert"):
        assert words in shown.text
    assert "Mer enn to blir sjelden lest" not in shown.text
    nurse = await enter("nurse").get(answer.headers["location"])
    assert nurse.status_code == 404


async def test_more_than_two_pages_are_warned_of(enter: Enter) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    form = form_of(page, texts=["linje\n" * 120], act="preview", draft=str(uuid4()))
    shown = await desk.get((await desk.post(NOTES, data=form)).headers["location"])
    assert "Notatet er på 3 sider" in shown.text
