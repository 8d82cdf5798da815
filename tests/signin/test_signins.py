"""Where somebody is signed in, and how it is ended. samjournal.signin.signins"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import httpx
import pytest

from portal.site import OURS, as_, opened
from samjournal import accounts
from samjournal.accounts import Account, RoleAt
from signin.conftest import Owner
from world import World


@pytest.fixture(scope="module")
async def site(anyio_backend: str, world: World, database: str) -> AsyncIterator[httpx.Client]:
    odd = Account("odd", "Odd", "staff", (RoleAt("operator", "hospital", "odd-role", "Drift"),), practitioner_id="odd")
    async with world.pool.transaction() as db:
        await accounts.add(db, [odd])
    with opened(database) as client:
        yield client


@contextmanager
def elsewhere(site: httpx.Client, login: str, agent: str) -> Iterator[httpx.Client]:
    """Another browser of the same person."""
    with httpx.Client(base_url=site.base_url, headers={**OURS, "user-agent": agent}) as other:
        yield as_(other, login)


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them(site: httpx.Client) -> None:
    as_(site, "doctor")
    with elsewhere(site, "doctor", "Mozilla/5.0 (iPhone) Safari/605") as phone:
        assert "Ny innlogging" in site.get("/workspace").text
        page = site.get("/signins").text
        assert "Safari, iPhone" in page
        assert "sist brukt" in page
        assert "127.0.0.1" not in page
        assert "Ny innlogging" not in site.get("/workspace").text
        (other,) = set(re.findall(r'name="id" value="(\w+)"', page))
        assert site.post("/signins/end", data={"id": other}).status_code == 303
        assert phone.get("/workspace").headers["location"].startswith("/signin")
        assert site.get("/workspace").status_code == 200


def test_what_a_new_browser_did_is_not_for_itself_to_wave_off(site: httpx.Client) -> None:
    as_(site, "secretary")
    with elsewhere(site, "secretary", "Mozilla/5.0 (Windows) Firefox/140") as stranger:
        stranger.get("/signins")
        assert "Ny innlogging" in site.get("/workspace").text


def test_nobody_ends_the_session_of_another(site: httpx.Client, owner: Owner) -> None:
    as_(site, "doctor")
    with elsewhere(site, "nurse", "Mozilla/5.0 (Windows) Chrome/140") as nurse:
        own = nurse.get("/signins").text
        assert 'name="id"' not in own
        site.post("/signins/end", data={"id": "00" * 32})
        site.post("/signins/end", data={"id": "no name"})
        assert site.post("/signins/others", data={"login": "nurse"}).status_code == 403
        assert site.get("/signins/others?q=nurse").status_code == 403
        assert nurse.get("/workspace").status_code == 200


def test_all_of_ones_sessions_and_tokens_end_at_once(site: httpx.Client, world: World) -> None:
    with elsewhere(site, "nurse", "Chrome/1 Windows") as one, elsewhere(site, "nurse", "Chrome/1 Android") as two:
        assert one.post("/signins/end", data={"all": "1"}).headers["location"] == "/signin"
        for each in (one, two):
            assert each.get("/workspace").headers["location"].startswith("/signin")


@pytest.mark.anyio
async def test_tokens_go_with_the_sessions(world: World) -> None:
    token = await accounts.for_user(world.pool, "nurse")
    await accounts.sign_out_all(world.pool, "nurse")
    assert await accounts.bearer(world.pool, token) is None


def test_an_operator_signs_out_somebody_who_lost_a_phone(site: httpx.Client) -> None:
    with elsewhere(site, "homenurse", "Mozilla/5.0 (Android) Chrome/140") as lost:
        as_(site, "odd")
        page = site.get("/signins/others?q=homenurse").text
        assert "Chrome, Android" in page
        assert site.post("/signins/others", data={"login": "homenurse"}).status_code == 303
        assert lost.get("/workspace").headers["location"].startswith("/signin")
        assert site.post("/signins/others", data={"login": "kari"}).status_code == 404


def test_a_citizen_is_told_of_a_browser_that_is_new_by_notice(site: httpx.Client, owner: Owner) -> None:
    as_(site, "kari")
    with elsewhere(site, "kari", "Mozilla/5.0 (Windows) Firefox/140"):
        assert "Noen logget inn som deg" in site.get("/portal").text
        assert "Innlogging fra en ny telefon eller PC" in site.get("/portal/notices").text
        site.get("/signins")
        assert "Noen logget inn som deg" not in site.get("/portal").text
