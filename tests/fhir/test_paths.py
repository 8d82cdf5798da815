"""The FHIRPath of search parameters, held against an independent FHIRPath engine."""

from __future__ import annotations

from typing import Any

import fhirpathpy
import pytest
from fhirpathpy.models import models

from fhir.samples import full
from samjournal.fhir.definitions import load
from samjournal.fhir.paths import Refers, Route, Where, relative_routes, routes, values


def ends(expression: str, resource: dict[str, Any]) -> list[Any]:
    found = routes(expression, resource["resourceType"])
    return [value for route in found for value in values(route, resource)]


def test_an_element_with_a_choice_of_types_has_a_route_for_each() -> None:
    assert routes("Condition.onset.as(Age) | Condition.onset.as(dateTime)", "Condition") == (
        Route(("onsetAge",), "Age"),
        Route(("onsetDateTime",), "dateTime"),
    )
    assert len(routes("Observation.value", "Observation")) == 11


def test_as_may_stand_inside_and_outside_brackets() -> None:
    expected = (Route(("valueQuantity",), "Quantity"),)
    for text in (
        "(Observation.value as Quantity)",
        "Observation.value as Quantity",
        "Observation.value.ofType(Quantity)",
    ):
        assert routes(text, "Observation") == expected


def test_tests_are_steps_of_the_route() -> None:
    phone = routes("Patient.telecom.where(system='phone')", "Patient")
    assert phone == (Route(("telecom", Where("system", "phone")), "ContactPoint"),)
    patient = routes("Task.for.where(resolve() is Patient)", "Task")
    assert patient == (Route(("for", Refers("Patient")), "Reference"),)


def test_values_are_found_through_lists_tests_and_places() -> None:
    telecom = [
        {"system": "phone", "value": "1"},
        {"system": "email", "value": "2"},
        {"system": "phone", "value": "3"},
    ]
    patient = {"resourceType": "Patient", "telecom": telecom}
    assert ends("Patient.telecom.where(system='phone').value", patient) == ["1", "3"]
    assert ends("Patient.telecom[1].value", patient) == ["2"]
    assert ends("Patient.telecom[9].value", patient) == []


def test_components_of_composites_begin_inside_the_element() -> None:
    found = relative_routes("value.ofType(Quantity) | value.ofType(Range)", "UsageContext")
    assert found == (Route(("valueQuantity",), "Quantity"), Route(("valueRange",), "Range"))


@pytest.mark.parametrize(
    "text",
    ["Patient.nam", "Patient.name.", "Patient.name.count()", "Patient.name)", "", "Patient.where(a>1)"],
)
def test_what_is_outside_the_part_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        routes(text, "Patient")


def outline(found: list[Any]) -> set[str]:
    """What was found, without what the other engine drops: equal values twice, and values without content."""
    return {"+".join(sorted(one)) if isinstance(one, dict) else str(one) for one in found if one != BARE}


BARE = {"extension": [{"url": "http://example.org/extension", "valueString": "verdi"}]}


@pytest.mark.parametrize("resource_type", sorted(load().resources))
def test_every_search_parameter_finds_what_another_engine_finds(resource_type: str) -> None:
    resource = full(resource_type)
    for one in load().parameters(resource_type):
        if one.expression and "resolve()" not in one.expression and one.code != "deceased":
            theirs = fhirpathpy.evaluate(resource, one.expression, {}, models["r4"])
            assert outline(ends(one.expression, resource)) == outline(theirs), one.code
