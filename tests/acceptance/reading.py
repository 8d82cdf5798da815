"""A browser as a person has it: signed in by a click, listened to for errors, looked at with axe."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Playwright, Response

SESSION = "samjournal"
ROOT = Path(__file__).parents[2]
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
SCREENSHOTS = ROOT / "tests" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BY_WIDTH = ["target-size", "scrollable-region-focusable", "meta-viewport"]
"""The rules whose answer depends on how wide the page is shown."""
RIGHT_AWAY = 2000
"""Milliseconds within which what one reader saved is seen by the others. Requirement 1.1"""


@cache
def chromium() -> str | None:
    """The browser of this machine, found as `make test` finds it."""
    sys.path.insert(0, str(ROOT / "assets"))
    try:
        from chromium import find  # type: ignore[import-not-found]
    finally:
        sys.path.pop(0)
    return find()  # type: ignore[no-any-return]


# What takes a page of its own in each window though nobody sees it: the suggestions below the address. After it what
# Playwright leaves out, which a second list would put in again.
_LEFT_OUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)


def launched(play: Playwright) -> Browser:
    """That browser, with nothing around its pages."""
    flags = ["--no-sandbox", "--disable-gpu", f"--disable-features={','.join(_LEFT_OUT)}"]
    return play.chromium.launch(executable_path=chromium(), args=flags)


@dataclass
class People:
    """Makes browsers for people and keeps what the browsers complained about."""

    browser: Browser
    address: str
    sessions: dict[tuple[str, str | None], Any]
    complaints: list[str] = field(default_factory=list)
    desks: list[tuple[str, str | None, BrowserContext]] = field(default_factory=list)

    def browser_of(self, **how: Any) -> BrowserContext:
        """A fresh browser of somebody who is not signed in."""
        context = self.browser.new_context(**{"viewport": DESKTOP, "locale": "nb-NO", "base_url": self.address, **how})
        context.set_default_timeout(10_000)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.complaints.append(f"{error.page.url}: {error.error}"))
        context.on("response", self._response)
        return context

    def sign_in(self, login: str, *, unit: str | None = None, **how: Any) -> Page:
        """A page of a persona in a fresh browser, by the button on the sign-in page; `unit` is the role chosen."""
        page = self.browser_of(**how).new_page()
        page.goto("/signin")
        page.locator(f"form:has(input[value={login}]) button").click()
        if unit:
            page.locator("form.roles button", has_text=unit).click()
        return page

    def desk_of(self, login: str, *, unit: str | None = None, **how: Any) -> Page:
        """An empty page of somebody who has been signed in since before: the same session, a fresh browser."""
        if not self._stands(login, unit):
            page = self.sign_in(login, unit=unit)
            self.sessions[login, unit] = page.context.storage_state()
        context = self.browser_of(**{"storage_state": self.sessions[login, unit], **how})
        self.desks.append((login, unit, context))
        return context.new_page()

    def _stands(self, login: str, unit: str | None) -> bool:
        """Whether somebody's kept session still opens pages."""
        if (login, unit) not in self.sessions:
            return False
        cookie = next((one for one in self.sessions[login, unit]["cookies"] if one["name"] == SESSION), None)
        if cookie is None:
            return False
        sent = {"cookie": f"{SESSION}={cookie['value']}", "accept": "application/json"}
        return httpx.get(f"{self.address}/session/left", headers=sent).status_code == 200

    def rest(self) -> None:
        """Close every browser. Who chose another role has another cookie, by which he is known from then on; who signed
        out, or whose time was let pass, signs in anew."""
        for login, unit, context in self.desks:
            if context not in self.browser.contexts or (login, unit) not in self.sessions:
                continue
            now = {one["name"]: one for one in context.cookies()}.get(SESSION)
            kept = self.sessions[login, unit]["cookies"]
            if now is not None and now["value"] not in {one["value"] for one in kept}:
                self.sessions[login, unit]["cookies"] = [one for one in kept if one["name"] != SESSION] + [now]
        for context in self.browser.contexts:
            context.close()
        self.desks.clear()

    def _console(self, message: ConsoleMessage) -> None:
        # A page that answers 403, 404 or 422 is a page like another; a part of a page that is missing is an error.
        refused = "Failed to load resource" in message.text and "/static/" not in message.location.get("url", "")
        if message.type == "error" and not refused:
            self.complaints.append(f"{message.location.get('url')}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.url}: {response.status}")


