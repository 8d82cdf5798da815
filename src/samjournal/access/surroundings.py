"""The own organisation: whose units, places and people somebody knows who works in it.

    known(db, unit) -> frozenset[int]       keys of all that lies under the organisation at the top, and who works there

Of somebody with a confidential address nobody is shown other units and people: they would tell where he lives. Kept in
memory for a minute: a new unit is not known to its own people for so long.
"""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary

from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.keys import key

_SQL = queries("samjournal.access")
REMEMBERED = 60.0
_known: WeakKeyDictionary[Pool, dict[str, tuple[float, frozenset[int]]]] = WeakKeyDictionary()


async def known(db: Pool, unit: str) -> frozenset[int]:
    """What an organisation has under it, by any unit of it (`Organization/7`)."""
    kept = _known.setdefault(db, {})
    if unit in kept and kept[unit][0] > time.monotonic():
        return kept[unit][1]
    found = frozenset(key(row["id"]) for row in await db.fetch(_SQL.surroundings, unit))
    kept[unit] = (time.monotonic() + REMEMBERED, found)
    return found
