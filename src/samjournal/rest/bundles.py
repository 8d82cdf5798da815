"""Batches and transactions: a batch is as many requests, a transaction is one. hl7.org/fhir/R4/http.html#transaction"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Sequence
from http import HTTPStatus

from samjournal import record
from samjournal.db.pool import BAD_VALUE, Unavailable
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, FhirError, Invalid, NotFound, Unsettled
from samjournal.record import Door, Entry, Stored
from samjournal.rest import answers, histories, interactions
from samjournal.rest.answers import Answer, Done
from samjournal.rest.request import LARGE, Request, path_of, query_of

_READS = ("GET", "HEAD")


async def bundle(door: Door, request: Request) -> Answer:
    """A Bundle to be done."""
    parsed = request.parsed()
    kind = parsed.resource.get("type")
    if parsed.resource["resourceType"] != "Bundle" or kind not in ("batch", "transaction"):
        raise Invalid("Only a Bundle of type batch or transaction can be sent to this address.", path="Bundle.type")
    entries = record.entries_of(parsed) if len(request.body) < LARGE else await to_thread(record.entries_of, parsed)
    if kind == "batch":
        return answers.responses("batch", [await _one(door, request, entry) for entry in entries], request.base)
    writing = [entry for entry in entries if entry.method not in _READS]
    stored = await record.transaction(door, request.who(), writing, own=request.own) if writing else []
    written = dict(zip([entry.place for entry in writing], stored, strict=True))
    done = []
    for entry in entries:
        if entry.place in written:
            done.append(_told(request, written[entry.place]))
        else:
            done.append(await _one(door, request, entry))
    return answers.responses("transaction", done, request.base)


async def _one(door: Door, request: Request, entry: Entry) -> Done:
    """One entry for itself, of a batch or a read after a transaction's writes, which stand whatever comes of it."""
    try:
        if entry.method in _READS:
            return await _get(door, request, entry)
        (stored,) = await record.transaction(door, request.who(), [entry], own=request.own)
        return _told(request, stored)
    except FhirError as error:
        return Done(_status(error.status), error=error)
    except BAD_VALUE:
        invalid = Invalid("A value is outside what can be searched or stored.", path=entry.path)
        return Done(_status(400), error=invalid)
    except Unavailable as error:
        return Done(_status(503), error=(Unsettled if error.unknown else Busy)(str(error)))


async def _get(door: Door, request: Request, entry: Entry) -> Done:
    """A read, search or history as an entry."""
    raw_path, _, raw_query = entry.url.removeprefix(request.base).partition("?")
    path, query = path_of(raw_path), query_of(raw_query.encode())
    if path and path[0] not in load().resources and path != ("_history",):
        raise NotFound(f"“{path[0][:60]}” is not a resource type of FHIR R4.")
    inner = Request("GET", path, query, entry.unless, b"", request.permit, request.base, request.own)
    match path:
        case ("_history",):
            answer = await histories.of_system(door, inner)
        case (_,):
            answer = await interactions.search(door, inner)
        case (_, "_history"):
            answer = await histories.of_type(door, inner)
        case (_, _):
            answer = await interactions.read(door, inner)
        case (_, _, "_history"):
            answer = await histories.of_instance(door, inner)
        case (_, _, "_history", _):
            answer = await interactions.vread(door, inner)
        case _:
            raise Invalid(f"{entry.path}.request.url “{entry.url[:80]}” cannot be read.", path=entry.path)
    return Done(_status(answer.status), body=answer.body)


def _told(request: Request, stored: Sequence[Stored]) -> Done:
    """What came of a write: a conditional delete may have removed several, or none."""
    if not stored or stored[0].body is None:
        return Done(_status(204), stored=stored[0] if len(stored) == 1 else None)
    one = stored[0]
    text = f"{one.reference} is version {one.version} now." if request.prefers("return=OperationOutcome") else None
    whole = text is None and not request.prefers("return=minimal")
    return Done(_status(201 if one.created else 200), stored=one, body=None if whole else b"", told=text)


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
