"""The simplest transport: messages are files in a folder, and so are the receipts.

    take(door, permit, paths, out, tell)        a line for each, and its receipts
    Folder(base)                                the transport: `inn` is read, `ut` written, `mottatt` what was taken

A receipt is written whole or not at all (another name, then the right one), and is on the disk before it counts as
sent. Cut off at any moment, the same call goes on where it was: what was taken is known by its id, and a receipt that
was not sent is written again, the same.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zlib import crc32

from samjournal.access import Permit
from samjournal.exchange import apprec, xml
from samjournal.exchange.certificates import Trusted
from samjournal.exchange.judging import Checks, Validate
from samjournal.exchange.receiving import Outcome, due, receive_together
from samjournal.exchange.transport import Arrived, Heard, Parcel, Take, Unreachable
from samjournal.messages import answered, sent
from samjournal.record import Door

_log = logging.getLogger("samjournal.exchange")
Tell = Callable[[str], None]


async def take(
    door: Door,
    permit: Permit,
    paths: Sequence[Path],
    out: Path,
    tell: Tell,
    *,
    validate: Validate | None = None,
    part: tuple[int, int] = (1, 1),
    trust: Trusted | None = None,
) -> None:
    """Take files as if they had come by transport, in the order of their names, and tell a line for each: the id of the
    message, its type, its state, the receipts, who has what is open, and the file; parted by tabs, `-` for nothing.
    Receipts that people's decisions made due are written first. `part` is the first of two parts of the files (1, 2),
    and so on: the others are for other processes, at the same time."""
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    for of, id_, receipt in await due(door, permit, datetime.now(UTC), Checks(validate, trust)) if part[0] == 1 else ():
        await asyncio.to_thread(_written, out / f"apprec-{safe(id_)}-{of.name[-8:]}.xml", receipt)
        await answered(door, permit, of, receipt)
    all_ = await asyncio.to_thread(lambda: list(files(paths)))
    for some in _batches([path for path in all_ if crc32(str(path).encode()) % part[1] == part[0] - 1]):
        read = await asyncio.to_thread(_all_read, some)
        data = [each for _, each in read if isinstance(each, bytes)]
        outcomes = iter(
            await receive_together(door, permit, data, now=datetime.now(UTC), validate=validate, trust=trust)
        )
        found = [(path, next(outcomes) if isinstance(each, bytes) else each) for path, each in read]
        receipts = [(came.id, *each) for _, came in found if isinstance(came, Outcome) for each in came.receipts]
        ready = {out / f"apprec-{safe(id_)}-{name[-8:]}.xml": receipt for id_, name, receipt in receipts}
        await asyncio.to_thread(_all_written, ready)
        await sent(door, [name for _, name, _ in receipts])
        for path, came in found:
            tell(
                _told(came, path) if isinstance(came, Outcome) else _line("", "", "not-read", "", "", f"{path}: {came}")
            )


_TOGETHER: Final = 25
_HEAVY: Final = 2**20
"""So many files, or bytes, are taken at once."""


def _batches(paths: Sequence[Path]) -> Iterator[list[Path]]:
    some: list[Path] = []
    weight = 0
    for path in paths:
        try:
            size = path.stat().st_size
        except OSError:
            size = 0  # Why it cannot be read is told when it is its turn.
        if some and (len(some) == _TOGETHER or weight + size > _HEAVY):
            yield some
            some, weight = [], 0
        some.append(path)
        weight += size
    if some:
        yield some


def _all_read(paths: Sequence[Path]) -> list[tuple[Path, bytes | str]]:
    """What files hold, or why they cannot be read."""
    return [(path, _read(path)) for path in paths]


def _read(path: Path) -> bytes | str:
    try:
        return path.read_bytes()
    except OSError as error:
        return error.strerror or "cannot be read"


class Folder:
    """Messages as files in a folder that both sides see. What comes lies in `inn` and is moved to `mottatt` when it was
    taken over and its receipts are written; what goes lies in `ut`, under the receiver's address. A file is there
    whole or not at all, under its MsgId, so that what is sent twice is there once."""

    name: Final = "folder"

    def __init__(self, base: Path) -> None:
        self.base = base
        for each in ("inn", "ut", "mottatt"):
            (base / each).mkdir(parents=True, exist_ok=True)

    async def send(self, parcel: Parcel) -> str:
        """Raises Unreachable when the folder cannot be written. Its id is the name of the file."""
        where = self.base / "ut" / safe(parcel.address or parcel.receiver or "ukjent")
        name = name_of(parcel)
        try:
            await asyncio.to_thread(where.mkdir, parents=True, exist_ok=True)
            await asyncio.to_thread(_written, where / name, parcel.data)
        except OSError as error:
            raise Unreachable(error.strerror or "the folder cannot be written") from None
        return name

    async def receive(self, take: Take, stopping: asyncio.Event, failed: Heard | None = None) -> None:  # noqa: ARG002
        """Whatever comes into `inn`, by name, until it is told to stop. Nothing fails on the way between folders."""
        while not stopping.is_set():
            found = await asyncio.to_thread(lambda: list(files([self.base / "inn"])))
            done = 0
            for path in found:
                if stopping.is_set():
                    return
                done += await self._take(take, path)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 0.0 if done else _LOOK)

    async def _take(self, take: Take, path: Path) -> int:
        """One that cannot be taken over stays where it is, and the others go on."""
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return 0
        try:
            taken = await take(Arrived(path.name, data))
        except Exception as error:  # (whatever the record says: the file stays)
            _log.error("a message was not taken over", extra={"file": path.name, "why": type(error).__name__})
            return 0
        for receipt in taken.receipts:
            await self.send(receipt)
        await taken.handed()
        await asyncio.to_thread(path.replace, self.base / "mottatt" / path.name)
        return 1


_LOOK: Final = 1.0
"""So many seconds pass before the folder is looked into again."""


def files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files that are meant, those of folders in the order of their names. Receipts that were written are none."""
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
        else:
            yield path


def _told(outcome: Outcome, path: Path) -> str:
    receipts = "; ".join(_receipt(receipt) for _, receipt in outcome.receipts)
    where = f"{path}: {outcome.told}" if outcome.told else str(path)
    return _line(outcome.id, outcome.kind, outcome.state, receipts, outcome.owner, where)


def _line(*columns: str) -> str:
    return "\t".join(" ".join(column.split()) or "-" for column in columns)


def _receipt(data: bytes) -> str:
    """Status and codes: `1`, or `2 E21 T02`."""
    receipt = apprec.read(xml.parse(data))
    return " ".join((receipt.status, *(error.code for error in receipt.errors)))


def name_of(parcel: Parcel) -> str:
    """The file that a parcel is: the same however often it is sent."""
    return f"{safe(parcel.kind)}-{safe(parcel.id)}.xml"


def safe(id_: str) -> str:
    """A name for a file, whatever an id is made of."""
    return re.sub(r"^[.]+|[^A-Za-z0-9.-]", "_", id_)[:64] or "unnamed"


def _all_written(ready: Mapping[Path, bytes]) -> None:
    """Files whole on the disk."""
    for path, data in ready.items():
        _written(path, data)


def _written(path: Path, data: bytes) -> None:
    """The file whole on the disk."""
    unfinished = path.with_name(f".{path.name}.part")
    with unfinished.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
