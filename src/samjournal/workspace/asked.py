"""What somebody looks for when he books: kinds of visit, persons, days, as an address or a form says it.

Asked.of(said) -> Asked             what cannot be read is as if it were not asked
offered_types(desk, asked)          the visit types to choose among, and how many more there are
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from samjournal import scheduling
from samjournal.fhir.dates import OSLO
from samjournal.fhir.folding import fold
from samjournal.scheduling import VisitType
from samjournal.ui.language import marked
from samjournal.workspace.desk import Desk
from samjournal.workspace.visit_types import WAY_NAMES

YEARS: Final = range(1900, 2200)
"""Whoever means another year has slipped, and the clock of the first and the last one is no clock of Oslo."""
MOST_TYPES: Final = 24
"""So many visit types of all units are listed at once: the others are found by name."""
WHEN: Final = {
    "": (marked("hele dagen"), 0, 24),
    "morning": (marked("før kl. 12"), 0, 12),
    "afternoon": (marked("etter kl. 12"), 12, 24),
    "late": (marked("etter kl. 15"), 15, 24),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for."""

    types: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    when: str = ""
    way: str = ""
    since: date | None = None
    move: str = ""
    start: datetime | None = None
    all_units: bool = False
    find: str = ""

    @classmethod
    def of(cls, said: QueryParams | FormData) -> Asked:
        """What an address or a form asks for; what cannot be read is as if it were not asked."""
        when, way = str(said.get("when", "")), str(said.get("way", ""))
        return cls(
            tuple(str(one)[:64] for one in said.getlist("type") if one)[:20],
            tuple(str(one)[:130] for one in said.getlist("with") if one)[:12],
            tuple(str(one)[:130] for one in said.getlist("among") if one)[:40],
            when if when in WHEN else "",
            way if way in WAY_NAMES else "",
            day_of(str(said.get("from", ""))),
            str(said.get("move", ""))[:64],
            moment_of(str(said.get("start", ""))),
            said.get("units") == "all",
            " ".join(str(said.get("find", "")).split())[:80],
        )

    @property
    def start_text(self) -> str:
        """The moment that was pointed at, as a free time says its own."""
        return self.start.astimezone(UTC).isoformat() if self.start else ""

    def query(self, **other: Any) -> str:
        """The address that asks for the same, with something else in it."""
        now = replace(self, **other)
        pairs: list[tuple[str, str]] = [
            *(("type", one) for one in now.types),
            *(("with", one) for one in now.actors),
            *(("among", one) for one in now.among),
            *((name, value) for name, value in (("when", now.when), ("way", now.way), ("move", now.move)) if value),
        ]
        if now.since:
            pairs.append(("from", now.since.isoformat()))
        if now.start:
            pairs.append(("start", now.start.isoformat()))
        if now.all_units:
            pairs += [("units", "all"), *([("find", now.find)] if now.find else [])]
        return urlencode(pairs)


async def offered_types(desk: Desk, asked: Asked) -> tuple[list[VisitType], int]:
    """The types that may be chosen, of the own unit or of all, and how many there are beside those: of all units some,
    those whose name or unit has the words, and what is chosen already."""
    unit = "" if asked.all_units else desk.role.organization_id
    found = [one for one in await scheduling.visit_types(desk.door, desk.permit, unit=unit) if one.active]
    if not asked.all_units:
        return found, 0
    words = fold(asked.find).split()
    fits = [one for one in found if one.id in asked.types or all(word in _searched(one) for word in words)]
    shown = sorted(fits, key=lambda one: one.id not in asked.types)[:MOST_TYPES]
    return [one for one in fits if one in shown], len(fits) - len(shown)


def _searched(one: VisitType) -> str:
    return fold(" ".join([*one.names.values(), str(one.unit.get("display") or "")]))


def day_of(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def moment_of(text: str) -> datetime | None:
    """An aware moment; a plus that became a space on its way is one again."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    if found.year not in YEARS:
        return None
    return found if found.tzinfo else found.replace(tzinfo=OSLO)
