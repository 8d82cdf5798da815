"""Apps for tests: keys, what they sign, and both endpoints over one world."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from starlette.types import Receive, Scope, Send

from samjournal.accounts.apps import App, put
from samjournal.rest import Rest
from samjournal.smart import Endpoints, is_endpoint
from samjournal.smart.clients import TYPE, KeySets
from world import World

BASE = "http://test"
TOKEN = f"{BASE}/oauth/token"
EC = ECKey.generate_key("P-384", {"kid": "ec", "alg": "ES384", "use": "sig"}, private=True)
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "alg": "RS384", "use": "sig"}, private=True)
KEYS: dict[str, Any] = {"keys": [EC.as_dict(private=False), RSA.as_dict(private=False)]}


def signed(
    key: ECKey | RSAKey = EC, *, header: dict[str, Any] | None = None, client_id: str = "robot", **claims: Any
) -> str:
    """An assertion as it must be, but for what a test makes otherwise; a claim that is None is left out."""
    now = int(time.time())
    told = {"iss": client_id, "sub": client_id, "aud": TOKEN, "exp": now + 240, "jti": uuid.uuid4().hex, **claims}
    top = {"alg": "ES384" if isinstance(key, ECKey) else "RS384", "typ": "JWT", "kid": key.kid, **(header or {})}
    kept = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(
        {name: value for name, value in top.items() if value is not None},
        kept,
        key,
        algorithms=["ES384", "RS384", "ES256", "HS256"],
    )


def asking(assertion: str, scope: str = "system/Observation.rs", **more: str) -> dict[str, str]:
    """The form of a backend service that asks for a token."""
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": assertion,
        "scope": scope,
        **more,
    }


async def backend(world: World, client_id: str = "robot", scope: str = "system/*.rs", **more: Any) -> App:
    given: dict[str, Any] = {"jwks": KEYS, **more}
    made = App(client_id, client_id.title(), "backend", scope, "Test", **given)
    await put(world.pool, made)
    return made


def server(world: World, keys: KeySets | None = None) -> httpx.AsyncClient:
    """A client of the API and of the endpoints of apps."""
    rest = Rest(world.door)
    endpoints = Endpoints(world.pool, address_of=lambda scheme, host: BASE if host == "test" else None, keys=keys)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if is_endpoint(scope["path"]):
            await endpoints(scope, receive, send)
        else:
            await rest({**scope, "root_path": "/fhir"}, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE)
