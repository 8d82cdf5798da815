"""How long the most frequent tasks take: `python -m bench.effort` lets the robot of `make effort` do them.

    python -m bench.effort [--rounds N] [--into FILE]

The tasks are those of `tests/acceptance/test_effort.py`, done in a real browser against the running program, on a fresh
demo region in each round; the median of the rounds stands. For each task:

- server: seconds that the browser waited for answers, from when a request was sent until the first byte, all of its
  requests one after the other; the stream of live pages and the static files apart;
- robot: seconds from the first key or click until what the task was for is seen. The robot looks anew after 0.1, 0.25
  and 0.5 s, so this is the longer for it, by up to so much for each thing that it waits for;
- person: an estimate by the Keystroke-Level Model (Card, Moran and Newell, Communications of the ACM 23:7, 1980) of
  what a practised person needs besides, counted from the keys and clicks of the robot. Nobody was timed.

`--into` names the page of documentation whose section between the marks of the seconds is written anew. It needs what
`make test` installs, a browser among it.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench.growth_page import written
from bench.measuring import machine
from bench.program import ROOT

sys.path.append(str(ROOT / "tests"))
if TYPE_CHECKING:
    from playwright.sync_api import Request

    from acceptance.effort import Step, Task
    from acceptance.reading import People

MARKS = ("<!-- seconds begin -->", "<!-- seconds end -->")
KEY = 0.28
"""K, of somebody who types 40 words a minute; a click or a tap is one too."""
POINT = 1.10
"""P: to bring the mouse there. The model was not made for fingers; a tap is taken to be as long."""
HOME = 0.40
"""H: the hand goes between keyboard and mouse."""
THINK = 1.35
"""M: before what is no content, once for keys that belong together, and to see what came."""


@dataclass(frozen=True)
class Took:
    """Seconds of one task: in the server, of the robot, and what a person is reckoned to need."""

    server: float
    robot: float
    person: float


def estimated(steps: Iterable[Step], *, touch: bool = False) -> float:
    """Seconds that a person needs for what the robot did, without the answers of the program. The hands lie on the
    keyboard at first; by touch there is none to go to."""
    seconds, hand, before = 0.0, "keyboard", ""
    for step in steps:
        if step.kind == "see":
            seconds += THINK
        else:
            device = "mouse" if step.kind == "click" else "keyboard"
            seconds += HOME if device != hand and not touch else 0
            seconds += THINK if step.kind == "click" or (step.kind == "press" and before != "press") else 0
            seconds += POINT + KEY if step.kind == "click" else step.count * KEY
            hand = device
        before = step.kind
    return seconds


def section(found: Sequence[tuple[str, str, Took]], machine: dict[str, object], rounds: int) -> str:
    """The section between the marks: each task with who does it and its seconds."""
    when = datetime.now(UTC).date().isoformat()
    lines = [
        MARKS[0],
        f"Measured {when} on {machine['cpu']}, {machine['cores']} cores with a load of {_load(machine)}, commit",
        f"{machine['commit']}, the median of {rounds} rounds.",
        "",
        "| Task | Who | Server, s | Robot, s | Person, s (estimate) |",
        "|---|---|--:|--:|--:|",
        *(
            f"| {name} | {who} | {took.server:.2f} | {took.robot:.2f} | {took.person:.1f} |"
            for name, who, took in found
        ),
        MARKS[1],
    ]
    return "\n".join(lines)


def _load(machine: dict[str, object]) -> str:
    load = machine["load"]
    return f"{load[0]:.0f}" if isinstance(load, list) else "unknown"


def _round() -> dict[str, Took]:
    """All tasks once, on a fresh region; those of one person one after the other, in the order of the list."""
    from playwright.sync_api import sync_playwright

    from acceptance import test_effort
    from acceptance.reading import People, chromium, launched
    from acceptance.running import started

    if chromium() is None:
        sys.exit(
            "There is no Chrome or Chromium on this machine: `sudo apt install chromium`, or run `make test` once."
        )
    with (
        tempfile.TemporaryDirectory(prefix="samjournal-effort-") as folder,
        started(Path(folder), inhabitants=60) as program,
        sync_playwright() as play,
    ):
        test_effort.prepare(program)
        browser = launched(play)
        people = People(browser, program.address, {})
        found: dict[str, Took] = {}
        for whose in test_effort.HANDS:
            tasks = [one for one in test_effort.TASKS if (one.who, one.unit, one.phone) == whose]
            found |= _done(people, tasks)
        browser.close()
    return found


def _done(people: People, tasks: Sequence[Task]) -> dict[str, Took]:
    from acceptance.effort import Hand
    from acceptance.reading import PHONE

    (who, unit, touch), found = (tasks[0].who, tasks[0].unit, tasks[0].phone), {}
    page = people.desk_of(who, unit=unit, **({"viewport": PHONE} if touch else {}))
    finished: list[Request] = []
    page.on("requestfinished", lambda request: finished.append(request))  # A method of C takes no wrapper.
    for task in tasks:
        page.goto(task.start)
        finished.clear()
        hand, began = Hand(page), time.monotonic()
        task.do(hand)
        robot = time.monotonic() - began
        server = sum(map(_waited, finished))
        found[task.name] = Took(server, robot, estimated(hand.steps, touch=touch))
    page.context.close()
    return found


def _waited(request: Request) -> float:
    """Seconds until the first byte of an answer; none for what is no page."""
    if "/static/" in request.url or "/live" in request.url:
        return 0.0
    timing = request.timing
    return max(0.0, timing["responseStart"] - timing["requestStart"]) / 1000


def _median(rounds: Sequence[dict[str, Took]], name: str) -> Took:
    all_of_it = [one[name] for one in rounds]
    return Took(
        statistics.median(one.server for one in all_of_it),
        statistics.median(one.robot for one in all_of_it),
        all_of_it[0].person,
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--into", type=Path)
    asked = options.parse_args()
    rounds = [_round() for _ in range(max(1, asked.rounds))]
    from acceptance.test_effort import TASKS

    about = machine()
    found = [(one.name, one.who + (", phone" if one.phone else ""), _median(rounds, one.name)) for one in TASKS]
    told = section(found, about, len(rounds))
    print(json.dumps(about))
    print(told)
    if asked.into:
        page = asked.into.read_text(encoding="utf-8")
        asked.into.write_text(written(page, told, MARKS), encoding="utf-8")


if __name__ == "__main__":
    main()
