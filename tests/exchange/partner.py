"""A partner outside, at the broker with a client like ours: sends letters, takes ours, answers them as was planned.

    Letter, letters(chance, count)      what he sends: most are plain, some are odd in a way that has a name
    Partner(amqp, plans)                takes ours: `got` says what came, `receipts` what he was answered

He is outside of what is tried: he forgets nothing, and may be told the same more than once.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from random import Random
from typing import Final, Literal
from uuid import UUID

from assets.broker import Broker

from exchange.letters import dialog, message, referral
from exchange.queues import OURS, THEIRS, place
from samjournal.demo.numbers import birth_number
from samjournal.exchange import apprec, envelope, wire, xml
from samjournal.exchange.amqp import FAULT, Amqp
from samjournal.exchange.transport import Arrived, Failed, Parcel, Taken, Unreachable

HOSPITAL, HOME = "800001", "8141706"
WHOLE: Final = "93237"
"""HER-ids: the hospital that all our units lie in, the home care, which gets copies, and what the partner lies in."""
Patient = tuple[str, str, str, str, str, str]
Kind = Literal["plain", "referral", "copies", "held", "refused", "garbage"]
Plan = Literal["yes", "no", "never", "twice", "both", "back", "fault", "gone"]
"""What he does with one of ours: takes it over; refuses; says nothing; says yes twice; yes and no; writes back too;
the transport says that it cannot be read; or he is not in the register at all."""
_KINDS: Final[Mapping[Kind, int]] = {"plain": 76, "referral": 6, "copies": 6, "held": 5, "refused": 5, "garbage": 2}
_PLANS: Final[Mapping[Plan, int]] = {
    "yes": 58,
    "no": 10,
    "never": 6,
    "twice": 8,
    "both": 5,
    "back": 7,
    "fault": 3,
    "gone": 3,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of his. `times`: how often it is sent, as another parcel each time."""

    id: str
    kind: Kind
    data: bytes
    times: int = 1

    @property
    def digest(self) -> str:
        return sha256(self.data).hexdigest()


def people(chance: Random, count: int = 40) -> list[Patient]:
    used: set[str] = set()
    found = []
    for place_ in range(count):
        born = date(1940 + place_, 3, 11)
        number = birth_number(chance, born, woman=True, used=used)
        found.append((f"Nordmann{place_}", "Kari", born.isoformat(), "2", "FNR", number))
    return found


def letters(chance: Random, count: int, patients: Sequence[Patient]) -> list[Letter]:
    return [
        _letter(chance, number, chance.choices([*_KINDS], [*_KINDS.values()])[0], chance.choice(patients))
        for number in range(count)
    ]


def _letter(chance: Random, number: int, kind: Kind, patient: Patient) -> Letter:
    id_ = guid(chance)
    about = {"held": (f"Ukjent{number}", *patient[1:5], ""), "refused": ("", "", *patient[2:])}.get(kind, patient)
    data = message(
        referral(guid(chance)) if kind == "referral" else dialog(f"Brev nummer {number}."),
        kind="HENVISNING_NYTILSTAND" if kind == "referral" else "DIALOG_HELSEFAGLIG",
        id_=id_,
        to=(HOSPITAL, OURS),
        copies=[(HOSPITAL, HOME)] if kind == "copies" else (),
        patient=about,
    )
    return Letter(id_, kind, _signed(data), 2 if kind != "garbage" and chance.random() < 0.08 else 1)


def plans(chance: Random, count: int) -> dict[str, Plan]:
    """What he will do with so many of ours, by the MsgIds that they get."""
    return {guid(chance): chance.choices([*_PLANS], [*_PLANS.values()])[0] for _ in range(count)}


def guid(chance: Random) -> str:
    return str(UUID(int=chance.getrandbits(128), version=4))


def _signed(data: bytes) -> bytes:
    return data.replace(b"900001", WHOLE.encode()).replace(b"900002", THEIRS.encode())


