"""Bundles around what lies in the record."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest

from samjournal.record import Stored, Version
from samjournal.rest.answers import history, paged


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


@pytest.mark.parametrize(
    ("microsecond", "written"),
    [(0, "000"), (1, "000"), (999, "000"), (1_000, "001"), (123_999, "123"), (900_000, "900"), (999_999, "999")],
)
def test_a_moment_is_written_to_the_millisecond(microsecond: int, written: str) -> None:
    at = datetime(2026, 3, 9, 4, 5, 6, microsecond, UTC)
    version = Version(Stored("Patient", "kari", 12, at, b'{"resourceType":"Patient"}'), "U")
    (entry,) = json.loads(history([version], base="https://x.no/fhir", links=[]).body)["entry"]
    assert entry == {
        "fullUrl": "https://x.no/fhir/Patient/kari",
        "resource": {"resourceType": "Patient"},
        "request": {"method": "PUT", "url": "Patient/kari"},
        "response": {"status": "200 OK", "etag": 'W/"12"', "lastModified": f"2026-03-09T04:05:06.{written}Z"},
    }
