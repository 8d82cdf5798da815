"""Hazard: where somebody with a confidential address goes, and that he goes there, is told to others by bookings.

His own pages tell him everything; nobody represents him, nor is he on anybody's first page. Whoever works elsewhere is
told no unit, no place and no person of an appointment that he booked; free times and lost races tell nothing of whose
the time is. pasient- og brukerrettighetsloven § 3-6; Folkeregisteret's codes 6 and 7
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from hazards.test_representation import parent
from portal.bookable import UNITS, open_units
from portal.family import make_family
from portal.site import as_, opened
from portal.test_booking import confirming, form, send
from world import CONFIDENTIALITY, World, patient, stay, to

pytestmark = pytest.mark.anyio
PROTECTED = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
SECRETS = ("Fjordby", "Anne", "anne-post", "office")


@pytest.fixture(scope="module")
async def hidden(anyio_backend: str, world: World) -> World:
    """Elias goes to Fjordby legesenter, as Kari does; Odin has got a confidential address."""
    await make_family(world)
    await open_units(world)
    gp = [{**to("Organization/office"), "display": UNITS["office"]}]
    child = {**patient("odin", "Odin"), "birthDate": "2020-01-01", **PROTECTED}
    await world.put(
        {**patient("elias", "Moe"), **PROTECTED, "generalPractitioner": gp},
        child,
        parent("mina"),
        stay("elias-in", "elias"),
    )
    return world


@pytest.fixture(scope="module")
async def site(anyio_backend: str, hidden: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


@pytest.fixture(scope="module")
def address(site: httpx.Client) -> str:
    """Where the appointment is that Elias booked by himself."""
    done = send(site, "control", form(as_(site, "elias"), confirming("control", "09:00", 6)))
    assert done.status_code == 303
    return str(done.headers["location"]).partition("?")[0]


def test_he_is_told_where_he_goes_and_books_there(site: httpx.Client, address: str) -> None:
    page = as_(site, "elias").get(address).text
    assert "Fjordby legesenter" in page
    assert "Hos Anne" in page


def test_staff_of_another_organisation_are_told_nothing_of_where(site: httpx.Client, address: str) -> None:
    id_ = address.rpartition("/")[2]
    as_(site, "doctor")
    for page in ("/workspace/patients/elias", "/workspace/patients/elias/timeline", "/workspace/patients/elias/access"):
        answer = site.get(page)
        assert answer.status_code == 200, page
        assert not [word for word in SECRETS if word in answer.text], page
    assert id_ not in as_(site, "kari").get("/portal/appointments").text


async def test_nor_over_the_api(hidden: World, address: str) -> None:
    async with await hidden.client("doctor") as client:
        for path in (address.replace("/portal/appointments/", "/Appointment/"), "/Appointment?patient=Patient/elias"):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert not [word for word in SECRETS if word in answer.text], path
        by_unit = (await client.get("/Appointment?patient=Patient/elias&actor=HealthcareService/office-all")).json()
        assert by_unit["total"] == 0


def test_who_wants_the_same_time_is_told_that_it_is_taken_and_not_by_whom(site: httpx.Client, address: str) -> None:
    as_(site, "kari")
    lost = site.get(confirming("control", "09:00", 6))
    assert lost.status_code == 409
    assert address.rpartition("/")[2] not in lost.text
    assert not [word for word in ("elias", "Elias", "Moe") if word in lost.text]


def test_a_parent_is_not_told_of_a_child_whose_address_is_confidential(site: httpx.Client) -> None:
    home = as_(site, "mina").get("/portal").text
    assert "Odin" not in home
    assert "Personer du opptrer for" not in home
    assert site.post("/portal/representation/act", data={"id": "odin"}).status_code == 403


def test_nobody_asks_for_an_appointment_of_another_by_its_address(site: httpx.Client, address: str) -> None:
    as_(site, "kari")
    for page in (address, f"{address}/cancel"):
        assert site.get(page).status_code == 404
    for act in ("cancel", "arrive", "answer"):
        assert site.post(f"{address}/{act}", data={"for": "kari", "answer": "take"}).status_code == 404
    assert site.get(f"/portal/book/control?move={address.rpartition('/')[2]}").status_code == 404
