"""`samjournal exchange`: messages as files in and out, places that are tested, and the round of a night by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from samjournal import access, accounts, exchange, messages, rounds
from samjournal.db.pool import Pool
from samjournal.exchange.folder import Folder
from samjournal.exchange.outbox import Outbox, step
from samjournal.exchange.outgoing import rendered
from samjournal.fhir.errors import Conflict, NotFound
from samjournal.record import Door, open_door
from samjournal.server import exits

Tell = Callable[[str], None]


async def receive(pool: Pool, paths: Sequence[Path], out: Path, *, tell: Tell) -> int:
    """Take every file; the exit code says whether each has its line, which says what became of the message."""
    door = await _door(pool)
    permit = access.for_job("messages")
    schemas = await exchange.schemas(door, permit)
    await exchange.take(door, permit, paths, out, tell, validate=schemas.wrong if schemas else None)
    return exits.OK


async def send(pool: Pool, out: Path, *, tell: Tell) -> int:
    """Make and send what waits, as files; what goes by other ways waits on."""
    door = await _door(pool)
    permit = access.for_job("messages")
    schemas = await exchange.schemas(door, permit)
    outbox = Outbox(door, permit, rendered, {Folder.name: Folder(out)}, schemas.wrong if schemas else None, leaves=True)
    done = 0
    while more := await step(outbox, datetime.now(UTC)):
        done += more
    tell(f"{done} steps were done; what is sent lies in {out / 'ut'}")
    return exits.OK


async def activate(pool: Pool, ids: Sequence[str], *, tell: Tell) -> int:
    """Ask places to show that they read what comes."""
    door = await _door(pool)
    permit = access.for_job("messages")
    code = exits.OK
    for id_ in ids:
        try:
            unit = await messages.activate(door, permit, id_, datetime.now(UTC))
            tell(f"{id_}\tasked\t{unit}")
        except (Conflict, NotFound) as error:
            tell(f"{id_}\tnot asked\t{error}")
            code = exits.REFUSED
    return code


async def make_rounds(pool: Pool, *, tell: Tell) -> int:
    """Make the round of a night now, and say how much each rule found."""
    door = await _door(pool)
    counts = await rounds.make_rounds(door, access.for_job("rounds"), datetime.now(UTC))
    for rule, found in counts.items():
        tell(f"{rule}\t{found}")
    return exits.FINDINGS if any(counts.values()) else exits.OK


async def _door(pool: Pool) -> Door:
    installation = await accounts.installation(pool)
    assert installation is not None
    return await open_door(pool, secret=installation.secret)
