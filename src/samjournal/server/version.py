"""Which version of the program this is. By itself, so that a short command imports no more than it needs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def program_version() -> str:
    """The version of the installed program."""
    try:
        return version("samjournal")
    except PackageNotFoundError:
        return "0"
