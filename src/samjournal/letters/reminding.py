"""Reminders: from ten in the morning, of the appointments some days ahead, as their unit chose; the day before where it
did not.

    remind(door, permit, quiet, now) -> int | None      how many notices; None when today's are made
    days_of(door, units), choose(door, permit, days)    what a unit chose, and chooses
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Final

from samjournal.access import Permit
from samjournal.db.queries import queries
from samjournal.fhir.dates import OSLO, span
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.letters.following import for_all, put
from samjournal.letters.sources import News, _patients
from samjournal.letters.units import unit_of
from samjournal.record import Door, is_done, remember
from samjournal.record.beside import every

_SQL = queries("samjournal.letters")
FROM: Final = 10
"""The hour in Oslo from which reminders are made."""
CHOICES: Final = (1, 2, 3, 7)
"""So many days before an appointment a unit may remind."""
USUAL: Final = (1,)


async def remind(door: Door, permit: Permit, quiet: tuple[int, int], now: datetime) -> int | None:
    """Make today's reminders, once. Cut off, it goes on: one that was made is not made again."""
    local = now.astimezone(OSLO)
    if local.hour < FROM or await is_done(door, _made(local.date())):
        return None
    chosen = {row["day"] for row in await door.pool.fetch(_SQL.all_days)}
    made = 0
    for days in sorted({*USUAL, *chosen}):
        made += await _of_day(door, permit, local.date() + timedelta(days=days), days, quiet, now)
    await remember(door, [_made(local.date())])
    return made


def _made(day: date) -> bytes:
    return sha256(f"reminders {day.isoformat()}".encode()).digest()


async def _of_day(door: Door, permit: Permit, day: date, days: int, quiet: tuple[int, int], now: datetime) -> int:
    made = 0
    asked = [("date", day.isoformat()), ("status", "booked")]
    async for page in every(door, permit, "Appointment", asked):
        for one in page:
            body = one.resource()
            start = span(body["start"]).lo if body.get("start") else None
            if start is None or start.astimezone(OSLO).date() != day:
                continue
            unit = await unit_of(door, permit, body)
            if days not in (await days_of(door, [unit]))[unit]:
                continue
            version = int(start.timestamp() // 60) * 8 + days
            for patient in _patients(body):
                news = News("reminder", one.reference, patient, before=start)
                made += await put(door.pool, await for_all(door, news, version, unit, quiet, now), now)
    return made


async def days_of(door: Door, units: Iterable[str]) -> dict[str, tuple[int, ...]]:
    """How many days before some units remind."""
    wanted = list(dict.fromkeys(units))
    rows = {row["unit"]: tuple(row["days"]) for row in await door.pool.fetch(_SQL.reminders, wanted)}
    return {unit: rows.get(unit, USUAL) for unit in wanted}


async def choose(door: Door, permit: Permit, days: Iterable[int]) -> None:
    """What the unit of a person at work chooses; none: it reminds nobody. Raises Forbidden, Invalid."""
    chosen = sorted(set(days))
    if permit.kind != "staff" or not permit.organization or not permit.may("u", "Appointment"):
        raise Forbidden("Who books for the unit chooses how it reminds.")
    if not set(chosen) <= set(CHOICES):
        raise Invalid("Choose among the days on the page.")
    await door.pool.execute(_SQL.keep_reminder, permit.organization, chosen, datetime.now(UTC), permit.actor)
