"""What a validation finds: issues, each with its place. hl7.org/fhir/R4/validation.html

issues.add(code, text, at)     raises Enough at the fiftieth: more would not help anybody
short(value), what(value)      a value as an issue shows it: its text cut short, or its JSON kind
"""

from __future__ import annotations

from typing import Any

from samjournal.fhir.errors import Issue

MAX_ISSUES = 50

Place = Any  # a place is None at the top, or (outer place, key or index); text only when something is wrong


class Enough(Exception):
    """Fifty issues are found."""


class Issues(list[Issue]):
    """What was found so far, in a resource of the type `root`.

    `local` collects references to contained resources, to be looked up at the end.
    """

    __slots__ = ("local", "root")

    def __init__(self) -> None:
        super().__init__()
        self.root = ""
        self.local: list[tuple[str, Place]] = []

    def add(self, code: str, text: str, at: Place) -> None:
        """One more thing that is wrong."""
        self.append(Issue(code, text, (self.root + _path(at)).removeprefix(".")))
        if len(self) >= MAX_ISSUES:
            raise Enough


def _path(at: Place) -> str:
    """The place as the end of a FHIRPath: `.component[0].valueQuantity`."""
    parts: list[str] = []
    while at is not None:
        at, key = at
        parts.append(f"[{key}]" if isinstance(key, int) else f".{key}")
    return "".join(reversed(parts))


def what(value: Any) -> str:
    """What kind of JSON a value is."""
    if value is None:
        return "null"
    names = {bool: "true or false", int: "A number", float: "A number", str: "A string", list: "An array"}
    return names.get(type(value), "A value")


def short(value: Any) -> str:
    """A value cut to what a line can show."""
    if not isinstance(value, str):
        return what(value).lower()
    return repr(value if len(value) <= 60 else value[:57] + "…")
