"""Folders on another machine, by a real SSH server: a file is there whole or not at all, and nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh
import pytest
from assets import broker as debian

from exchange.queues import Desk
from samjournal.exchange.sftp import Login, Sftp
from samjournal.exchange.transport import Parcel, Unreachable

pytestmark = pytest.mark.anyio

PARCEL = Parcel("9f1c0b1e-0000-4000-8000-000000000001", "EPIKRISE", "1", "93238", b"<Epikrise/>")


@dataclass
class Machine:
    """Another machine with folders on it, which somebody turns off and on."""

    root: Path
    login: Login
    is_openssh: bool
    server: asyncssh.SSHAcceptor | None = None

    async def turn_on(self) -> None:
        self.server = await asyncssh.listen(
            "127.0.0.1",
            self.login.port,
            server_host_keys=[str(self.root / "host")],
            authorized_client_keys=str(self.root / "ours.pub"),
            **({"server_factory": OpenSsh} if self.is_openssh else {"sftp_factory": asyncssh.SFTPServer}),
        )
        self.login = replace(self.login, port=self.server.get_port())
        public = (self.root / "host.pub").read_text().strip()
        (self.root / "known").write_text(f"[127.0.0.1]:{self.login.port} {public}\n")

    async def turn_off(self) -> None:
        assert self.server is not None
        self.server.close()
        await self.server.wait_closed()


class OpenSsh(asyncssh.SSHServer):
    """OpenSSH's own server of files behind the connection."""

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def session_requested(self):  # type: ignore[no-untyped-def]
        return self._connection.create_server_channel(encoding=None), Through()


class Through(asyncssh.SSHServerSession[bytes]):
    """What comes goes to the program, and what it says goes back."""

    def connection_made(self, chan: asyncssh.SSHServerChannel[bytes]) -> None:
        self._channel, self._came = chan, asyncio.Queue[bytes]()

    def subsystem_requested(self, subsystem: str) -> bool:
        return subsystem == "sftp"

    def session_started(self) -> None:
        self._task = asyncio.create_task(self._serve())

    def data_received(self, data: bytes, datatype: object) -> None:
        self._came.put_nowait(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._task.cancel()

    async def _serve(self) -> None:
        pipe = asyncio.subprocess.PIPE
        server = await asyncio.create_subprocess_exec(debian.SFTP, stdin=pipe, stdout=pipe)
        assert server.stdin is not None
        assert server.stdout is not None
        back = asyncio.create_task(self._back(server.stdout))
        try:
            while True:
                server.stdin.write(await self._came.get())
        finally:
            server.kill()
            await server.wait()
            back.cancel()

    async def _back(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65_536):
            self._channel.write(data)


@pytest.fixture(params=["asyncssh", "openssh"])
async def machine(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Machine]:
    is_openssh = request.param == "openssh"
    if is_openssh and not debian.SFTP.exists():
        pytest.skip(debian.ADVICE)
    for name in ("host", "ours"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(str(tmp_path / name))
        key.write_public_key(str(tmp_path / f"{name}.pub"))
    (tmp_path / "files" / "inn").mkdir(parents=True)
    base = str(tmp_path / "files")
    login = Login("127.0.0.1", "oss", tmp_path / "ours", tmp_path / "known", 0, base, 5, look=0.02, longest_wait=0.1)
    one = Machine(tmp_path, login, is_openssh)
    await one.turn_on()
    yield one
    await one.turn_off()


def files(machine: Machine, folder: str) -> dict[str, bytes]:
    found = (machine.root / "files" / folder).rglob("*")
    return {one.name: one.read_bytes() for one in found if one.is_file()}


@asynccontextmanager
async def receiving(machine: Machine, desk: Desk) -> AsyncIterator[Desk]:
    stopping = asyncio.Event()
    task = asyncio.create_task(Sftp(machine.login).receive(desk.take, stopping))
    try:
        yield desk
    finally:
        stopping.set()
        await task


async def test_what_is_sent_twice_is_there_once_and_whole(machine: Machine) -> None:
    transport = Sftp(machine.login)
    name = await transport.send(PARCEL)
    assert await transport.send(PARCEL) == name
    assert files(machine, "ut") == {name: b"<Epikrise/>"}
    assert (machine.root / "files" / "ut" / "93238" / name).exists()


async def test_what_comes_is_moved_when_it_is_taken_and_answered(machine: Machine) -> None:
    inn = machine.root / "files" / "inn"
    (inn / "1.xml").write_bytes(b"<En/>")
    (inn / ".2.xml").write_bytes(b"<half")
    (inn / "3.xml.part").write_bytes(b"<half")
    receipt = Parcel("9f1c0b1e-0000-4000-8000-000000000002", "APPREC", "1", "93238", b"<AppRec/>")
    async with receiving(machine, Desk(answers=[receipt])) as desk:
        await desk.until("sent")
    assert [(one.id, one.data) for one in desk.came] == [("1.xml", b"<En/>")]
    assert files(machine, "mottatt") == {"1.xml": b"<En/>"}
    assert set(files(machine, "inn")) == {".2.xml", "3.xml.part"}
    assert list(files(machine, "ut").values()) == [b"<AppRec/>"]


async def test_one_that_cannot_be_taken_stays_and_others_go_on(machine: Machine) -> None:
    inn = machine.root / "files" / "inn"
    (inn / "1.xml").write_bytes(b"<Gift/>")
    (inn / "2.xml").write_bytes(b"<To/>")
    async with receiving(machine, Desk(poison=b"Gift")) as desk:
        await desk.until("came")
        await desk.until("refused", 2)
    assert [one.id for one in desk.came] == ["2.xml"]
    assert set(files(machine, "inn")) == {"1.xml"}


async def test_a_machine_that_is_away_is_tried_again(machine: Machine) -> None:
    await machine.turn_off()
    with pytest.raises(Unreachable):
        await Sftp(machine.login).send(PARCEL)
    (machine.root / "files" / "inn" / "1.xml").write_bytes(b"<En/>")
    async with receiving(machine, Desk()) as desk:
        await machine.turn_on()
        await desk.until("came")
    assert await Sftp(machine.login).send(PARCEL)


async def test_a_host_that_is_not_known_gets_nothing(machine: Machine) -> None:
    other = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    (machine.root / "known").write_text(f"[127.0.0.1]:{machine.login.port} {other}\n")
    with pytest.raises(Unreachable):
        await Sftp(machine.login).send(PARCEL)
    assert not (machine.root / "files" / "ut").exists()
