"""The outbox: what is due for one person becomes one message over one channel.

    gather(door, permit, channels, now) -> int          how many people something was done for

Whether it is still to be told is asked now: whoever may not read it any more, what is not shown yet, and what is over
is dropped, with why. The message and what it tells are written in one transaction, so that a crash makes no second one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from samjournal import access
from samjournal.access import Permit
from samjournal.db.queries import queries
from samjournal.fhir.dates import span
from samjournal.letters.channels import Channels
from samjournal.letters.faults import Unreachable
from samjournal.letters.kinds import CHANNELS, KINDS, LEVELS, Channel, Kind, Level
from samjournal.letters.people import Reached, ask_together, reached
from samjournal.letters.timing import APART, POST
from samjournal.record import Door
from samjournal.record.beside import matches, resources, shown_to

_SQL = queries("samjournal.letters")
_log = logging.getLogger("samjournal.letters")
MOST: Final = 100
_AGAIN: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that is due, with the channels that may carry it, in their order."""

    id: UUID
    about: str
    kind: Kind
    level: Level
    source: str
    unit: str
    before: datetime | None
    allowed: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What becomes of some notices: one message, with the channels that are left if its own fails."""

    channel: Channel
    rest: tuple[Channel, ...]
    notices: tuple[Waiting, ...]


async def gather(door: Door, permit: Permit, channels: Channels, now: datetime) -> int:
    """Make messages of what is due. One person who cannot be told now stops no other."""
    people = await door.pool.fetch(_SQL.due, now, MOST)
    await ask_together(door, permit, channels, [row["person_id"] for row in people])
    for row in people:
        try:
            await _for_person(door, permit, channels, row["person"], row["person_id"], now)
        except Unreachable as error:
            _log.warning("the contact register is away", extra={"why": str(error)})
            ids = [one["id"] for one in await door.pool.fetch(_SQL.of_person, row["person"], now)]
            await door.pool.execute(_SQL.postpone, ids, now + _AGAIN)
    return len(people)


async def _for_person(
    door: Door, permit: Permit, channels: Channels, person: int, person_id: str, now: datetime
) -> None:
    rows = await door.pool.fetch(_SQL.of_person, person, now)
    notices = [
        Waiting(row["id"], row["about"], KINDS[row["kind"]], row["level"], row["source"], row["unit"], row["before"])
        for row in rows
        if row["kind"] in KINDS
    ]
    if await _too_soon(door, person, notices, now):
        return
    standing, dropped = await _standing(door, permit, person_id, notices, now)
    found = await reached(door, permit, channels, person_id) if standing else None
    if standing and found is None:
        dropped |= {one.id: "nobody" for one in standing}
        standing = []
    told: list[Message] = []
    if found is not None:
        wanted = [one for one in standing if found.wish.wants(one.kind.code)]
        wanted = [one for one in wanted if found.wish.others or one.about == door.persons.stays(person_id)]
        dropped |= {one.id: "not-wanted" for one in standing if one not in wanted}
        told, unreached = planned(found, channels, wanted, now)
        dropped |= {one.id: "no-channel" for one in unreached}
    await _write(door, person, person_id, told, dropped, now)


async def _too_soon(door: Door, person: int, notices: Sequence[Waiting], now: datetime) -> bool:
    """Whether something left for the person just now: then what is not urgent waits, and goes together."""
    if any(one.level == "urgent" for one in notices):
        return False
    last: datetime | None = await door.pool.fetchval(_SQL.last, person)
    if last is None or now - last >= APART:
        return False
    await door.pool.execute(_SQL.postpone, [one.id for one in notices], last + APART)
    return True


async def _standing(
    door: Door, permit: Permit, person_id: str, notices: Sequence[Waiting], now: datetime
) -> tuple[list[Waiting], dict[UUID, str]]:
    """Those that are still to be told, and why the others are not."""
    dropped = {one.id: "over" for one in notices if one.before is not None and one.before <= now}
    left = [one for one in notices if one.id not in dropped]
    standing: list[Waiting] = []
    me = door.persons.stays(person_id)
    for about in dict.fromkeys(one.about for one in left):
        some = [one for one in left if one.about == about]
        reader = await access.as_reader(door.pool, about, "" if about == me else me)
        if reader is None:
            dropped |= {one.id: "no-longer" for one in some}
            continue
        others = ("look/", "signin/")
        named = [_named(one.source) for one in some if "/" in one.source and not one.source.startswith(others)]
        shown = await shown_to(door, permit, reader, named)
        for one in some:
            gone = one.kind.code == "appointment-cancelled"
            seen = reader.reads_log if one.kind.code == "looked" else one.source in shown
            # That somebody signed in as him is told to himself alone.
            seen = about == me if one.kind.code == "signed-in" else seen
            # That an appointment is cancelled is told though it is deleted, to whoever reads appointments.
            if not seen and not (gone and reader.may("r", "Appointment") and reader.represents is None):
                dropped[one.id] = "not-shown"
            elif why := await _passed_by(door, permit, one):
                dropped[one.id] = why
            else:
                standing.append(one)
    return standing, dropped


async def _passed_by(door: Door, permit: Permit, one: Waiting) -> str:
    """Why a notice is not needed: a result that is told with its report, a reminder of what was moved."""
    type_, id_ = _named(one.source)
    if type_ == "Observation":
        reports = await matches(door, permit, "DiagnosticReport", [("result", one.source), ("_count", "1")])
        panels = await matches(door, permit, "Observation", [("has-member", one.source), ("_count", "1")])
        return "with-report" if reports or panels else ""
    if one.kind.code in ("reminder", "appointment-booked"):
        found = (await resources(door, permit, [(type_, id_)])).get(one.source)
        body = found.resource() if found else {}
        if body.get("status") not in ("booked", "arrived", "checked-in"):
            return "over"
        start = body.get("start")
        if one.kind.code == "reminder" and (start is None or span(start).lo != one.before):
            return "over"
    return ""


def planned(
    found: Reached, channels: Channels, notices: Sequence[Waiting], now: datetime
) -> tuple[list[Message], list[Waiting]]:
    """What goes by which channel: one message for all that may go together. And what goes by none."""
    by_channel: dict[Channel, list[Waiting]] = {}
    unreached: list[Waiting] = []
    for one in notices:
        allowed = tuple(
            channel
            for channel in found.wish.channels(one.kind.code)
            if channels.has(channel) and found.address(channel, is_service=one.kind.is_service)
        )
        first = allowed[0] if allowed else instead(one.kind, one.before, bool(found.envelope), channels, now)
        if first is None:
            unreached.append(one)
        else:
            known = Waiting(one.id, one.about, one.kind, one.level, one.source, one.unit, one.before, allowed)
            by_channel.setdefault(first, []).append(known)
    told = []
    for channel, some in by_channel.items():
        rest = tuple(other for other in CHANNELS if other != channel and all(other in one.allowed for one in some))
        told.append(Message(channel, rest if channel in CHANNELS else (), tuple(some)))
    return told, unreached


def instead(
    kind: Kind, before: datetime | None, has_envelope: bool, channels: Channels, now: datetime
) -> Channel | None:
    """What becomes of a notice that no digital channel carries: a letter, when it arrives in time and there is where to
    send it; else a person sees to it; None: nothing."""
    in_time = before is None or before - now > POST
    if kind.letter and has_envelope and in_time:
        return "letter" if channels.has("letter") else "hand"
    return "person" if kind.call else None


def strongest(levels: Sequence[str]) -> Level:
    return cast(Level, min(levels, key=lambda one: LEVELS.index(cast(Level, one)), default="ordinary"))


async def _write(
    door: Door, person: int, person_id: str, told: Sequence[Message], dropped: dict[UUID, str], now: datetime
) -> None:
    """One transaction: of two processes at the same person the second finds nothing that waits."""
    async with door.pool.transaction() as db:
        for why in set(dropped.values()):
            await db.execute(_SQL.drop, [id_ for id_, said in dropped.items() if said == why], why)
        for one in told:
            ids = [notice.id for notice in one.notices]
            taken: list[Any] = await db.fetch(_SQL.take, ids)
            if len(taken) != len(ids):
                continue
            ends = [notice.before for notice in one.notices]
            is_reminder = all(notice.kind.text == "reminder" for notice in one.notices)
            sending = await db.fetchval(
                _SQL.add_sending,
                person,
                person_id,
                one.channel,
                list(one.rest),
                strongest([notice.level for notice in one.notices]),
                "reminder" if is_reminder else "new",
                next((notice.unit for notice in one.notices if notice.unit), ""),
                max((end for end in ends if end), default=None) if all(ends) else None,
                now,
                now,
                None,
            )
            await db.execute(_SQL.told, ids, sending)


def _named(source: str) -> tuple[str, str]:
    type_, _, id_ = source.partition("/")
    return type_, id_
