"""The log of looks over FHIR, read-only: AuditEvents made of it when they are asked for. docs/reference/access.md

    read_event(door, permit, id) -> Stored         one look, by `look-` and its id
    search_log(door, permit, query) -> Page        looks, newest first; for systems with what other systems stored
    count_log(door, permit, query) -> int

Who answers for access reads what was done in his organisation, a citizen who has read the own record, a system with the
scope everything. Whoever reads of a patient in the log has looked at him: that is logged as `audit`. To see such a look
is none at the patients behind it, so that a log which is read all the time does not grow by its own reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import msgspec
from msgspec import structs

from samjournal import access, accounts, audit
from samjournal.access import Permit
from samjournal.audit import Asked, Place, Row
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.record.audit_event import PREFIX, event, own_event
from samjournal.record.audit_query import NEWEST, SEARCHED, asked_of, in_order, not_of_log
from samjournal.record.cost import in_time
from samjournal.record.door import Door, Stored, look_of, stored_of
from samjournal.record.hushed import hushed, told
from samjournal.record.includes import brought
from samjournal.record.links import resolved
from samjournal.record.read import absent
from samjournal.record.search import Page, look_at_many, matching, patients_named, total_of
from samjournal.store.search.query import Query, decode, encode

_END = "-"
"""In a cursor: there is no more of this kind."""
_BEGINNING = ""
_ROLE = "PractitionerRole/"


async def read_event(door: Door, permit: Permit, id_: str) -> Stored:
    """One look as an AuditEvent. Raises NotFound for what is not there or not this reader's, Forbidden, Busy."""
    async with door.pool.lane() as db:
        mine = await _of_reader(permit, db, "r")
        try:
            row = await audit.one(db, mine, UUID(id_.removeprefix(PREFIX)))
        except ValueError:
            row = None
        if row is None or f"{PREFIX}{row.id}" != id_:
            raise absent("AuditEvent", id_)
        (made,) = await _events(permit, [row], db)
    await _log(door, permit, [row], set())
    return made


@in_time
async def search_log(door: Door, permit: Permit, query: Query) -> Page:
    """A page of the log, newest first. Systems find what other systems stored as AuditEvents beside it, in one order of
    time. Raises Forbidden, Invalid, Busy."""
    wanted = _wanted(door, permit, query)
    of_log, of_stored = _places(query)
    async with door.pool.lane(same_plans=False) as db:
        mine = await _of_reader(permit, db, "s")
        rows: list[Row] = []
        if wanted is not None and of_log != _END:
            asked = await _by_login(_narrowed(wanted, mine), db)
            rows = await audit.search(db, asked, count=query.count + 1, after=_place(of_log))
        stored = _Stored(door, permit, query, of_stored if permit.unrestricted else _END)
        await stored.fetch(db)
        page = _merged(rows, stored.matches, query.count)
        used = [one for one in page if isinstance(one, Row)]
        events = dict(zip((row.id for row in used), await _events(permit, used, db), strict=True))
        follows = await _following(page, rows, stored, of_log, db)
        total = None
        if query.cursor is None and follows is None and query.count:
            total = len(page)
        elif query.total in ("accurate", "estimate") or not query.count:
            total = await _count(door, permit, query, wanted, mine, db)
        named = await _named(door, permit, query, db)
    await _log(door, permit, used, named)
    await stored.log()
    matches = [events[one.id] if isinstance(one, Row) else one for one in page]
    return Page(query, matches, stored.included, None if query.total == "none" else total, follows)


@in_time
async def count_log(door: Door, permit: Permit, query: Query) -> int:
    """How many there are. That too is told of the patients that were named."""
    wanted = _wanted(door, permit, query)
    async with door.pool.lane(same_plans=False) as db:
        total = await _count(door, permit, query, wanted, await _of_reader(permit, db, "s"), db)
        named = await _named(door, permit, query, db)
    await _log(door, permit, [], named)
    return total


def _wanted(door: Door, permit: Permit, query: Query) -> Asked | None:
    """What is asked of the log; None for what only stored AuditEvents have: that systems alone find. Raises
    Invalid."""
    in_order(query)
    other = not_of_log(query)
    if other is not None and not permit.unrestricted:
        raise Invalid(f"The log is not searched by {other}, but by {', '.join(SEARCHED)}.")
    return asked_of(query, door.persons)


async def _named(door: Door, permit: Permit, query: Query, db: Connection) -> set[int]:
    """The patients that the search named, of whom an empty answer tells too."""
    named = patients_named(door, query)
    return named & {*permit.own} if permit.kind == "citizen" else {*await access.ids_of(db, named)}


async def _of_reader(permit: Permit, db: Connection, interaction: str) -> Asked:
    """The part of the log that a reader may see. Raises Forbidden for who reads no log, and for apps without it in
    their scopes."""
    if permit.app:
        permit.demand(interaction, "AuditEvent")
    if permit.kind == "citizen":
        if not permit.reads_log:
            raise Forbidden("Whoever has this right to act for somebody does not read who has read the record.")
        return Asked(patients=permit.own, without=hushed(permit), folded=True)
    if permit.oversees:
        return Asked(organizations=tuple(await access.answers_for(db, permit)))
    permit.demand(interaction, "AuditEvent")
    return Asked()


def _narrowed(wanted: Asked, mine: Asked) -> Asked:
    """What was asked for, within what the reader may see."""
    patients = wanted.patients
    if mine.patients is not None:
        patients = mine.patients if patients is None else tuple(one for one in patients if one in mine.patients)
    return replace(
        wanted, patients=patients, organizations=mine.organizations, without=mine.without, folded=mine.folded
    )


