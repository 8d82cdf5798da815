"""The program under measurement: started on a folder, with what is needed to talk to it."""

from __future__ import annotations

import asyncio
import http.client
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from bench.processes import cpu_seconds, memory_mb

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / ".venv/bin/samjournal"


@dataclass(frozen=True)
class Server:
    """The running program: where it answers, and the processes that it is made of."""

    port: int
    server: int
    postgres: int
    folder: Path
    started: float

    def cpu(self) -> dict[str, float]:
        """Seconds of each part; the program is the parent of its PostgreSQL, which is not counted with it."""
        server = cpu_seconds(self.server, without=self.postgres)
        return {"server": server, "postgres": cpu_seconds(self.postgres)}

    def memory(self) -> dict[str, float]:
        """MB of each part, shared pages divided."""
        server = memory_mb(self.server, without=self.postgres)
        return {"server": server, "postgres": memory_mb(self.postgres)}


@asynccontextmanager
async def running(
    folder: Path, *, demo: int | None = 1, program: Sequence[str | Path] = (PROGRAM,)
) -> AsyncIterator[Server]:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    began = time.monotonic()
    process = await asyncio.to_thread(_start, program, folder, port, demo)
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


def _start(program: Sequence[str | Path], folder: Path, port: int, demo: int | None) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [*program, "serve", "--data-dir", folder, "--port", str(port)]
    command += ["--demo", str(demo)] if demo is not None else []
    command += ["--log", folder.parent / "log"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True, cwd=ROOT)


def _postmaster(folder: Path) -> int:
    (lock,) = folder.rglob("postmaster.pid")
    return int(lock.read_text().splitlines()[0])


def _ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def token_of(server: Server, *whose: str) -> str:
    asked: list[str | Path] = [PROGRAM, "token", "--data-dir", server.folder, *whose]
    return subprocess.run(asked, capture_output=True, encoding="utf-8", check=True).stdout.strip()


def headers(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}


async def cookie_of(server: Server, login: str) -> str:
    def sign_in() -> str:
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        headers = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"}
        connection.request("POST", "/signin/demo", f"login={login}", headers)
        return (connection.getresponse().getheader("set-cookie") or "").partition(";")[0]

    return await asyncio.to_thread(sign_in)
