"""Which app asks, and whether it is that one: by a JWT that it signed, or as a public app by its name alone.

hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html, RFC 7523 section 3
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from samjournal import accounts
from samjournal.accounts import App
from samjournal.db.pool import Pool
from samjournal.smart.errors import Refused

ALGORITHMS = ("ES384", "RS384", "ES256")
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 300
"""Seconds ahead that an assertion may be valid at most."""
LEEWAY = 30
"""Seconds by which clocks may differ."""
_CURVES = {"ES384": "P-384", "ES256": "P-256"}
_REMEMBERED = 300
_UNKNOWN_KEY = 30
_MOST = 256 * 1024


class KeySets:
    """The keys of apps that publish them, remembered for minutes, and asked for anew when a key is not among them."""

    def __init__(self, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._web = httpx.AsyncClient(transport=transport, timeout=5, follow_redirects=False, trust_env=False)
        self._kept: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    async def of(self, app: App, kid: str) -> list[dict[str, Any]]:
        """The public keys of an app by that name. Raises Refused when they cannot be had."""
        if app.jwks is not None:
            return _named(app.jwks["keys"], kid)
        assert app.jwks_uri is not None
        at, keys = self._kept.get(app.jwks_uri, (float("-inf"), []))
        age = time.monotonic() - at
        if age > _REMEMBERED or (age > _UNKNOWN_KEY and not _named(keys, kid)):
            keys = await self._fetched(app.jwks_uri)
            self._kept[app.jwks_uri] = time.monotonic(), keys
        return _named(keys, kid)

    async def close(self) -> None:
        await self._web.aclose()

    async def _fetched(self, address: str) -> list[dict[str, Any]]:
        body = bytearray()
        try:
            async with self._web.stream("GET", address, headers={"accept": "application/json"}) as answer:
                if answer.status_code != 200:
                    raise Refused("invalid_client", f"jwks_uri answered {answer.status_code}.", 401)
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > _MOST:
                        raise Refused("invalid_client", "What lies at jwks_uri is too long.", 401)
            keys = msgspec.json.decode(bytes(body))["keys"]
            return [one for one in keys if isinstance(one, dict)]
        except (httpx.HTTPError, msgspec.DecodeError, KeyError, TypeError):
            raise Refused("invalid_client", "The keys at jwks_uri could not be had just now.", 401) from None


def _named(keys: list[dict[str, Any]], kid: str) -> list[dict[str, Any]]:
    return [one for one in keys if one.get("kid") == kid]


class Clients:
    """Finds out which app it is."""

    def __init__(self, pool: Pool, keys: KeySets) -> None:
        self._pool, self._keys = pool, keys

    async def known(self, form: Mapping[str, str], authorization: str | None, *, audiences: Collection[str]) -> App:
        """The app that sent a form to an endpoint, which has these addresses. Raises Refused (invalid_client) for any
        that did not prove that it is the one, as its kind does."""
        if authorization is not None:
            raise _stranger(
                "This server takes no Authorization header here: sign a client_assertion (private_key_jwt)."
            )
        kind, assertion = form.get("client_assertion_type"), form.get("client_assertion")
        if assertion is None and kind is None:
            return await self._public(form)
        if assertion is None or kind != TYPE:
            raise _stranger(f"Send client_assertion_type={TYPE} and a client_assertion.")
        header, claims = _parts(assertion)
        app = await accounts.app(self._pool, str(claims.get("iss", "")))
        if app is None or app.kind == "public":
            raise _stranger("The app is not known here, or signs nothing.")
        if form.get("client_id") not in (None, app.client_id):
            raise _stranger("client_id is not the app that signed.")
        await self._prove(app, assertion, header)
        expires = _claims(claims, app, audiences)
        if not await accounts.use_assertion(self._pool, app.client_id, claims["jti"], expires):
            raise _stranger("The client_assertion was used before: sign a new one, with another jti, each time.")
        return app

    async def _public(self, form: Mapping[str, str]) -> App:
        app = await accounts.app(self._pool, form.get("client_id", ""))
        if app is None:
            raise _stranger("Send client_id, or sign a client_assertion: the app is not known here.")
        if app.kind != "public":
            raise _stranger("This app is registered with keys: sign a client_assertion (private_key_jwt).")
        if "client_secret" in form:
            raise _stranger("This server gives no secrets: leave client_secret out.")
        return app

    async def _prove(self, app: App, assertion: str, header: Mapping[str, Any]) -> None:
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS or not isinstance(kid, str):
            raise _stranger(
                f"The client_assertion has alg {', '.join(ALGORITHMS)} and the kid of the key in its header."
            )
        if header.get("jku") not in (None, app.jwks_uri):
            raise _stranger("jku is not the jwks_uri that the app is registered with.")
        for told in await self._keys.of(app, kid):
            key = _key(told, algorithm)
            try:
                if key is not None and jwt.decode(assertion, key, algorithms=[algorithm]):
                    return
            except (JoseError, ValueError):
                continue
        raise _stranger("No key that this app is registered with has signed the client_assertion.")


def _key(told: dict[str, Any], algorithm: str) -> RSAKey | ECKey | None:
    """A JWK as a key, if it is of the kind that the algorithm needs: none is used for what it was not made for."""
    public = {name: value for name, value in told.items() if name in ("kty", "n", "e", "crv", "x", "y", "kid")}
    if told.get("use", "sig") != "sig" or told.get("alg", algorithm) != algorithm:
        return None
    try:
        if algorithm.startswith("RS"):
            made = RSAKey.import_key(public) if public.get("kty") == "RSA" else None
            return made if made is not None and made.public_key.key_size >= 2048 else None
        fits = public.get("kty") == "EC" and public.get("crv") == _CURVES[algorithm]
        return ECKey.import_key(public) if fits else None
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _parts(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, not believed yet."""
    try:
        made = jws.extract_compact(assertion.encode("ascii"))
        claims = msgspec.json.decode(made.payload)
        header = dict(made.headers())
    except (JoseError, ValueError, msgspec.DecodeError, AttributeError):
        raise _stranger("The client_assertion is not a signed JWT.") from None
    if not isinstance(claims, dict):
        raise _stranger("The client_assertion has no claims.")
    return header, claims


def _claims(claims: Mapping[str, Any], app: App, audiences: Collection[str]) -> datetime:
    """When a proven assertion runs out, if it says what it must. Raises Refused."""
    now = time.time()
    if claims.get("sub") != app.client_id:
        raise _stranger("iss and sub of the client_assertion are both the client_id.")
    meant = claims.get("aud")
    if not set(map(str, meant if isinstance(meant, list) else [meant])) & set(audiences):
        raise _stranger(f"aud of the client_assertion is {next(iter(audiences))}, letter by letter.")
    expires, begins = _time(claims.get("exp")), _time(claims.get("nbf", 0))
    if not now - LEEWAY < expires <= now + LIFETIME + LEEWAY:
        raise _stranger(f"exp of the client_assertion is at most {LIFETIME} seconds ahead, and not past.")
    if begins > now + LEEWAY:
        raise _stranger("The client_assertion is not valid yet: look at the clock of the app.")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 255 or "\x00" in jti:
        raise _stranger("The client_assertion has a jti that is used once, of at most 255 letters.")
    return datetime.fromtimestamp(expires, UTC)


def _time(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value < 2**40:
        raise _stranger("exp and nbf of the client_assertion are seconds since 1970.")
    return float(value)


def _stranger(text: str) -> Refused:
    return Refused("invalid_client", text, 401)
