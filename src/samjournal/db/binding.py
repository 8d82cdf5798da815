"""Bound values for SQL that is put together: every value goes in as an argument, never as text."""

from __future__ import annotations


class Arguments:
    """Collects values and gives the place of each: `$1::bigint`. The same object is asked once per statement."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._places: dict[tuple[int, str], str] = {}

    def add(self, value: object, type_: str) -> str:
        """The place of `value` in the statement. A value that is already there keeps its place."""
        place = self._places.get((id(value), type_))
        if place is None:
            self.values.append(value)
            place = self._places[id(value), type_] = f"${len(self.values)}::{type_}"
        return place
