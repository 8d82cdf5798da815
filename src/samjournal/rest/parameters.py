"""Named actions on a SearchParameter: search by it, no more, and how far it is. hl7.org/fhir/R4/operations.html"""

from __future__ import annotations

from typing import Any

import msgspec

from samjournal import record
from samjournal.record import Door, Indexed, Standing
from samjournal.rest.answers import Answer
from samjournal.rest.interactions import id_of, refuse_parameters
from samjournal.rest.request import Request


async def activate(door: Door, request: Request) -> Answer:
    """POST /fhir/SearchParameter/id/$activate"""
    return _told(await record.activate(door, request.who(), _id(request, "$activate")))


async def deactivate(door: Door, request: Request) -> Answer:
    """POST /fhir/SearchParameter/id/$deactivate"""
    return _told(await record.deactivate(door, request.who(), _id(request, "$deactivate")))


async def status(door: Door, request: Request) -> Answer:
    """GET /fhir/SearchParameter/id/$status"""
    return _told(await record.standing(door, request.who(), _id(request, "$status")))


def _id(request: Request, action: str) -> str:
    refuse_parameters(request.query, action)
    return id_of("SearchParameter", request.path[1])


def _told(one: Standing) -> Answer:
    parameters: list[dict[str, Any]] = [
        {"name": "active", "valueBoolean": one.active},
        {"name": "changed", "valueBoolean": one.changed},
    ]
    if one.code:
        parameters += [{"name": "code", "valueCode": one.code}, {"name": "type", "valueCode": one.kind}]
    parameters += [{"name": "base", "part": _parts(far)} for far in one.types]
    return Answer(200, msgspec.json.encode({"resourceType": "Parameters", "parameter": parameters}))


def _parts(far: Indexed) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = [
        {"name": "type", "valueCode": far.type},
        {"name": "searched", "valueBoolean": far.ready},
    ]
    if not far.ready:
        parts.append({"name": "done", "valueUnsignedInt": far.done})
        if far.total is not None:
            parts.append({"name": "total", "valueUnsignedInt": far.total})
        if far.rate:
            parts.append({"name": "rate", "valueDecimal": round(far.rate, 1)})
    return [*parts, {"name": "told", "valueString": far.told()}]
