"""What of a chart may come along with a referral: chosen by who writes it, with the values as they are now.

groups(snapshot, reader) -> list[Group]     pure; what is chosen beforehand is the newest of what matters
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from samjournal.record import Snapshot, Want
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.entries import entry, moment_of
from samjournal.workspace.facts import Reader, Resource, codings, joined, newest_first, said, standing, status
from samjournal.workspace.wants import BANNER

WANTS: Final = (
    *BANNER,
    Want("problems", "Condition", count=60),
    Want("medicines", "MedicationRequest", "status=active,on-hold&_sort=-authoredon", 60),
    Want("vitals", "Observation", "category=vital-signs&_sort=-date", 60, common=True),
    Want("labs", "Observation", "category=laboratory&_sort=-date", 60, common=True),
    Want("reports", "DiagnosticReport", "_sort=-date", 8),
    Want("documents", "DocumentReference", "_sort=-date", 8),
    Want("notes", "Composition", "_sort=-date", 6),
    Want("referral-tasks", "Task", "code=urn:samjournal:task|assess&_sort=-authored-on", 60),
    Want("referrals", "ServiceRequest", "category=urn:samjournal:request|referral&_sort=-authored", 60),
)
LATELY: Final = timedelta(days=30)
ENDED: Final = ("inactive", "resolved", "remission")


@dataclass(frozen=True, slots=True)
class Along:
    """One thing that may come along: its reference, and what it is called with its value and day."""

    reference: str
    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """What is of one kind."""

    code: str
    title: str
    lines: tuple[Along, ...]

    @property
    def chosen(self) -> int:
        return sum(one.is_chosen for one in self.lines)


def groups(snapshot: Snapshot, reader: Reader, chosen: Sequence[str] | None = None) -> list[Group]:
    """All that may come along; `chosen` are references that somebody chose, None when nobody has yet."""
    _, lists = reader.language, snapshot.lists
    problems = [one for one in standing(lists.get("problems", ())) if status(one, "clinicalStatus") not in ENDED]
    found = (
        ("problems", marked("Diagnoser"), problems, True),
        ("medicines", marked("Legemidler"), standing(lists.get("medicines", ())), True),
        ("allergies", marked("Allergier"), standing(lists.get("allergies", ())), True),
        ("vitals", marked("Siste målinger"), _latest(lists.get("vitals", ()), reader), True),
        ("labs", marked("Siste prøvesvar"), _latest(lists.get("labs", ()), reader), True),
        ("reports", marked("Undersøkelser"), newest_first(lists.get("reports", ()), "issued"), False),
        ("documents", marked("Dokumenter"), newest_first(lists.get("documents", ()), "date"), False),
        ("notes", marked("Notater"), _signed(lists.get("notes", ())), False),
    )
    return [
        Group(code, _(title), tuple(_along(one, reader, chosen, first=first) for one in some))
        for code, title, some, first in found
        if some
    ]


def _along(one: Resource, reader: Reader, chosen: Sequence[str] | None, *, first: bool) -> Along:
    reference = f"{one['resourceType']}/{one['id']}"
    return Along(reference, called(one, reader), first if chosen is None else reference in chosen)


def called(one: Resource, reader: Reader) -> str:
    """What something is called in a list: `Kreatinin 148 µmol/L, 24.11`."""
    line = entry(one, reader)
    name = line.title
    if one["resourceType"] == "AllergyIntolerance":
        name = said(one.get("code"), reader.language) or name
    day = formats.full_date(line.at) if line.at and one["resourceType"] not in ("Condition",) else ""
    return joined(" ".join(part for part in (name, line.rest) if part)[:140], day)


def _latest(observations: Iterable[Resource], reader: Reader) -> list[Resource]:
    """The newest of each kind of the last month."""
    found: dict[object, Resource] = {}
    for one in newest_first(observations, "effectiveDateTime", "issued"):
        at = moment_of(one)
        if not at or reader.now - formats.order(at) > LATELY:
            continue
        found.setdefault(next(codings(one.get("code")), said(one.get("code"), reader.language)), one)
    return list(found.values())[:24]


def _signed(notes: Iterable[Resource]) -> list[Resource]:
    return [one for one in newest_first(notes, "date") if one.get("status") in ("final", "amended")]
