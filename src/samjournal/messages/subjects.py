"""Which patient a message is about: found by number when all else agrees, and else by a person, never guessed.

    subject(door, permit, said) -> Subject      found, held for a person, or told too little of
    known_by(door, permit, many) -> Known       whom the numbers of many messages mean, asked for at once

HIS 80415 and HISD 1168: a patient is told of well enough by name and number, or by name, birth date and sex.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from samjournal.access import Permit
from samjournal.fhir.identifiers import DNR, FHN, FNR, read
from samjournal.patients.matching import liken
from samjournal.record import Door, Stored
from samjournal.record.beside import matches

State = Literal["found", "held", "nobody", "too-little"]
Why = Literal[
    "",
    "unknown",
    "faulty-number",
    "several",
    "otherwise",
    "no-patient",
    "no-number",
    "no-name",
    "no-family",
    "no-given",
]
_SYSTEMS: Final = {"FNR": FNR, "DNR": DNR, "FHN": FHN}
_OTHERWISE = {"birth-other", "birth-near", "name-other", "sex-other", "number-other"}
_SEXES = {"1": "male", "2": "female", "9": "other", "0": "unknown"}


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says of its patient. `birth` is YYYY-MM-DD or "", `sex` a code of 3101; `numbers` are pairs of a
    kind and a value."""

    family: str
    given: str
    birth: str
    sex: str
    numbers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """The id of the patient, or what stands in the way, and whether a message that lacks it may be refused."""

    state: State
    patient: str = ""
    why: Why = ""


Known = Mapping[str, Sequence[Stored]]
"""The patients with a number, by the number."""


async def known_by(door: Door, permit: Permit, many: Iterable[Said | None]) -> Known | None:
    """The patients that the sound numbers of some messages mean; None where they are too many to ask for at once."""
    numbers = dict.fromkeys(value for said in many if said is not None for _, value in _sound(said))
    if not 0 < len(numbers) <= _MOST:
        return None
    systems = dict.fromkeys(_SYSTEMS.values())
    asked = ",".join(f"{system}|{value}" for value in numbers for system in systems)
    found = await matches(door, permit, "Patient", [("identifier", asked), ("_count", "1000")])
    known: dict[str, list[Stored]] = {value: [] for value in numbers}
    for one in found:
        own = {each.get("value") for each in one.resource().get("identifier", ()) if each.get("system") in systems}
        for value in own & known.keys():
            known[value].append(one)
    return known if len(found) < 1000 else None


_MOST: Final = 150


def _sound(said: Said) -> list[tuple[str, str]]:
    """The numbers of a patient that have the right check digits."""
    numbers = ((kind, value) for kind, value in said.numbers if kind in _SYSTEMS and value)
    return [(kind, value.replace(" ", "")) for kind, value in numbers if read(value) is not None]


async def subject(door: Door, permit: Permit, said: Said | None, known: Known | None = None) -> Subject:
    """Whom a message is about. A number with wrong check digits finds nobody, and does not stop a person from it.
    `known` are the patients of its numbers, where they were asked for already."""
    if said is None:
        return Subject("nobody")
    numbers = [(kind, value) for kind, value in said.numbers if kind in _SYSTEMS and value]
    if not (said.family or said.given or numbers or said.birth):
        return Subject("too-little", why="no-patient")
    if not said.family or not said.given:
        neither: Why = "no-name" if not (said.family or said.given) else "no-family" if not said.family else "no-given"
        return Subject("too-little", why=neither)
    if not numbers and not (said.birth and said.sex in _SEXES):
        return Subject("too-little", why="no-number")
    sound = _sound(said)
    found: dict[str, dict[str, object]] = {}
    for kind, value in sound:
        # A D-number may stand as birth number, and the other way round: the number tells which it is.
        systems = dict.fromkeys((_SYSTEMS[kind], FNR, DNR, FHN))
        asked = ",".join(f"{system}|{value}" for system in systems)
        meant = await matches(door, permit, "Patient", [("identifier", asked)]) if known is None else known[value]
        for one in meant:
            if not _is_replaced(body := one.resource()):
                found[one.id] = body
    if not found:
        return Subject("held", why="faulty-number" if numbers and not sound else "unknown")
    asked_for = _as_patient(said, sound)
    if len(found) > 1:
        return Subject("held", why="several")
    ((id_, body),) = found.items()
    reasons = set(liken(asked_for, body).reasons)
    agrees = bool(reasons & {"number", "number-old"}) and not reasons & _OTHERWISE
    return Subject("found", id_) if agrees else Subject("held", why="otherwise")


def _is_replaced(patient: dict[str, object]) -> bool:
    links = patient.get("link")
    return isinstance(links, list) and any(one.get("type") == "replaced-by" for one in links)


def _as_patient(said: Said, numbers: list[tuple[str, str]]) -> dict[str, object]:
    made: dict[str, object] = {
        "resourceType": "Patient",
        "identifier": [{"system": _SYSTEMS[kind], "value": value} for kind, value in numbers],
        "name": [{"family": said.family, "given": said.given.split()}],
    }
    if said.birth:
        made["birthDate"] = said.birth
    if said.sex in _SEXES:
        made["gender"] = _SEXES[said.sex]
    return made
