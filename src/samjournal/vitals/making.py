"""Measurements as Observations, by the profiles of R4. hl7.org/fhir/R4/observation-vitalsigns.html

made(values, …) -> list[dict]       the Observations of one set
score(scored, …) -> dict            NEWS2 with what it was computed from
read(observation) -> dict           the values of an Observation by kind, whoever wrote it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.vitals.kinds import (
    ACVPU,
    BLOOD_PRESSURE,
    BY_CODING,
    CONSCIOUSNESS,
    KINDS,
    PRESSURE_PARTS,
    SNOMED,
    UCUM,
    Coding,
    Kind,
)
from samjournal.vitals.news2 import Scored

NEWS2: Final[Coding] = (SNOMED, "1104051000000101")
CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
INTERPRETATION: Final = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
RISK: Final = "urn:samjournal:news2"
"""The system of our codes about the score: its bands, its parts, and the decision to use scale 2."""
BANDS: Final = {
    "low": "Lav",
    "single": "Lav, men én verdi gir 3 poeng",
    "medium": "Middels",
    "high": "Høy",
}
Resource = dict[str, Any]


def made(values: Mapping[str, float | str], permit: Permit, patient_id: str, at: datetime) -> list[Resource]:
    """One Observation for each kind; both pressures make one."""
    shared = _shared(permit, patient_id, at)
    found: list[Resource] = []
    if any(part in values for part in PRESSURE_PARTS):
        component = [_component(KINDS[part], values[part]) for part in PRESSURE_PARTS]
        code = {"coding": [coding(BLOOD_PRESSURE)], "text": "Blodtrykk"}
        found.append({**shared, "category": [_category("vital-signs")], "code": code, "component": component})
    for name, value in values.items():
        if name == "consciousness":
            found.append({**shared, "category": [_category("vital-signs")], **conscious(str(value))})
        elif name not in PRESSURE_PARTS:
            kind = KINDS[name]
            code = {"coding": [coding(one) for one in kind.codings], "text": kind.text}
            found.append(
                {**shared, "category": [_category(kind.category)], "code": code, "valueQuantity": quantity(kind, value)}
            )
    return found


def score(
    scored: Scored, permit: Permit, patient_id: str, at: datetime, *, derived_from: Sequence[str], **more: Any
) -> Resource:
    """NEWS2 as an Observation: the sum, the points of each part, and from which Observations (`Observation/7`)."""
    text = "NEWS2, SpO₂-skala 2" if scored.scale_2 else "NEWS2"
    risk = {
        "coding": [{"system": RISK, "code": scored.band, "display": BANDS[scored.band]}],
        "text": BANDS[scored.band],
    }
    return {
        **_shared(permit, patient_id, at),
        "category": [_category("survey")],
        "code": {"coding": [{**coding(NEWS2), "display": "NEWS2"}], "text": text},
        "valueInteger": scored.least,
        "interpretation": [risk],
        "derivedFrom": [{"reference": reference} for reference in derived_from],
        "component": [
            {"code": {"coding": [{"system": RISK, "code": part}]}, "valueInteger": points}
            for part, points in scored.points.items()
        ],
        **more,
    }


def conscious(letter: str) -> Resource:
    """Code and value of a level of consciousness."""
    code, text = CONSCIOUSNESS[letter]
    return {
        "code": {"coding": [coding(one) for one in ACVPU], "text": "Bevissthet"},
        "valueCodeableConcept": {"coding": [coding((SNOMED, code))], "text": text},
    }


def read(observation: Mapping[str, Any]) -> dict[str, float | str]:
    """The values by kind in our units; nothing of what is in another unit or says no value."""
    found: dict[str, float | str] = {}
    for holder in (observation, *(observation.get("component") or ())):
        name = kind_of(holder)
        value = _letter(holder) if name == "consciousness" else _number(holder, name)
        if value is not None:
            found[name] = value
    return found


def kind_of(holder: Mapping[str, Any]) -> str:
    """Which of our kinds something with a code is, or ""."""
    for one in (holder.get("code") or {}).get("coding") or ():
        if name := BY_CODING.get((one.get("system"), one.get("code"))):
            return name
    return ""


def is_unread(observation: Mapping[str, Any]) -> bool:
    """Whether it is of one of our kinds, with no value that we read: another unit, a comparator, no number."""
    holders = (observation, *(observation.get("component") or ()))
    return not is_score(observation) and any(map(kind_of, holders)) and not read(observation)


def is_score(observation: Mapping[str, Any]) -> bool:
    """Whether an Observation is a NEWS2."""
    return any(
        (one.get("system"), one.get("code")) == NEWS2 for one in (observation.get("code") or {}).get("coding") or ()
    )


def coding(one: Coding) -> dict[str, str]:
    """A coding as R4 writes it."""
    return {"system": one[0], "code": one[1]}


def quantity(kind: Kind, value: float | str) -> Resource:
    """A number with its unit."""
    number = float(value)
    written = int(number) if number.is_integer() else round(number, kind.decimals)
    unit = {"unit": kind.unit} if kind.unit else {}
    return {"value": written, **unit, "system": UCUM, "code": kind.ucum}


def _component(kind: Kind, value: float | str) -> Resource:
    return {
        "code": {"coding": [coding(one) for one in kind.codings], "text": kind.text},
        "valueQuantity": quantity(kind, value),
    }


def _letter(holder: Mapping[str, Any]) -> str | None:
    codes = {one.get("code") for one in (holder.get("valueCodeableConcept") or {}).get("coding") or ()}
    return next((letter for letter, (code, _text) in CONSCIOUSNESS.items() if code in codes), None)


def _number(holder: Mapping[str, Any], name: str) -> float | None:
    """The value, where it is a plain number in the unit of its kind: `<5` is not 5, and 98 °F is not 98 °C."""
    given = holder.get("valueQuantity") or {}
    value = given.get("value")
    if not name or isinstance(value, bool) or not isinstance(value, int | float) or given.get("comparator"):
        return None
    kind = KINDS[name]
    unit = given.get("code") or given.get("unit")
    return float(value) if unit in (kind.ucum, kind.unit) else None


def _category(code: str) -> Resource:
    return {"coding": [{"system": CATEGORY, "code": code}]}


def _shared(permit: Permit, patient_id: str, at: datetime) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": at.isoformat(timespec="seconds"),
        "performer": [
            {"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name},
            {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        ],
    }
