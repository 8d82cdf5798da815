"""Arithmetic of times: sorted stretches of whole seconds that neither overlap nor touch, each from `lo` up to `hi`.

    union(stretches), intersection(a, b), difference(a, b) -> Times
    starts(hours, taken, length, before, after) -> Times    the seconds at which something so long may begin
    on_grid(starts, anchors, step)                          those of them that are offered, in order

All pure. Seconds are those since 1970, so an hour that the clock repeats or leaves out is what it is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

Times = list[tuple[int, int]]


def union(stretches: Iterable[tuple[int, int]]) -> Times:
    """All of some stretches, those that overlap or touch as one; empty ones are left out."""
    found: Times = []
    for lo, hi in sorted(stretches):
        if lo >= hi:
            continue
        if found and lo <= found[-1][1]:
            if hi > found[-1][1]:
                found[-1] = (found[-1][0], hi)
        else:
            found.append((lo, hi))
    return found


def intersection(one: Times, other: Times) -> Times:
    """What is in both."""
    found: Times = []
    a = b = 0
    while a < len(one) and b < len(other):
        lo, hi = max(one[a][0], other[b][0]), min(one[a][1], other[b][1])
        if lo < hi:
            found.append((lo, hi))
        if one[a][1] < other[b][1]:
            a += 1
        else:
            b += 1
    return found


def difference(one: Times, other: Times) -> Times:
    """What is in the first and not in the second."""
    found: Times = []
    at = 0
    for lo, hi in one:
        while at < len(other) and other[at][1] <= lo:
            at += 1
        here = at
        while here < len(other) and other[here][0] < hi:
            if other[here][0] > lo:
                found.append((lo, other[here][0]))
            lo = other[here][1]
            here += 1
        if lo < hi:
            found.append((lo, hi))
    return found


def starts(hours: Times, taken: Iterable[tuple[int, int]], length: int, before: int = 0, after: int = 0) -> Times:
    """When something may begin that lasts `length` seconds within the hours, and keeps whoever does it for `before`
    and `after` it too, of which nothing is taken."""
    open_ = [(lo, hi - length + 1) for lo, hi in hours if hi - length >= lo]
    closed = union((lo - length - after + 1, hi + before) for lo, hi in taken if lo < hi)
    return difference(open_, closed)


def on_grid(begin: Times, anchors: Times, step: int) -> Iterator[int]:
    """Of the seconds at which something may begin those that are a whole number of steps after the stretch of `anchors`
    in which they lie began."""
    opening = [lo for lo, _ in anchors]
    for lo, hi in begin:
        at = bisect_right(opening, lo) - 1
        if at < 0:
            continue
        anchor = opening[at]
        first = anchor + -(-(lo - anchor) // step) * step
        yield from range(first, hi, step)


def holds(times: Sequence[tuple[int, int]], second: int) -> bool:
    """Whether a second is in some times."""
    at = bisect_right(times, (second, 1 << 62)) - 1
    return at >= 0 and times[at][0] <= second < times[at][1]
