"""`python -m bench.queues`: how many messages a second go over queues, signed and encrypted, with their receipts.

    python -m bench.queues [--messages N] [--at-once N] [--no-record]

One process sends dialogue messages as a GP's system does, and takes them over as this one does: broker, database and
both sides share the machine. What is counted last is the whole of it: decrypted, believed, written to the record as a
message of a patient, answered by a signed and encrypted receipt that the broker has, and off the queue.
The broker is that of the tests (`python assets/broker.py` fetches it).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from assets import broker as debian

from bench.measuring import machine
from bench.program import ROOT, running

sys.path.append(str(ROOT / "tests"))

from exchange.letters import HOSPITAL, KARI, dialog, message
from exchange.queues import KEYS, OURS, SIGNING, THEIRS, TRUST, transport
from samjournal import access, accounts
from samjournal.db.pool import connect
from samjournal.db.postgres import reach
from samjournal.exchange import cms
from samjournal.exchange.amqp import Amqp
from samjournal.exchange.outbox import Outbox, taking
from samjournal.exchange.outgoing import rendered
from samjournal.exchange.transport import Arrived, Parcel, Take, Taken
from samjournal.fhir.identifiers import FNR, HER, with_check_digits
from samjournal.record import Change, Door, change, open_door

PURPOSES = ("async", "sync", "syncreply", "error", "dl")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--at-once", type=int, default=16, help="how many are sent at the same time")
    options.add_argument("--no-record", action="store_true", help="take them over without writing anything")
    asked = options.parse_args()
    if debian.home() is None:
        sys.exit("There is no broker: python assets/broker.py")
    queues: dict[str, dict[str, object]] = {f"{her}_{one}": {} for her in (OURS, THEIRS) for one in PURPOSES}
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        base = Path(folder)
        with debian.started(base / "broker", queues) as broker:
            print(machine())
            _sealing()
            asyncio.run(_measured(base / "data", broker, asked.messages, asked.at_once, is_kept=not asked.no_record))


def _sealing() -> None:
    data, begun = _letter(0), time.perf_counter()
    sealed = [cms.protected(data, SIGNING[THEIRS], KEYS[OURS].certificate) for _ in range(200)]
    made = time.perf_counter() - begun
    begun, now = time.perf_counter(), datetime.now(UTC)
    for one in sealed:
        assert cms.opened(one, [KEYS[OURS]], TRUST, now).fault is None
    opened = time.perf_counter() - begun
    print(f"sealing {made / 200 * 1000:.1f} ms, opening {opened / 200 * 1000:.1f} ms a message of {len(data)} bytes")


async def _measured(data: Path, broker: debian.Broker, count: int, at_once: int, *, is_kept: bool) -> None:
    sending = transport(broker, THEIRS)
    parcels = [Parcel(str(uuid4()), "DIALOG_HELSEFAGLIG", THEIRS, OURS, _letter(number)) for number in range(count)]
    begun = _now()
    await _sent(sending, parcels, at_once)
    _tell("sent", count, begun)
    if not is_kept:
        await _taken(transport(broker, OURS), _nothing, count)
        return
    async with _record(data) as door:
        outbox = Outbox(door, access.for_job("messages"), rendered, {})
        await _taken(transport(broker, OURS), taking(outbox), count)


def _letter(number: int) -> bytes:
    words = f"Hun faller oftere enn før ({number})."
    data = message(dialog(words), to=(HOSPITAL, OURS), patient=_PATIENTS[number % len(_PATIENTS)])
    return data.replace(b"900002", THEIRS.encode()).replace(b"900001", b"100")


def _numbers() -> list[str]:
    """Synthetic numbers (month + 80) of women born on 11 March 1948."""
    return [whole for one in range(300, 499, 2) if (whole := with_check_digits(f"118348{one}")) is not None]


# What is about one patient is written one after the other, so there are many.
_PATIENTS = [(*KARI[:5], number) for number in _numbers()]


async def _sent(amqp: Amqp, parcels: Iterable[Parcel], at_once: int) -> None:
    left = iter(parcels)

    async def send() -> None:
        for one in left:
            await amqp.send(one)

    await asyncio.gather(*(send() for _ in range(at_once)))


@dataclass
class _Count:
    """Counts those that are off their queue but for the last word."""

    take: Take
    until: int
    done: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, arrived: Arrived) -> Taken:
        taken = await self.take(arrived)

        async def handed() -> None:
            await taken.handed()
            self.done += 1
            if self.done >= self.until:
                self.enough.set()

        assert taken.receipts, "nothing was answered"
        return Taken(taken.receipts, handed)


async def _taken(amqp: Amqp, take: Take, count: int) -> None:
    counted, begun = _Count(take, count), _now()
    await amqp.receive(counted, counted.enough)
    _tell("taken over and answered", count, begun)


async def _nothing(arrived: Arrived) -> Taken:
    async def handed() -> None:
        pass

    return Taken([Parcel(str(uuid4()), "APPREC", OURS, THEIRS, b"<AppRec/>", answers=arrived.id)], handed)


def _tell(what: str, count: int, begun: tuple[float, float]) -> None:
    took, ours = time.perf_counter() - begun[0], time.process_time() - begun[1]
    each = ours / count * 1000
    print(
        f"{count} messages {what} in {took:.1f} s: {count / took:,.0f} a second, {each:.1f} ms CPU of this process each"
    )


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


@asynccontextmanager
async def _record(data: Path) -> AsyncIterator[Door]:
    """A record with the addressed unit and the patient, on an embedded database that reaches the disk."""
    async with running(data, demo=0):
        pass  # It makes the database.
    async with reach(data, purpose="bench") as dsn:
        pool = await connect(dsn, size=10)
        try:
            installation = await accounts.installation(pool)
            assert installation is not None
            door = await open_door(pool, secret=installation.secret)
            await change(door, access.for_job("messages"), [Change.update(one) for one in _resources()])
            yield door
        finally:
            await pool.close()


def _resources() -> Sequence[dict[str, Any]]:
    family, given, birth = KARI[:3]
    within = {"partOf": {"reference": "Organization/hospital"}}
    ids: list[tuple[str, str, dict[str, Any]]] = [("hospital", HOSPITAL, {}), ("ward", OURS, within)]
    units = [
        {"resourceType": "Organization", "id": id_, "name": id_, "identifier": [{"system": HER, "value": her}], **more}
        for id_, her, more in ids
    ]
    patients = [
        {
            "resourceType": "Patient",
            "id": f"kari-{place}",
            "name": [{"family": family, "given": [given]}],
            "birthDate": birth,
            "gender": "female",
            "identifier": [{"system": FNR, "value": one[5]}],
        }
        for place, one in enumerate(_PATIENTS)
    ]
    return [*units, *patients]


if __name__ == "__main__":
    main()
