"""A whole installation that is killed piece by piece: the program, its database, the broker, and the way between them.

    async with standing(folder, broker) as whole:       a database of its own, a register, a proxy, `samjournal serve`
        await whole.blow("program")                     or database, broker, network

What was killed is started again at once, as whoever runs it would see to; the program also when it gave up by itself.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

from assets.broker import PASSWORD, USER, Broker
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from exchange.partner import HOME, HOSPITAL, WHOLE
from exchange.queues import CA, KEYS, OURS, SIGNING, THEIRS
from exchange.registry import Registry, registry, saying
from exchange.test_amqp_breaking import Line, lined
from samjournal.db import postgres as embedded
from samjournal.db.migrate import migrate
from samjournal.db.rights import APPLICATION, as_role, settle
from samjournal.exchange.cms import Key
from server.program import PROGRAM, free_port

What = Literal["program", "database", "broker", "network"]
# The processes are killed and the machine is not, so what reached the system is kept: only the disk need not have it.
_SETTINGS: Final = {"fsync": "off", "full_page_writes": "off", "max_connections": "80"}
_FILE: Final = """
[register]
form = "rest"
details = "{register}/details/{{her}}"
certificates = ["{register}/encryption/{{her}}", "{register}/signing/{{her}}"]

[trust]
authorities = "authorities"
revocation-lists = "lists"

[[connection]]
way = "no-amqp"
broker = "amqp://{user}@127.0.0.1:{port}"
password-file = "broker.password"
her = ["{ours}", "{home}"]
signing = {{ certificate = "sign.pem", key = "sign.key" }}
decryption = [{{ certificate = "decrypt.pem", key = "decrypt.key" }}]
"""


@dataclass
class Whole:
    """The installation. `blows` counts what was killed, `starts` how often the program began."""

    folder: Path
    postgres: embedded.Postgres
    broker: Broker
    line: Line
    process: subprocess.Popen[bytes] | None = None
    blows: Counter[str] = field(default_factory=Counter)
    starts: int = 0
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def dsn(self) -> str:
        return as_role(self.postgres.dsn, APPLICATION)

    async def blow(self, what: What) -> None:
        """Kill something, and have it started again."""
        self.blows[what] += 1
        match what:
            case "program":
                if self.process is not None:
                    self.process.kill()
            case "database":
                os.kill(self.postgres.pid, signal.SIGKILL)
                if self.postgres.child is not None:
                    await asyncio.to_thread(self.postgres.child.wait)
                self.postgres = await embedded.start(self.postgres.folder, settings=_SETTINGS, create=False)
            case "broker":
                self.broker.kill()
                await asyncio.to_thread(self.broker.start)
            case "network":
                self.line.cut()

    async def keep(self) -> None:
        """Start the program whenever it does not run. Cancelled to end."""
        try:
            while True:
                await asyncio.to_thread(self._start().wait)
        finally:
            if self.process is not None:
                self.process.kill()
                self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        line = [*PROGRAM, "serve", "--database", self.dsn, "--port", str(free_port())]
        line += ["--connections", str(self.folder / "connections.toml"), "--log", str(self.folder / "server.log")]
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(line, stdout=output, stderr=output, start_new_session=True)
        self.starts += 1
        return self.process


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[embedded.Postgres]:
    """A server with our schema. Whoever starts it anew says so in what he got."""
    made = await embedded.start(embedded.at(folder), settings=_SETTINGS)
    await migrate(made.dsn)
    await settle(made.dsn)
    yield made


@asynccontextmanager
async def standing(folder: Path, broker: Broker) -> AsyncIterator[Whole]:
    """All but the program, which `Whole.keep` runs, for as long as the block lasts."""
    async with database(folder / "data") as postgres, lined(broker.port) as (line, port):
        whole = Whole(folder, postgres, broker, line)
        try:
            with registry() as register:
                _registered(register)
                _set_up(folder, register, port)
                yield whole
        finally:
            await embedded.stop(whole.postgres)


@asynccontextmanager
async def kept(whole: Whole) -> AsyncIterator[None]:
    """The program runs as long as the block lasts."""
    keeping = asyncio.create_task(whole.keep())
    try:
        yield
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping


def _registered(register: Registry) -> None:
    """What the register says of both parties, and of the second that we are."""
    for her, holder in ((OURS, OURS), (HOME, OURS), (THEIRS, THEIRS)):
        told = {"HerId": her, "Type": "Service", "Name": f"Part {her}", "Active": True}
        told |= {"IsValidCommunicationParty": True, "ParentHerId": WHOLE if her == THEIRS else HOSPITAL}
        register.answers[f"details/{her}"] = saying(json.dumps({"herId": her, "communicationParty": told}).encode())
        for name, keys in (("encryption", KEYS), ("signing", SIGNING)):
            der = keys[holder].certificate.public_bytes(Encoding.DER)
            register.answers[f"{name}/{her}"] = saying(base64.b64encode(der))


def _set_up(folder: Path, register: Registry, port: int) -> None:
    """The file of the operator, and all that it names."""
    for name, file, data in (
        ("authorities", "ca.pem", CA.certificate.public_bytes(Encoding.PEM)),
        ("lists", "ca.crl", CA.list_().public_bytes(Encoding.DER)),
    ):
        (folder / name).mkdir()
        (folder / name / file).write_bytes(data)
    _key(folder, "sign", SIGNING[OURS])
    _key(folder, "decrypt", KEYS[OURS])
    _secret(folder / "broker.password", PASSWORD.encode())
    told = _FILE.format(register=register.url, user=USER, port=port, ours=OURS, home=HOME)
    (folder / "connections.toml").write_text(told)


def _key(folder: Path, name: str, key: Key) -> None:
    (folder / f"{name}.pem").write_bytes(key.certificate.public_bytes(Encoding.PEM))
    _secret(folder / f"{name}.key", key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _secret(path: Path, data: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(data)
