"""Fetches a certified OpenID provider for the tests: what tests/provider/package-lock.json names, for Node.

`python assets/provider.py` exits 0 also when it cannot, and prints a sentence. Node comes as a Python package, as for
the build. What is there already is used again. tests/acceptance/providers.py starts it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from build import _environment, _npm

HOME = Path(__file__).resolve().parent.parent / "tests" / "provider"
MARK = HOME / "node_modules" / ".lock"
ADVICE = "No OpenID provider: npm could not fetch it. Is the network (or the registry in ~/.npmrc) reachable?"


def is_there() -> bool:
    """Whether it was fetched as the lock has it."""
    return MARK.exists() and MARK.read_text() == (HOME / "package-lock.json").read_text()


def fetch() -> bool:
    """Have npm fetch it, if it is not there."""
    if is_there():
        return True
    print("Fetching the packages of tests/provider/package-lock.json ...", flush=True)
    fetched = subprocess.run([*_npm(), "ci", "--loglevel=error"], cwd=HOME, env=_environment(), check=False)
    if fetched.returncode == 0:
        MARK.write_text((HOME / "package-lock.json").read_text())
    return fetched.returncode == 0


if __name__ == "__main__":
    if not fetch():
        print(ADVICE, file=sys.stderr)
