"""Find people, by name, birth date and number, and by who is alike; register them."""

from samjournal.patients.finding import Found, find, mine
from samjournal.patients.looking import Match, match
from samjournal.patients.registering import NewPerson, register

__all__ = ["Found", "Match", "NewPerson", "find", "match", "mine", "register"]
