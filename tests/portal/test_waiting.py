"""A citizen waits for a time, is offered one, and answers. samjournal.portal.waiting"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest

from portal.bookable import at, open_units, soon
from portal.family import make_family
from portal.site import as_, opened
from samjournal import access
from samjournal.scheduling import offer_freed, visit_type, wait
from scheduling.places import need, visit
from world import World

KIND = "/portal/book/rare"


@pytest.fixture(scope="module")
async def family(anyio_backend: str, world: World) -> World:
    """Anne's rare visit is held on one day alone, ten days ahead."""
    await make_family(world)
    await open_units(world)
    day = at(10, "12:00").astimezone().strftime("%a").lower()
    hours = [{"daysOfWeek": [day], "availableStartTime": "10:00:00", "availableEndTime": "11:00:00"}]
    rare = visit(
        "rare",
        need("person", "PractitionerRole/anne-post"),
        {"url": "horizon", "valueUnsignedInt": 12},
        unit="office",
        minutes=60,
        hours=hours,
    )
    await world.put({**rare, "name": "Sjelden prøve"})
    kind = {"system": "urn:samjournal:visit-type", "code": "rare", "display": "Sjelden prøve"}
    await world.put({**soon("mina", hours=11 * 24), "id": "mina-has", "serviceType": [{"coding": [kind]}]})
    return world


@pytest.fixture(scope="module")
async def site(anyio_backend: str, family: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


def waits(site: httpx.Client, login: str) -> str:
    """The address of what somebody waits for."""
    as_(site, login)
    site.post(f"{KIND}/wait", data={"for": login})
    return str(re.findall(r'href="(/portal/appointments/[^"]+)">Se ventelisten', site.get(KIND).text)[0])


def test_who_waits_is_on_the_list_once_and_leaves_it(site: httpx.Client) -> None:
    address = waits(site, "kari")
    assert waits(site, "kari") == address
    page = site.get(address).text
    assert "Du står på venteliste" in page
    assert "Sjelden prøve" in page
    done = site.post(f"{address}/answer", data={"for": "kari", "answer": "leave"})
    assert done.headers["location"] == f"{address}?done=left"
    assert "Se ventelisten" not in site.get(KIND).text


@pytest.fixture
async def offered(anyio_backend: str, family: World) -> str:
    """The address of a time that is offered to Mina, as the job does it."""
    mina = await family.permit("mina")
    kind = await visit_type(family.door, mina, "rare")
    waiting = await wait(family.door, mina, "mina", kind, until=at(12, "12:00"))
    await offer_freed(family.door, access.for_job("waiting list"), datetime.now(UTC))
    return f"/portal/appointments/{waiting.id}"


def test_an_offered_time_is_nobodys_until_he_says_yes(site: httpx.Client, offered: str) -> None:
    page = as_(site, "mina").get(offered).text
    assert "Du er tilbudt denne tiden" in page
    assert "Den er ikke din før du har sagt ja. Den er holdt av til deg til" in page
    home = site.get("/portal").text
    assert "Du er tilbudt en time: Sjelden prøve" in home
    assert "Neste time kl. 10.00" not in home
    no = site.post(f"{offered}/answer", data={"for": "mina", "answer": "decline"})
    assert no.headers["location"] == f"{offered}?done=declined"
    late = site.post(f"{offered}/answer", data={"for": "mina", "answer": "take"})
    assert late.headers["location"] == f"{offered}?done=gone"
    site.post(f"{offered}/answer", data={"for": "mina", "answer": "leave"})


def test_a_yes_takes_the_time_and_is_said_once(site: httpx.Client, offered: str) -> None:
    has = "/portal/appointments/mina-has"
    assert 'name="instead" value="mina-has"' in as_(site, "mina").get(offered).text
    fields = {"for": "mina", "answer": "take", "instead": "mina-has"}
    moved = site.post(f"{offered}/answer", data={**fields, "instead_version": "7"})
    assert moved.headers["location"] == f"{offered}?done=changed"
    assert "Denne timen er avlyst" not in site.get(has).text
    yes = site.post(f"{offered}/answer", data={**fields, "instead_version": "1"})
    assert yes.headers["location"] == f"{offered}?done=taken-instead"
    shown = site.get(yes.headers["location"]).text
    assert "Timen er din. Den du hadde, er gitt til andre." in shown
    assert "Denne timen er avlyst" in site.get(has).text
    assert "kl. 10.00" in shown
    again = site.post(f"{offered}/answer", data={"for": "mina", "answer": "take"})
    assert again.headers["location"] == f"{offered}?done=taken-offer"
