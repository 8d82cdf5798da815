"""A citizen books, moves and cancels by himself. samjournal.portal.booking, samjournal.portal.changing"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from uuid import uuid4

import httpx
import pytest

from hazards.test_representation import citizen, years_ago
from portal.bookable import at, been_at, lives_in, open_units, utc
from portal.family import acting, make_family
from portal.site import as_, opened
from referrals.region import referral
from samjournal.fhir.errors import Forbidden, NotFound
from samjournal.scheduling import book as schedule
from samjournal.scheduling import sending, visit_type
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def family(anyio_backend: str, world: World) -> World:
    await make_family(world)
    await open_units(world)
    await world.put(been_at("odin", "station"))
    return world


@pytest.fixture(scope="module")
async def site(anyio_backend: str, family: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


@pytest.fixture(autouse=True)
def _as_many_as_the_tests_book(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "MOST", 50)


def form(site: httpx.Client, address: str) -> dict[str, str]:
    """The fields of the form on a confirming page, as a browser would send them."""
    page = site.get(address)
    assert page.status_code == 200, address
    fields = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', page.text))
    checked = re.findall(r'<input [^>]*name="way"[^>]*value="([a-z-]+)" checked', page.text)
    return {name: unescape(value) for name, value in fields.items()} | ({"way": checked[0]} if checked else {})


def confirming(kind: str, when: str, days: int, who: str = "anne", **more: str) -> str:
    """The address of a time: with Anne or Bo."""
    query = {"start": utc(at(days, when)), "actors": f"PractitionerRole/{who}-post", "way": "in-person", **more}
    return f"/portal/book/{kind}/confirm?{httpx.QueryParams(query)}"


def send(site: httpx.Client, kind: str, fields: dict[str, str], **more: str) -> httpx.Response:
    return site.post(f"/portal/book/{kind}", data={**fields, **more})


def book(site: httpx.Client, when: str, days: int, who: str = "anne", **more: str) -> str:
    """The address of a new appointment."""
    fields = form(site, confirming("control", when, days, who))
    answer = send(site, "control", fields, **more)
    assert answer.status_code == 303, fields
    return answer.headers["location"].partition("?")[0]


def test_what_may_be_booked_is_told_place_by_place_and_nothing_of_the_units_own(site: httpx.Client) -> None:
    page = as_(site, "kari").get("/portal/book").text
    assert "Fjordby legesenter" in page
    assert "Fastlegen din" in page
    assert "Kontroll" in page
    assert "Intern samtale" not in page
    assert "Fjordby helsestasjon" not in page


def test_the_first_free_time_is_the_first_of_all_and_the_others_are_of_other_days(site: httpx.Client) -> None:
    page = as_(site, "kari").get("/portal/book/control").text
    assert page.count("Første ledige") == 1
    starts = re.findall(r"start=(\d{4}-\d\d-\d\d)T", page)
    assert len(starts) == 5
    assert sorted(set(starts)) == starts


def test_times_before_noon_and_after_three_and_by_video(site: httpx.Client) -> None:
    as_(site, "kari")
    clock = r'<h2 class="p-clock">Kl\. (\d\d)\.\d\d</h2>'
    assert all(int(hour) < 12 for hour in re.findall(clock, site.get("/portal/book/control?show=before12").text))
    late = re.findall(clock, site.get("/portal/book/control?show=after15").text)
    assert late
    assert all(int(hour) >= 15 for hour in late)
    video = site.get("/portal/book/control?show=video").text
    assert video.count("Video, hvor du vil") == 5
    assert "way=video" in video


def test_all_times_are_shown_on_request_day_by_day(site: httpx.Client) -> None:
    first = as_(site, "kari").get("/portal/book/control").text
    more = unescape(re.findall(r'href="([^"]*since=[^"]*)"', first)[0])
    page = site.get(more).text
    assert page.count("Velg<") == 40
    assert "Vis flere tider" in page


def test_a_time_is_booked_with_words_and_an_interpreter_and_stands_as_it_was_chosen(site: httpx.Client) -> None:
    as_(site, "kari")
    address = book(site, "09:00", 6, words="Vondt i  kneet", interpreter="ar", way="video")
    page = site.get(address).text
    for words in ("Kontroll", "kl. 09.00", "30 minutter", "Hos Anne", "Fjordby legesenter", "Vondt i kneet"):
        assert words in page, words
    assert "Ja, arabisk" in page
    assert "Videosamtale" in page
    assert re.search(r"Gratis å avbestille til \w+ \d+\. \w+ kl\. 09\.00\. Etter det koster det 150 kroner\.", page)


def test_the_confirming_page_tells_when_where_and_what_it_costs(site: httpx.Client) -> None:
    page = as_(site, "kari").get(confirming("control", "10:00", 6)).text
    for words in ("Kl. 10.00", "Fjordby legesenter", "Anne", "Trenger du tolk?", "koster det 150 kroner"):
        assert words in page, words


def test_a_form_that_is_sent_twice_books_once(site: httpx.Client) -> None:
    fields = form(as_(site, "kari"), confirming("control", "11:00", 6))
    first, second = send(site, "control", fields), send(site, "control", fields)
    assert first.headers["location"] == second.headers["location"]
    told = site.get(f"/portal/book/told?once={fields['once']}").json()
    assert told["address"] == first.headers["location"]


def test_a_form_that_never_came_has_booked_nothing(site: httpx.Client) -> None:
    assert as_(site, "kari").get(f"/portal/book/told?once={uuid4()}").json() == {"address": ""}


def test_nobody_is_told_what_the_form_of_another_has_made(site: httpx.Client) -> None:
    fields = form(as_(site, "kari"), confirming("control", "11:30", 6))
    send(site, "control", fields)
    assert as_(site, "elias").get(f"/portal/book/told?once={fields['once']}").json() == {"address": ""}


def test_who_comes_second_gets_three_others_and_keeps_what_he_wrote(site: httpx.Client, family: World) -> None:
    fields = form(as_(site, "kari"), confirming("control", "13:00", 6))
    book(as_(site, "mina"), "13:00", 6)
    lost = send(as_(site, "kari"), "control", fields, words="Ring meg helst", interpreter="so")
    assert lost.status_code == 409
    assert "Noen andre tok tiden rett før deg." in lost.text
    assert lost.text.count("Ta denne") == 3
    assert lost.text.count('name="words" value="Ring meg helst"') == 3
    others = re.findall(r'name="start" value="([^"]+)"><input type="hidden" name="actors" value="([^"]+)"', lost.text)
    done = send(site, "control", {**fields, "start": others[0][0], "actors": others[0][1]}, words="Ring meg helst")
    assert "Ring meg helst" in site.get(done.headers["location"]).text


def test_who_has_enough_times_ahead_is_told_and_keeps_what_he_wrote(
    site: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = form(as_(site, "kari"), confirming("control", "14:30", 11))
    monkeypatch.setattr(sending, "MOST", 0)
    answer = send(site, "control", fields, words="Vondt i albuen")
    assert answer.status_code == 409
    assert "Du har alt flere slike timer framover" in answer.text
    assert "Vondt i albuen" in answer.text


def test_a_moved_appointment_is_kept_until_the_new_time_is_taken(site: httpx.Client) -> None:
    address = book(as_(site, "kari"), "08:00", 7)
    id_ = address.rpartition("/")[2]
    page = site.get(f"/portal/book/control?move={id_}").text
    assert "Timen du flytter" in page
    assert "Du beholder denne til du har valgt ny." in page
    assert "kl. 08.00" in site.get(address).text
    fields = form(site, confirming("control", "09:30", 8, move=id_))
    moved = send(site, "control", fields)
    assert moved.headers["location"] == f"{address}?done=moved"
    assert "kl. 09.30" in site.get(address).text
    assert send(site, "control", fields).headers["location"] == f"{address}?done=moved"


def test_an_appointment_that_was_changed_meanwhile_is_not_moved(site: httpx.Client) -> None:
    address = book(as_(site, "kari"), "10:00", 8)
    id_ = address.rpartition("/")[2]
    first = form(site, confirming("control", "11:00", 8, move=id_))
    second = form(site, confirming("control", "12:00", 8, move=id_))
    assert send(site, "control", first).headers["location"].endswith("done=moved")
    assert send(site, "control", second).headers["location"].endswith("done=changed")
    assert "kl. 11.00" in site.get(address).text


def test_what_it_costs_is_told_before_an_appointment_is_cancelled_and_a_reason_is_chosen(site: httpx.Client) -> None:
    address = book(as_(site, "kari"), "14:00", 9)
    asked = site.get(f"{address}/cancel").text
    assert "Gratis å avbestille til" in asked
    fields = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)"', asked))
    assert site.post(f"{address}/cancel", data=fields).status_code == 422
    done = site.post(f"{address}/cancel", data={**fields, "reason": "pat"})
    assert done.headers["location"] == f"{address}?done=cancelled"
    assert "Denne timen er avlyst" in site.get(address).text
    again = site.post(f"{address}/cancel", data={**fields, "reason": "pat"})
    assert again.headers["location"] == f"{address}?done=cancelled"


def test_a_late_cancelling_says_what_it_costs_now_and_moving_is_not_offered(site: httpx.Client) -> None:
    address = "/portal/appointments/kari-soon"
    page = as_(site, "kari").get(address).text
    assert "Avbestiller du etter den, koster det 150 kroner" in page
    assert f'href="{address}/cancel"' in page
    assert "Flytt timen" not in page
    asked = site.get(f"{address}/cancel").text
    assert "Avbestill, og betal" in asked


def test_a_parent_books_for_the_child_at_the_health_station(site: httpx.Client) -> None:
    page = acting(site, "mina", "odin").get("/portal/book").text
    assert "Fjordby helsestasjon" in page
    assert "Bestill time for Odin" in page
    times = site.get("/portal/book/shot").text
    chosen = unescape(re.findall(r'href="(/portal/book/shot/confirm[^"]*)"', times)[0])
    done = send(site, "shot", form(site, chosen))
    shown = site.get(done.headers["location"]).text
    assert "Vaksine" in shown
    assert "For Odin Odin" in shown


def test_a_visit_that_is_not_offered_to_this_citizen_is_not_found(site: httpx.Client) -> None:
    as_(site, "kari")
    assert site.get("/portal/book/inside").status_code == 404
    assert site.get("/portal/book/shot").status_code == 404
    assert site.get("/portal/book/nothing").status_code == 404


def test_nonsense_in_an_address_is_no_fault(site: httpx.Client) -> None:
    as_(site, "kari")
    for query in ("since=yesterday", "since=%00", "since=2026-01-01", "show=%00", "move=nothing"):
        assert site.get(f"/portal/book/control?{query}").status_code in (200, 404), query
    for query in ("", "start=soon", "start=2026-01-01", f"start={utc(at(6, '09:07'))}&actors=x/y"):
        assert site.get(f"/portal/book/control/confirm?{query}").status_code in (303, 409), query


def test_who_has_come_says_so_once(site: httpx.Client) -> None:
    address = "/portal/appointments/mina-soon"
    page = as_(site, "mina").get(address).text
    assert "Jeg er her" in page
    assert site.post(f"{address}/arrive", data={"for": "mina"}).headers["location"] == f"{address}?done=arrived"
    page = site.get(address).text
    assert "Du har meldt at du er kommet" in page
    assert "Jeg er her" not in page
    assert site.post(f"{address}/arrive", data={"for": "mina"}).headers["location"] == f"{address}?done=arrived"


def test_nobody_says_that_he_is_here_days_before(site: httpx.Client) -> None:
    address = book(as_(site, "kari"), "12:30", 9)
    assert "Jeg er her" not in site.get(address).text
    assert site.post(f"{address}/arrive", data={"for": "kari"}).headers["location"].endswith("done=early")


@pytest.fixture
async def referred(anyio_backend: str, family: World) -> None:
    """Kari is referred to the ward, where it was assessed; Mina's referral was not."""
    await family.put(*referral("kari-referred", "kari", state="assessed"), *referral("mina-referred", "mina"))


