"""Which rows are of somebody with a confidential address: looked up at read, since the label is the Patient's and may
come and go. A row is protected by its own label, or lies under, or names, somebody who is (`access.civil`); so is the
RelatedPerson of a parent who is, whom the register has by number (`access.mandate`).
"""

from __future__ import annotations

from samjournal.db.binding import Arguments
from samjournal.fhir.numbers import number
from samjournal.fhir.protection import PROTECTED as LABELLED

_LIES_UNDER = "EXISTS (SELECT 1 FROM access.civil hid WHERE hid.hidden AND hid.patient = ANY(c.others || c.patient))"
_PARENT = f"CASE WHEN c.type = {number('RelatedPerson')} THEN access.hides_parent(c.id) ELSE false END"
HIDES = f"""({_LIES_UNDER}
    OR {_PARENT})"""
"""SQL: a row `c` of store.current is of somebody with a confidential address. It stands in its place: as a function it
cost many times as much, 42 µs a row instead of 2; only of a RelatedPerson is more asked."""
_OF_ITSELF = f"({HIDES} AND NOT c.protected)"


def hides(type_: str) -> str:
    """SQL: a row `c` of a type is found by nothing that tells of a place. What bears a label of its own has its
    protected values indexed apart, and is found by the others."""
    return _OF_ITSELF if type_ in LABELLED else _LIES_UNDER


PROTECTED = f"(c.protected OR {HIDES}) AS protected"
"""SQL: the column that says whether a row is shown in a rendition."""


def protected(asked: str, hidden: str) -> str:
    """The same column where many rows lie under one patient: of those of which `asked` holds, and which name nobody
    else, `hidden` is SQL of whether he has a confidential address, asked once for all of them."""
    lies_under = f"CASE WHEN {asked} AND c.others = '{{}}' THEN {hidden} ELSE {_LIES_UNDER} END"
    return f"(c.protected OR {lies_under} OR {_PARENT}) AS protected"


def protected_of(mostly: int | None, arguments: Arguments) -> str:
    """The same column where most rows lie under a patient (key), if under one."""
    if mostly is None:
        return PROTECTED
    patient = arguments.add(mostly, "bigint")
    return protected(f"c.patient = {patient}", f"(SELECT {is_hidden(patient)})")


def is_hidden(patient: str) -> str:
    """SQL: whether a patient key is that of somebody with a confidential address."""
    return f"EXISTS (SELECT 1 FROM access.civil hid WHERE hid.hidden AND hid.patient = ANY(ARRAY[{patient}]))"
