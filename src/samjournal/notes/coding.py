"""Diagnoses and tariffs of a note: Conditions and ChargeItems that its sections refer to. Requirements 1.3, 7.11

    coded_of(line, system)                       `I50.0 Hjertesvikt` as a code and what it is called
    standing_already(door, permit, note, wanted) what the patient has already is not made anew
    codes_of(door, permit, note)                 what the note refers to, as it stands now
    changes_of(wanted, before, type, …)          what is stored so that it becomes what is wanted, and the references

hl7.org/fhir/R4/condition.html · hl7.org/fhir/R4/chargeitem.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from samjournal import problems
from samjournal.access import Permit
from samjournal.fhir.errors import VersionMoved
from samjournal.fhir.parsing import compact_of
from samjournal.patients.linking import changed
from samjournal.record import Change, Door, Stored, new_id, query_of, search
from samjournal.tasks import himself
from samjournal.terminology.texts import text as called

ICD_10 = "http://hl7.org/fhir/sid/icd-10"
ICPC_2 = "http://hl7.org/fhir/sid/icpc-2"
TARIFF = "urn:samjournal:tariff"
"""Tariffs as they are written; the register of tariffs comes with claims."""
DIAGNOSIS, CHARGE = "Condition", "ChargeItem"
TYPES = (DIAGNOSIS, CHARGE)
_LINE = {
    DIAGNOSIS: re.compile(r"([A-Za-z]\d{2}(?:\.\d{1,2})?)(?:[ ,:]+(.*))?"),
    CHARGE: re.compile(r"(\d{1,3}[a-zæøå]{0,3}\d?)(?:[ ,:]+(.*))?"),
}
LONGEST = 200


class Coded(msgspec.Struct, frozen=True):
    """A diagnosis or a tariff: code and system ('' when only words were written), what it is called; where it stands
    already its reference and version."""

    text: str
    code: str = ""
    system: str = ""
    reference: str = ""
    version: int = 0

    @property
    def line(self) -> str:
        """As it is written and shown."""
        return " ".join(part for part in (self.code, self.text) if part)


def coded_of(line: str, type_: str, *, icpc: bool = False, reference: str = "", version: int = 0) -> Coded:
    """What a line says. `icpc`: a code of two digits is of ICPC-2, as GPs write, else of ICD-10."""
    said = " ".join(line.split())[:LONGEST]
    found = _LINE[type_].fullmatch(said)
    if found is None:
        return Coded(said, reference=reference, version=version)
    code, words = found[1], (found[2] or "").strip()
    if type_ == CHARGE:
        return Coded(words, code.lower(), TARIFF, reference, version)
    code = code.upper()
    system = ICPC_2 if icpc and len(code) == 3 else ICD_10
    return Coded(words or called(system, code, "nb") or "", code, system, reference, version)


def coded(resource: Mapping[str, Any]) -> Coded:
    """What a stored Condition or ChargeItem says."""
    concept = resource.get("code", {})
    coding: Mapping[str, Any] = next(iter(concept.get("coding", ())), {})
    text = str(concept.get("text") or coding.get("display") or "")
    known = f"{resource['resourceType']}/{resource['id']}"
    version = int(resource.get("meta", {}).get("versionId", 0))
    return Coded(text, str(coding.get("code", "")), str(coding.get("system", "")), known, version)


def references_of(note: Mapping[str, Any], type_: str) -> list[str]:
    """What the sections of a note refer to, of one type, each once."""
    entries = (entry.get("reference", "") for one in note.get("section", ()) for entry in one.get("entry", ()))
    return list(dict.fromkeys(one for one in entries if one.startswith(f"{type_}/")))


async def codes_of(door: Door, permit: Permit, note: Mapping[str, Any]) -> dict[str, list[Stored]]:
    """The Conditions and ChargeItems that a note refers to, by type, in its order. Logged as searches."""
    found: dict[str, list[Stored]] = {}
    for type_ in TYPES:
        ids = [one.partition("/")[2] for one in references_of(note, type_)]
        found[type_] = []
        if ids and permit.may("s", type_):
            page = await search(door, permit, query_of(type_, [("_id", ",".join(ids)), ("_count", "50")]))
            by_id = {one.id: one for one in page.matches}
            found[type_] = [by_id[one] for one in ids if one in by_id]
    return found


async def standing_already(
    door: Door, permit: Permit, note: Mapping[str, Any], wanted: Sequence[Coded]
) -> tuple[list[Coded], list[Stored]]:
    """Diagnoses that are on the patient's list and go on are referred to and not made anew: what is wanted so, and
    those Conditions. Logged as a search."""
    if all(one.reference for one in wanted) or not permit.may("s", DIAGNOSIS):
        return list(wanted), []
    patient = note["subject"]["reference"].removeprefix("Patient/")
    there = [one for one in await problems.standing(door, permit, patient) if _goes_on(one.resource())]
    made: list[Coded] = []
    for each in wanted:
        same = None if each.reference else _alike(each, there)
        made.append(coded(same.resource()) if same else each)
    return made, there


def _goes_on(condition: Mapping[str, Any]) -> bool:
    return not problems.is_ended(condition) and not problems.merged_into(condition)


def _alike(wanted: Coded, there: Sequence[Stored]) -> Stored | None:
    return next((one for one in there if problems.alike(_concept(wanted), [one.resource()])), None)


def changes_of(
    wanted: Sequence[Coded], before: Sequence[Stored], type_: str, note: Mapping[str, Any], permit: Permit
) -> tuple[list[Change], list[str]]:
    """What is stored anew, and what the note refers to after it, in the order that is wanted. What is no longer wanted
    stands in the record; the note refers to it no more."""
    standing = {one.reference: one for one in before}
    changes: list[Change] = []
    references: list[str] = []
    for one in wanted:
        was = standing.get(one.reference)
        if was is None:
            made = _made(one, type_, note, permit)
            changes.append(Change("create", type_, made["id"], made, compact_of(made)))
            references.append(f"{type_}/{made['id']}")
            continue
        if coded(was.resource()).line != one.line:
            if one.version and one.version != was.version:
                raise VersionMoved(f"{one.reference} was changed since you opened the note. Read it again.")
            changes.append(changed(was, {"code": _concept(one)}))
        references.append(one.reference)
    return changes, references


def _made(one: Coded, type_: str, note: Mapping[str, Any], permit: Permit) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made: dict[str, Any] = {"resourceType": type_, "id": new_id()}
    if security := note.get("meta", {}).get("security"):
        # What a reserved note refers to is read by the same people.
        made["meta"] = {"security": security}
    if type_ == CHARGE:
        made |= {"status": "billable", "code": _concept(one), "subject": note["subject"], "occurrenceDateTime": at}
        made |= {"enterer": himself(permit), "enteredDate": at}
        return made | ({"context": note["encounter"]} if "encounter" in note else {})
    contact = note.get("encounter", {}).get("reference", "").removeprefix("Encounter/")
    named = problems.Coded(one.text or one.code, one.code, one.system)
    return made | problems.condition(
        permit, note["subject"]["reference"].removeprefix("Patient/"), named, contact=contact
    )


def _concept(one: Coded) -> dict[str, Any]:
    coding = {"system": one.system, "code": one.code, **({"display": one.text} if one.text else {})}
    return {**({"coding": [coding]} if one.code else {}), "text": one.text or one.code}


def refer(sections: list[dict[str, Any]], references: Sequence[str]) -> list[dict[str, Any]]:
    """The sections with references to exactly these diagnoses and tariffs: what stays stays where it is, what is new
    comes to the first."""
    wanted = set(references)
    placed: set[str] = set()
    made = []
    for one in sections:
        entries = [each for each in one.get("entry", ()) if _stays(each.get("reference", ""), wanted)]
        placed |= {each["reference"] for each in entries if "reference" in each}
        made.append({**{name: value for name, value in one.items() if name != "entry"}, "entry": entries})
    new = [{"reference": one} for one in references if one not in placed]
    if made:
        made[0]["entry"] = [*made[0]["entry"], *new]
    return [{name: value for name, value in one.items() if name != "entry" or value} for one in made]


def _stays(reference: str, wanted: set[str]) -> bool:
    return reference in wanted or not reference.startswith(tuple(f"{type_}/" for type_ in TYPES))