@pytest.mark.usefixtures("referred")
def test_with_a_referral_that_was_assessed_one_books_what_takes_one_and_it_is_booked(site: httpx.Client) -> None:
    assert "Poliklinisk time" not in as_(site, "mina").get("/portal/book").text
    assert site.get("/portal/book/clinic").status_code == 404
    page = as_(site, "kari").get("/portal/book").text
    assert "Poliklinisk time" in page
    times = site.get("/portal/book/clinic").text
    assert "Si fra til meg" not in times
    chosen = unescape(re.findall(r'href="(/portal/book/clinic/confirm[^"]*)"', times)[-1])
    done = send(site, "clinic", form(site, chosen))
    assert done.headers["location"].endswith("done=booked")
    assert "Poliklinisk time" in site.get(done.headers["location"]).text


@pytest.mark.usefixtures("referred")
async def test_a_referral_of_another_or_to_another_unit_opens_nothing(family: World) -> None:
    mina = await family.permit("mina")
    kind = await visit_type(family.door, mina, "clinic")
    for based_on in ("", "ServiceRequest/kari-referred", "ServiceRequest/nothing"):
        with pytest.raises((Forbidden, NotFound)):
            await schedule(family.door, mina, "mina", kind, at(7, "15:00"), based_on=based_on)


@pytest.fixture
async def at_home(anyio_backend: str, family: World) -> None:
    """Mina and Odin live in Fjordby."""
    await family.put(
        {**citizen("mina", **lives_in("9999"))}, {**citizen("odin", born=years_ago(7), **lives_in("9999"))}
    )


@pytest.mark.usefixtures("at_home")
def test_what_is_for_the_young_of_a_municipality_is_booked_for_the_child_who_lives_there(site: httpx.Client) -> None:
    assert "Skolehelse" not in as_(site, "kari").get("/portal/book").text
    assert "Skolehelse" not in as_(site, "mina").get("/portal/book").text
    page = acting(site, "mina", "odin").get("/portal/book").text
    assert "Skolehelse" in page
    assert "Der Odin bor" in page
    assert site.get("/portal/book/young").status_code == 200


def test_the_kind_of_visit_is_called_in_the_readers_language(site: httpx.Client) -> None:
    as_(site, "mina")
    for page in ("/portal", "/portal/appointments", "/portal/appointments/mina-soon"):
        shown = site.get(page, headers={"accept-language": "en"}).text
        assert "Check-up" in shown, page
        assert "Kontroll" not in shown, page
