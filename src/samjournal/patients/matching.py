"""How alike two descriptions of people are, and why: pure, merging nobody. hl7.org/fhir/R4/patient-operation-match.html

    liken(asked, known) -> Likeness     two Patients; grade, score from 0 to 1, and the reasons that led there

The same number, D-number or help number, an old one too, with the same birth date and name is certain, and nothing else
is: twins have birth date, family name and parents' taste in common. Another number of the same kind is another person,
unless all else is the same. The grades are those of valueset-match-grade.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from samjournal.fhir.folding import fold
from samjournal.fhir.identifiers import SYSTEMS, read

Grade = Literal["certain", "probable", "possible", "certainly-not"]
GRADES: Final[tuple[Grade, ...]] = ("certain", "probable", "possible", "certainly-not")
Reason = Literal[
    "number", "number-old", "number-other", "birth", "birth-near", "birth-other",
    "name", "name-near", "name-other", "sex-other", "twin",
]  # fmt: skip
"""What is the same, nearly the same, or other; what is not known on either side is no reason."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two people are; `score` orders those of one grade too."""

    grade: Grade
    score: float
    reasons: tuple[Reason, ...]


def liken(asked: dict[str, Any], known: dict[str, Any]) -> Likeness:
    """How alike two Patients are, by number, birth date, name and sex."""
    number, birth, name = _number(asked, known), _birth(asked, known), _name(asked, known)
    sexes = {asked.get("gender"), known.get("gender")} & {"male", "female"}
    found = [number, birth, name, "sex-other" if len(sexes) == 2 else None]
    if any(one.get("multipleBirthBoolean") or "multipleBirthInteger" in one for one in (asked, known)):
        found.append("twin")
    reasons: tuple[Reason, ...] = tuple(one for one in found if one is not None)  # type: ignore[misc]
    grade, score = _graded(number, birth, name, sex_other=len(sexes) == 2, twin="twin" in reasons)
    return Likeness(grade, score, reasons)


def _graded(
    number: str | None, birth: str | None, name: str | None, *, sex_other: bool, twin: bool
) -> tuple[Grade, float]:
    others = [birth, name].count("birth-other") + [birth, name].count("name-other")
    if number in ("number", "number-old"):
        if others == 0 and birth is not None and name is not None:
            return ("certain", 1.0) if (birth, name) == ("birth", "name") and not sex_other else ("certain", 0.95)
        return ("probable", 0.85) if others < 2 else ("possible", 0.5)
    if number == "number-other":
        same = birth == "birth" and name == "name" and not sex_other
        return ("possible", 0.4) if same else ("certainly-not", 0.0)
    if (birth, name) == ("birth", "name"):
        return ("possible", 0.55) if sex_other or twin else ("probable", 0.8)
    if birth == "birth" and name == "name-near" and not sex_other:
        return ("possible", 0.5)
    if birth == "birth-near" and name == "name" and not sex_other:
        return ("possible", 0.45)
    return ("certainly-not", 0.0)


def numbers(patient: dict[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The national numbers with right check digits: kind, value, and whether it is in use still."""
    for one in patient.get("identifier") or ():
        found = read(str(one.get("value", ""))) if one.get("system") in _NATIONAL else None
        if found is not None:
            yield found.kind, found.value, one.get("use") != "old"


_NATIONAL: Final = frozenset(system for kind, system in SYSTEMS.items() if kind != "hnr")
"""An H-number is unique within the house that gave it only."""


def _number(asked: dict[str, Any], known: dict[str, Any]) -> Reason | None:
    mine, theirs = list(numbers(asked)), list(numbers(known))
    same = {value for _, value, _ in mine} & {value for _, value, _ in theirs}
    if same:
        old = {value for _, value, used in [*mine, *theirs] if not used}
        return "number" if same - old else "number-old"
    kinds = {kind for kind, _, used in mine if used} & {kind for kind, _, used in theirs if used}
    return "number-other" if kinds else None


def _birth(asked: dict[str, Any], known: dict[str, Any]) -> Reason | None:
    mine, theirs = asked.get("birthDate"), known.get("birthDate")
    if not mine or not theirs:
        return None
    if mine == theirs:
        return "birth"
    if mine.startswith(theirs) or theirs.startswith(mine):
        return "birth-near"
    parts, other = mine.split("-"), theirs.split("-")
    swapped = parts[0] == other[0] and parts[1:] == other[:0:-1]
    differing = sum(a != b for a, b in zip(parts, other, strict=False))
    return "birth-near" if swapped or (len(parts) == len(other) and differing == 1) else "birth-other"


def _name(asked: dict[str, Any], known: dict[str, Any]) -> Reason | None:
    mine, theirs = list(_names(asked)), list(_names(known))
    if not mine or not theirs:
        return None
    pairs = [(a, b) for a in mine for b in theirs]
    if any(a == b or a == b[::-1] for a, b in pairs):
        return "name"
    near = any(_is_near(a[0], b[0]) and _is_near(a[1], b[1]) for a, b in pairs)
    family_changed = any(a[1] == b[1] and a[1] for a, b in pairs)
    return "name-near" if near or family_changed else "name-other"


def _names(patient: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Family name and first given name of each name that the person has or had, folded."""
    for name in patient.get("name") or ():
        given, family = " ".join(name.get("given") or ()), str(name.get("family") or "")
        if not (given or family) and name.get("text"):
            given, _, family = str(name["text"]).rpartition(" ")
        if given or family:
            yield fold(family), (fold(given).split() or [""])[0]


def _is_near(one: str, other: str) -> bool:
    """Whether one letter more, less or other makes them the same; or two that changed places."""
    if one == other:
        return True
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < 3:
        return False
    alike = next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if alike is None:
        return True
    a, b = one[alike:], other[alike:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
