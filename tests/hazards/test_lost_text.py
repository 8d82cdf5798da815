"""What somebody wrote is gone: a crash, an ended session, another device or a colleague took it.

Nothing that was saved is overwritten by another page, and signing stores the note and ends the draft together, or
neither. What cannot be stored stands on the page that says so.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from samjournal.fhir.errors import FhirError
from samjournal.notes import Section, Written, packed, sign_note
from samjournal.record import DraftEnded, DraftMoved, DraftText, Ending, draft, drafts_about, save_draft
from workspace.test_notes import NOTES, begun
from workspace.test_pages import Enter, enter
from world import World, locked

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


def _text(words: str, version: int, page: str) -> DraftText:
    return DraftText(packed(Written(sections=(Section("", words),))), words, version=version, page=page)


async def test_of_two_devices_that_save_at_once_one_is_told(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), str(uuid4())
    await save_draft(world.door, doctor, "kari", id_, _text("felles", 0, "begun"))
    devices = [save_draft(world.door, doctor, "kari", id_, _text(f"fra {page}", 1, page)) for page in ("a", "b", "c")]
    done = await asyncio.gather(*devices, return_exceptions=True)
    assert sum(isinstance(one, DraftMoved) for one in done) == 2
    (saved,) = [one for one in done if not isinstance(one, BaseException)]
    assert (await draft(world.door, doctor, "kari", id_)).body == saved.body


async def test_of_two_that_sign_at_once_one_note_comes(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), uuid4()
    written = Written(sections=(Section("", "Signert fra to faner"),))
    await save_draft(world.door, doctor, "kari", str(id_), _text("Signert fra to faner", 0, "a"))
    tabs = [sign_note(world.door, doctor, "kari", written, Ending(id_, 1, page)) for page in ("a", "b", "a")]
    done = await asyncio.gather(*tabs, return_exceptions=True)
    assert sum(isinstance(one, DraftEnded) for one in done) == 2
    client = await world.client("doctor")
    found = (await client.get("/Composition", params={"subject": "Patient/kari", "_content": "faner"})).json()
    assert found["total"] == 1


async def test_a_note_that_cannot_be_stored_keeps_its_draft(world: World) -> None:
    doctor, id_ = await world.permit("doctor"), uuid4()
    await save_draft(world.door, doctor, "kari", str(id_), _text("Skal ikke bli borte", 0, "a"))
    written = Written(sections=(Section("", "Skal ikke bli borte"),), countersigner="nobody-works-here")
    with pytest.raises(FhirError):
        await sign_note(world.door, doctor, "kari", written, Ending(id_, 1, "a"))
    assert id_ in {one.id for one in await drafts_about(world.door, doctor, "kari")}
    assert b"Skal ikke bli borte" in (await draft(world.door, doctor, "kari", str(id_))).body


async def test_what_is_refused_stands_on_the_page(enter: Enter) -> None:
    desk = enter("doctor")
    form = await begun(desk, "Alt jeg har skrevet i dag")
    closed = await desk.post("/workspace/patients/ola/notes", data=form)
    assert closed.status_code in (403, 404)
    assert "Alt jeg har skrevet i dag" in closed.text
    assert "Alt jeg har skrevet i dag</textarea>" in (await desk.get(f"{NOTES}/new?draft={form['draft']}")).text


async def test_a_draft_that_cannot_be_saved_is_told_as_not_saved(enter: Enter, world: World) -> None:
    desk = enter("doctor")
    form = await begun(desk, "Først")
    async with locked(world.pool, "store.draft"):
        waiting = asyncio.create_task(
            desk.post(
                NOTES, data={**form, "text": "Først og så", "act": "draft"}, headers={"accept": "application/json"}
            )
        )
        await asyncio.wait([waiting], timeout=0.3)
        assert not waiting.done(), "it is not told as saved before it is"
    assert (await waiting).json()["version"] == int(form["version"]) + 1
