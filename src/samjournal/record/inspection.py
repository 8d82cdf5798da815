"""Is what the lower floors keep of the record still what the record says? House rule 9."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from samjournal import access
from samjournal.access import Permit
from samjournal.record.door import Door
from samjournal.store import walking

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Drift:
    """A type whose projection was compared: how many resources, and the references of those that differ."""

    type: str
    compared: int
    wrong: tuple[str, ...]


async def compare_projections(door: Door, permit: Permit, *, rebuild: bool = False) -> AsyncIterator[Drift]:
    """Derive every relation, person and unit anew and compare with what stands; with `rebuild` set right what differs.

    Runs in batches beside the traffic. Reasons that people stated are not derived and are left alone.
    """
    for type_ in sorted(access.PROJECTED):
        compared, wrong, after = 0, list[str](), ""
        while batch := await walking.after(door.pool, type_, after, limit=_BATCH):
            after = batch[-1].id
            compared += len(batch)
            stored = [access.Stored(type_, one.id, msgspec.json.decode(one.body), existed=True) for one in batch]
            async with door.pool.transaction() as db:
                differing = await access.differing(db, stored)
                wrong += [one.reference for one in differing]
                if rebuild and differing:
                    await access.project(db, permit, differing)
        yield Drift(type_, compared, tuple(wrong))
