"""Messages leave by their channels: tried again with longer pauses, then by the next channel, then as a letter, then as
work for a person. None is given up in silence.

    send(door, permit, channels, now) -> int        how many were tried

A message is taken before it is sent, and due again after a pause when nothing is heard of it: a crash between sends it
once more, with the same id, which the other side knows again. What is known as delivered is never sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.db.pool import Unavailable
from samjournal.db.queries import queries
from samjournal.letters.byhand import give
from samjournal.letters.channels import Channels, Parcel
from samjournal.letters.faults import Refused, Unreachable
from samjournal.letters.kinds import KINDS, Channel
from samjournal.letters.outbox import instead
from samjournal.letters.paper import Unprintable, pdf
from samjournal.letters.people import Reached, reached
from samjournal.letters.push import Gone
from samjournal.letters.timing import waking
from samjournal.letters.wishes import forget
from samjournal.letters.words import letter, said
from samjournal.record import Door

_SQL = queries("samjournal.letters")
_log = logging.getLogger("samjournal.letters")
MOST: Final = 50
FIRST: Final = timedelta(minutes=1)
"""The pause after the first try; it doubles with each, up to two hours."""
PATIENCE: Final = {
    "urgent": timedelta(minutes=20),
    "ordinary": timedelta(hours=12),
    "information": timedelta(hours=24),
}
"""So long a digital channel is tried before the next."""
LETTERS: Final = timedelta(days=2)
"""So long the printing house is tried before letters are printed by hand."""
_WEEK: Final = timedelta(days=7)
TEMPLATE: Final = "letters/templates/letter.typ"


async def send(door: Door, permit: Permit, channels: Channels, now: datetime) -> int:
    """Try all that is due. Returns after all were tried."""
    usable = [*channels.by_name, *(["push"] if channels.push else []), "letter", "hand", "person"]
    rows = await door.pool.fetch(_SQL.claim, now, MOST, list(dict.fromkeys(usable)), FIRST)
    tried = await asyncio.gather(*(_send(door, permit, channels, row, now) for row in rows), return_exceptions=True)
    for error in tried:
        if isinstance(error, BaseException):
            _log.error("a notice could not be sent and is tried again", exc_info=error)
    return len(rows)


async def _send(door: Door, permit: Permit, channels: Channels, row: Any, now: datetime) -> None:
    if row["before"] is not None and row["before"] <= now and row["channel"] != "person":
        await _over(door, row, "over", now)
        return
    if row["channel"] in ("hand", "person"):
        await give(door, permit, row, now)
        return
    try:
        found = await reached(door, permit, channels, row["person_id"])
        if found is None:
            await _over(door, row, "nobody", now)
            return
        receipt = await _delivered(door, channels, row, found, now)
    except Unreachable as error:
        await _later(door, permit, channels, row, str(error), now)
    except (Refused, Unprintable) as error:
        await fail(door, permit, channels, row, str(error), now)
    except Unavailable:
        raise  # The database is away: it was not sent, or it is sent once more.
    except Exception as error:
        # Whatever it is, it waits no longer for it than for a channel that is away.
        _log.exception("a notice could not be sent and is tried again")
        await _later(door, permit, channels, row, f"a fault of ours ({type(error).__name__})", now)
    else:
        await door.pool.fetchval(_SQL.delivered, row["id"], now, receipt)


async def _delivered(door: Door, channels: Channels, row: Any, found: Reached, now: datetime) -> str:
    """The receipt of whoever took it. Raises Unreachable, Refused."""
    channel: Channel = row["channel"]
    is_urgent = row["level"] == "urgent"
    if channel == "letter":
        if not found.envelope:
            raise Refused("no letter can be sent there")
        return await _to(
            channels, "letter", Parcel(row["id"], "", "", "", found.language, data=await printed(channels, found, now))
        )
    text = "bare" if found.is_protected else row["text"]
    words = said(text, found.language, link=channels.link)
    if channel == "push":
        return await _to_browsers(door, channels, row, found, words.title, words.short, now)
    kinds = [KINDS[one["kind"]] for one in await door.pool.fetch(_SQL.kinds_of, row["id"]) if one["kind"] in KINDS]
    to = found.address(channel, is_service=bool(kinds) and all(kind.is_service for kind in kinds))
    if not to:
        raise Refused("the person is not reached there any more")
    return await _to(
        channels,
        channel,
        Parcel(row["id"], to, words.title, words.text, found.language, is_urgent, row["before"]),
    )


async def _to(channels: Channels, name: str, parcel: Parcel) -> str:
    channel = channels.by_name.get(name)
    if channel is None:
        raise Refused("the channel is not set up any more")
    return await channel.send(parcel)


async def printed(channels: Channels, found: Reached, now: datetime) -> bytes:
    """The letter as PDF. Raises Unprintable."""
    values = letter(found.language, link=channels.link, phone=channels.phone, day=now.date())
    return await pdf(TEMPLATE, {**values, "receiver": list(found.envelope)}, made=now)


async def _to_browsers(
    door: Door, channels: Channels, row: Any, found: Reached, title: str, text: str, now: datetime
) -> str:
    """To every browser of the person; one that took it is enough."""
    push = channels.push
    if push is None or not found.devices:
        raise Refused("no browser shows notices any more")
    until = row["before"] or now + _WEEK
    seconds = max(60, min(int((until - now).total_seconds()), int(_WEEK.total_seconds())))
    link = "/portal" if not found.is_protected else "/"
    taken, faults = 0, list[Exception]()
    for one in found.devices:
        try:
            await push.send(
                one.browser,
                row["id"],
                title=title,
                text=text,
                link=link,
                language=found.language,
                is_urgent=row["level"] == "urgent",
                seconds=seconds,
            )
            taken += 1
        except Gone:
            await forget(door, [one.id])
        except (Unreachable, Refused) as error:
            faults.append(error)
    if taken:
        return f"{taken} browsers"
    raise next((one for one in faults if isinstance(one, Unreachable)), Refused("no browser shows notices any more"))


async def _later(door: Door, permit: Permit, channels: Channels, row: Any, fault: str, now: datetime) -> None:
    """Try again after the pause that the claim set, or go on to the next channel when it was tried long enough."""
    patience = LETTERS if row["channel"] == "letter" else PATIENCE[row["level"]]
    if now - row["made"] >= patience:
        await fail(door, permit, channels, row, fault, now)
        return
    pause = FIRST * min(2 ** (row["attempts"] - 1), 120)
    again = now + pause if row["level"] == "urgent" else waking(now + pause, channels.quiet)
    await door.pool.execute(_SQL.fault, row["id"], fault[:200], again)


async def fail(door: Door, permit: Permit, channels: Channels, row: Any, fault: str, now: datetime) -> None:
    """This channel does not carry it: the next one does, in the same transaction."""
    kinds = [KINDS[one["kind"]] for one in await door.pool.fetch(_SQL.kinds_of, row["id"]) if one["kind"] in KINDS]
    try:
        found = await reached(door, permit, channels, row["person_id"])
    except Unreachable:
        found = None
    channel, rest = _next(
        row["channel"], row["allowed"], kinds, bool(found and found.envelope), channels, row["before"], now
    )
    async with door.pool.transaction() as db:
        if await db.fetchval(_SQL.end, row["id"], "failed", now, fault[:200]) is None:
            return
        if channel is None:
            await db.execute(_SQL.untold, row["id"], "no-channel")
            return
        following = await db.fetchval(
            _SQL.add_sending,
            row["person"],
            row["person_id"],
            channel,
            list(rest),
            row["level"],
            row["text"],
            row["unit"],
            row["before"],
            now,
            now,
            row["id"],
        )
        await db.execute(_SQL.retold, row["id"], following)
    _log.info("a notice goes on by another channel", extra={"channel": row["channel"], "next": channel})


def _next(
    channel: str,
    allowed: Sequence[Channel],
    kinds: Sequence[Any],
    has_envelope: bool,
    channels: Channels,
    before: datetime | None,
    now: datetime,
) -> tuple[Channel | None, tuple[Channel, ...]]:
    """By what a message goes on that its channel did not carry, and what is left after that."""
    if channel == "letter":
        return ("hand" if has_envelope else "person"), ()
    usable = [one for one in allowed if channels.has(one)]
    if usable:
        return usable[0], tuple(usable[1:])
    choices = [instead(kind, before, has_envelope, channels, now) for kind in kinds]
    for one in ("person", "letter", "hand"):
        if one in choices:
            return one, ()
    return None, ()


async def _over(door: Door, row: Any, why: str, now: datetime) -> None:
    """It means nothing any more."""
    async with door.pool.transaction() as db:
        if await db.fetchval(_SQL.end, row["id"], "over", now, "") is not None:
            await db.execute(_SQL.untold, row["id"], why)
