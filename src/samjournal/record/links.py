"""Chains and `_has`, looked up: what a search of another type finds, as a condition on the type searched.

hl7.org/fhir/R4/search.html#chaining, #has. Each hop is a search of its own, with the permit's condition: what the
reader may not see leads nowhere. A hop is looked up from its far end; when that is too much, PostgreSQL joins by the
patient where it can, else the hop is looked up among what the other parameters leave over. What is too much from both
ends is refused, never cut off: see docs/decisions/0017.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import asyncpg
import msgspec

from samjournal.access import Permit, Persons
from samjournal.db.pool import Connection
from samjournal.fhir.canonicals import has_url, is_canonical, named_as
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import SYSTEM, hash64, local, patient_key
from samjournal.fhir.parameters import Parameter, Ref, for_type
from samjournal.fhir.protection import betrays
from samjournal.fhir.references import texts
from samjournal.record import codes
from samjournal.record.door import Door
from samjournal.store.search import joining
from samjournal.store.search.asking import Listed
from samjournal.store.search.joining import AllOf, Among, AnyOf, Has, Joined, Not, Reader, Refers, Under
from samjournal.store.search.links import Chained, Hop
from samjournal.store.search.query import Filter, Query
from samjournal.store.search.sql import Statement, may_name_patient, patient_of

MAX_FOUND = 10_000
"""So many matches of a link are carried over to the next."""
MAX_READ = 5_000
"""So many are read for what they refer to."""
_NAMED = 100


class TooFar(Invalid):
    """A link that leads to more than can be carried over."""

    code = "too-costly"


def reader(door: Door, permit: Permit) -> Reader:
    """What a statement needs to know of who searches."""
    return Reader(permit.condition, permit.shows_protected, door.persons.ids, permit.known)


async def resolved(door: Door, permit: Permit, query: Query, db: Connection) -> Query:
    """The search with its codes, texts and links looked up. Raises Forbidden for a type that may not be searched,
    Invalid for codes that are not known and when a link leads to too much."""
    query = await codes.resolved(permit, query, db)
    if not query.beyond:
        return query
    work = _Work(door, permit, db)
    found = await work.query(query)
    return replace(found, named=tuple({*query.named, *work.named}))


@dataclass(frozen=True, slots=True)
class _Near:
    """What the other parameters of a search leave over: rows of its type."""

    type: str
    rows: Sequence[asyncpg.Record]


class _Work:
    """The look-ups of one search. `named` are patients whom it named by an identifier."""

    def __init__(self, door: Door, permit: Permit, db: Connection) -> None:
        self._permit = permit
        self._db = db
        self._reader = reader(door, permit)
        self._persons = door.persons
        self.named: set[int] = set()

    async def query(self, query: Query) -> Query:
        """The query with every condition looked up: those that can be at once, then the rest among what these leave."""
        ready: list[object] = []
        late: list[tuple[object, TooFar]] = []
        for one in query.beyond:
            try:
                ready.append(await self._condition(query.type, one, None))
            except TooFar as problem:
                late.append((one, problem))
        made = replace(query, beyond=tuple(ready))
        for one, too_many in late:
            near = await self._around(made, too_many)
            made = replace(made, beyond=(*made.beyond, await self._condition(query.type, one, near)))
        return made

    async def _condition(self, type_: str, one: object, near: _Near | None) -> object:
        match one:
            case Filter():
                self.named |= named_by(type_, one, self._persons)
                return await codes.resolved_filter(self._permit, type_, one, self._db)
            case Listed(ids):
                return await self._members(type_, ids)
            case Chained(_, hops):
                return joining.one_of([await self._hop(type_, one, hop, near) for hop in self._open(hops)])
            case AnyOf(parts):
                return AnyOf(tuple([await self._condition(type_, part, near) for part in parts]))
            case AllOf(parts):
                return AllOf(tuple([await self._condition(type_, part, near) for part in parts]))
            case Not(part):
                return Not(await self._condition(type_, part, near))
        return one

    async def _members(self, type_: str, ids: Sequence[str]) -> object:
        """What is listed in Lists that the reader may see, and not marked as deleted there.
        hl7.org/fhir/R4/search.html#list"""
        self._permit.demand("s", "List")
        found = joining.statement(Query("List", beyond=(Among(tuple(ids)),)), self._reader)
        rows = await self._fetch(joining.bodies(found, most=len(ids)), found)
        self.named |= {row["patient"] for row in rows} - {SYSTEM}
        references = [
            local(entry.get("item", {}).get("reference") or "")
            for row in rows
            for entry in msgspec.json.decode(row["body"]).get("entry", ())
            if not entry.get("deleted")
        ]
        return Among(tuple(dict.fromkeys(one.partition("/")[2] for one in references if one and _is_of(one, type_))))

    def _open(self, hops: Sequence[Hop]) -> list[Hop]:
        """The hops to types that the reader may search. Raises Forbidden when there are none."""
        found = [hop for hop in hops if self._permit.may("s", hop.type)]
        if not found:
            self._permit.demand("s", hops[0].type)
        return found

    async def _hop(self, type_: str, chain: Chained, hop: Hop, near: _Near | None) -> object:
        if isinstance(hop.inner, Filter):
            self.named |= named_by(hop.type, hop.inner, self._persons)
            asked = Query(hop.type, filters=(await codes.resolved_filter(self._permit, hop.type, hop.inner, self._db),))
        else:
            asked = Query(hop.type, beyond=(hop.inner,))
        if hop.reverse:
            return await self._referred(type_, chain, hop, asked, near)
        return await self._referring(chain, hop, asked, near)

    # From a resource to what it refers to.

    async def _referring(self, chain: Chained, hop: Hop, asked: Query, near: _Near | None) -> object:
        """What refers by the hop's parameter to something that `asked` finds."""
        home = hop.type == "Patient" and joining.by_home(hop.parameter.base, hop.parameter.code)
        try:
            inner = await self.query(asked)
            found = await self._references(hop, inner)
            if found is not None:
                return self._refers(hop, found, home=home)
            if home:
                there = hash64(f"{hop.parameter.base}.{hop.parameter.code}?")
                return Joined(inner, await self._merged(inner), there)
        except TooFar:
            if near is None:
                raise
        if near is None:
            raise _too_many(chain, hop)
        targets = [found for row in near.rows for found in self._targets(row, hop.parameter) if found[0] == hop.type]
        beside = Among(tuple(dict.fromkeys(id_ for _, id_ in targets)))
        inner = await self.query(replace(asked, beyond=(*asked.beyond, beside)))
        found = await self._references(hop, inner)
        if found is None:
            raise _too_many(chain, hop)
        return self._refers(hop, found, home=home)

    def _refers(self, hop: Hop, references: Sequence[str], *, home: bool) -> object:
        wanted = joining.tokens(hop.parameter, references, closed=self._permit.shows_protected(hop.parameter.base))
        if home:
            return Under(tuple(hash64(reference) for reference in references), tuple(wanted))
        return Refers(tuple(wanted), self._telling(hop.parameter, references)) if wanted else joining.NOTHING

    def _telling(self, parameter: Parameter, references: Sequence[str]) -> frozenset[int]:
        """The tokens of references to places that the reader does not know."""
        known = self._permit.known
        if known is None:
            return frozenset()
        telling = [one for one in references if betrays(one, known)]
        return frozenset(joining.tokens(parameter, telling, closed=self._permit.shows_protected(parameter.base)))

    async def _references(self, hop: Hop, inner: Query) -> list[str] | None:
        """How the matches of `inner` are referred to; None when they are more than can be carried over."""
        if is_canonical(hop.parameter.base, hop.parameter.code) and has_url(hop.type):
            rows = await self._bodies(inner)
            if rows is None:
                return None
            urls = [form for row in rows for form in named_as(msgspec.json.decode(row["body"]))]
            return [*(f"{hop.type}/{row['id']}" for row in rows), *urls]
        ids = await self._ids(inner)
        if ids is None:
            return None
        if hop.type == "Patient":
            ids = self._same(ids)
            if isinstance(hop.inner, Filter) and hop.inner.parameter.code == "identifier" and len(ids) <= _NAMED:
                self.named |= {patient_key(id_) for id_ in ids}
        return [f"{hop.type}/{id_}" for id_ in ids]

    # From a resource to what refers to it.

    async def _referred(self, type_: str, chain: Chained, hop: Hop, asked: Query, near: _Near | None) -> object:
        """What is referred to, by the hop's parameter, by something that `asked` finds."""
        try:
            inner = await self.query(asked)
            if type_ == "Patient" and joining.by_home(hop.type, hop.parameter.code):
                return await self._homes(hop, inner)
            rows = await self._bodies(inner)
        except TooFar:
            if near is None:
                raise
            return await self._among(near, hop, asked)
        if rows is None:
            if near is None:
                raise _too_many(chain, hop)
            return await self._among(near, hop, inner)
        if is_canonical(hop.type, hop.parameter.code) and has_url(type_):
            return self._by_url(type_, hop, rows)
        ids = [id_ for row in rows for found, id_ in self._targets(row, hop.parameter) if found == type_]
        return Among(tuple(self._same(ids) if type_ == "Patient" else dict.fromkeys(ids)))

    async def _homes(self, hop: Hop, inner: Query) -> object:
        """The patients whom matches of `inner` live under."""
        there = hash64(f"{hop.type}.{hop.parameter.code}?")
        inner = replace(inner, beyond=(*inner.beyond, Has(there)))
        found = joining.statement(inner, self._reader)
        rows = await self._fetch(joining.homes(found, most=MAX_FOUND + 1), found)
        if len(rows) > MAX_FOUND:
            return Joined(inner, await self._merged(inner))
        return Under(tuple(self._same_keys(row["patient"] for row in rows)))

    def _by_url(self, type_: str, hop: Hop, rows: Iterable[asyncpg.Record]) -> object:
        """What is named by its canonical url, in the version that is named where one is, or by its id."""
        urls: set[str] = set()
        versions: set[tuple[str, str]] = set()
        ids: set[str] = set()
        for row in rows:
            for value in hop.parameter.extract(msgspec.json.decode(row["body"])):
                if isinstance(value, Ref) and value.url and value.version:
                    versions.add((value.url, value.version))
                elif isinstance(value, Ref) and value.url:
                    urls.add(value.url)
                elif isinstance(value, Ref) and value.type == type_ and value.id:
                    ids.add(value.id)
        known = [Refers(tuple(joining.tokens(for_type(type_)["url"], sorted(urls), closed=False)))] if urls else []
        exact = [
            AllOf(
                (
                    Refers(tuple(joining.tokens(for_type(type_)["url"], [url], closed=False))),
                    Filter(for_type(type_)["version"], "", (version,)),
                )
            )
            for url, version in sorted(versions)
        ]
        return joining.one_of([Among(tuple(sorted(ids))), *known, *exact])

    async def _among(self, near: _Near, hop: Hop, asked: Query) -> object:
        """Those of the rows near by that a match of `asked` refers to."""
        whose: dict[int, str] = {}
        telling: frozenset[int] = frozenset()
        for row in near.rows:
            references = [f"{near.type}/{id_}" for id_ in self._ids_of(near.type, row["id"])]
            if is_canonical(hop.type, hop.parameter.code):
                references += named_as(msgspec.json.decode(row["body"]))
            telling |= self._telling(hop.parameter, references)
            for token in joining.tokens(
                hop.parameter, references, closed=self._permit.shows_protected(hop.parameter.base)
            ):
                whose[token] = row["id"]
        if not whose:
            return joining.NOTHING
        inner = await self.query(replace(asked, beyond=(*asked.beyond, Refers(tuple(whose), telling))))
        found = joining.statement(inner, self._reader)
        rows = await self._fetch(joining.present(found, tuple(whose)), found)
        return Among(tuple(dict.fromkeys(whose[row["token"]] for row in rows)))

    # What both need.

    async def _around(self, query: Query, problem: TooFar) -> _Near:
        """What the other parameters leave over. Raises the problem when that, too, is too much."""
        rows = await self._bodies(query) if query.filters or query.beyond else None
        if rows is None:
            raise problem
        return _Near(query.type, rows)

    def _targets(self, row: asyncpg.Record, parameter: Parameter) -> Iterable[tuple[str, str]]:
        """What a row refers to by a parameter: of the references in its bytes, those that its tokens know of. So
        nothing is told of what is protected."""
        own = frozenset(row["tokens"])
        for text in dict.fromkeys(texts(row["body"])):
            reference = local(text)
            if reference and self._is_kept(row, reference):
                continue
            if reference and not own.isdisjoint(
                joining.tokens(parameter, (reference,), closed=self._permit.shows_protected(parameter.base))
            ):
                type_, _, id_ = reference.partition("/")
                yield type_, id_

    def _is_kept(self, row: asyncpg.Record, reference: str) -> bool:
        """Whether the reader is not told that a row refers so: it is of somebody with a confidential address."""
        known = self._permit.known
        return known is not None and row["hidden"] and betrays(reference, known)

    async def _ids(self, query: Query) -> list[str] | None:
        found = joining.statement(query, self._reader)
        rows = await self._fetch(joining.ids(found, most=MAX_FOUND + 1), found)
        return None if len(rows) > MAX_FOUND else [row["id"] for row in rows]

    async def _bodies(self, query: Query) -> list[asyncpg.Record] | None:
        # To see that there are too many costs little; to fetch them for nothing does not.
        found = joining.statement(query, self._reader)
        if len(await self._fetch(joining.ids(found, most=MAX_READ + 1), found)) > MAX_READ:
            return None
        found = joining.statement(query, self._reader)
        rows = await self._fetch(joining.bodies(found, most=MAX_READ + 1), found)
        return None if len(rows) > MAX_READ else rows

    async def _fetch(self, text: str, found: Statement) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await self._db.fetch(text, *found.arguments.values)
        return rows

    async def _merged(self, inner: Query) -> tuple[int, ...]:
        """The other ids of those merged persons whom matches of `inner` live under."""
        merged = [patient_key(id_) for id_ in self._persons.merged()]
        if not merged:
            return ()
        found = joining.statement(inner, self._reader)
        rows = await self._fetch(joining.homes(found, most=len(merged), among=merged), found)
        return tuple(self._same_keys(row["patient"] for row in rows))

    def _ids_of(self, type_: str, id_: str) -> Sequence[str]:
        return self._persons.ids(id_) if type_ == "Patient" else (id_,)

    def _same(self, ids: Iterable[str]) -> list[str]:
        """Patient ids, and the others of the same persons."""
        return list(dict.fromkeys(same for id_ in ids for same in self._persons.ids(id_)))

    def _same_keys(self, patients: Iterable[int]) -> list[int]:
        """Patient keys, and the others of the same persons."""
        same = {
            patient_key(id_): [patient_key(other) for other in self._persons.ids(id_)] for id_ in self._persons.merged()
        }
        return list(dict.fromkeys(key for patient in patients for key in same.get(patient, (patient,))))


def _is_of(reference: str, type_: str) -> bool:
    return reference.partition("/")[0] == type_


def named_by(type_: str, one: Filter, persons: Persons) -> set[int]:
    """The keys of the patients that a filter of a type names."""
    if one.modifier in ("missing", "not"):
        return set()
    whole = type_ == "Patient" and one.parameter.code == "_id"
    if not whole and one.parameter.type != "reference":
        return set()
    ids = {value if whole or may_name_patient(one, value) else patient_of(one, value) for value in one.values}
    return {patient_key(same) for id_ in ids if id_ for same in persons.ids(id_)}


def _too_many(chain: Chained, hop: Hop) -> TooFar:
    return TooFar(
        f"“{chain.text[:120]}” leads over more than {MAX_READ} resources of the type {hop.type}, which is more than is"
        " followed at once. Add a parameter that leaves fewer, such as a patient, a code or a date."
    )
