"""`python -m bench`: starts the program on an empty folder, loads Synthea patients, measures, prints a table.

    python -m bench [--data DIR] [--seconds S] [--connections N] [--out FILE]

Figures are from one run on one machine, named in the result: compare only what was measured in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.client import Client
from bench.measuring import Operation, machine, measure, row_of
from bench.program import ROOT, Server, cookie_of, headers, running, token_of

SYNTHEA = ROOT.parent / "shared/data/synthea"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=SYNTHEA)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--connections", type=int, default=16)
    options.add_argument("--out", type=Path)
    asked = options.parse_args()
    files = sorted(asked.data.glob("*.json")) if asked.data.is_dir() else []
    if not files:
        sys.exit(f"There are no Synthea bundles in {asked.data}. Name a folder with --data.")
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        result = asyncio.run(_run(Path(folder), files, asked.seconds, asked.connections))
    if asked.out:
        asked.out.write_text(json.dumps(result, indent=1))
    _show(result)


async def _run(folder: Path, files: list[Path], seconds: float, connections: int) -> dict[str, object]:
    async with running(folder / "data") as server:
        system = token_of(server, "--system", "bench")
        rows = [await _load(server, system, files)]
        patients, observations = await _ids(server, system)
        for name, operation in _operations(patients, observations).items():
            rows.append(await measure(server, system, name, operation, seconds, connections))
        rows.append(await _charts(server, seconds))
        return {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "files": len(files),
            "connections": connections,
            "ready_after_s": round(server.started, 2),
            "memory_mb": {part: round(mb) for part, mb in server.memory().items()},
            "rows": rows,
        }


async def _load(server: Server, token: str, files: list[Path]) -> dict[str, object]:
    """Transactions one after the other on two connections; counted per resource."""
    first = ("hospital", "practitioner")
    todo = sorted(files, key=lambda file: (not file.name.startswith(first), file.name))
    resources = 0
    before, began = server.cpu(), time.monotonic()

    async def post(queue: list[Path]) -> int:
        client, count = await Client.open(server.port, headers(token)), 0
        while queue:
            body = await asyncio.to_thread(queue.pop(0).read_bytes)
            count += len(json.loads(await client.send("POST", "/fhir/", body))["entry"])
        client.close()
        return count

    resources = await post(todo[:2])
    rest = todo[2:]
    resources += sum(await asyncio.gather(post(rest), post(rest)))
    return row_of("transaction load, a resource", resources, time.monotonic() - began, [], before, server.cpu())


async def _ids(server: Server, token: str) -> tuple[list[str], list[str]]:
    client = await Client.open(server.port, headers(token))
    found = []
    for type_ in ("Patient", "Observation"):
        bundle = json.loads(await client.send("GET", f"/fhir/{type_}?_count=1000"))
        found.append([entry["resource"]["id"] for entry in bundle["entry"]])
    client.close()
    return found[0], found[1]


def _operations(patients: list[str], observations: list[str]) -> dict[str, Operation]:
    numbers = itertools.count(60)

    async def create(client: Client, rng: random.Random) -> None:
        body = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": f"Patient/{rng.choice(patients)}"},
            "effectiveDateTime": "2026-11-22T08:00:00Z",
            "valueQuantity": {"value": next(numbers) % 80 + 40, "code": "/min", "system": "http://unitsofmeasure.org"},
        }
        await client.send("POST", "/fhir/Observation", json.dumps(body).encode())

    async def read(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Observation/{rng.choice(observations)}")

    async def newest(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Observation?patient={rng.choice(patients)}&_sort=-date&_count=50")

    async def by_code(client: Client, rng: random.Random) -> None:
        asked = f"patient={rng.choice(patients)}&code=http://loinc.org|8302-2&date=ge2015-01-01&_count=100"
        await client.send("GET", f"/fhir/Observation?{asked}")

    async def name(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Patient?name={rng.choice(['be', 'al', 'ma', 'ch', 'le'])}&_count=20")

    return {
        "create": create,
        "read": read,
        "search: 50 newest of a patient": newest,
        "search: patient, code and date": by_code,
        "search: name": name,
    }


async def _charts(server: Server, seconds: float) -> dict[str, object]:
    """The chart page of the persona with the longest chart, as the ward nurse, one reader."""
    signed_in = await cookie_of(server, "ayla")
    client = await Client.open(server.port, {"cookie": signed_in})
    took: list[float] = []
    for _ in range(5):
        await client.send("GET", "/workspace/patients/ragnhild")
    before, began = server.cpu(), time.monotonic()
    while time.monotonic() - began < seconds:
        now = time.monotonic()
        await client.send("GET", "/workspace/patients/ragnhild")
        took.append(time.monotonic() - now)
    row = row_of("chart page (one reader)", len(took), time.monotonic() - began, took, before, server.cpu())
    client.close()
    return row


def _show(result: dict[str, object]) -> None:
    rows = result.pop("rows")
    print(json.dumps(result))
    print("\n| what | a second | p50 ms | p95 ms | p99 ms | CPU ms server | CPU ms PostgreSQL |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    assert isinstance(rows, list)
    for row in rows:
        cpu = row["cpu_ms"]
        figures = [row["per_second"], row["p50_ms"], row["p95_ms"], row["p99_ms"], cpu["server"], cpu["postgres"]]
        print(f"| {row['name']} | {' | '.join('' if one is None else str(one) for one in figures)} |")


if __name__ == "__main__":
    main()
