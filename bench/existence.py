"""Can a reader tell by the clock what exists that he may not see? `python -m bench.existence` measures it.

    python -m bench.existence [--rounds N] [--seed S] [--out FILE]

One reader on one connection asks in turn, in an order drawn anew each round, for something that is there and closed to
him, and for something that is not there: both get the same answer, but for the id in it. For each way to ask: the two
medians, how often the one that is there takes longer (0.5: no clock tells them apart), and by the test of Mann and
Whitney how likely so much is by chance. All on one machine, without a network: nobody else has so good a clock.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.client import Client
from bench.measuring import machine
from bench.program import Server, headers, running, token_of

HIDDEN = 400
"""So many are there and closed, and as many are not there: each is asked for a few times, as a searcher would."""
CLOSED, OWN = "mina", "ragnhild"
SYSTEM = "urn:bench:existence"
_JSON = "content-type: application/fhir+json\r\n"
_PATCH = json.dumps([{"op": "add", "path": "/language", "value": "nb"}]).encode()


@dataclass(frozen=True)
class Way:
    """One way to ask: what is sent for the thing of an id, and which answer both must get."""

    name: str
    ask: Callable[[str], tuple[str, str, bytes, str]]  # method, path, body, one more header
    status: int


def _observation(id_: str, patient: str, **more: Any) -> bytes:
    return json.dumps({
        "resourceType": "Observation",
        "id": id_,
        "identifier": [{"system": SYSTEM, "value": id_}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-11-22T08:00:00Z",
        "valueQuantity": {"value": 72, "code": "/min", "system": "http://unitsofmeasure.org"},
        **more,
    }).encode()  # fmt: skip


def _get(path: str) -> Callable[[str], tuple[str, str, bytes, str]]:
    return lambda id_: ("GET", f"/fhir/Observation{path.format(id_)}", b"", "")


def _unless(id_: str) -> str:
    return f"{_JSON}if-none-exist: identifier={SYSTEM}|{id_}\r\n"


READING = (
    Way("read", _get("/{}"), 404),
    Way("vread", _get("/{}/_history/1"), 404),
    Way("history", _get("/{}/_history"), 404),
    Way("search by id", _get("?_id={}"), 200),
    Way("search by identifier", _get(f"?identifier={SYSTEM}|{{}}"), 200),
    Way("search by identifier, count alone", _get(f"?identifier={SYSTEM}|{{}}&_summary=count"), 200),
)
WRITING = (
    Way("conditional create", lambda id_: ("POST", "/fhir/Observation", _observation("x", CLOSED), _unless(id_)), 403),
    Way("PUT", lambda id_: ("PUT", f"/fhir/Observation/{id_}", _observation(id_, CLOSED), _JSON), 404),
    Way(
        "PATCH",
        lambda id_: ("PATCH", f"/fhir/Observation/{id_}", _PATCH, "content-type: application/json-patch+json\r\n"),
        404,
    ),
    Way("DELETE", lambda id_: ("DELETE", f"/fhir/Observation/{id_}", b"", ""), 404),
)  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What came of one way to ask, times in milliseconds."""

    reader: str
    way: str
    rounds: int
    there: float
    absent: float
    longer: float
    chance: float

    @property
    def row(self) -> str:
        difference = (self.there - self.absent) * 1000
        chance = f"{self.chance:.2g}" if self.chance >= 1e-6 else "< 0.000001"
        figures = f"{self.there:.2f} | {self.absent:.2f} | {difference:+.0f} | {self.longer:.2f} | {chance}"
        return f"| {self.reader} | {self.way} | {self.rounds:,} | {figures} |"


def compared(there: list[float], absent: list[float]) -> tuple[float, float]:
    """How often one of the first is longer than one of the second, and how likely so much is by chance: the two-sided
    test of Mann and Whitney, with the normal curve, which from some dozens on is as good as exact."""
    ranked: list[tuple[float, bool]] = sorted([(one, True) for one in there] + [(one, False) for one in absent])
    ranks = 0.0
    place = 0
    while place < len(ranked):
        end = place
        while end < len(ranked) and ranked[end][0] == ranked[place][0]:
            end += 1
        ranks += sum(mine for _, mine in ranked[place:end]) * (place + end + 1) / 2
        place = end
    pairs = len(there) * len(absent)
    above = ranks - len(there) * (len(there) + 1) / 2
    deviation = math.sqrt(pairs * (len(there) + len(absent) + 1) / 12)
    return above / pairs, math.erfc(abs(above - pairs / 2) / deviation / math.sqrt(2))


