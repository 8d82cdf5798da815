"""`python -m bench.messages`: how many dialogue messages a second are taken from files and written into the record.

    python -m bench.messages [--messages N] [--people N] [--rounds N] [--processes N]

Each message is about one of so many people, and is answered. The best of the rounds is told, with the CPU time of the
commands and of PostgreSQL for each message.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

from bench.measuring import machine
from bench.processes import cpu_seconds
from bench.program import PROGRAM, Server, running
from samjournal.demo.numbers import birth_number
from samjournal.exchange.envelope import Ident, Party, Person
from samjournal.exchange.kinds import Dialog, Letter, dialog
from samjournal.exchange.xml import Coded
from samjournal.fhir.identifiers import FNR, HER

_BORN = date(1950, 1, 1)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--people", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--processes", type=int, default=2)
    asked = options.parse_args()
    people = _people(asked.people)
    with tempfile.TemporaryDirectory(prefix="samjournal-bench-") as folder:
        place = Path(folder)
        register = place / "register.ndjson"
        register.write_text("".join(json.dumps(one) + "\n" for one in _register(people)))
        rounds = asyncio.run(_measured(place, register, people, asked.messages, asked.rounds, asked.processes))
    print(f"{asked.messages} messages about {asked.people} people; {machine()}")
    for rate, spent in sorted(rounds, reverse=True):
        print(f"{rate:8.0f} messages a second; CPU ms each: {spent}")


def _people(count: int) -> list[tuple[str, date, str]]:
    """Names, birth dates and numbers."""
    rng, used = Random(1), set[str]()
    born = [_BORN + timedelta(days=rng.randrange(20_000)) for _ in range(count)]
    return [(f"Prøve{at}", day, birth_number(rng, day, woman=True, used=used)) for at, day in enumerate(born)]


def _register(people: list[tuple[str, date, str]]) -> list[dict[str, object]]:
    def organisation(id_: str, her: str, name: str, part_of: str = "") -> dict[str, object]:
        made = {"resourceType": "Organization", "id": id_, "active": True, "name": name}
        above = {"partOf": {"reference": f"Organization/{part_of}"}} if part_of else {}
        return {**made, "identifier": [{"system": HER, "value": her}], **above}

    return [
        organisation("bench-hospital", "800001", "Sykehuset"),
        organisation("bench-ward", "800002", "Medisin 3", "bench-hospital"),
        *(
            {
                "resourceType": "Patient",
                "id": f"bench-{at}",
                "identifier": [{"system": FNR, "value": number}],
                "name": [{"family": family, "given": ["Kari"]}],
                "gender": "female",
                "birthDate": born.isoformat(),
            }
            for at, (family, born, number) in enumerate(people)
        ),
    ]


def _letter(person: tuple[str, date, str]) -> bytes:
    family, born, number = person
    now = datetime.now(UTC)
    professional = Party("Kari Lege", (Ident("900002", "HER"), Ident("9144900", "HPR")), is_person=True)
    sender = Party("Fjordgløtt legesenter", (Ident("900001", "HER"),), within=professional)
    receiver = Party("Sykehuset", (Ident("800001", "HER"),), within=Party("Medisin 3", (Ident("800002", "HER"),)))
    letter = Letter(
        kind=Coded("DIALOG_HELSEFAGLIG", name="Helsefaglig dialog"),
        id=str(uuid4()),
        made=now,
        written=now,
        status="N",
        document=str(uuid4()),
        sender=sender,
        receiver=receiver,
        patient=Person(family, "Kari", born.isoformat(), "2", (Ident(number, "FNR"),)),
        author=professional,
    )
    return dialog.write(
        letter, Dialog(dialog.TOPICS["DIALOG_HELSEFAGLIG"], text="Hun faller oftere enn før. " * 20), "1.1"
    )


async def _measured(
    place: Path, register: Path, people: list[tuple[str, date, str]], count: int, rounds: int, processes: int
) -> list[tuple[float, dict[str, float]]]:
    found = []
    async with running(place / "data", demo=0) as server:
        await asyncio.to_thread(_run, server, "load", str(register))
        for turn in range(rounds):
            folder = place / f"in{turn}"
            folder.mkdir()
            for at in range(count):
                (folder / f"{at:06}.xml").write_bytes(_letter(people[at % len(people)]))
            before = server.cpu()
            took, ours = await asyncio.to_thread(_take, server, folder, place / f"out{turn}", processes)
            postgres = server.cpu()["postgres"] - before["postgres"]
            each = {"exchange": round(ours / count * 1000, 2), "postgres": round(postgres / count * 1000, 2)}
            found.append((count / took, each))
    return found


def _take(server: Server, folder: Path, out: Path, processes: int) -> tuple[float, float]:
    """Seconds that the commands took, and seconds of CPU in them."""
    began = time.monotonic()
    line = [PROGRAM, "exchange", "receive", "--data-dir", server.folder, "--out", out, folder]
    parts = [[*line, "--part", f"{part}/{processes}"] for part in range(1, processes + 1)]
    commands = [subprocess.Popen(part, stdout=subprocess.DEVNULL) for part in parts]
    spent = [0.0] * processes
    while any(one.poll() is None for one in commands):
        spent = [max(before, cpu_seconds(one.pid)) for before, one in zip(spent, commands, strict=True)]
        time.sleep(0.05)
    if any(one.returncode for one in commands):
        sys.exit("The messages were not taken; see above.")
    return time.monotonic() - began, sum(spent)


def _run(server: Server, command: str, *said: str) -> None:
    subprocess.run([PROGRAM, command, "--data-dir", server.folder, *said], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
