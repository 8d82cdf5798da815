"""Scopes of a system token, in SMART's words: `system/Observation.rs system/Patient.r access.change search.change`.

hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html; v1's .read, .write and .* are read too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid

_SCOPE = re.compile(r"^system/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)$")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
ACCESS = "access.change"
SEARCH = "search.change"


@dataclass(frozen=True, slots=True)
class Scopes:
    """Which interactions (letters of `cruds`) each type allows."""

    types: tuple[tuple[str, str], ...]
    changes_access: bool
    changes_search: bool = False

    def allow(self, interaction: str, type_: str) -> bool:
        return any(name in ("*", type_) and interaction in letters for name, letters in self.types)

    def cover(self, other: Scopes) -> bool:
        """Whether the other allow nothing that these do not."""
        return (self.changes_access or not other.changes_access) and all(
            any(mine in ("*", name) and letter in has for mine, has in self.types)
            for name, letters in other.types
            for letter in letters
        )


def parse(scope: str | None) -> Scopes | None:
    """Scopes of a space-separated string; None (everything) for None. Raises Invalid naming the word that is wrong."""
    if scope is None:
        return None
    types = []
    if not scope.strip():
        raise Invalid("The scope is empty: write for example system/Observation.rs, or leave it out for all.")
    for word in scope.split():
        if word in (ACCESS, SEARCH):
            continue
        match = _SCOPE.match(word)
        if not match or not match[2] or (match[1] != "*" and match[1] not in load().resources):
            raise Invalid(f"Scope “{word}” cannot be read: write for example system/Observation.rs or system/*.cruds.")
        types.append((match[1], _V1.get(match[2], match[2])))
    return Scopes(tuple(types), ACCESS in scope.split(), SEARCH in scope.split())
