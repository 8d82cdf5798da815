"""Batches and transactions: a batch is as many requests, a transaction is one. hl7.org/fhir/R4/http.html#transaction"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from samjournal import record
from samjournal.db.pool import BAD_VALUE, Unavailable
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, FhirError, Invalid, NotFound, Unsettled
from samjournal.record import Door, Entry, Stored
from samjournal.rest import answers, histories, interactions, metadata, operations, searches
from samjournal.rest.answers import Answer, Done
from samjournal.rest.request import LARGE, Request, path_of, query_of

_READS = ("GET", "HEAD")
_CHANGING = frozenset(one.code for one in operations.OPERATIONS if one.changes)


async def bundle(door: Door, request: Request) -> Answer:
    """A Bundle to be done."""
    parsed = request.parsed()
    kind = parsed.resource.get("type")
    if parsed.resource["resourceType"] != "Bundle" or kind not in ("batch", "transaction"):
        raise Invalid("Only a Bundle of type batch or transaction can be sent to this address.", path="Bundle.type")
    entries = record.entries_of(parsed) if len(request.body) < LARGE else await to_thread(record.entries_of, parsed)
    if kind == "batch":
        made = {entry.full_url: entry.place for entry in entries if entry.full_url and entry.method == "POST"}
        return answers.responses("batch", [await _one(door, request, entry, made) for entry in entries], request.base)
    for entry in entries:
        entry.refuse_wrong()
        if (operation := _operation(entry.url)) in _CHANGING:
            told = f"{operation} cannot be part of a transaction. Send it alone, or in a batch."
            raise Invalid(entry.told(told), path=entry.under("request.url"))
    writing = [entry for entry in entries if not _is_read(entry)]
    read = await _read_ahead(door, request, entries)
    stored = await record.transaction(door, request.who(), writing, own=request.own) if writing else []
    written = dict(zip([entry.place for entry in writing], stored, strict=True))
    done = []
    for entry in entries:
        if entry.place in written:
            done.append(_told(request, written[entry.place]))
        else:
            done.append(read.get(entry.place) or await _one(door, request, entry))
    return answers.responses("transaction", done, request.base)


async def _read_ahead(door: Door, request: Request, entries: Sequence[Entry]) -> dict[int | None, Done]:
    """What a transaction reads, tried before it writes: all of it is done, or nothing. What is answered is by id and
    stands apart from what is written; the rest is read again afterwards. Raises what an entry would have been told."""
    reading = [entry for entry in entries if _is_read(entry)]
    if not reading:
        return {}
    touched = {
        path: entry.method for entry in entries if not _is_read(entry) and len(path := _path(request, entry)) == 2
    }
    ahead: dict[int | None, Done] = {}
    for entry in reading:
        path = _path(request, entry)
        if touched.get(path[:2]) == "DELETE":
            told = f"{'/'.join(path[:2])} is deleted by the same transaction, so it cannot be read in it."
            raise Invalid(entry.told(told), path=entry.under("request.url"))
        if path[:2] in touched:
            continue
        done = await _one(door, request, entry)
        if done.error is not None:
            told = f"{done.error.text} Nothing of the transaction was done."
            raise type(done.error)(entry.told(told), path=entry.under("request"))
        if len(path) in (2, 4) and not path[1].startswith(("$", "_")):
            ahead[entry.place] = done
    return ahead


def _path(request: Request, entry: Entry) -> tuple[str, ...]:
    return path_of(entry.url.removeprefix(request.base).partition("?")[0])


def _is_read(entry: Entry) -> bool:
    """Whether the entry only reads; operations that change nothing do."""
    return entry.method in _READS or _operation(entry.url) is not None or _is_search(entry)


def _is_search(entry: Entry) -> bool:
    """Whether it is a search that is asked for by POST."""
    return entry.method == "POST" and entry.url.partition("?")[0].rpartition("/")[2] == "_search"


def _operation(url: str) -> str | None:
    """The name of the operation that a url ends with."""
    last = url.partition("?")[0].rpartition("/")[2]
    return last if last.startswith("$") else None


async def _one(door: Door, request: Request, entry: Entry, made: Mapping[str, int | None] | None = None) -> Done:
    """One entry for itself, of a batch or a read after a transaction's writes, which stand whatever comes of it. `made`
    are the full urls that other entries of a batch create."""
    try:
        entry.refuse_wrong()
        if _is_read(entry):
            return await _get(door, request, entry)
        _refuse_leaning(entry, made or {})
        (stored,) = await record.transaction(door, request.who(), [entry], own=request.own)
        return _told(request, stored)
    except FhirError as error:
        return Done(_status(error.status), error=error)
    except BAD_VALUE:
        invalid = Invalid("A value is outside what can be searched or stored.", path=entry.path)
        return Done(_status(400), error=invalid)
    except Unavailable as error:
        return Done(_status(503), error=(Unsettled if error.unknown else Busy)(str(error)))


def _refuse_leaning(entry: Entry, made: Mapping[str, int | None]) -> None:
    """Entries of a batch stand for themselves: what one creates no other can refer to."""
    if entry.parsed is None or not made or entry.parsed.resource["resourceType"] == "Bundle":
        return
    for text in references.texts(entry.parsed.compact):
        place = made.get(text)
        if place is not None and place != entry.place:
            told = f"{text[:80]} is made by entry {place}, and entries of a batch stand for themselves."
            raise Invalid(entry.told(f"{told} Send them as a transaction."), path=entry.path)


async def _get(door: Door, request: Request, entry: Entry) -> Done:
    """A read, search or history as an entry."""
    raw_path, _, raw_query = entry.url.removeprefix(request.base).partition("?")
    path, query = path_of(raw_path), query_of(raw_query.encode())
    if path == metadata.PATH and request.statement is not None and entry.method in _READS:
        asked = tuple(pair for pair in query if pair[0] != "_format")  # An entry has the format of its Bundle.
        return _answered(metadata.answered(request.statement(), {}, asked), entry)
    if path and path[0] not in load().resources and path != ("_history",):
        raise NotFound(f"“{path[0][:60]}” is not a resource type of FHIR R4.")
    if _is_search(entry):
        if entry.parsed is not None:
            raise Invalid(
                entry.told("a search in a Bundle has its parameters in the url."), path=entry.under("resource")
            )
        path = path[:-1]
    method = "GET" if entry.method in _READS or _is_search(entry) else entry.method
    body = entry.parsed.compact if entry.parsed is not None and method == "POST" else b""
    inner = Request(
        method,
        path,
        query,
        entry.unless,
        body,
        request.permit,
        request.base,
        request.own,
        entry.parsed if body else None,
        request.used,
    )
    if _operation(entry.url) is not None:
        return await _operated(door, inner, entry)
    match path:
        case ("_history",):
            answer = await histories.of_system(door, inner)
        case ():
            answer = await searches.of_everything(door, inner)
        case (_,):
            answer = await searches.of_type(door, inner)
        case (_, "_history"):
            answer = await histories.of_type(door, inner)
        case (_, _):
            answer = await interactions.read(door, inner)
        case (_, _, "_history"):
            answer = await histories.of_instance(door, inner)
        case (_, _, "_history", _):
            answer = await interactions.vread(door, inner)
        case (_, _, _):
            answer = await searches.of_compartment(door, inner)
        case _:
            raise Invalid(f"{entry.path}.request.url “{entry.url[:80]}” cannot be read.", path=entry.path)
    return _answered(answer, entry)


async def _operated(door: Door, inner: Request, entry: Entry) -> Done:
    """An operation as an entry."""
    known = operations.at(inner.path, inner.method)
    if known is None:
        raise NotFound(entry.told(f"there is no operation at {entry.url[:80]} for {entry.method}."))
    return _answered(await known.answer(door, inner), entry)


def _answered(answer: Answer, entry: Entry) -> Done:
    body = b"" if entry.method == "HEAD" else answer.body
    return Done(_status(answer.status), body=body, etag=answer.headers.get("etag"))


def _told(request: Request, stored: Sequence[Stored]) -> Done:
    """What came of a write: a conditional delete may have removed several, or none."""
    if not stored or stored[0].body is None:
        return Done(_status(204), stored=stored[0] if len(stored) == 1 and stored[0].version else None)
    one = stored[0]
    text = f"{one.reference} is version {one.version} now." if request.prefers("return=OperationOutcome") else None
    whole = text is None and not request.prefers("return=minimal")
    return Done(_status(201 if one.created else 200), stored=one, body=None if whole else b"", told=text)


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"
