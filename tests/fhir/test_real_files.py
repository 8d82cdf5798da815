"""Real FHIR from others, where it is at hand: the Norwegian profiles' files and Synthea's people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from samjournal.fhir.compartment import home, patients
from samjournal.fhir.errors import Invalid
from samjournal.fhir.parameters import extract
from samjournal.fhir.parsing import compact_of, parse
from samjournal.fhir.references import texts
from samjournal.fhir.structure import check
from samjournal.fhir.xml import read, write

SHARED = Path(__file__).parents[3] / "shared"
NORWAY = SHARED / "norway/fhir-no-basis/package-2.2.2-snapshots"
NORWAY_XML = SHARED / "norway/fhir-no-basis/xml"
SYNTHEA = SHARED / "data/synthea"

# Verified by hand: these files break R4 themselves.
WRONG_IN_THE_FILES = {
    ("ImplementationGuide.json", "ImplementationGuide.packageId"),
    ("ImplementationGuide.json", "ImplementationGuide.definition.resource"),
    ("no-basis-HealthcareService-example.json", "HealthcareService.id"),
}


def files(folder: Path, kind: str = "json") -> list[Path]:
    found = sorted(folder.rglob(f"*.{kind}"))
    if not found:
        pytest.skip(f"the files are not here: {folder}")
    return found


def test_the_files_of_no_basis_are_sound_but_for_their_own_known_errors() -> None:
    wrong = set()
    for file in files(NORWAY):
        try:
            parsed = parse(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except Invalid:
            assert "resourceType" not in json.loads(file.read_bytes()), file
            continue
        wrong |= {(file.name, issue.path) for issue in check(parsed.resource)}
        assert extract(parsed.resource)
    assert wrong == WRONG_IN_THE_FILES


def test_people_of_synthea_are_sound_and_each_row_has_one_home() -> None:
    for file in files(SYNTHEA)[:4]:
        bundle = parse(file.read_bytes())
        assert check(bundle.resource) == []
        assert json.loads(bundle.compact) == json.loads(file.read_bytes())
        for entry in bundle.resource["entry"]:
            resource: dict[str, Any] = entry["resource"]
            assert extract(resource)["_id"][0].code == resource["id"]  # type: ignore[union-attr]
            assert home(resource, extract(resource)) in {None, *patients(resource, texts(compact_of(resource)))}


def with_digits(body: bytes) -> Any:
    """JSON with its numbers as text, to compare digit by digit."""
    return json.loads(body, parse_float=str, parse_int=str)


def test_the_xml_of_no_basis_is_read_and_written_without_loss() -> None:
    wrong = set()
    for file in files(NORWAY_XML, "xml"):
        parsed = read(file.read_bytes())
        wrong |= {(file.name, issue.path) for issue in check(parsed.resource)}
        assert read(write(parsed.compact)) == parsed
    assert wrong == {("no-basis-HealthcareService-example.xml", "HealthcareService.id")}


def test_json_of_others_goes_through_xml_without_loss() -> None:
    for file in (*files(NORWAY), *files(SYNTHEA)[:4]):
        try:
            parsed = parse(file.read_bytes().removeprefix(b"\xef\xbb\xbf"))
        except Invalid:
            continue
        assert with_digits(read(write(parsed.compact)).compact) == with_digits(parsed.compact), file
