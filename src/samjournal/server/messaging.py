"""Messages that come and go while the server runs, and what is looked after each night.

Each is a job as those of `worker`: a failure is logged, and the step tried again.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from typing import Final

from samjournal import access, exchange, messages, notes, record, referrals, rounds
from samjournal.exchange.folder import Folder
from samjournal.exchange.keeping import kept, renew
from samjournal.exchange.outbox import Outbox, hearing, step, taking
from samjournal.exchange.outgoing import rendered
from samjournal.exchange.register import Register
from samjournal.exchange.transport import Transport, Unreachable
from samjournal.fhir.dates import OSLO
from samjournal.record import Door
from samjournal.record.feed import changes_since, feed_place, keep_place
from samjournal.server.settings import Settings
from samjournal.server.worker import MINUTE, POLL, RETRY, SECOND, repeat

_log = logging.getLogger("samjournal.messaging")
_AT: Final = 3
"""The hour, in Oslo, at which the round of the night begins."""


async def carry_messages(door: Door, settings: Settings) -> None:
    """Take and send messages by every transport that is set up, for as long as the server runs. What the operator's
    schemas say is known from the start on."""
    permit = access.for_job("messages")

    async def once() -> bool:
        schemas = await exchange.schemas(door, permit)
        own: dict[str, Transport] = {Folder.name: Folder(settings.messages_dir)} if settings.messages_dir else {}
        transports = {**own, **settings.transports}
        outbox = Outbox(door, permit, rendered, transports, schemas.wrong if schemas else None, trust=settings.trust)
        register = settings.register
        async with asyncio.TaskGroup() as group:
            if register is not None:
                register.beside(partial(kept, door, permit))
                group.create_task(renew_addresses(door, register, settings.stopping))
            group.create_task(send_messages(outbox, settings.stopping))
            for transport in transports.values():
                group.create_task(take_messages(outbox, transport, settings.stopping))
        return False

    await repeat("the carrying of messages", once, every=RETRY, stopping=settings.stopping)


async def send_messages(outbox: Outbox, stopping: asyncio.Event) -> None:
    """Make, send and answer whatever waits."""

    async def once() -> bool:
        return await step(outbox, datetime.now(UTC)) > 0

    await repeat("the sending of messages", once, every=SECOND, stopping=stopping)


async def take_messages(outbox: Outbox, transport: Transport, stopping: asyncio.Event) -> None:
    """Take over what one transport brings, for as long as the server runs."""

    async def once() -> bool:
        await transport.receive(taking(outbox), stopping, hearing(outbox))
        return False

    await repeat(f"the taking of messages ({transport.name})", once, every=RETRY, stopping=stopping)


async def renew_addresses(door: Door, register: Register, stopping: asyncio.Event) -> None:
    """Ask the address register again for whom it was asked long ago: who takes nothing today is closed."""
    permit = access.for_job("messages")

    async def once() -> bool:
        try:
            return await renew(door, permit, register, datetime.now(UTC)) > 0
        except Unreachable as error:
            _log.warning("the address register is away", extra={"why": str(error)})
            return False

    await repeat("the renewal of addresses", once, every=10 * MINUTE, stopping=stopping)


async def watch_messages(door: Door, stopping: asyncio.Event) -> None:
    """Give to people what had no answer in time, and open places whose test got through."""
    permit = access.for_job("messages")

    async def once() -> bool:
        now = datetime.now(UTC)
        late = await messages.time_out(door, permit, now)
        if late:
            _log.warning("messages had no answer in time", extra={"messages": late})
        if opened := await messages.tested(door, permit, now):
            _log.info("places are open for messages", extra={"places": opened})
        return late >= messages.MOST_AT_ONCE

    await repeat("the watch over messages", once, every=MINUTE, stopping=stopping)


async def follow_referrals(door: Door, stopping: asyncio.Event) -> None:
    """Give referrals their steps as their messages go on, from where it was when the server stopped."""
    permit = access.for_job("referrals")

    async def once() -> bool:
        cursor = await feed_place(door, "referrals")
        changes, following = await changes_since(door, cursor)
        await referrals.follow(door, permit, changes, datetime.now(UTC))
        if following != cursor:
            await keep_place(door, "referrals", following)
        return len(changes) == 1000

    await repeat("the following of referrals", once, every=POLL * 2, stopping=stopping)


async def watch_referrals(door: Door, stopping: asyncio.Event) -> None:
    """Tell both sides of what is late, lead referrals of who joined or left the way he takes now, and remind of
    discharge summaries that went to nobody."""
    permit = access.for_job("referrals")

    async def once() -> bool:
        now = datetime.now(UTC)
        done = {
            "late": await referrals.late(door, permit, now),
            "moved": await referrals.switch(door, permit, now),
            "summaries": await notes.unsent_summaries(door, permit, now),
        }
        if any(done.values()):
            _log.info("referrals and summaries were seen to", extra=done)
        return False

    await repeat("the watch over referrals", once, every=MINUTE, stopping=stopping)


async def make_rounds(door: Door, stopping: asyncio.Event) -> None:
    """Make the round of the night once each night, from the first night after the installation on."""
    permit = access.for_job("rounds")

    async def once() -> bool:
        now = datetime.now(OSLO)
        if now.hour < _AT or await record.is_done(door, _round_of(now.date())):
            return False
        if await record.is_done(door, _FIRST):
            await rounds.make_rounds(door, permit, now)
        await record.remember(door, [_FIRST, _round_of(now.date())])
        return False

    await repeat("the round of the night", once, every=MINUTE, stopping=stopping)


_FIRST: Final = sha256(b"rounds are made").digest()


def _round_of(day: date) -> bytes:
    return sha256(f"round {day.isoformat()}".encode()).digest()
