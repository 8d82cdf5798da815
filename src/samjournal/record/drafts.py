"""Drafts: what is being written and is not signed. Not a version of the record; only who writes it reads it.

    save_draft(door, permit, patient_id, id, text)    begin or save; raises DraftMoved when another device saved since
    draft(door, permit, patient_id, id)               one of one's own
    drafts_about(door, permit, patient_id)            one's own on one patient, the newest first
    drafts_of(door, permit)                           all of one's own, the oldest first: for the inbox
    discard_draft(door, permit, patient_id, id, version, page)
    writing_now(door, permit, patient_id)             who else writes, by name and never by text
    Ending(id, version, page)                         given to `change`: it ends in the transaction of the change

A draft is its author's, by login, in any role that has the patient open. It stands until he signs or discards it; when
his relation has ended it is listed by patient and title, and opens again with the record. Its text is logged when it is
begun, shown and discarded, not at each save of the seconds between.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from samjournal import access, audit
from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, ReasonNeeded, TooLarge
from samjournal.fhir.keys import key, patient_key
from samjournal.record.door import Door, look_of
from samjournal.record.find import represented_cards
from samjournal.store import drafts as stored
from samjournal.store.drafts import About, Writer

MOST = 200
LARGEST = 400_000
"""Bytes of one draft."""
LATELY = timedelta(minutes=30)
"""Who has saved within this time is told to others as writing now."""


class Draft(msgspec.Struct, frozen=True):
    """One draft. `about` is a type when it will be new, else `Type/id`, begun from version `base`; `body` is what was
    written, b"" when it has ended; `became` what it was signed as."""

    id: UUID
    patient_id: str
    about: str
    base: int
    version: int
    title: str
    body: bytes
    begun: datetime
    saved: datetime
    role: str
    unit: str
    ended: bool = False
    became: str = ""


@dataclass(frozen=True, slots=True)
class DraftText:
    """What is saved: the whole text as bytes, a title to find it by, the version and the open page that it was written
    on, and whether colleagues are not told of it."""

    body: bytes
    title: str = ""
    about: str = "Composition"
    base: int = 0
    version: int = 0
    page: str = ""
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """A draft that becomes what is stored: its id and the version that its author had before him, 0 when it was never
    saved."""

    id: UUID
    version: int
    page: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list: of whom, its title, what it is about, when it was saved last, and whether the record is open
    to its author now."""

    id: UUID
    patient_id: str
    patient: str
    title: str
    about: str
    saved: datetime
    is_open: bool


@dataclass(frozen=True, slots=True)
class Writing:
    """Somebody else who is writing: name, role, unit, what about, since when and saved last."""

    name: str
    role: str
    unit: str
    about: str
    begun: datetime
    saved: datetime


class DraftMoved(Conflict):
    """The draft was saved elsewhere since. `theirs` is what stands."""

    def __init__(self, theirs: Draft) -> None:
        super().__init__("The draft was saved on another device or in another tab since. Nothing was overwritten.")
        self.theirs = theirs


class DraftEnded(Conflict):
    """The draft was signed or discarded. `became` is what it was signed as, '' when it was discarded."""

    def __init__(self, became: str) -> None:
        super().__init__("The draft was signed or discarded elsewhere. Nothing was saved.")
        self.became = became


