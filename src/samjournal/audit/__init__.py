"""Every look is logged, durably, before its answer leaves (house rule 3)."""

from samjournal.audit.asking import Asked, Name, Place, Row, counted, one, search
from samjournal.audit.looks import (
    Look,
    Looks,
    Reader,
    Seen,
    change_logged,
    counts,
    last_chart,
    logged,
    named,
    of_patient,
    of_resource,
    shown,
    unfold,
    write,
)
from samjournal.audit.seals import Checked, Handed, Seal, check, handed_over, newest, seal, sealed_rows
from samjournal.audit.tallies import Tally

__all__ = [
    "Asked",
    "Checked",
    "Handed",
    "Look",
    "Looks",
    "Name",
    "Place",
    "Reader",
    "Row",
    "Seal",
    "Seen",
    "Tally",
    "change_logged",
    "check",
    "counted",
    "counts",
    "handed_over",
    "last_chart",
    "logged",
    "named",
    "newest",
    "of_patient",
    "of_resource",
    "one",
    "seal",
    "sealed_rows",
    "search",
    "shown",
    "unfold",
    "write",
]
