"""`python -m bench.growth`: does the work of one request grow with the region? Fills three regions, measures each.

    python -m bench.growth [--sizes 1000,10000,100000] [--seconds S] [--rounds R] [--keep DIR] [--into FILE]

Each region has its register made by `samjournal demo --depth register`, and fifty resources for each person, all
through the door. Then all of them run at once, and each operation is measured on one after the other, some rounds, of
which the least CPU time stands: a machine that is slower for a while is slower for all of them. `--into` names the
page of documentation whose section between the growth marks is written anew, with the picture beside it in ../images.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import asyncpg

from bench.client import Client
from bench.growth_fill import fill
from bench.growth_page import Curve, picture, section, written
from bench.measuring import Operation, machine, measure
from bench.program import PROGRAM, Server, cookie_of, headers, running, token_of
from samjournal.db.pool import connect
from samjournal.db.postgres import reach
from samjournal.fhir.numbers import number

SAMPLE = 3000
CHART = "chart page"


@dataclass(frozen=True)
class Region:
    """A region that was made: how many people, resources and bytes, and how long it took."""

    people: int
    folder: Path
    resources: int
    bytes: int
    seconds: float


@dataclass(frozen=True)
class Known:
    """What the operations ask for: random ids of the region, and people as they are looked up."""

    observations: list[str]
    patients: list[str]
    numbers: list[str]
    born: list[tuple[str, str]]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="1000,10000,100000")
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--keep", type=Path, help="a folder for the regions; those that are there are used again")
    options.add_argument("--into", type=Path)
    asked = options.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    with tempfile.TemporaryDirectory(prefix="samjournal-growth-") as scratch:
        folder = asked.keep or Path(scratch)
        regions = [_made(folder / str(people), people) for people in sizes]
        curves = asyncio.run(_curves(regions, asked.seconds, asked.rounds))
    told = section(curves, [(one.people, one.resources, one.bytes, one.seconds) for one in regions], machine())
    print(told)
    if asked.into:
        asked.into.write_text(written(asked.into.read_text(), told))
        (asked.into.parent.parent / "images/growth.svg").write_text(picture(curves))


def _made(folder: Path, people: int) -> Region:
    """The region, made unless it is there already."""
    kept = folder / "region.json"
    if not kept.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        began = time.monotonic()
        command: list[str | Path] = [PROGRAM, "demo", "--data-dir", folder / "data", "--inhabitants", str(people)]
        subprocess.run([*command, "--depth", "register"], check=True)
        counted = asyncio.run(_filled(folder))
        kept.write_text(json.dumps({**counted, "seconds": time.monotonic() - began}))
    return Region(people, folder, **json.loads(kept.read_text()))


async def _filled(folder: Path) -> dict[str, int]:
    async with reach(folder / "data", purpose="growth") as dsn:
        pool = await connect(dsn, size=4, statement_timeout=60)
        await fill(pool)
        await pool.close()
        db = await asyncpg.connect(dsn)
        await db.execute("VACUUM ANALYZE")
        resources = await db.fetchval("SELECT count(*) FROM store.current")
        size = await db.fetchval("SELECT pg_database_size(current_database())")
        await db.close()
    return {"resources": resources, "bytes": size}


async def _curves(regions: list[Region], seconds: float, rounds: int) -> list[Curve]:
    best: dict[str, dict[int, float]] = {}
    known = {region.people: await _known(region.folder) for region in regions}
    async with contextlib.AsyncExitStack() as stack:
        servers = {
            region.people: await stack.enter_async_context(running(region.folder / "data", demo=None))
            for region in regions
        }
        names = [*_operations(known[regions[0].people]), CHART]
        for name, turn, region in itertools.product(names, range(rounds), regions):
            people = region.people
            spent = await _measured(servers[people], known[people], name, seconds)
            row = best.setdefault(name, {})
            row[people] = min(spent, row.get(people, spent))
            print(f"{name}, round {turn + 1}, {people} people: {spent:.3f} ms CPU", flush=True)
    return [Curve(name, [(region.people, row[region.people]) for region in regions]) for name, row in best.items()]


async def _known(folder: Path) -> Known:
    async with reach(folder / "data", purpose="growth") as dsn:
        db = await asyncpg.connect(dsn)
        observations = [row["id"] for row in await _sample(db, "Observation")]
        people = [json.loads(row["body"]) for row in await _sample(db, "Patient")]
        await db.close()
    return Known(
        observations,
        [one["id"] for one in people],
        [f"{i['system']}|{i['value']}" for one in people for i in one.get("identifier", ())[:1]],
        [(one["name"][0]["family"], one["birthDate"]) for one in people if "birthDate" in one],
    )


async def _sample(db: asyncpg.Connection, type_: str) -> list[asyncpg.Record]:
    """Some resources of a type, from pages of the table drawn at random."""
    total = await db.fetchval("SELECT count(*) FROM store.current WHERE type = $1 AND NOT deleted", number(type_))
    rows: list[asyncpg.Record] = await db.fetch(
        """SELECT c.id, v.body FROM store.current c TABLESAMPLE SYSTEM ($3) REPEATABLE (2026)
           JOIN store.version v USING (type, id, version) WHERE c.type = $1 AND NOT c.deleted LIMIT $2""",
        number(type_),
        SAMPLE,
        min(100.0, 300.0 * SAMPLE / max(total, 1)),
    )
    return rows


async def _measured(server: Server, known: Known, name: str, seconds: float) -> float:
    """CPU ms of one operation."""
    if name == CHART:
        return await _charts(server, seconds)
    system = token_of(server, "--system", "growth")
    return _cpu(await measure(server, system, name, _operations(known)[name], seconds, 4))


def _cpu(row: dict[str, object]) -> float:
    spent = row["cpu_ms"]
    assert isinstance(spent, dict)
    return float(sum(spent.values()))


def _operations(known: Known) -> dict[str, Operation]:
    async def read(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Observation/{rng.choice(known.observations)}")

    async def by_number(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Patient?identifier={quote(rng.choice(known.numbers))}")

    async def by_birth(client: Client, rng: random.Random) -> None:
        family, born = rng.choice(known.born)
        await client.send("GET", f"/fhir/Patient?family={quote(family)}&birthdate={born}")

    async def by_code(client: Client, rng: random.Random) -> None:
        asked = f"patient={rng.choice(known.patients)}&code=http://loinc.org|85354-9&_sort=-date&_count=20"
        await client.send("GET", f"/fhir/Observation?{asked}")

    async def newest(client: Client, rng: random.Random) -> None:
        await client.send("GET", f"/fhir/Observation?patient={rng.choice(known.patients)}&_sort=-date&_count=20")

    async def write(client: Client, rng: random.Random) -> None:
        body = {
            "resourceType": "Observation",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": f"Patient/{rng.choice(known.patients)}"},
            "effectiveDateTime": datetime.now(UTC).isoformat(timespec="seconds"),
            "valueQuantity": {"value": rng.randint(50, 120), "code": "/min", "system": "http://unitsofmeasure.org"},
        }
        await client.send("POST", "/fhir/Observation", json.dumps(body).encode())

    return {
        "read": read,
        "search by identifier": by_number,
        "search by name and birth date": by_birth,
        "search by patient and code": by_code,
        "search for the newest of a patient": newest,
        "write": write,
    }


async def _charts(server: Server, seconds: float) -> float:
    """The chart page of one patient after another of a GP's list, as the GP: CPU ms for each."""
    system = await Client.open(server.port, headers(token_of(server, "--system", "growth")))
    listed = json.loads(await system.send("GET", "/fhir/Patient?general-practitioner:Practitioner=magnus&_count=100"))
    if not listed.get("entry"):
        role = token_role(await system.send("GET", "/fhir/PractitionerRole?practitioner=Practitioner/magnus"))
        listed = json.loads(await system.send("GET", f"/fhir/Patient?general-practitioner={role}&_count=100"))
    system.close()
    ids = [entry["resource"]["id"] for entry in listed["entry"]]
    client = await Client.open(server.port, {"cookie": await cookie_of(server, "magnus")})
    ids = [id_ for id_ in ids if await _opens(client, id_)]
    before, began, count = server.cpu(), time.monotonic(), 0
    while time.monotonic() - began < seconds:
        await client.send("GET", f"/workspace/patients/{quote(ids[count % len(ids)])}")
        count += 1
    after = server.cpu()
    client.close()
    return sum(after[part] - before[part] for part in before) / count * 1000


async def _opens(client: Client, id_: str) -> bool:
    """Whether the chart is open: one on a list may keep his GP out of it."""
    try:
        await client.send("GET", f"/workspace/patients/{quote(id_)}")
    except RuntimeError:
        return False
    return True


def token_role(bundle: bytes) -> str:
    """The reference of the first role in a searchset."""
    return f"PractitionerRole/{json.loads(bundle)['entry'][0]['resource']['id']}"


if __name__ == "__main__":
    main()
