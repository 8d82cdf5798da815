"""One client of one provider: what was agreed with it, and the key that proves that it is us.

key_of(text) -> Key             from a JWK or PEM; raises ValueError, which says what is wrong
assertion(client, issuer, now)  the signed statement that we are this client, good for a minute. RFC 7523
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.registry import Header

ALGORITHMS: Final = ("ES256", "PS256", "RS256", "ES384", "PS384", "ES512", "PS512")
"""What tokens may be signed by: keys that only their owner has. Neither `none` nor shared secrets are on it."""
KINDS: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}
CURVES: Final = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
ASSERTION_SECONDS: Final = 60
BITS: Final = 2048


@dataclass(frozen=True, slots=True)
class Key:
    """Our private key, what it signs by, and the name under which the provider has its public half."""

    key: RSAKey | ECKey
    algorithm: str
    id: str


@dataclass(frozen=True, slots=True)
class Client:
    """What was agreed with a provider. `acr` are the levels that are asked for, the wanted one first; the claim
    `acr_claim` must be one of `accepted` (by default of `acr`; with no level nothing is asked). `algorithms` are those
    that its ID tokens may be signed by."""

    issuer: str
    client_id: str
    key: Key
    redirect: str
    scopes: tuple[str, ...] = ("openid",)
    acr: tuple[str, ...] = ()
    acr_claim: str = "acr"
    accepted: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256")
    dpop: bool = False
    leeway: int = 30

    @property
    def levels(self) -> tuple[str, ...]:
        """The levels that are good enough."""
        return self.accepted or self.acr


def key_of(text: str, *, algorithm: str = "", id_: str = "") -> Key:
    """The key in a file: a private JWK, or PEM. Raises ValueError, whose words hold nothing of the key."""
    try:
        key = _read(text)
    except Exception:
        raise ValueError("it is neither a private JWK nor a private key as PEM (RSA or EC)") from None
    if not key.is_private:
        raise ValueError("it is a public key; the private half is needed")
    if isinstance(key, RSAKey):
        chosen = algorithm or "PS256"
        if key.raw_value.key_size < BITS:
            raise ValueError(f"it is shorter than {BITS} bits")
    else:
        fitting = {curve: name for name, curve in CURVES.items()}
        chosen = algorithm or fitting.get(key.curve_name, "")
    if chosen not in ALGORITHMS or not fits(key, chosen):
        raise ValueError(f"a key of this kind does not sign by {chosen or 'anything we use'}")
    written = key.as_dict(private=False).get("kid")
    return Key(key, chosen, id_ or (written if isinstance(written, str) else key.thumbprint()))


def _read(text: str) -> RSAKey | ECKey:
    if text.lstrip().startswith("{"):
        return imported(json.loads(text))
    try:
        return RSAKey.import_key(text)
    except Exception:
        return ECKey.import_key(text)


def imported(told: dict[str, Any]) -> RSAKey | ECKey:
    """A JWK as a key. Raises what joserfc raises, and KeyError for a kind that signs nothing here."""
    if told["kty"] == "RSA":
        return RSAKey.import_key(told)
    if told["kty"] == "EC":
        return ECKey.import_key(told)
    raise KeyError(told["kty"])


def fits(key: RSAKey | ECKey, algorithm: str) -> bool:
    """Whether a key is of the kind that an algorithm needs: a key is not used for what it was not made for."""
    if KINDS.get(algorithm[:2]) != key.key_type:
        return False
    return not isinstance(key, ECKey) or key.curve_name == CURVES.get(algorithm)


def signed(header: Header, claims: dict[str, Any], key: RSAKey | ECKey) -> str:
    """A JWT by one of `ALGORITHMS`, which the header names."""
    registry = jws.JWSRegistry(algorithms=[header["alg"]], strict_check_header=False)
    return jwt.encode(header, claims, key, registry=registry, default_type=None)


def assertion(client: Client, issuer: str, now: float) -> str:
    """That we are the client, said to `issuer` once. RFC 7523 3"""
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": issuer,
        "iat": int(now),
        "nbf": int(now),
        "exp": int(now) + ASSERTION_SECONDS,
        "jti": secrets.token_urlsafe(24),
    }
    header = {"alg": client.key.algorithm, "kid": client.key.id, "typ": "JWT"}
    return signed(header, claims, client.key.key)
