"""References in the bytes of one resource: which are replaced, and that nothing else is."""

from __future__ import annotations

import json

import pytest

from samjournal.server.load.entries import Entry, Spot
from samjournal.server.load.resolving import Names, resolved

SPOT = Spot("", lambda: 0)
PERSON = "urn:uuid:00000000-0000-4000-8000-000000000001"


def names(full_url: str = PERSON, id_: str = "7", own_id: str | None = None) -> Names:
    made = Names()
    made.add(Entry(SPOT, "create", "Patient", id_, b"", full_url, own_id=own_id), id_)
    return made


def subject(text: str, within: Names) -> tuple[str, list[str]]:
    raw, missing = resolved(b'{ "subject" : {"reference"\n:\t%b} }' % json.dumps(text).encode(), within, lambda _: None)
    return json.loads(raw)["subject"]["reference"], missing


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (PERSON, "Patient/7"),
        ("#inside", "#inside"),
        ("Patient/8", "Patient/8"),
        ("http://else.example/Patient/7", "http://else.example/Patient/7"),
        ("urn:oid:1.2.3", "urn:oid:1.2.3"),
        ("Patient/old", "Patient/7"),
    ],
)
def test_what_is_known_is_replaced_and_the_rest_stays(text: str, becomes: str) -> None:
    assert subject(text, names(own_id="old")) == (becomes, [])


def test_what_another_file_may_have_is_asked_for() -> None:
    other = "urn:uuid:00000000-0000-4000-8000-000000000002"
    asked = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1"
    assert subject(other, names()) == (other, [other])
    assert subject(asked, names()) == (asked, [asked])
    raw, missing = resolved(b'{"reference":"%b"}' % asked.encode(), names(), {asked: "Practitioner/5"}.get)
    assert (raw, missing) == (b'{"reference":"Practitioner/5"}', [])


def test_escaped_signs_are_read() -> None:
    within = names("http://old.example/fhir/Patient/7")
    raw = rb'{"reference":"http:\/\/old.example\/fhir\/Patient\/7"}'
    assert resolved(raw, within, lambda _: None)[0] == b'{"reference":"Patient/7"}'
    raw = rb'{"reference":"http:\/\/old.example\/fhir\/Encounter\/9"}'
    assert resolved(raw, within, lambda _: None)[0] == b'{"reference":"Encounter/9"}'


def test_a_text_that_looks_like_a_reference_is_none() -> None:
    note = {"text": f'"reference":"{PERSON}"', "reference": {"reference": "Patient/1"}}
    raw, missing = resolved(json.dumps(note).encode(), names(), lambda _: None)
    assert (json.loads(raw), missing) == (note, [])


def test_numbers_and_strings_stay_as_they_were_written() -> None:
    raw = b'{"value": 1.00, "name": "\\u00e5", "subject": {"reference": "%b"}}' % PERSON.encode()
    made, _ = resolved(raw, names(), lambda _: None)
    assert made == b'{"value":1.00,"name":"\\u00e5","subject":{"reference":"Patient/7"}}'
