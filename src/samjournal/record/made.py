"""Whether what a transaction is about to make fits a conditional reference in it. hl7.org/fhir/R4/http.html#trules

R4 resolves conditional references last, when everything is made; so a reference by a number may mean an entry of the
same Bundle. What is not stored yet is asked by its tokens: criteria of tokens alone, as identifiers are, can fit it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from samjournal.fhir import references
from samjournal.record.change import Change
from samjournal.record.conditional import Criterion
from samjournal.store import rows
from samjournal.store.search import token
from samjournal.store.search.query import Filter, Query


class Made:
    """What a transaction makes or changes, each with the tokens that it will be found by."""

    def __init__(self, changes: Iterable[Change], *, shows_protected: Callable[[str], bool]) -> None:
        self._shows_protected = shows_protected
        self._by_type: dict[str, list[Change]] = {}
        for one in changes:
            if one.resource is not None and one.id is not None:
                self._by_type.setdefault(one.type, []).append(one)
        self._tokens: dict[tuple[str, str | None], frozenset[int]] = {}

    def fitting(self, criterion: Criterion) -> set[str]:
        """References to those that fit."""
        query = criterion.query
        filters = query.filters
        if replace(query, filters=()) != Query(query.type, count=query.count, total=query.total):
            return set()  # It asks for more than its filters say.
        if not all(one.parameter.type == "token" and not one.modifier for one in filters):
            return set()
        return {
            f"{one.type}/{one.id}"
            for one in self._by_type.get(criterion.query.type, ())
            if all(self._fits(one, asked) for asked in filters)
        }

    def _fits(self, one: Change, asked: Filter) -> bool:
        if asked.parameter.code == "_id":
            return one.id in asked.values
        names = [
            name
            for code in asked.parameter.parts or (asked.parameter.code,)
            for name in token.names(one.type, code, closed=self._shows_protected(one.type))
        ]
        wanted = {token.wanted(name, value) for name in names for value in asked.values}
        return not wanted.isdisjoint(self._of(one))

    def _of(self, one: Change) -> frozenset[int]:
        known = self._tokens.get((one.type, one.id))
        if known is None:
            index = rows.index({**(one.resource or {}), "id": one.id}, references.texts(one.compact))
            known = self._tokens[one.type, one.id] = frozenset(index.tokens)
        return known
