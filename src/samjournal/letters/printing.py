"""Letters to a printing house: PDF files in a folder, here or over SFTP.

    Folder(path).send(parcel) -> str        the name of the file; raises Unreachable
    Sftp(…).send(parcel)                    the same over SFTP (sftp.py)
    Texts(path).send(parcel)                the words of an SMS or an e-mail, in a demo

A file is there whole or not at all (another name, then the right one), under a name of its own, so that the same letter
sent again is the same file. Its address stands in the window of the envelope; the name says nothing.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

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
