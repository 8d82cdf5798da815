"""The last observations of each kind. hl7.org/fhir/R4/observation-operation-lastn.html

Observations are of one kind when they share a coding, or, where they have none, the text of their code. They are found
by an ordinary search, so filters and the permit are those of a search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec

from samjournal.access import Permit
from samjournal.fhir.errors import Invalid
from samjournal.fhir.folding import fold
from samjournal.record.door import Door, Stored, stored_of
from samjournal.record.search import look_at_many, matching, patients_named
from samjournal.store.search.query import Query, SortKey

MOST = 5000
"""So many observations are looked through for one answer."""
_WHOSE = ("patient", "subject")
_ERROR = "entered-in-error"


class _Coding(msgspec.Struct):
    system: str = ""
    code: str = ""


class _Code(msgspec.Struct):
    coding: list[_Coding] = []
    text: str = ""


class _Observation(msgspec.Struct):
    status: str = ""
    code: _Code = msgspec.field(default_factory=_Code)


async def last(door: Door, permit: Permit, query: Query, *, most: int) -> list[Stored]:
    """The newest `most` of each kind among what a search of Observation finds, newest first. What was entered in error
    is left out, unless the search asks by status. Raises Forbidden, Invalid, Busy."""
    permit.demand("s", "Observation")
    asked = {one.parameter.code for one in query.filters if one.modifier not in ("missing", "not")}
    if asked.isdisjoint(_WHOSE):
        raise Invalid("Say whose observations: $lastn takes patient or subject, such as patient=7.")
    query = replace(query, sort=(SortKey("date", True),), count=MOST, total="none")
    async with door.pool.acquire() as db:
        rows, more = await matching(door, permit, query, db)
        if more is not None:
            raise Invalid(f"More than {MOST} observations fit. Narrow it, by category, code or date.")
        read = [msgspec.json.decode(row["body"], type=_Observation) for row in rows]
        counted = [place for place, one in enumerate(read) if "status" in asked or one.status != _ERROR]
        chosen = [counted[place] for place in _newest([read[place].code for place in counted], most)]
        rows = [rows[place] for place in chosen]
        look = await look_at_many(permit, "lastn", rows, db, named=patients_named(door, query))
    if look is not None:
        await door.looks.write(look)
    return [stored_of(row, permit) for row in rows]


def _newest(codes: Sequence[_Code], most: int) -> list[int]:
    """The places of the first `most` of each kind, in order."""
    kinds = _Kinds()
    for code in codes:
        kinds.join(_names(code))
    seen: dict[str, int] = {}
    places = []
    for place, code in enumerate(codes):
        kind = kinds.of(_names(code)[0])
        seen[kind] = seen.get(kind, 0) + 1
        if seen[kind] <= most:
            places.append(place)
    return places


def _names(code: _Code) -> list[str]:
    coded = [f"{one.system}|{one.code}" for one in code.coding if one.code]
    return coded or [f"text {fold(code.text)}"]


class _Kinds:
    """Names that mean the same kind, because an observation bears both."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def of(self, name: str) -> str:
        while (above := self._above.setdefault(name, name)) != name:
            self._above[name] = self._above[above]
            name = above
        return name

    def join(self, names: Sequence[str]) -> None:
        first = self.of(names[0])
        for name in names[1:]:
            self._above[self.of(name)] = first