async def _by_login(asked: Asked, db: Connection) -> Asked:
    """The same, where only people in roles are asked for by their logins too: by these the log has an index."""
    for references in asked.agents:
        roles = [one.removeprefix(_ROLE) for one in references if one.startswith(_ROLE)]
        if len(roles) == len(references):
            logins = await accounts.logins_in(db, roles)
            known = asked.actors if asked.actors is not None else logins
            asked = replace(asked, actors=tuple(login for login in logins if login in known))
    return asked


async def _count(door: Door, permit: Permit, query: Query, wanted: Asked | None, mine: Asked, db: Connection) -> int:
    total = await audit.counted(db, await _by_login(_narrowed(wanted, mine), db)) if wanted is not None else 0
    if permit.unrestricted:
        total += await total_of(door, permit, await resolved(door, permit, query, db), db)
    return total


async def _events(permit: Permit, rows: Sequence[Row], db: Connection) -> list[Stored]:
    keys = {key for row in rows for key in (row.patient, *(row.patients or ())) if key is not None}
    patients = await access.ids_of(db, keys)
    shown = await told(permit, [row.shown for row in rows], db)
    rows = [structs.replace(row, shown=one) for row, one in zip(rows, shown, strict=True)]
    made = (own_event(row, patients, permit.own) if permit.kind == "citizen" else event(row, patients) for row in rows)
    return [
        Stored("AuditEvent", one["id"], 1, row.at, msgspec.json.encode(one))
        for row, one in zip(rows, made, strict=True)
    ]


async def _log(door: Door, permit: Permit, rows: Sequence[Row], named: set[int]) -> None:
    """Who reads of patients in the log has looked at them. A system that saw nothing of anybody is not logged."""
    seen = {key for row in rows if row.action != "audit" for key in (row.patient, *(row.patients or ())) if key}
    if permit.kind == "citizen":
        seen &= {*permit.own}
    patients = sorted(seen | named)
    if not patients and permit.unrestricted:
        return
    shown = audit.shown(("AuditEvent", f"{PREFIX}{row.id}") for row in rows)
    why = "self" if permit.kind == "citizen" else "system" if permit.unrestricted else "oversight"
    if len(patients) > 1:
        look = look_of(permit, "audit", patients=tuple(patients), why=why, shown=shown)
    else:
        look = look_of(permit, "audit", patient=patients[0] if patients else None, why=why, shown=shown)
    await door.looks.write(look)


# Pages


def _places(query: Query) -> tuple[str, str]:
    """Where the page before ended, in the log and in what is stored."""
    if query.cursor is None:
        return _BEGINNING, _BEGINNING
    if len(query.cursor) != 2 or not all(isinstance(one, str) for one in query.cursor):
        raise Invalid("This page link is broken. Follow the links of the Bundle as they are, or search anew.")
    return query.cursor[0], query.cursor[1]


def _place(text: str) -> Place | None:
    if text == _BEGINNING:
        return None
    at, _, id_ = text.partition(" ")
    try:
        return datetime.fromisoformat(at), UUID(id_)
    except ValueError:
        raise Invalid("This page link is broken. Follow the links of the Bundle as they are, or search anew.") from None


class _Stored:
    """A page of the AuditEvents that other systems stored, with their times, from a place on."""

    def __init__(self, door: Door, permit: Permit, query: Query, place: str) -> None:
        cursor = decode(place) if place not in (_BEGINNING, _END) else None
        self._door, self._permit = door, permit
        self._query = replace(query, cursor=cursor, sort=NEWEST)
        self._look: audit.Look | None = None
        self.place = place
        self.next = _END
        self.matches: list[tuple[datetime, Stored]] = []
        self.included: list[Stored] = []

    async def fetch(self, db: Connection) -> None:
        if self.place == _END:
            return
        self._query = await resolved(self._door, self._permit, self._query, db)
        rows, following = await matching(self._door, self._permit, self._query, db)
        self.next = following or _END
        self.matches = [(row["k0"] or datetime.min.replace(tzinfo=UTC), stored_of(row, self._permit)) for row in rows]
        included = await brought(self._door, self._permit, self._query.includes, [one for _, one in self.matches], db)
        self.included = included.stored
        if rows or included.rows:
            named = patients_named(self._door, self._query)
            self._look = await look_at_many(self._permit, "search", [*rows, *included.rows], db, named=named)

    async def after(self, count: int, db: Connection) -> str:
        """The place after so many of them."""
        if count == len(self.matches):
            return self.next
        if count == 0:
            return self.place
        _, following = await matching(self._door, self._permit, replace(self._query, count=count), db)
        return following or _END

    async def log(self) -> None:
        if self._look is not None:
            await self._door.looks.write(self._look)


def _merged(rows: Sequence[Row], stored: Sequence[tuple[datetime, Stored]], count: int) -> list[Row | Stored]:
    """So many of both, newest first."""
    both: list[tuple[datetime, Row | Stored]] = [*((row.at, row) for row in rows), *stored]
    return [one for _, one in sorted(both, key=lambda one: one[0], reverse=True)[:count]]


async def _following(
    page: Sequence[Row | Stored], rows: Sequence[Row], stored: _Stored, of_log: str, db: Connection
) -> str | None:
    """The cursor of the next page; None when this was the last."""
    used = [one for one in page if isinstance(one, Row)]
    here = f"{used[-1].at.isoformat()} {used[-1].id}" if used else of_log
    log = _END if len(used) == len(rows) else here
    other = await stored.after(len(page) - len(used), db)
    return None if log == other == _END else encode([log, other])
