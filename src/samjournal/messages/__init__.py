"""Messages to and from others: who has them, about whom they are, where they stand. House rule 5.

Nothing here knows how a message is written or carried (`exchange`): it takes and gives plain values.
"""

from samjournal.messages.activating import activate, tested
from samjournal.messages.addressing import Addressee, Level, is_borne_with
from samjournal.messages.closing import Undelivered, by_paper, by_phone, other_receiver, resend, undelivered
from samjournal.messages.connections import (
    ALARM,
    DEEP,
    OWNER,
    Connection,
    Dead,
    Times,
    alarm,
    connections,
    dead_letters,
    replay,
    times,
)
from samjournal.messages.contents import Place, Unreadable
from samjournal.messages.delivery import MOST as MOST_AT_ONCE
from samjournal.messages.delivery import (
    Receipt,
    Settled,
    answered_by,
    carried_back,
    failed,
    queue,
    receipted,
    time_out,
    transported,
    waiting,
)
from samjournal.messages.incoming import Attached, Incoming, name_of, sender_of
from samjournal.messages.listing import Inbound, inbound, mark_opened, opened_at, outbound
from samjournal.messages.matching import (
    REASONS,
    Due,
    Held,
    answered,
    become,
    due,
    for_desk,
    held,
    match,
    refuse,
    unanswerable,
    unread,
)
from samjournal.messages.outgoing import Outgoing, sending, steps_of
from samjournal.messages.receivers import SHARED, Receiver, place_of, receivers
from samjournal.messages.receiving import Kept, Wish, clash, is_known, receive, receive_together, sent, unsent
from samjournal.messages.replying import can_be_answered, reply
from samjournal.messages.states import state_of
from samjournal.messages.subjects import Said, Subject

__all__ = [
    "ALARM",
    "DEEP",
    "MOST_AT_ONCE",
    "OWNER",
    "REASONS",
    "SHARED",
    "Addressee",
    "Attached",
    "Connection",
    "Dead",
    "Due",
    "Held",
    "Inbound",
    "Incoming",
    "Kept",
    "Level",
    "Outgoing",
    "Place",
    "Receipt",
    "Receiver",
    "Said",
    "Settled",
    "Subject",
    "Times",
    "Undelivered",
    "Unreadable",
    "Wish",
    "activate",
    "alarm",
    "answered",
    "answered_by",
    "become",
    "by_paper",
    "by_phone",
    "can_be_answered",
    "carried_back",
    "clash",
    "connections",
    "dead_letters",
    "due",
    "failed",
    "for_desk",
    "held",
    "inbound",
    "is_borne_with",
    "is_known",
    "mark_opened",
    "match",
    "name_of",
    "opened_at",
    "other_receiver",
    "outbound",
    "place_of",
    "queue",
    "receipted",
    "receive",
    "receive_together",
    "receivers",
    "refuse",
    "replay",
    "reply",
    "resend",
    "sender_of",
    "sending",
    "sent",
    "state_of",
    "steps_of",
    "tested",
    "time_out",
    "times",
    "transported",
    "unanswerable",
    "undelivered",
    "unread",
    "unsent",
    "waiting",
]
