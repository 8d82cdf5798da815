"""SMART Backend Services: a token for what a system signed, and for nothing else."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from samjournal import scim
from samjournal.accounts.apps import App, put, read, remove
from samjournal.fhir.errors import Invalid
from samjournal.server.apps import described
from samjournal.smart.clients import KeySets
from smart.apps import BASE, EC, KEYS, RSA, TOKEN, asking, backend, server, signed
from world import World, observation

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def robot(world: World) -> App:
    await world.put(observation("kari") | {"id": "pulse"})
    return await backend(world)


@pytest.mark.parametrize("key", [EC, RSA], ids=["ES384", "RS384"])
async def test_a_system_that_signs_gets_a_short_token_that_reads(world: World, key: ECKey | RSAKey) -> None:
    async with server(world) as client:
        answer = await client.post("/oauth/token", data=asking(signed(key)))
        told = answer.json()
        assert answer.status_code == 200, answer.text
        assert told["expires_in"] == 300
        assert (told["token_type"], told["scope"]) == ("bearer", "system/Observation.rs")
        assert answer.headers["cache-control"] == "no-store"
        bearer = {"authorization": f"Bearer {told['access_token']}"}
        assert (await client.get("/fhir/Observation/pulse", headers=bearer)).status_code == 200
        assert (await client.get("/fhir/Patient/kari", headers=bearer)).status_code == 403
    looks = await world.pool.fetch("SELECT actor, app FROM audit.look WHERE action = 'read' AND app = 'robot'")
    assert [tuple(one) for one in looks] == [("robot", "robot")] * len(looks)
    assert looks


async def test_what_was_asked_for_is_given_as_far_as_the_app_may_have_it(world: World) -> None:
    await backend(world, "narrow", "system/Observation.rs?category=laboratory system/Patient.r")
    async with server(world) as client:
        one = await client.post("/oauth/token", data=asking(signed(client_id="narrow"), "system/*.cruds"))
        assert one.json()["scope"] == "system/Observation.rs?category=laboratory system/Patient.r"
        bearer = {"authorization": f"Bearer {one.json()['access_token']}"}
        assert (await client.get("/fhir/Observation/pulse", headers=bearer)).status_code == 404
        for scope in ("system/Condition.rs", "patient/*.rs", "system/Observation.rs?nothing=1", "rubbish", " "):
            answer = await client.post("/oauth/token", data=asking(signed(client_id="narrow"), scope))
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope"), scope


async def test_a_directory_of_people_at_work_signs_for_each_token_and_needs_none_that_lasts(world: World) -> None:
    await backend(world, "iam", "accounts.change")
    async with server(world) as client:
        answer = await client.post("/oauth/token", data=asking(signed(client_id="iam"), "accounts.change"))
        assert answer.json()["scope"] == "accounts.change", answer.text
        bearer = {"authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await client.get("/fhir/Patient/kari", headers=bearer)).status_code == 403
    directory = httpx.ASGITransport(app=scim.Scim(world.door))
    async with httpx.AsyncClient(transport=directory, base_url="http://test") as client:
        assert (await client.get("/scim/v2/Users", headers=bearer)).status_code == 200


def hmac_signed() -> str:
    """Signed as if a part of the public key were a secret."""
    secret = OctKey.import_key(EC.as_dict(private=False)["x"])
    return jwt.encode({"alg": "HS256", "kid": "ec"}, {"iss": "robot", "sub": "robot", "aud": TOKEN}, secret)


OTHER = ECKey.generate_key("P-384", {"kid": "ec"}, private=True)
SHORT = ECKey.generate_key("P-256", {"kid": "ec"}, private=True)
WRONG: dict[str, Any] = {
    "another key": lambda: signed(OTHER),
    "another curve": lambda: signed(SHORT, header={"alg": "ES256"}),
    "a secret": hmac_signed,
    "no signature": lambda: "eyJhbGciOiJub25lIn0.eyJpc3MiOiJyb2JvdCJ9.",
    "no name of the key": lambda: signed(header={"kid": None}),
    "an unknown key": lambda: signed(header={"kid": "other"}),
    "keys elsewhere": lambda: signed(header={"jku": "https://evil.example/keys"}),
    "for another server": lambda: signed(aud="https://other.example/oauth/token"),
    "for a page of ours": lambda: signed(aud=f"{BASE}/portal"),
    "for nobody": lambda: signed(aud=None),
    "run out": lambda: signed(exp=int(time.time()) - 60),
    "valid too long": lambda: signed(exp=int(time.time()) + 3600),
    "valid for ever": lambda: signed(exp=None),
    "of a time that is none": lambda: signed(exp="soon"),
    "not yet valid": lambda: signed(nbf=int(time.time()) + 120),
    "about another": lambda: signed(sub="other"),
    "of an unknown app": lambda: signed(client_id="other"),
    "without jti": lambda: signed(jti=None),
    "changed": lambda: signed().replace(".eyJ", ".eyK", 1),
    "no JWT": lambda: "rubbish",
}


@pytest.mark.parametrize("what", WRONG)
async def test_a_system_that_proves_nothing_gets_nothing(world: World, what: str) -> None:
    async with server(world) as client:
        answer = await client.post("/oauth/token", data=asking(WRONG[what]()))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
    assert "access_token" not in answer.text


async def test_an_assertion_is_used_once(world: World) -> None:
    once = signed()
    async with server(world) as client:
        assert (await client.post("/oauth/token", data=asking(once))).status_code == 200
        again = await client.post("/oauth/token", data=asking(once))
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")


async def test_who_calls_us_by_another_name_is_not_answered(world: World) -> None:
    async with server(world) as client:
        answer = await client.post(
            "/oauth/token", data=asking(signed(aud="http://evil.example/oauth/token")), headers={"host": "evil.example"}
        )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"client_id": "other"}, "invalid_client"),
        ({"client_assertion_type": "x"}, "invalid_client"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
async def test_each_mistake_has_the_word_of_the_standard(world: World, form: dict[str, str], error: str) -> None:
    async with server(world) as client:
        answer = await client.post("/oauth/token", data=asking(signed()) | form)
    assert answer.json()["error"] == error
    assert answer.json()["error_description"].isascii()


async def test_a_form_is_a_form(world: World) -> None:
    async with server(world) as client:
        for sent in (
            {"json": asking(signed())},
            {"data": asking(signed()), "params": {"scope": "x"}},
            {"content": b"grant_type=a&grant_type=b", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            {"content": b"a=%ff", "headers": {"content-type": "application/x-www-form-urlencoded"}},
            {"content": b"a=" + b"x" * 20000, "headers": {"content-type": "application/x-www-form-urlencoded"}},
        ):
            answer = await client.post("/oauth/token", **sent)  # type: ignore[arg-type]
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert (await client.get("/oauth/token")).status_code == 405
        secret = await client.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=("robot", "x"))
        assert (secret.status_code, secret.json()["error"]) == (401, "invalid_client")


async def test_an_app_asks_and_ends_its_own_tokens_alone(world: World) -> None:
    await backend(world, "other")
    async with server(world) as client:
        token = (await client.post("/oauth/token", data=asking(signed()))).json()["access_token"]

        async def asked(path: str, who: str) -> httpx.Response:
            proof = signed(client_id=who, aud=f"{BASE}/oauth/{path}")
            return await client.post(f"/oauth/{path}", data=asking(proof, token=token))

        told = (await asked("introspect", "robot")).json()
        assert (told["active"], told["client_id"], told["scope"]) == (True, "robot", "system/Observation.rs")
        assert told["exp"] - told["iat"] == 300
        assert (await asked("introspect", "other")).json() == {"active": False}
        assert (await asked("revoke", "other")).status_code == 200
        bearer = {"authorization": f"Bearer {token}"}
        assert (await client.get("/fhir/Observation/pulse", headers=bearer)).status_code == 200
        assert (await asked("revoke", "robot")).status_code == 200
        assert (await client.get("/fhir/Observation/pulse", headers=bearer)).status_code == 401
        assert (await asked("introspect", "robot")).json() == {"active": False}
        nobody = await client.post("/oauth/introspect", data={"token": token})
        assert nobody.status_code == 401


async def test_an_app_that_is_removed_reads_nothing_more(world: World) -> None:
    await backend(world, "gone")
    async with server(world) as client:
        token = (await client.post("/oauth/token", data=asking(signed(client_id="gone")))).json()["access_token"]
        bearer = {"authorization": f"Bearer {token}"}
        assert (await client.get("/fhir/Observation/pulse", headers=bearer)).status_code == 200
        await remove(world.pool, "gone")
        assert (await client.get("/fhir/Observation/pulse", headers=bearer)).status_code == 401
        assert (await client.post("/oauth/token", data=asking(signed(client_id="gone")))).status_code == 401


async def test_keys_that_an_app_publishes_may_be_rotated(world: World) -> None:
    lying: dict[str, Any] = {"keys": [{**OTHER.as_dict(private=False), "kid": "first"}]}
    asked = 0

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(200, json=lying) if request.url.path == "/keys" else httpx.Response(500)

    keys = KeySets(httpx.MockTransport(answer))
    await backend(world, "published", jwks=None, jwks_uri="https://app.example/keys")
    await backend(world, "away", jwks=None, jwks_uri="https://app.example/nothing")
    async with server(world, keys) as client:
        first = signed(OTHER, client_id="published", header={"kid": "first"})
        assert (await client.post("/oauth/token", data=asking(first))).status_code == 200
        again = signed(OTHER, client_id="published", header={"kid": "first"})
        assert (await client.post("/oauth/token", data=asking(again))).status_code == 200
        assert asked == 1
        away = await client.post("/oauth/token", data=asking(signed(client_id="away")))
        assert (away.status_code, away.json()["error"]) == (401, "invalid_client")


async def test_the_server_describes_itself_in_both_places(world: World) -> None:
    async with server(world) as client:
        here, below = [(await client.get(f"{path}/.well-known/smart-configuration")).json() for path in ("", "/fhir")]
        told = (await client.get("/fhir/metadata")).json()["rest"][0]["security"]
    assert here == below
    assert here["token_endpoint"] == TOKEN
    assert {"client-confidential-asymmetric", "permission-v2"} <= set(here["capabilities"])
    assert told["service"][0]["coding"][0]["code"] == "SMART-on-FHIR"
    uris = {one["url"]: one["valueUri"] for one in told["extension"][0]["extension"]}
    assert uris["token"] == TOKEN


FILE = """{"client_id": "a", "client_name": "A", "kind": "KIND", "scope": "SCOPE", "owner": "O", MORE}"""


@pytest.mark.parametrize(
    ("kind", "scope", "more"),
    [
        ("backend", "system/*.rs", '"x": 1'),
        ("backend", "system/*.rs", '"jwks": {"keys": []}'),
        ("backend", "system/*.rs", '"jwks": {"keys": [{"kty": "EC", "d": "secret"}]}'),
        ("backend", "system/*.rs", '"jwks_uri": "http://app.example/keys"'),
        ("backend", "system/*.rs", '"jwks": {"keys": [{}]}, "used_by": ["staff"]'),
        ("backend", "patient/*.rs", '"jwks": {"keys": [{}]}'),
        ("backend", "system/Observation.rs?nothing=1", '"jwks": {"keys": [{}]}'),
        ("public", "patient/*.rs", '"redirect_uris": ["http://app.example/"], "used_by": ["staff"]'),
        ("public", "patient/*.rs", '"redirect_uris": ["https://app.example/#x"], "used_by": ["staff"]'),
        ("public", "patient/*.rs", '"redirect_uris": ["https://*.example/"], "used_by": ["staff"]'),
        ("public", "patient/*.rs", '"redirect_uris": ["javascript:alert(1)"], "used_by": ["staff"]'),
        ("public", "patient/*.rs", '"redirect_uris": [], "used_by": ["staff"]'),
        ("public", "patient/*.rs", '"redirect_uris": ["https://app.example/"]'),
        ("public", "patient/*.rs", '"redirect_uris": ["https://app.example/"], "used_by": ["king"]'),
        ("public", "patient/*.rs", '"redirect_uris": ["https://a.b/"], "used_by": ["staff"], "jwks": {"keys": [{}]}'),
        ("confidential-asymmetric", "patient/*.rs", '"redirect_uris": ["https://a.example/"], "used_by": ["staff"]'),
    ],
)  # fmt: skip
def test_an_app_that_could_not_be_kept_to_its_word_is_not_registered(
    kind: str, scope: str, more: str, tmp_path: Any
) -> None:
    file = tmp_path / "app.json"
    file.write_text(FILE.replace("KIND", kind).replace("SCOPE", scope).replace("MORE", more))
    with pytest.raises(Invalid):
        described(file)


async def test_an_app_is_stored_as_it_was_described(world: World) -> None:
    text = (
        FILE.replace("KIND", "public")
        .replace("SCOPE", "patient/*.rs")
        .replace("MORE", '"redirect_uris": ["https://app.example/cb", "com.example.app:/cb"], "used_by": ["citizen"]')
    )
    one = read(text.encode())
    assert one.origins == {"https://app.example"}
    await put(world.pool, one)
    assert KEYS["keys"]