def chart_of(page: Page, patient: str) -> Page:
    """Open a patient's chart."""
    page.goto(f"/workspace/patients/{patient}")
    return page


def press(page: Page, key: str) -> None:
    """Press a key on a page that has arrived with its scripts: before them no key means anything, to nobody."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def record_pressure(page: Page, systolic: int | str, diastolic: int | str) -> None:
    """Fill in the quick entry, wherever the role has it, and save."""
    form = page.locator("form.quick")
    if not form.first.is_visible():
        page.locator("#new-measurement > summary").click()
    form.locator("input[name=systolic]").fill(str(systolic))
    form.locator("input[name=diastolic]").fill(str(diastolic))
    form.locator("button").click()


def write_note(page: Page, title: str, text: str) -> None:
    """Open the page for a note, fill it in and sign."""
    page.locator("#new-note").click()
    page.locator("#note-title").fill(title)
    page.locator("#note-text").fill(text)
    page.get_by_role("button", name="Signer").click()


def text_of(place: Locator) -> str:
    """All text of a place, folded parts too, without what is new for this reader, and without what he may do."""
    told: str = place.evaluate(
        """place => {
          const copy = place.cloneNode(true);
          copy.querySelectorAll(".ny, form, .hintline").forEach(mark => mark.remove());
          return copy.textContent;
        }"""
    )
    return " ".join(told.split())


def focused(page: Page) -> dict[str, Any]:
    """Where the keyboard is: its words, and whether a person can see that it is there."""
    found: dict[str, Any] = page.evaluate(
        """() => {
          const e = document.activeElement, s = getComputedStyle(e), b = e.getBoundingClientRect();
          // Of a field for many lines the browser brings the line into sight that one writes on.
          const middle = e.tagName === "TEXTAREA" ? Math.min(b.height / 2, 24) : b.height / 2;
          const top = document.elementFromPoint(b.x + b.width / 2, b.y + middle);
          const drawn = (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none";
          const onScreen = b.width > 1 && b.bottom > 0 && b.top < innerHeight && b.right > 0 && b.left < innerWidth;
          return {
            id: e.id, tag: e.tagName, words: (e.innerText || e.getAttribute("aria-label") || "").trim(),
            href: e.getAttribute("href") || "",
            visible: drawn && onScreen && !!top && (e.contains(top) || top.contains(e)),
          };
        }"""
    )
    return found


def tab_to(page: Page, arrived: Callable[[dict[str, Any]], bool], *, most: int = 80) -> dict[str, Any]:
    """Press Tab until there; every stop on the way must show where the keyboard is."""
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = focused(page)
        assert stop["visible"], f"the keyboard is out of sight on {page.url}: {stop}"
        if arrived(stop):
            return stop
    raise AssertionError(f"never reached by Tab on {page.url}")


def faults(page: Page, *, by_width: bool = False) -> list[str]:
    """What axe finds, whether the page is wider than the screen, and whether it scrolls as a whole beside its sheet.
    `by_width`: of a page that was looked at already, only what another width may change."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    rules = {"type": "rule", "values": BY_WIDTH} if by_width else {"type": "tag", "values": RULES}
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules)
    told = [
        f"{fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for fault in found["violations"]
        for node in fault["nodes"][:3]
    ]
    over = page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] :
          [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
            .sort((one, other) => !!one.closest(".rail") - !!other.closest(".rail"))
            .slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""
    )
    twice = page.evaluate(
        """() => {
          const sheet = document.querySelector(".sheet"), all = document.documentElement;
          return !!sheet && getComputedStyle(sheet).overflowY === "auto" && all.scrollHeight > all.clientHeight + 1;
        }"""
    )
    return [
        *told,
        *(f"wider than the screen: {each}" for each in over),
        *(["it scrolls in two places"] if twice else ()),
    ]


@cache
def _axe() -> str:
    return (ROOT / "tests" / "vendor" / "axe.min.js").read_text(encoding="utf-8")


def picture(page: Page, name: str) -> None:
    """A screenshot for people to look at, when they ask for them by PICTURES=1; the folder is not kept in the
    repository."""
    if not os.environ.get("PICTURES"):
        return
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
