"""Every look is logged, durably, before its answer leaves (house rule 3)."""

from samjournal.audit.looks import Look, Looks, Seen, last_chart, of_patient, shown, unfold, write
from samjournal.audit.seals import Checked, Seal, check, newest, seal

__all__ = [
    "Checked",
    "Look",
    "Looks",
    "Seal",
    "Seen",
    "check",
    "last_chart",
    "newest",
    "of_patient",
    "seal",
    "shown",
    "unfold",
    "write",
]
