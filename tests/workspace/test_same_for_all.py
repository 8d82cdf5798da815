"""The same action has the same name, key and place in the order in all roles: who may do less sees less, and nobody
finds it elsewhere. Requirement 8.5"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import combinations
from typing import Final

import pytest

from workspace.test_pages import Enter, enter
from workspace.test_timeline import note
from world import World, made, observation, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
ROLES: Final = ("doctor", "nurse", "homenurse", "secretary")
PATIENT: Final = "/workspace/patients/kari"
PAGES: Final = (
    "",
    "/notes",
    "/notes/plain",
    "/notes/new",
    "/problems",
    "/allergies",
    "/measurements",
    "/measurements/pulse",
    "/timeline",
    "/find?q=bra",
    "/access",
)
VOID: Final = frozenset(("img", "input", "link", "meta", "br", "hr", "wbr"))
APART: Final = frozenset(("first", "panel"))
"""What each role needs first stands there in an order of its own; what is in a panel belongs to the button that opens
it."""


@dataclass
class Action:
    """Something that can be pressed: what a form sends, or where a link leads; its key, and what it is called."""

    sent: str
    leads: str
    key: str
    words: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """As it is read, without the key."""
        return re.sub(r"\s+", " ", "".join(self.words)).strip()


class Actions(HTMLParser):
    """The actions of a page in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Action] = []
        self._open: list[tuple[str, frozenset[str]]] = []
        self._form, self._do, self._unread = "", "", 0
        self._current: Action | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form, self._do = f"{given.get('method', 'get')} {given.get('action', '')}", ""
        if tag == "input" and given.get("name") == "do":
            self._do = f" {given['value']}"
        classes = frozenset(given.get("class", "").split())
        if tag not in VOID:
            self._open.append((tag, classes))
        if any(classes & APART for _, classes in self._open):
            return
        if tag in ("a", "button", "summary") or (tag == "input" and "data-key" in given):
            sent = f"{self._form}{self._do} {given.get('value', '')}".strip() if tag == "button" else ""
            self._current = Action(sent, given.get("href", ""), given.get("data-key", ""))
            self.found.append(self._current)
            if tag == "input" or "user" in classes:
                self._current = None  # The own name is whose page it is.
            elif label := given.get("aria-label") or given.get("title"):
                self._current.words.append(label)
                self._current = None  # What stands in it is about this reader.
        if tag == "kbd" or "aria-hidden" in given:
            self._unread = len(self._open)

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            last, _ = self._open.pop()
            self._unread = 0 if len(self._open) < self._unread else self._unread
            if last == tag:
                break
        if tag in ("a", "button", "summary"):
            self._current = None
        if tag == "form":
            self._form, self._do = "", ""

    def handle_data(self, data: str) -> None:
        if self._current is not None and not self._unread:
            self._current.words.append(data)


def acts(page: str) -> dict[str, Action]:
    """What can be done on a page, by what is sent, by key or by where it leads, in the order of the page."""
    main = page[page.index("<body") :]
    return {one.sent or one.key or one.leads or one.name: one for one in Actions(main).found}


@pytest.fixture(scope="module")
async def told(world: World) -> World:
    pulse = {"value": 64, "code": "/min", "system": "http://unitsofmeasure.org"}
    await world.put(
        made("EpisodeOfCare", "kari-home", status="active", patient=to("Patient/kari"))
        | {"managingOrganization": to("Organization/homecare")},
        note("plain", "2026-11-20T10:00:00+01:00", "Har det bra."),
        made("Condition", "flu", subject=to("Patient/kari"), code={"text": "Influensa"}, onsetDateTime="2011"),
        made("AllergyIntolerance", "bee", patient=to("Patient/kari"), code={"text": "Bie"}),
        observation("kari") | {"id": "pulse", "valueQuantity": pulse},
    )
    return world


@pytest.mark.parametrize("path", PAGES)
async def test_what_two_roles_may_do_has_the_same_name_key_and_place(told: World, enter: Enter, path: str) -> None:
    seen = {}
    for role in ROLES:
        page = await enter(role).get(f"{PATIENT}{path}")
        assert page.status_code == 200
        seen[role] = acts(page.text)
        assert len(seen[role]) > 8
    for one, other in combinations(ROLES, 2):
        both = seen[one].keys() & seen[other].keys()
        assert len(both) > 8
        named = [
            [(what, act.key, act.name) for what, act in seen[role].items() if what in both] for role in (one, other)
        ]
        assert named[0] == named[1], f"{one} and {other} see it differently"


def test_a_page_that_calls_it_otherwise_or_moves_it_is_seen() -> None:
    page = '<body><a href="/a" data-key="n">Nytt <kbd>N</kbd></a><form action="/b"><button>Lagre</button></form>'
    other = page.replace("Nytt", "Skriv")
    assert [(each.name, each.key) for each in acts(page).values()] == [("Nytt", "n"), ("Lagre", "")]
    assert acts(page)["n"].name != acts(other)["n"].name
    moved = '<body><form action="/b"><button>Lagre</button></form><a href="/a" data-key="n">Nytt</a>'
    assert list(acts(moved)) == list(reversed(list(acts(page))))
