"""What is sent after the session has ended is there again after sign-in. samjournal.signin.lasting, .again"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, opened
from samjournal.signin.pages import COOKIE
from samjournal.ui.cookies import FORM
from signin.conftest import Owner
from world import World

NOTE = {"act": "sign", "title": "Vakt", "text": "Sov godt. Våknet av smerter klokka tre, fikk medisin."}
TO = "/workspace/patients/kari/notes"


@pytest.fixture(scope="module")
async def site(anyio_backend: str, world: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


def _end(owner: Owner, login: str) -> None:
    owner(f"UPDATE accounts.session SET seen = seen - interval '1 h' WHERE login = '{login}'")


def test_a_form_after_the_end_comes_back_to_the_same_person_and_is_sent_once(site: httpx.Client, owner: Owner) -> None:
    as_(site, "nurse")
    _end(owner, "nurse")
    answer = site.post(TO, data=NOTE)
    assert answer.headers["location"] == "/signin?next=/signin/kept"
    assert NOTE["text"] not in answer.text
    back = site.post("/signin/demo", data={"login": "nurse", "next": "/signin/kept"})
    assert back.headers["location"] == "/signin/kept"
    page = site.get("/signin/kept").text
    assert NOTE["text"] in page
    assert f'action="/signin/kept?to={TO}"' in page
    sent = site.post(f"/signin/kept?to={TO}", data=NOTE)
    assert (sent.status_code, sent.headers["location"]) == (307, TO)
    assert FORM not in site.cookies
    assert site.get("/signin/kept").headers["location"] == "/workspace"


def test_another_person_at_the_same_browser_does_not_get_it(site: httpx.Client, owner: Owner) -> None:
    as_(site, "nurse")
    _end(owner, "nurse")
    site.post(TO, data=NOTE)
    site.post("/signin/demo", data={"login": "doctor"})
    assert site.get("/signin/kept").headers["location"] == "/workspace"


def test_a_part_of_an_open_page_says_that_the_page_is_over(site: httpx.Client, owner: Owner) -> None:
    as_(site, "nurse")
    _end(owner, "nurse")
    part = site.get("/workspace/messages/count", headers={"hx-request": "true"})
    assert (part.status_code, part.headers["hx-refresh"]) == (401, "true")
    draft = site.post(TO, data={**NOTE, "act": "draft"}, headers={"accept": "application/json"})
    assert draft.status_code == 401
    assert site.get("/session/left").status_code == 401


def test_staying_is_use_and_asking_is_not(site: httpx.Client, owner: Owner) -> None:
    as_(site, "nurse")
    owner("UPDATE accounts.session SET seen = seen - interval '25 min' WHERE login = 'nurse'")
    assert site.get("/session/left").json()["left"] < 310
    assert site.get("/session/left").json()["left"] < 310
    assert site.post("/session/stay", headers={"accept": "application/json"}).json()["left"] > 1700
    assert site.post("/session/stay", data={"next": "/workspace"}).headers["location"] == "/workspace"


async def test_a_new_proof_changes_the_cookie_and_goes_back_to_the_page(site: httpx.Client) -> None:
    before = as_(site, "nurse").cookies[COOKIE]
    assert "Ja, jeg er Nurse" in site.get("/signin/again?next=/workspace/inbox").text
    answer = site.post("/signin/again", data={"next": "/workspace/inbox"})
    assert answer.headers["location"] == "/workspace/inbox"
    assert site.cookies[COOKIE] != before
    site.cookies.clear()
    assert site.get("/signin/again?next=/workspace").headers["location"] == "/signin?next=%2Fworkspace"
