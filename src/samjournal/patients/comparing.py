"""Two records side by side, for whoever decides whether they are one person's: who each is, and what speaks against it.

    compare(door, permit, one, other) -> Comparison

What is shown tells who somebody is and nothing of his health; of stays, when they were. A protected address is hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from samjournal.access import Permit, keeping
from samjournal.fhir.dates import span
from samjournal.patients.linking import linked_with
from samjournal.patients.matching import Likeness, liken
from samjournal.patients.proposing import deciding
from samjournal.record import Door, Stored, query_of, read, search

_INPATIENT: Final = "IMP,ACUTE,NONAC,OBSENC,SS"
_MOST: Final = 200
_SERIOUS: Final = ("number-other", "birth-other", "name-other", "sex-other", "twin")
"""Reasons of a likeness that speak against one person."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What one element says in both records; `kind` is name, number, old-number, birth, gender, death, address, phone,
    gp, link, stays or last-stay. Values are as FHIR has them."""

    kind: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether both say something, and not the same."""
        return bool(self.left and self.right) and set(self.left) != set(self.right)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records; `against` says in codes what speaks against one person: reasons of the likeness, `overlap` (in two
    beds at once), `after-death`. `hidden`: whose address is protected."""

    one: str
    other: str
    facts: tuple[Fact, ...]
    likeness: Likeness
    against: tuple[str, ...]
    hidden: tuple[bool, bool]


async def compare(door: Door, permit: Permit, one: str, other: str) -> Comparison:
    """Both records of two. Raises Forbidden for who does not decide, NotFound, Busy."""
    rights = keeping(deciding(permit), "Patient", "Encounter")
    both = await read(door, rights, "Patient", one), await read(door, rights, "Patient", other)
    stays = [await _stays(door, rights, patient) for patient in both]
    left, right = (patient.resource() for patient in both)
    facts = [Fact(kind, tuple(a), tuple(b)) for (kind, a), (_, b) in zip(_facts(left), _facts(right), strict=True)]
    facts += [
        Fact("stays", *((str(len(some)),) for some in stays)),
        Fact("last-stay", *(tuple(stay[0].isoformat() for stay in some[:1]) for some in stays)),
    ]
    likeness = liken(left, right)
    against: list[str] = [reason for reason in likeness.reasons if reason in _SERIOUS]
    against += ["overlap"] if _overlap(*stays) else []
    against += ["after-death"] if _is_after(left, stays[1]) or _is_after(right, stays[0]) else []
    shown = tuple(fact for fact in facts if fact.left or fact.right)
    return Comparison(one, other, shown, likeness, tuple(against), (_is_hidden(left), _is_hidden(right)))


def _facts(patient: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    numbers = [one for one in patient.get("identifier", ()) if one.get("value")]
    died = patient.get("deceasedDateTime") or ("true" if patient.get("deceasedBoolean") else "")
    yield "name", [_name(one) for one in patient.get("name", ())]
    yield "number", [one["value"] for one in numbers if one.get("use") != "old"]
    yield "old-number", [one["value"] for one in numbers if one.get("use") == "old"]
    yield "birth", [patient["birthDate"]] if patient.get("birthDate") else []
    yield "gender", [patient["gender"]] if patient.get("gender") else []
    yield "death", [died] if died else []
    yield "address", [_address(one) for one in patient.get("address", ())]
    yield "phone", [one["value"] for one in patient.get("telecom", ()) if one.get("value")]
    yield "gp", [one["display"] for one in patient.get("generalPractitioner", ()) if one.get("display")]
    yield "link", linked_with(patient)


def _name(name: dict[str, Any]) -> str:
    return " ".join([*name.get("given", ()), name.get("family", "")]).strip() or str(name.get("text", ""))


def _address(address: dict[str, Any]) -> str:
    place = " ".join(part for part in (address.get("postalCode"), address.get("city")) if part)
    return ", ".join(part for part in (*address.get("line", ()), place) if part) or str(address.get("text", ""))


def _is_hidden(patient: dict[str, Any]) -> bool:
    return any(label.get("code") == "REDACTED" for label in patient.get("meta", {}).get("security", ()))


Stay = tuple[datetime, datetime]


async def _stays(door: Door, rights: Permit, patient: Stored) -> list[Stay]:
    """When the patient lay in a bed, the latest first."""
    asked = [("patient", patient.reference), ("class", _INPATIENT), ("_sort", "-date"), ("_count", str(_MOST))]
    page = await search(door, rights, query_of("Encounter", asked))
    found = [one.resource() for one in page.matches]
    told = [one for one in found if one["status"] not in ("planned", "cancelled", "entered-in-error", "unknown")]
    return [
        (span(period["start"]).lo, span(period["end"]).hi if "end" in period else _STILL)
        for one in told
        if "start" in (period := one.get("period", {}))
    ]


_STILL: Final = span("9998").hi


def _overlap(left: Sequence[Stay], right: Sequence[Stay]) -> bool:
    """Whether both lay in a bed at the same time."""
    return any(a[0] < b[1] and b[0] < a[1] for a in left for b in right)


def _is_after(dead: dict[str, Any], stays: Sequence[Stay]) -> bool:
    """Whether the other was admitted after this one died."""
    died = dead.get("deceasedDateTime")
    return died is not None and any(start > span(died).hi for start, _ in stays)
