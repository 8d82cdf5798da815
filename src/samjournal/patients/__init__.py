"""Who is who: find people, by what is known of them and by who is alike; register, merge and part them."""

from samjournal.patients.comparing import Comparison, Fact, compare
from samjournal.patients.finding import Found, find, mine
from samjournal.patients.looking import Match, alike_to, match
from samjournal.patients.merging import Written, confirm, undo, written_since
from samjournal.patients.proposing import Proposal, decline, proposal, proposals, propose, standing
from samjournal.patients.registering import NewPerson, register

__all__ = [
    "Comparison",
    "Fact",
    "Found",
    "Match",
    "NewPerson",
    "Proposal",
    "Written",
    "alike_to",
    "compare",
    "confirm",
    "decline",
    "find",
    "match",
    "mine",
    "proposal",
    "proposals",
    "propose",
    "register",
    "standing",
    "undo",
    "written_since",
]
