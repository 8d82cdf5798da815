"""Numbers and signs that a form can bring and nothing of ours can be: an answer that says so, and no text lost."""

from __future__ import annotations

import pytest

from samjournal.workspace.counted import counted
from workspace.test_pages import Enter, enter

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
KARI = "/workspace/patients/kari"


def test_only_digits_are_a_number() -> None:
    assert counted("12") == 12
    assert [counted(one) for one in ("²", "٣", "-1", "", None, "1.0", "9" * 5000)] == [0] * 7


@pytest.mark.parametrize("path", ["/workspace/patients/ka%00ri", f"{KARI}/notes/%00", f"{KARI}/measurements/%00"])
async def test_an_address_that_no_id_can_be_is_of_no_page(enter: Enter, path: str) -> None:
    assert (await enter("doctor").get(path)).status_code == 404


async def test_a_form_that_cannot_be_kept_is_refused(enter: Enter) -> None:
    desk = enter("doctor")
    sent = {"version": "²", "words": "Ring pasienten"}
    for path, form in (
        ("/workspace/inbox/none/done", sent),
        ("/workspace/inbox/undo", {"task": "a\x00", "version": "1"}),
        ("/workspace/phrases", {"shortcut": "ny", "text": "a\x00b", "scope": "own", "version": "9" * 5000}),
        (f"{KARI}/problems", {"q": "a\x00b", "pick": "none"}),
        (f"{KARI}/notes", {"text": "x", "act": "draft", "version": "²", "base": "²"}),
    ):
        assert (await desk.post(path, data=form)).status_code < 500, path


async def test_a_note_that_was_pasted_with_a_sign_that_cannot_be_kept_is_kept_without_it(enter: Enter) -> None:
    desk = enter("doctor")
    form = {
        "title": "Fra\x00 PDF",
        "text": "Limt\x00 inn",
        "act": "draft",
        "draft": "0d6a2f04-0000-4000-8000-00000000c0de",
    }
    answer = await desk.post(f"{KARI}/notes", data=form)
    assert answer.status_code == 303
    assert "Limt inn</textarea>" in (await desk.get(answer.headers["location"])).text


async def test_a_note_by_the_largest_template_is_saved_whole_and_comes_back_when_the_session_has_ended(
    enter: Enter,
) -> None:
    form: dict[str, list[str]] = {"draft": ["0d6a2f04-0000-4000-8000-00000000ffff"], "version": ["0"], "act": ["draft"]}
    form |= {"heading": [f"Del {at}" for at in range(20)], "entries": [""] * 20, "diagnosis": ["J44.9 Kols", "I50.0"]}
    form |= {"text": [f"Tekst {at}" for at in range(20)], "block": ["bt"] * 220}
    answer = await enter("doctor").post(f"{KARI}/notes", data=form)
    assert answer.status_code == 303, answer.text
    ended = await enter(None).post(f"{KARI}/notes", data=form)
    assert ended.status_code == 401
    for each in ("Del 19", "Tekst 19", "J44.9 Kols"):
        assert each in ended.text
