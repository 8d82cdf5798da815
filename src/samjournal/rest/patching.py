"""PATCH: a few changes to a resource, as JSON Patch or FHIRPath Patch. hl7.org/fhir/R4/http.html#patch"""

from __future__ import annotations

from asyncio import to_thread

from samjournal import record
from samjournal.fhir.errors import Invalid, UnsupportedMedia
from samjournal.fhir.patching import Patch, json_patch, path_patch
from samjournal.record import Door, Entry
from samjournal.rest import interactions
from samjournal.rest.answers import Answer
from samjournal.rest.request import LARGE, Request

FORMATS = "application/json-patch+json (JSON Patch), or Parameters as application/fhir+json or application/fhir+xml"


async def patch(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#patch"""
    type_, id_ = request.path
    interactions.refuse_parameters(request.query, "patch")
    return await _done(door, request, f"{type_}/{interactions.id_of(type_, id_)}")


async def conditional_patch(door: Door, request: Request) -> Answer:
    """The same for what a criterion finds: 404 when it is nothing, 412 when it is several."""
    return await _done(door, request, interactions.with_criterion(request))


async def _done(door: Door, request: Request, url: str) -> Answer:
    read = _sent(request) if len(request.body) < LARGE else await to_thread(_sent, request)
    entry = Entry(None, "PATCH", url, None, None, condition=request.condition(), patch=read)
    ((stored,),) = await record.transaction(door, request.who(), [entry], own=request.own)
    return interactions.written(request, stored)


def _sent(request: Request) -> Patch:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media == "application/json-patch+json":
        if not request.body:
            raise Invalid("The request has no body.")
        return json_patch(request.body)
    try:
        parsed = request.parsed()
    except UnsupportedMedia:
        raise UnsupportedMedia(f"A patch is sent as {FORMATS}, not {media[:80] or 'without a media type'}.") from None
    return path_patch(parsed)
