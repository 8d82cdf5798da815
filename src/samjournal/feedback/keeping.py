"""What citizens say about a page: said, counted, answered or closed. Row 3.11

    await say(db, words, page=, version=, language=, asked_by=)   said; asked_by is the patient who wants an answer
    await remarks(db, permit, handled=False)                      what waits, what is due first on top
    await counted(db, permit)                                     by page and version
    await late(db)                                                how many wait past their deadline
    await answer(door, permit, id, words, topic=)                 as a message in the portal; who asked is forgotten
    await close(db, permit, id, words, erase=False)               without an answer; `erase` takes the words away
    Pace().take(who)                                              how often somebody may

It is about the page, so it lies in a table of its own and not in the record, and says nothing of who said it. Who asks
for an answer is kept until he has it; whoever answers does not learn who he is. Those who run the program
(`Permit.operates`) see to it.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Final
from uuid import UUID

from samjournal.access import Permit, keeping
from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from samjournal.record import Change, Door, change, new_id

LONGEST: Final = 1000
"""Letters of what is said, and of an answer."""
ANSWERED_WITHIN, CLOSED_WITHIN = timedelta(days=7), timedelta(days=30)
KEPT: Final = timedelta(days=365)
"""So long after it was handled."""
MOST: Final = 200
_NUMBER = re.compile(r"(?<!\d)\d{6}\s?\d{5}(?!\d)")
_SQL = queries("samjournal.feedback")


class TooOften(TooMany):
    """Somebody says more than a person has to say, or all together do."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said about a page, as the table of routes has it. `wants`: he wanted an answer; `said`: why it
    was closed."""

    id: str
    at: datetime
    due: datetime
    page: str
    version: str
    language: str
    words: str
    wants: bool
    state: str  # open, answered, closed
    handled: datetime | None
    handled_by: str | None
    said: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How much was said of a page in a version, and what of it waits or is late."""

    page: str
    version: str
    said: int
    waiting: int
    late: int
    last: datetime


@dataclass(slots=True)
class Pace:
    """Who said how much within the hour, in memory alone: that somebody said something is written nowhere."""

    each: int = 5
    all: int = 300
    hour: float = 3600.0
    _last: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, who: str) -> None:
        """Count one more. Raises TooOften."""
        now = monotonic()
        kept = {name: times for name, times in self._last.items() if times[-1] > now - self.hour}
        for times in kept.values():
            while times[0] <= now - self.hour:
                times.popleft()
        self._last = kept
        mine = kept.setdefault(who, deque())
        if len(mine) >= self.each or sum(map(len, kept.values())) >= self.all:
            if not mine:
                del kept[who]
            raise TooOften("So much is not said about pages in an hour. Try again later.")
        mine.append(now)


async def say(
    db: Pool, words: str, *, page: str, version: str, language: str, asked_by: str | None = None, now: datetime
) -> str:
    """Keep what somebody said about a page; its id. Raises Invalid when there are no words, too many, or a national
    identity number in them."""
    said = words.strip()
    if not said:
        raise Invalid("Write what you think of the page.")
    if len(said) > LONGEST:
        raise Invalid(f"Write at most {LONGEST} letters.")
    if _NUMBER.search(said):
        raise Invalid("There is a number in it that looks like a national identity number. Take it away.")
    id_ = new_id()
    due = now + (ANSWERED_WITHIN if asked_by else CLOSED_WITHIN)
    await db.execute(_SQL.forget, now - KEPT)
    wants = asked_by is not None
    await db.execute(_SQL.say, UUID(id_), now, due, page[:200], version[:60], language, said, asked_by, wants)
    return id_


async def remarks(db: Pool, permit: Permit, *, handled: bool = False) -> list[Remark]:
    """What waits, or what was handled; at most 200. Raises Forbidden for others than those who run the program."""
    _sees(permit)
    return [_remark(row) for row in await db.fetch(_SQL.handled if handled else _SQL.open, MOST)]


async def counted(db: Pool, permit: Permit) -> list[Counted]:
    """How much was said, by page and version, where most waits first. Raises Forbidden."""
    _sees(permit)
    return [Counted(**row) for row in await db.fetch(_SQL.counted, datetime.now(UTC))]


async def late(db: Pool) -> int:
    """How many wait past their deadline."""
    found: int = await db.fetchval(_SQL.late, datetime.now(UTC))
    return found


async def answer(
    door: Door, permit: Permit, id_: str, words: str, *, topic: str, now: datetime, erase: bool = False
) -> None:
    """Answer who wanted it, as a message in his portal with a `topic` in his language; he stays unknown to who answers.
    `erase` takes away what he said, where it tells of his health.

    The message is sent once, however often one tries. Raises Forbidden, NotFound (handled already), Conflict (he wanted
    no answer), Invalid (no words, too many).
    """
    _sees(permit)
    said = words.strip()
    if not said or len(said) > LONGEST:
        raise Invalid(f"Write an answer of at most {LONGEST} letters.")
    row = await _waiting(door.pool, id_)
    if row["asked_by"] is None:
        raise Conflict("Nobody wants an answer to it. Close it instead.")
    message = Change.create(_message(row["asked_by"], said, permit, topic, now))
    claim = hashlib.sha256(f"feedback {id_}".encode()).digest()
    await change(door, keeping(permit, "Communication"), [message], action="answer-feedback", claim=claim)
    await door.pool.fetchval(_SQL.handle, UUID(id_), "answered", now, permit.actor, erase, "")


async def close(db: Pool, permit: Permit, id_: str, words: str, *, now: datetime, erase: bool = False) -> None:
    """Close it without an answer, with why; `erase` takes away what was said, where it tells of somebody's health.
    Raises Forbidden, NotFound (handled already), Conflict (somebody wants an answer), Invalid (no reason)."""
    _sees(permit)
    said = words.strip()
    if not said or len(said) > LONGEST:
        raise Invalid(f"Write why it is closed, in at most {LONGEST} letters.")
    row = await _waiting(db, id_)
    if row["asked_by"] is not None:
        raise Conflict("Somebody waits for an answer to it. Answer it instead.")
    if await db.fetchval(_SQL.handle, UUID(id_), "closed", now, permit.actor, erase, said) is None:
        raise NotFound("It was handled meanwhile.")


async def _waiting(db: Pool, id_: str) -> Mapping[str, Any]:
    try:
        row = await db.fetchrow(_SQL.one, UUID(id_))
    except ValueError:
        row = None
    if row is None:
        raise NotFound("It was handled meanwhile, or there is no such one.")
    return dict(row)


def _message(patient: str, words: str, permit: Permit, topic: str, now: datetime) -> dict[str, Any]:
    """The answer as it stands in the portal. hl7.org/fhir/R4/communication.html"""
    who = {"reference": f"Patient/{patient}"}
    return {
        "resourceType": "Communication",
        "status": "completed",
        "category": [{"coding": [{"system": "urn:samjournal:message", "code": "feedback"}]}],
        "subject": who,
        "recipient": [who],
        "sender": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        "topic": {"text": topic},
        "sent": now.isoformat(timespec="seconds"),
        "payload": [{"contentString": words}],
    }


def _sees(permit: Permit) -> None:
    if not permit.operates:
        raise Forbidden("What citizens say about pages is for who runs the program.")


def _remark(row: Mapping[str, Any]) -> Remark:
    return Remark(
        str(row["id"]),
        *(row[name] for name in ("at", "due", "page", "version", "language", "words", "wants", "state")),
        *(row[name] for name in ("handled", "handled_by", "said")),
    )
