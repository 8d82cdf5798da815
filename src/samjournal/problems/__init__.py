"""The problem list, allergies and critical information: one list for all, as Condition, Procedure, AllergyIntolerance
and Flag. hl7.org/fhir/R4/condition.html"""

from samjournal.problems.adding import Added, AlreadyThere, Coded, add, add_operation, condition, standing
from samjournal.problems.allergies import (
    ALLERGY_CERTAINTIES,
    NO_KNOWN_ALLERGY,
    SEVERITIES,
    AllergyStands,
    Reaction,
    none_known,
    record_allergy,
    rule_out,
)
from samjournal.problems.changing import change_certainty, close, entered_in_error, rename, reopen
from samjournal.problems.critical import end_critical, record_critical
from samjournal.problems.favourites import MOST_USED, Shelf, favour, remember, shelf_of
from samjournal.problems.listing import (
    CERTAINTIES,
    Problem,
    alike,
    duplicates,
    is_ended,
    is_under_work,
    merged,
    merged_into,
)
from samjournal.problems.merging import merge, part

__all__ = [
    "ALLERGY_CERTAINTIES",
    "CERTAINTIES",
    "MOST_USED",
    "NO_KNOWN_ALLERGY",
    "SEVERITIES",
    "Added",
    "AllergyStands",
    "AlreadyThere",
    "Coded",
    "Problem",
    "Reaction",
    "Shelf",
    "add",
    "add_operation",
    "alike",
    "change_certainty",
    "close",
    "condition",
    "duplicates",
    "end_critical",
    "entered_in_error",
    "favour",
    "is_ended",
    "is_under_work",
    "merge",
    "merged",
    "merged_into",
    "none_known",
    "part",
    "record_allergy",
    "record_critical",
    "remember",
    "rename",
    "reopen",
    "rule_out",
    "shelf_of",
    "standing",
]
