"""Messages to and from others: who has them, about whom they are, where they stand. House rule 5.

Nothing here knows how a message is written or carried (`exchange`): it takes and gives plain values.
"""

from samjournal.messages.addressing import Addressee, Level
from samjournal.messages.incoming import Attached, Incoming, name_of, sender_of
from samjournal.messages.matching import REASONS, Due, Held, answered, due, held, match, refuse
from samjournal.messages.receiving import Kept, clash, is_known, receive, sent, unsent
from samjournal.messages.states import state_of
from samjournal.messages.subjects import Said, Subject

__all__ = [
    "REASONS",
    "Addressee",
    "Attached",
    "Due",
    "Held",
    "Incoming",
    "Kept",
    "Level",
    "Said",
    "Subject",
    "answered",
    "clash",
    "due",
    "held",
    "is_known",
    "match",
    "name_of",
    "receive",
    "refuse",
    "sender_of",
    "sent",
    "state_of",
    "unsent",
]
