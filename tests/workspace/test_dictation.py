"""Dictation over HTTP: a button where there is a speech program, text for speech, and what is said when it fails."""

from __future__ import annotations

import sys
from collections.abc import Callable

import httpx
import pytest
from starlette.applications import Starlette

from notes.test_dictation import sound
from samjournal import workspace
from samjournal.fhir.errors import FhirError
from samjournal.notes.dictation import Program
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from workspace.test_pages import AtTheDesk
from world import World

pytestmark = pytest.mark.anyio
HEARS = "import sys; sys.stdin.buffer.read(); print('Blodtrykk', sys.argv[1])"
FORM = "/workspace/patients/kari/notes/new?fresh=1"
Dictate = Callable[..., httpx.AsyncClient]


@pytest.fixture
def at(world: World) -> Dictate:
    """A browser of somebody at an installation whose speech program runs this, or that has none."""

    def browser(login: str | None, code: str | None = HEARS) -> httpx.AsyncClient:
        site = Starlette(
            routes=[*pages.routes(), *workspace.routes()], exception_handlers={FhirError: error_page, 404: error_page}
        )
        site.state.door = world.door
        site.state.speech = Program((sys.executable, "-c", code, "{language}")) if code else None
        transport = httpx.ASGITransport(app=AtTheDesk(site, world, login))
        return httpx.AsyncClient(transport=transport, base_url="http://samjournal.test")

    return browser


async def test_what_is_spoken_comes_back_as_text_that_no_cache_keeps(at: Dictate) -> None:
    answer = await at("doctor").post("/workspace/dictation", content=sound(), headers={"content-type": "audio/wav"})
    assert answer.json() == {"text": "Blodtrykk nb"}
    assert answer.headers["cache-control"] == "no-store"


async def test_the_page_of_a_note_has_a_button_and_the_microphone(at: Dictate) -> None:
    page = await at("doctor").get(FORM)
    assert 'id="dictate"' in page.text
    assert "microphone=(self)" in page.headers["permissions-policy"]


async def test_without_a_program_there_is_no_button_and_no_microphone(at: Dictate) -> None:
    page = await at("doctor", None).get(FORM)
    assert page.status_code == 200
    assert 'id="dictate"' not in page.text
    assert "dictation.js" not in page.text
    assert "permissions-policy" not in page.headers
    assert (await at("doctor", None).post("/workspace/dictation", content=sound())).status_code == 404


async def test_who_is_not_at_work_dictates_nothing(at: Dictate) -> None:
    assert (await at("kari").post("/workspace/dictation", content=sound())).headers["location"] == "/portal"
    assert (await at(None).post("/workspace/dictation", content=sound())).headers["location"].startswith("/signin")


@pytest.mark.parametrize(
    ("code", "sent", "status", "problem"),
    [
        (HEARS, b"no sound", 415, "sound"),
        ("print('Ola Nordmann'); raise SystemExit(1)", sound(), 502, "engine"),
    ],
)
async def test_what_went_wrong_is_told_without_what_was_spoken(
    at: Dictate, code: str, sent: bytes, status: int, problem: str
) -> None:
    answer = await at("doctor", code).post("/workspace/dictation", content=sent)
    assert (answer.status_code, answer.json()) == (status, {"problem": problem})
