"""What each operation is, as an OperationDefinition. hl7.org/fhir/R4/operationdefinition.html

They come from the table of operations; a definition that was stored under the same id goes before.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from samjournal.fhir.errors import NotFound
from samjournal.record import Door
from samjournal.rest import interactions
from samjournal.rest.answers import Answer
from samjournal.rest.operations import OPERATIONS, Operation
from samjournal.rest.request import Request


async def read(door: Door, request: Request) -> Answer:
    """A stored definition, else that of an operation of ours."""
    try:
        return await interactions.read(door, request)
    except NotFound:
        mine = [one for one in OPERATIONS if one.id == request.path[1]]
        if not mine:
            raise
    return Answer(200, msgspec.json.encode(_definition(mine, request.base)))


def _definition(levels: Sequence[Operation], base: str) -> dict[str, object]:
    """One operation, at whatever levels it is answered."""
    first = levels[0]
    types = sorted({"Resource" if one.type == "*" else one.type for one in levels} - {""})
    told: dict[str, object] = {
        "resourceType": "OperationDefinition",
        "id": first.id,
        "url": f"{base}/OperationDefinition/{first.id}",
        "name": "".join(part.capitalize() for part in first.id.split("-")),
        "status": "active",
        "kind": "operation",
        "affectsState": first.changes,
        "code": first.name,
        "resource": types,
        "system": any(one.level == "system" for one in levels),
        "type": any(one.level == "type" for one in levels),
        "instance": any(one.level == "instance" for one in levels),
    }
    if first.is_standard:
        told["base"] = first.definition
    return {name: value for name, value in told.items() if value != []}
