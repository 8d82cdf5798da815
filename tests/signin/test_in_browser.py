"""Sessions as a browser has them: one that ends while somebody writes. docs/reference/sessions.md"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from acceptance.reading import DESKTOP, PHONE, chromium, faults, launched, picture, press
from portal.site import OURS, opened
from signin.conftest import Owner
from world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium(), reason="no Chromium: install it with `apt install chromium`"),
]
NEW = "/workspace/patients/kari/notes/new"
LONG = "Sov godt til klokka tre. Våknet av smerter, fikk paracetamol og ble lagt om. " * 40 + "Slutt."


@pytest.fixture(scope="module")
async def address(anyio_backend: str, world: World, database: str) -> AsyncIterator[str]:
    with opened(database) as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        started = launched(play)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    """A PC of the ward."""
    opened = browser.new_context(viewport=DESKTOP, locale="nb-NO", base_url=address)  # type: ignore[arg-type]
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


def sign_in(context: BrowserContext, login: str, at: str = "") -> None:
    """The world's people are no personas, so there is no button for them on the page."""
    answer = context.request.post(f"{at}/signin/demo", form={"login": login}, headers=OURS)
    assert answer.ok


def test_a_long_note_outlives_the_session_in_which_it_was_written(context: BrowserContext, owner: Owner) -> None:
    sign_in(context, "nurse")
    page = context.new_page()
    page.clock.install()
    page.goto(NEW)
    page.locator("#note-title").fill("Natt")
    dialog = page.get_by_role("dialog", name="Du blir snart logget ut")
    owner("UPDATE accounts.session SET seen = now() - idle + interval '90 s'")
    page.clock.fast_forward("28:30")
    expect(dialog).to_contain_text("Om 2 minutter blir du logget ut")
    assert faults(page) == []
    picture(page, "session-ends")
    dialog.get_by_role("button", name="Fortsett").click()
    expect(dialog).not_to_be_visible()
    page.locator("#note-text").fill(LONG)
    owner("UPDATE accounts.session SET seen = now() - idle")
    page.clock.fast_forward("31:00")
    expect(page).to_have_url(re.compile("/signin\\?next="), timeout=20_000)
    back = parse_qs(urlsplit(page.url).query)["next"][0]
    page.go_back()
    expect(page.get_by_text("Sov godt")).not_to_be_attached()
    sign_in(context, "nurse")
    # It was saved as a draft, or was on its way when the session ended, and is kept apart.
    page.goto(back)
    expect(page.locator("#note-text, .s-written")).to_contain_text(LONG)


def test_what_was_written_in_any_form_comes_back_without_scripts_too(
    browser: Browser, address: str, owner: Owner
) -> None:
    context = browser.new_context(java_script_enabled=False, locale="nb-NO", base_url=address)
    sign_in(context, "nurse")
    page = context.new_page()
    page.goto(f"{NEW}?fresh=1")
    page.locator("#note-title").fill("Natt")
    page.locator("#note-text").fill(LONG)
    owner("UPDATE accounts.session SET seen = now() - idle")
    page.get_by_role("button", name="Signer", exact=False).first.click()
    expect(page).to_have_url(re.compile("/signin\\?next=/signin/kept"))
    sign_in(context, "nurse")
    page.goto("/signin/kept")
    expect(page.locator(".s-kept")).to_contain_text("Våknet av smerter, fikk paracetamol")
    picture(page, "session-kept")
    page.get_by_role("button", name="Send nå").click()
    expect(page.locator(".saved")).to_contain_text("Notatet er signert")
    context.close()


