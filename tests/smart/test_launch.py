"""Apps of people: what is asked of them, what an app gets, and everything that gets it nothing. SMART App Launch 2.2"""

from __future__ import annotations

import asyncio
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from hashlib import sha256
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from portal.site import as_, make_region, opened
from samjournal.accounts import grants, session_of, sign_out_everywhere
from samjournal.accounts.apps import App, put
from samjournal.db.pool import Pool, connect

PUBLIC = "http://journal.test"
FHIR = f"{PUBLIC}/fhir"
REDIRECT = "https://app.example/back?x=1"
SCOPE = (
    "openid fhirUser launch launch/patient online_access offline_access patient/*.rs patient/Observation.cu"
    " user/Patient.rs"
)


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    for name, used_by in (("app", ("citizen", "staff")), ("nurses", ("nurse",)), ("other", ("citizen",))):
        await put(pool, App(name, name.title(), "public", SCOPE, "Test Ltd", (REDIRECT,), used_by=used_by))
    with opened(database, public=PUBLIC) as client:
        client.headers["host"] = "journal.test"
        yield client


def verifier() -> tuple[str, str]:
    word = secrets.token_urlsafe(48)
    return word, urlsafe_b64encode(sha256(word.encode()).digest()).decode().rstrip("=")


def query(challenge: str, **more: str) -> dict[str, str]:
    asked = {
        "response_type": "code", "client_id": "app", "redirect_uri": REDIRECT, "state": "a b", "aud": FHIR,
        "code_challenge": challenge, "code_challenge_method": "S256", "nonce": "n",
        "scope": "openid fhirUser launch/patient offline_access patient/Observation.rs patient/Condition.rs", **more,
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def told(answer: httpx.Response) -> dict[str, str]:
    """What an app is sent, at its own address and nowhere else."""
    assert answer.status_code == 303, answer.text[:300]
    assert answer.headers["location"].startswith(f"{REDIRECT}&")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def words(page: httpx.Response) -> list[str]:
    return [unescape(one) for one in re.findall(r'name="scope" value="([^"]+)"', page.text)]


def let(site: httpx.Client, asked: dict[str, str], **answer: Any) -> dict[str, str]:
    """The person says yes, to all unless told otherwise."""
    address = f"/oauth/authorize?{urlencode(asked)}"
    page = site.get(address)
    assert page.status_code == 200, page.text[:300]
    return told(site.post(address, data={"decision": "yes", "scope": words(page), **answer}))


def tokens(site: httpx.Client, code: str, word: str, **more: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "code_verifier": word, "redirect_uri": REDIRECT}
    return site.post("/oauth/token", data={**form, "client_id": "app", **more})


def refreshed(site: httpx.Client, token: str, **more: str) -> httpx.Response:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "app", **more}
    return site.post("/oauth/token", data=form)


def read(site: httpx.Client, path: str, token: str) -> httpx.Response:
    return httpx.get(
        f"{site.base_url}/fhir/{path}", headers={"host": "journal.test", "authorization": f"Bearer {token}"}, timeout=20
    )


