"""Messages over queues of AMQP 1.0, in the manner of NHN: signed, encrypted, and off the queue only when taken over.

    Amqp(setting, register).send(parcel) -> str
    Amqp(setting, register).receive(take, stopping, failed)
    id_for(message, attempt) -> str         the messageId of a MsgId

Each party has five queues: async, sync (answers within 15 seconds), syncreply, error (faults of the transport) and dead
letters. AMQP-spesifikasjon for helsenorge.no; docs/reference/transports.md has the table of what becomes of a message.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from samjournal.exchange import cms, wire
from samjournal.exchange.arriving import SEALED, Problem, judged
from samjournal.exchange.certificates import Trust, Unknowable
from samjournal.exchange.register import Party, Purpose, Register, Unknown
from samjournal.exchange.transport import Failed, Heard, Parcel, Refused, Take, Taken, Unreachable

FAULT: Final = "AMQP_SOAP_FAULT"
_SYNC_LASTS: Final = 15_000
_ATTEMPTS: Final = 10
_PURPOSES: Final[tuple[Purpose, ...]] = ("async", "sync", "syncreply", "error")
_OPEN: Final = 40
"""How many messages of one queue may be open at a time."""
_GRACE: Final = 10.0
"""Seconds that what is being taken over has when we stop or the broker is gone."""
_IDS: Final = UUID("2f0f4d5e-3c55-5d0e-9d3a-60c1a07c5a11")
_log = logging.getLogger("samjournal.exchange")


@dataclass(frozen=True)
class Setting:
    """One connection. `hers` are our HER-ids whose queues are read; `form` is how the broker wants addresses of queues
    (`{name}`, `/queue/{name}`, `/amq/queue/{name}`), `registered` how the address register writes ours, `names` what
    the queues of a HER-id are called; `dead` is where what cannot be taken is put, "" when the broker does that itself
    with what is rejected. `sync` are kinds that are sent to sync queues, `kinds` those taken here, None for all."""

    place: wire.Place
    hers: tuple[str, ...]
    signing: cms.Key
    keys: tuple[cms.Key, ...]
    trust: Callable[[], Trust]
    form: str = "{name}"
    registered: str = "{name}"
    names: Mapping[str, str] = field(default_factory=lambda: {one: f"{{her}}_{one}" for one in _PURPOSES})
    dead: str = "{her}_dl"
    sync: frozenset[str] = frozenset()
    kinds: frozenset[str] | None = None
    first_wait: float = 0.25
    longest_wait: float = 60.0

    def queue(self, her: str, purpose: str) -> str:
        """The name of a queue of a party, by the rule that all go by."""
        return self.names[purpose].format(her=her)

    def address(self, registered: str) -> str:
        """What the broker calls a queue: the register writes the way to it before its name."""
        return self.form.format(name=registered.rstrip("/").rpartition("/")[2])


def id_for(message: str, attempt: int = 1) -> str:
    """The messageId under which a MsgId goes: what a fault that comes back names (`Failed.id`)."""
    return str(uuid5(_IDS, f"{message}|{attempt}"))


class Amqp:
    """One connection to a broker: parcels out, messages in."""

    name = "no-amqp"

    def __init__(self, setting: Setting, register: Register) -> None:
        self._setting, self._register = setting, register
        self._out = wire.Outbound(setting.place)
        self._passed = 0

    @property
    def place(self) -> wire.Place:
        """Where its broker is."""
        return self._setting.place

    # --- Out ----------------------------------------------------------------------------------------------------------

    async def send(self, parcel: Parcel) -> str:
        """Hand a parcel to the broker."""
        party = await self._party(parcel.receiver)
        now = datetime.now(UTC)
        if why := party.unfit(parcel.kind, now):
            raise Refused(why)
        certificate = party.certificate(now)
        assert certificate is not None
        try:
            wrong = await asyncio.to_thread(self._setting.trust().wrong, certificate, "encrypt", now)
        except Unknowable as error:
            raise Unreachable(str(error)) from None
        if wrong is not None:
            raise Refused(f"{party.name} (HER-id {party.her}): {wrong.words}.")
        if self._setting.signing.certificate.not_valid_after_utc < now:
            raise Unreachable("Our own certificate for signing is out of date.")
        body = await asyncio.to_thread(cms.protected, parcel.data, self._setting.signing, certificate)
        message = self._message(parcel, party, body, now)
        await self._handed(message, self._setting.address(message.to))
        return message.id

    async def _party(self, her: str) -> Party:
        try:
            return await self._register(her)
        except Unknown:
            raise Refused(f"Adresseregisteret har ingen med HER-id {her}.") from None

    def _message(self, parcel: Parcel, party: Party, body: bytes, now: datetime) -> wire.Message:
        is_sync = parcel.kind in self._setting.sync
        purpose: Purpose = "sync" if is_sync else "async"
        back = self._setting.queue(parcel.sender, "syncreply" if is_sync else "async")
        id_ = id_for(parcel.id, parcel.attempt)
        properties = {"fromHerId": parcel.sender, "toHerId": parcel.receiver, "applicationTimeStamp": _stamp(now)}
        if party.agreement:
            properties["cpaId"] = party.agreement
        return wire.Message(
            id=id_,
            to=_queue_of(parcel) or party.queues.get(purpose) or self._setting.queue(parcel.receiver, purpose),
            subject=parcel.kind,
            reply_to=self._setting.registered.format(name=back),
            correlation=parcel.answers or id_,
            content_type=SEALED,
            properties=properties,
            body=body,
            lasts=_SYNC_LASTS if is_sync else None,
        )

    async def _handed(self, message: wire.Message, address: str) -> None:
        if len(message.body) > wire.LARGEST - 65_536:
            raise Refused(f"The message weighs {len(message.body) // 2**20} MiB: more than queues carry.")
        try:
            outcome = await self._out.send(address, wire.written(message))
        except wire.Lost as error:
            raise Unreachable(str(error)) from None
        except wire.Denied as error:
            raise Refused(f"The broker has no queue {address} for us: {error}") from None
        if outcome == wire.REJECTED:
            raise Refused(f"The broker refused the message for {address}.")
        if outcome != wire.ACCEPTED:
            raise Unreachable(f"The broker could not put the message into {address}.")

    # --- In -----------------------------------------------------------------------------------------------------------

    async def receive(self, take: Take, stopping: asyncio.Event, failed: Heard | None = None) -> None:
        """Read our queues, and connect anew whenever the broker goes away."""
        tries = 0
        while not stopping.is_set():
            try:
                connection = await wire.connected(self._setting.place)
                try:
                    _log.info("queues are read", extra={"broker": self._setting.place.host})
                    await self._reading(connection, take, stopping, failed)
                    tries = 0
                finally:
                    await connection.close()
            except (wire.Lost, wire.Denied) as error:
                _log.warning("the broker is away", extra={"broker": self._setting.place.host, "why": str(error)})
            await _waited(stopping, min(self._setting.longest_wait, self._setting.first_wait * 2**tries))
            tries = min(tries + 1, 16)
        await self._out.close()

    async def _reading(
        self,
        connection: wire.Connection,
        take: Take,
        stopping: asyncio.Event,
        failed: Heard | None,
    ) -> None:
        links = [
            (await connection.receiver(self._setting.address(self._setting.queue(her, purpose)), _OPEN), her, purpose)
            for her in self._setting.hers
            for purpose in _PURPOSES
        ]
        readers = [
            asyncio.create_task(self._read(link, her, purpose, take, stopping, failed)) for link, her, purpose in links
        ]
        ends = [asyncio.create_task(stopping.wait()), asyncio.create_task(connection.lost.wait())]
        try:
            # A queue that the broker closes alone is opened again with the others: nobody else sees that one is unread.
            await asyncio.wait([*ends, *readers], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*readers, *ends):
                task.cancel()
            await asyncio.gather(*readers, *ends, return_exceptions=True)

    async def _read(
        self,
        link: wire.Receiver,
        her: str,
        purpose: Purpose,
        take: Take,
        stopping: asyncio.Event,
        failed: Heard | None,
    ) -> None:
        async def work(delivery: wire.Delivery) -> bool:
            try:
                message = wire.read(delivery.data)
            except wire.Malformed:
                return False
            if purpose == "error" or message.subject == FAULT:
                return await _told(message, failed)
            return await self._taken(message, her, purpose, take)

        workers: set[asyncio.Task[None]] = set()
        try:
            while True:
                task = asyncio.create_task(self._persistently(link, await link.next(), her, stopping, work))
                workers.add(task)
                task.add_done_callback(workers.discard)
        except (wire.Lost, wire.Denied):
            return
        finally:
            # What is being taken over is finished, so that it need not come again.
            if workers:
                _, left = await asyncio.wait(workers, timeout=_GRACE)
                for task in left:
                    task.cancel()

    async def _persistently(
        self,
        link: wire.Receiver,
        delivery: wire.Delivery,
        her: str,
        stopping: asyncio.Event,
        work: Callable[[wire.Delivery], Awaitable[bool]],
    ) -> None:
        """Take one over, however often it takes. What fails ten times after others went through is a dead letter; while
        nothing goes through it is not the message that is wrong, and it waits: a night without the record counts for
        nothing."""
        before, failures = self._passed, 0
        for attempt in range(1, 2**31):
            try:
                is_taken = await work(delivery)
            except Exception as error:
                told = {"attempt": attempt, "why": f"{type(error).__name__}: {_wordless(error)}"}
                _log.error("a message was not taken over", extra=told)
                failures += self._passed > before
                is_dead = failures >= _ATTEMPTS
            else:
                if is_taken:
                    link.settle(delivery, wire.ACCEPTED)
                    return
                is_dead = True
            if is_dead and await self._buried(link, delivery, her):
                return
            wait = self._setting.first_wait * 2 ** min(attempt, 12)
            if link.failed is None:
                await _waited(stopping, min(self._setting.longest_wait, wait))
            if stopping.is_set() or link.failed is not None:
                return

    async def _buried(self, link: wire.Receiver, delivery: wire.Delivery, her: str) -> bool:
        """Put away what nobody can take, before it leaves the queue."""
        if not self._setting.dead:
            link.settle(delivery, wire.REJECTED)
            return True
        try:
            address = self._setting.address(self._setting.dead.format(her=her))
            outcome = await self._out.send(address, delivery.data)
        except (wire.Lost, wire.Denied) as error:
            _log.error("a dead letter could not be put away", extra={"why": str(error)})
            return False
        if outcome == wire.ACCEPTED:
            link.settle(delivery, wire.ACCEPTED)
        return outcome == wire.ACCEPTED

    async def _taken(self, message: wire.Message, her: str, purpose: Purpose, take: Take) -> bool:
        """Judge a message, hand it over, and hand its receipts to the broker. False for what is to be put away."""
        setting = self._setting
        found = await judged(
            message,
            setting.hers,
            keys=setting.keys,
            trust=setting.trust(),
            register=self._register,
            kinds=setting.kinds,
        )
        taken = await take(found.arrived) if found.arrived is not None else Taken((), _nothing)
        is_handed = True
        for receipt in taken.receipts:
            address = message.reply_to if purpose == "sync" else ""
            # A receipt mirrors what its message said, also of somebody who is not here; who sends it is one of us.
            sender = receipt.sender if receipt.sender in setting.hers else her
            try:
                await self.send(replace(receipt, sender=sender, address=address or receipt.address))
            except Refused as error:
                # The message is taken; that its sender is not told so is for a person.
                _log.error("a receipt could not be sent", extra={"to": receipt.receiver, "why": str(error)})
                is_handed = False
                if taken.refused is not None:
                    await taken.refused(receipt, str(error))
        if is_handed:
            await taken.handed()
        if found.problem is not None and not (found.problem.is_mild and taken.receipts):
            await self._complained(message, found.problem, her, found.party)
        # A fault that was heard is no sign that the record takes messages.
        self._passed += found.arrived is not None
        return found.arrived is not None

    async def _complained(self, message: wire.Message, problem: Problem, her: str, party: Party | None) -> None:
        """Tell the sender's error queue. Where there is none, nobody can be told."""
        to = self._error_queue(message, party)
        if not to:
            return
        now = datetime.now(UTC)
        told = {
            "fromHerId": her,
            "toHerId": str(message.properties.get("fromHerId") or ""),
            "applicationTimeStamp": _stamp(now),
            "originalMessageId": message.id,
            "receiverTimeStamp": _stamp(now),
            "errorCondition": problem.condition,
            "errorDescription": problem.words,
        }
        if problem.about:
            told["errorConditionData"] = json.dumps(problem.about)
        fault = wire.Message(
            id=str(uuid5(_IDS, f"{message.id}|{problem.condition}")),
            to=to,
            subject=FAULT,
            reply_to=self._setting.registered.format(name=self._setting.queue(her, "error")),
            correlation=message.id,
            content_type="application/soap+xml",
            properties=told,
        )
        try:
            await self._handed(fault, self._setting.address(to))
        except Refused as error:
            _log.warning("a sender could not be told of a fault", extra={"to": to, "why": str(error)})

    def _error_queue(self, message: wire.Message, party: Party | None) -> str:
        if party is not None:
            return party.queues.get("error") or self._setting.queue(party.her, "error")
        back, _, purpose = message.reply_to.rpartition("_")
        return f"{back}_error" if back and purpose else ""


async def _told(message: wire.Message, failed: Heard | None) -> bool:
    """A fault that somebody found in what we sent. Where nobody listens it is put away, for a person to see."""
    if failed is None:
        return False
    given = message.properties
    await failed(
        Failed(
            str(given.get("originalMessageId") or message.correlation),
            str(given.get("errorCondition") or "transport:unknown")[:100],
            str(given.get("errorDescription") or "")[:300],
        )
    )
    return True


def _queue_of(parcel: Parcel) -> str:
    """The queue that a parcel is addressed to; "" where its Endpoint says the HER-id alone, as most do."""
    return "" if parcel.address.isdigit() else parcel.address


async def _nothing() -> None:
    pass


def _wordless(error: Exception) -> str:
    """What may stand in a log: our own words, and nothing that others may have taken from a message."""
    return str(error) if isinstance(error, Unreachable | Refused | Unknowable) else ""


def _stamp(now: datetime) -> str:
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


async def _waited(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()
