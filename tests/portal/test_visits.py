"""What was written, found and decided at one stay or visit. samjournal.portal.visits"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.portal.visits import of_appointments


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


def visits(site: httpx.Client) -> list[str]:
    return re.findall(r'href="(/portal/visits/[^"]+)"', site.get("/portal/record").text)


def test_each_stay_leads_to_what_was_written_found_and_decided_then(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    page = next(text for one in visits(site) if "Årskontroll diabetes" in (text := site.get(one).text))
    assert "HbA1c 55, mål under 58 er nådd" in page
    assert "Langtidsblodsukker (HbA1c)" in page
    assert re.search(r'href="/portal/notes/[^"]+\.pdf"', page)


def test_another_patients_visit_is_not_there_nor_is_nonsense(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    hers = visits(site)[0]
    assert as_(site, "mina").get(hers).status_code == 404
    assert site.get("/portal/visits/x%26_include=*").status_code == 404


def test_an_appointment_leads_to_the_visit_that_came_of_it() -> None:
    came = {
        "resourceType": "Encounter",
        "id": "v",
        "status": "finished",
        "appointment": [{"reference": "Appointment/a"}],
    }
    assert of_appointments([came]) == {"a": "/portal/visits/v"}
    assert of_appointments([{**came, "status": "entered-in-error"}]) == {}