async def _timed(client: Client, way: Way, id_: str) -> float:
    """Seconds until the whole answer was there, which must be the one that both get."""
    method, path, body, more = way.ask(id_)
    began = time.perf_counter()
    status, answer = await client.ask(method, path, body, more.encode())
    took = time.perf_counter() - began
    if status != way.status:
        raise RuntimeError(f"{way.name}: {status} {answer[:300]!r}")
    return took


async def told(
    client: Client, reader: str, way: Way, there: list[str], absent: list[str], rounds: int, seed: int
) -> Told:
    """One way to ask, measured; the first tenth only warms up."""
    rng = random.Random(f"{seed} {reader} {way.name}")
    took: dict[bool, list[float]] = {True: [], False: []}
    for number in range(-rounds // 10, rounds):
        asked = [(True, rng.choice(there)), (False, rng.choice(absent))]
        rng.shuffle(asked)
        for exists, id_ in asked:
            seconds = await _timed(client, way, id_)
            if number >= 0:
                took[exists].append(seconds * 1000)
    longer, chance = compared(took[True], took[False])
    medians = statistics.median(took[True]), statistics.median(took[False])
    return Told(reader, way.name, rounds, *medians, longer, chance)


async def measured(server: Server, rounds: int, seed: int) -> list[Told]:
    rng = random.Random(seed)
    names = [f"{rng.getrandbits(64):016x}" for _ in range(4 * HIDDEN)]
    closed, held, *absent = (names[HIDDEN * part : HIDDEN * (part + 1)] for part in range(4))
    system = await Client.open(server.port, headers(token_of(server, "--system", "bench")))
    for some in _batches([*(_observation(id_, CLOSED) for id_ in closed), *(_observation(id_, OWN) for id_ in held)]):
        await system.send("POST", "/fhir", some)
    reported = [{"reference": f"Observation/{id_}"} for id_ in held]
    await system.send("PUT", "/fhir/DiagnosticReport/bench-held", _report(reported))
    found = []
    for reader, there, ways in (
        ("nurse, record closed", closed, (*READING, *WRITING)),
        ("citizen, another's", closed, READING),
        ("citizen, own, held back", held, READING),
    ):
        login = "ayla" if reader.startswith("nurse") else OWN
        client = await Client.open(server.port, {"authorization": f"Bearer {token_of(server, '--user', login)}"})
        for way in ways:
            found.append(await told(client, reader, way, there, absent[0], rounds, seed))
            print(found[-1].row, flush=True)
        client.close()
    system.close()
    return found


def _report(results: list[dict[str, str]]) -> bytes:
    category = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}
    return json.dumps({
        "resourceType": "DiagnosticReport",
        "id": "bench-held",
        "status": "final",
        "category": [category],
        "code": {"text": "held back"},
        "subject": {"reference": f"Patient/{OWN}"},
        "result": results,
    }).encode()  # fmt: skip


def _batches(bodies: list[bytes]) -> Iterator[bytes]:
    for start in range(0, len(bodies), 200):
        entries = [
            {"resource": one, "request": {"method": "PUT", "url": f"Observation/{one['id']}"}}
            for one in map(json.loads, bodies[start : start + 200])
        ]
        yield json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path)
    asked = options.parse_args()

    async def run(folder: Path) -> list[Told]:
        async with running(folder / "data", demo=500) as server:
            return await measured(server, asked.rounds, asked.seed)

    print("| reader | way to ask | rounds | there ms | absent ms | difference µs | there takes longer | by chance |")
    print("|---|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory(prefix="samjournal-existence-") as folder:
        rows = asyncio.run(run(Path(folder)))
    about = {"when": datetime.now(UTC).isoformat(timespec="seconds"), "seed": asked.seed, "machine": machine()}
    print(json.dumps(about))
    if asked.out:
        asked.out.write_text("\n".join(row.row for row in rows) + "\n")


if __name__ == "__main__":
    main()
