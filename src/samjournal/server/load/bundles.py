"""Bundles that can be gone through again and again. hl7.org/fhir/R4/bundle.html

Bundle(text, kind, seed)       a large one: read anew each time, entry by entry
Held(piece, seed)              one in memory: taken apart once
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property, partial
from io import BytesIO

from samjournal.fhir.errors import Invalid
from samjournal.server.load.entries import Entry, Refused, Seed, Spot, entry_of, opened, refuse_kind, slot_of
from samjournal.server.load.pieces import Piece, Text, walk

_ENOUGH = 64
"""So many bytes of a resource find the place where it begins."""


class Bundle:
    """A Bundle of a kind that is loaded; of `text` it is read, as often as anybody asks."""

    def __init__(self, text: Callable[[], AbstractContextManager[Text]], kind: str, seed: Seed) -> None:
        self._text = text
        self.is_compact = False
        """Whether its entries come without white space."""
        self._kind = kind
        self._seed = seed

    def entries(self) -> Iterator[Entry | Refused]:
        """What is to be done, in order; entries that only read are left out."""
        for place, piece in enumerate(_pieces(self._text)):
            spot = Spot(_path(place), partial(_begins, piece))
            try:
                slot = slot_of(piece.raw)
            except Invalid as error:
                yield Refused(spot, error)
            else:
                yield from entry_of(slot, spot, self._kind, f"{self._seed} {place}")


class _Lines:
    """On which lines the entries of a Bundle begin, counted when somebody asks. It does not know the entries, so that
    these go away with the last who needs them."""

    def __init__(self, pieces: Callable[[], Iterator[Piece]]) -> None:
        self._pieces = pieces

    def of(self, place: int) -> int:
        return self._all[place]

    @cached_property
    def _all(self) -> list[int]:
        return [_begins(piece) for piece in self._pieces()]


class Held(Bundle):
    """A Bundle in memory, without white space; lines are counted in what came. Raises Invalid."""

    def __init__(self, piece: Piece, seed: Seed) -> None:
        text = partial(_text_of, piece)
        super().__init__(text, "", seed)
        self._lines = _Lines(partial(_pieces, text))
        self._kind, self._slots = opened(piece.raw)
        self.is_compact = self._slots is not None
        refuse_kind(self._kind)

    def entries(self) -> Iterator[Entry | Refused]:
        return iter(self._entries)

    @cached_property
    def _entries(self) -> list[Entry | Refused]:
        if self._slots is None:
            return list(super().entries())
        slots, self._slots = self._slots, []
        return [
            one
            for place, slot in enumerate(slots)
            for one in entry_of(
                slot, Spot(_path(place), partial(self._lines.of, place)), self._kind, f"{self._seed} {place}"
            )
        ]


def _text_of(piece: Piece) -> AbstractContextManager[Text]:
    return nullcontext(Text(BytesIO(piece.raw).read, line=piece.line))


def _pieces(text: Callable[[], AbstractContextManager[Text]]) -> Iterator[Piece]:
    with text() as open_text:
        for name, piece in walk(open_text):
            if name == "entry":
                yield piece


def _path(place: int) -> str:
    return f"Bundle.entry[{place}]"


def _begins(piece: Piece) -> int:
    """The line on which the resource of an entry begins, or the entry when it has none."""
    try:
        resource = bytes(slot_of(piece.raw).resource)
    except Invalid:
        return piece.line
    return piece.line + piece.raw.count(b"\n", 0, max(piece.raw.find(resource[:_ENOUGH]), 0))
