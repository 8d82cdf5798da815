"""How somebody wants to be told: by kind, the channels that may be used.

wish_of(door, person_id) -> Wish            as he chose, or as it is where he did not
keep(door, permit, wish)                    a citizen's own
subscribe(...), unsubscribe(...)            browsers that show notices
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from samjournal.access import Permit
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.fhir.keys import patient_key
from samjournal.letters.kinds import CHANNELS, KINDS, Channel
from samjournal.letters.push import Browser, Push, unb64
from samjournal.record import Door

_SQL = queries("samjournal.letters")
MOST_BROWSERS: Final = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """`choices` by kind; a kind that is not there is as usual. `others`: what is new for those whom he acts for too;
    `language` nb, nn, en, or "" for what the contact register says."""

    choices: Mapping[str, tuple[Channel, ...]] = field(default_factory=dict)
    others: bool = True
    language: str = ""

    def channels(self, kind: str) -> tuple[Channel, ...]:
        """The channels that may be used, in their order. A kind that cannot be turned off has one at least."""
        chosen = self.choices.get(kind)
        if chosen is None:
            return () if KINDS[kind].starts_off else CHANNELS
        if not chosen and KINDS[kind].is_fixed:
            return CHANNELS
        return tuple(one for one in CHANNELS if one in chosen)

    def wants(self, kind: str) -> bool:
        return bool(self.channels(kind))


@dataclass(frozen=True, slots=True)
class Device:
    """A browser that shows notices to somebody."""

    id: UUID
    name: str
    made: datetime
    browser: Browser


async def wish_of(door: Door, person_id: str) -> Wish:
    """How somebody wants to be told."""
    row = await door.pool.fetchrow(_SQL.wish, patient_key(door.persons.stays(person_id)))
    if row is None:
        return Wish()
    choices = msgspec.json.decode(row["choices"], type=dict[str, list[str]])
    kept = {kind: tuple(one for one in CHANNELS if one in told) for kind, told in choices.items() if kind in KINDS}
    return Wish(kept, row["others"], row["language"])


async def keep(door: Door, permit: Permit, person_id: str, wish: Wish) -> None:
    """Keep a citizen's own wish. Raises Forbidden for who acts for another: how one is told is one's own."""
    _own(permit, door, person_id)
    if wish.language not in ("", "nb", "nn", "en") or not set(wish.choices) <= set(KINDS):
        raise Invalid("Choose among the kinds and languages on the page.")
    choices = {kind: list(channels) for kind, channels in wish.choices.items()}
    row = (msgspec.json.encode(choices).decode(), wish.others, wish.language, datetime.now(UTC))
    await door.pool.execute(_SQL.keep_wish, patient_key(door.persons.stays(person_id)), *row)


async def devices(door: Door, person_id: str) -> list[Device]:
    """The browsers that show somebody notices."""
    rows = await door.pool.fetch(_SQL.subscriptions, patient_key(door.persons.stays(person_id)))
    return [
        Device(row["id"], row["device"], row["made"], Browser(row["endpoint"], row["p256dh"], row["auth"]))
        for row in rows
    ]


async def subscribe(
    door: Door, permit: Permit, person_id: str, push: Push | None, endpoint: str, p256dh: str, auth: str, device: str
) -> None:
    """Show notices in a browser from now on, as it subscribed there. Raises Invalid for what no browser sends."""
    _own(permit, door, person_id)
    if push is None:
        raise Invalid("Notices in the browser are not set up here.")
    try:
        key, secret = unb64(p256dh), unb64(auth)
    except ValueError:
        raise Invalid("The keys of the browser cannot be read.") from None
    if len(key) != 65 or key[0] != 4 or len(secret) != 16 or len(endpoint) > 1000 or not push.may_go_to(endpoint):
        raise Invalid("The browser's push service is none that is known here.")
    person = patient_key(door.persons.stays(person_id))
    async with door.pool.transaction() as db:
        await db.execute(_SQL.subscribe, person, endpoint, key, secret, device[:80], datetime.now(UTC))
        await db.execute(_SQL.crowded, person, MOST_BROWSERS)


async def unsubscribe(door: Door, permit: Permit, person_id: str, which: str) -> None:
    """Show nothing any more in one of one's browsers, by its id or its address at the push service."""
    _own(permit, door, person_id)
    await door.pool.execute(_SQL.unsubscribe, patient_key(door.persons.stays(person_id)), which)


async def forget(door: Door, ids: Sequence[UUID]) -> None:
    """Forget browsers that their push service knows no more. For jobs."""
    for one in ids:
        await door.pool.execute(_SQL.forget, one)


def _own(permit: Permit, door: Door, person_id: str) -> None:
    mine = permit.kind == "citizen" and permit.represents is None
    if not mine or permit.patient is None or door.persons.stays(permit.patient) != door.persons.stays(person_id):
        raise Forbidden("How one is told is one's own to choose. Go back to yourself first.")
