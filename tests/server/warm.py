"""Commands of the program from a process that has it in memory already: a fork instead of a start with all imports.

run(line, patience) -> CompletedProcess      the command in a process of its own, as a start from nothing would run it

This file is also that process. It says when it is ready, reads one command a line (JSON), and answers with how it
ended. It has one thread and no loop, so that a fork of it is as whole as a new start.
"""

from __future__ import annotations

import atexit
import functools
import importlib
import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

# What the commands import when they begin.
_MODULES = ("uvloop", "samjournal.server.cli", "samjournal.server.serve", "samjournal.server.load")


def run(line: Sequence[str], *, patience: float) -> subprocess.CompletedProcess[str]:
    """What the command wrote and how it ended; killed, with an error, when it takes longer than `patience` seconds."""
    with tempfile.TemporaryDirectory(prefix="command-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        asked = {
            "line": line,
            "out": str(out),
            "err": str(err),
            "cwd": str(Path.cwd()),
            "environment": dict(os.environ),
        }
        parent = _parent()
        _write(parent.stdin, asked)
        try:
            code = int(_answer(parent.stdout, patience=patience))
        except subprocess.TimeoutExpired:
            os.killpg(parent.pid, signal.SIGKILL)
            _parent.cache_clear()
            raise
        return subprocess.CompletedProcess(list(line), code, out.read_text("utf-8"), err.read_text("utf-8"))


@functools.cache
def _parent() -> subprocess.Popen[str]:
    begun = subprocess.Popen(
        [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    atexit.register(begun.kill)
    _answer(begun.stdout, patience=60)
    return begun


def _write(pipe: IO[str] | None, value: object) -> None:
    assert pipe is not None
    pipe.write(f"{json.dumps(value)}\n")
    pipe.flush()


def _answer(pipe: IO[str] | None, *, patience: float) -> str:
    assert pipe is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        if not waiting.select(patience):
            raise subprocess.TimeoutExpired("samjournal", patience)
    line = pipe.readline()
    assert line, "the process that commands are forked from has ended"
    return line


def _serve() -> None:
    for module in _MODULES:
        importlib.import_module(module)
    _write(sys.stdout, "ready")
    for line in sys.stdin:
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _become(asked)
        _write(sys.stdout, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def _become(asked: dict[str, object]) -> None:
    """Never returns: this process is the command now."""
    from samjournal.__main__ import main

    for number, name, how in (
        (0, os.devnull, os.O_RDONLY),
        (1, asked["out"], os.O_WRONLY),
        (2, asked["err"], os.O_WRONLY),
    ):
        opened = os.open(str(name), how | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(str(asked["cwd"]))
    os.environ.clear()
    os.environ.update(asked["environment"])  # type: ignore[call-overload]
    sys.argv = ["samjournal", *asked["line"]]  # type: ignore[misc]
    sys.stdin = open(0)  # noqa: SIM115
    code: object = 1
    try:
        code = main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


if __name__ == "__main__":
    _serve()
