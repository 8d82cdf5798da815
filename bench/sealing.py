"""`python -m bench.sealing`: what it costs to seal the log of looks, and to check it.

    python -m bench.sealing [--looks N] [--each N]

Looks are written as reads write them, so many to a seal; the seals are made and checked as the server and
`samjournal audit verify` do it, without a server beside them.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.measuring import machine
from bench.program import running
from samjournal import audit
from samjournal.audit import Look
from samjournal.db.pool import Pool, connect
from samjournal.db.postgres import reach


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--looks", type=int, default=200_000)
    options.add_argument("--each", type=int, default=2_000, help="looks to a seal")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        data = Path(folder) / "data"
        asyncio.run(_measured(data, asked.looks, asked.each))


async def _measured(data: Path, looks: int, each: int) -> None:
    async with running(data, demo=0):
        pass  # It makes the database.
    async with reach(data, purpose="bench") as dsn:
        pool = await connect(dsn, size=4, statement_timeout=600)
        try:
            await _run(pool, looks, each)
        finally:
            await pool.close()


async def _run(pool: Pool, looks: int, each: int) -> None:
    key = Ed25519PrivateKey.generate()
    made = [
        Look(f"r{n}", "ayla", "Ayla Demir", "nurse", "Medisin 3", "read", "stay", f"Observation/{n:036}", n)
        for n in range(each)
    ]
    took: list[float] = []
    for _ in range(looks // each):
        for begin in range(0, each, 20):
            async with pool.transaction() as db:
                await audit.write(db, made[begin : begin + 20])
        begun = time.perf_counter()
        async with pool.transaction() as db:
            await audit.seal(db, key)
        took.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    found = await audit.check(pool, key.public_key(), {})
    checking = time.perf_counter() - begun
    assert not found.findings
    took.sort()
    print(machine())
    middle = took[len(took) // 2]
    print(f"a seal of {each} looks: {middle * 1000:.1f} ms, {middle / each * 1e6:.1f} µs a look")
    print(
        f"checking {found.looks} looks in {found.seals} seals: {checking:.1f} s, {found.looks / checking:,.0f} a second"
    )


if __name__ == "__main__":
    main()
