"""A data folder: its files, the locks that tell who has it, and the processes that work in it.

Who may touch a folder is told by locks of the kernel (flock), never by process numbers, which are reused:
`owner.lock` is held by the one program that owns the folder, `guests.lock` is shared by those who use its
database meanwhile, and `postgres.lock` is inherited by PostgreSQL and all its children, so that it is free
exactly when the last of them is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import functools
import hashlib
import json
import os
import re
import signal
import socket
import stat
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PORT = 5432
SOCKET = f".s.PGSQL.{PORT}"

# The longest path of a Unix socket is 107 bytes on Linux and 103 on macOS.
_LONGEST_SOCKET_DIRECTORY = 103 - len(f"/{SOCKET}")
_PLAIN_PATH = re.compile(r"[A-Za-z0-9_./+-]+\Z")


class CannotStart(Exception):
    """The embedded PostgreSQL does not start. The text says why and what to do."""


class InUse(CannotStart):
    """Another program owns the folder."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The paths of one data folder. `root` is absolute and without symbolic links."""

    root: Path

    @property
    def cluster(self) -> Path:
        return self.root / "postgres"

    @property
    def log(self) -> Path:
        return self.root / "postgres.log"

    @property
    def made(self) -> Path:
        """Stands once the database was made: a missing cluster is then a loss, not a beginning."""
        return self.root / "made"

    @property
    def owner(self) -> Path:
        return self.root / "owner.lock"

    @property
    def guests(self) -> Path:
        return self.root / "guests.lock"

    @property
    def life(self) -> Path:
        return self.root / "postgres.lock"

    @property
    def sockets(self) -> Path:
        """Where the socket lies: in the folder, or under /tmp where its path is too long or odd for a socket."""
        return _socket_directory(self.root, os.geteuid())


def at(path: Path) -> Folder:
    """The folder at `path`, made if it is missing."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = path.resolve(strict=True)
    except FileExistsError:
        raise CannotStart(f"{path} is a file. Name a folder for the data.") from None
    except OSError as error:
        raise CannotStart(f"The data folder {path} cannot be made: {error.strerror}.") from error
    if not os.access(root, os.W_OK | os.X_OK):
        raise CannotStart(f"The data folder {root} belongs to another user. Run as that user or name another folder.")
    return Folder(root)


# Locks


class Lock:
    """A lock on a file: held until it is closed here and in every process that inherited `number`."""

    def __init__(self, number: int) -> None:
        self.number = number

    def close(self) -> None:
        if self.number >= 0:
            os.close(self.number)
            self.number = -1

    def __enter__(self) -> Lock:
        return self

    def __exit__(self, *raised: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


def take(path: Path, *, shared: bool = False) -> Lock | None:
    """The lock on `path`, or None while somebody else holds it."""
    try:
        number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise CannotStart(f"{path} belongs to another user. Run as that user or name another folder.") from None
    try:
        fcntl.flock(number, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(number)
        return None
    except OSError:
        os.close(number)
        raise
    return Lock(number)


async def waited(path: Path, *, patience: float, shared: bool = False) -> Lock | None:
    """The lock on `path` as soon as it is free; None if that takes longer than `patience` seconds."""
    found: list[Lock] = []

    def taken() -> bool:
        lock = take(path, shared=shared)
        if lock is not None:
            found.append(lock)
        return bool(found)

    await until(taken, patience=patience, pause=0.05)
    return found[0] if found else None


async def until(holds: Callable[[], bool], *, patience: float, pause: float = 0.02) -> bool:
    """Wait until something of another process holds. It can only be asked for, so this is the one loop that asks."""
    deadline = time.monotonic() + patience
    while not (held := holds()) and time.monotonic() < deadline:  # noqa: ASYNC110
        await asyncio.sleep(pause)
    return held


@contextlib.asynccontextmanager
async def owned(folder: Folder, *, purpose: str, patience: float = 0) -> AsyncIterator[None]:
    """Own the folder during the block. Raises InUse when another program has it for longer than `patience`."""
    lock = await waited(folder.owner, patience=patience)
    if lock is None:
        raise InUse(f"{owner_of(folder)} has the folder {folder.root}. Stop it, or name another data folder.")
    with lock:
        os.ftruncate(lock.number, 0)
        os.pwrite(lock.number, json.dumps({"pid": os.getpid(), "purpose": purpose}).encode(), 0)
        yield


def is_owned(folder: Folder) -> bool:
    """Whether a program owns the folder now."""
    lock = take(folder.owner, shared=True)
    if lock is not None:
        lock.close()
    return lock is None


def owner_of(folder: Folder) -> str:
    """The owner in words."""
    try:
        owner = json.loads(folder.owner.read_bytes())
        return f"`samjournal {owner['purpose']}` (process {owner['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "Another Samjournal"


# Processes


def processes(folder: Folder) -> list[int]:
    """PostgreSQL's processes that work in the folder, where the system shows them."""
    try:
        pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]
    except OSError:
        return []
    return [pid for pid in pids if works_in(pid, folder)]


def works_in(pid: int, folder: Folder) -> bool:
    """Whether the process is a living PostgreSQL of this folder, and not another that got its number."""
    if sys.platform != "linux":
        with contextlib.suppress(OSError):
            os.kill(pid, 0)
            return True
        return False
    try:
        place = Path(f"/proc/{pid}/cwd").readlink()
        program = Path(f"/proc/{pid}/exe").readlink()
    except OSError:
        return False
    return program.name.startswith("postgres") and place.parent == folder.root and place.name.startswith("postgres")


def send(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that may be gone."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


# The socket


@functools.lru_cache(maxsize=64)
def _socket_directory(root: Path, user: int) -> Path:
    inside = root / "run"
    if _PLAIN_PATH.match(str(inside)) and len(os.fsencode(inside)) <= _LONGEST_SOCKET_DIRECTORY:
        inside.mkdir(mode=0o700, exist_ok=True)
        if _takes_sockets(inside):
            return inside
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    outside = Path("/tmp") / f"samjournal-{user}-{name}"  # noqa: S108 (made for us alone, which is checked)
    outside.mkdir(mode=0o700, exist_ok=True)
    found = outside.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != user or found.st_mode & 0o077:
        raise CannotStart(f"{outside}, where the database's socket belongs, was made by somebody else. Remove it.")
    return outside


def _takes_sockets(directory: Path) -> bool:
    """Some file systems that are shared with a host hold no sockets."""
    probe = directory / f"probe-{os.getpid()}"
    try:
        with socket.socket(socket.AF_UNIX) as trial:
            trial.bind(str(probe))
    except OSError:
        return False
    finally:
        probe.unlink(missing_ok=True)
    return True
