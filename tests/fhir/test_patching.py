"""Patches change what they name; all else stays as it was written."""

from __future__ import annotations

import json

import pytest

from samjournal.fhir import exact
from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import parse
from samjournal.fhir.patching import json_patch, of_resource, path_patch

NUMBERS = b"[1.00,1.0,1,-0,0,-0.0,1e2,1E+2,1.50e-1,123456789012345678901234567890,0.10,100]"


def test_numbers_are_written_as_they_were_read() -> None:
    assert exact.encode(exact.decode(NUMBERS)) == NUMBERS


@pytest.mark.parametrize("text", [b"NaN", b"Infinity", b"1e999", b'{"a":1,"a":2}', b"", b"[1", b"\xff"])
def test_what_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):
        exact.decode(text)


def test_numbers_are_alike_whatever_their_digits_and_never_like_a_yes() -> None:
    one, other = exact.decode(b'{"a":[1.00,true]}'), exact.decode(b'{"a":[1,true]}')
    assert exact.alike(one, other)
    assert not exact.alike(exact.decode(b"1"), exact.decode(b"true"))


def test_both_kinds_leave_alone_what_they_do_not_name() -> None:
    sent = (
        b'{"resourceType":"Observation","id":"x","status":"final","code":{"text":"\xc3\xa6"},'
        b'"valueQuantity":{"value":1.00}}'
    )
    changed = sent.replace(b"final", b"amended")
    by_pointer = json_patch(b'[{"op":"replace","path":"/status","value":"amended"}]')
    parts = [
        {"name": "type", "valueCode": "replace"},
        {"name": "path", "valueString": "Observation.status"},
        {"name": "value", "valueCode": "amended"},
    ]
    made = {"resourceType": "Parameters", "parameter": [{"name": "operation", "part": parts}]}
    by_path = path_patch(parse(json.dumps(made).encode()))
    assert by_pointer.apply(sent).compact == by_path.apply(sent).compact == changed


def test_a_value_keeps_its_digits_on_the_way_in() -> None:
    sent = b'{"resourceType":"Observation","id":"x","status":"final","code":{"text":"c"}}'
    made = (
        b'{"resourceType":"Parameters","parameter":[{"name":"operation","part":[{"name":"type","valueCode":"add"},'
        + (
            b'{"name":"path","valueString":"Observation"},{"name":"name","valueString":"value"},'
            b'{"name":"value","valueQuantity":{"value":7.10,"unit":"x"}}]}]}'
        )
    )
    assert b'"valueQuantity":{"value":7.10,"unit":"x"}' in path_patch(parse(made)).apply(sent).compact


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient"},
        {"resourceType": "Binary", "contentType": "text/plain", "data": "W10="},
        {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "?"},
        {"resourceType": "Binary", "contentType": "application/json-patch+json"},
        {"resourceType": "Parameters", "parameter": [{"name": "operation", "valueX": 1}]},
    ],
)
def test_what_is_no_patch_in_a_bundle_is_refused(resource: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        of_resource(parse(json.dumps(resource).encode()))
