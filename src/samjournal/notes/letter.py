"""A discharge summary as its receiver reads it: one fixed layout, and how many pages of paper that takes. Row 7.7

    letter_of(note, diagnoses) -> Letter        of a note that stands
    diagnoses_of(door, permit, note) -> list    with their codes
    Letter.pages                                counted in lines of the layout

A page is A4 with ordinary margins in 11 points: 46 lines of 90 letters. Each heading, each line of text and each
diagnosis takes a line, or as many as it is long; a section begins after an empty line, and the head takes six. It is a
count of what is written, the same on every screen, not of what some printer does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.narrative import to_text
from samjournal.notes.coding import DIAGNOSIS, coded, references_of
from samjournal.record import Door, query_of, search

WIDE: Final = 90
HIGH: Final = 46
"""Letters in a line, and lines on a page."""
MOST_PAGES: Final = 2
"""What is longer is seldom read to its end."""
_SUSPECTED: Final = frozenset({"provisional", "differential", "unconfirmed"})
_NONE: Final = frozenset({"refuted", "entered-in-error"})
_DOUBT: Final = "ikke sikker"
_HEAD: Final = 6
"""Lines of the head: who sends, to whom, the patient, what it is, and both names."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What the layout shows: what it is called, diagnoses as `I50.0 Hjertesvikt`, sections as heading and lines."""

    title: str
    diagnoses: tuple[str, ...]
    sections: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines below the head."""
        found = [self.title]
        if self.diagnoses:
            found += ["", "Diagnoser", *self.diagnoses]
        for heading, text in self.sections:
            found += ["", *([heading] if heading else []), *text]
        return tuple(found)

    @property
    def pages(self) -> int:
        """How many pages it takes in print, at least one."""
        return pages(self.lines, above=_HEAD)

    @property
    def is_long(self) -> bool:
        """Whether it is longer than anybody should write."""
        return self.pages > MOST_PAGES


def letter_of(note: dict[str, Any], diagnoses: Sequence[str]) -> Letter:
    """A note that stands as a letter: its sections in their order, with additions and why it was corrected."""
    title = str(note.get("title", ""))
    found = []
    for one in note.get("section", ()):
        text = to_text(str((one.get("text") or {}).get("div", "")))
        if text:
            heading = "" if one.get("title") == title else str(one.get("title", ""))
            found.append((heading, split(text)))
    return Letter(title, tuple(diagnoses), tuple(found))


async def diagnoses_of(door: Door, permit: Permit, note: Mapping[str, Any]) -> list[str]:
    """The diagnoses that a note refers to, in its words or by a block, as code and name; each once. Logged."""
    found = [one.partition("/_history/")[0].partition("/")[2] for one in references_of(note, DIAGNOSIS)]
    ids = list(dict.fromkeys(found))
    if not ids or not permit.may("s", DIAGNOSIS):
        return []
    page = await search(door, permit, query_of(DIAGNOSIS, [("_id", ",".join(ids)), ("_count", "50")]))
    by_id = {one.id: _diagnosis(one.resource()) for one in page.matches}
    return list(dict.fromkeys(by_id[one] for one in ids if by_id.get(one)))


def _diagnosis(condition: Mapping[str, Any]) -> str:
    """Code and name; what is suspected says so, and what was ruled out is none."""
    codings = (condition.get("verificationStatus") or {}).get("coding", ())
    states = {one.get("code") for one in codings}
    if states & _NONE:
        return ""
    return coded(condition).line + (f" ({_DOUBT})" if states & _SUSPECTED else "")


def split(text: str) -> tuple[str, ...]:
    """The lines of a text; empty ones part paragraphs and are not shown."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())


def pages(lines: Iterable[str], *, above: int = 0) -> int:
    """How many pages some lines take, below a head of so many, at least one."""
    return max(1, math.ceil((above + sum(max(1, math.ceil(len(line) / WIDE)) for line in lines)) / HIGH))
