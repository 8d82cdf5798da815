"""What a provider says of itself, and its keys: fetched, kept for a while, fetched anew when a key is not known.

openid.net/specs/openid-connect-discovery-1_0.html · RFC 8414 · RFC 7517
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.jwk import ECKey, RSAKey

from samjournal.openid.client import BITS, fits, imported
from samjournal.openid.errors import Away, Unproven
from samjournal.openid.web import Web

FRESH: Final = 3600.0
"""Seconds for which metadata and keys are used without asking again."""
STALE: Final = 24 * 3600.0
"""Seconds for which metadata is used while the provider does not give it anew. Keys are not: they may be withdrawn."""
PAUSE: Final = 10.0
"""Seconds between two looks for unknown keys: whoever sends tokens with made-up keys makes us ask no more often."""
MOST: Final = 32
"""Keys of one provider that are looked at."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """The addresses of a provider. `names_itself`: its answers must say from whom they come (RFC 9207)."""

    issuer: str
    authorization: str
    token: str
    pushed: str
    keys: str
    end_session: str | None
    names_itself: bool


def is_safe(address: str, *, plain: bool = False) -> bool:
    """Whether an address is https, or (`plain`) http on this very machine."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username or parts.password or not host or parts.fragment:
        return False
    return parts.scheme == "https" or (plain and parts.scheme == "http" and is_here(host))


def is_here(host: str) -> bool:
    """Whether a name is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Discovery:
    """One provider's metadata and keys, kept in memory."""

    def __init__(self, issuer: str, web: Web, clock: Callable[[], float]) -> None:
        self._issuer, self._web, self._clock = issuer, web, clock
        self._metadata: tuple[float, Metadata] | None = None
        self._keys: tuple[float, list[dict[str, Any]]] | None = None
        self._looked = float("-inf")

    async def metadata(self) -> Metadata:
        """Where the provider is asked what. Raises Away."""
        now = self._clock()
        if self._metadata is not None and now < self._metadata[0] + FRESH:
            return self._metadata[1]
        address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            answer = await self._web.get(address)
            if answer.status != 200:
                raise Away(f"the metadata has status {answer.status}")
            found = _metadata(answer.told, self._issuer)
        except Away:
            if self._metadata is not None and now < self._metadata[0] + STALE:
                return self._metadata[1]
            raise
        self._metadata = (now, found)
        return found

    async def key(self, header: Mapping[str, Any]) -> RSAKey | ECKey:
        """The key that a token says it is signed by, of the kind that its algorithm needs. Raises Unproven, Away."""
        now = self._clock()
        if self._keys is None or now >= self._keys[0] + FRESH:
            await self._fetch_keys(now)
        found = self._known(header)
        if found is None and now >= self._looked + PAUSE:
            # The provider may have changed its keys just now.
            self._looked = now
            await self._fetch_keys(now)
            found = self._known(header)
        if found is None:
            raise Unproven("the key is not the provider's")
        return found

    async def _fetch_keys(self, now: float) -> None:
        answer = await self._web.get((await self.metadata()).keys)
        keys = answer.told.get("keys")
        if answer.status != 200 or not isinstance(keys, list):
            raise Away("the keys are no keys")
        self._keys = (now, [one for one in keys[:MOST] if isinstance(one, dict)])

    def _known(self, header: Mapping[str, Any]) -> RSAKey | ECKey | None:
        algorithm, kid = str(header.get("alg")), header.get("kid")
        assert self._keys is not None
        fitting = [
            key
            for one in self._keys[1]
            if (kid is None or one.get("kid") == kid) and one.get("alg", algorithm) == algorithm
            if (key := _public(one)) is not None and fits(key, algorithm)
        ]
        # A token that names no key is taken where the provider has one alone that it can be.
        return fitting[0] if len(fitting) == 1 or (fitting and kid is not None) else None


def _public(told: dict[str, Any]) -> RSAKey | ECKey | None:
    if told.get("use", "sig") != "sig":
        return None
    try:
        # Of the key itself nothing else counts.
        key = imported({name: told[name] for name in ("kty", "n", "e", "crv", "x", "y") if name in told})
        return None if isinstance(key, RSAKey) and key.raw_value.key_size < BITS else key
    except Exception:
        return None


def _metadata(told: Mapping[str, Any], issuer: str) -> Metadata:
    if told.get("issuer") != issuer:
        raise Away("the metadata is of another issuer")
    plain = issuer.startswith("http:")

    def address(name: str, *, needed: bool = True) -> str | None:
        found = told.get(name)
        if found is None and not needed:
            return None
        if not isinstance(found, str) or not is_safe(found, plain=plain):
            raise Away(f"the metadata has no usable {name}")
        return found

    def listed(name: str, wanted: str) -> None:
        found = told.get(name)
        if isinstance(found, list) and wanted not in found:
            raise Away(f"the provider does not offer {wanted}")

    listed("response_types_supported", "code")
    listed("token_endpoint_auth_methods_supported", "private_key_jwt")
    listed("code_challenge_methods_supported", "S256")
    return Metadata(
        issuer=issuer,
        authorization=address("authorization_endpoint") or "",
        token=address("token_endpoint") or "",
        pushed=address("pushed_authorization_request_endpoint") or "",
        keys=address("jwks_uri") or "",
        end_session=address("end_session_endpoint", needed=False),
        names_itself=told.get("authorization_response_iss_parameter_supported") is True,
    )
