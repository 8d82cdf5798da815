"""How often a code is used by the own unit. Numbers alone: no patient is named, so it is no look."""

from __future__ import annotations

from collections.abc import Iterable

from samjournal.access import Permit
from samjournal.fhir.keys import token_key
from samjournal.fhir.numbers import number
from samjournal.record.door import Door
from samjournal.store import using as stored

MOST = 10_000


async def used(door: Door, permit: Permit, type_: str, parameter: str, tokens: Iterable[str]) -> dict[str, int]:
    """By token (`system|code`): how many resources of a type the unit and those under it have with that, at most
    10,000 each. Raises Forbidden, Busy."""
    permit.demand("s", type_)
    async with door.pool.lane() as db:
        return {
            token: await stored.used(
                db, number(type_), token_key(f"{type_}.{parameter}", token), list(permit.parties), MOST
            )
            for token in tokens
        }
