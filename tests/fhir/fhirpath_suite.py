"""HL7's official FHIRPath tests for R4, read where they lie and run one by one."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from samjournal.fhir.fhirpath import Node, PathError, compiled
from samjournal.fhir.fhirpath.converting import to_text
from samjournal.fhir.fhirpath.nodes import plain, root, system
from samjournal.fhir.fhirpath.running import truth

_PLACES = [folder / "shared/checks/fhirpath" for folder in Path(__file__).parents[2:5]]
PLACE = next((place for place in _PLACES if place.is_dir()), _PLACES[-1])


class Outcome(NamedTuple):
    group: str
    name: str
    expression: str
    passed: bool | None
    """None: its input is not there."""
    why: str


def outcomes() -> Iterator[Outcome]:
    """Every test of the suite with what came of it."""
    for group in ET.parse(PLACE / "tests-fhir-r4.xml").getroot():
        for test in group.findall("test"):
            expression = test.find("expression")
            assert expression is not None
            text = expression.text or ""
            passed, why = _run(test, text, expression.get("invalid"))
            yield Outcome(group.get("name", ""), test.get("name", ""), " ".join(text.split()), passed, why)


@cache
def _input(name: str) -> dict[str, Any] | None:
    place = PLACE / "inputs" / f"{Path(name).stem}.json"
    return json.loads(place.read_bytes(), parse_float=Decimal) if place.is_file() else None


def _run(test: ET.Element, text: str, invalid: str | None) -> tuple[bool | None, str]:
    name = test.get("inputfile")
    resource = _input(name) if name else {"resourceType": "Patient"}
    if resource is None:
        return None, f"{name} is not there"
    try:
        found = compiled(text, resource["resourceType"], strict=True).nodes(root(resource))
    except PathError as error:
        return invalid is not None, f"raised {error}"
    if invalid is not None:
        return False, f"gave {found}, where an error ({invalid}) is wanted"
    if test.get("predicate") == "true":
        found = [system(truth(found) is True)]
    wanted = [(output.get("type", ""), output.text or "") for output in test.findall("output")]
    told = [(_type(node), _text(node)) for node in found]
    if test.get("ordered") == "false":
        wanted.sort()
        told.sort()
    fits = len(told) == len(wanted) and all(
        value == right.removeprefix("@").removeprefix("T") and (not type_ or type_ == mine)
        for (mine, value), (type_, right) in zip(told, wanted, strict=True)
    )
    return fits, f"gave {told}, not {wanted}"


def _type(node: Node) -> str:
    name = node.type.removeprefix("System.")
    return name[0].lower() + name[1:] if node.type.startswith("System.") and name != "Quantity" else name


def _text(node: Node) -> str:
    return to_text(plain(node)) or str(node.value)
