"""Free times as a citizen chooses among them: the first first, then one of each day, then all.

FILTERS                                             what one may ask for: all, before12, after15, video
kept(frees, show) -> list[Free]                     those that fit
spread(frees, count) -> list[Free]                  the first free, and the first of each day after it
slot(free, unit, _) -> Slot                       one in words
address(free) -> str                                its part of an address; `chosen` reads it again
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlencode

from samjournal.portal import facts
from samjournal.portal.appointments import PEOPLE
from samjournal.scheduling import Free
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language, marked

FILTERS: Final = {
    "all": marked("Alle"),
    "before12": marked("Før 12"),
    "after15": marked("Etter 15"),
    "video": marked("Video"),
}
NOON, AFTER_SCHOOL = 12, 15
WAYS: Final = {
    "in-person": marked("Oppmøte"),
    "video": marked("Video, hvor du vil"),
    "phone": marked("Telefon, de ringer deg"),
}
"""How a visit is held, by `urn:samjournal:way`."""
MOST_ACTORS: Final = 12


@dataclass(frozen=True, slots=True)
class Slot:
    """One free time: `address` chooses it, `who` are the people, `where` the unit, or how it is held otherwise."""

    start: datetime
    end: datetime
    who: str
    where: str
    way: str
    actors: str
    utc: str
    address: str


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A time that somebody chose, as it stands in an address or a form. `actors` are references."""

    start: datetime
    actors: tuple[str, ...]
    way: str


def kept(frees: Iterable[Free], show: str) -> list[Free]:
    """Those that begin before noon or from three o'clock in Oslo, or are held by video; all for anything else."""
    if show == "before12":
        return [one for one in frees if one.start.astimezone(OSLO).hour < NOON]
    if show == "after15":
        return [one for one in frees if one.start.astimezone(OSLO).hour >= AFTER_SCHOOL]
    return [one for one in frees if show != "video" or one.way == "video"]


def spread(frees: Sequence[Free], count: int) -> list[Free]:
    """The first of each day, so many days. What is free first of all is the first of its day."""
    found: list[Free] = []
    for one in sorted(frees, key=lambda free: free.start):
        if not found or one.start.astimezone(OSLO).date() != found[-1].start.astimezone(OSLO).date():
            found.append(one)
    return found[:count]


def slot(free: Free, unit: str, _: Language) -> Slot:
    """One free time in words; `unit` is the name of the place."""
    people = [actor for actor in free.actors if facts.points_at(actor) in PEOPLE]
    rooms = [name for actor in free.actors if facts.points_at(actor) == "Location" and (name := facts.named(actor))]
    here = ", ".join((unit, *rooms)) if unit else ", ".join(rooms)
    return Slot(
        start=free.start.astimezone(OSLO),
        end=free.end.astimezone(OSLO),
        who=", ".join(facts.names(people)),
        where=here if free.way == "in-person" else _(WAYS.get(free.way, WAYS["in-person"])),
        way=free.way,
        actors=",".join(actors_of(free)),
        utc=utc(free.start),
        address=address(free),
    )


def by_day(found: Iterable[Slot]) -> list[Day]:
    """The times under their days."""
    return [Day(day, tuple(group)) for day, group in groupby(found, key=lambda one: one.start.date())]


def address(free: Free) -> str:
    """What chooses a time: its beginning in UTC, which is one also in the hour that comes twice, with whom, and how."""
    return urlencode({"start": utc(free.start), "actors": ",".join(actors_of(free)), "way": free.way})


def utc(at: datetime) -> str:
    """A moment as addresses and forms have it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def actors_of(free: Free) -> tuple[str, ...]:
    """The people, rooms and equipment that a time takes, as references."""
    return tuple(str(actor.get("reference", "")) for actor in free.actors)


def chosen(said: Mapping[str, str]) -> Chosen | None:
    """The time that an address or a form names; None when it names none that could be."""
    try:
        start = datetime.fromisoformat(said.get("start", "")[:40])
    except ValueError:
        return None
    if start.tzinfo is None:
        return None
    actors = tuple(one for one in said.get("actors", "")[:2000].split(",") if "/" in one)[:MOST_ACTORS]
    way = said.get("way", "")
    return Chosen(start.astimezone(UTC), actors, way if way in WAYS else "in-person")
