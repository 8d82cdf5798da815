"""The schemas that the operator installed, kept in the record as a Library. hl7.org/fhir/R4/library.html

with_schemas(door, permit, files) -> dict, faults   the Library with these files in it, and what is no schema
schemas(door, permit) -> Schemas | None             what messages are checked by; None while there are none
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any, Final

from samjournal.access import Permit
from samjournal.exchange.schemas import Schemas, fitted
from samjournal.fhir.errors import Gone, NotFound
from samjournal.record import Door, read

ID: Final = "message-schemas"


async def with_schemas(
    door: Door, permit: Permit, files: Mapping[str, bytes]
) -> tuple[dict[str, Any], Mapping[str, str]]:
    """The Library as it will be: a file takes the place of the one with its name. Those that are no schemas stay out,
    and are named with why."""
    faults = (await asyncio.to_thread(fitted, files)).faults
    all_ = {**await _files(door, permit), **{name: data for name, data in files.items() if name not in faults}}
    made = {
        "resourceType": "Library",
        "id": ID,
        "status": "active",
        "title": "Skjemaer for meldinger",
        "type": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/library-type", "code": "asset-collection"}]
        },
        "content": [
            {"contentType": "application/xml", "title": name, "data": base64.b64encode(all_[name]).decode()}
            for name in sorted(all_)
        ],
    }
    return made, faults


async def schemas(door: Door, permit: Permit) -> Schemas | None:
    """The schemas that are there now."""
    files = await _files(door, permit)
    return await asyncio.to_thread(fitted, files) if files else None


async def _files(door: Door, permit: Permit) -> dict[str, bytes]:
    try:
        stored = await read(door, permit, "Library", ID)
    except (NotFound, Gone):
        return {}
    return {one["title"]: base64.b64decode(one["data"]) for one in stored.resource().get("content", ())}
