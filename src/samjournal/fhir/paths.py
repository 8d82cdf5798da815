"""The part of FHIRPath that search parameters are written in, made into routes. hl7.org/fhir/R4/fhirpath.html

    routes(expression, base) -> tuple[Route, ...]     ValueError when the expression is outside the part
    values(route, resource) -> list[Any]              what lies at the end of a route

A union becomes several routes; an element with a choice of types becomes one route for each JSON name. A
step is a JSON name (str), a place in a list (int) or a test (`Where`, `Refers`). The types are known
beforehand, so a search parameter knows how to read what lies at the end without looking.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from samjournal.fhir.definitions import load
from samjournal.fhir.references import type_of


class Where(NamedTuple):
    """Keeps objects whose element has this value: `where(system='phone')`."""

    key: str
    value: str

    def keeps(self, value: Any) -> bool:
        """Whether the value passes."""
        return isinstance(value, dict) and value.get(self.key) == self.value


class Refers(NamedTuple):
    """Keeps references to a type: `where(resolve() is Patient)`, judged by the reference alone."""

    type: str

    def keeps(self, value: Any) -> bool:
        """Whether the reference is to the type."""
        return isinstance(value, dict) and type_of(value) == self.type


Step = str | int | Where | Refers


class Route(NamedTuple):
    """One way through a resource, the FHIR type at its end, and for codes the value set they are bound to."""

    steps: tuple[Step, ...]
    type: str
    value_set: str = ""


TOKEN = re.compile(r"\s*(?:([A-Za-z_]\w*)|'([^']*)'|(\d+)|(\S))")


def routes(expression: str, base: str) -> tuple[Route, ...]:
    """The routes that an expression takes through resources of the type `base`."""
    return tuple(_Reader(expression, base).read())


def relative_routes(expression: str, start: str) -> tuple[Route, ...]:
    """The routes of an expression that begins in an element of type `start`, as parts of composites do."""
    return tuple(_Reader(expression, start, relative=True).read())


def values(route: Route, resource: Any) -> list[Any]:
    """What lies at the end of a route; lists are opened on the way."""
    steps = route.steps
    if len(steps) == 1 and isinstance(steps[0], str):
        child = resource.get(steps[0])
        return [] if child is None else child if isinstance(child, list) else [child]
    found = [resource]
    for number, step in enumerate(steps):
        if isinstance(step, int):
            continue
        if not isinstance(step, str):
            found = [value for value in found if step.keeps(value)]
            continue
        place = steps[number + 1] if number + 1 < len(steps) else None
        inner: list[Any] = []
        for value in found:
            child = value.get(step) if isinstance(value, dict) else None
            if child is None:
                continue
            children = child if isinstance(child, list) else [child]
            inner += children[place : place + 1] if isinstance(place, int) else children
        if not inner:
            return []
        found = inner
    return found


class _Reader:
    """Reads an expression from left to right, keeping the routes that it has come to."""

    def __init__(self, expression: str, base: str, *, relative: bool = False) -> None:
        self.expression = expression
        self.base = base
        self.relative = relative
        self.tokens = [match.groups() for match in TOKEN.finditer(expression)]
        self.at = 0

    def read(self) -> list[Route]:
        found = self.union()
        if self.at < len(self.tokens):
            raise self.refusal()
        return found

    def refusal(self) -> ValueError:
        return ValueError(f"cannot read {self.expression!r} at token {self.at}")

    def symbol(self, *wanted: str) -> bool:
        """Takes the next token if it is one of these symbols or words."""
        if self.at < len(self.tokens):
            name, _, _, sign = self.tokens[self.at]
            if (name or sign) in wanted:
                self.at += 1
                return True
        return False

    def expect(self, wanted: str) -> None:
        if not self.symbol(wanted):
            raise self.refusal()

    def name(self) -> str:
        if self.at < len(self.tokens) and (found := self.tokens[self.at][0]):
            self.at += 1
            return found
        raise self.refusal()

    def union(self) -> list[Route]:
        found = self.item()
        while self.symbol("|"):
            found += self.item()
        return found

    def item(self) -> list[Route]:
        found = self.path()
        if self.symbol("as"):
            found = self.only(found, self.name())
        return found

    def path(self) -> list[Route]:
        if self.symbol("("):
            found = self.union()
            self.expect(")")
        else:
            first = self.name()
            start = [Route((), self.base)]
            known = not self.relative and first in (self.base, "Resource", "DomainResource")
            found = start if known else self.member(start, first)
        while True:
            if self.symbol("."):
                found = self.member(found, self.name())
            elif self.symbol("["):
                place = int(self.tokens[self.at][2] or -1)
                self.at += 1
                self.expect("]")
                found = [Route((*route.steps, place), route.type) for route in found]
            else:
                return found

    def member(self, found: list[Route], name: str) -> list[Route]:
        if not self.symbol("("):
            return [longer for route in found for longer in self.child(route, name)]
        if name in ("as", "ofType"):
            found = self.only(found, self.name())
        elif name == "where":
            test = self.test()
            found = [Route((*route.steps, test), route.type) for route in found]
        else:
            raise self.refusal()
        self.expect(")")
        return found

    def child(self, route: Route, name: str) -> list[Route]:
        shape = load().shape(route.type)
        for element in shape.elements:
            if element.name == name:
                return [Route((*route.steps, key), type_, element.value_set) for key, type_ in element.json_names()]
        raise ValueError(f"{route.type} has no element {name!r}, in {self.expression!r}")

    def only(self, found: list[Route], type_: str) -> list[Route]:
        return [route for route in found if route.type.lower() == type_.lower()]

    def test(self) -> Where | Refers:
        name = self.name()
        if name == "resolve":
            for wanted in ("(", ")", "is"):
                self.expect(wanted)
            return Refers(self.name())
        self.expect("=")
        value = self.tokens[self.at][1]
        if value is None:
            raise self.refusal()
        self.at += 1
        return Where(name, value)
