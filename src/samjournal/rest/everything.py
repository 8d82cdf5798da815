"""`$everything` of a patient, of an encounter and of all patients. hl7.org/fhir/R4/patient-operation-everything.html"""

from __future__ import annotations

from typing import Literal

from samjournal import record
from samjournal.fhir.dates import FAR_FUTURE, FAR_PAST, Span, span
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.record import Door, Everything, Narrowed
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.given import Given, given
from samjournal.rest.interactions import VERSION, id_of
from samjournal.rest.request import Request

OF_PATIENT = ("start", "end", "_since", "_type", "_count", "_cursor")
OF_ENCOUNTER = ("_since", "_type", "_count", "_cursor")
_PAGE = 1000
_MOST = 5000


async def of_patient(door: Door, request: Request) -> Answer:
    """All of one patient, in one Bundle unless `_count` asks for pages or it is too much for one."""
    return await _of_one(door, request, "Patient", OF_PATIENT)


async def of_encounter(door: Door, request: Request) -> Answer:
    """All of one encounter."""
    return await _of_one(door, request, "Encounter", OF_ENCOUNTER)


async def of_all(door: Door, request: Request) -> Answer:
    """All patients whose record is open, whole patients to a page."""
    asked = given(request, takes=OF_PATIENT, operation="$everything", tells=True)
    page = await record.everything_of_all(
        door,
        request.who(),
        _narrowed(asked),
        count=_count(asked) or _PAGE,
        cursor=asked.one("_cursor"),
    )
    return _bundle(request, asked, page)


async def _of_one(
    door: Door, request: Request, type_: Literal["Patient", "Encounter"], takes: tuple[str, ...]
) -> Answer:
    asked = given(request, takes=takes, operation="$everything", tells=True)
    page = await record.everything(
        door,
        request.who(),
        type_,
        id_of(type_, request.path[1]),
        _narrowed(asked),
        count=_count(asked),
        cursor=asked.one("_cursor"),
    )
    return _bundle(request, asked, page)


def _bundle(request: Request, asked: Given, page: Everything) -> Answer:
    url = "/".join((request.base, *request.path))
    form = [pair for pair in request.query if pair[0] in ("_format", "_pretty")]
    pairs = [*(pair for pair in asked.pairs if pair[0] != "_cursor"), *form]
    links = answers.paged(url, pairs, ("_cursor", page.next_cursor) if page.next_cursor else None)
    whole = page.next_cursor is None and asked.one("_cursor") is None
    total = len(page.matches) if whole else None
    return answers.collected(page.matches, page.referred, request.base, links=links, total=total, ignored=asked.ignored)


def _narrowed(asked: Given) -> Narrowed:
    types = [part.strip() for value in asked.all("_type") for part in value.split(",")]
    for type_ in types:
        if type_ not in load().resources:
            raise Invalid(f"_type names resource types of FHIR R4, with commas between them; “{type_[:60]}” is none.")
    narrowed = record.narrowed_to(tuple(dict.fromkeys(types)))
    since, start, end = (_span(asked, name) for name in ("_since", "start", "end"))
    if start is not None or end is not None:
        narrowed = narrowed._replace(during=Span(start.lo if start else FAR_PAST, end.hi if end else FAR_FUTURE))
    return narrowed._replace(since=since.lo) if since else narrowed


def _span(asked: Given, name: str) -> Span | None:
    text = asked.one(name)
    if text is None:
        return None
    try:
        return span(text.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise Invalid(f"{name}={text[:40]} is not a date or a moment, such as 2026-11-22.") from None


def _count(asked: Given) -> int | None:
    text = asked.one("_count")
    if text is None:
        return None
    if not VERSION.fullmatch(text) or int(text) == 0:
        raise Invalid(f"_count={text[:40]} is not a number of resources from 1 to {_MOST}.")
    return min(int(text), _MOST)
