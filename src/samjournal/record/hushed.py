"""What the log and the list of blocks do not tell those who act for somebody.

    hushed(permit) -> tuple[str, ...]          actions of which they hear nothing
    told(permit, shown, db) -> list[str]       what looks showed (`audit.shown`), without what is kept from them
    kept_from(permit, named, db) -> set        which of some resources (type, id) are kept from them

What is kept from them is what their permit does not see now: withheld (access.representing), or not released yet.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from samjournal import audit
from samjournal.access import Permit
from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection, Pool
from samjournal.fhir.numbers import name
from samjournal.store import jobs
from samjournal.store.jobs import Named

_ACTIONS = ("withhold", "hold-back")


def hushed(permit: Permit) -> tuple[str, ...]:
    """The actions that say that something is kept from whoever acts for the patient; none for the patient himself."""
    return _ACTIONS if permit.represents is not None else ()


async def told(permit: Permit, shown: Sequence[str], db: Pool | Connection) -> list[str]:
    """What some looks showed, as far as whoever acts for the patient may see it now; for all others as it is."""
    hidden = await kept_from(permit, {one for text in shown for one in audit.named(text)}, db)
    return [audit.shown(one for one in audit.named(text) if one not in hidden) for text in shown]


async def kept_from(permit: Permit, named: Collection[Named], db: Pool | Connection) -> set[Named]:
    """Which of some resources are there, and not for whoever acts for the patient; none for all others."""
    if permit.represents is None:
        return set()

    def kept(row: str, arguments: Arguments, /, *, opened: str | None = None, mostly: int | None = None) -> str:
        return f"{permit.condition(row, arguments, opened=opened, mostly=mostly)} IS NOT TRUE"

    return {(name(row["type"]), row["id"]) for row in await jobs.seen(db, named, may=kept)}
