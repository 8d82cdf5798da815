"""A printing house that is reached over SFTP. draft-ietf-secsh-filexfer-02

A file of its own, which is read when such a printing house is named: the library takes 14 MB.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from posixpath import join

import asyncssh

from samjournal.letters.channels import Parcel
from samjournal.letters.faults import Unreachable


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
