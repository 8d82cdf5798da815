"""Fetches what the tests meet of others, for Node: a certified OpenID provider, and client libraries of SMART.

    python assets/peers.py          fetches both; prints a sentence, and exits 0 also when it cannot
    fetch(folder) -> bool           one of PEERS, as its package-lock.json names it

Node comes as a Python package, as for the build. No script of a package is run; what is there is used again.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from build import _environment, _npm

TESTS = Path(__file__).resolve().parent.parent / "tests"
PROVIDER, CLIENTS = "provider", "smart/clients"
ADVICE = "npm could not fetch what tests/{}/package-lock.json names. Is the registry (~/.npmrc) reachable?"


def fetch(folder: str) -> bool:
    """Have npm fetch it, if it is not there as the lock has it."""
    home = TESTS / folder
    mark, lock = home / "node_modules" / ".lock", (home / "package-lock.json").read_text()
    if mark.exists() and mark.read_text() == lock:
        return True
    print(f"Fetching the packages of tests/{folder}/package-lock.json ...", flush=True)
    command = [*_npm(), "ci", "--omit=optional", "--ignore-scripts", "--loglevel=error"]
    fetched = subprocess.run(command, cwd=home, env=_environment(), check=False)
    if fetched.returncode == 0:
        mark.write_text(lock)
    return fetched.returncode == 0


if __name__ == "__main__":
    for peer in (PROVIDER, CLIENTS):
        if not fetch(peer):
            print(ADVICE.format(peer), file=sys.stderr)
