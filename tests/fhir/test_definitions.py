"""What is known of R4, and how quickly."""

from __future__ import annotations

import time

import pytest

from samjournal.fhir.definitions import FILE, Definitions, load

ADDED_BY_THE_PACKAGE = [
    ("Meta", "project"),
    ("Meta", "accounts"),
    ("Binary", "url"),
    ("ResearchStudy", "whyStopped"),
    ("DeviceDefinition", "bodySite"),
    ("EvidenceVariable.characteristic", "linkId"),
]


def test_all_resource_types_of_r4_are_known_and_no_others() -> None:
    resources = load().resources
    assert len(resources) == 146
    assert {"Patient", "Observation", "MedicinalProduct", "Parameters", "Bundle"} <= resources
    assert resources.isdisjoint({"DomainResource", "Resource", "SubscriptionStatus", "Citation"})


@pytest.mark.parametrize(("type_", "name"), ADDED_BY_THE_PACKAGE)
def test_elements_that_r4_does_not_have_are_left_out(type_: str, name: str) -> None:
    assert name not in [element.name for element in load().shape(type_).elements]


def test_elements_that_the_package_dropped_are_there() -> None:
    names = [element.name for element in load().shape("EvidenceVariable.characteristic").elements]
    assert {"definition", "usageContext", "participantEffective", "timeFromStart", "groupMeasure"} <= set(names)


def test_every_element_has_a_known_type() -> None:
    definitions = load()
    for name in definitions.names():
        for element in definitions.shape(name).elements:
            for _, type_ in element.json_names():
                assert definitions.has(type_), f"{name}.{element.name}: {type_}"


def test_a_choice_has_a_json_name_for_each_type() -> None:
    value = next(one for one in load().shape("Observation").elements if one.name == "value")
    assert ("valueQuantity", "Quantity") in value.json_names()
    assert len(value.json_names()) == 11


def test_codes_of_required_bindings_are_listed_and_open_ones_are_not() -> None:
    definitions = load()
    assert definitions.codes("http://hl7.org/fhir/ValueSet/administrative-gender") == {
        "male",
        "female",
        "other",
        "unknown",
    }
    assert definitions.codes("http://hl7.org/fhir/ValueSet/mimetypes") is None


def test_an_unknown_type_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        load().shape("Pasient")


def test_definitions_load_well_within_the_time_that_a_warm_start_has() -> None:
    packed = FILE.read_bytes()
    start = time.perf_counter()
    Definitions(packed)
    assert time.perf_counter() - start < 0.15


def test_elements_have_the_order_that_xml_wants() -> None:
    names = [element.name for element in load().shape("EvidenceVariable.characteristic").elements]
    assert names[3:7] == ["description", "definition", "usageContext", "exclude"]
    assert [element.name for element in load().shape("Quantity").elements][:3] == ["id", "extension", "value"]
