"""Reading and writing FHIR XML: what is kept, what is refused, and what is told of where it went wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from samjournal.fhir.errors import Invalid, Issue
from samjournal.fhir.parsing import parse
from samjournal.fhir.xml import read, write

FHIR = 'xmlns="http://hl7.org/fhir"'
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'


def patient(inner: str) -> bytes:
    return f"<Patient {FHIR}>{inner}</Patient>".encode()


def observation(inner: str) -> bytes:
    return f'<Observation {FHIR}><status value="final"/><code><text value="Vekt"/></code>{inner}</Observation>'.encode()


def json_of(body: bytes) -> Any:
    return json.loads(read(body).compact, parse_float=str)


def wrong(body: bytes) -> tuple[Issue, ...]:
    with pytest.raises(Invalid) as caught:
        read(body)
    return caught.value.issues


def test_elements_become_json_by_their_types() -> None:
    body = patient(
        '<id value="p1"/><active value="true"/><name><given value="Ola"/><given value="Å"/></name>'
        '<multipleBirthInteger value="2"/><contact><gender value="male"/></contact>'
    )
    assert read(body).compact == (
        b'{"resourceType":"Patient","id":"p1","active":true,"name":[{"given":["Ola","\xc3\x85"]}],'
        b'"multipleBirthInteger":2,"contact":[{"gender":"male"}]}'
    )


@pytest.mark.parametrize("digits", ["1.00", "-0.10", "1e2", "1.50E-7", "12345678901234567890.1", "0", "-0", "-0.0"])
def test_decimals_keep_their_digits_there_and_back(digits: str) -> None:
    body = observation(f'<valueQuantity><value value="{digits}"/></valueQuantity>')
    compact = read(body).compact
    assert b'"value":%b}' % digits.encode() in compact
    assert f'value="{digits}"'.encode() in write(compact)


def test_what_is_read_is_as_if_it_came_as_json() -> None:
    body = observation('<valueQuantity><value value="70.10"/><unit value="kg"/></valueQuantity>')
    parsed = read(body)
    assert parsed == parse(parsed.compact)


def test_ids_and_extensions_of_values_lie_beside_them() -> None:
    extension = '<extension url="http://a"><valueCode value="x"/></extension>'
    body = patient(
        f'<name><given value="Ola"/><given id="g">{extension}</given><given value="Per"/></name>'
        f'<birthDate value="1970-01-01">{extension}</birthDate>'
    )
    beside = {"extension": [{"url": "http://a", "valueCode": "x"}]}
    assert json_of(body) == {
        "resourceType": "Patient",
        "name": [{"given": ["Ola", None, "Per"], "_given": [None, {"id": "g", **beside}, None]}],
        "birthDate": "1970-01-01",
        "_birthDate": beside,
    }
    assert read(write(read(body).compact)) == read(body)


def test_values_that_are_all_absent_leave_only_their_extensions() -> None:
    extension = '<extension url="http://a"><valueCode value="x"/></extension>'
    beside = {"extension": [{"url": "http://a", "valueCode": "x"}]}
    name = f"<name><given>{extension}</given><given>{extension}</given></name>"
    assert json_of(patient(name))["name"] == [{"_given": [beside, beside]}]


def test_resources_in_resources_are_read_and_written() -> None:
    body = (
        f"<Bundle {FHIR}><type value='collection'/><entry><resource><Patient><contained><Basic><id value='b'/>"
        "<code><text value='x'/></code></Basic></contained></Patient></resource></entry></Bundle>"
    ).encode()
    basic = {"resourceType": "Basic", "id": "b", "code": {"text": "x"}}
    entry = {"resource": {"resourceType": "Patient", "contained": [basic]}}
    assert json_of(body) == {"resourceType": "Bundle", "type": "collection", "entry": [entry]}
    assert read(write(read(body).compact)) == read(body)


@pytest.mark.parametrize(
    "div",
    [
        f"<div {XHTML}/>",
        f"<div {XHTML}>to &amp; tre<br/> &#229;</div>",
        f"<div {XHTML}>\n\t<p\n>x</p\n></div>",
        f"<div {XHTML}><div><div/></div></div>",
        f"<div {XHTML}><!-- </div> --><![CDATA[</div>]]></div >",
        f'<div class="&quot;" {XHTML}>x</div>',
    ],
)
def test_a_narrative_is_kept_as_it_is_written(div: str) -> None:
    body = patient(f'<text><status value="generated"/>{div}</text>')
    assert json_of(body)["text"]["div"] == div
    assert div.encode() in write(read(body).compact)


def test_a_narrative_gets_its_namespace_in_the_usual_way() -> None:
    outside = (
        f'<f:Patient xmlns:f="http://hl7.org/fhir" {XHTML}><f:text><f:status value="empty"/>'
        '<div lang="nb">x</div></f:text></f:Patient>'
    )
    assert json_of(outside.encode())["text"]["div"] == f'<div {XHTML} lang="nb">x</div>'
    prefixed = (
        '<text xmlns:h="http://www.w3.org/1999/xhtml"><h:div xml:lang="nb"><h:p id="a">a&lt;b</h:p></h:div></text>'
    )
    kept = f'<div {XHTML} xml:lang="nb"><p id="a">a&lt;b</p></div>'
    assert json_of(patient(prefixed))["text"] == {"div": kept}


def test_strings_keep_their_white_space_and_signs() -> None:
    text = " to\nlinjer\tog \"<&>' \r\n😀 "
    compact = json.dumps({"resourceType": "Patient", "name": [{"text": text}]}, separators=(",", ":"))
    assert json.loads(read(write(compact.encode())).compact)["name"][0]["text"] == text


def test_space_around_what_is_no_string_is_no_part_of_it() -> None:
    body = patient('<active value=" true "/><name><family value=" Å "/></name><birthDate value=" 1970-01-01 "/>')
    assert json_of(body) == {
        "resourceType": "Patient",
        "active": True,
        "name": [{"family": " Å "}],
        "birthDate": "1970-01-01",
    }


def test_comments_instructions_and_schema_locations_are_passed_over() -> None:
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><?noe annet?><!-- hei --><Patient {FHIR} '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><!-- hei -->'
        '<?pi?><active value="true"/></Patient>\n'
    )
    assert json_of(body.encode()) == {"resourceType": "Patient", "active": True}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_utf_8_and_utf_16_are_read(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding[:6].strip("-")}"?><Patient {FHIR}><language value="Å😀"/></Patient>'
    )
    assert json_of(text.encode(encoding))["language"] == "Å😀"


def test_elements_come_out_in_the_order_of_the_standard() -> None:
    sent = b'{"birthDate":"1970-01-01","resourceType":"Patient","_gender":{"id":"g"},"id":"x","active":true}'
    inner = '<id value="x"/><active value="true"/><gender id="g"></gender><birthDate value="1970-01-01"/>'
    assert write(sent).decode() == f'<?xml version="1.0" encoding="UTF-8"?><Patient {FHIR}>{inner}</Patient>'


def test_elements_out_of_order_are_read_and_told() -> None:
    warnings: list[Issue] = []
    parsed = read(patient('<birthDate value="1970-01-01"/>\n<active value="true"/>'), warnings=warnings)
    assert parsed.resource == {"resourceType": "Patient", "birthDate": "1970-01-01", "active": True}
    assert [(one.severity, one.path) for one in warnings] == [("warning", "Patient.active")]
    assert "Line 2, column 1" in warnings[0].text


@pytest.mark.parametrize(
    ("inner", "path", "text"),
    [
        ("<aktiv value='true'/>", "Patient.aktiv", "There is no element <aktiv>"),
        ("<Active value='true'/>", "Patient.Active", "Did you mean active?"),
        ("<active value='ja'/>", "Patient.active", "it must be true or false"),
        ("<active value='1'/>", "Patient.active", "it must be true or false"),
        ("<active/>", "Patient.active", "<active> is empty"),
        ("<active value='true' sikker='ja'/>", "Patient.active", "no attribute 'sikker'"),
        ("<active value='true'/><active value='true'/>", "Patient.active", "stands twice"),
        ("<maritalStatus/><maritalStatus/>", "Patient.maritalStatus", "stands twice"),
        ("<multipleBirthInteger value='1.0'/>", "Patient.multipleBirthInteger", "a whole number"),
        ("<multipleBirthInteger value='01'/>", "Patient.multipleBirthInteger", "a whole number"),
        ("<name><given value='A'/><given value=''/></name>", "Patient.name[0].given[1]", "may not be empty"),
        ("<name value='Ola'/>", "Patient.name[0]", "<name> has elements in it"),
        ("<active value='true'><status/></active>", "Patient.active.status", "extensions only"),
        ("<name>Ola</name>", "Patient.name[0]", "Text stands between elements: 'Ola'"),
        ("<contained/>", "Patient.contained[0]", "<contained> is empty"),
        ("<contained><Pasient/></contained>", "Patient.contained[0].Pasient", "not a resource type"),
        ("<contained><Basic/><Basic/></contained>", "Patient.contained[0].Basic", "a second resource"),
        ("<text><div>x</div></text>", "Patient.text.div", 'Write xmlns="http://www.w3.org/1999/xhtml"'),
        (f"<text><div {XHTML}/><div {XHTML}/></text>", "Patient.text.div", "stands twice"),
        ("<active xmlns='http://a' value='true'/>", "Patient.active", 'Write xmlns="http://hl7.org/fhir"'),
        ("<active xmlns='' value='true'/>", "Patient.active", "has no namespace"),
        (
            "<extension url='http://a'><url value='http://a'/></extension>",
            "Patient.extension[0].url",
            "no element <url>",
        ),
    ],
)
def test_a_fault_is_told_with_its_place_and_what_is_right(inner: str, path: str, text: str) -> None:
    issues = wrong(patient(f"\n{inner}"))
    assert len(issues) == 1, issues
    assert issues[0].path == path
    assert text in issues[0].text
    assert issues[0].text.startswith("Line 2, column ")


@pytest.mark.parametrize("digits", ["1,5", "+1", ".5", "5.", "1e999", "NaN", "0x1", "01", "1 000", "", " "])
def test_what_is_no_decimal_is_refused(digits: str) -> None:
    issues = wrong(observation(f'<valueQuantity><value value="{digits}"/></valueQuantity>'))
    assert [issue.path for issue in issues] == ["Observation.valueQuantity.value"]


def test_all_faults_are_told_at_once_and_fifty_are_enough() -> None:
    body = patient("<a/>\n<active value='ja'/><b><c/></b>")
    assert [issue.path for issue in wrong(body)] == ["Patient.a", "Patient.active", "Patient.b"]
    assert len(wrong(patient("<a/>" * 1000))) == 50


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{}", "line 1, column 1"),
        (b"<Patient", "line 1, column 1"),
        (patient("<active></Active>"), "mismatched tag"),
        (patient("<active value='&nbsp;'/>"), "undefined entity"),
        (patient("<active value='\x01'/>"), "invalid token"),
        (patient("<active value='&#1;'/>"), "invalid character number"),
        (patient("<active value='true' value='true'/>"), "duplicate attribute"),
        (patient("") + b"<Patient/>", "junk after document element"),
        (b"<?xml version='1.0' encoding='ISO-8859-1'?>" + patient(""), "FHIR is in UTF-8"),
        (patient("<active value='\u00e5'/>").replace("\u00e5".encode(), b"\xe5"), "invalid token"),
        (b"\xff\xfe<\x00", "well-formed"),
        (b"\xff\xfe<\x00\x00", "UTF-16"),
        (b"<Patient/>", 'has no namespace. Write xmlns="http://hl7.org/fhir"'),
        (b"<Patient xmlns='http://hl7.org/fhir1'/>", 'Write xmlns="http://hl7.org/fhir"'),
        (f"<Pasient {FHIR}/>".encode(), "not a resource type"),
        (f"<DomainResource {FHIR}/>".encode(), "not a resource type"),
        (b"<!DOCTYPE Patient>" + patient(""), "DOCTYPE"),
    ],
)
def test_what_is_no_fhir_xml_is_refused_in_words(body: bytes, text: str) -> None:
    issues = wrong(body)
    assert len(issues) == 1
    assert text in issues[0].text


def test_entities_are_refused_before_they_grow_or_fetch() -> None:
    laughs = '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    fetched = '<!DOCTYPE p [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    for doctype in (laughs, fetched, '<!DOCTYPE p SYSTEM "http://localhost/x.dtd">'):
        assert "DOCTYPE" in wrong(doctype.encode() + patient('<name><text value="&b;"/></name>'))[0].text


def test_deep_nesting_is_refused() -> None:
    inner = "<extension url='http://a'>" * 5000
    assert "nested deeper" in wrong(patient(inner))[0].text
    level = "<item><linkId value='a'/>", "</item>"
    deep = f"<Questionnaire {FHIR}>{level[0] * 40}{level[1] * 40}</Questionnaire>"
    assert "nested deeper" in wrong(deep.encode())[0].text


def test_characters_that_xml_cannot_hold_are_written_as_the_sign_for_unknown() -> None:
    sent = '{"resourceType":"Patient","name":[{"text":"a\uffffb\ufffec\\u0001\\u001f\\t"}]}'.encode()
    assert json.loads(read(write(sent)).compact)["name"] == [{"text": "a\ufffdb\ufffdc\ufffd\ufffd\t"}]
