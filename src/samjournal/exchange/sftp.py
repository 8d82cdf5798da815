"""Messages as files over SFTP: the same three folders as `folder`, on another machine. draft-ietf-secsh-filexfer-02

    Sftp(login).send(parcel) -> str                 raises Unreachable
    Sftp(login).receive(take, stopping)

A file is there whole or not at all: it is written under another name and renamed. What comes is moved to `mottatt` when
it was taken over and its receipts are written. What others are still writing has a name that begins with a dot, or ends
with `.part` or `.tmp`. The host must be known: there is no first meeting.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from posixpath import join
from typing import Final

import asyncssh

from samjournal.exchange import xml
from samjournal.exchange.folder import name_of, safe
from samjournal.exchange.transport import Arrived, Heard, Parcel, Take, Unreachable

_log = logging.getLogger("samjournal.exchange")
_LOOK: Final = 5.0
"""So many seconds pass before the folder is looked into again."""
_UNFINISHED: Final = (".part", ".tmp", ".filepart")


@dataclass(frozen=True, slots=True)
class Login:
    """Where the folders are and who we are there: a key, and the hosts that we know."""

    host: str
    user: str
    key: Path
    known_hosts: Path
    port: int = 22
    base: str = "."
    patience: float = 20.0
    look: float = _LOOK
    longest_wait: float = 60.0


class Sftp:
    """Folders on another machine."""

    name: Final = "sftp"

    def __init__(self, login: Login) -> None:
        self._login = login

    async def send(self, parcel: Parcel) -> str:
        """Write a parcel into `ut`, under the receiver's address. Its id is the name of the file."""
        async with self._there() as sftp:
            return await self._written(sftp, parcel)

    async def _written(self, sftp: asyncssh.SFTPClient, parcel: Parcel) -> str:
        where = join(self._login.base, "ut", safe(parcel.address or parcel.receiver or "ukjent"))
        name = name_of(parcel)
        unfinished = join(where, f".{name}.part")
        await sftp.makedirs(where, exist_ok=True)
        async with sftp.open(unfinished, "wb") as file:
            await file.write(parcel.data)
            with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()
        await _renamed(sftp, unfinished, join(where, name))
        return name

    async def receive(self, take: Take, stopping: asyncio.Event, failed: Heard | None = None) -> None:  # noqa: ARG002
        """Whatever comes into `inn`, by name, until it is told to stop."""
        wait = self._login.look
        while not stopping.is_set():
            try:
                async with self._there() as sftp:
                    while not stopping.is_set():
                        found = await self._look(sftp, take, stopping)
                        wait = self._login.look
                        await _waited(stopping, 0.0 if found else wait)
            except Unreachable as error:
                _log.warning("a folder is away", extra={"host": self._login.host, "why": str(error)})
            await _waited(stopping, wait)
            wait = min(wait * 2, self._login.longest_wait)

    async def _look(self, sftp: asyncssh.SFTPClient, take: Take, stopping: asyncio.Event) -> int:
        inn = join(self._login.base, "inn")
        await sftp.makedirs(inn, exist_ok=True)
        await sftp.makedirs(join(self._login.base, "mottatt"), exist_ok=True)
        names = sorted(str(one.filename) for one in await sftp.readdir(inn) if _is_whole(one))
        done = 0
        for name in names:
            if stopping.is_set():
                break
            done += await self._take(sftp, take, name)
        return done

    async def _take(self, sftp: asyncssh.SFTPClient, take: Take, name: str) -> int:
        """One that cannot be taken over stays where it is, and the others go on."""
        path = join(self._login.base, "inn", name)
        try:
            async with sftp.open(path, "rb") as file:
                data = await file.read(xml.MAX_BYTES + 1)
        except asyncssh.SFTPNoSuchFile:
            return 0
        try:
            taken = await take(Arrived(name, data if isinstance(data, bytes) else data.encode()))
        except Exception as error:  # (whatever the record says: the file stays)
            _log.error("a message was not taken over", extra={"file": name, "why": type(error).__name__})
            return 0
        for receipt in taken.receipts:
            await self._written(sftp, receipt)
        await taken.handed()
        await _renamed(sftp, path, join(self._login.base, "mottatt", name))
        return 1

    @asynccontextmanager
    async def _there(self) -> AsyncIterator[asyncssh.SFTPClient]:
        login = self._login
        try:
            async with (
                asyncssh.connect(
                    login.host,
                    login.port,
                    username=login.user,
                    client_keys=[str(login.key)],
                    known_hosts=str(login.known_hosts),
                    agent_path=None,
                    config=None,
                    connect_timeout=login.patience,
                    login_timeout=login.patience,
                    keepalive_interval=login.patience,
                ) as connection,
                connection.start_sftp_client() as sftp,
            ):
                yield sftp
        except (asyncssh.Error, OSError, TimeoutError) as error:
            raise Unreachable(f"{login.host}: {error or type(error).__name__}") from None


async def _renamed(sftp: asyncssh.SFTPClient, path: str, to: str) -> None:
    """In place of what has the name, at once where the server can: it is the same message sent before."""
    try:
        await sftp.posix_rename(path, to)
    except asyncssh.SFTPOpUnsupported:
        with contextlib.suppress(asyncssh.SFTPNoSuchFile):
            await sftp.remove(to)
        await sftp.rename(path, to)


def _is_whole(one: asyncssh.SFTPName) -> bool:
    name = str(one.filename)
    return (
        not name.startswith(".")
        and not name.endswith(_UNFINISHED)
        and one.attrs.type != asyncssh.FILEXFER_TYPE_DIRECTORY
    )


async def _waited(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
