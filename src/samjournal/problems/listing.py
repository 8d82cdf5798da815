"""The problem list from the Conditions of a patient: what goes on, what is over, and what stands there twice. Pure.

    merged(conditions) -> [Problem]          each problem once, with those that were merged into it
    duplicates(problems) -> [(one, other)]   what is likely the same: the same code, or the same words
    alike(code, conditions) -> [condition]   what stands there already of what somebody is about to add

A Condition that was merged into another keeps all that it says, and an extension names the other. Where that one does
not stand any more, or is not shown to the reader, the first is shown as it was: a merge never hides a problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from samjournal.fhir.folding import fold
from samjournal.terminology import systems

Resource = Mapping[str, Any]

MERGED_INTO: Final = "urn:samjournal:merged-into"
"""The extension of a Condition that was merged into another, which it refers to."""
CERTAINTIES: Final = ("provisional", "differential", "confirmed", "refuted")
"""Condition.verificationStatus, as far as somebody chooses it."""
ENDED: Final = frozenset({"resolved", "inactive", "remission"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: the Condition that stands for it, and those that were merged into it."""

    condition: Resource
    merged: tuple[Resource, ...] = ()

    @property
    def id(self) -> str:
        """The id of the Condition that stands for it."""
        return str(self.condition["id"])


def status(resource: Resource, element: str) -> str:
    """The code of a status that is a concept; empty where it has none."""
    codings = (resource.get(element) or {}).get("coding") or ()
    return next((str(one["code"]) for one in codings if one.get("code")), "")


def stands(condition: Resource) -> bool:
    """False for what was entered in error."""
    return status(condition, "verificationStatus") != "entered-in-error"


def is_ended(condition: Resource) -> bool:
    """Whether a problem is over, or was ruled out."""
    return status(condition, "clinicalStatus") in ENDED or status(condition, "verificationStatus") == "refuted"


def is_under_work(condition: Resource) -> bool:
    """Whether nobody is sure of it yet: a working diagnosis, or one of several that may be."""
    return status(condition, "verificationStatus") in ("provisional", "differential", "unconfirmed")


def merged_into(condition: Resource) -> str:
    """The id of the Condition that this one was merged into; empty where it was not."""
    for one in condition.get("extension") or ():
        if one.get("url") == MERGED_INTO:
            return str((one.get("valueReference") or {}).get("reference", "")).removeprefix("Condition/")
    return ""


def merged(conditions: Iterable[Resource]) -> list[Problem]:
    """Each problem that stands once, in the order given; what was merged into it comes with it."""
    there = {str(one.get("id", f"?{place}")): one for place, one in enumerate(conditions) if stands(one)}
    under: dict[str, list[Resource]] = {}
    for id_, one in there.items():
        if (top := _top(id_, there)) != id_:
            under.setdefault(top, []).append(one)
    return [Problem(one, tuple(under.get(id_, ()))) for id_, one in there.items() if _top(id_, there) == id_]


def _top(id_: str, there: Mapping[str, Resource]) -> str:
    """The one that stands for a Condition; itself where a link leads nowhere or in a ring."""
    seen = [id_]
    while (following := merged_into(there[seen[-1]])) in there:
        if following in seen:
            return id_
        seen.append(following)
    return seen[-1]


def duplicates(problems: Sequence[Problem]) -> list[tuple[Problem, Problem]]:
    """Pairs that are likely the same problem, the older of both first; each problem in one pair at most."""
    pairs, taken = [], set[str]()
    oldest = sorted(problems, key=lambda one: (str(one.condition.get("recordedDate", "9")), one.id))
    for place, one in enumerate(oldest):
        for other in oldest[place + 1 :]:
            if not {one.id, other.id} & taken and _marks(one.condition) & _marks(other.condition):
                pairs.append((one, other))
                taken |= {one.id, other.id}
    return pairs


def alike(code: Resource, conditions: Iterable[Resource]) -> list[Resource]:
    """The Conditions that stand and say the same as a CodeableConcept: by code, or by words."""
    marks = set(marks_of(code))
    return [one for one in conditions if stands(one) and _marks(one) & marks]


def _marks(condition: Resource) -> set[tuple[str, str]]:
    return set(marks_of(condition.get("code") or {}))


def marks_of(code: Resource) -> Iterator[tuple[str, str]]:
    """What tells that two are the same: each code of ICD-10 and the like, and the words."""
    for one in code.get("coding") or ():
        if one.get("system") and one.get("code"):
            system = systems.canonical(str(one["system"]))
            yield system, systems.written(system, str(one["code"]))
    words = fold(str(code.get("text") or "")).strip(" .,;")
    if words:  # Also beside a code: they make what was written without one the same.
        yield "", words
