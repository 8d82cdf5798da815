"""Every look is logged, durably, before its answer leaves (house rule 3)."""

from samjournal.audit.looks import (
    Look,
    Looks,
    Reader,
    Seen,
    last_chart,
    of_patient,
    of_resource,
    shown,
    unfold,
    write,
)
from samjournal.audit.seals import Checked, Seal, check, newest, seal

__all__ = [
    "Checked",
    "Look",
    "Looks",
    "Reader",
    "Seal",
    "Seen",
    "check",
    "last_chart",
    "newest",
    "of_patient",
    "of_resource",
    "seal",
    "shown",
    "unfold",
    "write",
]