def test_two_people_share_a_pc_and_each_goes_on_where_he_was(context: BrowserContext) -> None:
    sign_in(context, "nurse")
    page = context.new_page()
    page.goto("/signins")
    page.locator("#pc-name").fill("PC på vaktrommet")
    page.get_by_role("button", name="Gjør den til felles-PC for Ward").click()
    choose_pin(page, "482913")
    page.goto(f"{NEW}?fresh=1")
    page.locator("#note-title").fill("Vakt")
    page.locator("#note-text").fill("Uro i natt, trenger tilsyn.")
    # What was typed just now is on its way while the page is gone already.
    press(page, "Control+q")
    expect(page.get_by_role("heading", name="Låst: PC på vaktrommet")).to_be_visible()
    assert faults(page) == []
    picture(page, "locked")
    page.go_back()
    expect(page.get_by_text("Uro i natt")).not_to_be_attached()
    page.goto("/workspace/patients/kari")
    expect(page.get_by_role("heading", name="Låst: PC på vaktrommet")).to_be_visible()

    sign_in(context, "doctor")
    page.goto("/signins/pin?next=/workspace/patients/kari")
    choose_pin(page, "739164")
    expect(page.locator(".banner h1")).to_have_text("NORDMANN, Kari")
    press(page, "Control+q")

    began = time.monotonic()
    page.locator(".s-line", has_text="Nurse").get_by_role("link").click()
    expect(page.locator("#pin")).to_be_focused()
    page.keyboard.type("482913")
    page.keyboard.press("Enter")
    expect(page.locator("#note-text")).to_have_value("Uro i natt, trenger tilsyn.")
    print(f"switched user in {time.monotonic() - began:.1f} s: one click, six digits, Enter")
    expect(page.locator("a.user")).to_contain_text("Nurse")
    page.go_back()
    expect(page.locator("a.user")).not_to_contain_text("Doctor")


def choose_pin(page: Page, pin: str) -> None:
    page.get_by_label("Kode, 6 til 12 sifre").fill(pin)
    page.get_by_label("Samme kode igjen").fill(pin)
    page.get_by_role("button", name="Bruk koden").click()


def test_a_phone_is_paired_once_signs_in_in_two_steps_and_is_out_when_it_is_revoked(
    context: BrowserContext, browser: Browser, address: str, owner: Owner
) -> None:
    sign_in(context, "homenurse", named(address))
    pc = context.new_page()
    pc.goto(f"{named(address)}/signins")
    pc.get_by_role("button", name="Koble til telefon").click()
    expect(pc.locator(".s-qr img")).to_be_visible()
    assert faults(pc) == []
    picture(pc, "phone-code")
    code = pc.locator(".s-typed").inner_text()

    handset = browser.new_context(viewport=PHONE, locale="nb-NO", base_url=named(address))  # type: ignore[arg-type]
    handset.set_default_timeout(10_000)
    phone = handset.new_page()
    holding(phone)
    phone.goto("/signin/pair")
    phone.get_by_label("Kode").fill(code.lower())
    phone.get_by_role("button", name="Fortsett").click()
    expect(phone.locator(".s-lead")).to_contain_text("Denne telefonen kobles til Homenurse")
    assert faults(phone) == []
    picture(phone, "phone-pair")
    phone.get_by_role("button", name="Koble til", exact=True).click()
    expect(phone).to_have_url(f"{named(address)}/workspace")

    owner("UPDATE accounts.session SET seen = now() - idle WHERE phone IS NOT NULL")
    phone.goto("/workspace/inbox")
    phone.get_by_role("button", name="Logg inn med denne telefonen").click()
    expect(phone).to_have_url(f"{named(address)}/workspace/inbox")

    with phone.expect_response("**/live?*"):
        phone.reload()
    pc.goto(f"{named(address)}/signins")
    pc.get_by_role("button", name="Koble fra").click()
    expect(pc.get_by_role("status")).to_contain_text("alt på den er avsluttet")
    expect(phone).to_have_url(re.compile("/signin\\?next="))
    phone.get_by_role("button", name="Logg inn med denne telefonen").click()
    expect(phone.locator("h1")).to_have_text("Du ble ikke logget inn")
    handset.close()


def holding(page: Page) -> None:
    """A phone that knows its owner by the finger: passkeys, made and shown without a person."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def named(address: str) -> str:
    """The same by a name: passkeys are no numbers' own."""
    return address.replace("127.0.0.1", "localhost")
