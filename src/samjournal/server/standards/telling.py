"""What is told to the operator while standards are added, and what became of everything at the end.

hl7.org/fhir/R4/operationoutcome.html
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from samjournal.record import Taken
from samjournal.server.standards.files import Contents
from samjournal.terminology.editions import Edition
from samjournal.terminology.lists import Fault

_LARGE = 300
_MANY = 40
"""When so many code systems come at once, small ones that are merely new are counted, not named."""


class Tally:
    """Faults, and how many resources were stored or were there."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self.faults = self.stored = self.unchanged = self._unnamed = 0

    def contents(self, found: Contents) -> None:
        """What is to be said of a file before anything of it is stored."""
        if found.encoding != "UTF-8":
            self.tell(f"{found.file}: read as {found.encoding}.")
        for fault in found.faults:
            self.fault(found.file, fault)
        if found.passed:
            passed = ", ".join(f"{count} {type_}" for type_, count in sorted(found.passed.items()))
            self.tell(f"{found.file}: passed over, not a standard: {passed}.")
        if found.is_empty:
            self.fault(found.file, Fault("", "there is nothing in it"))

    def fault(self, file: Path, fault: Fault) -> None:
        """Something that could not be taken."""
        self.faults += 1
        self.tell(f"WRONG {file}{', ' + fault.where if fault.where else ''}: {fault.text}")

    def edition(self, made: Edition, *, among: int) -> None:
        """What an edition brings."""
        codes = len(made.resource.get("concept", ()))
        if among >= _MANY and codes < _LARGE and not (made.renamed or made.withdrawn):
            self._unnamed += 1
            return
        name = made.resource.get("title") or made.resource.get("name") or made.resource["url"]
        version = made.resource.get("version", "unknown")
        changes = f"{made.added} new codes, {made.renamed} with another text, {made.withdrawn} withdrawn"
        self.tell(f"{name} ({made.resource['url']}), version {version}: {changes if not made.same else 'unchanged'}.")

    def taken(self, file: Path, one: Taken) -> None:
        """What became of a resource that went to the door."""
        if one.outcome == "refused":
            for issue in one.issues:
                self.fault(file, Fault(f"{one.type}/{one.id} {issue.path or ''}".strip(), issue.text))
        self.stored += one.outcome == "stored"
        self.unchanged += one.outcome == "unchanged"

    def end(self, *, dry_run: bool) -> None:
        """The sum of it."""
        if self._unnamed:
            self.tell(f"And {self._unnamed} smaller code systems.")
        stored = "would be stored" if dry_run else "stored"
        things = f"{self.stored} resource{'' if self.stored == 1 else 's'} {stored}"
        self.tell(f"{things}, {self.unchanged} unchanged, {self.faults} fault{'' if self.faults == 1 else 's'}.")
