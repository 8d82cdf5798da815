"""`samjournal exchange`: messages from files into the record, and their receipts into a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from samjournal import access, accounts, exchange
from samjournal.db.pool import Pool
from samjournal.record import open_door
from samjournal.server import exits


async def receive(pool: Pool, paths: Sequence[Path], out: Path, *, tell: Callable[[str], None]) -> int:
    """Take every file; the exit code says whether each has its line, which says what became of the message."""
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    permit = access.for_job("messages")
    schemas = await exchange.schemas(door, permit)
    await exchange.take(door, permit, paths, out, tell, validate=schemas.wrong if schemas else None)
    return exits.OK
