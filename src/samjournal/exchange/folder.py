"""The simplest transport: messages are files in a folder, and so are the receipts.

    take(door, permit, paths, out, tell)        a line for each, and its receipts

A receipt is written whole or not at all (another name, then the right one), and is on the disk before it counts as
sent. Cut off at any moment, the same call goes on where it was: what was taken is known by its id, and a receipt that
was not sent is written again, the same.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from samjournal.access import Permit
from samjournal.exchange import apprec, xml
from samjournal.exchange.receiving import Outcome, Validate, due, receive
from samjournal.messages import answered, sent
from samjournal.record import Door

Tell = Callable[[str], None]
_ATTEMPTS = 5


async def take(
    door: Door, permit: Permit, paths: Sequence[Path], out: Path, tell: Tell, *, validate: Validate | None = None
) -> None:
    """Take files as if they had come by transport, in the order of their names, and tell a line for each: the id of the
    message, its type, its state, the receipts, who has what is open, and the file; parted by tabs, `-` for nothing.
    Receipts that people's decisions made due are written first."""
    await asyncio.to_thread(out.mkdir, parents=True, exist_ok=True)
    for of, id_, receipt in await due(door, permit, datetime.now(UTC)):
        await asyncio.to_thread(_written, out / f"apprec-{_safe(id_)}-{of.name[-8:]}.xml", receipt)
        await answered(door, permit, of, receipt)
    for path in await asyncio.to_thread(lambda: list(files(paths))):
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as error:
            tell(_line("", "", "not-read", "", "", f"{path}: {error.strerror}"))
            continue
        outcome = await receive(door, permit, data, now=datetime.now(UTC), validate=validate)
        for name, receipt in outcome.receipts:
            await asyncio.to_thread(_written, out / f"apprec-{_safe(outcome.id)}-{name[-8:]}.xml", receipt)
        await sent(door, [name for name, _ in outcome.receipts])
        tell(_told(outcome, path))


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


def _safe(id_: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "_", id_)[:64] or "unnamed"


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
