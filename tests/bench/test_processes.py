"""What a part of the program is charged for: its own processes, and those of its database once."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from bench.processes import memory_mb, tree


@pytest.fixture
def child() -> Iterator[int]:
    process = subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE)
    yield process.pid
    process.communicate()


def test_a_child_is_counted_with_its_parent_and_can_be_left_out(child: int) -> None:
    assert child in tree(os.getpid())
    assert child not in tree(os.getpid(), without=child)
    assert memory_mb(os.getpid()) > memory_mb(os.getpid(), without=child) > 0
