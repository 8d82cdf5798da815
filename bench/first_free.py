"""How long it takes to find the first free time of many calendars that are nearly full.

    python -m bench.first_free [--calendars N] [--weeks N] [--rounds N]

Fills the calendars of some persons and rooms through the door, all but one hour of the last day, and asks for the first
free time: of anybody, of the visit types of several units, and of three persons and a room at once. The goal is 100 ms
for 50 calendars and eight weeks. CPU is that of the program and of PostgreSQL, which a machine with other work to do
tells more truly than the clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench.measuring import machine
from bench.processes import cpu_seconds
from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.db import postgres as embedded
from samjournal.db.migrate import migrate
from samjournal.db.pool import connect
from samjournal.fhir.dates import OSLO
from samjournal.record import Arrival, Change, Door, change, open_door, take_in
from samjournal.scheduling import first_free, visit_types

LIMIT = 100.0
UNITS, ROOMS = 10, 10
MINUTES = 30
OPENS, CLOSES = 8, 16
Resource = dict[str, Any]


def _visit(id_: str, unit: str, needs: list[list[str]]) -> Resource:
    told: list[Resource] = [{"url": "minutes", "valueUnsignedInt": MINUTES}]
    for some in needs:
        kind = "room" if some[0].startswith("Location/") else "person"
        any_ = [{"url": "any", "valueReference": {"reference": one}} for one in some]
        told.append({"url": "need", "extension": [{"url": "kind", "valueCode": kind}, *any_]})
    days = ["mon", "tue", "wed", "thu", "fri"]
    open_ = {"daysOfWeek": days, "availableStartTime": f"{OPENS:02}:00:00", "availableEndTime": f"{CLOSES}:00:00"}
    return {
        "resourceType": "HealthcareService",
        "id": id_,
        "active": True,
        "category": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "visit"}]}],
        "providedBy": {"reference": f"Organization/{unit}"},
        "name": id_,
        "availableTime": [open_],
        "extension": [{"url": "urn:samjournal:visit", "extension": told}],
    }


def _register(calendars: int) -> Iterator[Resource]:
    physical = {"system": "http://terminology.hl7.org/CodeSystem/location-physical-type", "code": "ro"}
    for unit in range(UNITS):
        yield {"resourceType": "Organization", "id": f"u{unit}", "name": f"Unit {unit}"}
    for one in range(calendars):
        yield {"resourceType": "Patient", "id": f"pat{one}", "name": [{"family": "Hansen"}]}
        yield {"resourceType": "Practitioner", "id": f"p{one}"}
        yield {
            "resourceType": "PractitionerRole",
            "id": f"r{one}",
            "active": True,
            "practitioner": {"reference": f"Practitioner/p{one}"},
            "organization": {"reference": f"Organization/u{one % UNITS}"},
        }
    for room in range(ROOMS):
        place = {"resourceType": "Location", "id": f"room{room}", "status": "active", "name": f"Room {room}"}
        yield {**place, "physicalType": {"coding": [physical]}}
    people = [f"PractitionerRole/r{one}" for one in range(calendars)]
    yield _visit("anybody", "u0", [people])
    for unit in range(UNITS):
        yield _visit(f"of-u{unit}", f"u{unit}", [people[unit::UNITS]])
    third = len(people) // 3
    rooms = [f"Location/room{room}" for room in range(ROOMS)]
    yield _visit("together", "u0", [people[:third], people[third : 2 * third], people[2 * third :], rooms])


def _appointments(calendars: int, days: list[date]) -> Iterator[Resource]:
    """Every half hour of everybody, but for the last of the last day. A room goes with some."""
    for day in days:
        for half in range((CLOSES - OPENS) * 60 // MINUTES):
            start = datetime(day.year, day.month, day.day, OPENS, tzinfo=OSLO) + timedelta(minutes=MINUTES * half)
            end = start + timedelta(minutes=MINUTES)
            if day == days[-1] and end.hour == CLOSES:
                continue
            for one in range(calendars):
                who = [f"Patient/pat{one}", f"PractitionerRole/r{one}"]
                who += [f"Location/room{one}"] if one < ROOMS else []
                yield {
                    "resourceType": "Appointment",
                    "id": f"a{day:%m%d}-{half}-{one}",
                    "status": "booked",
                    "start": start.astimezone(UTC).isoformat(),
                    "end": end.astimezone(UTC).isoformat(),
                    "participant": [{"actor": {"reference": name}, "status": "accepted"} for name in who],
                }


async def _fill(door: Door, permit: Permit, calendars: int, days: list[date]) -> int:
    await change(door, permit, [Change.update(one) for one in _register(calendars)])
    batch: list[Arrival] = []
    stored = 0
    for one in _appointments(calendars, days):
        batch.append(Arrival("Appointment", one["id"], json.dumps(one).encode()))
        if len(batch) == 500:
            stored += len(await take_in(door, permit, batch))
            batch = []
    return stored + len(await take_in(door, permit, batch))


async def measure(door: Door, permit: Permit, since: datetime, weeks: int, rounds: int) -> dict[str, dict[str, object]]:
    """Milliseconds of each question, and what was found."""
    every = {one.id: one for one in await visit_types(door, permit)}
    asked = {
        "anybody": [every["anybody"]],
        "of ten units": [every[f"of-u{unit}"] for unit in range(UNITS)],
        "three and a room": [every["together"]],
    }
    backend = await door.pool.fetchval("SELECT pg_backend_pid()")
    postmaster = _parent(backend)
    used = (0.0, 0.0)
    told: dict[str, dict[str, object]] = {}
    for name, visits in asked.items():
        spent, found = [], None
        for turn in range(rounds + 3):
            if turn == 3:
                used = _cpu(postmaster)
            begun = time.perf_counter()
            found = await first_free(door, permit, visits, since=since, weeks=weeks, now=since)
            spent.append((time.perf_counter() - begun) * 1000)
        here, there = (after - before for after, before in zip(_cpu(postmaster), used, strict=True))
        spent = sorted(spent[3:])
        told[name] = {
            "CPU ms": f"{here / rounds * 1000:.0f} + {there / rounds * 1000:.0f}",
            "least ms": round(spent[0], 1),
            "p50 ms": round(median(spent), 1),
            "p95 ms": round(quantiles(spent, n=20)[-1], 1),
            "found": found.start.astimezone(OSLO).isoformat() if found else None,
        }
    return told


def _parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def _cpu(postmaster: int) -> tuple[float, float]:
    """Seconds of processor that this program and the database have used."""
    return time.process_time(), cpu_seconds(postmaster)


async def _main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--calendars", type=int, default=50)
    options.add_argument("--weeks", type=int, default=8)
    options.add_argument("--rounds", type=int, default=40)
    asked = options.parse_args()
    monday = datetime.now(OSLO).date() + timedelta(days=7 - datetime.now(OSLO).weekday())
    days = [monday + timedelta(days=day) for day in range(7 * asked.weeks) if day % 7 < 5]
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        server = await embedded.start(embedded.at(Path(folder)))
        try:
            await migrate(server.dsn)
            pool = await connect(server.dsn, size=10)
            made = await accounts.create(pool, kind="demo")
            door = await open_door(pool, secret=made.secret)
            permit = access.for_system("bench", scope=None, request="bench")
            begun = time.perf_counter()
            stored = await _fill(door, permit, asked.calendars, days)
            filled = round(time.perf_counter() - begun)
            await pool.execute("ANALYZE")
            since = datetime(monday.year, monday.month, monday.day, tzinfo=OSLO)
            told = await measure(door, permit, since, asked.weeks, asked.rounds)
            claims = await pool.fetchval("SELECT count(*) FROM store.occupied")
            await pool.close()
        finally:
            await embedded.stop(server)
    print(
        json.dumps(
            {"machine": machine(), "appointments": stored, "rows": claims, "filled in s": filled, **told}, indent=1
        )
    )
    return 0 if all(float(str(one["p95 ms"])) <= LIMIT for one in told.values()) else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(_main()))
