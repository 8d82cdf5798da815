"""What you may do: roles, relations, permits. Only this package makes a `Permit`."""

from samjournal.access.anomalies import RULES as QUESTIONS
from samjournal.access.anomalies import under
from samjournal.access.blocks import ALWAYS, are_blocked, are_partly_blocked
from samjournal.access.deaths import died_of, is_dead
from samjournal.access.decisions import refuse_decision
from samjournal.access.erasing import Erasure
from samjournal.access.explaining import Bond, Bound, bound, explain
from samjournal.access.granting import (
    acting,
    as_reader,
    for_job,
    for_session,
    for_system,
    for_work,
    in_general,
    keeping,
    may_withhold,
    restoring,
    within,
)
from samjournal.access.mandates import (
    Given,
    Represented,
    given,
    has_own_login,
    held,
    mandates_from,
    with_number,
    would_hold,
)
from samjournal.access.narrowing import Narrow, Restriction, Searched
from samjournal.access.permits import (
    Permit,
    decide,
    known,
    mine,
    note_access_change,
    note_decision,
    open_to,
    serves,
    state_reason,
)
from samjournal.access.persons import Persons, ids_of, person_keys, persons_of, posts
from samjournal.access.relations import OWN_PART, RULES, Relation, differing, key_units, project, relations
from samjournal.access.relations import TYPES as PROJECTED
from samjournal.access.representing import LEVELS, REPRESENTATION, Level, Mandate, Refusal
from samjournal.access.reviewing import ASKED, DUE, Matter, Open, answers_for, asked_of, reviewed, to_review, unreviewed
from samjournal.access.roles import NAMED_ACTIONS, NAMED_TASKS, REGISTERS, ROLES, Role, is_named_action
from samjournal.access.scopes import Grant, Scopes
from samjournal.access.signatures import (
    is_now,
    refuse_asking_himself,
    refuse_deleting,
    refuse_signature,
    refuse_vouching,
)
from samjournal.access.waiting import ALSO, Counts, Figures, Waiting
from samjournal.fhir.stored import Stored

__all__ = [
    "ALSO",
    "ALWAYS",
    "ASKED",
    "DUE",
    "LEVELS",
    "NAMED_ACTIONS",
    "NAMED_TASKS",
    "OWN_PART",
    "PROJECTED",
    "QUESTIONS",
    "REGISTERS",
    "REPRESENTATION",
    "ROLES",
    "RULES",
    "Bond",
    "Bound",
    "Counts",
    "Erasure",
    "Figures",
    "Given",
    "Grant",
    "Level",
    "Mandate",
    "Matter",
    "Narrow",
    "Open",
    "Permit",
    "Persons",
    "Refusal",
    "Relation",
    "Represented",
    "Restriction",
    "Role",
    "Scopes",
    "Searched",
    "Stored",
    "Waiting",
    "acting",
    "answers_for",
    "are_blocked",
    "are_partly_blocked",
    "as_reader",
    "asked_of",
    "bound",
    "decide",
    "died_of",
    "differing",
    "explain",
    "for_job",
    "for_session",
    "for_system",
    "for_work",
    "given",
    "has_own_login",
    "held",
    "ids_of",
    "in_general",
    "is_dead",
    "is_named_action",
    "is_now",
    "keeping",
    "key_units",
    "known",
    "mandates_from",
    "may_withhold",
    "mine",
    "note_access_change",
    "note_decision",
    "open_to",
    "person_keys",
    "persons_of",
    "posts",
    "project",
    "refuse_asking_himself",
    "refuse_decision",
    "refuse_deleting",
    "refuse_signature",
    "refuse_vouching",
    "relations",
    "restoring",
    "reviewed",
    "serves",
    "state_reason",
    "to_review",
    "under",
    "unreviewed",
    "with_number",
    "within",
    "would_hold",
]