@dataclass
class Partner:
    """`got`: digests of the bytes of ours by MsgId, as often as they came, with the ids of the parcels; `receipts` by
    the MsgId that they answer; `failed` what the transport told him; `replies` what he wrote back, by ours; `parcels`
    the ids of all that came."""

    broker: Broker
    amqp: Amqp
    plans: Mapping[str, Plan]
    got: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    failed: list[Failed] = field(default_factory=list)
    replies: dict[str, Letter] = field(default_factory=dict)
    answers: dict[str, list[bytes]] = field(default_factory=dict)
    parcels: set[str] = field(default_factory=set)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def progress(self) -> int:
        """How many of ours came, and of his were answered."""
        return len(self.got) + len(self.receipts)

    async def take(self, arrived: Arrived) -> Taken:
        root = xml.parse(arrived.data)
        assert arrived.fault is None
        if xml.name(root) == "AppRec":
            self.receipts[apprec.read(root).original].append(arrived.data)
            self.parcels.add(arrived.id)
            self.heard.set()
            return Taken((), _nothing)
        read = envelope.read(root)
        plan = self.plans[read.id]
        if plan == "fault":
            await self._fail(arrived)
        made = self._answered(read, plan)
        self.got[read.id].append((arrived.id, sha256(arrived.data).hexdigest()))
        self.parcels.add(arrived.id)
        self.heard.set()
        return Taken([replace(one, answers=arrived.id) for one in made], _nothing)

    async def hear(self, fault: Failed) -> None:
        self.failed.append(fault)
        self.heard.set()

    def _answered(self, read: envelope.Envelope, plan: Plan) -> list[Parcel]:
        """The receipts to one of ours: the same whenever it comes again."""
        if read.id not in self.answers:
            errors = {"yes": [[]], "twice": [[], []], "back": [[]], "no": [["X99"]], "both": [[], ["X99"]]}
            now = datetime.now(UTC)
            receipts = [
                apprec.answering(read, read.receivers[0], [apprec.fault(one) for one in each], now)
                for each in errors.get(plan, ())
            ]
            if plan == "twice":
                receipts = [receipts[0], receipts[0]]
            self.answers[read.id] = [apprec.write(one) for one in receipts]
            if plan == "back":
                self.replies[read.id] = self._reply(read)
        made = [
            Parcel(f"{read.id} {number}", "APPREC", THEIRS, OURS, data)
            for number, data in enumerate(self.answers[read.id])
        ]
        if reply := self.replies.get(read.id):
            made.append(Parcel(reply.id, "DIALOG_HELSEFAGLIG", THEIRS, OURS, reply.data))
        return made

    def _reply(self, read: envelope.Envelope) -> Letter:
        id_, who = guid(Random(read.id)), read.patient
        assert who is not None
        about = (who.family, who.given, who.birth, who.sex, "FNR", who.idents[0].value)
        data = message(dialog("Takk for brevet."), id_=id_, to=(HOSPITAL, OURS), conversation=read.id, patient=about)
        # What he writes back has his HER-ids on both levels, as ours has them.
        return Letter(id_, "plain", data.replace(b"900001", WHOLE.encode()).replace(b"900002", THEIRS.encode()))

    async def _fail(self, arrived: Arrived) -> None:
        """His side says that it cannot open what came."""
        told = {"fromHerId": THEIRS, "toHerId": OURS, "originalMessageId": arrived.id}
        told |= {"errorCondition": "transport:decryption-failed", "errorDescription": "No key fits."}
        fault = wire.Message(id=guid(Random(arrived.id)), subject=FAULT, correlation=arrived.id, properties=told)
        await self._put(f"{OURS}_error", fault)

    async def send(self, letter: Letter, gate: asyncio.Semaphore) -> None:
        """Send a letter till the broker has it, as often as it is meant to be."""
        for attempt in range(1, letter.times + 1):
            parcel = Parcel(letter.id, "DIALOG_HELSEFAGLIG", THEIRS, OURS, letter.data, attempt=attempt)
            while True:
                try:
                    async with gate:
                        if letter.kind == "garbage":
                            await self._put(f"{OURS}_async", self._garbage(letter))
                        else:
                            await self.amqp.send(parcel)
                    break
                except Unreachable:
                    await asyncio.sleep(0.2)

    def _garbage(self, letter: Letter) -> wire.Message:
        told = {"fromHerId": THEIRS, "toHerId": OURS, "applicationTimeStamp": "2026-11-29T10:00:00Z"}
        return wire.Message(
            id=letter.id,
            to=f"{OURS}_async",
            subject="DIALOG_HELSEFAGLIG",
            reply_to=f"{THEIRS}_async",
            content_type="text/plain",
            properties=told,
            body=letter.data,
        )

    async def _put(self, queue: str, one: wire.Message) -> None:
        out = wire.Outbound(place(self.broker))
        try:
            if await out.send(queue, wire.written(one)) != wire.ACCEPTED:
                raise Unreachable("not accepted")
        except (wire.Lost, wire.Denied) as error:
            raise Unreachable(str(error)) from None
        finally:
            await out.close()


async def _nothing() -> None:
    pass
