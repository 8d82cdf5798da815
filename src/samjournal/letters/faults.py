"""What goes wrong on the way out, in words without a name, a number or an address."""

from __future__ import annotations


class Unreachable(Exception):
    """The other side did not answer, or not now: the same is to be tried again later."""


class Refused(Exception):
    """The other side will never take it: the next channel is to be tried."""
