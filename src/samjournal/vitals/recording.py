"""A set of measurements is stored with its score, corrected, or struck; the score follows in the same transaction.

    record(door, permit, patient_id, values, …) -> Recorded       one set; NEWS2 when it is whole
    correct(door, permit, id, values, reason)                     another value: `amended`; the old one stays in words
    strike(door, permit, id, reason)                              it was never so: `entered-in-error`

A score is made from what stands in the record within half an hour before the set, the newest of each part, and the set.
Whenever one of its parts is corrected or struck it is computed anew, or struck where it is no longer whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Invalid, VersionMoved
from samjournal.patients.linking import changed
from samjournal.record import Change, Door, Stored, change, new_id, query_of, read, search
from samjournal.vitals import news2
from samjournal.vitals.deciding import scale_2
from samjournal.vitals.kinds import KINDS
from samjournal.vitals.making import conscious, is_score, kind_of, made, quantity, score
from samjournal.vitals.making import read as values_of

SHORTEST_REASON: Final = 3
STRUCK: Final = ("entered-in-error", "cancelled")
OLDEST: Final = timedelta(days=366)
"""What was measured longer ago is not entered as a measurement; write a note."""
Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was stored: the measurements, the score with them, and why there is none (`child`, `pregnant`, ""). `again`
    says that the same form was stored before, and nothing was done."""

    measurements: tuple[Stored, ...]
    scored: news2.Scored | None
    not_used: str = ""
    again: bool = False


async def record(
    door: Door,
    permit: Permit,
    patient_id: str,
    values: Mapping[str, float | str],
    *,
    at: datetime | None = None,
    once: str = "",
) -> Recorded:
    """Store one set, now or `at` (aware), all of it or nothing; `once` is the form's own key, which stores once. Raises
    Invalid (nothing was measured, a time that cannot be), and what `record.change` raises."""
    if not values:
        raise Invalid("Nothing was measured. Fill in at least one field.")
    now = datetime.now(UTC)
    moment = at or now
    if moment > now:
        raise Invalid("The time lies in the future. Write when it was measured.")
    if now - moment > OLDEST:
        raise Invalid("The time lies more than a year back. Write a note about what was measured then.")
    patient = (await read(door, permit, "Patient", patient_id)).resource()
    new = [_with_id(one) for one in made(values, permit, patient_id, moment)]
    beside = await _around(door, permit, patient_id, moment)
    not_used = news2.applies(
        age(patient, moment), pregnant=patient.get("gender") != "male" and await is_pregnant(door, permit, patient_id)
    )
    scored, parts = gathered(
        [*beside, *(one.resource or {} for one in new)], moment, await scale_2(door, permit, patient_id)
    )
    changes = list(new)
    if not not_used and scored.total is not None and _is_scored_by(parts, new):
        changes.append(Change.create(score(scored, permit, patient_id, moment, derived_from=_references(parts))))
    claim = hashlib.sha256(f"vitals:{permit.actor}:{patient_id}:{once}".encode()).digest() if once else None
    stored = await change(door, permit, changes, claim=claim)
    return Recorded(tuple(stored[: len(new)]), None if not_used else scored, not_used, again=not stored)


async def correct(
    door: Door,
    permit: Permit,
    id_: str,
    values: Mapping[str, float | str],
    reason: str,
    *,
    was: str,
    version: int = 0,
) -> Stored:
    """Put another value in place of a wrong one, in the `version` that was seen (0: any); `was` is the old one in
    words, which stays on the Observation with the reason. Raises Invalid (no reason, another kind), Conflict (struck),
    VersionMoved, and what `read` and `change` raise."""
    stored, said = await _standing(door, permit, id_, version), _reason(reason)
    resource = stored.resource()
    if set(values) != set(values_of(resource)):
        raise Invalid("A measurement is corrected with a value of the same kind.")
    note = [*resource.get("note", ()), _note(permit, f"Rettet fra {was}: {said}")]
    return await _change(door, permit, stored, {**_valued(resource, values), "status": "amended", "note": note}, said)


