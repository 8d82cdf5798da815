"""The files of a load: found under the paths named, and opened whatever they are packed in.

find(paths) -> list[Source]         files, and all files in folders; hidden ones are passed over
opened(source) -> Stream            its bytes, unpacked when they are gz (RFC 1952)
digest(source) -> bytes             what the record remembers of a file that was loaded whole
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from samjournal.fhir.errors import Invalid

FIRST = ("hospitalInformation", "practitionerInformation")
"""Synthea's own files that its others refer to: read first, what refers to them need not wait."""

MAX_RATIO = 300
"""How many times its size a gz file may unpack to. Text of one kind comes to some 50."""
_ALLOWED = 64 * 1024 * 1024
"""Up to here nobody asks for the ratio."""
_GZ = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Source:
    """One file. `named` says that it was named itself, not found in a folder."""

    path: Path
    size: int
    named: bool


class Stream:
    """The bytes of one file, in steps."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._packed = raw.read(2) == _GZ
        raw.seek(0)
        self._bytes: IO[bytes] = gzip.GzipFile(fileobj=raw) if self._packed else raw  # type: ignore[assignment]
        self._came = 0

    @property
    def position(self) -> int:
        """How much of the file on the disk was read."""
        return self._raw.tell()

    def read(self, size: int) -> bytes:
        """At most so many bytes, none at the end. Raises Invalid for what is damaged or unpacks to too much."""
        if not self._packed:
            return self._bytes.read(size)
        try:
            read = self._bytes.read(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise Invalid(f"The gz file is damaged or cut off ({error}). Fetch it anew.") from None
        self._came += len(read)
        if self._came > _ALLOWED and self._came > MAX_RATIO * self.position:
            raise Invalid(f"The gz file unpacks to more than {MAX_RATIO} times its size. Unpack it yourself, and look.")
        return read


def find(paths: Sequence[Path]) -> list[Source]:
    """The files under some paths, each once."""
    found: list[Source] = []
    seen: set[tuple[int, int]] = set()
    for path in paths:
        inside = sorted(_inside(path), key=lambda file: (not file.name.startswith(FIRST), file))
        for file in inside if path.is_dir() else [path]:
            try:
                state = file.stat()
            except OSError:
                found.append(Source(file, 0, named=not path.is_dir()))  # It is told when it is read.
                continue
            if (state.st_dev, state.st_ino) not in seen:
                seen.add((state.st_dev, state.st_ino))
                found.append(Source(file, state.st_size, named=not path.is_dir()))
    return found


def _inside(folder: Path) -> Iterator[Path]:
    for at, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            file = Path(at, name)
            if not name.startswith(".") and file.is_file():
                yield file


@contextmanager
def opened(source: Source) -> Iterator[Stream]:
    """The stream of a file, closed when the block ends."""
    with source.path.open("rb") as raw:
        yield Stream(raw)


def digest(source: Source) -> bytes:
    """The key by which the record knows a file that was loaded, made of what is in it."""
    made = sha256(b"load\n")
    with source.path.open("rb") as raw:
        while part := raw.read(1024 * 1024):
            made.update(part)
    return made.digest()
