"""Sound resources of every R4 type pass, whatever they hold; one fault is found where it is, and named."""

from __future__ import annotations

from random import Random

import pytest

from fhir.instances import body, faulty, instance
from samjournal.fhir.definitions import load
from samjournal.fhir.parsing import parse
from samjournal.fhir.structure import check
from samjournal.fhir.xml import read, write

TYPES = sorted(load().resources)


@pytest.mark.parametrize("resource_type", TYPES)
def test_a_sound_resource_is_found_sound(resource_type: str) -> None:
    for seed in range(12):
        resource = parse(body(instance(resource_type, Random(seed), fullness=seed / 12))).resource
        assert check(resource) == []


@pytest.mark.parametrize("resource_type", TYPES)
def test_one_fault_is_told_where_it_is_with_the_rule_it_breaks(resource_type: str) -> None:
    rng = Random(resource_type)
    for seed in range(2):
        resource = parse(body(instance(resource_type, Random(seed), fullness=0.3))).resource
        for fault in faulty(resource, rng, most=8):
            found = [(issue.path, issue.code, issue.text) for issue in check(fault.resource)]
            assert any(path == fault.path and code in fault.codes for path, code, _ in found), (fault, found)


@pytest.mark.parametrize("resource_type", TYPES)
def test_through_xml_and_back_nothing_is_lost(resource_type: str) -> None:
    for seed in range(12):
        sent = parse(body(instance(resource_type, Random(seed), fullness=seed / 12)))
        back = read(write(sent.compact))
        assert back.resource == sent.resource
        assert read(write(back.compact)).compact == back.compact
