"""Who is dead, as the record has it: a projection of Patient.deceased[x]. hl7.org/fhir/R4/patient-definitions.html

    died(patient) -> datetime | None          of one Patient; ALWAYS where only that it happened is known
    died_of(db, patients) -> {key: datetime}      of some patient keys, by any id that the person has
    is_dead(db, patient) -> bool

In SQL it is `access.died(patient key)`. A dead person signs in no more and books nothing; who cared for him reads on as
long as the relations run, then with a reason, and the log goes on.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from samjournal.access.blocks import ALWAYS
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.dates import span

_SQL = queries("samjournal.access")


def died(patient: dict[str, Any]) -> datetime | None:
    """The first moment at which a Patient may have died; None for the living."""
    at = patient.get("deceasedDateTime")
    if at is not None:
        return span(at).lo
    return ALWAYS if patient.get("deceasedBoolean") is True else None


async def died_of(db: Pool | Connection, patients: Collection[int]) -> dict[int, datetime]:
    """When those of some patients (keys) died who did; ALWAYS where only that it happened is known."""
    rows = await db.fetch(_SQL.deaths, list(patients))
    return {row["patient"]: row["died"] for row in rows}


async def is_dead(db: Pool | Connection, patient: int) -> bool:
    """Whether the person of a patient key is dead."""
    return bool(await died_of(db, [patient]))
