"""Which rows are of somebody with a confidential address: looked up at read, since the label is the Patient's and may
come and go. A row is protected by its own label, or lies under, or names, somebody who is (`access.civil`).
"""

from __future__ import annotations

from samjournal.fhir.protection import PROTECTED as LABELLED

HIDES = "EXISTS (SELECT 1 FROM access.civil hid WHERE hid.hidden AND hid.patient = ANY(c.others || c.patient))"
"""SQL: a row `c` of store.current is of somebody with a confidential address. It stands in its place: as a function it
cost many times as much, 42 µs a row instead of 2."""
_OF_ITSELF = f"({HIDES} AND NOT c.protected)"


def hides(type_: str) -> str:
    """SQL: a row `c` of a type is found by nothing that tells of a place. What bears a label of its own has its
    protected values indexed apart, and is found by the others."""
    return _OF_ITSELF if type_ in LABELLED else HIDES


PROTECTED = f"(c.protected OR {HIDES}) AS protected"
"""SQL: the column that says whether a row is shown in a rendition."""
