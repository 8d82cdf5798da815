"""The codes of loaded code systems by what a value set asks of them. hl7.org/fhir/R4/valueset-filter-operator.html"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import asyncpg

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.terminology import systems
from samjournal.terminology.concepts import properties, walk
from samjournal.terminology.loaded import LOADED
from samjournal.terminology.members import Code, code, name

_SQL = queries("samjournal.terminology")
Resource = Mapping[str, Any]
ById = Callable[[str, str], Awaitable[Resource | None]]


class NotWorkable(Exception):
    """What is asked of a system cannot be told from what is loaded; the text says why."""


class Catalogue:
    """Asks the tables; `by_id` gives a CodeSystem itself, for properties that the tables do not hold."""

    def __init__(self, db: Connection, by_id: ById | None) -> None:
        self.db = db
        self.by_id = by_id

    async def codes(self, system: str, version: str = "", *, only_active: bool = False) -> frozenset[Code]:
        """Every code of a system."""
        found = await self._all(system, version)
        return frozenset(code(system, one) for one, active in found.items() if active or not only_active)

    async def having(self, written: str) -> list[str]:
        """The systems that have a code."""
        return [row["system"] for row in await self.db.fetch(_SQL.having, written)]

    async def tree(self, where: Literal["below", "above"], system: str, top: str) -> set[Code]:
        """A code and all that lies below or above it."""
        await self._editions(system)
        return {code(system, one) for one in await self._tree(where, system, top)}

    async def filtered(
        self, system: str, version: str, filters: Sequence[Resource], *, only_active: bool
    ) -> frozenset[Code]:
        """The codes of a system that fit every filter."""
        listed = await self._all(system, version)
        left = {one for one, active in listed.items() if active or not only_active}
        for one in filters:
            left &= await self._fitting(system, version, one, left)
        return frozenset(code(system, one) for one in left)

    async def _fitting(self, system: str, version: str, one: Resource, of: set[str]) -> set[str]:
        """Which of some codes of a system fit one filter."""
        property_, op, value = one.get("property", ""), one.get("op", ""), str(one.get("value", ""))
        if property_ in ("concept", "code"):
            return await self._by_code(system, version, op, value, of)
        if property_ == "display":
            return await self._by_display(system, version, op, value, of)
        told = await self._told(system, version, property_)
        match op:
            case "exists":
                return {code for code in of if (code in told) == (value == "true")}
            case "=":
                return {code for code in of if value in told.get(code, ())}
            case "in" | "not-in":
                wanted = set(_several(value))
                return {code for code in of if wanted.isdisjoint(told.get(code, ())) == (op == "not-in")}
            case "regex":
                fits = await self._like({text for texts in told.values() for text in texts}, value)
                return {code for code in of if not fits.isdisjoint(told.get(code, ()))}
        raise NotWorkable(f"the filter “{op}” on “{property_}” is not understood here.")

    async def _by_code(self, system: str, version: str, op: str, value: str, of: set[str]) -> set[str]:
        canonical = systems.canonical(system)
        written = systems.written(canonical, value)
        match op:
            case "=":
                return of & {written}
            case "is-a":
                return of & await self._tree("below", system, value)
            case "descendent-of":
                return of & await self._tree("below", system, value) - {written}
            case "is-not-a":
                return of - await self._tree("below", system, value)
            case "generalizes":
                return of & await self._tree("above", system, value)
            case "in" | "not-in":
                listed = {systems.written(canonical, one) for one in _several(value)}
                return of & listed if op == "in" else of - listed
            case "exists":
                return of if value == "true" else set()
            case "regex":
                return of & await self._ask(_SQL.like_code, system, version, _whole(value))
        raise NotWorkable(f"the filter “{op}” on codes is not understood here.")

    async def _by_display(self, system: str, version: str, op: str, value: str, of: set[str]) -> set[str]:
        match op:
            case "=" | "in" | "not-in":
                listed = [value] if op == "=" else _several(value)
                called = await self._ask(_SQL.called, system, version, listed)
                return of - called if op == "not-in" else of & called
            case "regex":
                return of & await self._ask(_SQL.like_display, system, version, _whole(value))
        raise NotWorkable(f"the filter “{op}” on displays is not understood here.")

    async def _told(self, system: str, version: str, property_: str) -> dict[str, list[str]]:
        """The values of a property by code, read from the CodeSystems themselves."""
        found: dict[str, list[str]] = {}
        for source in await self._editions(system, version):
            resource = await self.by_id("CodeSystem", source) if self.by_id else None
            for concept, above in walk(dict(resource or {})):
                written = systems.written(systems.canonical(system), concept.get("code", ""))
                values = [_written(value) for known, value in properties(concept) if known == property_]
                if property_ == "parent" and above:
                    values.append(above)
                if values:
                    found.setdefault(written, []).extend(values)
        return found

    async def _all(self, system: str, version: str) -> dict[str, bool]:
        sources = await self._editions(system, version)
        return {row["code"]: row["active"] for row in await self.db.fetch(_SQL.listed, _names(system), sources)}

    async def _tree(self, where: Literal["below", "above"], system: str, top: str) -> set[str]:
        statement = _SQL.below if where == "below" else _SQL.above
        rows = await self.db.fetch(statement, _names(system), systems.written(systems.canonical(system), top))
        return {row["code"] for row in rows}

    async def _ask(self, statement: str, system: str, version: str, value: object) -> set[str]:
        sources = await self._editions(system, version)
        try:
            return {row["code"] for row in await self.db.fetch(statement, _names(system), sources, value)}
        except asyncpg.InvalidRegularExpressionError:
            raise NotWorkable(f"“{value}” is no regular expression.") from None

    async def _like(self, texts: Iterable[str], pattern: str) -> set[str]:
        """The database reads regular expressions: it gives up on one that would take for ever."""
        try:
            return {row["text"] for row in await self.db.fetch(_SQL.like, list(texts), _whole(pattern))}
        except asyncpg.InvalidRegularExpressionError:
            raise NotWorkable(f"“{pattern[:80]}” is no regular expression.") from None

    async def _editions(self, system: str, version: str = "") -> list[str]:
        """The ids of the CodeSystems of a system, of one edition where one is named."""
        rows = await self.db.fetch(_SQL.editions, _names(system))
        if not rows:
            raise NotWorkable(f"{system[:120]} is not loaded. Add it with `samjournal standards add`.")
        sources = [row["source"] for row in rows if version in ("", row["version"])]
        if not sources:
            there = ", ".join(sorted({row["version"] or "one without version" for row in rows}))
            raise NotWorkable(f"edition {version[:40]} of {system[:120]} is not loaded; there is {there[:120]}.")
        return sources


def _names(system: str) -> list[str]:
    return LOADED.same(name(system))


def _several(value: str) -> list[str]:
    return [one.strip() for one in value.split(",") if one.strip()]


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _written(value: Any) -> str:
    """A value of a property as a filter writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.get("code", "")) if isinstance(value, dict) else str(value)
