"""How much memory PostgreSQL gets: little on a laptop, more where it keeps a region.

A page that is not in PostgreSQL's own memory is copied from the system's each time, which costs more the larger the
tables are. postgresql.org/docs/current/runtime-config-resource.html, #GUC-SHARED-BUFFERS
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

MIB: Final = 2**20
SMALL: Final = {"shared_buffers": 96, "effective_cache_size": 512, "max_wal_size": 512}
"""MiB, with which server and database together stay below 250 MB."""


def sized(held: int, machine: int) -> Mapping[str, str]:
    """Settings for a database of `held` bytes on a machine with `machine` bytes of memory: an eighth of what it holds,
    at most a quarter of the machine. Powers of two, so that they seldom change from one start to the next."""
    shared = max(SMALL["shared_buffers"], min(_power_below(held // 8), _power_below(machine // 4)) // MIB)
    cached = max(SMALL["effective_cache_size"], min(_power_below(held), _power_below(machine // 2)) // MIB)
    written = max(SMALL["max_wal_size"], shared)
    sizes = {"shared_buffers": shared, "effective_cache_size": cached, "max_wal_size": written}
    return {name: f"{size}MB" for name, size in sizes.items()}


def _power_below(number: int) -> int:
    return 2 ** (number.bit_length() - 1) if number else 0


def held(cluster: Path) -> int:
    """Bytes of the tables and indexes in a cluster; 0 where there is none."""
    total = 0
    for folder, _, names in os.walk(cluster / "base"):
        for name in names:
            try:
                total += Path(folder, name).stat().st_size
            except FileNotFoundError:  # Dropped meanwhile, by one that is still running.
                continue
    return total


def memory() -> int:
    """Bytes of memory that this machine, or the container around us, has."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine
