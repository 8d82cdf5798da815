"""Nothing is booked for somebody after his death: it would call the bereaved. hl7.org/fhir/R4/appointment.html"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from samjournal import access
from samjournal.db.pool import Connection
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Unprocessable
from samjournal.fhir.keys import SYSTEM
from samjournal.store.rows import Index

_COMING = frozenset({"proposed", "pending", "booked", "waitlist"})


class Booked(Protocol):
    """A change of which it may be asked."""

    @property
    def type(self) -> str: ...
    @property
    def resource(self) -> dict[str, Any] | None: ...
    @property
    def index(self) -> Index | None: ...


async def refuse_after_death(prepared: Sequence[Booked], db: Connection) -> None:
    """Refuse appointments that are to come for who is dead by then. Cancelled ones are fine, and what was. Raises
    Unprocessable."""
    whom: dict[int, datetime] = {}
    for one in prepared:
        told = one.resource if one.type == "Appointment" else None
        if told is None or one.index is None or told.get("status") not in _COMING or "start" not in told:
            continue
        for patient in {one.index.patient, *one.index.others} - {SYSTEM}:
            whom[patient] = max(span(told["start"]).lo, whom.get(patient, access.ALWAYS))
    if not whom:
        return
    for patient, died in (await access.died_of(db, whom.keys())).items():
        # Where only that it happened is known, what is to come from now on is after it.
        if whom[patient] > (datetime.now(UTC) if died == access.ALWAYS else died):
            raise Unprocessable("The patient is dead: nothing is booked after that. Cancel the appointment instead.")