async def strike(door: Door, permit: Permit, id_: str, reason: str, *, version: int = 0) -> Stored:
    """Mark a measurement as never having been so, in the `version` that was seen (0: any). Raises Invalid (no reason),
    Conflict (struck already), VersionMoved, and what `read` and `change` raise."""
    stored, said = await _standing(door, permit, id_, version), _reason(reason)
    resource = stored.resource()
    note = [*resource.get("note", ()), _note(permit, f"Strøket: {said}")]
    return await _change(door, permit, stored, {"status": "entered-in-error", "note": note}, said)


async def _change(door: Door, permit: Permit, stored: Stored, becoming: dict[str, Any], reason: str) -> Stored:
    """The new version, and what becomes of the scores that were computed from the old one."""
    changes = [changed(stored, becoming)]
    for one in await _scores_from(door, permit, stored.id):
        changes.append(
            changed(one, await _anew(door, permit, one.resource(), {**stored.resource(), **becoming}, reason))
        )
    return (await change(door, permit, changes, reason=reason))[0]


async def _anew(door: Door, permit: Permit, old: dict[str, Any], part: Resource, reason: str) -> dict[str, Any]:
    """What a score becomes after one of its parts did: with the new value, or struck where a part is missing now."""
    parts = [part]
    for reference in (str(one.get("reference", "")) for one in old.get("derivedFrom", ())):
        id_ = reference.rpartition("/")[2]
        if id_ != part["id"]:
            parts.append((await read(door, permit, "Observation", id_)).resource())
    moment = datetime.fromisoformat(str(old["effectiveDateTime"]))
    scored, used = gathered(parts, moment, is_scale_2(old))
    note = [*old.get("note", ()), _note(permit, f"Regnet på nytt: {reason}")]
    if scored.total is None:
        return {"status": "entered-in-error", "note": note}
    patient_id = str(old["subject"]["reference"]).rpartition("/")[2]
    fresh = score(scored, permit, patient_id, moment, derived_from=_references(used))
    computed = ("valueInteger", "interpretation", "derivedFrom", "component")
    return {"status": "amended", "note": note, **{name: fresh[name] for name in computed}}


def gathered(
    observations: Sequence[Resource], moment: datetime, on_scale_2: bool
) -> tuple[news2.Scored, dict[str, Resource]]:
    """The score at a moment, and the Observation of each part: the newest that stands within the window before it."""
    parts: dict[str, Resource] = {}
    values: dict[str, float | str] = {}
    inside = [one for one in observations if _is_part(one, moment)]
    for one in sorted(inside, key=_moment):
        found = {name: value for name, value in values_of(one).items() if name in news2.PARTS}
        values |= found
        parts |= dict.fromkeys(found, one)
    return news2.scored(values, scale_2=on_scale_2), parts


def is_scale_2(observation: Resource) -> bool:
    """Whether a stored score was made by scale 2."""
    return "skala 2" in str((observation.get("code") or {}).get("text", ""))


async def is_pregnant(door: Door, permit: Permit, patient_id: str) -> bool:
    """Whether the record says that the patient is pregnant now."""
    if not permit.may("s", "Condition"):
        return False
    found = await search(door, permit, query_of("Condition", [("patient", patient_id), ("_count", "200")]))
    return any(says_pregnant(one.resource()) for one in found.matches)


def says_pregnant(condition: Resource) -> bool:
    """Whether a Condition that is active means a pregnancy."""
    over = {"resolved", "inactive", "remission", "entered-in-error", "refuted"}
    codings = [
        one
        for element in ("clinicalStatus", "verificationStatus")
        for one in (condition.get(element) or {}).get("coding") or ()
    ]
    if condition.get("abatementDateTime") or over & {one.get("code") for one in codings}:
        return False
    found = [
        (str(one.get("system")), str(one.get("code"))) for one in (condition.get("code") or {}).get("coding") or ()
    ]
    return any(system == known and code.startswith(starts) for system, code in found for known, starts in PREGNANT)


PREGNANT: Final = (
    ("http://hl7.org/fhir/sid/icd-10", ("Z33", "Z34", "Z35")),
    ("http://hl7.org/fhir/sid/icpc-2", ("W78", "W79", "W84")),
    ("http://snomed.info/sct", ("77386006", "47200007")),
)


