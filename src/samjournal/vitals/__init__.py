"""Vital signs: what was measured, as Observations."""

from samjournal.vitals.blood_pressure import record_blood_pressure

__all__ = ["record_blood_pressure"]
