"""How long it takes to find a code while somebody types, and what is kept in memory for it.

    python -m bench.codes --data-dir DIR [--rounds N]

DIR is the data folder of an installation to which code systems were added (`samjournal standards add`). It asks as the
page does, for each letter of each word that is typed, slips included, and tells the slowest, which must be under 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import time
import tracemalloc
from pathlib import Path
from statistics import median, quantiles

from samjournal import terminology
from samjournal.db import postgres
from samjournal.db.pool import Pool, connect
from samjournal.db.rights import APPLICATION, as_role
from samjournal.terminology import seeking

LIMIT = 50.0
TYPED = (
    "elveblest", "elvblest", "urtikaria", "KOLS", "DM2", "hjertesvikt", "hjretesvikt", "diabetes type 2 uten kompl",
    "kronsk obstruktiv lungesykdom", "uspesifisert", "annen spesifisert sykdom i andre", "ondartet svulst i bryst",
    "i50.9", "hypertensjn", "lårhalsbrud", "akutt infeksjon i øvre luftveier", "xyzzyqx", "a b c d e f g",
)  # fmt: skip


async def measure(pool: Pool, rounds: int) -> dict[str, object]:
    """Times in ms, and memory in MB."""
    await terminology.LOADED.refresh(pool)
    begun = time.perf_counter()
    await terminology.ready(pool)
    made = time.perf_counter() - begun
    asked = [word[:length] for word in TYPED for length in range(1, len(word) + 1)]
    spent: dict[str, float] = {}
    for _ in range(rounds):
        for typed in asked:
            begun = time.perf_counter()
            terminology.seek(typed)
            took = (time.perf_counter() - begun) * 1000
            spent[typed] = min(took, spent.get(typed, took))
    slowest = max(spent, key=lambda typed: spent[typed])
    times = sorted(spent.values())
    seeking._kept.clear()
    gc.collect()
    tracemalloc.start()
    await terminology.ready(pool)
    memory = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    (kept,) = seeking._kept.values()
    return {
        "codes": len(kept.codes),
        "names": len(kept.names),
        "asked": len(times),
        "p50 ms": round(median(times), 2),
        "p95 ms": round(quantiles(times, n=20)[-1], 2),
        "slowest ms": round(spent[slowest], 2),
        "slowest": slowest,
        "made in s": round(made, 2),
        "memory MB": round(memory, 1),
    }


async def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    async with postgres.reach(told.data_dir, purpose="bench") as dsn:
        pool = await connect(as_role(dsn, APPLICATION), size=2)
        try:
            found = await measure(pool, told.rounds)
        finally:
            await pool.close(patience=2)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    return 0 if float(str(found["slowest ms"])) < LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(_main()))
