"""Bytes in, the same bytes out, and a clear no to what is not a resource."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir.errors import Invalid
from samjournal.fhir.parsing import compact_of, parse, rewrite_references, stamp

NOW = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)


def patient(members: str) -> bytes:
    return b'{"resourceType":"Patient",%b}' % members.encode()


def test_numbers_order_and_strings_stay_as_sent() -> None:
    body = b'{\n  "z": [1.00, 1e3, -0.0],\n "resourceType" : "Patient", "a": "\\u00e5 \\/ \\n  x"\n}'
    expected = b'{"z":[1.00,1e3,-0.0],"resourceType":"Patient","a":"\\u00e5 \\/ \\n  x"}'
    assert parse(body).compact == expected


def test_the_decoded_resource_is_what_json_says() -> None:
    body = patient('"name":[{"family":"Sørgård","given":["Ærlend"]}],"active":true')
    assert parse(body).resource == json.loads(body)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"[]", "not a JSON object"),
        (b'"Patient"', "not a JSON object"),
        (b'{"resourceType":"Patient",}', "line 1, column 27"),
        (b'{"resourceType":\n\n  Patient}', "line 3, column 3"),
        (b'{"resourceType":"Patient"', "not JSON"),
        (b'{"resourceType":"Patient"} {}', "not JSON"),
        (b'{"resourceType":"Patient","x":NaN}', "not JSON"),
        (b'{"resourceType":"Patient","x":Infinity}', "not JSON"),
        (b'{"resourceType":"Patient","x":01}', "not JSON"),
        (b'{"resourceType":"Patient","x":1e999}', "out of range"),
        (b'{"resourceType":"Patient","x":"a\x01b"}', "not JSON"),
        (b'{"resourceType":"Patient","x":"\\ud800"}', "not JSON"),
        (b'{"resourceType":"Patient","x":"\\u0000"}', "control character"),
        (b'{"resourceType":"Patient","x":"\\u001F"}', "control character"),
        (b'{"resourceType":"Patient",\n"x":"\xe5"}', "UTF-8 (line 2, column 6)"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        ('{"resourceType":"Patient"}'.encode("utf-16"), "byte order mark"),
        (b"{}", "resourceType"),
        (b'{"resourceType":7}', "resourceType"),
        (b'{"resourceType":"Pasient"}', "'Pasient' is not a resource type"),
        (b'{"resourceType":"DomainResource"}', "not a resource type"),
    ],
)
def test_what_is_not_a_resource_is_refused_with_what_and_where(body: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=re.escape(words)):
        parse(body)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r"a\u0000", "U+0000"), (r"\u000B", "U+000B"), (r"\u001f", "U+001F"), (r"\uFFFE", "U+FFFE"),
        (r"\uffff", "U+FFFF"), ("\ufffe", "U+FFFE"), ("a\uffffb", "U+FFFF"), (r"\\\uFfFe", "U+FFFE"),
    ],
)  # fmt: skip
def test_what_xml_cannot_carry_is_refused_and_named(text: str, told: str) -> None:
    with pytest.raises(Invalid, match=re.escape(told)):
        parse(patient(f'"x":"{text}"'))


@pytest.mark.parametrize("text", [r"\\uFFFE", r"\ufffd", "\ufffd\uff01\u00ff", r"\uD83D\uDE00", r"\t\n\r", "\x7f\x85"])
def test_what_xml_can_carry_is_taken(text: str) -> None:
    assert parse(patient(f'"x":"{text}"')).compact == patient(f'"x":"{text}"')


def test_a_backslash_before_u0000_is_only_text() -> None:
    assert parse(patient(r'"x":"\\u0000"')).resource["x"] == r"\u0000"


@pytest.mark.parametrize(
    "members",
    [
        '"a":1,"a":1',
        '"a":{"b":[{"c":1,"d":2,"c":3}]}',
        '"a":1,"\\u0061":2',
        '"x":"\\u0022:","a":1,"a":2',
        '"x":"\\"\\u003a","a":1,"a":2',
        '"x":"\\"\\u003A","a":1,"a":2',
        '"resourceType":"Observation"',
    ],
)
def test_a_key_that_stands_twice_is_refused(members: str) -> None:
    with pytest.raises(Invalid, match="stands twice"):
        parse(patient(members))


@given(st.recursive(st.text() | st.integers(-5, 5), lambda inner: st.dictionaries(st.text(), inner) | st.lists(inner)))
def test_no_text_looks_like_a_duplicate_key(value: object) -> None:
    """Quotes, colons, braces and escapes inside strings and keys mislead nobody."""
    for ascii_only in (True, False):
        body = json.dumps({"resourceType": "Basic", "x": value}, ensure_ascii=ascii_only)
        if re.search(r"\\u00[01]", body) or len(body) > 2000:
            continue
        assert parse(body.encode()).resource["x"] == value


def test_nesting_deeper_than_64_is_refused_and_64_is_not() -> None:
    def nested(levels: int) -> bytes:
        return patient('"x":' + "[" * levels + "]" * levels)

    assert parse(nested(63))
    for levels in (64, 600, 100_000):
        with pytest.raises(Invalid, match="nested deeper"):
            parse(nested(levels))


def test_stamp_sets_id_and_version_first_and_leaves_the_rest_alone() -> None:
    sent = (
        b'{"a":1.00,"meta":{"versionId":"9","tag":[{"code":"x"}],"lastUpdated":"1999"},'
        b'"id":"old","resourceType":"Basic","b":"\\u00e5"}'
    )
    assert stamp(sent, id="7", version=2, updated=NOW) == (
        b'{"resourceType":"Basic","id":"7",'
        b'"meta":{"versionId":"2","lastUpdated":"2026-11-22T02:30:00.000Z","tag":[{"code":"x"}]},'
        b'"a":1.00,"b":"\\u00e5"}'
    )


def test_stamp_makes_meta_where_there_was_none() -> None:
    stamped = stamp(b'{"resourceType":"Basic"}', id="a", version=1, updated=NOW)
    assert json.loads(stamped)["meta"] == {"versionId": "1", "lastUpdated": "2026-11-22T02:30:00.000Z"}


def test_stamping_twice_is_stamping_once() -> None:
    once = stamp(patient('"x":1'), id="a", version=1, updated=NOW)
    assert stamp(once, id="a", version=1, updated=NOW) == once


URN = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"


def test_whole_references_are_replaced() -> None:
    sent = compact_of({"resourceType": "Basic", "subject": {"reference": URN}, "partOf": [{"reference": URN + "0"}]})
    done = json.loads(rewrite_references(sent, {URN: "Patient/7"}))
    assert done["subject"] == {"reference": "Patient/7"}
    assert done["partOf"] == [{"reference": URN + "0"}]


def test_links_in_uri_and_canonical_elements_are_replaced_in_lists_too() -> None:
    sent = compact_of({"instantiatesCanonical": ["http://a", URN], "attachment": {"url": URN}, "valueUri": URN})
    done = json.loads(rewrite_references(sent, {URN: "Binary/7"}))
    expected = {
        "instantiatesCanonical": ["http://a", "Binary/7"],
        "attachment": {"url": "Binary/7"},
        "valueUri": "Binary/7",
    }
    assert done == expected


def test_strings_that_only_look_like_links_are_left_alone() -> None:
    resource = {
        "identifier": [{"value": URN}],
        "valueString": URN,
        "note": [{"text": f'se "reference":"{URN}"'}, {"text": f'x,"{URN}'}],
        "given": [URN, URN],
    }
    sent = compact_of(resource)
    assert rewrite_references(sent, {URN: "Patient/7"}) == sent


def test_links_in_narratives_are_replaced() -> None:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{URN}">{URN}</a></div>'
    done = json.loads(rewrite_references(compact_of({"text": {"div": div}}), {URN: "Patient/7"}))
    assert done["text"]["div"] == div.replace(f'href="{URN}"', 'href="Patient/7"')


def test_addresses_with_escaped_slashes_are_replaced() -> None:
    sent = rb'{"subject":{"reference":"http:\/\/a.no\/Patient\/1"}}'
    done = rewrite_references(sent, {"http://a.no/Patient/1": "Patient/7"})
    assert json.loads(done) == {"subject": {"reference": "Patient/7"}}


def test_conditional_references_are_replaced() -> None:
    text = "Practitioner?identifier=urn:oid:2.16.578.1.12.4.1.4.4|9144889"
    done = rewrite_references(compact_of({"author": [{"reference": text}]}), {text: "Practitioner/magnus"})
    assert json.loads(done) == {"author": [{"reference": "Practitioner/magnus"}]}
