"""Every look is logged, durably, before its answer leaves (house rule 3)."""

from samjournal.audit.looks import Look, Looks, Seen, last_chart, of_patient, shown, unfold, write

__all__ = ["Look", "Looks", "Seen", "last_chart", "of_patient", "shown", "unfold", "write"]
