"""`samjournal audit statistics`: what each unit opened on each day, as a table or CSV. docs/reference/audit-log.md"""

from __future__ import annotations

import csv as spreadsheet
import io
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from samjournal import accounts, record
from samjournal.access import for_system
from samjournal.audit import Tally
from samjournal.db.pool import Pool
from samjournal.record import open_door
from samjournal.server import exits
from samjournal.ui.formats import OSLO

Tell = Callable[[str], None]
HEAD = ("day", "unit", "name", "relation", "looks", "people")
ALL = "all"
DAYS = 28


async def statistics(pool: Pool, begin: date | None, end: date | None, *, csv: bool, tell: Tell) -> int:
    """Print the looks of each unit by day and kind of relation; no patient, and nobody who looked, is named."""
    end = end or datetime.now(OSLO).date()
    begin = begin or end - timedelta(days=DAYS - 1)
    if begin > end:
        raise exits.Usage(f"--from {begin} comes after --to {end}.")
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    asker = for_system("audit statistics", scope=None, request="audit statistics")
    found = await record.looks_by_unit(door, asker, begin, end + timedelta(days=1))
    if csv:
        tell(_as_csv(found).rstrip("\n"))
    elif found:
        for line in _as_table(found):
            tell(line)
    else:
        tell(f"No unit opened a record from {begin} to {end}.")
    return exits.OK


def _rows(found: Iterable[Tally]) -> list[tuple[str, ...]]:
    return [
        (str(one.day), one.organization, one.unit, one.why or ALL, str(one.looks), str(one.people)) for one in found
    ]


def _as_csv(found: Iterable[Tally]) -> str:
    out = io.StringIO()
    spreadsheet.writer(out, lineterminator="\n").writerows([HEAD, *map(_safe, _rows(found))])
    return out.getvalue()


def _safe(row: tuple[str, ...]) -> tuple[str, ...]:
    """A name that begins like a formula stays a name in a spreadsheet."""
    return tuple(f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell for cell in row)


def _as_table(found: Iterable[Tally]) -> list[str]:
    rows = [HEAD, *_rows(found)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
