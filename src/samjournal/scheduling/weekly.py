"""The hours of a week: as people write them, and as the register keeps them. hl7.org/fhir/R4/practitionerrole.html

    parsed(text) -> tuple[Stretch, ...]         `08.00–11.30, 12–15.30` of one day; ValueError for what is no hours
    said(stretches) -> str                      the same, as it is written again
    weekly(resource) -> Weekly | None           of whoever has hours; None: none are said
    with_weekly(resource, weekly) -> dict       the resource with other hours

A Stretch is from one minute after midnight to another, 1440 at most, by the clock on the wall. Hours over midnight are
those of two days. When that is, `hours` says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any, Final

Stretch = tuple[int, int]
Weekly = tuple[tuple[Stretch, ...], ...]
"""Seven days from Monday on, each with its stretches."""
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT: Final = 24 * 60
_CLOCK: Final = r"(\d{1,2})(?:[.:](\d{2}))?"
_STRETCH: Final = re.compile(rf"{_CLOCK}\s*[-–—]\s*{_CLOCK}")
_NAMES: Final = {
    "Location": ("hoursOfOperation", "openingTime", "closingTime"),
}
_USUAL: Final = ("availableTime", "availableStartTime", "availableEndTime")


def parsed(text: str) -> tuple[Stretch, ...]:
    """The hours of one day; none for an empty text. Raises ValueError with what cannot be read."""
    found: list[Stretch] = []
    for part in re.split(r"[,;]|\bog\b|\band\b", text):
        if not part.strip():
            continue
        match = _STRETCH.fullmatch(part.strip())
        if match is None:
            raise ValueError(part.strip())
        begin, end = _minutes(match[1], match[2]), _minutes(match[3], match[4])
        if begin is None or end is None or begin >= end:
            raise ValueError(part.strip())
        found.append((begin, end))
    found.sort()
    for (_, before), (after, _) in pairwise(found):
        if after < before:
            raise ValueError(text.strip())
    return tuple(found)


def _minutes(hours: str, minutes: str | None) -> int | None:
    total = int(hours) * 60 + int(minutes or 0)
    return total if int(minutes or 0) < 60 and total <= MIDNIGHT else None


def said(stretches: tuple[Stretch, ...]) -> str:
    """As people write it: `08.00–11.30, 12.00–15.30`."""
    return ", ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in stretches)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}.{minutes % 60:02}"


def weekly(resource: Mapping[str, Any]) -> Weekly | None:
    """The hours that a resource says; None when it says none at all."""
    element, opens, closes = _NAMES.get(str(resource.get("resourceType")), _USUAL)
    if not resource.get(element):
        return None
    week: list[set[Stretch]] = [set() for _ in DAYS]
    for one in resource[element]:
        begin = 0 if one.get("allDay") else _at(one.get(opens, "00:00"))
        end = MIDNIGHT if one.get("allDay") else _at(one.get(closes, "00:00")) or MIDNIGHT
        for day in one.get("daysOfWeek") or DAYS:
            at = DAYS.index(day)
            week[at].add((begin, end if end > begin else MIDNIGHT))
            if end <= begin:
                week[(at + 1) % 7].add((0, end))
    return tuple(tuple(sorted(day)) for day in week)


def _at(clock: str) -> int:
    hours, minutes = clock.split(":")[:2]
    return (int(hours) * 60 + int(minutes)) % MIDNIGHT


def with_weekly(resource: Mapping[str, Any], week: Weekly) -> dict[str, Any]:
    """The resource with these hours and no others; days with the same hours stand together."""
    element, opens, closes = _NAMES.get(str(resource.get("resourceType")), _USUAL)
    days: dict[Stretch, list[str]] = {}
    for name, stretches in zip(DAYS, week, strict=True):
        for stretch in stretches:
            days.setdefault(stretch, []).append(name)
    kept = {name: value for name, value in resource.items() if name != element}
    said_so = [
        {"daysOfWeek": names, "allDay": True}
        if stretch == (0, MIDNIGHT)
        else {"daysOfWeek": names, opens: _time(stretch[0]), closes: _time(stretch[1])}
        for stretch, names in days.items()
    ]
    return {**kept, **({element: said_so} if said_so else {})}


def _time(minutes: int) -> str:
    """R4 has no 24:00: what lasts to the end of the day ends at midnight."""
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}:00"
