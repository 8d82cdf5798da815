"""Parts of a record by the labels of a resource."""

from __future__ import annotations

import pytest

from samjournal.fhir.reserved import PARTS, Part, label_of, part_of


@pytest.mark.parametrize("part", PARTS.values(), ids=lambda part: part.code)
def test_each_label_puts_a_resource_in_its_part_and_the_strictest_counts(part: Part) -> None:
    for system, code in part.labels:
        security = [{"system": system, "code": code}]
        assert part_of({"resourceType": "Observation", "meta": {"security": security}}) == part.number
        assert part_of({"resourceType": "Patient", "meta": {"security": security}}) == 0
        both = [*security, label_of(4)]
        assert part_of({"resourceType": "Observation", "meta": {"security": both}}) == 4
    assert part_of({"resourceType": "Observation", "meta": {"security": [{"code": "PSY"}]}}) == 0


@pytest.mark.parametrize("part", PARTS.values(), ids=lambda part: part.code)
def test_nothing_opens_a_separate_part_to_others_and_something_every_other(part: Part) -> None:
    """`access.opens_part` tells them apart by this."""
    assert part.is_separate is (not part.opened_by)
