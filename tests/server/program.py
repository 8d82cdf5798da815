"""The running program, as drills start, stop and kill it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from server import warm

_STARTED: set[str] = set()
PROGRAM = [sys.executable, "-m", "samjournal"]


@dataclass(slots=True)
class Running:
    """One `samjournal serve` and where it answers."""

    process: subprocess.Popen[str]
    address: str
    data: Path

    @property
    def postmaster(self) -> int:
        return int((self.data / "postgres" / "postmaster.pid").read_text().split()[0])

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.address + path, timeout=5)

    def stopped_by(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(30)


@contextlib.contextmanager
def serving(data: Path, *, demo: bool = True) -> Iterator[Running]:
    """A server on a free port, ready; ended with its database when the block ends."""
    port = free_port()
    log = data.parent / "server.log"
    flags = ("--demo", "0") if demo else ()
    process = program("serve", "--data-dir", data, "--port", port, "--log", log, *flags)
    running = Running(process, f"http://127.0.0.1:{port}", data)
    try:
        wait_for(lambda: running.get("/health/ready").status_code == 200, process, log)
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        _, complaint = process.communicate(timeout=40)
        print(complaint)


def wait_for(holds: Callable[[], bool], process: subprocess.Popen[str], log: Path) -> None:
    begun = time.monotonic()
    while True:
        with contextlib.suppress(httpx.TransportError):
            if holds():
                return
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() - begun < 60, log.read_text()
        time.sleep(0.02)


def program(*arguments: object) -> subprocess.Popen[str]:
    line = [*PROGRAM, *map(str, arguments)]
    return subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A command to its end. The first of each kind starts as a person's does; the imports are left out of the rest."""
    line = [*map(str, arguments)]
    if line[0] in _STARTED:
        return warm.run(line, patience=60)
    _STARTED.add(line[0])
    return subprocess.run([*PROGRAM, *line], capture_output=True, text=True, timeout=60, check=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def working_in(folder: Path) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if str((entry / "cwd").readlink()).startswith(f"{folder}/"):
                found.append(int(entry.name))
    return found


def slowness() -> float:
    """How much slower this machine is just now than one where two processors are free."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
