"""Appointments: what a unit offers, what is free, and that nobody has a time twice. The record holds what is taken
(`record/occupying.py`); what is free is computed each time."""

from samjournal.scheduling.agenda import Entry, agenda, opening
from samjournal.scheduling.booking import Taken, book, cancel, fee_due, is_late, move
from samjournal.scheduling.freeing import Free, first_free, free
from samjournal.scheduling.listing import Booked, booked, booked_one, to_go_on
from samjournal.scheduling.making import FEE, INTERPRETER, VIDEO, WAY, patient_of, visit_id, way_of
from samjournal.scheduling.rights import may_book
from samjournal.scheduling.sending import sent
from samjournal.scheduling.states import arrived, check_in, finished, no_show
from samjournal.scheduling.visits import Need, VisitType, is_visit_type, read_visit, visit_type, visit_types

__all__ = [
    "FEE",
    "INTERPRETER",
    "VIDEO",
    "WAY",
    "Booked",
    "Entry",
    "Free",
    "Need",
    "Taken",
    "VisitType",
    "agenda",
    "arrived",
    "book",
    "booked",
    "booked_one",
    "cancel",
    "check_in",
    "fee_due",
    "finished",
    "first_free",
    "free",
    "is_late",
    "is_visit_type",
    "may_book",
    "move",
    "no_show",
    "opening",
    "patient_of",
    "read_visit",
    "sent",
    "to_go_on",
    "visit_id",
    "visit_type",
    "visit_types",
    "way_of",
]
