"""Which pages may ask the API is the operator's to say. fetch.spec.whatwg.org/#http-cors-protocol"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fuzz.site import serving
from samjournal import accounts
from samjournal.server import exits
from samjournal.server.limits import Bounds
from server.program import PROGRAM
from world import World

pytestmark = pytest.mark.anyio
APP = "https://app.example"


async def test_a_named_origin_reads_answers_and_refusals_and_no_page(world: World, database: str) -> None:
    token = await accounts.for_system(world.pool, "app")
    headers = {"origin": APP, "authorization": f"Bearer {token}"}
    async with serving(database, origins=(APP,)) as site, site.client(headers) as client:
        assert (await client.get("/fhir/Patient/kari")).headers["access-control-allow-origin"] == APP
        assert (await client.get("/fhir/metadata")).json()["rest"][0]["security"]["cors"] is True
        preflight = await client.options("/fhir/Patient", headers={"access-control-request-method": "POST"})
        assert preflight.headers["access-control-allow-origin"] == APP
        for page in ("/signin", "/metrics", "/workspace"):
            assert "access-control-allow-origin" not in (await client.get(page)).headers
    nobody = Bounds(of_strangers=0, pause=0)
    async with serving(database, origins=(APP,), bounds=nobody) as site, site.client(headers) as client:
        refused = await client.get("/fhir/Patient/kari")
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (429, APP)


async def test_without_named_origins_nobody_elses_page_is_let_in(world: World, database: str) -> None:
    async with serving(database) as site, site.client({"origin": APP}) as client:
        answer = await client.get("/fhir/metadata")
    # Those of apps that are registered would be.
    assert answer.json()["rest"][0]["security"]["cors"] is True
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_slip_in_the_setting_stops_the_start_with_a_word(tmp_path: Path) -> None:
    ended = subprocess.run(
        [*PROGRAM, "serve", "--data-dir", tmp_path / "data", "--origins", "app.example"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == exits.REFUSED
    assert "https://app.example" in ended.stderr
    assert not (tmp_path / "data").exists()
