"""Whole numbers that a form or an address brings: the version that was seen, and the like.

counted("12") -> 12         0 for whatever is no such number, as for what was not sent
"""

from __future__ import annotations

LONGEST = 9
"""So many digits: no resource has more versions, and the database holds no longer numbers."""


def counted(said: object) -> int:
    """The number that was sent. Digits of other scripts and raised ones (²) are none."""
    text = str(said or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else 0
