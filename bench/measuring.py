"""Measuring one operation: requests a second, percentiles, and CPU time of each part."""

from __future__ import annotations

import asyncio
import os
import platform
import random
import subprocess
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from bench.client import Client
from bench.program import ROOT, Server, headers

Operation = Callable[[Client, random.Random], Awaitable[object]]


async def measure(
    server: Server, token: str, name: str, operation: Operation, seconds: float, connections: int
) -> dict[str, object]:
    clients = [await Client.open(server.port, headers(token)) for _ in range(connections)]
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
    row = row_of(name, len(took), time.monotonic() - began, took, before, server.cpu())
    for client in clients:
        client.close()
    return row


def row_of(
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


def machine() -> dict[str, object]:
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
