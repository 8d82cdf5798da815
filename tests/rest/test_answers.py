"""Bundles around what lies in the record."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest

from samjournal.rest.answers import paged


@pytest.mark.parametrize(
    "value", ["", "kari", "a b+c", "http://loinc.org|8302-2", "~-._", "%2C", "Bjørn Ås", '"&=#/?;', "\t\x7f"]
)
def test_the_links_of_a_page_say_what_was_asked(value: str) -> None:
    asked = [("name:exact", value), ("_count", "5")]
    (_, own), (_, following) = paged("https://x.no/fhir/Patient", asked, ("_cursor", "ab-_"))
    assert own == f"https://x.no/fhir/Patient?{urlencode(asked)}"
    assert parse_qsl(following.partition("?")[2], keep_blank_values=True) == [*asked, ("_cursor", "ab-_")]
    assert following == f"{own}&_cursor=ab-_"


def test_a_page_of_no_parameters_has_none_in_its_link() -> None:
    assert paged("https://x.no/fhir", []) == [("self", "https://x.no/fhir")]
    assert paged("https://x.no/fhir", [], ("_cursor", "a"))[1][1] == "https://x.no/fhir?_cursor=a"
