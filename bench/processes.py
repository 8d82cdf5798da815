"""CPU time and memory of process trees, from /proc. man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""

from __future__ import annotations

import os
from pathlib import Path


def tree(root: int, *, without: int | None = None) -> list[int]:
    """A process and all under it, but for one of them and all under that: the program is the parent of its database."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            fields = _stat(int(entry.name))
            if fields:
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [root]
    while todo:
        if (pid := todo.pop()) != without:
            found.append(pid)
            todo += children.get(pid, [])
    return found


def cpu_seconds(root: int, *, without: int | None = None) -> float:
    """User and system time of a tree, children that ended included."""
    tick = os.sysconf("SC_CLK_TCK")
    return sum(sum(map(int, fields[11:15])) for pid in tree(root, without=without) if (fields := _stat(pid))) / tick


def memory_mb(root: int, *, without: int | None = None) -> float:
    """Proportional set size of a tree: shared pages are divided among those who share them."""
    total = 0
    for pid in tree(root, without=without):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _stat(pid: int) -> list[str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()
