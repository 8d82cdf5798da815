"""Lists as CodeSystems, and a new edition of one laid over the old without losing a code. Pure.

hl7.org/fhir/R4/codesystem.html#versioning. A code that the new edition leaves out stands in old records: it stays,
is marked as withdrawn, and keeps its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64
from samjournal.terminology import systems
from samjournal.terminology.concepts import is_active, walk
from samjournal.terminology.lists import CodeList, Listed

Resource = dict[str, Any]
_PROPERTIES: dict[str, Resource] = {
    "parent": {"code": "parent", "uri": "http://hl7.org/fhir/concept-properties#parent", "type": "code"},
    "inactive": {"code": "inactive", "uri": "http://hl7.org/fhir/concept-properties#inactive", "type": "boolean"},
    "replacedBy": {"code": "replacedBy", "description": "The code that is used instead", "type": "code"},
    "unit": {"code": "unit", "description": "The unit of the result", "type": "string"},
}
_SYNONYM = {"system": "http://snomed.info/sct", "code": "900000000000013009"}
_FEW, _MUCH = 20, 0.3
"""An edition that drops more codes than these, both in number and in share, is taken for a cut-off file."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a CodeSystem becomes, and how many codes are new, called otherwise, or withdrawn by it."""

    resource: Resource
    added: int
    renamed: int
    withdrawn: int
    same: bool


def id_of(system: str) -> str:
    """The id of a system's CodeSystem here."""
    return systems.resource_id(system) or f"codes-{hash64(system) & 0xFFFFFFFFFFFFFFFF:016x}"


def code_system(of: CodeList) -> Resource:
    """A list as the CodeSystem that it becomes, in bokmål."""
    concepts = [_concept(one, of) for one in of.items.values()]
    made: Resource = {
        "resourceType": "CodeSystem",
        "id": id_of(of.system),
        "language": "nb",
        "url": of.system,
        "version": of.version,
        "title": of.title or systems.title(of.system),
        "status": "active",
        "content": "complete",
        "count": len(concepts),
        "property": _used(concepts),
        "concept": concepts,
    }
    return {name: value for name, value in made.items() if value not in ("", [])}


def _concept(one: Listed, of: CodeList) -> Resource:
    named = [{"language": name, "value": text} for name, text in (("nn", one.nn), ("en", one.en)) if text]
    synonyms = [{"use": _SYNONYM, "value": text} for text in one.synonyms]
    told: list[Resource] = []
    if one.parent in of.items and one.parent != one.code:
        told.append({"code": "parent", "valueCode": one.parent})
    if not one.active:
        told.append({"code": "inactive", "valueBoolean": True})
    if one.replaced:
        told.append({"code": "replacedBy", "valueCode": one.replaced})
    if one.unit:
        told.append({"code": "unit", "valueString": one.unit})
    made: Resource = {"code": one.code, "display": one.display}
    return (
        made
        | ({"designation": [*named, *synonyms]} if named or synonyms else {})
        | ({"property": told} if told else {})
    )


def _used(concepts: Iterable[Resource]) -> list[Resource]:
    used = {one["code"] for concept in concepts for one in concept.get("property", ())}
    return [definition for code, definition in _PROPERTIES.items() if code in used]


def laid_over(standing: Resource | None, coming: Resource, *, part: bool = False, dated: bool = True) -> Edition:
    """The CodeSystem when `coming` arrives and `standing` is there.

    A newer edition goes before the older, whichever comes first. Codes that only the older has are withdrawn; with the
    same version, or a `part`, they stay in use. `dated`: the version is the list's own, so that a list without one
    that says nothing new changes nothing. Raises Invalid for an edition that leaves out so much that it must be
    incomplete.
    """
    if standing is None:
        return Edition(coming, len(_codes(coming)), 0, 0, same=False)
    if not _codes(coming) and _codes(standing):
        return Edition(standing, 0, 0, 0, same=True)
    order = 0 if part else compared(coming.get("version", ""), standing.get("version", ""))
    newer, older = (standing, coming) if order < 0 else (coming, standing)
    made = _joined(newer, older, withdraw=order != 0)
    if order > 0:
        _refuse_cut_off(coming, standing)
    if part:
        made = made | {name: standing[name] for name in ("version", "title") if name in standing}
    return _edition(standing, made, dated=dated)


def _edition(standing: Resource, made: Resource, *, dated: bool) -> Edition:
    before, after = _codes(standing), _codes(made)
    left_out = {"id", "meta"} if dated else {"id", "meta", "version"}
    return Edition(
        made,
        added=len(after.keys() - before.keys()),
        renamed=sum(before[code].get("display") != after[code].get("display") for code in before.keys() & after.keys()),
        withdrawn=sum(is_active(before[code]) and not is_active(after[code]) for code in before.keys() & after.keys()),
        same=_without(standing, left_out) == _without(made, left_out),
    )


def _joined(newer: Resource, older: Resource, *, withdraw: bool) -> Resource:
    """The newer edition, with the codes that only the older has at its end."""
    there = _codes(newer)
    kept = [_flat(one, under, withdraw=withdraw) for one, under in walk(older) if one.get("code") not in there]
    if not kept:
        return newer
    known = {one["code"] for one in newer.get("property", ())}
    definitions = {one["code"]: one for one in older.get("property", ())} | {one["code"]: one for one in _used(kept)}
    told = [one for code, one in definitions.items() if code not in known]
    concepts = [*newer.get("concept", ()), *kept]
    made = {**newer, "property": [*newer.get("property", ()), *told], "concept": concepts}
    if "count" in newer:
        made["count"] = len(there) + len(kept)
    return {name: value for name, value in made.items() if value != []}


def _flat(concept: Resource, under: str | None, *, withdraw: bool) -> Resource:
    """A concept on its own: what it was nested in becomes a property."""
    told = [one for one in concept.get("property", ()) if one.get("code") != "inactive" or not withdraw]
    if under and not any(one.get("code") == "parent" for one in told):
        told.append({"code": "parent", "valueCode": under})
    if withdraw:
        told.append({"code": "inactive", "valueBoolean": True})
    alone = {name: value for name, value in concept.items() if name not in ("concept", "property")}
    return alone | ({"property": told} if told else {})


def _refuse_cut_off(coming: Resource, standing: Resource) -> None:
    in_use = {code for code, one in _codes(standing).items() if is_active(one)}
    missing = in_use - _codes(coming).keys()
    if len(missing) > max(_FEW, _MUCH * len(in_use)):
        raise Invalid(
            f"it leaves out {len(missing)} of the {len(in_use)} codes in use, such as {', '.join(sorted(missing)[:3])}."
            " Is it a part, or was it cut off? --part adds what it has and withdraws nothing"
        )


def _codes(resource: Resource) -> dict[str, Resource]:
    return {one["code"]: one for one, _ in walk(resource) if one.get("code")}


def _without(resource: Resource, names: set[str]) -> Resource:
    return {name: value for name, value in resource.items() if name not in names}


def compared(one: str, other: str) -> int:
    """1 when the first version is newer than the second, 0 when they are the same, -1 when older. Versions that are
    written in different ways cannot be compared: the first is taken for the newer."""
    if one == other:
        return 0
    if not one or not other or _is_day(one) != _is_day(other):
        return 1
    mine, yours = ([int(part) for part in re.findall("[0-9]+", each)] for each in (one, other))
    return -1 if mine < yours else 1


def _is_day(version: str) -> bool:
    return re.match(r"(?:19|20)[0-9]{2}(?![0-9])", version) is not None
