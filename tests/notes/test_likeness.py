"""Templates that are nearly the same are found, and those that only share a word are not. Outlines keep everything."""

from __future__ import annotations

import msgspec
import pytest

from samjournal.fhir.errors import Invalid
from samjournal.notes import BUILT_IN, Heading, Template
from samjournal.notes.likeness import alike, likeness
from samjournal.notes.outline import outline, read_outline

VISIT = BUILT_IN["visitt"]


def test_no_two_built_in_templates_are_nearly_the_same() -> None:
    assert {one.code: [each.code for each, _share in alike(one, BUILT_IN.values())] for one in BUILT_IN.values()} == {
        code: [] for code in BUILT_IN
    }


def test_a_copy_with_another_name_and_a_heading_more_is_told() -> None:
    more = (*VISIT.heading, Heading({"nb": "Pårørende"}))
    copy = msgspec.structs.replace(VISIT, code="x", name={"nb": "Morgenvisitt"}, heading=more)
    found = alike(copy, BUILT_IN.values())
    assert [one.code for one, _share in found] == ["visitt"]
    assert 0.6 < found[0][1] < 1
    assert likeness(VISIT, msgspec.structs.replace(VISIT, code="y")) == 1


def test_an_empty_template_is_like_nothing() -> None:
    assert likeness(Template("a", {"nb": "a"}, ()), Template("b", {"nb": "b"}, ())) == 0


@pytest.mark.parametrize("template", BUILT_IN.values(), ids=lambda one: one.code)
def test_an_outline_keeps_headings_help_fields_and_blocks(template: Template) -> None:
    again = Template("", {}, read_outline(outline(template)))
    assert outline(again) == outline(template)
    assert [one.must for one in again.heading] == [one.must for one in template.heading]
    assert again.fields == template.fields


@pytest.mark.parametrize("text", ["+ puls", "= med\nFunn", "*: hjelp uten overskrift"])
def test_an_outline_that_begins_without_a_heading_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_outline(text)
