"""The jobs of notices as a process of its own, which a test kills: `python teller.py DSN PORT`.

It lives some minutes ahead, so that what is new now is due, and its pauses are as good as over.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from samjournal import access, accounts, letters
from samjournal.db.pool import connect
from samjournal.letters.channels import Channels
from samjournal.letters.sms import Gateway, Sms
from samjournal.record import open_door
from samjournal.record.feed import changes_since, feed_place, keep_place

AHEAD = timedelta(minutes=10)


async def main(dsn: str, port: int) -> None:
    pool = await connect(dsn, size=4)
    found = await accounts.installation(pool)
    assert found is not None
    door, permit = await open_door(pool, secret=found.secret), access.for_job("notices")
    gateway = Gateway(
        f"http://127.0.0.1:{port}/", {"to": "{to}", "text": "{text}"}, {"X-Api-Key": "hemmelig"}, patience=2
    )
    channels = Channels({"sms": Sms(gateway)}, address="https://samjournal.example", quiet=(0, 0))
    begun = datetime.now(UTC)
    while True:
        # Each second that passes is five minutes.
        now = datetime.now(UTC) + AHEAD + (datetime.now(UTC) - begun) * 300
        cursor = await feed_place(door, "notices")
        changes, following = await changes_since(door, cursor, limit=5)
        await letters.follow(door, permit, changes, channels.quiet, datetime.now(UTC))
        await keep_place(door, "notices", following)
        await letters.gather(door, permit, channels, now)
        await letters.send(door, permit, channels, now)
        print("round", flush=True)
        await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
