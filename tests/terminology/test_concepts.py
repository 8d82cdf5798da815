"""What we keep of a code: its names, what else it is called, what it lies under, whether it is in use."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.terminology.concepts import aliases, concepts, key
from samjournal.terminology.concepts import system as whole
from samjournal.terminology.systems import ATC, ICD_10, ICPC_2


def system(*codes: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {"resourceType": "CodeSystem", "id": "x", "url": "http://example.no/x", "content": "complete"}
    return {**made, "concept": list(codes), **more}


def test_names_go_by_language_and_what_is_no_name_is_a_synonym() -> None:
    (made,) = concepts(
        system(
            {
                "code": "A",
                "display": "Hjertesvikt",
                "designation": [
                    {"language": "nn-NO", "value": "Hjartesvikt"},
                    {"language": "en", "value": "Heart failure"},
                    {"language": "en", "value": "Cardiac failure"},
                    {"use": {"code": "900000000000013009"}, "language": "se", "value": "Sviktende hjerte"},
                ],
            },
            language="no",
        )
    )
    assert (made.nb, made.nn, made.en) == ("Hjertesvikt", "Hjartesvikt", "Heart failure")
    assert made.synonyms == ("Cardiac failure", "Sviktende hjerte")
    assert {"hjertesvikt", "hjartesvikt", "cardiac", "sviktende"} <= set(made.words)


def test_a_display_in_a_language_that_nobody_told_is_kept_as_such() -> None:
    (made,) = concepts(system({"code": "A", "display": "Something"}))
    assert (made.display, made.nb, made.en) == ("Something", None, None)


def test_what_a_code_lies_under_is_told_by_nesting_and_by_properties_of_either_side() -> None:
    made = concepts(
        system(
            {"code": "A", "concept": [{"code": "B"}], "property": [{"code": "child", "valueCode": "D"}]},
            {"code": "C", "property": [{"code": "parent", "valueCode": "B"}]},
            {"code": "D"},
        )
    )
    assert {one.code: one.parents for one in made} == {"A": (), "B": ("A",), "C": ("B",), "D": ("A",)}


@pytest.mark.parametrize(
    ("url", "code", "above"),
    [
        (ICD_10, "I50.9", ("I50",)),
        (ICD_10, "B18.00", ("B18.0",)),
        (ICD_10, "I50", ()),
        (ICD_10, "V0n0a", ()),
        (ICPC_2, "K77", ("K",)),
        (ATC, "N02BE01", ("N02BE",)),
        (ATC, "N02", ("N",)),
        ("http://example.no/x", "I50.9", ()),
    ],
)
def test_some_systems_tell_by_the_code_what_it_lies_under(url: str, code: str, above: tuple[str, ...]) -> None:
    assert [one.parents for one in concepts(system({"code": code}, url=url))] == [above]


@pytest.mark.parametrize(
    "property_",
    [
        {"code": "inactive", "valueBoolean": True},
        {"code": "status", "valueCode": "retired"},
        {"code": "notSelectable", "valueBoolean": True},
    ],
)
def test_a_withdrawn_code_and_a_heading_are_not_in_use(property_: dict[str, Any]) -> None:
    assert [one.active for one in concepts(system({"code": "A", "property": [property_]}, {"code": "B"}))] == [
        False,
        True,
    ]


def test_nothing_of_a_retired_system_is_in_use() -> None:
    assert [one.active for one in concepts(system({"code": "A"}, status="retired"))] == [False]


def test_an_example_says_nothing() -> None:
    assert concepts(system({"code": "A"}, content="example")) == []


def test_a_supplement_adds_to_the_system_that_it_names() -> None:
    made = whole(system({"code": "718-7"}, content="supplement", supplements="http://loinc.org|2.77"))
    assert made is not None
    assert (made.system, made.supplement) == ("http://loinc.org", True)


def test_a_system_by_another_name_is_the_same_system_and_its_codes_are_written_alike() -> None:
    resource = system({"code": "I509"}, url="urn:oid:2.16.578.1.12.4.1.1.7110")
    made = whole(resource)
    assert made is not None
    assert (made.system, [one.code for one in concepts(resource)]) == (ICD_10, ["I50.9"])


def test_a_naming_system_makes_names_the_same() -> None:
    naming = {
        "resourceType": "NamingSystem",
        "kind": "codesystem",
        "uniqueId": [
            {"type": "uri", "value": "http://example.no/a"},
            {"type": "oid", "value": "2.16.578.1.12.4.1.1.7170"},
            {"type": "other", "value": "A"},
        ],
    }
    assert aliases(naming) == [("http://example.no/a", ICPC_2)]
    assert aliases({**naming, "kind": "identifier"}) == []


def test_a_code_is_typed_in_haste() -> None:
    assert key("I50.9") == "i509"
    assert key("NPU-12 a") == "npu12a"
