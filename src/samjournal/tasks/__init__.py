"""Work for people: each thing has one owner and one deadline, is made, taken, handed on, done and undone, and never
waits in silence."""

from samjournal.tasks.absences import Absence, absent, away, come_back, go_away, stand_in
from samjournal.tasks.calendar import after, is_working
from samjournal.tasks.doing import (
    finish,
    hand_on,
    make,
    may_acknowledge,
    may_have,
    need_visit,
    send_back,
    sent_to_correct,
    take,
    undo,
)
from samjournal.tasks.kinds import CODES, DEADLINES, SYSTEM, Kind
from samjournal.tasks.listing import Inbox, inbox
from samjournal.tasks.replying import Answered, answer
from samjournal.tasks.results import LOADED, LOADED_AS_HISTORY, seen_in, take_in
from samjournal.tasks.saying import Said, himself, said, with_note, written
from samjournal.tasks.timely import MOST as MOST_AT_ONCE
from samjournal.tasks.timely import escalate, rehouse

__all__ = [
    "CODES",
    "DEADLINES",
    "LOADED",
    "LOADED_AS_HISTORY",
    "MOST_AT_ONCE",
    "SYSTEM",
    "Absence",
    "Answered",
    "Inbox",
    "Kind",
    "Said",
    "absent",
    "after",
    "answer",
    "away",
    "come_back",
    "escalate",
    "finish",
    "go_away",
    "hand_on",
    "himself",
    "inbox",
    "is_working",
    "make",
    "may_acknowledge",
    "may_have",
    "need_visit",
    "rehouse",
    "said",
    "seen_in",
    "send_back",
    "sent_to_correct",
    "stand_in",
    "take",
    "take_in",
    "undo",
    "with_note",
    "written",
]
