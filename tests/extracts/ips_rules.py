"""What the profiles of the IPS ask of a document, told once more than the code tells it. hl7.org/fhir/uv/ips

broken(bundle) -> list[str]     what is wrong, in words; empty when it is a summary by the rules
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from samjournal.fhir.narrative import problems
from samjournal.fhir.structure import check

REQUIRED = {"11450-4", "48765-2", "10160-0"}
OF_SECTION = {
    "11450-4": {"Condition"},
    "48765-2": {"AllergyIntolerance"},
    "10160-0": {"MedicationRequest", "MedicationStatement"},
    "104605-1": {"Flag"},
    "11369-6": {"Immunization"},
    "30954-2": {"Observation", "DiagnosticReport"},
    "47519-4": {"Procedure"},
    "46264-8": {"DeviceUseStatement"},
    "11348-0": {"Condition"},
    "18776-5": {"CarePlan", "ImmunizationRecommendation"},
    "29762-2": {"Observation"},
    "8716-3": {"Observation"},
}
WANTED = {
    "Patient": ("name", "birthDate"),
    "AllergyIntolerance": ("code", "patient"),
    "Condition": ("code", "subject"),
    "Immunization": ("vaccineCode", "patient", "occurrence"),
    "MedicationRequest": ("medication", "subject"),
    "MedicationStatement": ("medication", "subject", "effective"),
    "Organization": ("name",),
    "Practitioner": ("name",),
    "Procedure": ("code", "performed", "subject"),
}


def broken(bundle: dict[str, Any]) -> list[str]:
    found = [f"{one.path}: {one.text}" for one in check(bundle) if one.severity == "error"]
    found += (
        [] if bundle["type"] == "document" and bundle.get("identifier") and bundle.get("timestamp") else ["no document"]
    )
    by_url = {one["fullUrl"]: one["resource"] for one in bundle["entry"]}
    if len(by_url) != len(bundle["entry"]):
        found.append("an address stands twice")
    first = bundle["entry"][0]
    composition = first["resource"]
    base = first["fullUrl"].removesuffix(f"/Composition/{composition['id']}")
    types = [one["resourceType"] for one in by_url.values()]
    if types.count("Composition") != 1 or types.count("Patient") != 1:
        found.append("not one Composition and one Patient")
    found += _composition(composition)
    for section in composition["section"]:
        found += [f"{section['title']}: {one}" for one in problems(section["text"]["div"])]
        code = section["code"]["coding"][0]["code"]
        named = [by_url.get(f"{base}/{one['reference']}") for one in section.get("entry", ())]
        if bool(named) == ("emptyReason" in section):
            found.append(f"{section['title']}: entries or a reason why there are none, and not both")
        if None in named or {one["resourceType"] for one in named if one} - OF_SECTION[code]:
            found.append(f"{section['title']}: names something that is not there or is of another type")
    for one in by_url.values():
        for reference in _references(one):
            if not reference.startswith("#") and f"{base}/{reference}" not in by_url:
                found.append(f"{one['resourceType']} leads to {reference}, which is not in it")
        found += [f"{one['resourceType']} has no {name}" for name in _wanted(one) if not _has(one, name)]
    return found


def _composition(one: dict[str, Any]) -> Iterator[str]:
    if one["type"]["coding"][0]["code"] != "60591-5":
        yield "not of the type 60591-5"
    if missing := REQUIRED - {section["code"]["coding"][0]["code"] for section in one["section"]}:
        yield f"without the sections {missing}"
    codes = [section["code"]["coding"][0]["code"] for section in one["section"]]
    if len(codes) != len(set(codes)):
        yield "a section stands twice"
    for name in ("title", "date", "author", "subject", "status", "text"):
        if name not in one:
            yield f"Composition has no {name}"


def _wanted(one: dict[str, Any]) -> tuple[str, ...]:
    is_laboratory = any(each.get("code") == "laboratory" for many in one.get("category", ()) if isinstance(many, dict)
                        for each in many.get("coding", ()))  # fmt: skip
    if one["resourceType"] == "Observation" and is_laboratory:
        return "code", "subject", "effective", "performer"
    return WANTED.get(one["resourceType"], ())


def _has(one: dict[str, Any], name: str) -> bool:
    return any(re.fullmatch(rf"_?{name}([A-Z].*)?", key) for key in one)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _references(each)
    elif isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for each in value.values():
            yield from _references(each)
