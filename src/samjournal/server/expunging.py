"""`samjournal record expunge`: two persons decide that something is erased; what was is listed outside the database.

    folder/expunged.ndjson   a line for each confirmed decision, written before it is carried out: `restore` carries
                             them out again on a backup that is older

The folder is that of the heads of the seals. docs/how-to/expunge.md
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

import msgspec

from samjournal import accounts, record
from samjournal.access import Erasure, for_system
from samjournal.access.erasing import decide_again
from samjournal.db.pool import Pool
from samjournal.record import Door, open_door
from samjournal.server import exits

LIST = "expunged.ndjson"
Tell = Callable[[str], None]
_line = msgspec.json.Decoder(Erasure)


async def carry_out(pool: Pool, target: str, folder: Path | None, *, tell: Tell) -> int:
    """Carry out what was confirmed; the same again when it was cut off."""
    door = await _door(pool)
    try:
        id_ = UUID(target)
    except ValueError:
        raise exits.Usage("Name the proposal: samjournal record expunge carry-out ID.") from None
    decided = await record.decided_erasure(door, id_)
    if folder is not None:
        await asyncio.to_thread(_append, folder, decided)
    else:
        tell("No --audit-dir is named: a restored backup will have it again, and nothing will say so.")
    gone = await record.carry_out(door, for_system("expunge", scope=None, request="expunge"), decided)
    await sweep(pool)
    tell(
        f"Erased by decision {decided.decision}: {decided.said}; {gone} resources."
        if gone
        else "It was erased already."
    )
    tell("Older backups still have it until they are thrown away.")
    return exits.OK


async def sweep(pool: Pool) -> None:
    """Let the database throw away what was erased, and the planner's samples of it."""
    for statement in _SWEEP:
        await pool.execute(statement)


_SAMPLED = (
    ("string", "folded"),
    ("string", "written"),
    ("string_folded", "left"),
    ("text", "words"),
    ("display", "folded"),
    ("display", "words"),
    ("date", "lo"),
    ("date", "hi"),
    ("number", "lo"),
    ("number", "hi"),
)
"""Columns, and one of an index, whose contents the planner samples; of an empty table it keeps what samples it had."""
_SWEEP = (
    *(f"SELECT pg_clear_attribute_stats('store', '{table}', '{column}', false)" for table, column in _SAMPLED),
    "VACUUM (ANALYZE, SKIP_LOCKED) store.version, store.current, store.string, store.date, store.number, store.text",
    "VACUUM (ANALYZE, SKIP_LOCKED) store.display, store.job",
)


async def listed(pool: Pool, *, tell: Tell) -> int:
    """Tell what waits to be confirmed, or to be carried out; the latter is a finding."""
    door = await _door(pool)
    found = await record.erasures(door)
    for one in found:
        state = (
            f"confirmed by {one.confirmed_by} and not carried out: samjournal record expunge carry-out {one.id}"
            if one.confirmed
            else f"waits for another person until {one.deadline:%Y-%m-%d}"
        )
        tell(f"{one.id} {one.said}: decision {one.decision}, proposed by {one.proposed_by}, {state}.")
    if not found:
        tell("Nothing waits.")
    return exits.FINDINGS if any(one.confirmed for one in found) else exits.OK


async def again(pool: Pool, folder: Path, *, tell: Tell) -> int:
    """Carry out on a restored record what was erased since its backup; how many decisions."""
    kept = await asyncio.to_thread(_listed, folder)
    door = await _door(pool)
    permit = for_system("restore", scope=None, request="restore")
    done = 0
    for one in kept:
        decided = await decide_again(pool, one)
        gone = await record.carry_out(door, permit, decided)
        done += gone > 0
        if gone:
            tell(f"Erased again, by decision {one.decision}: {one.said}.")
    if done:
        await sweep(pool)
    return done


async def _door(pool: Pool) -> Door:
    installation = await accounts.installation(pool)
    if installation is None:
        raise exits.NotReady("Nothing is installed in this database yet. Start it once with `samjournal serve`.")
    return await open_door(pool, secret=installation.secret)


def _listed(folder: Path) -> Sequence[Erasure]:
    """The decisions on the list, each once. The last line of a program that was killed may be half."""
    file, found = folder / LIST, {}
    for line in file.read_bytes().splitlines() if file.exists() else ():
        with contextlib.suppress(msgspec.DecodeError):
            one = _line.decode(line)
            found[one.id] = one
    return list(found.values())


def _append(folder: Path, decided: Erasure) -> None:
    """On the list before it is done: a crash in between leaves something to be done again, not something forgotten."""
    if any(one.id == decided.id for one in _listed(folder)):
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = msgspec.json.encode(msgspec.structs.replace(decided, done=None))
    with os.fdopen(os.open(folder / LIST, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        broken = size > 0 and (file.seek(size - 1), file.read(1))[1] != b"\n"
        file.write((b"\n" if broken else b"") + line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def keep(source: Path, target: Path) -> None:
    """Take the list over to another folder, so that it is there at the next restore too."""
    for one in _listed(source):
        _append(target, one)
