"""Vital signs: what was measured, as Observations; the early warning score from them."""

from samjournal.vitals.deciding import is_scale_2 as is_scale_2_decision
from samjournal.vitals.deciding import use_scale_1, use_scale_2
from samjournal.vitals.entering import FIELDS, Doubt, Entered, Fault, entered
from samjournal.vitals.kinds import CONSCIOUSNESS, KINDS, Kind
from samjournal.vitals.making import is_score, is_unread
from samjournal.vitals.making import read as values_of
from samjournal.vitals.recording import (
    Recorded,
    age,
    correct,
    gathered,
    is_scale_2,
    last_weight,
    record,
    says_pregnant,
    strike,
)

__all__ = [
    "CONSCIOUSNESS",
    "FIELDS",
    "KINDS",
    "Doubt",
    "Entered",
    "Fault",
    "Kind",
    "Recorded",
    "age",
    "correct",
    "entered",
    "gathered",
    "is_scale_2",
    "is_scale_2_decision",
    "is_score",
    "is_unread",
    "last_weight",
    "record",
    "says_pregnant",
    "strike",
    "use_scale_1",
    "use_scale_2",
    "values_of",
]
