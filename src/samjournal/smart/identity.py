"""Who uses an app, told to it as an ID token, and the keys that sign it. openid.net/specs/openid-connect-core-1_0.html

A key signs for ninety days and stays published a week longer; then the next has been there for as long.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from samjournal.accounts import grants
from samjournal.db.pool import Pool

ALGORITHM = "RS256"
"""What every client of OpenID Connect can check."""
SIGNS, PUBLISHED = 90, 97
"""Days."""


async def keys(pool: Pool) -> dict[str, Any]:
    """The public keys, as `/oauth/jwks` says them."""
    kept = await grants.signing_keys(pool, days=PUBLISHED)
    made = [_key(name, text) for name, text, _ in kept] or [await _new(pool)]
    return {"keys": [one.as_dict(private=False) for one in made]}


async def token(pool: Pool, *, issuer: str, audience: str, user: str, nonce: str | None, seconds: int) -> str:
    """An ID token for an app; `user` is the address of the resource of who uses it."""
    kept = await grants.signing_keys(pool, days=SIGNS)
    key = _key(kept[0][0], kept[0][1]) if kept else await _new(pool)
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer, "aud": audience, "sub": user.removeprefix(f"{issuer}/"), "iat": now, "exp": now + seconds,
        "fhirUser": user, "profile": user,
    }  # fmt: skip
    if nonce is not None:
        claims["nonce"] = nonce
    return jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, claims, key, algorithms=[ALGORITHM])


def _key(name: str, text: bytes) -> RSAKey:
    return RSAKey.import_key(text, {"kid": name, "alg": ALGORITHM, "use": "sig"})


async def _new(pool: Pool) -> RSAKey:
    name = f"{datetime.now(UTC):%Y%m%d}-{secrets.token_hex(4)}"
    made = RSAKey.generate_key(3072, private=True)
    text = made.as_pem(private=True)
    await grants.add_signing_key(pool, name, text)
    return _key(name, text)
