"""Who is who: find people, by what is known of them and by who is alike; register, merge and part them; and what was
written in the wrong record."""

from samjournal.patients.closing import close, closed, reopen
from samjournal.patients.comparing import Comparison, Fact, compare
from samjournal.patients.finding import Found, find, mine
from samjournal.patients.following import FollowUp, follow_ups, followed_up
from samjournal.patients.looking import Match, alike_to, match
from samjournal.patients.merging import Written, confirm, undo, written_since
from samjournal.patients.moving import MOVABLE, Move, consider, move
from samjournal.patients.numbering import renumber
from samjournal.patients.proposing import Proposal, decline, proposal, proposals, propose, standing
from samjournal.patients.registering import NewPerson, register

__all__ = [
    "MOVABLE",
    "Comparison",
    "Fact",
    "FollowUp",
    "Found",
    "Match",
    "Move",
    "NewPerson",
    "Proposal",
    "Written",
    "alike_to",
    "close",
    "closed",
    "compare",
    "confirm",
    "consider",
    "decline",
    "find",
    "follow_ups",
    "followed_up",
    "match",
    "mine",
    "move",
    "proposal",
    "proposals",
    "propose",
    "register",
    "renumber",
    "reopen",
    "standing",
    "undo",
    "written_since",
]
