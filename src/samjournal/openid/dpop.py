"""Proof that whoever uses a token has the key that it was given out for. RFC 9449

key = fresh()                               a key for one sign-in, which nobody keeps
proof(key, "POST", address, now, nonce)     a proof for one request
"""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from joserfc.jwk import ECKey

from samjournal.openid.client import signed

HEADER: Final = "dpop"
NONCE: Final = "dpop-nonce"
WANTED: Final = "use_dpop_nonce"
"""What a provider answers that wants its own nonce in the proof."""


def fresh() -> ECKey:
    """A key of its own for each sign-in: two of them cannot be told to be of one machine."""
    return ECKey.generate_key("P-256", private=True)


def proof(key: ECKey, method: str, address: str, now: float, nonce: str | None = None) -> str:
    """A proof for one request, with the provider's nonce where it gave one."""
    parts = urlsplit(address)
    claims = {
        "jti": secrets.token_urlsafe(24),
        "htm": method,
        "htu": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
        "iat": int(now),
    }
    header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    return signed(header, {**claims, "nonce": nonce} if nonce else claims, key)
