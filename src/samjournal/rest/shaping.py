"""What part of each resource an answer holds: `_summary` and `_elements`. hl7.org/fhir/R4/search.html#summary"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from msgspec import structs

from samjournal.fhir.errors import Invalid
from samjournal.fhir.summary import Part, read_elements, subset
from samjournal.record import Page, Pages, Stored
from samjournal.rest.request import Pairs

_SHAPING = ("_summary", "_elements")
P = TypeVar("P", Page, Pages)
_SUMMARIES = ("true", "text", "data", "count", "false")


@dataclass(frozen=True, slots=True)
class Shape:
    """What was asked for: a part of each resource (None: the whole), or only how many there are."""

    part: Part | None = None
    count: bool = False
    asked: Pairs = ()

    def of(self, stored: Stored, *, included: bool = False) -> Stored:
        """A resource in this shape. `_elements` names elements of what was searched, so what comes with it is whole."""
        if self.part is None or stored.body is None or (included and self.part.kind == "elements"):
            return stored
        return structs.replace(stored, body=subset(stored.body, self.part))

    def of_page(self, page: P) -> P:
        """A page in this shape."""
        if self.part is None:
            return page
        return replace(page, matches=self.of_all(page.matches), included=self.of_all(page.included, included=True))

    def of_all(self, many: Sequence[Stored], *, included: bool = False) -> list[Stored]:
        """All of them in this shape."""
        return [self.of(one, included=included) for one in many]


def shape_of(pairs: Pairs, type_: str | None) -> tuple[Shape, Pairs]:
    """The shape that a query asks for, and the rest of the query. Raises Invalid."""
    asked = tuple(pair for pair in pairs if pair[0] in _SHAPING)
    if not asked:
        return Shape(), pairs
    if len(asked) > 1:
        raise Invalid("Send one of _summary and _elements, once.")
    ((name, value),) = asked
    rest = tuple(pair for pair in pairs if pair not in asked)
    if name == "_elements":
        if type_ is None:
            raise Invalid(
                "_elements names elements of one type: search that one, ask for its history, or use _summary."
            )
        return Shape(Part("elements", read_elements(type_, value)), asked=asked), rest
    match value:
        case "count":
            return Shape(count=True, asked=asked), rest
        case "true" | "text" | "data":
            if value == "text" and any(name.startswith(("_include", "_revinclude")) for name, _ in rest):
                raise Invalid("_summary=text does not go with _include and _revinclude. Use _summary=true.")
            return Shape(Part(value), asked=asked), rest
        case "false":
            return Shape(asked=asked), rest
    raise Invalid(f"_summary is one of {', '.join(_SUMMARIES)}, not “{value[:40]}”.")
