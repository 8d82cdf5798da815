"""The names of all loaded codes, in memory, so that a page asks nobody. Kept fresh by the feed.

hl7.org/fhir/R4/codesystem.html. One per program: what a code is called does not depend on who asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal, NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

Language = Literal["nb", "nn", "en"]
_SQL = queries("samjournal.terminology")


class Names(NamedTuple):
    """What a loaded system calls a code: in each language it has, and in `any` the one it begins with."""

    any: str | None
    nb: str | None
    nn: str | None
    en: str | None


class Loaded:
    """Names by system and code. Of several CodeSystems of one system the first that has a name is taken."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[str, dict[str, Names]]] = {}
        self._sources: dict[str, list[dict[str, Names]]] = {}
        self._same: dict[str, frozenset[str]] = {}
        self._written: object = None
        self.changes = 0
        """Grows whenever what is loaded has changed: who keeps something made of it makes it anew."""

    def clear(self) -> None:
        """Forget everything: the names of another record are none of this one's."""
        self._of, self._sources, self._same, self._written = {}, {}, {}, None
        self.changes += 1

    def names(self, system: str, code: str) -> Names | None:
        """What a code is called, by the name of its system or one that a NamingSystem makes the same."""
        found = _first(self._sources.get(system, ()), code)
        if found is None and system in self._same:
            sources = (source for same in sorted(self._same[system]) for source in self._sources.get(same, ()))
            return _first(sources, code)
        return found

    def same(self, system: str) -> list[str]:
        """Every name of a system, itself included."""
        return sorted(self._same.get(system, frozenset()) | {system})

    async def refresh(self, db: Pool | Connection, sources: Collection[str] | None = None) -> None:
        """Read anew what the tables hold: of some CodeSystems (by id), or of all."""
        rows = await db.fetch(_SQL.names, sources)
        named: dict[str, tuple[str, dict[str, Names]]] = {}
        for source, system, code, *names in rows:
            named.setdefault(source, (system, {}))[1][code] = Names(*names)
        kept = {} if sources is None else {one: of for one, of in self._of.items() if one not in sources}
        self._of = kept | named
        order = [(source, written) for source, written in await db.fetch(_SQL.precedence)]
        self._sources = {}
        for source, _written in order:
            if source in self._of:
                system, codes = self._of[source]
                self._sources.setdefault(system, []).append(codes)
        pairs = sorted((one, other) for one, other in await db.fetch(_SQL.aliases))
        self._same = _classes(pairs)
        # The rows of a CodeSystem are written anew whenever it changes: the same ones mean that nothing did.
        if (order, pairs) != self._written:
            self._written = (order, pairs)
            self.changes += 1


def _first(sources: Iterable[dict[str, Names]], code: str) -> Names | None:
    """The names of the sources laid over each other, the first over the next."""
    found = [source[code] for source in sources if code in source]
    if len(found) < 2:
        return found[0] if found else None
    return Names(*(next((name for name in each if name), None) for each in zip(*found, strict=True)))


def _classes(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """The names that mean the same as each name, from pairs that do."""
    classes: dict[str, frozenset[str]] = {}
    for one, other in pairs:
        joined = classes.get(one, frozenset({one})) | classes.get(other, frozenset({other}))
        classes.update(dict.fromkeys(joined, joined))
    return classes


class Standing(NamedTuple):
    """A CodeSystem that is loaded, and how many codes it has: in use, and in all."""

    source: str
    system: str
    version: str
    title: str
    supplement: bool
    retired: bool
    active: int
    codes: int


async def standing(db: Pool | Connection) -> list[Standing]:
    """The CodeSystems that have codes."""
    return [Standing(*row) for row in await db.fetch(_SQL.loaded)]


LOADED = Loaded()
"""What is loaded in the record that this program serves."""
