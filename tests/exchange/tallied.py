"""What stands in a record when everything is over: each message with what hangs on it, small enough to keep in memory.

await tallied(door) -> list[Kept]
"""

from __future__ import annotations

import base64
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from samjournal import access
from samjournal.exchange import apprec, xml
from samjournal.messages import state_of
from samjournal.messages.connections import ALARM
from samjournal.messages.making import RECEIPT
from samjournal.messages.outgoing import number_of, steps_of
from samjournal.record import Door
from samjournal.record.beside import every
from samjournal.rounds.findings import is_open, is_owned

Resource = dict[str, Any]
JOB = access.for_job("messages")


@dataclass
class Kept:
    """One Communication: `original` is the digest of the bytes kept under its id, "" for none; `receipt` the id of the
    AppRec in it; `open`, `owned` and `done` count its Tasks, `owner` has the open one; `requests` the referrals that
    it became."""

    id: str
    number: str
    state: str
    steps: tuple[str, ...]
    receipt: str
    requests: tuple[str, ...]
    original: str = ""
    open: int = 0
    owned: int = 0
    done: int = 0
    kinds: set[str] = field(default_factory=set)
    owners: set[str] = field(default_factory=set)


async def tallied(door: Door) -> tuple[list[Kept], list[str]]:
    """Every message, and the Tasks that are about none."""
    found: dict[str, Kept] = {}
    about: dict[str, list[Kept]] = defaultdict(list)
    async for page in every(door, JOB, "Communication", [], count=500):
        for stored in page:
            one = _read(stored.resource())
            found[one.id] = one
            for reference in (f"Communication/{one.id}", *one.requests):
                about[reference].append(one)
    async for page in every(door, JOB, "DocumentReference", [], count=500):
        for stored in page:
            if stored.id in found:
                data = stored.resource()["content"][0]["attachment"]["data"]
                found[stored.id].original = digest(base64.b64decode(data))
    strange = []
    async for page in every(door, JOB, "Task", [], count=500):
        for stored in page:
            task = stored.resource()
            of = about.get(task.get("focus", {}).get("reference", ""), [])
            # An alarm about a whole connection is right while things are down.
            if not of and ALARM not in [one.get("system") for one in task.get("identifier", ())]:
                strange.append(f"{stored.id}: {task.get('description', '')[:120]}")
            for one in of:
                one.open += is_open(task)
                one.owned += is_open(task) and is_owned(task)
                one.done += not is_open(task)
                one.kinds.add(task["code"]["coding"][0]["code"])
                if is_open(task):
                    one.owners.add(str(task["owner"]["reference"]))
    return list(found.values()), strange


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def receipt_of(data: bytes) -> tuple[str, bool]:
    """The id of a receipt, and whether it is positive."""
    read = apprec.read(xml.parse(data))
    return read.id, read.is_positive


def _read(body: Resource) -> Kept:
    receipts = [
        base64.b64decode(one["contentAttachment"]["data"])
        for one in body.get("payload", ())
        if one.get("contentAttachment", {}).get("title") == RECEIPT
    ]
    assert len(receipts) <= 1, f"{body['id']} has several receipts"
    named = (one.get("reference", "") for one in body.get("about", ()))
    return Kept(
        id=body["id"],
        number=number_of(body),
        state=state_of(body),
        steps=tuple(state for state, _ in steps_of(body)),
        receipt=receipt_of(receipts[0])[0] if receipts else "",
        requests=tuple(one for one in named if one.startswith("ServiceRequest/")),
    )
