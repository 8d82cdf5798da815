"""What somebody takes, from the first prescription to the last: started, changed, renewed, stopped.

hl7.org/fhir/R4/medicationrequest.html
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from samjournal.demo.chart import Chart, Resource, medicine, to
from samjournal.demo.clock import instant
from samjournal.demo.illnesses import Both, Drug
from samjournal.demo.staff import Staff

_VALID = timedelta(days=365)
"""A prescription lasts a year."""

# Medicines that somebody with these illnesses or allergies must not get here: beginnings of ATC codes.
_NOT_WITH = (
    ("B01AC", {"K78"}, set[str]()),
    ("B01AB", {"K78"}, set[str]()),
    ("C07", {"R96"}, set[str]()),
    ("A10BA", {"U99"}, set[str]()),
    ("M05BA", {"U99"}, set[str]()),
    ("C09AA", {"K86"}, set[str]()),
    ("C09CA", {"W78"}, set[str]()),
    ("C10AA", {"W78"}, set[str]()),
    ("J01AA", {"W78"}, set[str]()),
    ("N02CC", {"K74", "K76", "K90"}, set[str]()),
    ("J01CE", set[str](), {"Penicillin"}),
    ("J01CA", set[str](), {"Penicillin"}),
    ("J01CF", set[str](), {"Penicillin"}),
    ("J01CR", set[str](), {"Penicillin"}),
    ("M01", {"K77", "K78", "K76", "U99", "W78"}, {"Ibuprofen"}),
)

_ONE_OF = ("A02BC", "B01A", "C07", "C09", "C10AA", "N06AB")
"""Groups of which nobody takes two: acid, clots, heart rate, blood pressure, cholesterol, mood."""


def doubles(atc: str, taken: Collection[str]) -> bool:
    """Whether it would be a second medicine of a group of which one is enough: whoever has metoprolol for his heart
    rhythm gets no bisoprolol for a failing heart."""
    group = next((one for one in _ONE_OF if atc.startswith(one)), None)
    return group is not None and any(one != atc and one.startswith(group) for one in taken)


def suits(atc: str, codes: set[str], allergic: str | None) -> bool:
    """Whether a medicine may be given to somebody with these illnesses (ICPC-2) and this allergy."""
    return not any(
        atc.startswith(start) and (ill & codes or allergic in allergies) for start, ill, allergies in _NOT_WITH
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """A medicine as it is taken now: what it is, the order that says so, and who ordered it first."""

    drug: Drug
    order: Resource
    since: datetime


class Medicines:
    """The list of what is taken at home. Each change leaves the order that was, closed with the reason."""

    def __init__(self, chart: Chart, language: int) -> None:
        self._chart, self._language = chart, language
        self.taken: dict[str, Taken] = {}

    def __contains__(self, atc: str) -> bool:
        return atc in self.taken

    def start(
        self,
        by: Staff,
        drug: Drug,
        when: datetime,
        *,
        reason: Resource | None = None,
        code: Resource | None = None,
        encounter: Resource | None = None,
    ) -> Resource:
        """Begin a medicine, or a new dose of one that is taken."""
        before = self.taken.get(drug.atc)
        if before:
            _close(before.order, "stopped", self._words(("Dosen er endret", "Dosen er endra")))
        order = medicine(
            self._chart,
            by,
            drug.atc,
            drug.name,
            drug.dosage[self._language],
            since=when,
            reason=reason,
            code=code,
            encounter=encounter,
            as_needed=drug.as_needed,
        )
        if before:
            order["priorPrescription"] = to(before.order)
        self.taken[drug.atc] = Taken(drug, order, before.since if before else when)
        return order

    def stop(self, atc: str, why: Both) -> None:
        """Take a medicine off the list."""
        _close(self.taken.pop(atc).order, "stopped", self._words(why))

    def due(self, when: datetime) -> list[Taken]:
        """What was ordered almost a year ago or more."""
        return [
            taken
            for taken in self.taken.values()
            if datetime.fromisoformat(taken.order["authoredOn"]) < when - _VALID + timedelta(days=60)
        ]

    def renew(self, by: Staff, when: datetime, encounter: Resource | None = None) -> list[Taken]:
        """New prescriptions for what runs out; the same medicine, dose and reason."""
        renewed = self.due(when)
        for taken in renewed:
            _close(taken.order, "completed", None)
            order = dict(taken.order)
            order |= {
                "id": self._chart.number("medicine"),
                "meta": {"source": f"Organization/{by.role.organization_id}"},
                "status": "active",
                "authoredOn": instant(when),
                "requester": by.reference,
                "priorPrescription": to(taken.order),
            }
            order.pop("encounter", None)
            if encounter:
                order["encounter"] = to(encounter)
            self._chart.resources.append(order)
            self.taken[taken.drug.atc] = replace(taken, order=order)
        return renewed

    def pause(self, atc: str, why: str) -> None:
        """Leave a medicine on the list, not taken for now."""
        order = self.taken[atc].order
        order["status"] = "on-hold"
        order["statusReason"] = {"text": why}

    def end(self, why: str) -> None:
        """Everything stops."""
        for taken in self.taken.values():
            _close(taken.order, "stopped", why)
        self.taken.clear()

    def _words(self, both: Both) -> str:
        return both[self._language]


def _close(order: Resource, state: str, why: str | None) -> None:
    order["status"] = state
    if why:
        order["statusReason"] = {"text": why}
