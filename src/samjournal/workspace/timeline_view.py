"""A page of the timeline from a snapshot: in order, by day and by contact. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple

from samjournal.record import Snapshot
from samjournal.ui import formats
from samjournal.workspace.entries import Entry, entry
from samjournal.workspace.facts import Reader, Resource, id_of, joined, name_of
from samjournal.workspace.timeline_kinds import PAGE, Place

GATHERED: Final = 3
"""More values than so many of one contact are gathered into one line for each thing that was measured."""


class Row(NamedTuple):
    """A resource with the moment by which it was sorted, in UTC."""

    moment: str | None
    resource: Resource

    @property
    def place(self) -> Place:
        return Place(self.moment, str(self.resource["resourceType"]), str(self.resource["id"]))


@dataclass(frozen=True, slots=True)
class Values:
    """What was measured of one thing, in the order of time."""

    name: str
    values: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The measurements of one contact on one line each."""

    kind: str
    span: str
    who: str
    things: tuple[Values, ...]
    count: int
    new: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """What was written at one contact on one day; `head` is the contact itself where it is on the page."""

    id: str
    head: Entry | None
    name: str
    gathered: tuple[Gathered, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Day:
    """One day, or a month or year where no more is known."""

    name: str
    ago: str
    is_coming: bool
    contacts: tuple[Contact, ...]


def merged(snapshot: Snapshot, names: Sequence[str]) -> tuple[list[Row], Place | None]:
    """The first entries of all lists together, and the place after which the next page begins; None on the last."""
    rows = [
        Row(_utc(moment), resource)
        for name in names
        for moment, resource in zip(snapshot.sorted_by.get(name, ()), snapshot.lists.get(name, ()), strict=True)
    ]
    rows.sort(key=lambda row: (row.place.type, row.place.id))
    # What has no date comes last, as the database has it.
    rows.sort(key=lambda row: _order(row.moment), reverse=True)
    there_is_more = len(rows) > PAGE or any(name in snapshot.more for name in names)
    return rows[:PAGE], rows[:PAGE][-1].place if rows and there_is_more else None


def _utc(moment: str | None) -> str | None:
    """A moment as the database writes it, in the form of an address."""
    if moment is None:
        return None
    try:
        return datetime.fromisoformat(moment).isoformat()
    except ValueError:
        return datetime.min.isoformat() + "+00:00"  # What began before time, having an end alone.


def _order(moment: str | None) -> tuple[bool, datetime]:
    return (moment is not None, datetime.fromisoformat(moment) if moment else datetime.min)


def days(resources: Iterable[Resource], snapshot: Snapshot, reader: Reader, *, notes: str) -> list[Day]:
    """The entries by day, the newest first, and in a day by contact."""
    known = {
        str(one["id"]): entry(one, reader) for name in ("stays", "encounters") for one in snapshot.lists.get(name, ())
    }
    entries = [(entry(one, reader, notes=notes), one) for one in resources]
    found = []
    for _key, group in groupby(entries, key=lambda pair: _day_of(pair[0].at)):
        several = list(group)
        at = several[0][0].at
        found.append(
            Day(
                name=_day_name(at, reader),
                ago=formats.ago(at, now=reader.now, language=reader.language) if _is_past(at, reader) else "",
                is_coming=bool(at) and formats.order(at) > reader.now,
                contacts=tuple(_contacts(several, known)),
            )
        )
    return found


def _day_of(at: str) -> str:
    found = formats.moment(at)
    return at if found is None or len(at) < 10 else found.strftime("%Y-%m-%d")


def _day_name(at: str, reader: Reader) -> str:
    if not at:
        return reader.language("Uten dato")
    if len(at) < 10:
        return formats.full_date(at)
    return f"{formats.weekday(at, language=reader.language)} {formats.full_date(at)}"


def _is_past(at: str, reader: Reader) -> bool:
    return bool(at) and (reader.now - formats.order(at)).days >= 2


def _contacts(several: list[tuple[Entry, Resource]], known: dict[str, Entry]) -> list[Contact]:
    by_contact: dict[str, list[tuple[Entry, Resource]]] = {}
    for pair in several:
        by_contact.setdefault(pair[0].contact, []).append(pair)
    found = []
    for id_, pairs in by_contact.items():
        head = next((one for one, _resource in pairs if one.type == "Encounter"), None)
        rest = [pair for pair in pairs if pair[0].type != "Encounter"]
        observed = [pair for pair in rest if pair[0].type == "Observation"]
        gathers = len(observed) > GATHERED
        shown = [one for one, _resource in rest if not (gathers and one.type == "Observation")]
        gathered = tuple(_gathered(observed)) if gathers else ()
        elsewhere = known.get(id_)
        name = "" if head or not elsewhere else joined(elsewhere.title, elsewhere.unit, elsewhere.day)
        found.append(Contact(id_, head, name, gathered, tuple(shown)))
    return found


def _gathered(observed: list[tuple[Entry, Resource]]) -> list[Gathered]:
    """The measurements of a contact by kind: what each of the things was, one value after the other."""
    found = []
    for kind in dict.fromkeys(one.kind for one, _resource in observed):
        of_kind = sorted((one for one, _ in observed if one.kind == kind), key=lambda one: formats.order(one.at))
        things: dict[str, list[Entry]] = {}
        for one in of_kind:
            things.setdefault(one.title, []).append(one)
        clocks = [one.clock for one in of_kind if one.clock]
        found.append(
            Gathered(
                kind=kind,
                span=f"{clocks[0]}–{clocks[-1]}" if clocks and clocks[0] != clocks[-1] else "".join(clocks[:1]),
                who=", ".join(dict.fromkeys(filter(None, (one.who for one in of_kind)))),
                things=tuple(
                    Values(name, _values([one.rest for one in ones if not one.wrong]), ones[-1].mark)
                    for name, ones in things.items()
                    if any(not one.wrong for one in ones)
                ),
                count=len(of_kind),
                new=next((one.new for one in of_kind if one.new), ""),
            )
        )
    return found


def _values(written: list[str]) -> str:
    """`68, 70, 66 /min`: the unit once where it is the same."""
    parted = [one.partition(" ") for one in written]
    same = {unit for _value, _space, unit in parted}
    if len(same) > 1 or not all(value[:1].isdigit() for value, _space, _unit in parted):
        return ", ".join(written)
    return " ".join(filter(None, (", ".join(value for value, _space, _unit in parted), *same)))


def units(snapshot: Snapshot, resources: Iterable[Resource], chosen: str) -> list[tuple[str, str]]:
    """The units to choose among: those of stays, contacts and services that are known, and of what is shown."""
    found: dict[str, str] = {}
    lists = (snapshot.lists.get(name, ()) for name in ("stays", "encounters", "services"))
    for one in [*resources, *(one for many in lists for one in many)]:
        for element in ("serviceProvider", "managingOrganization", "custodian", "performer", "author"):
            value = one.get(element)
            for reference in value if isinstance(value, list) else [value]:
                place = (reference or {}).get("actor", reference) if isinstance(reference, dict) else None
                id_ = id_of(place, "Organization")
                if id_ and name_of(place):
                    found.setdefault(id_, name_of(place))
    if chosen:
        found.setdefault(chosen, chosen)
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


def episodes(snapshot: Snapshot, chosen: str, reader: Reader) -> list[tuple[str, str]]:
    """Stays and services to choose among, the newest first."""
    found = []
    for one in [*snapshot.lists.get("stays", ()), *snapshot.lists.get("services", ())]:
        line = entry(one, reader)
        found.append((f"{one['resourceType']}/{one['id']}", joined(formats.full_date(line.at), line.title, line.unit)))
    if chosen and chosen not in dict(found):
        found.insert(0, (chosen, reader.language("kontakten som er valgt")))
    return found
