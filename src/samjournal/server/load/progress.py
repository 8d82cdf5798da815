"""How far a load came: on a terminal one line that is written over, else a line now and then."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Sequence
from typing import TextIO

from samjournal.server.load.files import Source
from samjournal.server.load.tally import Tally

_ON_TERMINAL = 0.2
_IN_LINES = 10.0


class Progress:
    """`tell` writes a line; `terminal` is where a line can be written over, if there is one."""

    def __init__(self, tell: Callable[[str], None], terminal: TextIO | None) -> None:
        self._tell = tell
        self._terminal = terminal
        self._every = _ON_TERMINAL if terminal else _IN_LINES
        self._shown = time.monotonic()
        self._tally: Tally | None = None
        self._sources: Sequence[Source] = ()
        self._whole = 0
        self._files = 0
        self._done = 0
        self._now = 0

    def begin(self, tally: Tally, sources: Sequence[Source]) -> None:
        self._tally = tally
        self._sources = sources
        self._whole = sum(one.size for one in sources)

    def at(self, position: int) -> None:
        """The reading of the file came so far on the disk."""
        self._now = position

    def file_done(self, source: Source) -> None:
        self._files += 1
        self._done += source.size
        self._now = 0
        self.show()

    def tell(self, line: str) -> None:
        """A line that stays."""
        if self._terminal:
            self._over("")
        self._tell(line)

    def show(self) -> None:
        """Show how far it came, if it is time."""
        now = time.monotonic()
        if self._tally is None or now - self._shown < self._every:
            return
        self._shown = now
        if self._terminal:
            self._over(self._line(self._tally))
        else:
            self._tell(self._line(self._tally))

    def end(self) -> None:
        if self._terminal:
            self._over("")

    def _line(self, tally: Tally) -> str:
        part = (self._done + self._now) / self._whole if self._whole else 1.0
        words = [
            f"{self._files} of {len(self._sources)} files, {part:.0%}",
            f"{tally.resources:,} resources",
            f"{tally.resources / tally.seconds:,.0f} a second",
        ]
        if tally.faults:
            words.append(f"{tally.faults:,} fault{'s' if tally.faults > 1 else ''}")
        if 0 < part < 1:
            words.append(f"{duration(tally.seconds * (1 - part) / part)} left")
        return "  " + ", ".join(words)

    def _over(self, line: str) -> None:
        assert self._terminal is not None
        width = shutil.get_terminal_size().columns - 1
        self._terminal.write(f"\r\x1b[K{line[:width]}")
        self._terminal.flush()


def duration(seconds: float) -> str:
    """Such as 8 s, 3 min 20 s, 2 h 5 min."""
    if seconds < 90:
        return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 90:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
