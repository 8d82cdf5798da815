"""The International Patient Summary of a patient, as whoever asks may read it. hl7.org/fhir/uv/ips

    await summary(door, permit, patient, base=…, language=…, made=…) -> bytes     a Bundle of the type document

It is read by the same door as everything of the patient, and every page of that is logged. What the reader may not see
is not in it, and a section whose types are not for him says so: it does not say that there is nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final

from samjournal.access import Permit
from samjournal.extracts.document import COMPOSITION, USED, document, newest
from samjournal.extracts.sections import LANGUAGES, Resource
from samjournal.extracts.whole import gathered
from samjournal.fhir import exact
from samjournal.fhir.errors import Invalid
from samjournal.record import Door, Everything, new_id

SUMMARY: Final = "http://hl7.org/fhir/uv/ips/OperationDefinition/summary"
_REPORTS: Final = ("final", "amended", "corrected", "appended")


async def summary(
    door: Door, permit: Permit, patient: str, *, base: str, language: str = "nb", made: datetime | None = None
) -> bytes:
    """The Bundle as JSON. Numbers keep their digits. Raises as a read of the Patient does; Invalid for a language."""
    if language not in LANGUAGES:
        raise Invalid(f"A summary is written in {', '.join(LANGUAGES)}; “{language[:20]}” is none of them.")
    found: dict[str, Resource] = {}
    async for page in gathered(door, permit, patient, USED):
        found = await asyncio.to_thread(_with, found, page)
    withheld = [type_ for type_ in USED if not _reads(permit, type_)]
    return await asyncio.to_thread(
        _composed,
        found.pop(f"Patient/{patient}"),
        found,
        withheld=withheld,
        base=base,
        language=language,
        made=made or datetime.now(UTC),
        same=door.persons.ids(patient),
    )


def _with(found: dict[str, Resource], page: Everything) -> dict[str, Resource]:
    """What was found, and what of a page a summary has use for."""
    read = {one.reference: exact.decode(one.body) for one in (*page.matches, *page.referred) if one.body is not None}
    return _without_earlier(found | read)


def _composed(
    patient: Resource,
    found: Mapping[str, Resource],
    *,
    withheld: Collection[str],
    base: str,
    language: str,
    made: datetime,
    same: Collection[str],
) -> bytes:
    rest = (one for name, one in found.items() if not name.startswith("Patient/"))
    id_ = new_id()
    whole = document(patient, rest, withheld=withheld, base=base, language=language, made=made, id_=id_, same=same)
    return exact.encode(whole)


def _without_earlier(found: dict[str, Resource]) -> dict[str, Resource]:
    """What a summary has use for: of Observations that stand the newest of each kind."""
    seen = [one for one in found.values() if one["resourceType"] == "Observation" and one.get("status") in _SHOWN]
    kept = {f"Observation/{one['id']}" for one in newest(seen)}
    return {name: one for name, one in found.items() if one["resourceType"] != "Observation" or name in kept}


_SHOWN: Final = (*_REPORTS, "preliminary")


def _reads(permit: Permit, type_: str) -> bool:
    return permit.may("r", type_) and (permit.represents is None or type_ in permit.represents.level.reads)


__all__ = ["COMPOSITION", "SUMMARY", "summary"]
