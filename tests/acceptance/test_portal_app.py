"""The portal as an app: what a browser needs to install it, and what happens when the net is gone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import BrowserContext, expect

from acceptance.reading import People
from acceptance.running import Program
from portal.site import OURS
from samjournal.ui import static

TAKEN = """async () => {
  const { serviceWorker } = navigator;
  await serviceWorker.ready;
  if (!serviceWorker.controller) {
    await new Promise((done) => serviceWorker.addEventListener("controllerchange", done, { once: true }));
  }
}"""
"""Waits until the page is seen to by the worker."""


@pytest.fixture(scope="module")
def site(program: Program) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=program.address, headers=OURS, timeout=20) as client:
        yield client


@pytest.mark.parametrize(("code", "said"), [("nb", "journalen din"), ("nn", "journalen din"), ("en", "your record")])
def test_the_manifest_is_in_the_reader_s_language(site: httpx.Client, code: str, said: str) -> None:
    answer = site.get("/portal/manifest.webmanifest", headers={"accept-language": code})
    told = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (told["lang"], told["start_url"], told["display"]) == (code, "/portal", "standalone")
    assert said in told["name"]
    sizes = [icon["sizes"] for icon in told["icons"] if icon["type"] == "image/png"]
    assert {"192x192", "512x512"} <= set(sizes)
    for icon in told["icons"]:
        assert site.get(icon["src"]).status_code == 200


def test_the_worker_may_see_to_the_portal_and_is_asked_for_anew(site: httpx.Client) -> None:
    answer = site.get("/portal/worker.js")
    assert answer.headers["service-worker-allowed"] == "/portal"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_all_that_the_worker_keeps_is_the_same_for_everybody(site: httpx.Client) -> None:
    kept = json.loads(re.search(r"const FILES = (\[.*\]);", site.get("/portal/worker.js").text)[1])  # type: ignore[index]
    site.cookies.clear()
    for address in kept:
        assert address.startswith((f"/static/{static.version()}/", "/portal/offline?in="))
        assert site.get(address).status_code == 200
    page = site.get("/portal").text + site.get("/portal/offline").text
    used = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert used <= {*kept, *(static.address(name) for name in static.files() if name.startswith("app-"))}


def test_the_page_without_net_is_in_three_languages_and_about_nobody(site: httpx.Client) -> None:
    site.cookies.clear()
    said = {code: site.get(f"/portal/offline?in={code}").text for code in ("nb", "nn", "en")}
    assert "Du er uten nett" in said["nb"]
    assert "Du er utan nett" in said["nn"]
    assert "You are offline" in said["en"]
    site.post("/signin/demo", data={"login": "ragnhild"})
    assert site.get("/portal/offline?in=nb").text == said["nb"]


@pytest.fixture
def phone(people: People) -> BrowserContext:
    """A phone on which Ragnhild has signed in, and whose browser has taken the worker."""
    page = people.sign_in("ragnhild", viewport={"width": 360, "height": 740}, locale="nb")
    page.wait_for_url("**/portal", wait_until="load")
    page.evaluate(TAKEN)
    return page.context


@pytest.mark.browser
def test_chromium_finds_nothing_that_hinders_installing_it(phone: BrowserContext) -> None:
    page = phone.pages[0]
    hindered = {}
    for path in ("/portal", "/signin"):
        page.goto(path)
        told = phone.new_cdp_session(page).send("Page.getInstallabilityErrors")["installabilityErrors"]
        hindered[path] = [one["errorId"] for one in told if one["errorId"] != "in-incognito"]
    assert hindered["/portal"] == []
    if not hindered["/signin"]:
        pytest.skip("this Chromium finds nothing to say of a page without a manifest either: it cannot judge")
    assert hindered["/signin"] == ["no-manifest"]


@pytest.mark.browser
def test_without_net_the_app_opens_says_since_when_and_goes_on_when_it_is_back(phone: BrowserContext) -> None:
    phone.set_offline(offline=True)
    page = phone.new_page()
    page.goto("/portal")
    expect(page.locator("h1")).to_have_text("Du er uten nett")
    expect(page.locator("[data-offline]")).to_contain_text(re.compile(r"nett sist \d\d.\d\d.? kl\. \d\d\.\d\d"))
    expect(page.locator("#needs")).to_be_visible()
    assert page.evaluate("document.fonts.check('16px Inter')")
    assert "Ragnhild" not in page.content()
    phone.set_offline(offline=False)
    expect(page.locator("h1")).to_have_text("Hei, Ragnhild", timeout=15_000)


@pytest.mark.browser
def test_what_was_written_stays_when_the_net_goes_and_is_sent_when_it_is_back(phone: BrowserContext) -> None:
    page = phone.pages[0]
    page.goto("/portal/representation")
    page.fill("#family", "Vikan")
    page.check("#level-read-only")
    page.fill("#number", "12345678901")
    phone.set_offline(offline=True)
    expect(page.locator("[data-net]")).to_contain_text("Du er uten nett siden kl.")
    send = page.get_by_role("button", name="Gi rett til å opptre for meg")
    send.click()
    expect(page.locator("[data-net]")).to_contain_text("Ikke sendt")
    page.locator(".p-bar").get_by_role("link", name="Journal").click()
    expect(page.locator("[data-net]")).to_contain_text("trenger nett")
    assert page.input_value("#family") == "Vikan"
    phone.set_offline(offline=False)
    expect(page.locator("[data-net]")).to_have_text("Nettet er tilbake.")
    send.click()
    expect(page.locator("#wrong")).to_be_visible()
    assert page.input_value("#family") == "Vikan"


@pytest.mark.browser
def test_a_form_whose_sending_failed_leaves_the_page_as_it_was(phone: BrowserContext) -> None:
    page = phone.pages[0]
    page.goto("/portal/representation")
    page.fill("#family", "Vikan")
    page.check("#level-read-only")
    page.fill("#number", "12345678901")
    # The browser believes that there is net, and there is none: the commonest case on a phone.
    phone.set_offline(offline=True)
    page.evaluate("Object.defineProperty(navigator, 'onLine', { value: true })")
    page.get_by_role("button", name="Gi rett til å opptre for meg").click()
    expect(page.locator("[data-net]")).to_contain_text("mens du sendte")
    assert page.input_value("#family") == "Vikan"


@pytest.mark.browser
def test_after_signing_out_no_cache_holds_anything_of_the_record(phone: BrowserContext) -> None:
    page = phone.pages[0]
    for path in ("/portal/results", "/portal/notes", "/portal/record", "/portal"):
        page.goto(path)
    page.locator(".p-me summary").click()
    page.get_by_role("button", name="Logg ut").click()
    page.wait_for_url("**/signin", wait_until="load")
    kept = page.evaluate(
        """async () => {
          const found = {};
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const each of await cache.keys()) {
              found[new URL(each.url).pathname] = await (await cache.match(each)).text();
            }
          }
          return {found, stored: [localStorage.length, sessionStorage.length]};
        }"""
    )
    pages = [path for path in kept["found"] if not path.startswith("/static/")]
    assert sorted(set(pages)) == ["/portal/last", "/portal/offline"]
    assert not [path for path, text in kept["found"].items() if "Ragnhild" in text or "Solbakk" in text]
    assert kept["stored"] == [0, 0]
    # Nor does the way back show it, with net or without.
    page.go_back()
    expect(page.locator("body")).not_to_contain_text("Ragnhild Solbakk, deg selv")
    phone.set_offline(offline=True)
    page.goto("/portal/record")
    expect(page.locator("h1")).to_have_text("Du er uten nett")


SHOWN = "navigator.serviceWorker.ready.then((one) => one.getNotifications()).then((all) => all.map((n) => n.title))"


@pytest.mark.browser
def test_a_notice_is_shown_by_the_worker_and_another_takes_its_place(phone: BrowserContext) -> None:
    phone.grant_permissions(["notifications"])
    page = phone.pages[0]
    session, known = phone.new_cdp_session(page), list[dict[str, str]]()
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    for _ in range(200):
        if known:
            break
        page.evaluate(TAKEN)  # What the browser tells comes while it is asked something.
    origin = page.url.removesuffix("/portal")
    for title in ("Ny melding", "Påminnelse"):
        told = {"title": title, "text": "Du har en ny melding.", "link": "https://evil.example/", "tag": "samjournal"}
        push = {"origin": origin, "registrationId": known[-1]["registrationId"], "data": json.dumps(told)}
        session.send("ServiceWorker.deliverPushMessage", push)
        page.wait_for_function(f"(title) => {SHOWN}.then((titles) => titles.join() === title)", arg=title)
