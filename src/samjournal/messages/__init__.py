"""Messages to and from others: who has them, about whom they are, where they stand. House rule 5.

Nothing here knows how a message is written or carried (`exchange`): it takes and gives plain values.
"""

from samjournal.messages.addressing import Addressee, Level
from samjournal.messages.receiving import Attached, Incoming, Kept, clash, is_known, receive, sender_of, sent, unsent
from samjournal.messages.states import state_of
from samjournal.messages.subjects import Said, Subject

__all__ = [
    "Addressee",
    "Attached",
    "Incoming",
    "Kept",
    "Level",
    "Said",
    "Subject",
    "clash",
    "is_known",
    "receive",
    "sender_of",
    "sent",
    "state_of",
    "unsent",
]
