"""What a task costs a person: key presses, signs of text, clicks; and the table of it in docs/reference/effort.md.

    @task("Open a patient by name", who="ayla", start="/workspace")
    def open_by_name(hand: Hand) -> None: ...

A task begins on a page that stands, and ends when `hand.sees` what it was for. Only what goes through the hand counts:
each key of a chord (Ctrl K is two), each sign that is typed as content, each click or tap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from playwright.sync_api import Locator, Page, expect

from acceptance.reading import ROOT, press

PAGE = ROOT / "docs" / "reference" / "effort.md"
BEGIN, END = "<!-- effort begins -->", "<!-- effort ends -->"


class Effort(NamedTuple):
    """Keys that are no content, signs of content, clicks."""

    keys: int
    signs: int
    clicks: int


class Step(NamedTuple):
    """What a person did: `press` keys, `type` content, `click`, `see`; and how many keys or signs."""

    kind: str
    count: int = 0


@dataclass
class Hand:
    """Hands on a page, counted; `steps` is what they did, in order."""

    page: Page
    keys: int = 0
    signs: int = 0
    clicks: int = 0
    steps: list[Step] = field(default_factory=list)

    def press(self, *chords: str) -> None:
        """Keys that are no content: `m`, `Tab`, `Control+k`."""
        for chord in chords:
            self.keys += len(chord.split("+"))
            self.steps.append(Step("press", len(chord.split("+"))))
            press(self.page, chord)

    def type(self, text: str) -> None:
        """Content: a number, a name, a note."""
        self.signs += len(text)
        self.steps.append(Step("type", len(text)))
        self.page.keyboard.type(text)

    def click(self, what: str | Locator) -> None:
        """A click, or a tap on the phone."""
        self.clicks += 1
        self.steps.append(Step("click"))
        (self.page.locator(what).first if isinstance(what, str) else what).click()

    def sees(self, what: str | Locator, text: str = "") -> None:
        """What the task was for stands on the screen, without scrolling."""
        self.steps.append(Step("see"))
        place = self.page.locator(what).first if isinstance(what, str) else what
        expect(place).to_contain_text(text)
        expect(place).to_be_in_viewport()

    @property
    def effort(self) -> Effort:
        return Effort(self.keys, self.signs, self.clicks)


@dataclass(frozen=True)
class Task:
    """One frequent task: its name in the table, who does it, where it starts, on which device."""

    name: str
    who: str
    unit: str | None
    start: str
    phone: bool
    do: Callable[[Hand], None]


TASKS: list[Task] = []


def task(
    name: str, *, who: str, start: str, unit: str | None = None, phone: bool = False
) -> Callable[[Callable[[Hand], None]], Callable[[Hand], None]]:
    """Put a task on the list, in the order of the file."""

    def add(do: Callable[[Hand], None]) -> Callable[[Hand], None]:
        TASKS.append(Task(name, who, unit, start, phone, do))
        return do

    return add


def published() -> dict[str, Effort]:
    """What the table says, by task."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[2].isdigit():
            found[cells[0]] = Effort(int(cells[2]), int(cells[3]), int(cells[4]))
    return found


def publish(counted: dict[str, Effort]) -> None:
    """Write the table anew. A task that was not run keeps its figures."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    known = {**published(), **counted}
    lines = [
        BEGIN,
        "| Task | Who | Keys | Signs of content | Clicks or taps |",
        "|---|---|--:|--:|--:|",
        *(
            f"| {one.name} | {one.who}{', phone' if one.phone else ''} | {' | '.join(map(str, known[one.name]))} |"
            for one in TASKS
            if one.name in known
        ),
        END,
    ]
    PAGE.write_text(before + "\n".join(lines) + rest.partition(END)[2], encoding="utf-8")