async def save_draft(door: Door, permit: Permit, patient_id: str, id_: str, text: DraftText) -> Draft:
    """Begin a draft, or save it; what stands now. The same text saved twice is one save. Raises DraftMoved, DraftEnded,
    ReasonNeeded, Forbidden, NotFound (somebody else's, or of another patient), TooLarge, Busy."""
    _writes(permit, text.about)
    if len(text.body) > LARGEST:
        raise TooLarge("The text is too long for one note. Sign what you have, and go on in a new one.")
    draft_id, patient = _uuid(id_), _Patient(door, patient_id)
    at = datetime.now(UTC)

    async def in_transaction(db: Connection) -> None:
        why = await _why(db, permit, patient)
        if text.version == 0:
            about = About(patient.key, patient.id, text.about, text.base)
            begun = await stored.begin(
                db,
                draft_id,
                _writer(permit),
                about,
                title=text.title,
                quiet=text.quiet,
                body=text.body,
                page=text.page,
                at=at,
            )
            if begun:
                await _log(db, permit, "draft", patient, why, text.about)
                return
        saved = await stored.save(
            db,
            draft_id,
            permit.actor,
            patient.keys,
            text.version,
            title=text.title,
            quiet=text.quiet,
            body=text.body,
            base=text.base,
            page=text.page,
            at=at,
        )
        if not saved:
            theirs = await _own(db, permit, patient, draft_id)
            if theirs.body != text.body:
                # The text that stands is shown beside the one that was refused.
                await _log(db, permit, "draft", patient, why, theirs.about)
                moved.append(theirs)

    moved: list[Draft] = []
    await door.pool.change(in_transaction)
    if moved:
        raise DraftMoved(moved[0])
    async with door.pool.acquire() as db:
        return await _own(db, permit, patient, draft_id)


async def draft(door: Door, permit: Permit, patient_id: str, id_: str) -> Draft:
    """A draft of one's own, the look logged. Raises NotFound, DraftEnded, ReasonNeeded, Forbidden, Busy."""
    patient = _Patient(door, patient_id)
    async with door.pool.acquire() as db:
        why = await _why(db, permit, patient)
        found = await _own(db, permit, patient, _uuid(id_))
    await door.looks.write(_look(permit, "draft", patient, why, found.about))
    return found


async def drafts_about(door: Door, permit: Permit, patient_id: str) -> list[Draft]:
    """One's own drafts on one patient, the newest first; none for who may not read there. Their text is not in it:
    `draft` shows that."""
    patient = _Patient(door, patient_id)
    async with door.pool.acquire() as db:
        rows = await stored.of(db, permit.actor, _part(permit), patient.keys, MOST)
        if not rows or not await _opened(db, permit, patient):
            return []
    return [msgspec.structs.replace(of_row(row), body=b"") for row in reversed(rows)]


async def drafts_of(door: Door, permit: Permit) -> list[DraftLine]:
    """All drafts of one's own that are neither signed nor discarded, the oldest first, with whom they are about as
    *find* shows it. Raises Busy."""
    if permit.kind != "staff":
        return []
    rows = await stored.of(door.pool, permit.actor, _part(permit), None, MOST)
    cards = {
        card.id: card for card in await represented_cards(door, permit, sorted({row["patient_id"] for row in rows}))
    }
    return [
        DraftLine(
            row["id"],
            row["patient_id"],
            ", ".join(part for part in (card.family, card.given) if part) if card else "",
            row["title"],
            row["about"],
            row["saved"],
            bool(card and card.why),
        )
        for row in rows
        for card in (cards.get(row["patient_id"]),)
    ]


async def discard_draft(door: Door, permit: Permit, patient_id: str, id_: str, version: int, page: str) -> None:
    """Throw one's own draft away, as it stood at `version`. Raises DraftMoved, DraftEnded, NotFound, ReasonNeeded."""
    draft_id, patient = _uuid(id_), _Patient(door, patient_id)

    async def in_transaction(db: Connection) -> None:
        why = await _why(db, permit, patient)
        found = await _own(db, permit, patient, draft_id)
        at = datetime.now(UTC)
        if not await stored.end(db, draft_id, permit.actor, patient.keys, version, page=page, at=at, became=None):
            raise DraftMoved(found)
        await _log(db, permit, "draft-discarded", patient, why, found.about)

    await door.pool.change(in_transaction)


async def writing_now(door: Door, permit: Permit, patient_id: str) -> list[Writing]:
    """Who else has a draft on this patient, saved within half an hour: by name, never by text. For who has the record
    open; the caller has shown it. Of a patient whose address is confidential, those of the own organisation."""
    if permit.kind != "staff" or permit.is_separate:
        return []
    patient = _Patient(door, patient_id)
    since = datetime.now(UTC) - LATELY
    rows = await stored.others(door.pool, permit.actor, patient.keys, since, sorted(permit.knows))
    return [Writing(*(row[name] for name in ("name", "role", "unit", "about", "begun", "saved"))) for row in rows]


