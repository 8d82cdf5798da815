"""`python -m bench.load`: how fast `samjournal load` takes Synthea patients, from files into an empty record.

    python -m bench.load [--data DIR] [--copies N] [--rounds N]

Each copy of the folder is made of other people: every uuid in it becomes another one. The best of the rounds is told,
with the CPU time of the load (its processes beside included) and of PostgreSQL for each resource.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from hashlib import md5
from pathlib import Path
from uuid import UUID

from bench.measuring import machine
from bench.processes import cpu_seconds
from bench.program import PROGRAM, ROOT, Server, running

SYNTHEA = ROOT.parent / "shared/data/synthea"
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=SYNTHEA)
    options.add_argument("--copies", type=int, default=5)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # What is installed has its modules compiled.
    files = sorted(asked.data.glob("*.json")) if asked.data.is_dir() else []
    if not files:
        sys.exit(f"There are no Synthea bundles in {asked.data}. Name a folder with --data.")
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        people = Path(folder) / "people"
        people.mkdir()
        count = sum(_copied(file, people, copy) for copy in range(asked.copies) for file in files)
        rounds = [asyncio.run(_round(Path(folder) / str(turn) / "data", people, count)) for turn in range(asked.rounds)]
    told = machine()
    print(f"{count} resources, {len(files) * asked.copies} files; {told}")
    for rate, spent in sorted(rounds, reverse=True):
        print(f"{rate:8.0f} resources a second; CPU ms each: {spent}")


def _copied(file: Path, into: Path, copy: int) -> int:
    body = file.read_bytes()
    if copy:
        body = _UUID.sub(lambda found: str(UUID(bytes=md5(found[0] + bytes([copy])).digest())).encode(), body)
    (into / f"{copy} {file.name}").write_bytes(body)
    return body.count(b'"fullUrl"')


async def _round(folder: Path, people: Path, count: int) -> tuple[float, dict[str, float]]:
    await asyncio.to_thread(folder.parent.mkdir)
    async with running(folder, demo=0) as server:
        before = server.cpu()
        took, ours = await asyncio.to_thread(_load, server, people)
        postgres = server.cpu()["postgres"] - before["postgres"]
    return count / took, {"load": round(ours / count * 1000, 3), "postgres": round(postgres / count * 1000, 3)}


def _load(server: Server, people: Path) -> tuple[float, float]:
    """Seconds that the load took, and seconds of CPU in it and the processes beside it."""
    began = time.monotonic()
    load = subprocess.Popen([PROGRAM, "load", "--data-dir", server.folder, people], stdout=subprocess.DEVNULL)
    ours = 0.0
    while load.poll() is None:
        ours = max(ours, cpu_seconds(load.pid))
        time.sleep(0.05)
    if load.returncode:
        sys.exit("The load failed; see above.")
    return time.monotonic() - began, ours


if __name__ == "__main__":
    main()
