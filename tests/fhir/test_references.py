"""References are read for what they say, and all of them are found."""

from __future__ import annotations

import pytest

from samjournal.fhir.references import Reference, distinct, find, parse, query_of, texts, type_of

BASE = "https://journal.example.no/fhir"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Patient/7", ("literal", "Patient", "7", None)),
        ("Patient/7/_history/3", ("literal", "Patient", "7", "3")),
        (f"{BASE}/Patient/7", ("literal", "Patient", "7", None)),
        (f"{BASE}/Patient/7/_history/3", ("literal", "Patient", "7", "3")),
        ("https://annen.no/r4/Patient/7", ("absolute", "Patient", "7", None)),
        ("https://annen.no/r4/Patient/7/_history/3", ("absolute", "Patient", "7", "3")),
        (f"{BASE}x/Patient/7", ("absolute", "Patient", "7", None)),
        ("https://annen.no/noe", ("absolute", None, None, None)),
        ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520", ("urn", None, None, None)),
        ("urn:oid:2.16.578.1", ("urn", None, None, None)),
        ("#p1", ("contained", None, "p1", None)),
        ("Patient?identifier=a|b", ("conditional", "Patient", None, None)),
        ("Pasient/7", ("absolute", None, None, None)),
        ("Patient/æ", ("absolute", None, None, None)),
        ("Patient/" + "x" * 65, ("absolute", None, None, None)),
        ("Patient/7\n", ("absolute", None, None, None)),
        ("", ("absolute", None, None, None)),
    ],
)
def test_a_reference_is_read(text: str, expected: tuple[str, str | None, str | None, str | None]) -> None:
    read = parse(text, base=BASE)
    assert (read.kind, read.type, read.id, read.version) == expected
    assert read.url == text


def test_the_base_may_end_in_a_slash() -> None:
    assert parse(f"{BASE}/Patient/7", base=BASE + "/").kind == "literal"


def test_without_a_base_our_own_address_is_like_any_other() -> None:
    assert parse(f"{BASE}/Patient/7").kind == "absolute"


def test_the_search_of_a_conditional_reference() -> None:
    assert query_of(Reference("conditional", "Patient?name=a?b", "Patient")) == "name=a?b"


def test_the_type_comes_from_the_text_before_the_type_element() -> None:
    assert type_of({"reference": "Patient/7", "type": "Group"}) == "Patient"
    assert type_of({"identifier": {"value": "7"}, "type": "Group"}) == "Group"
    assert type_of({"display": "noen"}) is None


def test_all_references_are_found_with_their_paths() -> None:
    resource = {
        "resourceType": "Observation",
        "subject": {"reference": "Patient/1"},
        "performer": [{"display": "x"}, {"reference": "Practitioner/2"}],
        "contained": [{"resourceType": "Specimen", "subject": {"reference": "Patient/3"}}],
        "extension": [{"url": "http://a", "valueReference": {"reference": "Device/4"}}],
        "note": [{"text": "reference", "authorReference": {"reference": "#5"}}],
    }
    assert find(resource) == [
        ("subject", "Patient/1"),
        ("performer[1]", "Practitioner/2"),
        ("contained[0].subject", "Patient/3"),
        ("extension[0].valueReference", "Device/4"),
        ("note[0].authorReference", "#5"),
    ]


@pytest.mark.parametrize("text", ["Patient/7", 'Patient?name=\\"Kari\\"', "https://x.no/\\u00e5", ""])
def test_the_references_of_many_resources_are_those_of_each_once(text: str) -> None:
    written = b'{"subject":{"reference":"%b"},"note":"\\"reference\\":\\"no\\""}' % text.encode()
    assert distinct(b"\n".join([written, written])) == set(texts(written)) != set()
