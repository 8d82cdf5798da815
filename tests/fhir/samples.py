"""Resources of every R4 type, made from the definitions: as little as R4 asks for, or every element once."""

from __future__ import annotations

from typing import Any

from samjournal.fhir.definitions import Element, load

VALUES: dict[str, Any] = {
    "base64Binary": "U2Ftam91cm5hbA==",
    "boolean": True,
    "canonical": "http://example.org/definition",
    "code": "en-kode",
    "date": "2026-03-29",
    "dateTime": "2026-03-29T02:30:00+02:00",
    "decimal": 36.6,
    "id": "en-id",
    "instant": "2026-03-29T02:30:00.125+02:00",
    "integer": -7,
    "markdown": "Målt *sittende*",
    "oid": "urn:oid:2.16.578.1",
    "positiveInt": 1,
    "string": "Ærlig talt",
    "time": "07:30:00",
    "unsignedInt": 0,
    "uri": "urn:oid:2.16.578.1.12",
    "url": "https://example.org",
    "uuid": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
    "xhtml": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Ord</p></div>',
}
CODES = {
    "http://hl7.org/fhir/ValueSet/currencies": "NOK",
    "http://hl7.org/fhir/ValueSet/mimetypes": "application/pdf",
}
DEEPEST = 3


def least(resource_type: str) -> dict[str, Any]:
    """A resource with only what R4 requires."""
    return {"resourceType": resource_type, **_object(resource_type, full=False, depth=0)}


def full(resource_type: str) -> dict[str, Any]:
    """A resource with every element once, choices by their first type, down to a few levels."""
    return {"resourceType": resource_type, **_object(resource_type, full=True, depth=0)}


def _object(name: str, *, full: bool, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if name == "Extension":
        return {"url": "http://example.org/extension", "valueString": "verdi"}
    if name == "Narrative":
        return {"status": "generated", "div": VALUES["xhtml"]}
    for element in load().shape(name).elements:
        if element.name in ("contained", "extension", "modifierExtension"):
            continue
        if element.min or (full and depth < DEEPEST):
            key, type_ = element.json_names()[0]
            value = _value(element, type_, full=full, depth=depth + 1)
            found[key] = [value] if element.many else value
    obey(name, found)
    if found or load().shape(name).kind == "resource":
        return found
    return {"extension": [_object("Extension", full=False, depth=0)]}


MEASURED = {"Age": 42, "Count": 3, "Distance": 1.5, "Duration": 2.5}
TOGETHER = (
    ("duration", "durationUnit"),
    ("durationMax", "duration"),
    ("period", "periodUnit"),
    ("periodMax", "period"),
    ("countMax", "count"),
    ("offset", "when"),
    ("numerator", "denominator"),
    ("denominator", "numerator"),
    ("data", "contentType"),
)


def obey(name: str, found: dict[str, Any]) -> None:
    """Makes an object of a type keep the rules of `invariants`, by leaving out or mending what breaks them."""

    def has(key: str) -> bool:
        return key in found or f"_{key}" in found

    def leave_out(key: str) -> None:
        found.pop(key, None)
        found.pop(f"_{key}", None)

    if name in MEASURED and "value" in found:
        found["value"] = MEASURED[name]
    if name in MEASURED and (has("system") or has("code")):
        found["system"] = "http://unitsofmeasure.org"
    if name in ("Quantity", "ContactPoint") and not has("system"):
        leave_out("code")
        leave_out("value" if name == "ContactPoint" else "code")
    if name == "Timing.repeat":
        leave_out("when")
        found.update({key: 1.5 for key in ("duration", "period") if key in found})
    if name in ("Timing.repeat", "Ratio", "Attachment"):
        for key, needed in TOGETHER:
            if has(key) and not has(needed):
                leave_out(key)
    if name == "Period" and "start" in found:
        found["start"] = "1999-12-31"
    if name == "Range":
        leave_out("high")


def _value(element: Element, type_: str, *, full: bool, depth: int) -> Any:
    definitions = load()
    if type_ == "Resource":
        return {"resourceType": "Basic", "id": "inni", "code": {"text": "noe"}}
    if type_ == "Reference":
        target = element.targets[0] if element.targets else "Patient"
        return {"reference": f"{target}/en-id"}
    if type_ == "CodeableConcept" and element.value_set:
        concepts = definitions.concepts(element.value_set)
        system, _, code = min(concepts or {"http://example.org|en-kode"}).partition("|")
        return {"coding": [{"system": system, "code": code}]}
    if definitions.shape(type_).kind != "primitive":
        return _object(type_, full=full, depth=depth)
    codes = definitions.codes(element.value_set) if element.value_set else None
    return min(codes) if codes else CODES.get(element.value_set, VALUES[type_])
