"""NEWS2, the early warning score: points by measurement, and what is missing. Royal College of Physicians, 2017.

    points(values, scale_2=…) -> dict          points of each part that was measured
    scored(values, scale_2=…) -> Scored        the sum with its band, or what is missing
    applies(age, pregnant=…) -> str            why it must not be used, or ""

A score is whole or there is none: seven parts, all of one set. From fewer the sum is a least, and is told as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

PARTS: Final = ("respiration", "saturation", "oxygen", "systolic", "pulse", "consciousness", "temperature")
"""In the order of the chart that wards know."""
YOUNGEST: Final = 16
WINDOW: Final = timedelta(minutes=30)
"""So far apart the parts of one set may be measured."""
OVER: Final = float("inf")

# Up to and with each limit these points; decimals lie between: 35.05 °C counts as 35.1, since it is above 35.0.
Steps = tuple[tuple[float, int], ...]
STEPS: Final[dict[str, Steps]] = {
    "respiration": ((8, 3), (11, 1), (20, 0), (24, 2), (OVER, 3)),
    "systolic": ((90, 3), (100, 2), (110, 1), (219, 0), (OVER, 3)),
    "pulse": ((40, 3), (50, 1), (90, 0), (110, 1), (130, 2), (OVER, 3)),
    "temperature": ((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1), (OVER, 2)),
}
SATURATION: Final[Steps] = ((91, 3), (93, 2), (95, 1), (OVER, 0))
SATURATION_2: Final[Steps] = ((83, 3), (85, 2), (87, 1), (92, 0))
"""Scale 2, for whom 88 to 92 % is aimed at: below and at the aim. Above it, what it takes to get there counts."""
ABOVE_AIM: Final[Steps] = ((94, 1), (96, 2), (OVER, 3))
ON_OXYGEN: Final = 2
NOT_ALERT: Final = 3
MEDIUM: Final = 5
HIGH: Final = 7
SINGLE: Final = 3

Values = Mapping[str, float | str]
"""By part: numbers in the units of `kinds`; litres of oxygen, 0 for air; the letter of consciousness."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What a set comes to. `total` is None while something is missing; `least` is the sum of what is there. `band`:
    low, single (one part has 3), medium, high; of what is missing it is the band that holds already, or ""."""

    points: Mapping[str, int]
    missing: tuple[str, ...]
    scale_2: bool = False

    @property
    def least(self) -> int:
        return sum(self.points.values())

    @property
    def total(self) -> int | None:
        return None if self.missing else self.least

    @property
    def band(self) -> str:
        found = band(self.least, self.points)
        return "" if self.missing and found == "low" else found


def band(total: int, points: Mapping[str, int]) -> str:
    """How urgent: by the sum, and by any one part that has the most."""
    if total >= HIGH:
        return "high"
    if total >= MEDIUM:
        return "medium"
    return "single" if SINGLE in points.values() else "low"


def scored(values: Values, *, scale_2: bool = False) -> Scored:
    """The score of one set. On scale 2 the saturation means nothing as long as nobody said air or oxygen."""
    found = points(values, scale_2=scale_2)
    return Scored(found, tuple(part for part in PARTS if part not in values), scale_2)


def points(values: Values, *, scale_2: bool = False) -> dict[str, int]:
    """The points of each part that was measured."""
    found = {part: _step(float(values[part]), steps) for part, steps in STEPS.items() if part in values}
    if "oxygen" in values:
        found["oxygen"] = ON_OXYGEN if float(values["oxygen"]) > 0 else 0
    if "consciousness" in values:
        found["consciousness"] = 0 if values["consciousness"] == "A" else NOT_ALERT
    if "saturation" in values:
        saturation = float(values["saturation"])
        if not scale_2:
            found["saturation"] = _step(saturation, SATURATION)
        elif saturation <= SATURATION_2[-1][0]:
            found["saturation"] = _step(saturation, SATURATION_2)
        elif "oxygen" in values:
            found["saturation"] = _step(saturation, ABOVE_AIM) if float(values["oxygen"]) > 0 else 0
    return found


def applies(age: int | None, *, pregnant: bool) -> str:
    """Why the score must not be used: `child`, `pregnant`, or "". Of unknown age somebody counts as grown up."""
    if age is not None and age < YOUNGEST:
        return "child"
    return "pregnant" if pregnant else ""


def _step(value: float, steps: Steps) -> int:
    return next(points for limit, points in steps if value <= limit)
