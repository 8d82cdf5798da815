"""Every look is logged, durably, before its answer leaves (house rule 3)."""

from samjournal.audit.looks import Look, Looks, Seen, of_patient, shown, unfold, write

__all__ = ["Look", "Looks", "Seen", "of_patient", "shown", "unfold", "write"]
