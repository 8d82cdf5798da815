"""The pages of notices for staff: channels for who runs them, letters and reminders of a unit, and a patient's page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from letters.town import AWAKE, Town, settled, town_of, visit
from portal.site import as_, opened
from samjournal.accounts import Account, RoleAt, add
from samjournal.letters import Channels
from samjournal.letters.faults import Unreachable
from world import World, made, to

ACTIVE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}


@pytest.fixture(scope="module")
async def peopled(anyio_backend: str, world: World) -> World:
    await settled(world)
    role = RoleAt("operator", "hospital", "ops-role", "Hospital")
    async with world.pool.transaction() as db:
        await add(db, [Account("ops", "Ops", "staff", (role,), practitioner_id="ops")])
    return world


@pytest.fixture(scope="module")
async def site(anyio_backend: str, peopled: World, database: str) -> AsyncIterator[httpx.Client]:
    # The site follows the record too: it must not hold at night what the town sends at once.
    channels = Channels(by_name={}, address="https://samjournal.example", phone="73 00 00 00", quiet=AWAKE)
    with opened(database, notices=channels) as client:
        yield client


@pytest.fixture
async def town(anyio_backend: str, peopled: World) -> Town:
    found = await town_of(peopled)
    found.channels.by_name.pop("letter")  # type: ignore[attr-defined]
    return found


@pytest.fixture
async def letter(anyio_backend: str, town: Town) -> None:
    await town.world.put(visit("w1", "odd"))
    await town.run()


def test_a_letter_waits_on_the_page_of_the_unit_until_it_is_posted(site: httpx.Client, letter: None) -> None:
    page = as_(site, "nurse").get("/workspace/letters").text
    assert "Odd Odd" in page
    (link,) = re.findall(r'href="(/workspace/letters/notice-[^"]+)"', page)
    pdf = site.get(link)
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["cache-control"] == "no-store"
    assert pdf.content.startswith(b"%PDF")
    form = dict(re.findall(r'type="hidden" name="(task|version)" value="([^"]+)"', page))
    answer = site.post("/workspace/letters", data=form)
    assert "Ført som gjort" in site.get(answer.headers["location"]).text
    answer = site.post("/workspace/letters", data=form)
    assert "Ikke gjort" in site.get(answer.headers["location"]).text
    assert as_(site, "homenurse").get(link).status_code in (403, 404)


@pytest.fixture
async def told(anyio_backend: str, town: Town) -> None:
    allergy = made("AllergyIntolerance", "kari-allergy", patient=to("Patient/kari"), code={"text": "Penicillin"})
    await town.world.put(allergy | {"clinicalStatus": ACTIVE}, visit("w2", "kari"))
    await town.run()


def test_a_patients_page_tells_who_was_told_what(site: httpx.Client, told: None) -> None:
    page = as_(site, "nurse").get("/workspace/patients/kari/notices").text
    assert "Ny time" in page
    assert "SMS" in page
    assert "Penicillin" in page, "the head of the page has all that it always has"
    assert as_(site, "homenurse").get("/workspace/patients/kari/notices").status_code == 403


@pytest.fixture
async def fault(anyio_backend: str, town: Town) -> None:
    town.sms.faults = [Unreachable("the SMS gateway answers 503")] * 2
    await town.world.put(visit("w3", "kari"))
    await town.run()
    await town.pass_by(minutes=1)


def test_who_runs_the_channels_sees_what_stands_and_nobody_by_name(site: httpx.Client, fault: None) -> None:
    page = as_(site, "ops").get("/workspace/notices").text
    assert "the SMS gateway answers 503" in page
    assert "Kari" not in page
    (id_,) = re.findall(r'name="id" value="([^"]+)"', page)
    answer = site.post("/workspace/notices", data={"id": id_})
    assert "Varselet prøves nå" in site.get(answer.headers["location"]).text
    answer = site.post("/workspace/notices", data={"id": "x"})
    assert "venter ikke lenger" in site.get(answer.headers["location"]).text
    assert as_(site, "nurse").get("/workspace/notices").status_code == 403


def test_a_unit_chooses_when_it_reminds(site: httpx.Client) -> None:
    answer = as_(site, "secretary").post("/workspace/letters/reminders", data={"days": ["1", "3"]})
    page = site.get(answer.headers["location"]).text
    assert re.findall(r'name="days" value="(\d)" checked', page) == ["1", "3"]
    assert site.post("/workspace/letters/reminders", data={"days": "x"}).status_code in (400, 422)
