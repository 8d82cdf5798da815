"""`python -m bench.fhir`: fhirbench against the program, with a system's token and then with a nurse's.

    python -m bench.fhir [--script FILE] [--data DIR] [--seconds S] [--only WORKLOADS] [--python PYTHON]

fhirbench is not ours and needs aiohttp, which is not of ours either: uv brings it to a Python of its own, unless one is
named that has it. The nurse's ward is given the care of everyone who was loaded. Both runs have access
control and the log of looks on, as always. Only the CPU of the server and of PostgreSQL counts as ours.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.measuring import machine
from bench.program import ROOT, Server, headers, running, token_of

CHECKS = ROOT.parent / "shared/checks/fhirbench.py"
SYNTHEA = ROOT.parent / "shared/data/synthea"
SEARCHES = "search_patient_obs,search_code_date,search_name,search_include,search_revinclude"
WORKLOADS = f"create,read,update,{SEARCHES},everything,history"
_AIOHTTP = [".venv/bin/uv", "run", "--quiet", "--no-project", "--with", "aiohttp", "python"]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--script", type=Path, default=CHECKS)
    options.add_argument("--data", type=Path, default=SYNTHEA)
    options.add_argument("--seconds", type=float, default=6)
    options.add_argument("--only", default=WORKLOADS)
    options.add_argument("--python", help="one that has aiohttp")
    asked = options.parse_args()
    if not asked.script.is_file() or not asked.data.is_dir():
        sys.exit(f"There is no {asked.script} or no {asked.data}. Name them with --script and --data.")
    python = [asked.python] if asked.python else _AIOHTTP
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        told = asyncio.run(_both(Path(folder), [*python, str(asked.script)], asked))
    print(told)


async def _both(folder: Path, script: list[str], asked: argparse.Namespace) -> str:
    async with running(folder / "data", demo=0) as server:
        fixed = ["--data", str(asked.data), "--state", str(folder / "state"), "--seconds", str(asked.seconds)]
        system = token_of(server, "--system", "bench")
        loaded = await asyncio.to_thread(_run, server, script, system, folder / "load", [*fixed, "--only", "load"])
        after_load = _memory(server)
        by_system = await asyncio.to_thread(
            _run, server, script, system, folder / "system", [*fixed, "--only", asked.only]
        )
        await admit(server, system)
        staff = token_of(server, "--user", "ayla")
        by_staff = await asyncio.to_thread(
            _run, server, script, staff, folder / "staff", [*fixed, "--only", asked.only]
        )
        memory = f"MB {after_load} after the load, {_memory(server)} at the end"
    lines = [f"{machine()}; ready after {server.started:.1f} s; {memory}", ""]
    lines += ["| workload | CPU ms (PostgreSQL), system | CPU ms, nurse | p99 ms, system | nurse | wrong answers |"]
    lines += ["|---|--:|--:|--:|--:|--:|"]
    lines += [_row(name, row, by_staff.get(name)) for name, row in {**loaded, **by_system}.items()]
    lines += [f"{name}: {fault}" for rows in (loaded, by_system, by_staff) for name, fault in _faults(rows)]
    return "\n".join(lines)


def _run(server: Server, script: list[str], token: str, out: Path, more: list[str]) -> dict[str, Any]:
    """The workloads of one run by name, as fhirbench tells them."""
    command = [*script, "--base", f"http://127.0.0.1:{server.port}/fhir", "--token", token, "--out", str(out)]
    command += ["--pids", f"all={server.server},postgres={server.postgres}", *more]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if not out.is_file():
        sys.exit(f"fhirbench said:\n{done.stdout}{done.stderr}")
    told: dict[str, Any] = json.loads(out.read_text())["workloads"]
    return told


async def admit(server: Server, token: str) -> None:
    """Running care by the nurse's ward for every patient, a relation by which she may read and write."""
    client = await Client.open(server.port, headers(token))
    patients = json.loads(await client.send("GET", "/fhir/Patient?_count=1000&_elements=id"))["entry"]
    for entry in patients:
        care = {
            "resourceType": "EpisodeOfCare",
            "status": "active",
            "patient": {"reference": f"Patient/{entry['resource']['id']}"},
            "managingOrganization": {"reference": "Organization/medisin-3"},
            "period": {"start": "2026-11-01"},
        }
        await client.send("POST", "/fhir/EpisodeOfCare", json.dumps(care).encode())
    client.close()


def _memory(server: Server) -> str:
    return " + ".join(f"{mb:.0f}" for mb in server.memory().values())


def _row(name: str, system: dict[str, Any], staff: dict[str, Any] | None) -> str:
    of = [_cpu(system), _cpu(staff), system["p99_ms"], staff["p99_ms"] if staff else ""]
    wrong = f"{system['errors']} / {staff['errors']}" if staff else str(system["errors"])
    return "| " + " | ".join(map(str, [name, *of, wrong])) + " |"


def _cpu(row: dict[str, Any] | None) -> str:
    """All of it, and how much of that is PostgreSQL, which is a child of the program and so within its tree."""
    if row is None:
        return ""
    spent = row["cpu_ms_per_op"]
    return f"{spent['all']:.2f} ({spent['postgres']:.2f})"


def _faults(rows: dict[str, Any]) -> Iterable[tuple[str, str]]:
    return ((name, str(row["error_samples"][:2])) for name, row in rows.items() if row["errors"])


if __name__ == "__main__":
    main()
