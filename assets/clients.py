"""Fetches client libraries of others for the tests: what tests/smart/clients/package-lock.json names, for Node.

`python assets/clients.py` exits 0 also when it cannot, and prints a sentence. Node comes as a Python package, as for
the build. What is there already is used again. tests/acceptance/test_apps.py connects with them.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from build import _environment, _npm

HOME = Path(__file__).resolve().parent.parent / "tests" / "smart" / "clients"
MARK = HOME / "node_modules" / ".lock"
ADVICE = "No client libraries: npm could not fetch them. Is the network (or the registry in ~/.npmrc) reachable?"


def is_there() -> bool:
    """Whether they were fetched as the lock has them."""
    return MARK.exists() and MARK.read_text() == (HOME / "package-lock.json").read_text()


def fetch() -> bool:
    """Have npm fetch them, if they are not there."""
    if is_there():
        return True
    print("Fetching the packages of tests/smart/clients/package-lock.json ...", flush=True)
    command = [*_npm(), "ci", "--omit=optional", "--ignore-scripts", "--loglevel=error"]
    fetched = subprocess.run(command, cwd=HOME, env=_environment(), check=False)
    if fetched.returncode == 0:
        MARK.write_text((HOME / "package-lock.json").read_text())
    return fetched.returncode == 0


if __name__ == "__main__":
    if not fetch():
        print(ADVICE, file=sys.stderr)
