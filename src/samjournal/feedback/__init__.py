"""What citizens say about the portal's pages, kept apart from the record, with a deadline. Row 3.11"""

from samjournal.feedback.keeping import (
    LONGEST,
    Counted,
    Pace,
    Remark,
    TooOften,
    answer,
    close,
    counted,
    late,
    remarks,
    say,
)

__all__ = [
    "LONGEST",
    "Counted",
    "Pace",
    "Remark",
    "TooOften",
    "answer",
    "close",
    "counted",
    "late",
    "remarks",
    "say",
]
