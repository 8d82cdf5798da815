"""What kinds of visit are called in the reader's language: an Appointment itself says it in bokmål alone.

in_words_of(door, permit, appointments, say) -> list[Resource]      the same, described as the unit calls it
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import FhirError
from samjournal.portal.appointments import visit_of
from samjournal.record import Door
from samjournal.scheduling import visit_type
from samjournal.ui.language import Language

MOST: Final = 12
"""So many kinds of visit are looked up for a page; more are called as the appointment says."""


async def in_words_of(
    door: Door, permit: Permit, appointments: Sequence[dict[str, Any]], _: Language
) -> list[dict[str, Any]]:
    """The appointments, each described by the name of its visit type; what is no longer there keeps its own words."""
    if _.code == "nb":
        return list(appointments)
    names: dict[str, str] = {}
    for id_ in list(dict.fromkeys(id_ for one in appointments if (id_ := visit_of(one))))[:MOST]:
        try:
            names[id_] = (await visit_type(door, permit, id_)).name(_.code)
        except FhirError:
            continue
    return [{**one, "description": names[id_]} if (id_ := visit_of(one)) in names else one for one in appointments]
