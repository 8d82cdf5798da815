"""A load that fills the disk says so, stops, and goes on when there is room."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from samjournal.server import exits
from server.program import run, serving

pytestmark = pytest.mark.drill
MEGABYTES = 320
LEFT = 24
MANY = 10_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own that is soon full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_load_that_fills_the_disk_says_so_and_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    file = tmp_path / "many.ndjson"
    with file.open("w") as lines:
        for number in range(MANY):
            one = {"resourceType": "Basic", "id": f"full-{number}", "code": {"text": "x" * 1000}}
            lines.write(json.dumps(one) + "\n")
    ballast = small_disk / "ballast"
    with serving(small_disk / "data") as server:
        state = subprocess.run(["df", "--output=avail", "-m", small_disk], capture_output=True, text=True, check=True)
        ballast.write_bytes(bytes((int(state.stdout.split()[1]) - LEFT) * 1024 * 1024))
        full = run("load", "--data-dir", server.data, file)
        assert full.returncode == exits.NOT_READY, full.stdout + full.stderr
        assert "disk is full" in full.stderr
        assert "Repeat the command" in full.stdout
        ballast.unlink()
        again = run("load", "--data-dir", server.data, file)
        assert again.returncode == exits.OK, again.stdout + again.stderr
        row = next(line.split() for line in again.stdout.splitlines() if line.split()[:1] == ["Basic"])
        stored, unchanged = (int(number.replace(",", "")) for number in row[1:3])
        assert stored + unchanged == MANY
        assert unchanged > 0, "what was stored before the disk was full is not stored again"
