"""One evaluation: what `$this` and the variables are, what it has cost, and how functions take their input."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Collection, Node, plain
from samjournal.fhir.fhirpath.temporal import Temporal, now

MOST_STEPS = 200_000
LONGEST_TEXT = 1_000_000
LONGEST = 2.0
"""Seconds: steps are cheap or dear, by what they meet."""
Resolve = Callable[[str], dict[str, Any] | None]


class Run:
    """What one evaluation shares: the resource, the variables, the clock, and the steps that are left."""

    __slots__ = ("ends", "left", "moment", "resolve", "resource", "variables")

    def __init__(
        self,
        resource: Node,
        variables: Mapping[str, Collection],
        resolve: Resolve | None,
        *,
        steps: int,
        seconds: float,
    ) -> None:
        self.resource = resource
        self.variables = variables
        self.resolve = resolve
        self.left = steps
        self.ends = time.monotonic() + seconds
        self.moment: Temporal | None = None

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0 or time.monotonic() > self.ends:
            raise PathError("The expression takes too long on this resource: narrow it")

    def now(self) -> Temporal:
        """The same moment throughout one evaluation."""
        if self.moment is None:
            self.moment = now(datetime.now(UTC).astimezone())
        return self.moment


class Context(NamedTuple):
    """Where in the evaluation we are."""

    run: Run
    this: Collection
    place: int = 0
    total: Collection | None = None

    def at(self, item: Node, place: int) -> Context:
        """The same, on one item."""
        self.run.spend(1)
        return Context(self.run, [item], place, self.total)


Closure = Callable[[Context], Collection]
Call = Callable[[Context, Collection, tuple[Closure, ...]], Collection]


class Function(NamedTuple):
    """A function: what it does, how many arguments it takes, whether they are evaluated on each item, and which types
    it gives: those of its input (`same`), of its argument (`argument`), these, or unknown ones."""

    call: Call
    least: int = 0
    most: int = 0
    each: bool = False
    types: str | frozenset[str] | None = None


BOOLEAN = frozenset({"System.Boolean"})
INTEGER = frozenset({"System.Integer"})
STRING = frozenset({"System.String"})


def one(items: Collection) -> Node | None:
    """The only item; None when there is none."""
    if len(items) > 1:
        raise PathError(f"Here one value is needed, and there are {len(items)}")
    return items[0] if items else None


def value(items: Collection) -> Any:
    """The only item as a plain value; None when there is none."""
    item = one(items)
    if item is None:
        return None
    found = plain(item)
    if found is None and item.value is not None:
        raise PathError(f"A {item.type} stands where a plain value is needed")
    return found


def truth(items: Collection) -> bool | None:
    """A collection as yes or no: what is there once and is no yes or no counts as yes."""
    item = one(items)
    if item is None:
        return None
    found = plain(item)
    return found if isinstance(found, bool) else True


def condition(items: Collection) -> bool | None:
    """A criterion, which must be yes, no or nothing."""
    item = one(items)
    if item is None:
        return None
    found = plain(item)
    if not isinstance(found, bool):
        raise PathError("The condition is neither true nor false")
    return found


def text(items: Collection) -> str | None:
    found = value(items)
    if found is not None and not isinstance(found, str):
        raise PathError("Here a text is needed")
    return found


def integer(items: Collection) -> int | None:
    found = value(items)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
        raise PathError("Here a whole number is needed")
    return found
