"""Vital signs: what was measured, as Observations."""

from samjournal.vitals.blood_pressure import DIASTOLIC, SYSTOLIC, record_blood_pressure

__all__ = ["DIASTOLIC", "SYSTOLIC", "record_blood_pressure"]
