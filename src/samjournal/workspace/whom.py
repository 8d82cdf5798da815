"""Whose page it is, for who books without opening the record: the head of an open chart, or what *find* shows.

whom(desk, patient_id) -> Whom      raises ReasonNeeded for who may not book unread, NotFound
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from samjournal.fhir.errors import NotFound, ReasonNeeded
from samjournal.record import Card, Snapshot, Want, cards_of, open_chart
from samjournal.scheduling import interpreting
from samjournal.workspace.desk import Desk
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.wants import BANNER

WANTS: Final = (*BANNER, Want("appointments", "Appointment", "_sort=-date", 60))


@dataclass(frozen=True, slots=True)
class Whom:
    """A patient: the chart where it is open, else what *find* shows."""

    id: str
    snapshot: Snapshot | None
    card: Card | None

    @property
    def name(self) -> str:
        """FAMILY, Given."""
        if self.card is not None:
            return ", ".join(part for part in (self.card.family.upper(), self.card.given) if part)
        return ""

    def spoken(self) -> str:
        """The language that the patient prefers, where the record says so and it is not Norwegian."""
        return interpreting.preferred(self.snapshot.patient) if self.snapshot else ""


async def whom(desk: Desk, patient_id: str) -> Whom:
    """The patient of a page of booking."""
    try:
        return Whom(patient_id, await open_chart(desk.door, desk.permit, patient_id, WANTS), None)
    except ReasonNeeded:
        if not (desk.permit.writes_unread("Appointment") and desk.permit.registers):
            raise
    found = await cards_of(desk.door, desk.permit, [patient_id])
    if not found:
        raise NotFound(f"There is no patient {patient_id}.")
    return Whom(found[0].id, None, found[0])


def headed(desk: Desk, who: Whom, *, here: str) -> dict[str, Any]:
    """What the head of such a page shows."""
    if who.snapshot is not None:
        return {**framed(desk, who.snapshot, reader_of(desk, who.snapshot), here=here), "closed": None}
    return {"desk": desk, "patient_id": who.id, "banner": None, "why": "", "kept_back": "", "tabs": [], "closed": who}
