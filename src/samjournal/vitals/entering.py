"""What somebody typed, as values; and what is wrong with it, or so rare that it is asked about.

    entered(texts, last_weight=…) -> Entered      values, faults by field, doubts

A fault is refused: it cannot be, or cannot be read. A doubt is possible but rare; who entered it looks again and says
that it is so, for that value: another value in the same field is asked about anew.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from samjournal.vitals.kinds import CONSCIOUSNESS, KINDS, PRESSURE_PARTS, WEIGHT_JUMP, Kind

NUMBER: Final = re.compile(r"\d{1,4}(?:[.,]\d{1,2})?", re.ASCII)
FIELDS: Final = (*KINDS, "consciousness")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field: `number`, `whole`, `range`, `unit` (it looks like another unit: `unit`, and what it
    would be in ours), `comma` (it would fit with a comma), `lower`, `both`, `letter`."""

    why: str
    kind: Kind | None = None
    unit: str = ""
    perhaps: float = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that is possible but rare: `rare` by itself, or a `jump` from the value before."""

    field: str
    value: float
    why: str
    before: float = 0

    @property
    def said(self) -> str:
        """What the form sends back when it is so: bound to the value."""
        return f"{self.field}={self.value:g}"


@dataclass(frozen=True, slots=True)
class Entered:
    """The values of a set in our units; `faults` by field; `doubts` that were not answered yet."""

    values: Mapping[str, float | str]
    faults: Mapping[str, Fault]
    doubts: tuple[Doubt, ...]


def entered(texts: Mapping[str, str], *, last_weight: float | None = None, sure: Collection[str] = ()) -> Entered:
    """A set as it was typed, by field; `sure` are the doubts that were answered. Empty fields were not measured."""
    values: dict[str, float | str] = {}
    faults: dict[str, Fault] = {}
    for name, kind in KINDS.items():
        if text := texts.get(name, "").strip():
            found = _number(text, kind)
            if isinstance(found, Fault):
                faults[name] = found
            else:
                values[name] = found
    if letter := texts.get("consciousness", "").strip().upper():
        if letter in CONSCIOUSNESS:
            values["consciousness"] = letter
        else:
            faults["consciousness"] = Fault("letter")
    faults |= _pressure(values, faults)
    doubts = [one for one in _doubts(values, last_weight) if one.said not in sure]
    return Entered(values, faults, tuple(doubts) if not faults else ())


def _number(text: str, kind: Kind) -> float | Fault:
    if not NUMBER.fullmatch(text):
        return Fault("number", kind)
    value = float(text.replace(",", "."))
    low, high = kind.possible
    if not low <= value <= high:
        return _outside(value, kind)
    if not kind.decimals and not value.is_integer():
        return Fault("whole", kind)
    return round(value, kind.decimals)


def _outside(value: float, kind: Kind) -> Fault:
    """Why a value that cannot be was typed, as far as one can guess."""
    low, high = kind.usual
    if kind.mistaken is not None:
        unit, factor, offset = kind.mistaken
        if low <= value * factor + offset <= high:
            return Fault("unit", kind, unit, round(value * factor + offset, kind.decimals))
    if kind.decimals and low <= value / 10 <= high:
        return Fault("comma", kind, perhaps=value / 10)
    return Fault("range", kind)


def _pressure(values: Mapping[str, float | str], faults: Mapping[str, Fault]) -> dict[str, Fault]:
    """Both pressures or none, the lower one below the upper one."""
    there = [part for part in PRESSURE_PARTS if part in values]
    if len(there) == 1 and not any(part in faults for part in PRESSURE_PARTS):
        (missing,) = set(PRESSURE_PARTS) - set(there)
        return {missing: Fault("both")}
    if len(there) == 2 and float(values["diastolic"]) >= float(values["systolic"]):
        return {"diastolic": Fault("lower")}
    return {}


def _doubts(values: Mapping[str, float | str], last_weight: float | None) -> list[Doubt]:
    found = []
    for name, value in values.items():
        if name == "consciousness":
            continue
        number = float(value)
        low, high = KINDS[name].usual
        if not low <= number <= high:
            found.append(Doubt(name, number, "rare"))
        elif name == "weight" and last_weight and abs(number - last_weight) > WEIGHT_JUMP * last_weight:
            found.append(Doubt(name, number, "jump", last_weight))
    return found