async def last_weight(door: Door, permit: Permit, patient_id: str) -> float | None:
    """The newest weight in the record that stands, in kg."""
    code = "|".join(KINDS["weight"].codings[0])
    asked = [("patient", patient_id), ("code", code), ("_sort", "-date"), ("_count", "5")]
    for one in (await search(door, permit, query_of("Observation", asked))).matches:
        value = values_of(one.resource()).get("weight")
        if one.resource().get("status") not in STRUCK and isinstance(value, float):
            return value
    return None


async def _around(door: Door, permit: Permit, patient_id: str, moment: datetime) -> list[Resource]:
    since = (moment - news2.WINDOW).isoformat(timespec="seconds")
    asked = [("patient", patient_id), ("category", "vital-signs"), ("date", f"ge{since}"), ("_count", "200")]
    return [one.resource() for one in (await search(door, permit, query_of("Observation", asked))).matches]


async def _scores_from(door: Door, permit: Permit, id_: str) -> list[Stored]:
    found = await search(
        door, permit, query_of("Observation", [("derived-from", f"Observation/{id_}"), ("_count", "50")])
    )
    return [one for one in found.matches if is_score(one.resource()) and one.resource().get("status") not in STRUCK]


def _is_part(observation: Resource, moment: datetime) -> bool:
    if observation.get("status") in STRUCK or is_score(observation):
        return False
    return moment - news2.WINDOW <= _moment(observation) <= moment + timedelta(seconds=1)


def _moment(observation: Resource) -> datetime:
    """When it was measured. A day without a clock was at no time of any set."""
    written = str(observation.get("effectiveDateTime", ""))
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else datetime.min.replace(tzinfo=UTC)


def _is_scored_by(parts: Mapping[str, Resource], new: Sequence[Change]) -> bool:
    """Whether something of the new set is in the score: a weight alone makes no new one."""
    ids = {one.id for one in new}
    return any(part.get("id") in ids for part in parts.values())


def _references(parts: Mapping[str, Resource]) -> list[str]:
    return list(dict.fromkeys(f"Observation/{part['id']}" for part in parts.values()))


def _with_id(resource: dict[str, Any]) -> Change:
    """A new resource under an id of ours, so that the score can name it."""
    id_ = new_id()
    one = Change.create({**resource, "id": id_})
    return replace(one, id=id_)


async def _standing(door: Door, permit: Permit, id_: str, version: int) -> Stored:
    permit.demand("u", "Observation")
    stored = await read(door, permit, "Observation", id_)
    resource = stored.resource()
    if is_score(resource):
        raise Invalid("A score is not corrected: correct what it was computed from, and it follows.")
    if not values_of(resource):
        raise Invalid("Only measurements are corrected here.")
    if resource.get("status") in STRUCK:
        raise Conflict("This measurement is struck already.")
    if version and stored.version != version:
        raise VersionMoved("The measurement was changed since you opened it. Look at it again.")
    return stored


def _valued(resource: Resource, values: Mapping[str, float | str]) -> dict[str, Any]:
    if resource.get("component"):
        component = []
        for part in resource["component"]:
            name = kind_of(part)
            component.append({**part, "valueQuantity": quantity(KINDS[name], values[name])} if name in values else part)
        return {"component": component}
    ((name, value),) = values.items()
    if name == "consciousness":
        return {"valueCodeableConcept": conscious(str(value))["valueCodeableConcept"]}
    return {"valueQuantity": quantity(KINDS[name], value)}


def _reason(reason: str) -> str:
    said = " ".join(reason.split())[:300]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a word or two what was wrong.")
    return said


def _note(permit: Permit, text: str) -> dict[str, Any]:
    return {"authorString": permit.name, "time": datetime.now(UTC).isoformat(timespec="seconds"), "text": text}


def age(patient: Resource, at: datetime) -> int | None:
    """Whole years at a moment, in Norwegian days; None when no birth date is known."""
    born = str(patient.get("birthDate") or "")
    if not born:
        return None
    first = date.fromisoformat(born + "-01-01"[len(born) - 4 :] if len(born) < 10 else born)
    day = at.astimezone(OSLO).date()
    return day.year - first.year - ((day.month, day.day) < (first.month, first.day))
