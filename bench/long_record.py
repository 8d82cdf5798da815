"""Pages of somebody with 2,000 contacts and 20,000 observations: `python -m bench.long_record`.

    python -m bench.long_record [--keep DIR] [--seconds S] [--readers 1,8] [--out FILE]

Gunnhild Wekre of the demo region of 1,000, as her GP, in as many sessions as there are readers, each asking for the
page again as soon as it has come. Milliseconds until the whole page is there, packed as a browser gets it, and CPU of a
page. `--keep` names a folder for the region, which takes a minute or two to make; one that is there is used again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.client import Client
from bench.measuring import machine, row_of
from bench.program import Server, cookie_of, running

REGION, READER = 1_000, "karin"
PATIENT = "/workspace/patients/gunnhild"
PAGES = {
    "overview": "",
    "timeline": "/timeline",
    "timeline, a month of 2018": "/timeline?from=01.03.2018&to=31.03.2018",
    "timeline, notes alone": "/timeline?kind=notes",
    "notes": "/notes",
    "find a word of 4,000 measurements": "/find?q=temperatur",
    "find a word of results and notes": "/find?q=hb",
    "find two words of notes": "/find?q=svimmel+saltvann",
    "find what nothing has": "/find?q=elefant",
    "measurements of all years": "/measurements?period=all",
    "problems": "/problems",
}


async def measure(server: Server, name: str, path: str, readers: int, seconds: float) -> dict[str, object]:
    """One page for so many readers; the first answer of each does not count."""
    packed = {"accept-encoding": "gzip", "sec-fetch-site": "same-origin"}
    clients = [
        await Client.open(server.port, {"cookie": await cookie_of(server, READER), **packed}) for _ in range(readers)
    ]
    sizes = [len(await client.send("GET", PATIENT + path)) for client in clients]
    took: list[float] = []

    async def read(client: Client, until: float) -> None:
        while (now := time.monotonic()) < until:
            await client.send("GET", PATIENT + path)
            took.append(time.monotonic() - now)

    before, began = server.cpu(), time.monotonic()
    await asyncio.gather(*(read(client, began + seconds) for client in clients))
    row = row_of(name, len(took), time.monotonic() - began, took, before, server.cpu())
    for client in clients:
        client.close()
    return {"readers": readers, "bytes": sizes[0], **row}


async def _run(folder: Path, readers: list[int], seconds: float) -> list[dict[str, object]]:
    async with running(folder / "data", demo=REGION) as server:
        return [await measure(server, name, path, count, seconds) for count in readers for name, path in PAGES.items()]


def _show(rows: list[dict[str, object]]) -> None:
    print("| page | readers | pages a second | p50 ms | p95 ms | p99 ms | CPU ms server | CPU ms PostgreSQL | kB |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for row in rows:
        cpu, size = row["cpu_ms"], row["bytes"]
        assert isinstance(cpu, dict)
        assert isinstance(size, int)
        figures = [row["readers"], row["per_second"], row["p50_ms"], row["p95_ms"], row["p99_ms"]]
        figures += [cpu["server"], cpu["postgres"], round(size / 1000, 1)]
        print(f"| {row['name']} | {' | '.join(map(str, figures))} |")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--keep", type=Path)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--readers", default="1,8")
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    readers = [int(one) for one in asked.readers.split(",")]
    with tempfile.TemporaryDirectory(prefix="samjournal-long-") as scratch:
        rows = asyncio.run(_run(asked.keep or Path(scratch), readers, asked.seconds))
    about = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    if asked.out:
        asked.out.write_text(json.dumps({**about, "rows": rows}, indent=1), encoding="utf-8")
    print(json.dumps(about))
    _show(rows)


if __name__ == "__main__":
    main()
