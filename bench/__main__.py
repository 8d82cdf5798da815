"""`python -m bench`: starts the program on an empty folder, loads Synthea patients, measures, prints a table.

    python -m bench [--data DIR] [--seconds S] [--connections N] [--out FILE]

Figures are from one run on one machine, named in the result: compare only what was measured in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import platform
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from bench.client import Client
from bench.processes import cpu_seconds, memory_mb

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / ".venv/bin/samjournal"
SYNTHEA = ROOT.parent / "shared/data/synthea"
Operation = Callable[[Client, random.Random], Awaitable[object]]


@dataclass(frozen=True)
class Server:
    """The running program: where it answers, and the processes that it is made of."""

    port: int
    server: int
    postgres: int
    folder: Path
    started: float

    def cpu(self) -> dict[str, float]:
        return {"server": cpu_seconds(self.server), "postgres": cpu_seconds(self.postgres)}


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
    async with _running(folder / "data") as server:
        system = _token(server, "--system", "bench")
        rows = [await _load(server, system, files)]
        patients, observations = await _ids(server, system)
        for name, operation in _operations(patients, observations).items():
            rows.append(await _measure(server, system, name, operation, seconds, connections))
        rows.append(await _charts(server, seconds))
        return {
            "when": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": _machine(),
            "files": len(files),
            "connections": connections,
            "ready_after_s": round(server.started, 2),
            "memory_mb": {"server": round(memory_mb(server.server)), "postgres": round(memory_mb(server.postgres))},
            "rows": rows,
        }


@asynccontextmanager
async def _running(folder: Path) -> AsyncIterator[Server]:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    began = time.monotonic()
    process = await asyncio.to_thread(_start, folder, port)
    try:
        while not await asyncio.to_thread(_ready, port):
            if process.poll() is not None:
                sys.exit(f"The server did not start; see {folder.parent / 'log'}.")
            await asyncio.sleep(0.05)
        postgres = await asyncio.to_thread(_postmaster, folder)
        yield Server(port, process.pid, postgres, folder, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _start(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [PROGRAM, "serve", "--data-dir", folder, "--port", str(port), "--demo", "1"]
    command += ["--log", folder.parent / "log"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)


def _postmaster(folder: Path) -> int:
    (lock,) = folder.rglob("postmaster.pid")
    return int(lock.read_text().splitlines()[0])


def _ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _token(server: Server, *whose: str) -> str:
    asked = [PROGRAM, "token", "--data-dir", server.folder, *whose]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


def _headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}


async def _load(server: Server, token: str, files: list[Path]) -> dict[str, object]:
    """Transactions one after the other on two connections; counted per resource."""
    first = ("hospital", "practitioner")
    todo = sorted(files, key=lambda file: (not file.name.startswith(first), file.name))
    resources = 0
    before, began = server.cpu(), time.monotonic()

    async def post(queue: list[Path]) -> int:
        client, count = await Client.open(server.port, _headers(token)), 0
        while queue:
            body = await asyncio.to_thread(queue.pop(0).read_bytes)
            count += len(json.loads(await client.send("POST", "/fhir/", body))["entry"])
        client.close()
        return count

    resources = await post(todo[:2])
    rest = todo[2:]
    resources += sum(await asyncio.gather(post(rest), post(rest)))
    return _row("transaction load, a resource", resources, time.monotonic() - began, [], before, server.cpu())


async def _ids(server: Server, token: str) -> tuple[list[str], list[str]]:
    client = await Client.open(server.port, _headers(token))
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


async def _measure(
    server: Server, token: str, name: str, operation: Operation, seconds: float, connections: int
) -> dict[str, object]:
    clients = [await Client.open(server.port, _headers(token)) for _ in range(connections)]
    took: list[float] = []

    async def work(client: Client, seed: int, until: float, keep: bool) -> None:
        rng = random.Random(seed)
        while (now := time.monotonic()) < until:
            await operation(client, rng)
            if keep:
                took.append(time.monotonic() - now)

    warm = time.monotonic() + min(1.0, seconds / 2)
    await asyncio.gather(*(work(client, seed, warm, False) for seed, client in enumerate(clients)))
    before, began = server.cpu(), time.monotonic()
    await asyncio.gather(*(work(client, seed, began + seconds, True) for seed, client in enumerate(clients)))
    row = _row(name, len(took), time.monotonic() - began, took, before, server.cpu())
    for client in clients:
        client.close()
    return row


async def _charts(server: Server, seconds: float) -> dict[str, object]:
    """The chart page of the persona with the longest chart, as the ward nurse, one reader."""
    signed_in = await _cookie(server)
    client = await Client.open(server.port, {"cookie": signed_in})
    took: list[float] = []
    for _ in range(5):
        await client.send("GET", "/workspace/patients/ragnhild")
    before, began = server.cpu(), time.monotonic()
    while time.monotonic() - began < seconds:
        now = time.monotonic()
        await client.send("GET", "/workspace/patients/ragnhild")
        took.append(time.monotonic() - now)
    row = _row("chart page (one reader)", len(took), time.monotonic() - began, took, before, server.cpu())
    client.close()
    return row


async def _cookie(server: Server) -> str:
    import http.client

    def sign_in() -> str:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        connection.request("POST", "/signin/demo", "login=ayla", headers)
        return (connection.getresponse().getheader("set-cookie") or "").partition(";")[0]

    return await asyncio.to_thread(sign_in)


def _row(
    name: str, count: int, wall: float, took: list[float], before: dict[str, float], after: dict[str, float]
) -> dict[str, object]:
    took.sort()
    spent = {part: round((after[part] - before[part]) / max(count, 1) * 1000, 3) for part in before}
    return {
        "name": name,
        "count": count,
        "per_second": round(count / wall, 1),
        "p50_ms": _percentile(took, 0.5),
        "p95_ms": _percentile(took, 0.95),
        "p99_ms": _percentile(took, 0.99),
        "cpu_ms": spent,
    }


def _percentile(took: list[float], part: float) -> float | None:
    return round(took[min(len(took) - 1, int(len(took) * part))] * 1000, 2) if took else None


def _machine() -> dict[str, object]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT)
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load": [round(one, 2) for one in os.getloadavg()],
        "python": platform.python_version(),
        "commit": commit.stdout.strip(),
    }


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
