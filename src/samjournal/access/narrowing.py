"""What narrow scopes leave of a permit: one patient's record, and of a type only what a search finds.

A narrowed permit never shows more than the permit that was narrowed: what stands here is a further condition on each
row. docs/decisions/0056
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from samjournal.access.roles import REGISTERS
from samjournal.access.scopes import PATIENT, Grant, Scopes
from samjournal.db.binding import Arguments
from samjournal.fhir.keys import SYSTEM
from samjournal.fhir.numbers import number

Restriction = Callable[[str, Arguments], str]
"""SQL: whether a row (alias of store.current) is found by a search."""
Searched = tuple[str, tuple[tuple[str, str], ...]]
"""A type, and the parameters of a search of it."""


@dataclass(frozen=True, slots=True)
class Narrow:
    """`patients` are all keys of the patient whom an app was opened for; `restrictions` is each search that the scopes
    name, as SQL."""

    scopes: Scopes
    patients: tuple[int, ...] = ()
    restrictions: Mapping[Searched, Restriction] = field(default_factory=dict, hash=False, compare=False)

    def seen(self, row: str, arguments: Arguments) -> str:
        """SQL: whether a row may be seen. What is read must be found by a scope that reads, and where the scopes search
        as well by one that searches: a row has one answer, whichever way it is come to."""
        return self._cases(row, arguments, "rs")

    def covers(self, letter: str, row: str, arguments: Arguments) -> str:
        """SQL: whether one interaction is given on a row."""
        return self._cases(row, arguments, letter)

    def _cases(self, row: str, arguments: Arguments, letters: str) -> str:
        types = sorted({one.type for one in self.scopes.grants} - {"*"})
        cases = "".join(f" WHEN {number(type_)} THEN {self._of(type_, row, arguments, letters)}" for type_ in types)
        rest = self._of("*", row, arguments, letters)
        return f"(CASE {row}.type{cases} ELSE {rest} END)" if cases else rest

    def _of(self, type_: str, row: str, arguments: Arguments, letters: str) -> str:
        all_of = []
        for letter in letters:
            mine = [one for one in self.scopes.grants if one.type in ("*", type_) and letter in one.letters]
            if mine:
                all_of.append(f"({' OR '.join(self._grant(one, row, arguments) for one in mine)})")
        if all_of:
            return " AND ".join(all_of)
        # Which types are read at all is asked before (`Permit.may`); of whom, still here.
        return self._of_patient(row, arguments) if self.scopes.is_of_patient else "true"

    def _grant(self, one: Grant, row: str, arguments: Arguments) -> str:
        conditions = [self._of_patient(row, arguments)] if one.level == PATIENT else []
        if one.query:
            conditions.append(self.restrictions[one.type, one.query](row, arguments))
        return f"({' AND '.join(conditions)})" if conditions else "true"

    def _of_patient(self, row: str, arguments: Arguments) -> str:
        """SQL: the patient's own, or a register that everybody reads."""
        registers = ",".join(str(number(type_)) for type_ in sorted(REGISTERS))
        mine = f"{row}.patient = ANY({arguments.add(list(self.patients), 'bigint[]')})"
        return f"({mine} OR ({row}.patient = {SYSTEM} AND {row}.type IN ({registers})))"
