"""Pages of other origins: let in by name alone, without credentials. fetch.spec.whatwg.org/#http-cors-protocol"""

from __future__ import annotations

import httpx
import pytest

from samjournal import accounts
from samjournal.fhir.errors import Invalid
from samjournal.rest import Cors, Rest, origins_of
from world import World

pytestmark = pytest.mark.anyio
APP = "https://app.example"


async def client(world: World, *origins: str) -> httpx.AsyncClient:
    rest = Rest(world.door, cors=True)

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        await rest({**scope, "root_path": "/fhir"}, receive, send)

    token = await accounts.for_system(world.pool, "t")
    transport = httpx.ASGITransport(app=Cors(app, origins=origins))
    return httpx.AsyncClient(
        transport=transport, base_url="http://test/fhir", headers={"authorization": f"Bearer {token}"}
    )


async def test_a_preflight_of_a_named_origin_is_answered_without_a_token(world: World) -> None:
    asked = {"origin": APP, "access-control-request-method": "PUT", "access-control-request-headers": "if-match"}
    async with await client(world, APP) as one:
        del one.headers["authorization"]
        answer = await one.options("/Patient/kari", headers=asked)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == APP
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert {"authorization", "if-match", "prefer", "x-provenance"} <= set(
        answer.headers["access-control-allow-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in answer.headers


async def test_answers_and_errors_are_for_a_named_origin_to_read(world: World) -> None:
    async with await client(world, APP, "https://other.example") as one:
        for path, status in (("/Patient/kari", 200), ("/Patient/none", 404)):
            answer = await one.get(path, headers={"origin": APP})
            assert answer.status_code == status
            assert answer.headers["access-control-allow-origin"] == APP
            assert {"ETag", "Location", "Content-Location"} <= set(
                answer.headers["access-control-expose-headers"].split(", ")
            )
            assert "Origin" in answer.headers["vary"]
            assert "access-control-allow-credentials" not in answer.headers


async def test_no_other_origin_is_let_in(world: World) -> None:
    asked = {"access-control-request-method": "GET"}
    async with await client(world, APP) as one:
        for origin in ("https://evil.example", "https://app.example.evil.example", "null", "http://app.example"):
            for answer in (
                await one.get("/Patient/kari", headers={"origin": origin}),
                await one.options("/Patient/kari", headers={"origin": origin, **asked}),
            ):
                assert not [name for name in answer.headers if name.startswith("access-control")]
                assert "Origin" in answer.headers["vary"]
    async with await world.client() as one:
        assert "access-control-allow-origin" not in (await one.get("/Patient/kari", headers={"origin": APP})).headers


async def test_any_origin_is_told_as_a_star_and_never_with_credentials(world: World) -> None:
    async with await client(world, "*") as one:
        answer = await one.get("/Patient/kari", headers={"origin": APP})
        (rest,) = (await one.get("/metadata")).json()["rest"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert rest["security"]["cors"] is True


@pytest.mark.parametrize("text", ["app.example", "https://app.example/", "HTTPS://app.example", "ftp://x", "https://"])
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="origin"):
        origins_of(text)


def test_origins_are_read_from_a_list() -> None:
    assert origins_of(" https://a.example, http://localhost:3000 ,") == ("https://a.example", "http://localhost:3000")
    assert origins_of("") == ()
