"""What came of a load: counted by type and by file, faults told once and kept for the report."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from samjournal.server.load.aside import Aside, Fault

Outcome = Literal["stored", "unchanged", "left", "refused"]
OUTCOMES: tuple[Outcome, ...] = ("stored", "unchanged", "left", "refused")
State = Literal["loaded", "loaded before", "with faults", "not read", "passed over"]
SHOWN = 200
SHOWN_OF_FILE = 20
"""So many faults are told on the terminal, in all and of one file; the report has them all."""


@dataclass(slots=True)
class FileTally:
    """One file. `open` is how many of its resources are under way; `key` is what the record remembers it by."""

    number: int
    name: str
    size: int
    key: bytes = b""
    open: int = 0
    read: bool = False
    before: bool = False
    passed: str = ""
    found: int = 0
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    faults: int = 0

    @property
    def state(self) -> State:
        if self.passed:
            return "passed over"
        if self.before:
            return "loaded before"
        if self.faults:
            return "with faults"
        return "loaded" if self.whole else "not read"

    @property
    def whole(self) -> bool:
        """Every resource of it is in the record."""
        return self.read and not self.open and not self.faults


class Tally:
    """All of a load."""

    def __init__(self, aside: Aside, tell: Callable[[str], None]) -> None:
        self._aside = aside
        self._tell = tell
        self.files: list[FileTally] = []
        self.types: dict[str, Counter[Outcome]] = {}
        self.faults = 0
        self.notes = 0
        self.began = time.monotonic()

    def count(self, file: FileTally, type_: str, outcome: Outcome) -> None:
        file.outcomes[outcome] += 1
        self.types.setdefault(type_, Counter())[outcome] += 1

    def fault(self, file: FileTally, line: int, path: str, rule: str, text: str) -> None:
        """Something is wrong: tell it, and keep it."""
        file.faults += 1
        self.faults += 1
        self._aside.fault(Fault(file.name, line, path, rule, text))
        if self.faults <= SHOWN and file.faults <= SHOWN_OF_FILE:
            place = f"{file.name}:{line}" if line else file.name
            self._tell(f"REFUSED {place}{f' {path}' if path else ''}: {text}")
        elif self.faults == SHOWN + 1 or (self.faults <= SHOWN and file.faults == SHOWN_OF_FILE + 1):
            where = "" if self.faults > SHOWN else f" in {file.name}"
            self._tell(f"More is wrong{where} than is told here: --report FILE writes all of it.")

    def note(self, file: FileTally, line: int, path: str, text: str) -> None:
        """Something that whoever signs should know, though it was loaded."""
        self.notes += 1
        self._aside.fault(Fault(file.name, line, path, "informational", text, "note"))

    @property
    def resources(self) -> int:
        return sum(counts.total() for counts in self.types.values())

    @property
    def seconds(self) -> float:
        return max(time.monotonic() - self.began, 0.001)

    def sum(self, outcome: Outcome) -> int:
        return sum(counts[outcome] for counts in self.types.values())
