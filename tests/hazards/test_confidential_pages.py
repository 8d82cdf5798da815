"""Hazard: a page of the workspace tells where somebody with a confidential address lives. README section 7 number 8.

Elias of the demo has a confidential address in Verdal, and a GP there who has written all his notes. Nobody at the
hospital may meet the municipality, the street, the GP or her office on any page about him.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.demo.elias import HOME
from samjournal.demo.staff import worker

GP = worker("karin")
OFFICE = GP.unit["reference"].partition("/")[2]
SECRET = re.compile(
    "|".join([HOME.municipality, HOME.street, HOME.postal_code, GP.reference["display"], OFFICE, GP.unit["display"]]),
    re.IGNORECASE,
)
CHART = "/workspace/patients/elias"
TABS = ("", "?tab=first", "?tab=history", "?tab=measured", "?tab=plan", "?view=all", "/access")
REASON = "Bevisstløs i mottaket, trenger å vite om medisiner"


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


def enter(site: httpx.Client, login: str) -> None:
    as_(site, login)
    roles = re.findall(r'name="role" value="([^"]+)"', site.get("/workspace/role").text)
    if roles:
        site.post("/workspace/role", data={"role": roles[0]})


def pages(site: httpx.Client) -> list[str]:
    """Every page about him that links lead to, from his chart on."""
    seen: dict[str, None] = dict.fromkeys(f"{CHART}{tab}" for tab in TABS)
    for path in list(seen):
        for link in re.findall(rf'(?:href|hx-get)="({CHART}[^"#]*)', site.get(path).text):
            seen.setdefault(link.replace("&amp;", "&"))
    return list(seen)


def test_his_own_pages_tell_it(site: httpx.Client) -> None:
    """Else nothing below could fail."""
    as_(site, "elias")
    assert SECRET.search(site.get("/portal/notes").text)


@pytest.mark.parametrize("login", ["henrik", "ayla", "turid"])
def test_no_page_of_the_hospital_tells_where_he_lives(site: httpx.Client, login: str) -> None:
    enter(site, login)
    found = site.get("/workspace?q=Elias+Moe")
    assert "Elias" in found.text
    assert "MOE" in found.text
    assert not SECRET.search(found.text)
    closed = site.get(CHART)
    assert closed.status_code == 403
    assert not SECRET.search(closed.text)
    assert not SECRET.search(site.get(f"{CHART}/access").text)
    assert site.post(f"{CHART}/reason", data={"reason": "other", "words": REASON}).status_code in (200, 303)
    listed = pages(site)
    assert len(listed) > 5
    for path in listed:
        answer = site.get(path)
        assert answer.status_code == 200, path
        told = SECRET.search(answer.text)
        assert not told, (login, path, answer.text[max(0, told.start() - 200) : told.end() + 50])
    chart = site.get(CHART).text
    assert "Beskyttet adresse" in chart
    assert "Lamotrigin" in chart, "the illness and the medicines are there"
    assert not SECRET.search(site.get("/workspace").text)


def test_who_answers_for_access_is_not_told_either(site: httpx.Client) -> None:
    enter(site, "berit")
    for query in ("", "?who=henrik&id=elias", "?who=ayla&patient=Elias+Moe", "?patient=Elias+Moe"):
        page = site.get(f"/workspace/oversight{query}")
        assert page.status_code == 200
        assert not SECRET.search(page.text), query
    elsewhere = site.get("/workspace/oversight?who=karin&id=elias")
    assert not re.search(HOME.municipality, elsewhere.text)
