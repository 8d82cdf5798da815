"""How much a demo region is before it is made: resources, disk and time, as measured on two cores."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from samjournal.demo.dialysis import FROM as LONGEST_FROM
from samjournal.demo.organisations import register
from samjournal.demo.region import Depth
from samjournal.server.exits import Refused
from samjournal.server.load.progress import duration

# Measured: resources of an inhabitant, bytes of disk for each with its indexes and log, resources stored in a second.
_EACH: dict[Depth, float] = {"register": 1.34, "years": 60.0}
_BYTES: dict[Depth, int] = {"register": 4_800, "years": 2_900}
_RATE: dict[Depth, int] = {"register": 2_000, "years": 2_200}
_CAST, _LONGEST = 450, 30_700
"""Resources of the people written by hand, and of the longest chart, which larger regions have."""
_SPARE = 300_000_000
"""What PostgreSQL writes beside the data while it works."""


@dataclass(frozen=True, slots=True)
class Size:
    """What a region takes, about."""

    resources: int
    disk: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"about {self.resources:,} resources, {_amount(self.disk)} of disk, {duration(self.seconds)} on two cores"
        )


@cache
def size_of(inhabitants: int, depth: Depth) -> Size:
    """What so many inhabitants take at a depth."""
    if inhabitants < 1:
        return Size(0, 0, 0.0)
    cast = _CAST + (_LONGEST if inhabitants >= LONGEST_FROM else 0)
    resources = sum(1 for _ in register(inhabitants)) + cast + round(inhabitants * _EACH[depth])
    return Size(_rounded(resources), resources * _BYTES[depth], resources / _RATE[depth])


def refuse_if_too_big(size: Size, inhabitants: int, depth: Depth, folder: Path | None) -> None:
    """Raise Refused when the disk of the data folder has no room; a server's own disk is not seen from here."""
    if folder is None:
        return
    free = shutil.disk_usage(folder).free
    if size.disk + _SPARE <= free:
        return
    fits = next((n for n in _STEPS if n < inhabitants and size_of(n, depth).disk + _SPARE <= free), None)
    instead = f", choose fewer inhabitants ({fits:,} fit)" if fits else ""
    raise Refused(
        f"There is no room for it: it takes {_amount(size.disk + _SPARE)} with what PostgreSQL needs beside it, and"
        f" {folder} has {_amount(free)} free. Make room{instead}, or name a folder on a larger disk."
    )


_STEPS = (500_000, 200_000, 100_000, 50_000, 20_000, 10_000, 5_000, 2_000, 1_000, 500, 200, 100)


def written(folder: Path | None) -> int:
    """The bytes of the tables in a data folder now; what PostgreSQL keeps to recover is not counted."""
    if folder is None:
        return 0
    return sum(_size(path) for path in folder.rglob("*") if "pg_wal" not in path.parts)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:
        return 0  # PostgreSQL removes files while we look.


def _amount(bytes_: int) -> str:
    return f"{bytes_ / 1e9:,.1f} GB" if bytes_ >= 1e9 else f"{bytes_ / 1e6:,.0f} MB"


def _rounded(number: int) -> int:
    """To three figures: more would promise too much."""
    step: int = 10 ** max(0, len(str(number)) - 3)
    return round(number / step) * step
