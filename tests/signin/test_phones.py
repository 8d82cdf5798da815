"""Passkeys that are stolen, replayed, copied or from a false page open nothing. samjournal.signin.phones, .passkeys"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from portal.site import OURS, as_, opened
from samjournal import accounts
from samjournal.signin.pages import COOKIE
from signin.authenticator import Authenticator
from signin.conftest import Owner
from world import World


@pytest.fixture(scope="module")
async def site(anyio_backend: str, world: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


@pytest.fixture(autouse=True)
def fresh(owner: Owner) -> None:
    owner("DELETE FROM accounts.phone", "DELETE FROM accounts.pairing")


def phone_of(site: httpx.Client) -> Authenticator:
    return Authenticator(str(site.base_url).rstrip("/"), "127.0.0.1")


def code_of(site: httpx.Client, login: str) -> str:
    """What stands on the PC."""
    page = as_(site, login).post("/signins/phone").text
    found = re.search(r'class="s-typed">([^<]+)<', page)
    assert found is not None
    site.cookies.clear()
    return found[1]


def paired(site: httpx.Client, phone: Authenticator, login: str = "nurse") -> httpx.Response:
    code = code_of(site, login)
    return redeemed(site, phone, code)


def redeemed(site: httpx.Client, phone: Authenticator, code: str) -> httpx.Response:
    asked = site.post("/signin/pair/options", data={"code": code})
    if asked.status_code != 200:
        return asked
    return site.post("/signin/pair", data={"code": code, "answer": phone.make(asked.json())})


def shown(site: httpx.Client, phone: Authenticator) -> tuple[str, httpx.Response]:
    site.cookies.clear()
    answer = phone.show(options(site))
    return answer, site.post("/signin/phone", data={"answer": answer, "next": "/workspace/inbox"})


def options(site: httpx.Client) -> dict[str, Any]:
    told: dict[str, Any] = site.post("/signin/phone/options").json()
    assert told["userVerification"] == "required"
    return told


def test_a_phone_is_paired_by_a_code_once_and_signs_in_by_its_passkey(site: httpx.Client) -> None:
    phone, code = phone_of(site), code_of(site, "nurse")
    assert redeemed(site, phone, code.lower()).headers["location"] == "/workspace"
    assert redeemed(site, replace(phone, id=b"another"), code).status_code == 403
    answer, given = shown(site, phone)
    assert given.headers["location"] == "/workspace/inbox"
    assert COOKIE in site.cookies
    # The same answer once more: its challenge is used.
    site.cookies.clear()
    assert site.post("/signin/phone", data={"answer": answer}).status_code == 403
    assert COOKIE not in site.cookies


def test_a_code_that_ran_out_pairs_nothing(site: httpx.Client, owner: Owner) -> None:
    code = code_of(site, "nurse")
    owner("UPDATE accounts.pairing SET expires = now()")
    assert redeemed(site, phone_of(site), code).status_code == 403
    assert "eldre enn tre minutter" in site.get(f"/signin/pair?code={code}").text


def test_a_code_goes_with_the_session_that_gave_it(site: httpx.Client) -> None:
    page = as_(site, "nurse").post("/signins/phone").text
    code = re.search(r'class="s-typed">([^<]+)<', page)
    assert code is not None
    site.post("/signout")
    assert redeemed(site, phone_of(site), code[1]).status_code == 403


@pytest.mark.parametrize("wrong", [{"verifies": False}, {"origin": "https://false.example"}, {"host": "false.example"}])
def test_a_phone_that_checks_nobody_or_stands_on_a_false_page_is_neither_paired_nor_let_in(
    site: httpx.Client, wrong: dict[str, Any]
) -> None:
    good = phone_of(site)
    assert paired(site, replace(good, **wrong)).status_code == 403
    assert paired(site, good).status_code == 303
    assert shown(site, replace(good, **wrong))[1].status_code == 403


def test_a_copied_phone_and_another_key_are_refused(site: httpx.Client) -> None:
    phone = phone_of(site)
    paired(site, phone)
    assert shown(site, phone)[1].status_code == 303
    assert shown(site, replace(phone, counter=0))[1].status_code == 403
    assert shown(site, replace(phone_of(site), counter=9))[1].status_code == 403
    assert shown(site, phone)[1].status_code == 303


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", '"x"', '{"response": {}}', '{"response": {"clientDataJSON": "e30"}}']
)
def test_what_is_no_answer_is_refused_in_words(site: httpx.Client, answer: str) -> None:
    refused = site.post("/signin/phone", data={"answer": answer})
    assert refused.status_code == 403
    assert "Du ble ikke logget inn" in refused.text


def test_a_revoked_phone_is_out_with_its_sessions_and_the_tokens_of_its_owner(site: httpx.Client, owner: Owner) -> None:
    phone = phone_of(site)
    paired(site, phone)
    shown(site, phone)
    with httpx.Client(base_url=site.base_url, headers=OURS) as pc:
        page = as_(pc, "nurse").get("/signins").text
        other = as_(httpx.Client(base_url=site.base_url, headers=OURS), "doctor")
        (id_,) = re.findall(r'action="/signins/phone/end"><input type="hidden" name="id" value="([^"]+)"', page)
        other.post("/signins/phone/end", data={"id": id_})
        assert site.get("/workspace").status_code == 200
        pc.post("/signins/phone/end", data={"id": id_})
        assert site.get("/workspace").headers["location"].startswith("/signin")
        assert pc.get("/workspace").status_code == 200
        assert shown(site, phone)[1].status_code == 403


@pytest.mark.anyio
async def test_a_leaver_loses_the_phone_too_and_does_not_get_it_back_with_the_account(world: World) -> None:
    session, _ = await accounts.sign_in_demo(world.pool, "secretary")
    code = await accounts.begin_pairing(world.pool, session)
    await accounts.pair(world.pool, code, accounts.Passkey(b"x", b"y", 0, "Safari, iPhone"))
    token = await accounts.for_user(world.pool, "secretary")
    await accounts.sign_out_everywhere(world.pool, "secretary")
    assert await accounts.phones(world.pool, "secretary") == []
    assert await accounts.session_now(world.pool, session) is None
    assert await accounts.bearer(world.pool, token) is None
