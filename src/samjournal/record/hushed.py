"""What the log does not tell those who act for somebody: what is kept from them, and that it is (access.representing).

hushed(permit) -> tuple[str, ...]          actions of which they hear nothing
told(permit, shown, db) -> list[str]       what looks showed (`audit.shown`), without what is kept from them
"""

from __future__ import annotations

from collections.abc import Sequence

from samjournal import audit
from samjournal.access import Permit
from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection, Pool
from samjournal.fhir.numbers import name
from samjournal.store import jobs

_ACTIONS = ("withhold", "hold-back")


def hushed(permit: Permit) -> tuple[str, ...]:
    """The actions that say that something is kept from whoever acts for the patient; none for the patient himself."""
    return _ACTIONS if permit.represents is not None else ()


async def told(permit: Permit, shown: Sequence[str], db: Pool | Connection) -> list[str]:
    """What some looks showed, as far as whoever acts for the patient may see it now; for all others as it is."""
    if permit.represents is None:
        return list(shown)

    def kept(row: str, arguments: Arguments, /, *, opened: str | None = None, mostly: int | None = None) -> str:
        return f"{permit.condition(row, arguments, opened=opened, mostly=mostly)} IS NOT TRUE"

    named = {one for text in shown for one in audit.named(text)}
    hidden = {(name(row["type"]), row["id"]) for row in await jobs.seen(db, named, may=kept)}
    return [audit.shown(one for one in audit.named(text) if one not in hidden) for text in shown]
