"""What each client has asked for since the server began, and how much of the costly kind at once. RFC 6585

Counted in memory, by login or client name: it tells who burdens the server, and a client how it stands. What was looked
at is in the log, not here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from samjournal import record
from samjournal.access import Permit
from samjournal.fhir.errors import Busy, FhirError, TooMany
from samjournal.record import Door
from samjournal.rest.answers import Answer
from samjournal.rest.given import given
from samjournal.rest.request import Request, Used

MOST_COSTLY = 4
"""So many costly operations of one client are answered at once; the others are to be asked again."""
_MOST_CLIENTS = 2000
_MOST_NAMED = 200


@dataclass(slots=True)
class Usage:
    """The clients that were here."""

    clients: dict[tuple[str, str], Used] = field(default_factory=dict)

    def of(self, permit: Permit) -> Used:
        """What this client has used so far. Of very many clients those who came first are forgotten first."""
        who = permit.kind, permit.actor
        used = self.clients.get(who)
        if used is None:
            if len(self.clients) >= _MOST_CLIENTS:
                del self.clients[next(iter(self.clients))]
            used = self.clients[who] = Used(permit.kind, datetime.now(UTC))
        return used

    def by_name(self) -> Iterator[tuple[str, Used]]:
        """Systems by name, people by kind alone: numbers that anybody may read tell of no person."""
        summed: dict[str, Used] = {}
        for (_, actor), used in list(self.clients.items()):
            name = actor if used.kind == "system" and len(summed) < _MOST_NAMED else used.kind
            total = summed.setdefault(name, Used(used.kind, used.since))
            total.requests += used.requests
            total.seconds += used.seconds
            total.refused += used.refused
            total.failed += used.failed
        yield from summed.items()


class Counted:
    """One request on its way: counted, timed, and told apart by how it ended."""

    __slots__ = ("_begun", "used")

    def __init__(self, used: Used) -> None:
        self.used = used

    def __enter__(self) -> Used:
        self._begun = time.perf_counter()
        self.used.requests += 1
        return self.used

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.used.seconds += time.perf_counter() - self._begun
        if kind is None:
            return
        if issubclass(kind, TooMany | Busy):
            self.used.refused += 1
        elif issubclass(kind, FhirError):
            self.used.failed += 1


@contextmanager
def costly(used: Used) -> Iterator[None]:
    """A costly operation of a client. Raises TooMany when he has several under way."""
    if used.costly >= MOST_COSTLY:
        raise TooMany(
            f"{used.costly} long requests of yours are being answered. Wait for them, or ask with"
            " Prefer: respond-async."
        )
    used.costly += 1
    try:
        yield
    finally:
        used.costly -= 1


async def usage(door: Door, request: Request) -> Answer:
    """What the client itself has used, and what it may."""
    given(request, takes=(), operation="$usage")
    used = request.used
    assert used is not None
    under_way, kept = await record.jobs_of(door, request.who())
    told: list[dict[str, object]] = [
        {"name": "client", "valueString": request.who().actor},
        {"name": "since", "valueInstant": used.since.isoformat(timespec="seconds")},
        {"name": "requests", "valueInteger": used.requests},
        {"name": "failed", "valueInteger": used.failed},
        {"name": "refused", "valueInteger": used.refused + used.sent_away},
        {"name": "seconds", "valueDecimal": round(used.seconds, 3)},
        {"name": "answeredLater", "valueInteger": under_way},
        {"name": "answersKept", "valueInteger": kept},
        {"name": "costlyAtOnce", "valueInteger": MOST_COSTLY},
    ]
    return Answer(200, msgspec.json.encode({"resourceType": "Parameters", "parameter": told}))
