"""Finding a code over HTTP, as the form of a diagnosis asks while somebody types: `python -m bench.codes_page`.

    python -m bench.codes_page [--lists DIR] [--rounds N]

It loads ICPC-2 and ICD-10 from `--lists` (../shared/norway/terminology), which have owners and are not in the
repository, starts the program anew, and asks `/workspace/codes?q=` as a GP: at once, after five seconds without any
question, and then many times in each of the ways in which people look. All goes through the session, the permit and the
page. The 95th percentile of each way must be under 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import quote

from bench.client import Client
from bench.measuring import machine
from bench.program import PROGRAM, ROOT, cookie_of, running

LISTS = ROOT.parent / "shared/norway/terminology"
FILES = ("icpc2-txt/ICPC-2n-v40-RASTXT_CSV.txt", "icd10-icpc2/ICPC2.json", "icd10-icpc2/ICD10.json")
LIMIT = 50.0
QUIET = 5.0
"""Seconds after which the program has sorted the codes by itself."""
WAYS = {
    "a whole word": ("hjertesvikt", "elveblest", "lungebetennelse", "diabetes", "hodepine"),
    "a prefix": ("hjer", "lung", "diab", "ur", "brudd i"),
    "a misspelling": ("hjretesvikt", "elvblest", "lungebetenelse", "diabets", "hypertensjn"),
    "an abbreviation": ("KOLS", "DM2", "UVI", "MS", "AF"),
    "a code": ("I50.9", "K77", "j44", "E11", "L50.9"),
}


async def _asked(client: Client, typed: str) -> float:
    """Milliseconds of one answer, which must offer something."""
    began = time.perf_counter()
    status, answer = await client.ask("GET", f"/workspace/codes?q={quote(typed)}", more=b"hx-request: true\r\n")
    took = (time.perf_counter() - began) * 1000
    if status != 200 or b'name="pick"' not in answer:
        sys.exit(f"{typed!r} found nothing: {status} {answer[:200]!r}")
    return took


async def measure(data: Path, rounds: int) -> dict[str, object]:
    """Milliseconds by way of looking, and of the first question after a start."""
    async with running(data, demo=None) as server:
        client = await Client.open(server.port, {"cookie": await cookie_of(server, "magnus")})
        at_once = await _asked(client, "hjertesvikt")
        client.close()
    ways: dict[str, dict[str, float]] = {}
    async with running(data, demo=None) as server:
        client = await Client.open(server.port, {"cookie": await cookie_of(server, "magnus")})
        await asyncio.sleep(QUIET)
        first = await _asked(client, "hjertesvikt")
        for way, typed in WAYS.items():
            before = server.cpu()
            took = [await _asked(client, one) for one in itertools.islice(itertools.cycle(typed), rounds)]
            ways[way] = {
                "p50": round(median(took), 1),
                "p95": round(quantiles(took, n=20)[-1], 1),
                "slowest": round(max(took), 1),
                **{
                    f"CPU {part}": round((spent - before[part]) / rounds * 1000, 1)
                    for part, spent in server.cpu().items()
                },
            }
        client.close()
    return {"right after the start, ms": round(at_once), f"first after {QUIET:g} s, ms": round(first, 1), "ways": ways}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--lists", type=Path, default=LISTS)
    options.add_argument("--rounds", type=int, default=200, help="questions of each way")
    asked = options.parse_args()
    files = [asked.lists / name for name in FILES]
    if missing := [str(file) for file in files if not file.is_file()]:
        print(f"Nothing was measured: {', '.join(missing)} is not there. Name the folder with --lists.")
        return 0
    with tempfile.TemporaryDirectory(prefix="samjournal-codes-") as folder:
        data = Path(folder) / "data"
        make: list[str | Path] = [PROGRAM, "demo", "--data-dir", data, "--inhabitants", "60"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        add: list[str | Path] = [PROGRAM, "standards", "add", "--data-dir", data, *files]
        subprocess.run(add, check=True, stdout=subprocess.DEVNULL)
        found = asyncio.run(measure(data, asked.rounds))
    print(json.dumps({**machine(), **found}, ensure_ascii=False, indent=1))
    ways = found["ways"]
    assert isinstance(ways, dict)
    return 0 if all(way["p95"] < LIMIT for way in ways.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
