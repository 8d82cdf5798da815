"""The history of a resource, of a type and of everything. hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from msgspec import structs

from samjournal import record
from samjournal.fhir import references
from samjournal.fhir.dates import Span, span
from samjournal.fhir.errors import Invalid
from samjournal.record import Door, Times, Version
from samjournal.rest import answers
from samjournal.rest.answers import Answer
from samjournal.rest.interactions import VERSION, id_of
from samjournal.rest.request import Pairs, Request
from samjournal.rest.shaping import Shape, shape_of

_MOST = 1000
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a history is asked for; `pairs` are kept in its links, `place` is where the page begins."""

    shape: Shape
    count: int = 50
    times: Times = field(default_factory=Times)
    place: str | None = None
    listed: str | None = None
    pairs: Pairs = ()

    def shaped(self, versions: list[Version]) -> list[Version]:
        if self.shape.part is None:
            return versions
        return [structs.replace(one, stored=self.shape.of(one.stored)) for one in versions]


async def of_instance(door: Door, request: Request) -> Answer:
    """The versions of one resource, newest first."""
    type_, id_, _ = request.path
    asked = _asked(request, type_, place="_before")
    before = _value("_before", asked.place, _whole) if asked.place is not None else None
    only_total = asked.shape.count or asked.count == 0
    versions, total = await record.history(
        door,
        request.who(),
        type_,
        id_of(type_, id_),
        count=1 if only_total else asked.count + 1,
        before=before,
        times=asked.times,
    )
    page = [] if only_total else asked.shaped(versions[: asked.count])
    more = page if len(versions) > asked.count else []
    return answers.history(
        page,
        total=total if asked.times == Times() else None,
        base=request.base,
        links=_links(request, asked, ("_before", str(more[-1].stored.version)) if more else None),
    )


async def of_type(door: Door, request: Request) -> Answer:
    """The versions of all resources of a type, newest first."""
    return await _of_many(door, request, request.path[0])


async def of_system(door: Door, request: Request) -> Answer:
    """The versions of all resources, newest first."""
    return await _of_many(door, request, None)


async def _of_many(door: Door, request: Request, type_: str | None) -> Answer:
    asked = _asked(request, type_, place="_cursor")
    if asked.shape.count or asked.count == 0:
        raise Invalid("The versions of many resources are not counted. Ask for the history of one, or page through it.")
    if asked.listed is not None:
        asked = replace(asked, times=asked.times._replace(among=await _listed(door, request, asked.listed)))
    page = await record.history_of_types(
        door, request.who(), type_, count=asked.count, cursor=asked.place, times=asked.times
    )
    following = ("_cursor", page.next_cursor) if page.next_cursor else None
    links = _links(request, asked, following)
    return answers.history(asked.shaped(page.versions), base=request.base, links=links, settled=page.settled)


async def _listed(door: Door, request: Request, named: str) -> tuple[tuple[str, str, int], ...]:
    """The resources, and versions of them, that a List names. Raises as a read of it does; Invalid for a long one."""
    stored = await record.read(door, request.who(), "List", id_of("List", named.removeprefix("List/")))
    found = []
    for one in references.find({"entry": stored.resource().get("entry", [])}):
        read = references.read(one.text)
        if one.path.endswith(".item") and read.kind == "literal" and read.type and read.id:
            version = read.version or "0"
            found.append((read.type, read.id, int(version) if VERSION.fullmatch(version) else -1))
    if len(found) > _MOST:
        raise Invalid(f"_list names {len(found)} resources; the history of at most {_MOST} is gathered.")
    return tuple(dict.fromkeys(found))


def _asked(request: Request, type_: str | None, *, place: str) -> _Asked:
    shape, pairs = shape_of(request.query, type_)
    asked = _Asked(shape, pairs=tuple(pair for pair in pairs if pair[0] != place))
    seen: set[str] = set()
    for name, value in pairs:
        if name in seen:
            raise Invalid(f"{name[:40]} stands twice. Send it once.")
        seen.add(name)
        match name:
            case "_format" | "_pretty":
                pass
            case "_count":
                asked = replace(asked, count=min(_value(name, value, _whole), _MOST))
            case "_since":
                asked = replace(asked, times=asked.times._replace(since=_value(name, value, _moment).lo))
            case "_at":
                asked = replace(asked, times=asked.times._replace(during=_value(name, value, _moment)))
            case "_list" if place == "_cursor":
                asked = replace(asked, listed=value)
            case "_sort" if value == "-_lastUpdated":
                pass
            case "_sort":
                raise Invalid(f"_sort={value[:40]}: a history comes newest first, which is _sort=-_lastUpdated.")
            case _ if name == place:
                asked = replace(asked, place=value)
            case _:
                raise Invalid(
                    f"History does not understand {name[:40]}={value[:40]}; it takes _count, _since, _at, _sort, "
                    "_summary and _elements, and of many resources _list."
                )
    return asked


def _value(name: str, value: str, read: Callable[[str], T]) -> T:
    try:
        return read(value)
    except (ValueError, OverflowError):
        raise Invalid(f"{name}={value[:40]} cannot be read: {_RIGHT[name]}.") from None


def _whole(text: str) -> int:
    if not VERSION.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _moment(text: str) -> Span:
    return span(text.replace(" ", "+"))


_RIGHT = {
    "_count": "it is a number of versions, such as 50",
    "_before": "follow the links of the Bundle as they are",
    "_since": "it is a moment, such as 2026-11-22T08:15:00+01:00",
    "_at": "it is a date or a moment, such as 2026-11-22 or 2026-11-22T08:15:00+01:00",
}


def _links(request: Request, asked: _Asked, following: tuple[str, str] | None) -> answers.Links:
    return answers.paged("/".join((request.base, *request.path)), (*asked.pairs, *asked.shape.asked), following)
