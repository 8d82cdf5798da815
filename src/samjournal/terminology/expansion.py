"""Which codes a value set has, from its definition and the loaded code systems; which lie below or above a code.

hl7.org/fhir/R4/valueset.html#compositions. A value set is what its `compose` says; where that cannot be worked out
here, what its stored `expansion` lists. R4's own value sets are known as far as elements must choose from them.

    members(db, shelf, "http://…/ValueSet/x|1.0") -> Members    Invalid when it is not known, or cannot be worked out
    related(db, "below", "http://…|I50") -> Members             a code and what lies below it, or above
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Protocol

from samjournal.db.pool import Connection
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.terminology.catalogue import Catalogue, NotWorkable
from samjournal.terminology.members import Members, code, name

Resource = Mapping[str, Any]
MAX_CODES = 5000
"""A larger set of codes is not searched at once."""
MAX_SETS = 200
"""So many value sets at most make up one."""
_R4 = "4.0.1"


class Shelf(Protocol):
    """Where ValueSets and CodeSystems are, as far as the reader may see them."""

    async def value_set(self, url: str, version: str) -> Resource | None: ...

    async def by_id(self, type_: str, id_: str) -> Resource | None: ...


async def members(db: Connection, shelf: Shelf, canonical: str) -> Members:
    """The codes of a value set: `url`, `url|version` or `ValueSet/id`. Raises Invalid, in words, when it is not known,
    cannot be worked out, or has too many codes."""
    found = await _Expansion(shelf, Catalogue(db, shelf.by_id)).of(canonical, within="")
    if len(found.codes) > MAX_CODES:
        raise Invalid(
            f"The value set {canonical[:120]} has {len(found.codes)} codes; at most {MAX_CODES} are searched at once. "
            "Search for a whole system with code=system|, or for a narrower value set."
        )
    return found


class _Expansion:
    """One working out: what is done already, and what is being worked out, so that circles end."""

    def __init__(self, shelf: Shelf, catalogue: Catalogue) -> None:
        self.shelf = shelf
        self.catalogue = catalogue
        self.done: dict[str, Members] = {}
        self.under_way: set[str] = set()

    async def of(self, canonical: str, *, within: str) -> Members:
        """The codes of a value set. One that takes itself in adds nothing to itself."""
        if canonical in self.under_way:
            return Members()
        if canonical not in self.done:
            if len(self.done) + len(self.under_way) >= MAX_SETS:
                raise Invalid(f"The value set is made of more than {MAX_SETS} others. Name a simpler one.")
            self.under_way.add(canonical)
            self.done[canonical] = await self._of(canonical, within)
            self.under_way.discard(canonical)
        return self.done[canonical]

    async def _of(self, canonical: str, within: str) -> Members:
        url, _, version = canonical.partition("|")
        if url.startswith("ValueSet/"):
            stored = await self.shelf.by_id("ValueSet", url.removeprefix("ValueSet/"))
            if stored and version and stored.get("version") != version:
                stored = None
        else:
            stored = await self.shelf.value_set(url, version)
        if stored is not None:
            return await self._stored(stored, canonical)
        if version in ("", _R4) and (own := _of_r4(url)):
            return own
        whose = f"The value set {within[:120]} takes in {canonical[:120]}, which" if within else canonical[:120]
        raise Invalid(f"{whose} is no value set that is stored here. Store it as a ValueSet, or correct its address.")

    async def _stored(self, resource: Resource, canonical: str) -> Members:
        compose = resource.get("compose")
        if not compose:
            return self._listed(resource, canonical)
        try:
            return await self._composed(compose, canonical)
        except NotWorkable as reason:
            if resource.get("expansion", {}).get("contains"):
                return self._listed(resource, canonical)
            raise Invalid(f"The value set {canonical[:120]} cannot be worked out: {reason}") from None

    async def _composed(self, compose: Resource, canonical: str) -> Members:
        only_active = compose.get("inactive") is False
        found = Members()
        for part in compose.get("include", ()):
            found |= await self._part(part, canonical, only_active=only_active)
        for part in compose.get("exclude", ()):
            gone = await self._part(part, canonical, only_active=False)
            for system in found.whole & {system for system, _ in gone.codes} - gone.whole:
                listed = await self.catalogue.codes(system, only_active=only_active)
                found = Members(found.codes | listed, found.whole - {system})
            found = found.without(gone)
        return found

    async def _part(self, part: Resource, canonical: str, *, only_active: bool) -> Members:
        """One include or exclude: what fits the system, and every value set that it names."""
        found: Members | None = None
        if system := part.get("system"):
            found = await self._of_system(system, part, only_active=only_active)
        for other in part.get("valueSet", ()):
            taken = await self.of(other, within=canonical)
            found = taken if found is None else found & taken
        return found or Members()

    async def _of_system(self, system: str, part: Resource, *, only_active: bool) -> Members:
        if concepts := part.get("concept"):
            return Members(frozenset(code(system, one["code"]) for one in concepts if one.get("code")))
        if filters := part.get("filter"):
            version = part.get("version", "")
            return Members(await self.catalogue.filtered(system, version, filters, only_active=only_active))
        if only_active:
            return Members(await self.catalogue.codes(system, part.get("version", ""), only_active=True))
        return Members(whole=frozenset((name(system),)))

    def _listed(self, resource: Resource, canonical: str) -> Members:
        """What its stored expansion lists."""
        expansion = resource.get("expansion", {})
        listed = list(_contained(expansion.get("contains", ())))
        if not listed:
            raise Invalid(f"The value set {canonical[:120]} says neither how it is composed nor what is in it.")
        if expansion.get("total", 0) > len(listed):
            raise Invalid(
                f"The value set {canonical[:120]} lists {len(listed)} of {expansion['total']} codes. Store all of it."
            )
        return Members(frozenset(code(one["system"], one["code"]) for one in listed))


def _contained(contains: Any) -> Iterator[Resource]:
    waiting = list(contains)
    while waiting:
        one = waiting.pop()
        if one.get("system") and one.get("code") and one.get("abstract") is not True:
            yield one
        waiting += one.get("contains", ())


def _of_r4(url: str) -> Members | None:
    """A value set that R4 itself defines, as far as elements must choose from it."""
    for known in (url, f"{url}|{_R4}"):
        if listed := load().concepts(known):
            return Members(frozenset(code(*one.rsplit("|", 1)) for one in listed))
        if (codes := load().codes(known)) and (system := load().system(known)):
            return Members(frozenset(code(system, one) for one in codes))
    return None


_VALUE = re.compile(r"(?:(?P<system>[^|]+)\|)?(?P<code>[^|]+)")


async def related(db: Connection, where: Literal["below", "above"], text: str) -> Members:
    """A code and what lies below or above it: `system|code`, or a code of whichever loaded systems have it."""
    found = _VALUE.fullmatch(text)
    if found is None:
        raise Invalid(f"“{text[:80]}” is no code that others lie {where}: write system|code, or the code alone.")
    catalogue = Catalogue(db, None)
    if found["system"] is None:
        systems_ = await catalogue.having(found["code"])
        if not systems_:
            raise Invalid(f"No loaded code system has the code “{text[:80]}”. Write system|code, or load its system.")
    else:
        systems_ = [found["system"]]
    codes: set[tuple[str, str]] = set()
    try:
        for system in systems_:
            codes |= await catalogue.tree(where, system, found["code"])
    except NotWorkable as reason:
        raise Invalid(f"What lies {where} “{text[:80]}” is not known: {reason}") from None
    if len(codes) > MAX_CODES:
        raise Invalid(f"{len(codes)} codes lie {where} “{text[:80]}”; at most {MAX_CODES} are searched at once.")
    return Members(frozenset(codes))