def launched(site: httpx.Client, **more: str) -> dict[str, Any]:
    """The tokens of an app that Ragnhild let in."""
    word, challenge = verifier()
    answer = tokens(site, let(as_(site, "ragnhild"), query(challenge, **more))["code"], word)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_citizen_lets_an_app_in_and_it_sees_what_she_let(site: httpx.Client) -> None:
    site.cookies.clear()
    word, challenge = verifier()
    asked = query(challenge)
    away = site.get(f"/oauth/authorize?{urlencode(asked)}")
    assert away.headers["location"].startswith("/signin?next=/oauth/authorize%3F")
    back = site.post("/signin/demo", data={"login": "ragnhild", "next": f"/oauth/authorize?{urlencode(asked)}"})
    page = site.get(back.headers["location"])
    assert "Slipp inn App?" in page.text
    assert "prøvesvar og målinger" in page.text
    assert "form-action 'self' https://app.example" in page.headers["content-security-policy"]
    answer = told(site.post(back.headers["location"], data={"decision": "yes", "scope": words(page)[:1], "days": "30"}))
    assert (answer["state"], answer["iss"]) == ("a b", FHIR)
    got = tokens(site, answer["code"], word).json()
    assert got["patient"] == "ragnhild"
    assert got["need_patient_banner"] is True
    assert set(got["scope"].split()) == {
        "openid",
        "fhirUser",
        "launch/patient",
        "offline_access",
        "patient/Observation.rs",
    }
    assert got["expires_in"] == 600
    assert read(site, "Observation?_count=1", got["access_token"]).json()["entry"]
    assert read(site, "Condition?_count=1", got["access_token"]).status_code == 403
    assert read(site, "Patient/mina", got["access_token"]).status_code in (403, 404)
    keys = KeySet.import_key_set(site.get("/oauth/jwks").json())
    claims = jwt.decode(got["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (FHIR, "app", "n")
    assert claims["fhirUser"] == got["fhirUser"] == f"{FHIR}/Patient/ragnhild"
    style = site.get(urlsplit(got["smart_style_url"]).path)
    assert style.json()["color_text"]


def test_what_a_citizen_let_is_seen_and_ended_in_the_portal_at_once(site: httpx.Client) -> None:
    got = launched(site)
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 200
    page = site.get("/portal/apps").text
    assert "også når du ikke bruker den" in page
    ids = re.findall(r'name="id" value="([0-9a-f-]{36})"', page)
    as_(site, "mina")
    assert site.post("/portal/apps/end", data={"id": ids[0]}).status_code == 404
    as_(site, "ragnhild")
    for id_ in ids:
        assert site.post("/portal/apps/end", data={"id": id_}).status_code == 303
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 401
    assert refreshed(site, got["refresh_token"]).json()["error"] == "invalid_grant"
    log = site.get("/portal/log?show=own").text
    assert "Slapp inn en app" in log
    assert "Gjennom appen App." in log
    assert "Ingen apper ser noe" in site.get("/portal/apps").text


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no PKCE": ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
    "plain PKCE": ({"code_challenge_method": "plain"}, "invalid_request"),
    "a challenge that is none": ({"code_challenge": "short"}, "invalid_request"),
    "no state": ({"state": ""}, "invalid_request"),
    "another API": ({"aud": "https://other.example/fhir"}, "invalid_request"),
    "no API": ({"aud": ""}, "invalid_request"),
    "a token at once": ({"response_type": "token"}, "unsupported_response_type"),
    "nothing that it may have": ({"scope": "user/Observation.cruds"}, "invalid_scope"),
    "what no scope is": ({"scope": "patient/Nothing.rs"}, "invalid_scope"),
    "a search that is none": ({"scope": "patient/Observation.rs?nothing=1"}, "invalid_scope"),
    "scopes of systems": ({"scope": "system/*.rs"}, "invalid_scope"),
    "a launch of nobody's": ({"launch": "x"}, "invalid_request"),
    "another's app": ({"client_id": "nurses"}, "access_denied"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_app_that_asks_wrongly_is_told_at_its_own_address(site: httpx.Client, what: str) -> None:
    as_(site, "ragnhild")
    more, error = REFUSED[what]
    answer = told(site.get(f"/oauth/authorize?{urlencode(query(verifier()[1], **more))}"))
    assert answer["error"] == error
    assert answer["iss"] == FHIR
    assert answer.get("state", "") == more.get("state", "a b")
    assert "code" not in answer


@pytest.mark.parametrize(
    "more",
    [{"redirect_uri": "https://evil.example/"}, {"redirect_uri": f"{REDIRECT}/"}, {"redirect_uri": ""},
     {"redirect_uri": "https://app.example/back"}, {"client_id": "nobody"}],
)  # fmt: skip
def test_nothing_is_sent_to_an_address_that_is_not_the_apps(site: httpx.Client, more: dict[str, str]) -> None:
    as_(site, "ragnhild")
    answer = site.get(f"/oauth/authorize?{urlencode(query(verifier()[1], **more))}")
    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_a_parameter_that_stands_twice_is_not_chosen_among(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    twice = [*query(verifier()[1]).items(), ("redirect_uri", "https://evil.example/")]
    assert site.get(f"/oauth/authorize?{urlencode(twice)}").status_code == 400


def test_a_person_may_say_no_and_no_other_site_may_say_yes(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    address = f"/oauth/authorize?{urlencode(query(verifier()[1]))}"
    assert told(site.post(address, data={"decision": "no"}))["error"] == "access_denied"
    nothing = site.post(address, data={"decision": "yes"})
    assert nothing.status_code == 422
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://app.example"}
    assert site.post(address, data={"decision": "yes"}, headers=foreign).status_code == 403
    more = told(site.post(address, data={"decision": "yes", "scope": ["patient/Observation.rs", "patient/*.cruds"]}))
    assert "code" in more


@pytest.mark.parametrize(
    "wrong",
    [{"code_verifier": "x" * 43}, {"redirect_uri": "https://app.example/back"}, {"client_id": "other"},
     {"code_verifier": ""}, {"client_id": "nobody"}],
)  # fmt: skip
def test_a_stolen_code_is_worth_nothing(site: httpx.Client, wrong: dict[str, str]) -> None:
    word, challenge = verifier()
    code = let(as_(site, "ragnhild"), query(challenge))["code"]
    answer = tokens(site, code, word, **wrong)
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_grant", "invalid_client", "invalid_request")


def test_a_code_that_is_used_twice_ends_all_that_came_of_it(site: httpx.Client) -> None:
    word, challenge = verifier()
    code = let(as_(site, "ragnhild"), query(challenge))["code"]
    got = tokens(site, code, word).json()
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 200
    assert tokens(site, code, word).json()["error"] == "invalid_grant"
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 401
    assert refreshed(site, got["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_goes_once_round_and_a_stolen_one_ends_it_for_both(site: httpx.Client) -> None:
    got = launched(site)
    assert refreshed(site, got["refresh_token"], client_id="other").json()["error"] == "invalid_grant"
    assert refreshed(site, got["refresh_token"], scope="patient/*.cruds").json()["error"] == "invalid_scope"
    second = refreshed(site, got["refresh_token"], scope="patient/Condition.rs").json()
    assert second["scope"] == "patient/Condition.rs"
    assert read(site, "Observation?_count=1", second["access_token"]).status_code == 403
    third = refreshed(site, second["refresh_token"]).json()
    assert read(site, "Observation?_count=1", third["access_token"]).status_code == 200
    assert refreshed(site, got["refresh_token"]).json()["error"] == "invalid_grant"
    assert read(site, "Observation?_count=1", third["access_token"]).status_code == 401
    assert refreshed(site, third["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_app_gives_back_what_it_has(site: httpx.Client) -> None:
    got = launched(site)
    form = {"client_id": "app", "token": got["refresh_token"]}
    assert site.post("/oauth/revoke", data={**form, "client_id": "other"}).status_code == 200
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 200
    assert site.post("/oauth/revoke", data=form).status_code == 200
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 401


def test_an_app_that_does_not_stay_ends_with_the_session(site: httpx.Client) -> None:
    got = launched(site, scope="launch/patient online_access patient/Observation.rs")
    assert "id_token" not in got
    kept = refreshed(site, got["refresh_token"]).json()
    assert site.post("/signout").status_code == 303
    assert read(site, "Observation?_count=1", kept["access_token"]).status_code == 401
    assert refreshed(site, kept["refresh_token"]).json()["error"] == "invalid_grant"


def test_an_app_sees_nothing_while_the_session_is_locked(site: httpx.Client, database: str) -> None:
    got = launched(site, scope="launch/patient online_access patient/Observation.rs")

    async def locked(value: str) -> None:
        pool = await connect(database, size=1)
        await pool.execute(f"UPDATE accounts.session SET locked = {value} WHERE login = 'ragnhild'")
        await pool.close(patience=1)

    asyncio.run(locked("now()"))
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 401
    assert refreshed(site, got["refresh_token"]).json()["error"] == "invalid_grant"
    asyncio.run(locked("NULL"))
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 200
    assert refreshed(site, got["refresh_token"]).status_code == 200


def test_who_is_out_has_no_app_that_goes_on(site: httpx.Client, database: str) -> None:
    got = launched(site)

    async def out() -> None:
        pool = await connect(database, size=1)
        await sign_out_everywhere(pool, "ragnhild")
        await pool.close(patience=1)

    asyncio.run(out())
    assert read(site, "Observation?_count=1", got["access_token"]).status_code == 401
    assert refreshed(site, got["refresh_token"]).json()["error"] == "invalid_grant"


def as_doctor(site: httpx.Client) -> httpx.Client:
    """Henrik, in the first of his roles."""
    as_(site, "henrik")
    role = re.findall(r'name="role" value="([^"]+)"', site.get("/workspace/role").text)[0]
    assert site.post("/workspace/role", data={"role": role}).status_code == 303
    return site


def test_staff_find_the_patient_and_the_app_sees_him_alone(site: httpx.Client) -> None:
    word, challenge = verifier()
    as_doctor(site)
    asked = query(
        challenge, scope="launch/patient offline_access patient/Patient.rs user/Patient.rs patient/Condition.rs"
    )
    address = f"/oauth/authorize?{urlencode(asked)}"
    page = site.get(address)
    scope = words(page)
    assert "Hvilken pasient?" in page.text
    found = site.post(address, data={"decision": "find", "find": "solbakk", "scope": scope})
    assert 'value="ragnhild"' in found.text
    missing = site.post(address, data={"decision": "yes", "scope": scope})
    assert (missing.status_code, "Finn og velg pasienten først" in missing.text) == (422, True)
    closed = site.post(address, data={"decision": "yes", "scope": scope, "patient": "elias"})
    assert (closed.status_code, "oppgi grunn" in closed.text) == (422, True)
    only = [one for one in scope if not one.startswith("user/")]
    code = told(site.post(address, data={"decision": "yes", "scope": only, "patient": "ragnhild"}))["code"]
    got = tokens(site, code, word).json()
    assert got["patient"] == "ragnhild"
    assert "offline_access" not in got["scope"]
    assert "refresh_token" not in got
    listed = read(site, "Patient", got["access_token"]).json()
    assert [one["resource"]["id"] for one in listed["entry"]] == ["ragnhild"]


def test_a_launch_from_a_page_belongs_to_its_session_and_app(site: httpx.Client, database: str) -> None:
    word, challenge = verifier()
    as_doctor(site)

    async def word_for(app: str) -> str:
        pool = await connect(database, size=1)
        session = await session_of(pool, site.cookies["samjournal"])
        assert session is not None
        made = await grants.launch(pool, app, session.id, "ragnhild", None)
        await pool.close(patience=1)
        return made

    handle = asyncio.run(word_for("app"))
    asked = query(challenge, scope="launch patient/Patient.rs", launch=handle)
    as_(site, "ayla")
    assert told(site.get(f"/oauth/authorize?{urlencode(asked)}"))["error"] == "invalid_request"
    as_doctor(site)
    assert told(site.get(f"/oauth/authorize?{urlencode(asked)}"))["error"] == "invalid_request"
    for_other, handle = asyncio.run(word_for("nurses")), asyncio.run(word_for("app"))
    assert told(site.get(f"/oauth/authorize?{urlencode({**asked, 'launch': for_other})}"))["error"] == "invalid_request"
    answer = told(site.get(f"/oauth/authorize?{urlencode({**asked, 'launch': handle})}"))
    got = tokens(site, answer["code"], word).json()
    assert (got["patient"], got["scope"]) == ("ragnhild", "patient/Patient.rs launch")
    assert read(site, "Patient/ragnhild", got["access_token"]).status_code == 200
    assert read(site, "Patient/elias", got["access_token"]).status_code == 404


def test_pages_of_registered_apps_may_ask_from_a_browser_and_no_others(site: httpx.Client) -> None:
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
    for path in ("/fhir/Observation", "/oauth/token", "/fhir/.well-known/smart-configuration", "/oauth/jwks"):
        for origin, allowed in (("https://app.example", "https://app.example"), ("https://evil.example", None)):
            answer = site.options(path, headers={"origin": origin, **asked})
            assert answer.headers.get("access-control-allow-origin") == allowed, path
            assert "access-control-allow-credentials" not in answer.headers
    assert (
        "access-control-allow-origin"
        not in site.options("/portal", headers={"origin": "https://app.example", **asked}).headers
    )
