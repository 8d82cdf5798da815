"""The contract of each kind of connection: recorded messages come out as they did, whichever way they are carried.

`recorded/` holds messages made by `letters.py`, and `expected.tsv` what becomes of each: its state and its receipt.
Whoever sets up a connection records what the other side sends and adds it here. Row 12.9
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from exchange.test_outbox import rendered
from exchange.test_receiving import addressed, kept  # noqa: F401
from samjournal import access
from samjournal.exchange import apprec, take, xml
from samjournal.exchange.folder import Folder
from samjournal.exchange.outbox import Outbox, taking
from samjournal.exchange.transport import Arrived
from samjournal.messages import state_of
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("messages")
RECORDED = Path(__file__).parent / "recorded"
EXPECTED = {
    name: (state, receipt)
    for name, state, receipt in (line.split("\t") for line in (RECORDED / "expected.tsv").read_text().splitlines())
}
_PREFIX = b"7d1c0000"
Came = dict[str, str]
"""What was answered to each recorded message, `-` for nothing."""


def letters(kind: str) -> dict[str, bytes]:
    """The recorded messages, under ids of their own for each kind of connection: the same twice is taken once."""
    own = {"files": b"7d1c0001", "carried": b"7d1c0002"}[kind]
    return {name: (RECORDED / name).read_bytes().replace(_PREFIX, own) for name in EXPECTED}


def told(receipt: bytes) -> str:
    read = apprec.read(xml.parse(receipt))
    return " ".join((read.status, *(error.code for error in read.errors)))


async def by_files(world: World, tmp_path: Path) -> Came:
    """`samjournal exchange receive`."""
    (tmp_path / "in").mkdir()
    for name, data in letters("files").items():
        (tmp_path / "in" / name).write_bytes(data)
    lines: list[str] = []
    await take(world.door, JOB, [tmp_path / "in"], tmp_path / "out", lines.append)
    return {Path(line.split("\t")[5].partition(": ")[0]).name: line.split("\t")[3] for line in lines}


async def carried(world: World, tmp_path: Path) -> Came:
    """What every transport hands over."""
    over = taking(Outbox(world.door, JOB, rendered, {"folder": Folder(tmp_path)}))
    found: Came = {}
    for name, data in letters("carried").items():
        taken = await over(Arrived(name, data))
        found[name] = "; ".join(told(one.data) for one in taken.receipts) or "-"
        await taken.handed()
    return found


WAYS: dict[str, Callable[[World, Path], Awaitable[Came]]] = {"files": by_files, "carried": carried}


def test_every_recorded_message_has_its_contract() -> None:
    assert {path.name for path in RECORDED.glob("*.xml")} == set(EXPECTED)


@pytest.mark.parametrize("kind", WAYS)
async def test_recorded_messages_come_out_as_they_did(addressed: World, tmp_path: Path, kind: str) -> None:  # noqa: F811
    came = await WAYS[kind](addressed, tmp_path)
    assert came == {name: receipt for name, (_, receipt) in EXPECTED.items()}
    found: dict[str, Any] = {}
    for name, data in letters(kind).items():
        if number := _number(data):
            kept_ = await kept(addressed, "Communication", number)
            found[name] = [state_of(one) for one in kept_]
    assert found == {name: [state] for name, (state, _) in EXPECTED.items() if name in found}
    assert len(found) >= len(EXPECTED) - 1


def _number(data: bytes) -> str:
    """The MsgId, where the message can be read at all."""
    try:
        root = xml.parse(data)
    except xml.NotWellFormed:
        return ""
    return next(xml.text(one) for one in root.iter() if isinstance(one.tag, str) and one.tag.endswith("}MsgId"))
