"""Appointments: what a unit offers, what is free, and that nobody has a time twice. The record holds what is taken
(`record/occupying.py`); what is free is computed each time."""

from samjournal.scheduling.booking import Taken, book, cancel, fee_due, move
from samjournal.scheduling.freeing import Free, first_free, free
from samjournal.scheduling.rights import may_book
from samjournal.scheduling.visits import VisitType, visit_type, visit_types

__all__ = [
    "Free",
    "Taken",
    "VisitType",
    "book",
    "cancel",
    "fee_due",
    "first_free",
    "free",
    "may_book",
    "move",
    "visit_type",
    "visit_types",
]
