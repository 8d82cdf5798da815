"""`python -m bench.access`: what access control and the log of looks cost a nurse, against programs without them.

    python -m bench.access [--data DIR] [--seconds S] [--rounds N] [--connections N]

The same record, the same nurse and the same requests, in turns; the middle of the rounds is told. One ward has the care
of everyone who was loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.fhir import SYNTHEA, admit
from bench.measuring import Operation, machine, measure
from bench.program import PROGRAM, headers, running, token_of

_WITHOUT = (sys.executable, "-m", "bench.unguarded")
PROGRAMS = {"": (str(PROGRAM),), "no log": (*_WITHOUT, "log"), "nor access": (*_WITHOUT, "access+log")}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=SYNTHEA)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--connections", type=int, default=16)
    asked = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        data = Path(folder) / "data"
        asyncio.run(_filled(data, asked.data))
        rounds = [
            {name: asyncio.run(_round(data, program, asked)) for name, program in PROGRAMS.items()}
            for _ in range(asked.rounds)
        ]
    print(f"{machine()}; {asked.connections} connections, a nurse, the middle of {asked.rounds} rounds")
    columns = [f"{what} {name}".strip() for what in ("a second", "p50 ms", "CPU ms (PostgreSQL)") for name in PROGRAMS]
    print(f"| workload | {' | '.join(columns)} |")
    print("|---" + "|--:" * len(columns) + "|")
    for name in rounds[0][""]:
        of = [[one[program][name] for one in rounds] for program in PROGRAMS]
        print(f"| {name} | {' | '.join(told(rows) for told in (_rate, _p50, _cpu) for rows in of)} |")


async def _filled(data: Path, bundles: Path) -> None:
    async with running(data, demo=0) as server:
        load = [PROGRAM, "load", "--data-dir", data, bundles]
        await asyncio.to_thread(subprocess.run, load, check=True, stdout=subprocess.DEVNULL)
        await admit(server, token_of(server, "--system", "bench"))


async def _round(data: Path, program: Sequence[str], asked: argparse.Namespace) -> dict[str, Any]:
    async with running(data, demo=0, program=program) as server:
        token = token_of(server, "--user", "ayla")
        client = await Client.open(server.port, headers(token))
        patients = await _ids(client, "/fhir/Patient?_count=500&_elements=id")
        measures = await _ids(client, f"/fhir/Observation?patient={patients[0]}&_count=500&_elements=id")
        client.close()
        return {
            name: await measure(server, token, name, operation, asked.seconds, asked.connections)
            for name, operation in _workloads(patients, measures).items()
        }


async def _ids(client: Client, path: str) -> list[str]:
    return [entry["resource"]["id"] for entry in json.loads(await client.send("GET", path))["entry"]]


def _workloads(patients: Sequence[str], measures: Sequence[str]) -> dict[str, Operation]:
    async def read(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Observation/{rng.choice(measures)}")

    async def newest(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Observation?patient={rng.choice(patients)}&_sort=-date&_count=50")

    async def name(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Patient?name={rng.choice('abdefghjklmnrst')}")

    async def create(client: Client, rng: random.Random) -> None:
        pulse = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4", "display": "Heart rate"}]},
            "subject": {"reference": f"Patient/{rng.choice(patients)}"},
            "effectiveDateTime": "2026-11-28T08:00:00+01:00",
            "valueQuantity": {"value": rng.randrange(50, 100), "unit": "/min"},
        }
        await client.send("POST", "/fhir/Observation", json.dumps(pulse).encode())

    return {"read": read, "50 newest observations": newest, "name": name, "create": create}


def _rate(rows: Sequence[dict[str, Any]]) -> str:
    return f"{statistics.median(row['per_second'] for row in rows):.0f}"


def _p50(rows: Sequence[dict[str, Any]]) -> str:
    return f"{statistics.median(row['p50_ms'] for row in rows):.1f}"


def _cpu(rows: Sequence[dict[str, Any]]) -> str:
    total = statistics.median(sum(row["cpu_ms"].values()) for row in rows)
    return f"{total:.2f} ({statistics.median(row['cpu_ms']['postgres'] for row in rows):.2f})"


if __name__ == "__main__":
    main()
