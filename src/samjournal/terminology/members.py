"""Sets of codes: single ones, and whole systems. hl7.org/fhir/R4/valueset-definitions.html"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from samjournal.terminology import systems
from samjournal.terminology.loaded import LOADED

Code = tuple[str, str]
"""System, by the name that it goes by here, and code."""


def name(system: str) -> str:
    """The one name that a system goes by, whichever was written."""
    return LOADED.same(systems.canonical(system))[0]


def code(system: str, written: str) -> Code:
    """A code as it is compared."""
    return name(system), systems.written(systems.canonical(system), written)


@dataclass(frozen=True, slots=True)
class Members:
    """Codes, and systems of which every code is one."""

    codes: frozenset[Code] = frozenset()
    whole: frozenset[str] = frozenset()

    def has(self, one: Code) -> bool:
        return one in self.codes or one[0] in self.whole

    def __or__(self, other: Members) -> Members:
        return Members(self.codes | other.codes, self.whole | other.whole)

    def __and__(self, other: Members) -> Members:
        both = {one for one in self.codes | other.codes if self.has(one) and other.has(one)}
        return Members(frozenset(both), self.whole & other.whole)

    def without(self, other: Members) -> Members:
        """What is left. Of a system that is whole here and of which single codes go, the codes must be listed first."""
        left = frozenset(one for one in self.codes if not other.has(one))
        return Members(left, self.whole - other.whole)

    def tokens(self) -> Iterator[str]:
        """How resources may have them: `system|code`, `system|` for all, by every name of each system."""
        for system in self.whole:
            yield from (f"{one}|" for one in _names(system))
        for system, written in self.codes:
            spelled = systems.spellings(systems.canonical(system), written)
            yield from (f"{one}|{each}" for one in _names(system) for each in spelled)


def _names(system: str) -> Iterable[str]:
    return dict.fromkeys(name for same in LOADED.same(system) for name in systems.names(same))
