"""Appointments: what a unit offers, what is free, and that nobody has a time twice. The record holds what is taken
(`record/occupying.py`); what is free is computed each time."""

from samjournal.scheduling.booking import book, cancel, fee_due, is_late, move, to_book
from samjournal.scheduling.choosing import Taken
from samjournal.scheduling.freeing import Free, first_free, free
from samjournal.scheduling.groups import open_session
from samjournal.scheduling.listing import Booked, booked, booked_one, goes_on, in_queue, to_go_on, waits
from samjournal.scheduling.making import FEE, INTERPRETER, VIDEO, WAY, patient_of, visit_id, way_of
from samjournal.scheduling.queue import NUMBER, Waiting, call_in, draw, in_turn, number_of
from samjournal.scheduling.rights import may_book
from samjournal.scheduling.sending import Enough, sent
from samjournal.scheduling.series import NotAll, Series, book_series, cancel_series, series_of
from samjournal.scheduling.sessions import Session, session, sessions
from samjournal.scheduling.states import arrived, check_in, finished, no_show
from samjournal.scheduling.visits import (
    Need,
    VisitType,
    is_visit_type,
    read_visit,
    visit_type,
    visit_types,
    visit_types_near,
)
from samjournal.scheduling.waiting import (
    OFFER,
    accept,
    answer_by,
    decline,
    held_until,
    offer_freed,
    wait,
    waiting_list,
)

__all__ = [
    "FEE",
    "INTERPRETER",
    "NUMBER",
    "OFFER",
    "VIDEO",
    "WAY",
    "Booked",
    "Enough",
    "Free",
    "Need",
    "NotAll",
    "Series",
    "Session",
    "Taken",
    "VisitType",
    "Waiting",
    "accept",
    "answer_by",
    "arrived",
    "book",
    "book_series",
    "booked",
    "booked_one",
    "call_in",
    "cancel",
    "cancel_series",
    "check_in",
    "decline",
    "draw",
    "fee_due",
    "finished",
    "first_free",
    "free",
    "goes_on",
    "held_until",
    "in_queue",
    "in_turn",
    "is_late",
    "is_visit_type",
    "may_book",
    "move",
    "no_show",
    "number_of",
    "offer_freed",
    "open_session",
    "patient_of",
    "read_visit",
    "sent",
    "series_of",
    "session",
    "sessions",
    "to_book",
    "to_go_on",
    "visit_id",
    "visit_type",
    "visit_types",
    "visit_types_near",
    "wait",
    "waiting_list",
    "waits",
    "way_of",
]
