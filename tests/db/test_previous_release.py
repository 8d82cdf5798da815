"""The previous release runs on the schema of this one, so that both can run while a region is upgraded."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT = ("src/samjournal/fhir/definitions.bin", "src/samjournal/ui/vendor")
TRY = """
import asyncio, sys
from samjournal import access, accounts
from samjournal.db.pool import connect
from samjournal.record import Change, change, open_door, read

async def main():
    pool = await connect(sys.argv[1])
    made = await accounts.create(pool, kind="demo")
    door = await open_door(pool, secret=made.secret)
    permit = access.for_system("previous", scope=None, request="previous")
    person = {"resourceType": "Patient", "name": [{"family": "Forrige"}]}
    (stored,) = await change(door, permit, [Change.create(person)])
    assert (await read(door, permit, "Patient", stored.id)).version == 1
    await pool.close()

asyncio.run(main())
"""


def _git(*words: str) -> bytes:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout


def _previous() -> str | None:
    try:
        return _git("describe", "--tags", "--match", "v*", "--abbrev=0").decode().strip()
    except (OSError, subprocess.CalledProcessError):
        return None


@pytest.mark.skipif(_previous() is None, reason="there is no release yet: the first tag v… makes this test run")
def test_the_previous_release_writes_and_reads_on_this_schema(database: str, tmp_path: Path) -> None:
    archive = _git("archive", str(_previous()), "src")
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        packed.extractall(tmp_path, filter="data")
    for built in BUILT:
        there = ROOT / built
        copy = shutil.copytree if there.is_dir() else shutil.copy
        copy(there, tmp_path / built)
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
    tried = subprocess.run([sys.executable, "-c", TRY, database], env=env, capture_output=True, text=True)
    assert tried.returncode == 0, tried.stderr
