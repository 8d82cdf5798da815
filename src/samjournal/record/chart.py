"""A patient's chart for a page: one decision, one moment, one look. And who has looked, for the patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import asyncpg
import msgspec

from samjournal import access, audit
from samjournal.access import Permit
from samjournal.audit import Seen
from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection
from samjournal.fhir import numbers as types
from samjournal.fhir import parameters
from samjournal.fhir.errors import Forbidden, Invalid, NotFound
from samjournal.fhir.keys import patient_key
from samjournal.fhir.reserved import PARTS
from samjournal.record.door import Door, look_of, rendition, sees_protected, watch_key
from samjournal.record.hushed import hushed, told
from samjournal.record.links import reader, resolved
from samjournal.record.read import absent, refused
from samjournal.store import reading
from samjournal.store.search import asking, joining
from samjournal.store.search.query import Query

REASON_LASTS = timedelta(hours=4)
SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class Want:
    """One list for a page: its name in the snapshot, a type, a FHIR search string, and how many at most. Of what is
    `common` most patients have much: it is found by going back in time, and not by a code that many resources have.
    `after` is the sort value (a moment in UTC, None: undated) and id after which it goes on."""

    name: str
    type: str
    query: str = ""
    count: int = 50
    common: bool = False
    after: tuple[str | None, str] | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A chart at one moment. `lists` by Want.name; `why` is the relation that opened it, `look` the logged look to
    pass when the same open page is refreshed, `watch` the key for live updates, `last_look` when this reader opened
    the chart before (None: never); `kept_back` what would open what is kept from a member of staff: a stated
    "reason", an "emergency", or "" when nothing that he could open is; `more` the lists of which there is more;
    `sorted_by` the sort values of each list as text, such as moments in UTC."""

    patient: dict[str, Any]
    patient_protected: bool
    lists: Mapping[str, list[dict[str, Any]]]
    why: str
    look: str
    watch: str
    at: datetime
    last_look: datetime | None = None
    kept_back: str = ""
    more: frozenset[str] = frozenset()
    sorted_by: Mapping[str, list[str | None]] = field(default_factory=dict)


async def open_chart(
    door: Door,
    permit: Permit,
    patient_id: str,
    wants: Sequence[Want],
    *,
    look: str | None = None,
    action: str = "chart",
) -> Snapshot:
    """What a page needs of one patient. Lists that the role may not read are empty. `action` is what the log calls it:
    what is new since the last look counts from the last "chart".

    Raises ReasonNeeded (the patient may be found, but there is no relation), NotFound, Forbidden, Busy.
    """
    permit.demand("r", "Patient")
    patient_id = door.persons.stays(patient_id)
    # What is stored while it is read is not taken for seen.
    at = datetime.now(UTC)
    may = [want for want in wants if permit.may("s", want.type)]
    # All of it is found by the patient, whoever that is; planning took the most of the database's time.
    async with door.pool.lane() as db:
        row, found = await _read(door, permit, patient_id, may, db)
        last_look = await audit.last_chart(db, patient=row["patient"], actor=permit.actor, page=_page(look))
        kept = await _kept_back(door, permit, patient_id, db)
    shown = {want.name: found.get(want.name, [])[: want.count] for want in wants}
    rows = [row, *(one for many in shown.values() for one in many)]
    this = uuid4()
    await door.looks.write(
        look_of(
            permit,
            action,
            patient=row["patient"],
            why=row["why"],
            shown=audit.shown((types.name(one["type"]), one["id"]) for one in rows),
            page=_page(look),
            id=this,
        )
    )
    return Snapshot(
        patient=_decoded(row, permit),
        patient_protected=row["protected"] and not sees_protected(permit, row),
        lists={name: [_decoded(one, permit) for one in many] for name, many in shown.items()},
        why=row["why"],
        look=look or str(this),
        watch=watch_key(door, permit, row["patient"]),
        at=at,
        last_look=last_look,
        kept_back=kept,
        sorted_by={name: [one["sorted_by"] for one in many] for name, many in shown.items()},
        more=frozenset(want.name for want in may if len(found[want.name]) > want.count),
    )


async def _read(
    door: Door, permit: Permit, patient_id: str, wants: Sequence[Want], db: Connection
) -> tuple[asyncpg.Record, dict[str, list[asyncpg.Record]]]:
    """The patient's row and the rows of each list, in order and with one more than was wanted where there are more: one
    statement, so one moment and one way to the database and back."""
    arguments, asked = Arguments(), []
    for want in wants:
        query = await resolved(door, permit, _query(want, patient_id), db)
        asked.append((query, joining.statement(query, reader(door, permit), arguments, walks=want.common)))
    text = reading.with_pages("Patient", patient_id, asked, arguments, why=permit.why)
    rows = await db.fetch(text, *arguments.values)
    head = next((row for row in rows if row["list"] is None), None)
    if head is None or head["deleted"]:
        raise absent("Patient", patient_id)
    if head["why"] is None:
        raise refused(permit, "Patient", patient_id, deleted=False)
    found: dict[str, list[asyncpg.Record]] = {want.name: [] for want in wants}
    for row in sorted((row for row in rows if row["list"] is not None), key=lambda row: (row["list"], row["place"])):
        found[wants[row["list"]].name].append(row)
    return head, found


