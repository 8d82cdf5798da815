"""The page of phrases over HTTP: made, changed, and what is said when they cannot be."""

from __future__ import annotations

import pytest

from workspace.test_pages import Enter, enter

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
PAGE = "/workspace/phrases"


async def test_a_phrase_is_made_and_stands_in_the_editor_of_a_note(enter: Enter) -> None:
    desk = enter("doctor")
    made = await desk.post(PAGE, data={"shortcut": ".obs", "text": "Observeres til i morgen.", "scope": "unit"})
    assert made.headers["location"] == f"{PAGE}?done=saved"
    page = (await enter("nurse").get("/workspace/patients/kari/notes/new?fresh=1")).text
    assert 'data-phrase=".obs"' in page
    assert 'data-phrase=".bt"' in page
    found = await enter("nurse").get("/workspace/patients/kari/phrase?name=.Obs")
    assert found.json() == {"text": "Observeres til i morgen."}
    assert found.headers["cache-control"] == "no-store"


async def test_what_is_wrong_is_told_and_what_was_typed_stands(enter: Enter) -> None:
    answer = await enter("doctor").post(PAGE, data={"shortcut": ".bt", "text": "Mitt blodtrykk", "scope": "own"})
    assert answer.status_code == 422
    assert "henter en verdi fra journalen" in answer.text
    assert "Mitt blodtrykk</textarea>" in answer.text


async def test_a_form_of_another_role_is_not_saved(enter: Enter) -> None:
    form = {"shortcut": "annen", "text": "x", "scope": "unit", "role": "nurse-role"}
    assert (await enter("doctor").post(PAGE, data=form)).status_code == 409
    assert (await enter("doctor").get("/workspace/patients/kari/phrase?name=annen")).status_code == 404


async def test_a_draft_that_is_saved_by_the_button_has_its_phrases_filled_in(enter: Enter) -> None:
    desk = enter("doctor")
    form = {"text": "Plan: .puls", "act": "draft", "draft": "0d6a2f04-0000-4000-8000-000000000001"}
    answer = await desk.post("/workspace/patients/kari/notes", data=form)
    page = (await desk.get(answer.headers["location"])).text
    assert "Plan: Puls: ikke funnet i journalen</textarea>" in page
