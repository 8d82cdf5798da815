"""Letters to a printing house: PDF files in a folder, here or over SFTP. draft-ietf-secsh-filexfer-02

    Folder(path).send(parcel) -> str        the name of the file; raises Unreachable
    Sftp(login).send(parcel)
    Texts(path).send(parcel)                the words of an SMS or an e-mail, in a demo

A file is there whole or not at all (another name, then the right one), under a name of its own, so that the same letter
sent again is the same file. Its address stands in the window of the envelope; the name says nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from posixpath import join

import asyncssh

from samjournal.letters.channels import Parcel
from samjournal.letters.faults import Unreachable


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that the printing house fetches from."""

    path: Path

    async def send(self, parcel: Parcel) -> str:
        try:
            return await asyncio.to_thread(self._written, parcel)
        except OSError as error:
            raise Unreachable(f"the folder of letters cannot be written ({error.strerror})") from None

    def _written(self, parcel: Parcel) -> str:
        self.path.mkdir(parents=True, exist_ok=True)
        name = f"{parcel.id}.pdf"
        unfinished = self.path / f".{name}.part"
        with unfinished.open("wb") as file:
            unfinished.chmod(0o600)
            file.write(parcel.data)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(self.path / name)
        return name


@dataclass(frozen=True, slots=True)
class Texts:
    """Where nothing is to leave, a folder takes what would: what, and to nobody's number or address. For a demo."""

    path: Path

    async def send(self, parcel: Parcel) -> str:
        return await asyncio.to_thread(self._written, parcel)

    def _written(self, parcel: Parcel) -> str:
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / f"{parcel.id}.txt").write_text(f"{parcel.title}\n\n{parcel.text}\n", encoding="utf-8")
        return f"{parcel.id}.txt"


@dataclass(frozen=True, slots=True)
class Sftp:
    """The same on another machine, which must be known: there is no first meeting."""

    host: str
    user: str
    key: Path
    known_hosts: Path
    port: int = 22
    base: str = "."
    patience: float = 20.0

    async def send(self, parcel: Parcel) -> str:
        name = f"{parcel.id}.pdf"
        unfinished = join(self.base, f".{name}.part")
        try:
            async with (
                asyncio.timeout(self.patience * 3),
                asyncssh.connect(
                    self.host,
                    self.port,
                    username=self.user,
                    client_keys=[str(self.key)],
                    known_hosts=str(self.known_hosts),
                    connect_timeout=self.patience,
                ) as connection,
                connection.start_sftp_client() as sftp,
            ):
                await sftp.makedirs(self.base, exist_ok=True)
                async with sftp.open(unfinished, "wb") as file:
                    await file.write(parcel.data)
                    with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                        await file.fsync()
                with contextlib.suppress(asyncssh.SFTPNoSuchFile):
                    await sftp.remove(join(self.base, name))
                await sftp.rename(unfinished, join(self.base, name))
        except (OSError, TimeoutError, asyncssh.Error) as error:
            raise Unreachable(f"the printing house cannot be reached ({type(error).__name__})") from None
        return name
