"""Acts that ask for a fresh proof: the act is done after it, with what was sent. samjournal.server.fresh"""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import httpx
import pytest
from starlette.routing import Route

from portal.site import as_, opened
from samjournal.server import app, fresh
from signin.conftest import Owner, owner
from world import World

__all__ = ["owner"]
REASON = "/workspace/patients/ola/reason"
WHY = {"reason": "other", "words": "Ringt inn fra legevakt, kommer om ti minutter."}


@pytest.fixture(scope="module")
async def site(anyio_backend: str, world: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


def _older(owner: Owner, column: str, by: str) -> None:
    owner(f"UPDATE accounts.session SET {column} = {column} - interval '{by}'")


@pytest.mark.parametrize("act", fresh.ACTS, ids=lambda act: f"{act.method} {act.path}")
def test_an_act_that_asks_is_a_page_that_there_is(act: fresh.Act) -> None:
    found = {
        (method, route.path)
        for route in app._site().routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    assert (act.method, act.path) in found
    assert not act.back or ("GET", act.back) in found


def test_a_reason_is_stated_after_a_new_proof_and_none_of_it_is_typed_again(site: httpx.Client, owner: Owner) -> None:
    as_(site, "doctor")
    _older(owner, "unlocked", "241 min")
    answer = site.post(REASON, data=WHY)
    kept = quote("/signin/kept?asks=1")
    assert answer.headers["location"] == f"/signin/again?next={kept}"
    assert site.get("/workspace/patients/ola").status_code != 200
    again = site.post("/signin/again", data={"next": "/signin/kept?asks=1"})
    page = site.get(again.headers["location"]).text
    assert WHY["words"] in page
    assert "Fullfør" in page
    sent = site.post(f"/signin/kept?to={REASON}", data=WHY)
    assert (sent.status_code, sent.headers["location"]) == (307, REASON)
    assert site.post(REASON, data=WHY).status_code == 303
    assert site.get("/workspace/patients/ola").status_code == 200


def test_a_pin_code_is_proof_enough_for_a_reason_and_for_nothing_else(site: httpx.Client, owner: Owner) -> None:
    as_(site, "nurse")
    _older(owner, "proven", "10 h")
    assert site.post(REASON, data={**WHY, "reason": "none of these"}).status_code == 422
    asked = site.post("/workspace/patients/kari/representation", data={})
    assert asked.headers["location"].startswith("/signin/again")


def test_a_citizen_proves_it_before_the_page_of_downloads_and_comes_back_there(
    site: httpx.Client, owner: Owner
) -> None:
    as_(site, "kari")
    assert site.get("/portal/download").status_code == 200
    _older(owner, "proven", "16 min")
    for path in ("/portal/download", "/portal/download/record.zip?language=nb"):
        assert site.get(path).headers["location"] == "/signin/again?next=/portal/download"
    assert site.get("/portal").status_code == 200
    assert site.post("/portal/representation/withdraw", data={"source": "Consent/none"}).status_code in (303, 404, 422)
