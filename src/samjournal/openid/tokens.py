"""ID tokens and logout tokens: what makes them worth believing.

openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation · openid-connect-backchannel-1_0.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError

from samjournal.openid.client import ALGORITHMS, Client
from samjournal.openid.discovery import Discovery
from samjournal.openid.errors import Unproven

OLD: Final = 600
"""Seconds after which an ID token that comes straight from the provider is no answer to what was asked just now."""
EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_SECONDS: Final = 120
_HASHES: Final = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class _Registry(jws.JWSRegistry):
    """Headers with a chain of certificates are longer than joserfc expects."""

    max_header_length = 16 * 1024


@dataclass(frozen=True, slots=True)
class Proven:
    """Who somebody is by an ID token in which everything was right. `raw` is what the provider wants to see again when
    the session ends; it and the claims name a person, and are shown in no log."""

    subject: str
    level: str
    session: str | None
    claims: Mapping[str, Any] = field(repr=False)
    raw: str = field(repr=False)

    def text(self, name: str) -> str:
        """A claim that is a text or a number; "" where there is none."""
        found = self.claims.get(name)
        return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


@dataclass(frozen=True, slots=True)
class Ended:
    """Whose session the provider has ended: one by its name, or all of a subject's. `id` is the token's own."""

    session: str | None
    subject: str | None
    id: str


async def id_token(
    raw: object,
    client: Client,
    keys: Discovery,
    *,
    nonce: str,
    now: float,
    access_token: str | None,
    since: float | None = None,
) -> Proven:
    """The ID token of a code; `since`: a moment after which somebody must have proved who he is. Raises Unproven, and
    Away when the provider's keys cannot be had."""
    header, claims = await _signed(raw, client, keys, kind="JWT")
    _from_and_for(claims, client)
    _in_time(claims, now, client.leeway)
    if now - _moment(claims, "iat") > OLD + client.leeway:
        raise Unproven("the token is old")
    told = claims.get("nonce")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), nonce.encode()):
        raise Unproven("the nonce is another")
    if "at_hash" in claims and claims["at_hash"] != _half(str(header["alg"]), access_token):
        raise Unproven("the access token is another")
    if since is not None and _moment(claims, "auth_time") < since - client.leeway:
        raise Unproven("the proof is not a new one")
    level = claims.get(client.acr_claim)
    level = str(level) if isinstance(level, str | int) and not isinstance(level, bool) else ""
    if client.levels and level not in client.levels:
        raise Unproven("the level is not one that was asked for", is_level=True)
    session = claims.get("sid")
    return Proven(_subject(claims), level, session if isinstance(session, str) and session else None, claims, str(raw))


async def logout_token(raw: object, client: Client, keys: Discovery, *, now: float) -> Ended:
    """A logout token, sent by the provider itself. Raises Unproven, Away."""
    _, claims = await _signed(raw, client, keys, kind="logout+jwt")
    _from_and_for(claims, client)
    if "exp" in claims:
        _in_time(claims, now, client.leeway)
    if abs(now - _moment(claims, "iat")) > LOGOUT_SECONDS + client.leeway:
        raise Unproven("the token is old")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise Unproven("the token is for something else")
    if "nonce" in claims:
        # An ID token must not do as a logout token.
        raise Unproven("the token has a nonce")
    id_, session, subject = claims.get("jti"), claims.get("sid"), claims.get("sub")
    if not isinstance(id_, str) or not id_:
        raise Unproven("the token has no name")
    if not any(isinstance(one, str) and one for one in (session, subject)):
        raise Unproven("the token names nobody")
    return Ended(session if isinstance(session, str) else None, subject if isinstance(subject, str) else None, id_)


async def _signed(raw: object, client: Client, keys: Discovery, *, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token that the provider signed by an algorithm that was agreed on."""
    if not isinstance(raw, str):
        raise Unproven("there is no token")
    header = _header(raw)
    algorithm = header.get("alg")
    if algorithm not in client.algorithms or algorithm not in ALGORITHMS:
        raise Unproven("the algorithm is not one that was agreed on")
    if str(header.get("typ", kind)).lower() not in (kind.lower(), "jwt"):
        raise Unproven("the token is of another kind")
    key = await keys.key(header)
    registry = _Registry(algorithms=[str(algorithm)], strict_check_header=False)
    try:
        claims = json.loads(jws.deserialize_compact(raw, key, registry=registry).payload)
    except (JoseError, ValueError, RecursionError):
        raise Unproven("the signature is wrong") from None
    if not isinstance(claims, dict):
        raise Unproven("the token has no claims")
    return header, claims


def _header(raw: str) -> dict[str, Any]:
    part = raw.partition(".")[0]
    if len(part) > _Registry.max_header_length:
        raise Unproven("the token is no token")
    try:
        told = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        raise Unproven("the token is no token") from None
    if not isinstance(told, dict):
        raise Unproven("the token is no token")
    return told


def _from_and_for(claims: Mapping[str, Any], client: Client) -> None:
    if claims.get("iss") != client.issuer:
        raise Unproven("the issuer is another")
    audience = claims.get("aud")
    audience = [audience] if isinstance(audience, str) else audience
    if not isinstance(audience, list) or client.client_id not in audience:
        raise Unproven("the token is for another client")
    azp = claims.get("azp")
    if azp != client.client_id and (azp is not None or len(audience) > 1):
        raise Unproven("the token was made for another client")


def _in_time(claims: Mapping[str, Any], now: float, leeway: int) -> None:
    if now >= _moment(claims, "exp") + leeway:
        raise Unproven("the token has run out")
    if now < _moment(claims, "iat") - leeway:
        raise Unproven("the token is from the future")
    if "nbf" in claims and now < _moment(claims, "nbf") - leeway:
        raise Unproven("the token is from the future")


def _moment(claims: Mapping[str, Any], name: str) -> float:
    found = claims.get(name)
    if not isinstance(found, int | float) or isinstance(found, bool):
        raise Unproven(f"the token has no {name}")
    return float(found)


def _subject(claims: Mapping[str, Any]) -> str:
    found = claims.get("sub")
    if not isinstance(found, str) or not found:
        raise Unproven("the token is about nobody")
    return found


def _half(algorithm: str, access_token: str | None) -> str | None:
    """The left half of an access token's hash, as `at_hash` has it; None when there is no access token."""
    if access_token is None:
        return None
    digest = _HASHES[algorithm[2:]](access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
