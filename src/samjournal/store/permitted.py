"""What a permit says of rows, as SQL that statements are made with: the store knows no permit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from samjournal.db.binding import Arguments

Why = Callable[[str, Arguments], str]
"""SQL of the kind of relation that opens a patient's record, or NULL."""


class Condition(Protocol):
    """The permit's condition on a row alias. `opened` is SQL of whether the record that the row lies under is open,
    where that was asked before; `mostly` is the patient key under which most rows lie, of whom it is asked once;
    `opened` is of his record alone then."""

    def __call__(
        self, row: str, arguments: Arguments, /, *, opened: str | None = None, mostly: int | None = None
    ) -> str: ...
