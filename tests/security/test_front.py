"""What every answer promises, and what is believed of who asks. samjournal.server.front"""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from samjournal.fhir.errors import FhirError
from samjournal.server.exits import Usage
from samjournal.server.front import HTTPS_ALONE, Front, address_of, networks_of
from samjournal.ui.security import Security

pytestmark = pytest.mark.anyio

OURS = "https://samjournal.example.no"
PROXY = "10.0.0.7"


async def told(scope: Scope, receive: Receive, send: Send) -> None:
    """What the application behind hears; it sets a cookie as the pages do."""
    request = Request(scope)
    heard = {"client": scope["client"][0], "scheme": scope["scheme"], "cookies": dict(request.cookies)}
    answer = JSONResponse(heard)
    answer.set_cookie("samjournal", "s3cret", path="/", httponly=True, samesite="lax")
    answer.set_cookie("lang", "nn", path="/elsewhere", domain="example.no")
    await answer(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send, error: FhirError) -> None:
    await JSONResponse({"refused": error.text}, status_code=error.status)(scope, receive, send)


async def ask(
    path: str = "/", *, headers: Mapping[str, str], peer: str = "203.0.113.9", address: str = OURS, proxies: str = PROXY
) -> httpx.Response:
    front = Front(told, refuse=refuse, address=address, proxies=networks_of(proxies))
    transport = httpx.ASGITransport(app=front, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://behind:8000") as client:
        return await client.get(path, headers=dict(headers))


BY_NAME = {"host": "samjournal.example.no"}


async def test_what_the_world_calls_by_https_is_over_https_though_a_proxy_ends_it() -> None:
    answer = await ask(headers=BY_NAME)
    assert answer.json()["scheme"] == "https"
    assert answer.headers["strict-transport-security"] == HTTPS_ALONE
    assert int(HTTPS_ALONE.partition("=")[2].partition(";")[0]) >= 31536000
    assert "includeSubDomains" in HTTPS_ALONE


async def test_over_https_each_cookie_is_of_this_host_alone_and_over_https_alone() -> None:
    cookies = (await ask(headers=BY_NAME)).headers.get_list("set-cookie")
    assert len(cookies) == 2
    for cookie in cookies:
        parts = [part.strip().lower() for part in cookie.split(";")]
        assert cookie.startswith("__Host-")
        assert {"secure", "path=/"} <= set(parts)
        assert not [part for part in parts if part.startswith("domain")]
        assert [part for part in parts if part.startswith("samesite")]
    assert "HttpOnly" in cookies[0]


async def test_over_https_a_cookie_that_another_host_or_plain_http_could_have_set_is_not_read() -> None:
    sent = {**BY_NAME, "cookie": "samjournal=planted; __Host-samjournal=ours; other=x"}
    assert (await ask(headers=sent)).json()["cookies"] == {"samjournal": "ours"}


async def test_without_https_cookies_are_as_they_are_and_nothing_is_promised_for_years() -> None:
    answer = await ask(headers={"cookie": "samjournal=ours"}, address="")
    assert answer.json()["cookies"] == {"samjournal": "ours"}
    assert answer.headers.get_list("set-cookie")[0].startswith("samjournal=")
    assert "strict-transport-security" not in answer.headers


async def test_a_request_by_another_name_is_refused_but_for_probes() -> None:
    for name in ("elsewhere.example", "samjournal.example.no.elsewhere.example", "samjournal.example.no:8080"):
        assert (await ask(headers={"host": name})).status_code == 421
    assert (await ask("/health/live", headers={"host": "10.0.0.2:8000"})).status_code == 200


@pytest.mark.parametrize(
    ("peer", "forwarded", "heard"),
    [
        (PROXY, "198.51.100.4", "198.51.100.4"),
        (PROXY, "1.1.1.1, 198.51.100.4", "198.51.100.4"),
        (PROXY, "198.51.100.4, 10.0.0.7", "198.51.100.4"),
        (PROXY, "198.51.100.4, nonsense", PROXY),
        (PROXY, "", PROXY),
        ("203.0.113.9", "198.51.100.4", "203.0.113.9"),
    ],
)
async def test_who_asks_is_told_by_a_proxy_of_ours_alone(peer: str, forwarded: str, heard: str) -> None:
    sent = {**BY_NAME, "x-forwarded-for": forwarded, "x-forwarded-proto": "http", "forwarded": "for=1.1.1.1"}
    answer = await ask(headers=sent, peer=peer)
    assert answer.json()["client"] == heard
    assert answer.json()["scheme"] == "https"


async def test_numbers_about_the_server_are_not_for_the_world() -> None:
    assert (await ask("/metrics", headers=BY_NAME)).status_code == 404
    forwarded = {"host": "10.0.0.2:8000", "x-forwarded-for": "198.51.100.4"}
    assert (await ask("/metrics", headers=forwarded, peer=PROXY)).status_code == 404
    assert (await ask("/metrics", headers={"host": "10.0.0.2:8000"}, peer="10.0.0.3")).status_code == 200


async def test_a_provider_may_say_in_a_frame_that_a_session_has_ended_and_nothing_else_is_framed() -> None:
    framed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
    transport = httpx.ASGITransport(app=Security(told))
    async with httpx.AsyncClient(transport=transport, base_url="http://here", headers=framed) as client:
        assert (await client.get("/signout/idporten/front?sid=1")).status_code == 200
        for path in ("/signout/idporten/front/x", "/signout", "/portal", "/signout/a/b/front"):
            assert (await client.get(path)).status_code == 403


def test_what_is_no_network_and_no_address_is_told() -> None:
    for slip in ("ten", "10.0.0.1/8"):
        with pytest.raises(Usage, match="is no address"):
            networks_of(slip)
    for slip in ("samjournal.example.no", "ftp://x", "https://x/path", "https://me:word@x"):
        with pytest.raises(Usage):
            address_of(slip)
    assert address_of("https://samjournal.example.no/") == OURS
