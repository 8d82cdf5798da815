"""What citizens write to those who help them, and what those write to citizens: each question has a team and a day.

A citizen's permit writes nothing: these actions do, for the patient and for who acts for the patient at a level that
may (`Permit.sends`).
"""

from samjournal.conversations.answering import answer, may_decide
from samjournal.conversations.asking import Asked, ask, conversation, follow_up
from samjournal.conversations.demanding import TYPES as DEMANDED
from samjournal.conversations.demanding import demand, title_of
from samjournal.conversations.files import MOST as LARGEST
from samjournal.conversations.files import File, checked
from samjournal.conversations.handing import hand_over
from samjournal.conversations.kinds import (
    ABOUT_RECORD,
    LONGEST,
    OUTCOMES,
    Kind,
    Outcome,
    begins,
    behalf_of,
    is_from_patient,
    kind_of,
    outcome_of,
    read_at,
    root_of,
)
from samjournal.conversations.looks import answer_look, ask_about, look_at
from samjournal.conversations.renewing import called, renew
from samjournal.conversations.standing import Standing, mark_read, standing
from samjournal.conversations.starting import start
from samjournal.conversations.teams import (
    Promise,
    Team,
    Unwritable,
    other_teams,
    promise,
    set_promise,
    team,
    teams,
)

__all__ = [
    "ABOUT_RECORD",
    "DEMANDED",
    "LARGEST",
    "LONGEST",
    "OUTCOMES",
    "Asked",
    "File",
    "Kind",
    "Outcome",
    "Promise",
    "Standing",
    "Team",
    "Unwritable",
    "answer",
    "answer_look",
    "ask",
    "ask_about",
    "begins",
    "behalf_of",
    "called",
    "checked",
    "conversation",
    "demand",
    "follow_up",
    "hand_over",
    "is_from_patient",
    "kind_of",
    "look_at",
    "mark_read",
    "may_decide",
    "other_teams",
    "outcome_of",
    "promise",
    "read_at",
    "renew",
    "root_of",
    "set_promise",
    "standing",
    "start",
    "team",
    "teams",
    "title_of",
]
