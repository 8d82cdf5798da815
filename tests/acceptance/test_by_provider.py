"""Signing in by ID-porten and HelseID in a real browser, against certified providers. Requirement 2.4

What an honest provider never does is tried in tests/openid and tests/signin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from acceptance import providers
from acceptance.providers import Providers
from acceptance.reading import DESKTOP, PHONE, People, chromium, faults, launched, picture
from portal.site import opened
from samjournal import accounts
from samjournal.db.pool import connect
from samjournal.fhir.identifiers import HPR, ORGANIZATION
from samjournal.server.identity import identity
from world import build, organization

pytestmark = pytest.mark.browser
KARI, WARD = "11834826226", "312345670"
HELSEID = "helseid://claims"
LOG = "/portal/log?show=all"
DOCTOR = {f"{HELSEID}/hpr/hpr_number": "123456789", f"{HELSEID}/identity/security_level": "4"}
PEOPLE = [
    {"of": "idporten", "name": "Kari", "acr": "idporten-loa-high", "claims": {"pid": KARI}},
    {"of": "idporten", "name": "Kari med MinID", "acr": "idporten-loa-substantial", "claims": {"pid": KARI}},
    {"of": "idporten", "name": "Europeer", "acr": "idporten-loa-high", "claims": {}},
    {"of": "helseid", "name": "Lege", "acr": "Level4", "claims": DOCTOR},
    {
        "of": "helseid",
        "name": "Lege på sengeposten",
        "acr": "Level4",
        "claims": {**DOCTOR, f"{HELSEID}/client/claims/orgnr_parent": WARD},
    },
    {
        "of": "helseid",
        "name": "Lege et annet sted",
        "acr": "Level4",
        "claims": {**DOCTOR, f"{HELSEID}/client/claims/orgnr_parent": "399999999"},
    },
]


@dataclass(frozen=True)
class Standing:
    """A site, its providers, and browsers of people."""

    people: People
    providers: Providers

    def page(self) -> Page:
        """A fresh browser."""
        return self.people.browser_of().new_page()


async def _prepared(dsn: str) -> None:
    """A small world in which a doctor works at two places."""
    pool = await connect(dsn, size=4)
    try:
        world = await build(pool)
        await world.put({**organization("ward"), "identifier": [{"system": ORGANIZATION, "value": WARD}]})
        doctor = await accounts.account(pool, "doctor")
        assert doctor is not None
        at = doctor.roles[0]
        elsewhere = accounts.RoleAt("doctor", "homecare", "doctor-elsewhere", "Homecare")
        async with pool.transaction() as db:
            await accounts.add(db, [accounts.Account("doctor", "Doctor", "staff", (at, elsewhere), "doctor")])
            await accounts.know_as(db, "doctor", [(HPR, "123456789")])
    finally:
        await pool.close(patience=2)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium() is None:
        pytest.skip("no Chrome or Chromium on this machine: install one with `sudo apt install chromium`")
    with sync_playwright() as play:
        one = launched(play)
        yield one
        one.close()


@pytest.fixture(scope="module")
def site(database: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Standing]:
    if providers.node() is None:
        pytest.skip("no OpenID provider: `python assets/peers.py` fetches it")
    asyncio.run(_prepared(database))
    folder, port = tmp_path_factory.mktemp("identity"), providers.free_port()
    address = f"http://127.0.0.1:{port}"
    with providers.started(address, PEOPLE, folder / "log") as both:
        ways = identity(both.file(folder), address)
        with opened(database, port=port, identity=ways):
            # Last, so that its loop does not run while the others begin.
            people = People(request.getfixturevalue("browser"), address, {})
            yield Standing(people, both)
            people.rest()
            assert people.complaints == []


def choose(page: Page, name: str) -> None:
    """At the provider: who one is."""
    page.get_by_role("button", name=name, exact=True).click()


def test_a_citizen_comes_and_goes(site: Standing) -> None:
    page, people = site.page(), site.people
    back: list[str] = []
    page.on("request", lambda one: back.append(one.url) if "/return" in one.url else None)

    # A link without a session leads to the provider, and back to the very page; its keys change meanwhile.
    page.goto("/portal/log?show=all")
    looked_at(page, "sign-in")
    page.get_by_role("link", name="Logg inn med ID-porten").click()
    expect(page.locator("p")).to_contain_text("login idporten-loa-high nb")
    site.providers.rotate("idporten")
    choose(page, "Kari")
    expect(page).to_have_url(people.address + "/portal/log")
    assert_is(page, "Kari")

    # What came back counts once.
    page.goto(back[0])
    expect(page.locator("h1")).to_have_text("Innloggingen er gammel eller brukt")
    looked_at(page, "used")
    page.goto("/portal")
    assert_is(page, "Kari")

    # Who is signed in at the provider lands on the page of a link at once; its clock is a little wrong.
    page.context.clear_cookies(name="samjournal")
    site.providers.wrong_clock(20)
    page.goto("/signin/idporten?next=/portal/log")
    expect(page).to_have_url(people.address + "/portal/log")
    site.providers.wrong_clock(0)

    # Who is asked to show again that it is him does so there, though he is signed in there too.
    page.goto("/signin/again?next=/portal/log")
    choose(page, "Kari")
    expect(page).to_have_url(people.address + "/portal/log")

    # Who leaves here leaves the provider too, and must say anew who he is.
    page.goto("/signout")
    page.locator("main").get_by_role("button", name="Logg ut").click()
    page.get_by_role("button", name="Logg ut overalt").click()
    expect(page.locator("h1")).to_have_text("Du er logget ut")
    assert page.url.startswith(people.address)
    page.goto("/signin/idporten")
    choose(page, "Kari")
    expect(page).to_have_url(people.address + "/portal")

    # Who leaves the provider has left here, at the next click.
    other = page.context.new_page()
    other.goto(f"{site.providers.issuers['idporten']}/session/end")
    choose(other, "Logg ut overalt")
    other.wait_for_load_state()
    page.goto("/portal")
    expect(page).to_have_url(f"{people.address}/signin?next=/portal")


def test_who_does_not_get_in_is_told_what_to_do(site: Standing) -> None:
    page, people = site.page(), site.people
    page.goto("/signin/idporten?next=/portal/log")
    choose(page, "Avbryt")
    expect(page.locator("h1")).to_have_text("Du avbrøt innloggingen")

    # The provider knows who it is by now: one leaves it to prove oneself better.
    page.get_by_role("link", name="Prøv igjen med ID-porten").click()
    choose(page, "Kari med MinID")
    expect(page.locator("h1")).to_have_text("Du må logge inn på et høyere nivå")
    page.context.clear_cookies()
    page.goto("/signin/idporten?next=/portal/log")
    choose(page, "Europeer")
    expect(page.locator("h1")).to_have_text("Vi fant ikke noe fødselsnummer eller D-nummer")
    looked_at(page, "refused")
    page.get_by_role("link", name="Logg ut av ID-porten").click()
    choose(page, "Logg ut overalt")
    page.goto("/signin/idporten?next=/portal/log")

    # What comes back is stolen on the way, and tried in another browser; then by whoever it was meant for.
    stolen = sent_back(page, people.address, who="Kari")
    thief = site.page()
    thief.goto(stolen)
    expect(thief.locator("h1")).to_have_text("Innloggingen er gammel eller brukt")
    thief.goto("/portal")
    expect(thief).to_have_url(f"{people.address}/signin?next=/portal")
    page.goto(stolen)
    expect(page.locator("h1")).to_have_text("Innloggingen er gammel eller brukt")


def test_staff_have_the_roles_where_they_said_that_they_work(site: Standing) -> None:
    page, people = site.page(), site.people
    page.goto("/workspace")
    page.get_by_role("link", name="Logg inn med HelseID").click()
    choose(page, "Lege")
    expect(page.locator("form.roles button")).to_have_count(2)
    page = again(page.context)
    choose(page, "Lege på sengeposten")
    expect(page).to_have_url(people.address + "/workspace")
    expect(page.locator("header").first).to_contain_text("Ward")
    page = again(page.context)
    choose(page, "Lege et annet sted")
    expect(page.locator("h1")).to_have_text("Du har ingen rolle i den virksomheten du valgte")

    # Last: the provider is gone.
    site.providers.process.kill()
    site.providers.process.wait()
    page.goto("/signin/helseid?next=/workspace")
    expect(page.locator("h1")).to_have_text("HelseID svarer ikke akkurat nå")
    looked_at(page, "away")


def again(context: BrowserContext) -> Page:
    """The same person's browser without anything that is remembered, at HelseID."""
    context.clear_cookies()
    page = context.new_page()
    page.goto("/signin/helseid")
    return page


def sent_back(page: Page, site: str, **form: str) -> str:
    """Where the provider sends the browser back to, which does not go there."""
    answer = page.request.post(page.url, form=dict(form), max_redirects=0)
    while not (address := answer.headers["location"]).startswith(site):
        answer = page.request.get(address, max_redirects=0)
    return address


def assert_is(page: Page, name: str) -> None:
    expect(page.locator("header").first).to_contain_text(name)


def looked_at(page: Page, name: str) -> None:
    """At two widths, without faults."""
    for size, told in ((DESKTOP, "desktop"), (PHONE, "phone")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert faults(page, by_width=size is PHONE) == []
        picture(page, f"by-provider-{name}-{told}")
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