async def mark_seen(
    door: Door, permit: Permit, patient_id: str, wants: Sequence[Want], *, look: str, until: datetime
) -> bool:
    """That somebody has seen what is new in a chart, as it was shown `until` a moment: from now on it is not new to
    him. False when more has come since, which he has not seen; then nothing is marked. Raises as `open_chart`."""
    snapshot = await open_chart(door, permit, patient_id, wants, look=look)
    if any(_stored(one) > until for many in snapshot.lists.values() for one in many):
        return False
    patient = patient_key(door.persons.stays(patient_id))
    await door.looks.write(look_of(permit, "seen", patient=patient, why=snapshot.why, shown=""))
    return True


def _stored(resource: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(resource["meta"]["lastUpdated"])


async def _kept_back(door: Door, permit: Permit, patient_id: str, db: Connection) -> str:
    """What would open more of a record that is open. That there is more is told to whom may open it, and not what."""
    if permit.kind != "staff":
        return ""
    opened_by = {part.number: part.opened_by for part in PARTS.values() if part.opened_by}
    keys = [patient_key(id_) for id_ in door.persons.ids(patient_id)]
    text, values = reading.reserved(keys, list(opened_by), may=permit.condition)
    closed = [opened_by[row["part"]] for row in await db.fetch(text, *values)]
    if permit.states_reason and any("reason" in kinds for kinds in closed):
        return "reason"
    if not permit.opens_in_emergency:
        return ""
    return "emergency" if closed or await access.are_partly_blocked(db, keys, permit.faces, permit.parties) else ""


async def kept_back(door: Door, permit: Permit, patient_id: str) -> str:
    """The same for a page that shows nothing of the record."""
    async with door.pool.lane() as db:
        return await _kept_back(door, permit, door.persons.stays(patient_id), db)


def _query(want: Want, patient_id: str) -> Query:
    code = "patient" if "patient" in parameters.for_type(want.type) else "subject"
    query = _parsed(want.type, want.query, want.count).with_filter(code, f"Patient/{patient_id}")
    return query if want.after is None else replace(query, cursor=want.after)


@lru_cache(maxsize=256)
def _parsed(type_: str, text: str, count: int) -> Query:
    pairs = [*parse_qsl(text, keep_blank_values=True), ("_count", str(count))]
    return asking.parse(type_, pairs)


def _decoded(row: asyncpg.Record, permit: Permit) -> dict[str, Any]:
    body = rendition(row["body"], row, permit)
    assert body is not None
    resource: dict[str, Any] = msgspec.json.decode(body)
    return resource


def _page(look: str | None) -> UUID | None:
    try:
        return UUID(look) if look else None
    except ValueError:
        raise Invalid("The page that this refreshes is not known. Load the page anew.") from None


async def state_reason(door: Door, permit: Permit, patient_id: str, reason: str, *, emergency: bool = False) -> None:
    """Open a chart for four hours with a stated reason (grunngitt oppslag): logged, on the review list, shown to the
    patient. What the patient has blocked opens in an `emergency` only. Raises Forbidden, Invalid (no real reason),
    NotFound."""
    if not (permit.opens_in_emergency if emergency else permit.states_reason):
        raise Forbidden(f"The role {permit.role} cannot open a record by stating a reason.")
    said = " ".join(reason.split())[:500]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why you need to read this record. The patient can see what you write.")
    patient = patient_key(door.persons.stays(patient_id))
    async with door.pool.transaction() as db:
        if not await access.known(db, patient):
            raise NotFound(f"There is no Patient/{patient_id} here.")
        if not emergency and await access.are_blocked(db, patient, permit.faces):
            raise Forbidden("The patient has blocked this record for you. It opens in an emergency only.")
        until = datetime.now(UTC) + REASON_LASTS
        await access.state_reason(db, permit, patient, reason=said, until=until, emergency=emergency)
        why = "emergency" if emergency else "reason"
        await audit.write(db, [look_of(permit, "reason", patient=patient, why=why, reason=said)])


async def log_for_patient(
    door: Door, permit: Permit, patient_id: str, *, count: int = 100, before: datetime | None = None
) -> list[Seen]:
    """Who has looked at this patient, newest first, with the reason where one was stated. For the person himself, and
    who represents him so far; raises NotFound for everybody else."""
    patients = [patient_key(id_) for id_ in door.persons.ids(patient_id)]
    if not permit.reads_log or patients[0] not in permit.own:
        raise absent("Patient", patient_id)
    looks = await audit.of_patient(door.pool, patients, count=count, before=before, without=hushed(permit))
    shown = await told(permit, [look.shown for look in looks], door.pool)
    return [replace(look, types=audit.counts(one), shown=one) for look, one in zip(looks, shown, strict=True)]
