"""PostgreSQL's memory follows what it holds, within what the machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from samjournal.db.sizing import MIB, held, memory, sized

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("holds", "machine", "shared", "cached", "written"),
    [
        (0, 8 * GIB, 96, 512, 512),
        (700 * MIB, 8 * GIB, 96, 512, 512),
        (1300 * MIB, 8 * GIB, 128, 1024, 512),
        (13 * GIB, 24 * GIB, 1024, 8192, 1024),
        (13 * GIB, 4 * GIB, 1024, 2048, 1024),
        (200 * GIB, 24 * GIB, 4096, 8192, 4096),
        (200 * GIB, 256 * MIB, 96, 512, 512),
    ],
)
def test_memory_follows_what_is_held_within_the_machine(
    holds: int, machine: int, shared: int, cached: int, written: int
) -> None:
    sizes = {"shared_buffers": shared, "effective_cache_size": cached, "max_wal_size": written}
    assert sized(holds, machine) == {name: f"{size}MB" for name, size in sizes.items()}


def test_what_is_held_is_tables_and_indexes_without_the_log(tmp_path: Path) -> None:
    assert held(tmp_path) == 0
    for name, size in (("base/5/1259", 100), ("base/5/1259.1", 20), ("pg_wal/0001", 1000)):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(bytes(size))
    assert held(tmp_path) == 120


def test_a_machine_has_memory() -> None:
    assert memory() > 256 * MIB
