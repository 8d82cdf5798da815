"""How the program ends, and the errors that end it with a sentence."""

from __future__ import annotations

OK = 0
FAULT = 1
USAGE = 2
NOT_READY = 3
REFUSED = 4
FINDINGS = 5


class Stop(Exception):
    """The command cannot go on. The text says why and what to do; `code` is how the program ends."""

    code = FAULT


class Usage(Stop):
    """The command line does not say what to do."""

    code = USAGE


class NotReady(Stop):
    """Something else has the port or the folder, or is not there yet."""

    code = NOT_READY


class Refused(Stop):
    """It could be done, but it must not."""

    code = REFUSED
