"""What you may do: roles, relations, permits. Only this package makes a `Permit`."""

from samjournal.access.blocks import are_blocked, are_partly_blocked
from samjournal.access.erasing import Erasure
from samjournal.access.explaining import Bond, explain
from samjournal.access.permits import (
    Permit,
    acting,
    decide,
    for_session,
    for_system,
    for_work,
    known,
    mine,
    note_access_change,
    note_decision,
    open_to,
    serves,
    state_reason,
)
from samjournal.access.persons import Persons
from samjournal.access.relations import OWN_PART, RULES, Relation, Stored, differing, key_units, project, relations
from samjournal.access.relations import TYPES as PROJECTED
from samjournal.access.reviewing import DUE, Matter, Open, reviewed, to_review
from samjournal.access.roles import NAMED_ACTIONS, REGISTERS, ROLES, Role

__all__ = [
    "DUE",
    "NAMED_ACTIONS",
    "OWN_PART",
    "PROJECTED",
    "REGISTERS",
    "ROLES",
    "RULES",
    "Bond",
    "Erasure",
    "Matter",
    "Open",
    "Permit",
    "Persons",
    "Relation",
    "Role",
    "Stored",
    "acting",
    "are_blocked",
    "are_partly_blocked",
    "decide",
    "differing",
    "explain",
    "for_session",
    "for_system",
    "for_work",
    "key_units",
    "known",
    "mine",
    "note_access_change",
    "note_decision",
    "open_to",
    "project",
    "relations",
    "reviewed",
    "serves",
    "state_reason",
    "to_review",
]
