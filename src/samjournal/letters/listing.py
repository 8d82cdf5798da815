"""What was told, and what waits: for the person himself, on the patient's page, and for who runs the channels.

own(door, permit) -> list[Line]                     what the citizen was told
about(door, permit, patient_id) -> list[Line]       who was told what about a patient; the caller has opened the record
traffic(door, permit, channels, now) -> Traffic     by channel, no word of anybody
retry(door, permit, id)                             try one at once
alarm(door, permit, found, now) -> int              for the job: a channel that stands still is work, once
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from samjournal.access import Permit
from samjournal.db.queries import queries
from samjournal.fhir.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from samjournal.fhir.keys import patient_key
from samjournal.letters.channels import Channels
from samjournal.letters.kinds import CHANNELS
from samjournal.letters.units import desk_of
from samjournal.record import Change, Door, change
from samjournal.record.beside import matches
from samjournal.tasks import written
from samjournal.tasks.doing import WAITING
from samjournal.tasks.kinds import DEADLINES

_SQL = queries("samjournal.letters")
DAY: Final = timedelta(days=1)
OLD: Final = timedelta(hours=1)
"""A message that waits longer on a digital channel, or a notice that should have left so long ago, is an alarm."""
FAILED: Final = 20
"""More that failed on one channel in a day is an alarm."""
ALARM: Final = "urn:samjournal:notice-alarm"
_LISTED: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One notice: of what kind, about whom (a patient id), to whom (`to`, of the patient's page), when it was made, by
    what it went and how far it came. `state` is waiting, told or dropped (`why`); `went` that of its message."""

    kind: str
    about: str
    to: str
    made: datetime
    due: datetime
    level: str
    state: str
    why: str
    channel: str
    went: str
    ended: datetime | None
    attempts: int


@dataclass(frozen=True, slots=True)
class OnChannel:
    """What one channel did: how many wait since when, how many were tried again, what got through and failed in the
    last day, what was said last."""

    channel: str
    is_set_up: bool
    waiting: int = 0
    oldest: datetime | None = None
    again: int = 0
    delivered: int = 0
    failed: int = 0
    last: datetime | None = None
    fault: str = ""
    now: datetime | None = None

    @property
    def is_old(self) -> bool:
        digital = self.channel in (*CHANNELS, "letter")
        return digital and self.oldest is not None and self.now is not None and self.now - self.oldest > OLD

    @property
    def is_alarming(self) -> bool:
        return self.is_old or self.failed > FAILED


@dataclass(frozen=True, slots=True)
class Stuck:
    """A message that is tried again, or failed."""

    id: UUID
    channel: str
    level: str
    made: datetime
    attempts: int
    state: str
    fault: str
    next: datetime


@dataclass(frozen=True, slots=True)
class Traffic:
    """All channels; notices that are gathered or wait for their time, and those whose time came, with the oldest."""

    channels: tuple[OnChannel, ...]
    waiting: int
    due: int
    oldest: datetime | None
    stuck: tuple[Stuck, ...]
    now: datetime

    @property
    def is_late(self) -> bool:
        return self.oldest is not None and self.now - self.oldest > OLD


async def own(door: Door, permit: Permit) -> list[Line]:
    """What a citizen was told, the newest first."""
    if permit.kind != "citizen" or permit.represents is not None or permit.patient is None:
        raise Forbidden("What one was told is one's own to read.")
    rows = await door.pool.fetch(_SQL.list, patient_key(door.persons.stays(permit.patient)), _LISTED)
    return [_line(row, "") for row in rows]


async def about(door: Door, permit: Permit, patient_id: str) -> list[Line]:
    """Who was told what about a patient. The record is open to the caller, who has logged that it was looked at."""
    if permit.kind != "staff":
        raise Forbidden("This is for those who work here.")
    rows = await door.pool.fetch(_SQL.list_about, list(door.persons.ids(patient_id)), _LISTED)
    return [_line(row, row["person_id"]) for row in rows]


def _line(row: Any, to: str) -> Line:
    return Line(
        row["kind"],
        row["about"],
        to,
        row["made"],
        row["due"],
        row["level"],
        row["state"],
        row["why"],
        row["channel"] or "",
        row["went"] or "",
        row["ended"],
        row["attempts"] or 0,
    )


async def traffic(door: Door, permit: Permit, channels: Channels, now: datetime) -> Traffic:
    """Raises Forbidden for who does not run the channels."""
    _runs(permit)
    rows = {row["channel"]: row for row in await door.pool.fetch(_SQL.by_channel, now - DAY)}
    names = [*CHANNELS, "letter", "hand", "person"]
    found = tuple(
        _channel(name, channels.has(name) or name in ("hand", "person"), rows.get(name), now)
        for name in names
        if channels.has(name) or name in rows or name in ("hand", "person")
    )
    backlog = await door.pool.fetchrow(_SQL.backlog, now)
    assert backlog is not None
    stuck = await door.pool.fetch(_SQL.stuck, now - DAY, _LISTED)
    names_ = ("id", "channel", "level", "made", "attempts", "state", "fault", "next")
    return Traffic(
        found,
        backlog["waiting"],
        backlog["due"],
        backlog["oldest"],
        tuple(Stuck(*(row[name] for name in names_)) for row in stuck),
        now,
    )


def _channel(name: str, is_set_up: bool, row: Any, now: datetime) -> OnChannel:
    if row is None:
        return OnChannel(name, is_set_up, now=now)
    names = ("waiting", "oldest", "again", "delivered", "failed", "last")
    return OnChannel(name, is_set_up, **{one: row[one] for one in names}, fault=row["fault"] or "", now=now)


async def retry(door: Door, permit: Permit, id_: UUID, now: datetime) -> None:
    """Try a message at once, as the fault was the channel's and is mended. Raises Forbidden, NotFound."""
    _runs(permit)
    if await door.pool.fetchval(_SQL.at_once, id_, now) is None:
        raise NotFound("It does not wait any more.")


async def alarm(door: Door, permit: Permit, found: Traffic, now: datetime) -> int:
    """Make work of each channel that stands still, and of an outbox that nothing leaves; end it when that is over."""
    troubles: dict[str, bool] = {
        one.channel: one.is_alarming for one in found.channels if one.channel in (*CHANNELS, "letter")
    }
    troubles["outbox"] = found.is_late
    done = 0
    for name, is_alarming in troubles.items():
        asked = [("identifier", f"{ALARM}|{name}"), ("status", WAITING)]
        known = await matches(door, permit, "Task", asked)
        try:
            if is_alarming and not known:
                words = f"Varsler til innbyggere står: {NAMES[name]}. Drift ser hvorfor under Varsler."
                owner = await desk_of(door, permit, "") or {}
                due = now + DEADLINES["do"]
                task = written(kind="do", patient="", owner=owner, at=now, due=due, words=words, urgent=True)
                body = {**task, "identifier": [{"system": ALARM, "value": name}]}
                await change(door, permit, [Change.create(body)])
                done += 1
            for each in known if not is_alarming else ():
                body = {key: value for key, value in each.resource().items() if key != "meta"}
                over = {"status": "completed", "lastModified": now.isoformat(timespec="milliseconds")}
                await change(door, permit, [Change.update({**body, **over}, if_match=each.version)])
                done += 1
        except (Conflict, PreconditionFailed):
            continue
    return done


NAMES: Final = {"push": "app", "sms": "SMS", "email": "e-post", "letter": "brev", "outbox": "alle kanaler"}


def _runs(permit: Permit) -> None:
    if not (permit.operates or permit.kind == "system"):
        raise Forbidden(f"The role {permit.role} does not run the channels.")
