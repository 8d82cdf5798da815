"""What the head of a page about a patient needs of the record."""

from __future__ import annotations

from typing import Final

from samjournal.record import Want

BANNER: Final = (
    Want("allergies", "AllergyIntolerance"),
    Want("flags", "Flag", count=30),
    Want("encounters", "Encounter", "_sort=-date", 10),
    Want("relatives", "RelatedPerson", count=10),
)
