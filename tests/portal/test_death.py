"""Nobody signs in for the dead: an open session ends at once, and the page says so in words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from portal.site import OURS, as_, make_region, opened
from samjournal import accounts
from samjournal.db.pool import Pool


@pytest.fixture(scope="module")
async def token(anyio_backend: str, pool: Pool) -> str:
    await make_region(pool)
    return await accounts.for_system(pool, "t", None)


@pytest.fixture(scope="module")
async def site(token: str, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


def test_the_portal_closes_and_opens_again_when_it_was_a_mistake(site: httpx.Client, token: str) -> None:
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    living: dict[str, Any] = site.get("/fhir/Patient/elias", headers=headers).json()
    as_(site, "elias")
    assert site.get("/portal").status_code == 200
    assert site.put("/fhir/Patient/elias", headers=headers, json={**living, "deceasedBoolean": True}).status_code == 200
    assert site.get("/portal").headers["location"].startswith("/signin")
    assert site.get("/live").status_code == 401
    refused = site.post("/signin/demo", data={"login": "elias"}, headers=OURS)
    assert refused.status_code == 403
    assert "registrert som død" in refused.text
    assert site.put("/fhir/Patient/elias", headers=headers, json=living).status_code == 200
    assert as_(site, "elias").get("/portal").status_code == 200
