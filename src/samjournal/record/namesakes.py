"""Two people under one id: what comes from a source that numbers its patients as another does.

is_somebody_else(comes, stands) -> bool      whether the Patient that comes cannot be the one that is stored
"""

from __future__ import annotations

from typing import Any

import msgspec


def is_somebody_else(comes: dict[str, Any] | None, stands: bytes | None) -> bool:
    """Whether both have a number of the same kind, none in common, and another name or birth date. A number that was
    corrected, and a D-number that became a birth number, leave the same person."""
    if comes is None or stands is None or comes["resourceType"] != "Patient":
        return False
    there: dict[str, Any] = msgspec.json.decode(stands)
    mine, theirs = _numbers(comes), _numbers(there)
    if not mine or not theirs or mine & theirs or not {kind for kind, _ in mine} & {kind for kind, _ in theirs}:
        return False
    return comes.get("birthDate") != there.get("birthDate") or not _families(comes) & _families(there)


def _numbers(patient: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (one["system"], one["value"]) for one in patient.get("identifier", ()) if "system" in one and "value" in one
    }


def _families(patient: dict[str, Any]) -> set[str]:
    return {str(name.get("family") or name.get("text")).casefold() for name in patient.get("name", ())}
