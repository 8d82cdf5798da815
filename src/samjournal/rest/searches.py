"""Searches of a type, of several, of a compartment; by GET or with a form. hl7.org/fhir/R4/http.html#search"""

from __future__ import annotations

from dataclasses import replace

from samjournal import record
from samjournal.access import Permit
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid, NotFound
from samjournal.record import Contained, Door, Query
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.request import Pairs, Request, query_of
from samjournal.rest.shaping import Shape, shape_of


async def of_type(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#search"""
    return await _one_type(door, request, request.path[0], None)


async def of_everything(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#search of the whole server: `/fhir?_type=Patient,Observation&...`"""
    return await _several(door, request, None)


async def of_compartment(door: Door, request: Request) -> Answer:
    """hl7.org/fhir/R4/http.html#vsearch: `/fhir/Patient/7/Observation?...`, or `*` for all that is there."""
    compartment = record.compartment_of(*request.path[:2])
    type_ = request.path[2]
    if type_ == "*":
        return await _several(door, request, compartment)
    if type_ not in load().resources:
        raise NotFound(f"“{type_[:60]}” is not a resource type of FHIR R4.")
    return await _one_type(door, request, type_, compartment)


async def _one_type(door: Door, request: Request, type_: str, within: tuple[str, str] | None) -> Answer:
    shape, rest = shape_of(_asked(request), type_)
    contained, rest = _contained(rest)
    query = record.query_of(type_, rest, own=request.own, lenient=_is_lenient(request), within=within)
    asked = (*query.asked, *contained, *shape.asked)
    where = _where(request)
    wanted = _wanted(contained)
    if type_ == "AuditEvent" and within is None and wanted is None:
        return await _log(door, request, query, shape)
    if shape.count:
        total = await _count(door, request.who(), query, wanted)
        return answers.counted(total, where, asked, ignored=query.ignored)
    if wanted is None:
        page = await record.search(door, request.who(), query)
    else:
        page = await record.search_contained(door, request.who(), query, wanted)
    shaped = shape.of_page(page)
    return answers.searchset(shaped, where, request.base, asked, ignored=query.ignored)


async def _log(door: Door, request: Request, query: Query, shape: Shape) -> Answer:
    """The log of looks; for systems with the AuditEvents that other systems stored."""
    asked, where, who = (*query.asked, *shape.asked), _where(request), request.who()
    other = record.not_of_log(query)
    told = [f"The log itself is not searched by {other}: this is what other systems stored."] if other else []
    if shape.count:
        total = await record.count_log(door, who, query)
        return answers.counted(total, where, asked, ignored=query.ignored, told=told)
    page = await record.search_log(door, who, query)
    shaped = shape.of_page(page)
    return answers.searchset(shaped, where, request.base, asked, ignored=query.ignored, told=told)


async def _count(door: Door, who: Permit, query: Query, wanted: Contained | None) -> int:
    if wanted is None:
        return await record.search_count(door, who, query)
    page = await record.search_contained(door, who, replace(query, count=0, total="accurate"), wanted)
    assert page.total is not None
    return page.total


def _contained(pairs: Pairs) -> tuple[Pairs, Pairs]:
    """What a search says of contained resources, and the rest."""
    own = tuple(pair for pair in pairs if pair[0] in ("_contained", "_containedType"))
    return own, tuple(pair for pair in pairs if pair not in own)


def _wanted(pairs: Pairs) -> Contained | None:
    """hl7.org/fhir/R4/search.html#contained; None where only what stands for itself is wanted."""
    asked = dict(pairs)
    where, type_ = asked.get("_contained", "false"), asked.get("_containedType", "container")
    if len(asked) < len(pairs):
        raise Invalid("_contained and _containedType stand once each.")
    if where not in ("true", "false", "both"):
        raise Invalid(f"_contained={where[:40]} is not true, false or both.")
    if type_ not in ("container", "contained"):
        raise Invalid(f"_containedType={type_[:40]} is not container or contained.")
    return None if where == "false" else Contained(both=where == "both", alone=type_ == "contained")


async def _several(door: Door, request: Request, within: tuple[str, str] | None) -> Answer:
    shape, rest = shape_of(_asked(request), None)
    who = request.who()
    search = record.several_of(who, rest, own=request.own, lenient=_is_lenient(request), within=within)
    asked = (*(pair for pair in search.asked if pair[0] != "_cursor"), *shape.asked)
    where = _where(request)
    if shape.count:
        total = await record.count_types(door, who, search)
        return answers.counted(total, where, asked, ignored=search.ignored)
    pages = await record.search_types(door, who, search)
    shaped = shape.of_page(pages)
    return answers.searchset(shaped, where, request.base, asked, ignored=search.ignored)


def _asked(request: Request) -> Pairs:
    """The parameters of the address, and of the form where it was sent by POST."""
    if request.method != "POST":
        return request.query
    if not request.body:
        return request.query
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise Invalid("A search by POST sends its parameters as application/x-www-form-urlencoded.")
    return (*request.query, *query_of(request.body))


def _is_lenient(request: Request) -> bool:
    """hl7.org/fhir/R4/search.html#lenient"""
    return request.prefers("handling=lenient")


def _where(request: Request) -> str:
    """The address searched, without what a search by POST ends in."""
    return "/".join([request.base, *(part for part in request.path if part != "_search")])
