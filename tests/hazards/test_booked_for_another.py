"""Hazard: an appointment is booked, moved or cancelled for another person than the one whom the page was about.

A session acts for one person, a browser has many tabs: the form says whom it is about, and does nothing when that is
another than whom its sender acts for by now. Who may act for somebody books as far as his right goes. Requirement 3.4
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from hazards.test_representation import citizen, years_ago
from portal.bookable import at, been_at, open_units, soon
from portal.family import acting, make_family, power
from portal.site import as_, opened
from portal.test_booking import confirming, form, send
from samjournal.access import granting
from samjournal.access.representing import OSLO
from samjournal.fhir.errors import Forbidden, NotRepresenting
from samjournal.record import Want, open_chart
from samjournal.scheduling import book, may_book, visit_type
from world import World, made, to

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def family(anyio_backend: str, world: World) -> World:
    await make_family(world)
    await open_units(world)
    await world.put(been_at("odin", "station"), been_at("mina", "station"), soon("odin", hours=72))
    return world


@pytest.fixture(scope="module")
async def site(anyio_backend: str, family: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


def at_the_station(when: str, days: int) -> str:
    return confirming("shot", when, days, "siri").replace("siri-post", "siri-post%2CLocation%2Fstation-room")


def test_a_form_about_the_child_books_nothing_for_the_mother(site: httpx.Client) -> None:
    fields = form(acting(site, "mina", "odin"), at_the_station("09:00", 5))
    site.post("/portal/representation/act", data={})
    answer = send(site, "shot", fields, words="Han er redd for sprøyter")
    assert answer.status_code == 409
    assert "Hvem gjelder det?" in answer.text
    assert "Han er redd for sprøyter" in answer.text
    assert "Vaksine" not in site.get("/portal/appointments").text


def test_a_form_of_the_mothers_own_books_nothing_for_the_child(site: httpx.Client) -> None:
    fields = form(as_(site, "mina"), confirming("control", "09:00", 5))
    acting(site, "mina", "odin")
    assert send(site, "control", fields).status_code == 409
    assert "Kl. 09.00" not in site.get("/portal/appointments").text


def test_a_form_that_cancels_is_about_one_person_too(site: httpx.Client) -> None:
    acting(site, "mina", "odin")
    fields = {"for": "mina", "reason": "pat", "version": "1", "late": "False"}
    assert site.post("/portal/appointments/odin-soon/cancel", data=fields).status_code == 409


@pytest.mark.parametrize(
    ("level", "types", "books"),
    [
        ("full", (), True),
        ("standard", (), True),
        ("read-only", (), False),
        ("communicate-only", (), False),
        ("", ("Appointment",), False),
    ],
)
async def test_who_has_a_power_books_as_far_as_its_level_goes(
    family: World, level: str, types: tuple[str, ...], books: bool
) -> None:
    source = await power(family, level, types)
    per = await family.permit("per", acts_for="kari")
    kind = await visit_type(family.door, per, "control")
    assert may_book(per, "kari") is books
    if books:
        start = at(10, "08:00" if level == "full" else "09:00")
        assert (await book(family.door, per, "kari", kind, start)).type == "Appointment"
    else:
        with pytest.raises(Forbidden):
            await book(family.door, per, "kari", kind, at(10, "10:00"))
    with pytest.raises(Forbidden):
        await book(family.door, per, "per", kind, at(10, "11:00"))
    async with await family.client() as client:
        await client.delete(f"/{source}")


async def test_a_next_of_kin_without_appointments_sees_none(family: World) -> None:
    source = await power(family, "", ("Immunization",))
    per = await family.permit("per", acts_for="kari")
    assert not per.may("r", "Appointment")
    async with await family.client() as client:
        await client.delete(f"/{source}")


class Clock(datetime):
    """What the time is, for who decides about access."""

    at: datetime

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return cls.at.astimezone(tz or UTC)


@pytest.mark.parametrize(
    ("clock", "books"),
    [
        ((-1, 12, 0), True),
        ((-1, 23, 50), True),
        ((0, 0, 10), False),
        ((0, 12, 0), False),
    ],
)
async def test_a_parent_books_until_the_day_before_and_not_from_ten_past_midnight_of_the_12th_birthday(
    family: World, monkeypatch: pytest.MonkeyPatch, clock: tuple[int, int, int], books: bool
) -> None:
    birthday = date(2031, 7, 1)
    await family.put(citizen("odin", born="2019-07-01"))
    day, hour, minute = clock
    moment = datetime(birthday.year, birthday.month, birthday.day, hour, minute, tzinfo=OSLO) + timedelta(days=day)
    monkeypatch.setattr(Clock, "at", moment, raising=False)
    monkeypatch.setattr(granting, "datetime", Clock)
    assert may_book(await family.permit("mina", acts_for="odin"), "odin") is books
    await family.put(citizen("odin", born=years_ago(7)))


@pytest.mark.parametrize(("clock", "acts"), [((-1, 23, 50), True), ((0, 0, 10), False)])
async def test_from_ten_past_midnight_of_the_16th_birthday_no_parent_acts(
    family: World, monkeypatch: pytest.MonkeyPatch, clock: tuple[int, int, int], acts: bool
) -> None:
    await family.put(citizen("odin", born="2019-07-01"))
    day, hour, minute = clock
    moment = datetime(2035, 7, 1, hour, minute, tzinfo=OSLO) + timedelta(days=day)
    monkeypatch.setattr(Clock, "at", moment, raising=False)
    monkeypatch.setattr(granting, "datetime", Clock)
    if acts:
        permit = await family.permit("mina", acts_for="odin")
        assert not may_book(permit, "odin")
    else:
        with pytest.raises(NotRepresenting):
            await family.permit("mina", acts_for="odin")
    await family.put(citizen("odin", born=years_ago(7)))


def test_a_right_that_was_withdrawn_while_the_form_was_open_books_nothing(
    site: httpx.Client, family: World, given: str
) -> None:
    fields = form(acting(site, "per", "kari"), confirming("control", "14:00", 5))
    with httpx.Client(base_url=site.base_url, headers=site.headers) as kari:
        as_(kari, "kari").post("/portal/representation/withdraw", data={"source": given})
    assert send(site, "control", fields).status_code == 403
    assert "kl. 14.00" not in as_(site, "kari").get("/portal/appointments").text.lower()


@pytest.fixture
async def given(anyio_backend: str, family: World) -> str:
    return await power(family, "standard")


@pytest.mark.parametrize(("years", "books"), [(7, True), (13, False)])
async def test_a_parent_reads_the_vaccines_of_the_child_and_books_until_it_is_12(
    family: World, years: int, books: bool
) -> None:
    await family.put(
        citizen("odin", born=years_ago(years)),
        made("Immunization", "odin-mmr", status="completed", vaccineCode={"text": "MMR"}, patient=to("Patient/odin"),
             occurrenceDateTime="2024-01-01"),
    )  # fmt: skip
    mina = await family.permit("mina", acts_for="odin")
    snapshot = await open_chart(family.door, mina, "odin", (Want("vaccines", "Immunization"),))
    assert [one["id"] for one in snapshot.lists["vaccines"]] == ["odin-mmr"]
    assert may_book(mina, "odin") is books
    await family.put(citizen("odin", born=years_ago(7)))
