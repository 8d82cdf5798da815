"""What is new, from the feed and from the log, put into the outbox: once for each person, kind and version.

    follow(door, permit, changes, quiet, now) -> int        what the feed tells
    follow_looks(door, quiet, now) -> int                   records that were opened by a stated reason
    tell_signin(door, patient, session, quiet, now)         somebody signed in by a browser that is new
    for_all(...), put(db, rows)                             a row for everybody who is told, and the rows kept

A change that is read again after a crash makes nothing anew. Who made it himself is not told of it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.audit import following
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import FhirError
from samjournal.fhir.keys import patient_key
from samjournal.letters.kinds import KINDS, Level
from samjournal.letters.receivers import receivers
from samjournal.letters.sources import HISTORY, TYPES, News, news
from samjournal.letters.timing import SOON, due, waking
from samjournal.letters.units import unit_of
from samjournal.record import Door
from samjournal.record.beside import recent, versions
from samjournal.record.feed import Changed

_SQL = queries("samjournal.letters")
_log = logging.getLogger("samjournal.letters")
LOADED: Final = frozenset({"load", "load-history", "demo", "standards"})
"""Who writes what is no news: it is brought from elsewhere, or made up."""
_EVER: Final = datetime(1900, 1, 1, tzinfo=UTC)
_OPENED: Final = ("reason",)
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Told:
    """A row of the outbox."""

    person_id: str
    about: str
    kind: str
    level: Level
    source: str
    version: int
    unit: str
    before: datetime | None
    due: datetime


async def follow(door: Door, permit: Permit, changes: Iterable[Changed], quiet: tuple[int, int], now: datetime) -> int:
    """Put what some changes tell into the outbox; how many notices. One that cannot be read is logged, and stops no
    other."""
    asked = [one for one in changes if one.type in TYPES and one.method != "X"]
    fresh = await _not_loaded(door, asked, now)
    told = [one for one in asked if (one.type, one.id) in fresh]
    before = [(one.type, one.id, one.version - 1) for one in told if one.version > 1]
    written = await versions(door, permit, [*((one.type, one.id, one.version) for one in told), *before])
    found: list[Told] = []
    for one in told:
        new = written.get((one.type, one.id, one.version))
        old = written.get((one.type, one.id, one.version - 1))
        if new is None or new.author in LOADED:
            continue
        try:
            for each in news(one.type, _body(old), _body(new), now):
                unit = await unit_of(door, permit, _body(new) or _body(old) or {})
                found += await for_all(door, each, one.version, unit, quiet, now, author=new.author)
        except FhirError:
            _log.exception("a change was not told", extra={"type": one.type})
    return await put(door.pool, found, now)


async def _not_loaded(door: Door, changes: list[Changed], now: datetime) -> set[tuple[str, str]]:
    """Those that stand and were not brought by a load, and of results those that are not history: a load of millions
    costs one line each here."""
    results = [(one.type, one.id) for one in changes if one.type in ("DiagnosticReport", "Observation")]
    others = [(one.type, one.id) for one in changes if (one.type, one.id) not in set(results)]
    found = {
        (type_, id_)
        for named, since in ((results, now - HISTORY - timedelta(days=1)), (others, _EVER))
        for type_, id_, author in await recent(door, list(dict.fromkeys(named)), since)
        if author not in LOADED
    }
    # What was deleted stands no more, and is told where it was an appointment.
    return found | {(one.type, one.id) for one in changes if one.method == "D" and one.type == "Appointment"}


def _body(written: Any) -> dict[str, Any] | None:
    if written is None or written.body is None:
        return None
    return cast(dict[str, Any], msgspec.json.decode(written.body))


async def for_all(
    door: Door, one: News, version: int, unit: str, quiet: tuple[int, int], now: datetime, *, author: str = ""
) -> list[Told]:
    """A row for everybody who is told, but for who did it himself."""
    kind = KINDS[one.kind]
    himself = await _patient_of(door, author) if author else ""
    level: Level = kind.level
    near = one.before is not None and one.before - now < SOON
    if one.kind in ("appointment-moved", "appointment-cancelled") and near:
        level = "urgent"
    at = due(level, max(now, one.shown) if one.shown else now, quiet)
    if one.kind == "appointment-offered":
        at = waking(at, quiet)  # What is offered in the evening is held until the morning.
    about = door.persons.stays(one.patient)
    told = await receivers(door, about, kind.of if kind.of != "DiagnosticReport" else one.source.split("/")[0], now)
    return [
        Told(person, about, one.kind, level, one.source, version, unit, one.before, at)
        for person in told
        if person != himself
    ]


async def tell_signin(door: Door, patient_id: str, session: str, quiet: tuple[int, int], now: datetime) -> None:
    """Tell a citizen that somebody signed in as him, by a browser that was not known before."""
    person, kind = door.persons.stays(patient_id), KINDS["signed-in"]
    at = due(kind.level, now, quiet)
    row = Told(person, person, kind.code, kind.level, f"signin/{session[:32]}", 0, "", None, at)
    await put(door.pool, [row], now)


async def _patient_of(door: Door, login: str) -> str:
    """Whose record a login is the own of; "" for who works here."""
    who = await accounts.account(door.pool, login)
    return door.persons.stays(who.patient_id) if who is not None and who.kind == "citizen" and who.patient_id else ""


async def put(db: Pool | Connection, rows: Iterable[Told], now: datetime) -> int:
    """Add rows to the outbox; those that are there stay as they are."""
    listed = list(rows)
    if listed:
        await db.executemany(
            _SQL.add,
            [
                (
                    patient_key(one.person_id), one.person_id, one.about, one.kind, one.level, one.source, one.version,
                    one.unit, one.before, now, one.due,
                )
                for one in listed
            ],
        )  # fmt: skip
    return len(listed)


async def follow_looks(door: Door, quiet: tuple[int, int], now: datetime) -> int:
    """Tell of records that were opened by a stated reason, from where the log was read last: the place is kept in the
    transaction that makes the notices."""
    async with door.pool.transaction() as db:
        followed = await following.follow(db, "notices", actions=_OPENED, count=_AT_ONCE)
        if followed is None:
            return 0
        keys = {one.patient for one in followed.rows if one.patient}
        ids = await access.ids_of(db, keys)
        rows: list[Told] = []
        for one in followed.rows:
            patient = ids.get(one.patient or 0)
            if patient is not None:
                told = News("looked", f"look/{one.id}", patient)
                rows += await for_all(door, told, 0, one.organization_id, quiet, now)
        made = await put(db, rows, now)
        await following.keep(db, "notices", followed)
        return made if not followed.more else max(made, 1)
