"""What structural validation accepts and refuses, in all types of R4."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from fhir.samples import full, least
from samjournal.fhir.definitions import load
from samjournal.fhir.findings import MAX_ISSUES
from samjournal.fhir.structure import check

TYPES = sorted(load().resources)


def observation(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}], "text": "Puls"},
        "subject": {"reference": "Patient/ragnhild"},
        **members,
    }


def only(resource: dict[str, Any]) -> tuple[str, str]:
    """The path, without the type that it begins with, and the text of the one issue."""
    issues = check(resource)
    assert len(issues) == 1, issues
    path = issues[0].path or ""
    return path.removeprefix(f"{resource.get('resourceType')}."), issues[0].text


@pytest.mark.parametrize("resource_type", TYPES)
def test_the_least_and_the_fullest_resource_of_each_type_are_sound(resource_type: str) -> None:
    assert check(least(resource_type)) == []
    assert check(full(resource_type)) == []


@pytest.mark.parametrize("resource_type", TYPES)
def test_each_required_element_is_missed(resource_type: str) -> None:
    for element in load().shape(resource_type).elements:
        if element.min:
            key = element.json_names()[0][0]
            without = {name: value for name, value in least(resource_type).items() if name != key}
            path, text = only(without)
            assert path.removesuffix("[x]") == element.name
            assert "missing" in text


@pytest.mark.parametrize("resource_type", TYPES)
def test_lists_and_single_values_are_not_mixed(resource_type: str) -> None:
    whole = full(resource_type)
    for key, value in whole.items():
        if key != "resourceType":
            mixed = value[0] if isinstance(value, list) else [value]
            assert check({**whole, key: mixed}), key


@pytest.mark.parametrize("resource_type", TYPES)
def test_values_of_the_wrong_json_kind_are_refused_everywhere(resource_type: str) -> None:
    whole = full(resource_type)
    for wrong in ({}, [], None, 1.5, "", [None], {"rart": 1}):
        for key in whole:
            assert check({**whole, key: wrong}) or (wrong == 1.5 and key), (key, wrong)


def test_an_unknown_element_is_refused_with_what_was_meant() -> None:
    path, text = only(observation(valuequantity={"value": 1}))
    assert path == "valuequantity"
    assert "Did you mean valueQuantity?" in text


def test_the_path_leads_from_the_type_to_the_element() -> None:
    assert check(observation(status="ferdig"))[0].path == "Observation.status"
    component = {"code": {"coding": [{"code": "ok"}, {"code": " mellomrom "}]}}
    path, _ = only(observation(component=[{"code": {"text": "x"}}, component]))
    assert path == "component[1].code.coding[1].code"


def test_only_one_of_a_choice_may_be_given() -> None:
    path, text = only(observation(valueString="høy", valueInteger=7))
    assert path == "valueInteger"
    assert "valueString and valueInteger" in text


def test_a_choice_and_the_extension_beside_it_are_one() -> None:
    beside = {"extension": [{"url": "http://a", "valueBoolean": True}]}
    assert check(observation(valueString="høy", _valueString=beside)) == []


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"status": "ferdig"}, "status"),
        ({"effectiveDateTime": "2026-02-30"}, "effectiveDateTime"),
        ({"effectiveDateTime": "2026-02-28T10:00"}, "effectiveDateTime"),
        ({"effectiveDateTime": "2026-02-28T24:00:00Z"}, "effectiveDateTime"),
        ({"effectiveDateTime": "28.02.2026"}, "effectiveDateTime"),
        ({"issued": "2026-02-28"}, "issued"),
        ({"issued": "2026-02-29T10:00:00Z"}, "issued"),
        ({"valueQuantity": {"value": "7"}}, "valueQuantity.value"),
        ({"valueQuantity": {"value": True}}, "valueQuantity.value"),
        ({"valueInteger": 1.0}, "valueInteger"),
        ({"valueInteger": 2**31}, "valueInteger"),
        ({"valueBoolean": "true"}, "valueBoolean"),
        ({"valueString": ""}, "valueString"),
        ({"category": [{"coding": [{"code": "to  mellomrom"}]}]}, "category[0].coding[0].code"),
        ({"valueTime": "7:30"}, "valueTime"),
        ({"id": "å"}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"id": ""}, "id"),
        ({"implicitRules": "med mellomrom"}, "implicitRules"),
        ({"category": []}, "category"),
        ({"method": {}}, "method"),
        ({"method": {"id": "bare-id"}}, "method"),
        ({"method": None}, "method"),
        ({"language": None}, "language"),
        ({"subject": {"reference": "Practitioner/solveig"}}, "subject"),
        ({"subject": {"reference": "https://a.no/fhir/Practitioner/1"}}, "subject"),
        ({"subject": {"type": "Practitioner", "display": "Solveig"}}, "subject"),
        ({"subject": {"reference": "#nei"}}, "subject"),
        ({"extension": [{"url": "http://a"}]}, "extension[0]"),
        ({"extension": [{"valueString": "x"}]}, "extension[0].url"),
        ({"text": {"status": "generated", "div": "<div>x</div>"}}, "text.div"),
        ({"contained": [{"resourceType": "Patient", "gender": "mann"}]}, "contained[0].gender"),
        ({"contained": [{"resourceType": "Pasient"}]}, "contained[0].resourceType"),
        ({"contained": [{"id": "x"}]}, "contained[0].resourceType"),
    ],
)
def test_a_wrong_value_is_refused_where_it_stands(members: dict[str, Any], path: str) -> None:
    assert only(observation(**members))[0] == path


@pytest.mark.parametrize(
    "members",
    [
        {"effectiveDateTime": "2024-02-29"},
        {"effectiveDateTime": "2026"},
        {"effectiveDateTime": "2026-02"},
        {"effectiveDateTime": "2026-12-31T23:59:60Z"},
        {"effectiveDateTime": "2026-12-31T23:59:59.123456789-14:00"},
        {"valueQuantity": {"value": 1}},
        {"valueQuantity": {"value": -1.5e-7}},
        {"valueString": " med mellomrom foran\n"},
        {"valueString": " "},
        {"category": [{"coding": [{"code": "hardt\u00a0mellomrom\u00a0"}]}]},
        {"subject": {"reference": "https://a.no/fhir/Patient/1"}},
        {"subject": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}},
        {"subject": {"reference": "Patient?identifier=x|1"}},
        {"subject": {"display": "en pasient"}},
        {"subject": {"identifier": {"value": "7"}}},
        {"subject": {"reference": "#p"}, "contained": [{"resourceType": "Patient", "id": "p"}]},
        {"focus": [{"reference": "Task/1"}]},
        {"language": "nb-NO"},
    ],
)
def test_what_r4_allows_is_accepted(members: dict[str, Any]) -> None:
    assert check(observation(**members)) == []


ABSENT = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


def test_an_extension_may_stand_for_a_required_value() -> None:
    resource = observation(_status=ABSENT)
    del resource["status"]
    assert check(resource) == []


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ({"given": ["A", None], "_given": [None, ABSENT]}, True),
        ({"_given": [ABSENT]}, True),
        ({"given": ["A", "B"], "_given": [ABSENT, ABSENT]}, True),
        ({"given": ["A", None]}, False),
        ({"given": [None], "_given": [None]}, False),
        ({"given": ["A"], "_given": [None]}, False),
        ({"given": ["A"], "_given": [None, ABSENT]}, False),
        ({"_given": [ABSENT, None]}, False),
        ({"_given": ABSENT}, False),
        ({"_family": {}}, False),
        ({"_family": [ABSENT]}, False),
        ({"_family": {"valueString": "x"}}, False),
        ({"_period": ABSENT}, False),
    ],
)
def test_lists_with_extensions_are_padded_with_null(name: dict[str, Any], sound: bool) -> None:
    assert (check({"resourceType": "Patient", "name": [name]}) == []) is sound


def test_a_concept_with_a_required_binding_has_one_of_its_codes() -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    condition = {"resourceType": "Condition", "subject": {"reference": "Patient/ragnhild"}}
    sound = {"coding": [{"system": "http://a", "code": "x"}, {"system": system, "code": "active"}]}
    assert check({**condition, "clinicalStatus": sound}) == []
    path, _ = only({**condition, "clinicalStatus": {"coding": [{"system": system, "code": "aktiv"}]}})
    assert path == "clinicalStatus"


def test_contained_resources_may_not_contain_others() -> None:
    inner = {"resourceType": "Patient", "contained": [{"resourceType": "Organization"}]}
    assert only(observation(contained=[inner]))[0] == "contained[0].contained"


def test_resources_in_a_bundle_are_checked_each_by_itself() -> None:
    entries = [{"resource": observation()}, {"resource": observation(subject={"reference": "#p"})}]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    assert only(bundle)[0] == "entry[1].resource.subject"


def test_extensions_hold_a_value_or_extensions_and_not_both() -> None:
    inner = [{"url": "del", "valueCode": "x"}]
    assert check(observation(extension=[{"url": "http://a", "extension": inner}])) == []
    both = {"url": "http://a", "extension": inner, "valueCode": "x"}
    assert only(observation(extension=[both]))[0] == "extension[0]"


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"effectivePeriod": {"start": "2026-01-11", "end": "2026-01-10"}}, "effectivePeriod"),
        ({"valueQuantity": {"value": 5, "code": "mmol/L"}}, "valueQuantity"),
        ({"valueRange": {"low": {"value": 5}, "high": {"value": 4}}}, "valueRange"),
    ],
)
def test_rules_of_datatypes_hold(members: dict[str, Any], path: str) -> None:
    assert only(observation(**members))[0] == path


def test_a_period_within_one_day_is_sound() -> None:
    period = {"start": "2026-01-10T23:00:00+01:00", "end": "2026-01-10"}
    assert check(observation(effectivePeriod=period)) == []


def test_a_contact_point_has_a_system_and_an_attachment_its_type() -> None:
    assert only({"resourceType": "Patient", "telecom": [{"value": "90000000"}]})[0] == "telecom[0]"
    assert only({"resourceType": "Patient", "photo": [{"data": "QUJD"}]})[0] == "photo[0]"


def test_contained_resources_have_no_version_of_their_own() -> None:
    inner = {"resourceType": "Patient", "meta": {"versionId": "1"}}
    assert only(observation(contained=[inner]))[0] == "contained[0].meta.versionId"


def test_no_more_than_fifty_issues_are_told() -> None:
    names = [{"family": ""} for _ in range(10_000)]
    assert len(check({"resourceType": "Patient", "name": names})) == MAX_ISSUES
    many = [{"given": [""] * 10_000}]
    assert len(check({"resourceType": "Patient", "name": many})) == MAX_ISSUES


def test_checking_changes_nothing() -> None:
    resource = full("Observation")
    before = copy.deepcopy(resource)
    check(resource)
    assert resource == before


def test_what_is_no_resource_is_an_issue_and_no_fault() -> None:
    for odd in ({"a": 1}, {"resourceType": None}, {"resourceType": ["Patient"]}, {"resourceType": "Ting"}):
        assert only(odd)[0] == "resourceType"


UCUM = "http://unitsofmeasure.org"


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("valueAge", {"value": 42, "system": UCUM, "code": "a"}, {"value": -1, "system": UCUM, "code": "a"}),
        ("valueAge", {"value": 42, "unit": "år"}, {"value": 42, "system": "http://a", "code": "a"}),
        ("valueCount", {"value": 3, "system": UCUM, "code": "1"}, {"value": 2.5, "system": UCUM, "code": "1"}),
        ("valueDistance", {"value": 1.5, "system": UCUM, "code": "km"}, {"value": 1.5, "code": "km"}),
        (
            "valueDuration",
            {"value": 90, "system": UCUM, "code": "min"},
            {"value": 90, "system": "http://a", "code": "x"},
        ),
        ("valueRatio", {"numerator": {"value": 1}, "denominator": {"value": 2}}, {"numerator": {"value": 1}}),
        ("valueAttachment", {"data": "YQ==", "contentType": "text/plain"}, {"data": "YQ=="}),
        ("valueContactPoint", {"system": "phone", "value": "1"}, {"value": "1"}),
        ("valueRange", {"low": {"value": 1}, "high": {"value": 2}}, {"low": {"value": 3}, "high": {"value": 2}}),
        ("valuePeriod", {"start": "2026-01", "end": "2026"}, {"start": "2026-02-01", "end": "2026-01"}),
        ("valueTiming", {"repeat": {"duration": 1, "durationUnit": "h"}}, {"repeat": {"duration": 1}}),
        ("valueTiming", {"repeat": {"period": 1, "periodUnit": "d"}}, {"repeat": {"period": -1, "periodUnit": "d"}}),
        ("valueTiming", {"repeat": {"count": 1, "countMax": 2}}, {"repeat": {"countMax": 2}}),
        ("valueTiming", {"repeat": {"when": ["MORN"]}}, {"repeat": {"when": ["MORN"], "timeOfDay": ["08:00:00"]}}),
    ],
)
def test_a_datatype_keeps_its_rules_and_is_refused_when_not(
    key: str, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert check(observation(extension=[{"url": "http://a", key: right}])) == []
    issues = check(observation(extension=[{"url": "http://a", key: wrong}]))
    assert [issue.code for issue in issues] == ["invariant"]
    assert (issues[0].path or "").startswith(f"Observation.extension[0].{key}")


def test_a_value_may_have_an_id_beside_it_and_an_id_alone_is_empty() -> None:
    assert check(observation(_status={"id": "s"})) == []
    assert check(observation(valueString="høy", _valueString={"id": "s"})) == []
    names = [{"given": ["Ola", "Å"], "_given": [None, {"id": "g"}]}]
    assert check({"resourceType": "Patient", "name": names}) == []
    path, text = only(observation(_language={"id": "s"}))
    assert (path, "empty" in text) == ("_language", True)
    assert check({"resourceType": "Patient", "name": [{"_given": [{"id": "g"}]}]})


@pytest.mark.parametrize(
    "members",
    [
        {"extension": [{"url": "http://a", "_url": {"id": "u"}, "valueString": "x"}]},
        {"method": {"id": "m", "_id": {"id": "i"}, "text": "x"}},
        {"text": {"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml"/>', "_div": {"id": "d"}}},
    ],
)
def test_what_is_an_attribute_in_xml_has_nothing_beside_it(members: dict[str, Any]) -> None:
    assert "There is no element" in only(observation(**members))[1]


@pytest.mark.parametrize("right", ["application/pdf", "text/plain; charset=utf-8", "image/svg+xml", "text/cql;x=y z"])
def test_a_mime_type_is_one(right: str) -> None:
    assert check(observation(extension=[{"url": "http://a", "valueAttachment": {"contentType": right}}])) == []


@pytest.mark.parametrize("wrong", ["pdf", "application/", "/pdf", "a/b/c", "text/ plain", "text/plain;", 1])
def test_what_is_no_mime_type_is_refused(wrong: Any) -> None:
    path, _ = only(observation(extension=[{"url": "http://a", "valueAttachment": {"contentType": wrong}}]))
    assert path == "extension[0].valueAttachment.contentType"


def test_a_currency_is_three_capitals() -> None:
    def paid(currency: str) -> dict[str, Any]:
        return observation(extension=[{"url": "http://a", "valueMoney": {"value": 1, "currency": currency}}])

    assert check(paid("NOK")) == []
    for wrong in ("nok", "KR", "Norske kroner"):
        assert only(paid(wrong))[0] == "extension[0].valueMoney.currency"


USUAL = {"system": "http://a", "code": "b"}


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"meta": {"tag": [USUAL, {"system": "http://a", "code": " b"}]}}, "meta.tag[1].code"),
        ({"meta": {"tag": []}}, "meta.tag"),
        ({"meta": {"security": [{"system": "", "code": "b"}]}}, "meta.security[0].system"),
        ({"meta": {"profile": ["http://a b"]}}, "meta.profile[0]"),
        ({"meta": {}}, "meta"),
        ({"category": [{"coding": [USUAL]}, {"coding": []}]}, "category[1].coding"),
        ({"category": [{"coding": [{**USUAL, "code": "b  c"}]}]}, "category[0].coding[0].code"),
        ({"performer": [{"display": ""}]}, "performer[0].display"),
        ({"performer": [{"reference": "Patient/1"}, {"reference": "Medication/1"}]}, "performer[1]"),
    ],
)
def test_what_is_nearly_of_a_usual_shape_is_looked_at_closely(members: dict[str, Any], path: str) -> None:
    assert only(observation(**members))[0] == path
