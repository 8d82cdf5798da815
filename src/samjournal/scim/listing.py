"""Lists: filters, sorting and pages of users and groups. RFC 7644 section 3.4.2

Who is looked for by userName, externalId, displayName or id is found by an index; else everybody is looked at, some
hundred at a time, and the ids alone are kept.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from samjournal import provisioning
from samjournal.provisioning import Person, Team
from samjournal.record import Door
from samjournal.scim import filters, groups, users
from samjournal.scim.documents import Document
from samjournal.scim.errors import bad_value
from samjournal.scim.filters import Path, Test
from samjournal.scim.schemas import GROUP, MOST, USER, Kind

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is to be; `start` counts from 1."""

    test: Test | None
    sort: Path | None
    descending: bool
    start: int
    count: int
    only: str | None
    without: str | None

    def needs(self, name: str) -> bool:
        """Whether an attribute is to be shown or compared: what is large is not read else."""
        if self.without is not None and name.lower() in [one.strip().lower() for one in self.without.split(",")]:
            return self.test is not None
        if self.only is not None:
            return self.test is not None or name.lower() in self.only.lower()
        return True


def asked(parameters: dict[str, Any], kind: Kind) -> Asked:
    """The parameters of a list, as text or as JSON has them. Raises Refused."""
    known = {name.lower(): value for name, value in parameters.items()}
    text = known.get("filter")
    sort = known.get("sortby")
    return Asked(
        filters.parsed(str(text), kind) if text else None,
        filters.path(str(sort), kind) if sort else None,
        str(known.get("sortorder", "ascending")).lower() == "descending",
        max(1, _number(known.get("startindex", 1), "startIndex")),
        min(MOST, max(0, _number(known.get("count", MOST), "count"))),
        _names(known.get("attributes")),
        _names(known.get("excludedattributes")),
    )


def _names(value: object) -> str | None:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value) if value else None


def _number(value: object, name: str) -> int:
    try:
        return int(str(value))
    except ValueError:
        raise bad_value(f"{name} is a whole number.") from None


async def listed(door: Door, kind: Kind, what: Asked, base: str) -> tuple[int, list[Document]]:
    """How many fit, and the page of them that was asked for."""
    source: _Users | _Groups
    source = _Users(door, base) if kind is USER else _Groups(door, base, members=what.needs("members"))
    if what.test is None and what.sort is None:
        page = await source.page(what.start - 1, what.count) if what.count else []
        return await source.count(), page
    fitting: list[tuple[str, str]] = []
    seen: dict[str, Document] = {}
    ids = await source.named(what.test) if what.test is not None else None
    async for document in source.some(ids) if ids is not None else source.everybody():
        if what.test is None or filters.holds(what.test, document):
            fitting.append((_key(what.sort, document), document["id"]))
            if len(seen) < _AT_ONCE:
                seen[document["id"]] = document
    if what.sort is not None:
        fitting.sort(reverse=what.descending)
    wanted = [id_ for _, id_ in fitting[what.start - 1 : what.start - 1 + what.count]]
    missing = [id_ for id_ in wanted if id_ not in seen]
    seen |= {one["id"]: one async for one in source.some(missing)} if missing else {}
    return len(fitting), [seen[id_] for id_ in wanted if id_ in seen]


def _key(sort: Path | None, document: Document) -> str:
    """What a document is sorted by: of several values the primary, else the first. Without one it comes last."""
    if sort is None:
        return ""
    within = document.get(sort.schema, {}) if sort.schema else document
    value = within.get(sort.attribute.name)
    if isinstance(value, list):
        value = next(
            (one for one in value if isinstance(one, dict) and one.get("primary")), value[0] if value else None
        )
    if isinstance(value, dict):
        value = value.get(sort.leaf.name)
    if value is None:
        return "\U0010ffff"
    return str(value) if sort.leaf.exact else str(value).lower()


class _Users:
    """People at work as documents."""

    def __init__(self, door: Door, base: str) -> None:
        self._door = door
        self._show: Callable[[Person], Document] = lambda one: users.shown(one, base)

    async def count(self) -> int:
        return await provisioning.count(self._door.pool)

    async def page(self, offset: int, most: int) -> list[Document]:
        return [self._show(one) for one in await provisioning.listed(self._door.pool, most=most, offset=offset)]

    async def named(self, test: Test) -> list[str] | None:
        """Who alone can fit; None when that is not known."""
        if (name := filters.wanted_alone(test, "userName")) is not None:
            login = await provisioning.named(self._door.pool, name)
            return [login] if login else []
        if (external := filters.wanted_alone(test, "externalId")) is not None:
            return await provisioning.called(self._door.pool, external)
        if (id_ := filters.wanted_alone(test, "id")) is not None:
            return [id_]
        return None

    async def some(self, ids: list[str]) -> AsyncIterator[Document]:
        for one in await provisioning.several(self._door.pool, ids) if ids else ():
            yield self._show(one)

    async def everybody(self) -> AsyncIterator[Document]:
        after: str | None = None
        while found := await provisioning.listed(self._door.pool, most=_AT_ONCE, after=after):
            for one in found:
                yield self._show(one)
            after = found[-1].login


class _Groups:
    """Groups as documents."""

    def __init__(self, door: Door, base: str, *, members: bool) -> None:
        self._door, self._members = door, members
        self._show: Callable[[Team], Document] = lambda one: groups.shown(one, base)

    async def count(self) -> int:
        return await provisioning.count_teams(self._door.pool)

    async def page(self, offset: int, most: int) -> list[Document]:
        found = await provisioning.teams(self._door.pool, most=most, offset=offset, members=self._members)
        return [self._show(one) for one in found]

    async def named(self, test: Test) -> list[str] | None:
        if (name := filters.wanted_alone(test, "displayName")) is not None:
            id_ = await provisioning.team_named(self._door.pool, name)
            return [id_] if id_ else []
        if (id_ := filters.wanted_alone(test, "id")) is not None:
            return [id_]
        return None

    async def some(self, ids: list[str]) -> AsyncIterator[Document]:
        for id_ in ids:
            one = await provisioning.team(self._door.pool, id_, members=self._members)
            if one is not None:
                yield self._show(one)

    async def everybody(self) -> AsyncIterator[Document]:
        after: str | None = None
        while found := await provisioning.teams(self._door.pool, most=100, after=after, members=self._members):
            for one in found:
                yield self._show(one)
            after = found[-1].id


KIND_OF: Final = {"Users": USER, "Groups": GROUP}
