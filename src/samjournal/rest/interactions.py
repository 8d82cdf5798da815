"""The interactions of FHIR R4, each one function from request to answer. hl7.org/fhir/R4/http.html"""

from __future__ import annotations

import re
from http import HTTPStatus

from samjournal import record
from samjournal.db.pool import Unavailable
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, FhirError, Invalid, NotFound, NotSupported
from samjournal.record import Change, Door, Entry, Stored
from samjournal.rest import answers
from samjournal.rest.answers import Answer, Done
from samjournal.rest.request import Request, path_of, query_of

ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}")
_VERSION = re.compile(r"[0-9]{1,9}")


async def read(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#read"""
    type_, id_ = request.path
    _refuse_parameters(request, "read")
    stored = await record.read(door, request.who(), type_, _id(type_, id_))
    if request.headers.get("if-none-match") == answers.etag(stored):
        return Answer(304, b"", {"etag": answers.etag(stored)})
    return answers.resource(stored)


async def vread(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#vread"""
    type_, id_, _, version = request.path
    if not _VERSION.fullmatch(version):
        raise NotFound(f"There is no version “{version[:40]}” of {type_}/{id_[:64]} here.")
    return answers.resource(await record.vread(door, request.who(), type_, _id(type_, id_), int(version)))


async def create(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#create. An id in the body is left aside: the server gives one."""
    (type_,) = request.path
    if "if-none-exist" in request.headers:
        raise NotSupported("Conditional create is not here yet. Search first, then create.")
    parsed = request.parsed()
    _same_type(type_, parsed.resource["resourceType"])
    (stored,) = await record.change(door, request.who(), [Change.received("create", parsed)])
    return _written(request, stored, 201)


async def update(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#update. An id that is not there is created."""
    type_, id_ = request.path
    _id(type_, id_, refuse=True)
    parsed = request.parsed()
    _same_type(type_, parsed.resource["resourceType"])
    if parsed.resource.get("id") != id_:
        raise Invalid(f"The resource's id must be {id_}, as in the address.", path=f"{type_}.id")
    made = Change.received("update", parsed, id_=id_, if_match=request.if_match())
    (stored,) = await record.change(door, request.who(), [made])
    return _written(request, stored, 201 if stored.created else 200)


async def delete(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#delete. The versions stay in the history."""
    type_, id_ = request.path
    deleting = Change.delete(type_, _id(type_, id_), if_match=request.if_match())
    (stored,) = await record.change(door, request.who(), [deleting])
    return Answer(204, b"", {"etag": answers.etag(stored)})


async def history(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#history of one instance, newest first, in pages."""
    type_, id_, _ = request.path
    count, before = 50, None
    for name, value in request.query:
        if name in ("_format", "_pretty"):
            continue
        if name not in ("_count", "_before") or not _VERSION.fullmatch(value):
            raise Invalid(f"History does not understand {name[:40]}={value[:40]}; it takes _count.")
        count, before = (min(int(value), 1000), before) if name == "_count" else (count, int(value))
    versions, total = await record.history(
        door, request.who(), type_, _id(type_, id_), count=max(count, 1), before=before
    )
    url = f"{request.base}/{type_}/{id_}/_history"
    last = versions[-1].stored.version if versions else 1
    following = f"{url}?_count={count}&_before={last}" if last > 1 else None
    return answers.history(versions, total=total, base=request.base, url=url, next_url=following)


async def search(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#search by GET, or by POST with a form."""
    type_ = request.path[0]
    pairs = request.query
    if request.method == "POST":
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media != "application/x-www-form-urlencoded":
            raise Invalid("A search by POST sends its parameters as application/x-www-form-urlencoded.")
        pairs = (*pairs, *query_of(request.body))
    query = record.query_of(type_, pairs, own=request.own)
    if query.summary == "count":
        total = await record.search_count(door, request.who(), query)
        return answers.counted(total, request.base, type_, query.asked)
    return answers.searchset(await record.search(door, request.who(), query), request.base)


async def bundle(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#transaction: a batch is as many requests, a transaction is one."""
    parsed = request.parsed()
    kind = parsed.resource.get("type")
    if parsed.resource["resourceType"] != "Bundle" or kind not in ("batch", "transaction"):
        raise Invalid("Only a Bundle of type batch or transaction can be sent to this address.", path="Bundle.type")
    entries = record.entries_of(parsed)
    if kind == "batch":
        return answers.responses("batch", [await _one(door, request, entry) for entry in entries], request.base)
    writing = [entry for entry in entries if entry.method not in ("GET", "HEAD")]
    stored = await record.transaction(door, request.who(), writing) if writing else []
    written = dict(zip([entry.place for entry in writing], stored or [], strict=True))
    done = []
    for entry in entries:
        if entry.place in written:
            done.append(_told(entry, written[entry.place], minimal=request.prefers("return=minimal")))
        else:
            done.append(await _read_entry(door, request, entry))
    return answers.responses("transaction", done, request.base)


async def _one(door: Door, request: Request, entry: Entry) -> Done:
    """One entry of a batch: it succeeds or fails for itself."""
    if entry.method in ("GET", "HEAD"):
        return await _read_entry(door, request, entry)
    try:
        stored = await record.transaction(door, request.who(), [entry])
        assert stored is not None
        return _told(entry, stored[0], minimal=request.prefers("return=minimal"))
    except FhirError as error:
        return Done(_status(error.status), error=error)


async def _read_entry(door: Door, request: Request, entry: Entry) -> Done:
    """A read in a batch or after a transaction's writes, which stand whatever comes of it."""
    try:
        return await _get(door, request, entry)
    except FhirError as error:
        return Done(_status(error.status), error=error)
    except Unavailable as error:
        return Done(_status(503), error=Busy(str(error)))


async def _get(door: Door, request: Request, entry: Entry) -> Done:
    """A read or search as an entry."""
    raw_path, _, raw_query = entry.url.removeprefix(request.base).partition("?")
    path, query = path_of(raw_path), query_of(raw_query.encode())
    if path and path[0] not in load().resources:
        raise NotFound(f"“{path[0][:60]}” is not a resource type of FHIR R4.")
    inner = Request("GET", path, query, {}, b"", request.permit, request.base, request.own)
    match path:
        case (_,):
            answer = await search(door, inner)
        case (_, _):
            answer = await read(door, inner)
        case (_, _, "_history"):
            answer = await history(door, inner)
        case (_, _, "_history", _):
            answer = await vread(door, inner)
        case _:
            raise Invalid(f"{entry.path}.request.url “{entry.url[:80]}” cannot be read.", path=entry.path)
    return Done("200 OK", body=answer.body)


def _told(entry: Entry, stored: Stored, *, minimal: bool) -> Done:
    status = 204 if stored.body is None else 201 if stored.created and entry.method != "DELETE" else 200
    return Done(_status(status), stored=stored, body=b"" if minimal else None)


def _status(status: int) -> str:
    return f"{status} {HTTPStatus(status).phrase}"


def _written(request: Request, stored: Stored, status: int) -> Answer:
    answer = answers.resource(stored, status=status, base=request.base, location=True)
    if request.prefers("return=minimal"):
        return Answer(status, b"", answer.headers)
    return answer


def _same_type(asked: str, sent: str) -> None:
    if asked != sent:
        raise Invalid(f"The address says {asked}, the resource is a {sent}.", path="resourceType")


def _id(type_: str, id_: str, *, refuse: bool = False) -> str:
    if ID.fullmatch(id_):
        return id_
    if refuse:
        raise Invalid(f"“{id_[:80]}” is not an id: letters, digits, - and ., at most 64.", path=f"{type_}.id")
    raise NotFound(f"There is no {type_}/{id_[:80]} here.")


def _refuse_parameters(request: Request, what: str) -> None:
    unknown = [name for name, _ in request.query if name not in ("_format", "_pretty")]
    if unknown:
        raise Invalid(f"A {what} does not take the parameter “{unknown[0][:60]}”.")
