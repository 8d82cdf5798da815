"""The interactions of FHIR R4, each one function from request to answer. hl7.org/fhir/R4/http.html"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from msgspec.structs import replace

from samjournal import record
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Invalid, NotFound, UnknownParameter
from samjournal.record import Change, Door, Entry, Stored
from samjournal.rest import answers, provenance
from samjournal.rest.answers import Answer
from samjournal.rest.request import Pairs, Request
from samjournal.rest.shaping import shape_of

ID = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9\-.]{1,64}")
VERSION = re.compile(r"[0-9]{1,9}")
_OF_FORM = ("_format", "_pretty")


async def read(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#read"""
    type_, id_ = request.path
    shape, rest = shape_of(request.query, type_)
    refuse_parameters(rest, "read")
    if shape.count:
        raise Invalid("_summary=count counts what a search finds; a read gives one resource.")
    if type_ == "AuditEvent" and id_.startswith(record.LOOK):
        stored = await record.read_event(door, request.who(), id_of(type_, id_))
    else:
        stored = await record.read(door, request.who(), type_, id_of(type_, id_))
    if _has_it(request, stored):
        return Answer(304, b"", {"etag": answers.etag(stored)})
    return answers.resource(shape.of(stored))


async def vread(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#vread"""
    type_, id_, _, version = request.path
    shape, rest = shape_of(request.query, type_)
    refuse_parameters(rest, "vread")
    if not VERSION.fullmatch(version):
        raise NotFound(f"There is no version “{version[:40]}” of {type_}/{id_[:64]} here.")
    stored = await record.vread(door, request.who(), type_, id_of(type_, id_), int(version))
    if _has_it(request, stored):
        return Answer(304, b"", {"etag": answers.etag(stored)})
    return answers.resource(shape.of(stored))


async def create(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#create, #ccreate. An id in the body is left aside: the server gives one."""
    (type_,) = request.path
    refuse_parameters(request.query, "create")
    parsed = request.parsed()
    _same_type(type_, parsed.resource["resourceType"])
    if "if-none-exist" in request.headers or "x-provenance" in request.headers:
        full_url, told = provenance.beside(request)
        entry = Entry(None, "POST", type_, full_url, parsed, if_none_exist=request.headers.get("if-none-exist"))
        (stored,) = await _alone(door, request, entry, *told)
    else:
        (stored,) = await record.change(door, request.who(), [Change.received("create", parsed)])
    return written(request, stored)


async def update(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#update. An id that is not there is created."""
    type_, id_ = request.path
    refuse_parameters(request.query, "update")
    id_of(type_, id_, refuse=True)
    parsed = request.parsed()
    _same_type(type_, parsed.resource["resourceType"])
    if parsed.resource.get("id") != id_:
        raise Invalid(f"The resource's id must be {id_}, as in the address.", path=f"{type_}.id")
    if "x-provenance" in request.headers:
        _, told = provenance.beside(request, of=f"{type_}/{id_}")
        entry = Entry(None, "PUT", f"{type_}/{id_}", None, parsed, condition=request.condition())
        (stored,) = await _alone(door, request, entry, *told)
        return written(request, stored)
    made = Change.received("update", parsed, id_=id_, condition=request.condition())
    (stored,) = await record.change(door, request.who(), [made])
    return written(request, stored)


async def conditional_update(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#cond-update: what the criterion finds is written anew; when it is nothing, created."""
    (type_,) = request.path
    parsed = request.parsed()
    _same_type(type_, parsed.resource["resourceType"])
    full_url, told = provenance.beside(request)
    entry = Entry(None, "PUT", with_criterion(request), full_url, parsed, condition=request.condition())
    (stored,) = await _alone(door, request, entry, *told)
    return written(request, stored)


async def delete(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#delete. The versions stay in the history."""
    type_, id_ = request.path
    refuse_parameters(request.query, "delete", but=("_force",))
    force = dict(request.query).get("_force", "false")
    if force not in ("true", "false"):
        raise Invalid(f"_force is true or false, not “{force[:40]}”.")
    deleting = Change.delete(type_, id_of(type_, id_), condition=request.condition(), force=force == "true")
    (stored,) = await record.change(door, request.who(), [deleting])
    return _deleted(request, [stored])


async def conditional_delete(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#cdelete: all that the criterion finds, or none of it."""
    entry = Entry(None, "DELETE", with_criterion(request), None, None, condition=request.condition())
    return _deleted(request, await _alone(door, request, entry))


async def _alone(door: Door, request: Request, entry: Entry, *beside: Entry) -> tuple[Stored, ...]:
    """A request as a transaction of one entry, and of what is told beside it."""
    return (await record.transaction(door, request.who(), [entry, *beside], own=request.own))[0]


def with_criterion(request: Request) -> str:
    pairs = [pair for pair in request.query if pair[0] not in _OF_FORM]
    return f"{request.path[0]}?{urlencode(pairs)}"


def _has_it(request: Request, stored: Stored) -> bool:
    """Whether the client has this version already. hl7.org/fhir/R4/http.html#cread"""
    tags = request.headers.get("if-none-match")
    if tags is not None:
        return record.is_among(tags, stored.version)
    if "if-modified-since" not in request.headers:
        return False
    since = _moment(request.headers["if-modified-since"])
    return since is not None and stored.at.replace(microsecond=0) <= since


def _moment(text: str) -> datetime | None:
    """The moment of If-Modified-Since, as HTTP or (in a Bundle) FHIR writes it; one that cannot be read is left aside.
    RFC 9110 section 13.1.3"""
    try:
        moment = span(text).lo if "T" in text and "," not in text else parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def written(request: Request, stored: Stored) -> Answer:
    """What was stored, as far as the client prefers. hl7.org/fhir/R4/http.html#ops"""
    status = 201 if stored.created else 200
    answer = answers.resource(stored, status=status, base=request.base, location=True)
    if request.prefers("return=minimal"):
        return replace(answer, body=b"")
    if request.prefers("return=OperationOutcome"):
        return replace(answer, body=answers.all_is_well(f"{stored.reference} is version {stored.version} now."))
    return answer


def _deleted(request: Request, stored: Collection[Stored]) -> Answer:
    # What never was has no version.
    headers = {"etag": answers.etag(next(iter(stored)))} if len(stored) == 1 and next(iter(stored)).version else {}
    if request.prefers("return=OperationOutcome"):
        named = ", ".join(one.reference for one in stored) or "Nothing was found, so nothing"
        return Answer(200, answers.all_is_well(f"{named} was deleted."), headers)
    return Answer(204, b"", headers)


def _same_type(asked: str, sent: str) -> None:
    if asked != sent:
        raise Invalid(f"The address says {asked}, the resource is a {sent}.", path="resourceType")


def id_of(type_: str, id_: str, *, refuse: bool = False) -> str:
    """The id in an address. Raises NotFound for what can be none; Invalid when one was to be given."""
    if ID.fullmatch(id_):
        return id_
    if refuse:
        raise Invalid(f"“{id_[:80]}” is not an id: letters, digits, - and ., at most 64.", path=f"{type_}.id")
    raise NotFound(f"There is no {type_}/{id_[:80]} here.")


def refuse_parameters(pairs: Pairs, what: str, *, but: Collection[str] = ()) -> None:
    unknown = [name for name, _ in pairs if name not in (*_OF_FORM, *but)]
    if unknown:
        raise UnknownParameter(
            f"A {what} does not take the parameter “{unknown[0][:60]}”.{record.nearest(unknown[0], but)}"
        )
