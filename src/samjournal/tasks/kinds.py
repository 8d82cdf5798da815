"""What there is to do: the codes of a Task, how long each may take, and how its elements are written."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal

SYSTEM: Final = "urn:samjournal:task"
UNIT: Final = "urn:samjournal:unit"
"""The system of Organization.type; `duty` has what nobody else answers for."""
Kind = Literal["sign", "countersign", "acknowledge", "answer", "deliver", "assess", "do"]
CODES: Final[tuple[Kind, ...]] = ("sign", "countersign", "acknowledge", "answer", "deliver", "assess", "do")
DEADLINES: Final[dict[Kind, timedelta]] = {
    "sign": timedelta(days=1),
    "countersign": timedelta(days=2),
    "acknowledge": timedelta(days=3),
    "answer": timedelta(days=2),
    "deliver": timedelta(days=1),
    "assess": timedelta(days=1),
    "do": timedelta(days=3),
}
"""So long each may wait where nobody says otherwise. A deadline that is missed gives the work to the team."""
CRITICAL: Final = timedelta(hours=1)
"""So long a critical result may wait."""
URGENT: Final = frozenset({"asap", "stat"})
ESCALATED: Final = "escalated"
STOOD_IN: Final = "stood-in"
TAKEN: Final = "taken"
"""Codes of Task.businessStatus: the deadline passed and the team has it; somebody stands in for the owner; he took it
from a team that goes on seeing it."""
VISIT: Final = "visit"
"""The code of an input of a Task: somebody must go there."""
