"""Where processes beside this one come from: a server that was started before there were any threads, and is copied.

It is started early, so that it imports while this process does. docs.python.org/3/library/multiprocessing.html
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext
from pathlib import Path

CONTEXT: ForkServerContext = multiprocessing.get_context("forkserver")
WORTH = 16 * 1024 * 1024
"""From so many bytes to load on the processes earn what their start costs."""


def begin(module: str) -> None:
    """Start the server, with a module that it imports at once."""
    CONTEXT.set_forkserver_preload([module])
    forkserver.ensure_running()


def is_much(paths: Iterable[Path]) -> bool:
    """Whether files and folders hold so much; no more is looked at than tells it."""
    left = WORTH
    for path in paths:
        for file in path.rglob("*") if path.is_dir() else (path,):
            left -= file.stat().st_size if file.is_file() else 0
            if left <= 0:
                return True
    return False
