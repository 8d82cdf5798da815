"""Keys that sign ID tokens follow one another, and the one before is known while what it signed is valid."""

from __future__ import annotations

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from samjournal.db.pool import Pool
from samjournal.smart import identity
from world import as_owner

pytestmark = pytest.mark.anyio


async def signed(pool: Pool) -> str:
    return await identity.token(
        pool, issuer="http://a/fhir", audience="app", user="http://a/fhir/Patient/7", nonce=None, seconds=60
    )


async def kids(pool: Pool) -> list[str]:
    return [one["kid"] for one in (await identity.keys(pool))["keys"]]


async def test_a_key_signs_for_ninety_days_and_is_published_a_week_longer(pool: Pool) -> None:
    first = await signed(pool)
    (kid,) = await kids(pool)
    assert await signed(pool)
    assert await kids(pool) == [kid]
    await as_owner(pool, "UPDATE accounts.signing_key SET made = now() - interval '91 days'")
    second = await signed(pool)
    published = await kids(pool)
    assert (len(published), published[1]) == (2, kid)
    keys = KeySet.import_key_set(await identity.keys(pool))
    for token in (first, second):
        claims = jwt.decode(token, keys, algorithms=["RS256"]).claims
        assert (claims["sub"], claims["fhirUser"]) == ("Patient/7", "http://a/fhir/Patient/7")
    await as_owner(pool, f"UPDATE accounts.signing_key SET made = now() - interval '98 days' WHERE id = '{kid}'")
    assert await kids(pool) == published[:1]
    assert not any("d" in one for one in (await identity.keys(pool))["keys"])