async def end_draft(door: Door, db: Connection, permit: Permit, ending: Ending, patient_id: str, became: str) -> None:
    """End a draft in the transaction that stores what it became. Raises DraftMoved, DraftEnded, and NotFound for one of
    somebody else's, of another patient or of another note."""
    at, patient = datetime.now(UTC), _Patient(door, patient_id)
    about = About(patient.key, patient.id, became.partition("/")[0], 0)
    if ending.version == 0 and await stored.end_unsaved(db, ending.id, _writer(permit), about, at, became):
        return
    ended = await stored.end(
        db, ending.id, permit.actor, patient.keys, ending.version, page=ending.page, at=at, became=became
    )
    if not ended:
        raise DraftMoved(await _own(db, permit, patient, ending.id))
    row = await stored.find(db, ending.id, permit.actor, _part(permit))
    if row is not None and row["about"] not in (became, about.what):
        raise NotFound("That draft is of another note. Open it from the list of drafts.")


class _Patient:
    """Whom a draft is about: the id of the record that stays, its key, and the keys of all ids of the person."""

    def __init__(self, door: Door, patient_id: str) -> None:
        self.id = door.persons.stays(patient_id)
        self.key = patient_key(self.id)
        self.keys = [patient_key(one) for one in door.persons.ids(self.id)]


def _writes(permit: Permit, about: str) -> None:
    if permit.kind == "citizen" and about == "Communication" and permit.sends:
        return  # A message of his own, which a named action sends.
    if permit.kind != "staff":
        raise Forbidden("Drafts are for those who work here, and of messages for who writes to them.")
    permit.demand("u" if "/" in about else "c", about.partition("/")[0])


async def _why(db: Connection, permit: Permit, patient: _Patient) -> str:
    """Why the record is open. Raises ReasonNeeded."""
    why = await _opened(db, permit, patient)
    if why is None:
        raise ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
    return why


async def _opened(db: Connection, permit: Permit, patient: _Patient) -> str | None:
    opened = await access.decide(db, permit, {patient.key})
    if patient.key not in opened and await access.serves(db, permit, {patient.key}):
        return access.OWN_PART
    return opened.get(patient.key)


async def _own(db: Connection, permit: Permit, patient: _Patient, id_: UUID) -> Draft:
    row = await stored.find(db, id_, permit.actor, _part(permit))
    if row is None or row["patient"] not in patient.keys:
        raise NotFound("There is no such draft of yours here.")
    if row["ended"]:
        raise DraftEnded(row["became"] or "")
    return of_row(row)


def of_row(row: Any) -> Draft:
    """A draft from its row."""
    return Draft(
        row["id"],
        row["patient_id"],
        row["about"],
        row["base"],
        row["version"],
        row["title"],
        row["body"] or b"",
        row["begun"],
        row["saved"],
        row["role"],
        row["unit"],
        row["ended"] is not None,
        row["became"] or "",
    )


def _part(permit: Permit) -> int:
    """Drafts of a service that is not health care are read in that service alone."""
    return permit.part if permit.is_separate else 0


def _writer(permit: Permit) -> Writer:
    agent = key(f"PractitionerRole/{permit.practitioner_role}")
    return Writer(permit.actor, agent, permit.name, permit.role, permit.unit, _part(permit))


def _uuid(id_: str) -> UUID:
    try:
        return UUID(id_)
    except ValueError:
        raise Invalid("The draft has no id that can be read. Open the page anew.") from None


async def _log(db: Connection, permit: Permit, action: str, patient: _Patient, why: str, about: str) -> None:
    await audit.write(db, [_look(permit, action, patient, why, about)])


def _look(permit: Permit, action: str, patient: _Patient, why: str, about: str) -> audit.Look:
    type_, _, id_ = about.partition("/")
    return look_of(permit, action, patient=patient.key, why=why, shown=audit.shown([(type_, id_)] if id_ else []))
