"""The values that search finds, type by type as R4 describes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fhir.samples import full
from samjournal.fhir.definitions import load
from samjournal.fhir.parameters import (
    Composite,
    Date,
    Number,
    Position,
    Quantity,
    Ref,
    String,
    Token,
    Uri,
    extract,
    for_type,
    main_date,
    when,
)

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def given(resource_type: str, parameter: str, **members: Any) -> list[Any]:
    return extract({"resourceType": resource_type, **members}).get(parameter, [])


def test_all_parameters_of_r4_are_known() -> None:
    observation = for_type("Observation")
    assert {
        "_id",
        "_lastUpdated",
        "_tag",
        "_profile",
        "_security",
        "_source",
        "code",
        "subject",
        "date",
    } <= set(observation)
    assert observation["subject"].targets == ("Group", "Device", "Patient", "Location")
    assert observation["code-value-quantity"].components == ("code", "value-quantity")
    assert for_type("Patient")["death-date"].type == "date"
    with pytest.raises(KeyError):
        for_type("Pasient")


def test_parameters_that_r4_does_not_have_are_left_out() -> None:
    assert "order-detail" not in for_type("ServiceRequest")
    assert "status" not in for_type("DetectedIssue")


@pytest.mark.parametrize("resource_type", sorted(load().resources))
def test_every_value_has_the_kind_of_its_parameter(resource_type: str) -> None:
    kinds = {
        "token": Token,
        "string": String,
        "date": Date,
        "reference": Ref,
        "uri": Uri,
        "number": Number,
        "quantity": Quantity,
        "composite": Composite,
        "special": Position,
    }
    parameters = for_type(resource_type)
    for code, values in extract(full(resource_type)).items():
        assert values
        assert all(type(value) is kinds[parameters[code].type] for value in values), code


def test_a_parameter_extracts_its_own_values() -> None:
    patient = {"resourceType": "Patient", "id": "mina", "birthDate": "1990-05-17"}
    assert for_type("Patient")["_id"].extract(patient) == [Token(None, "mina")]


def test_a_concept_gives_a_token_for_each_coding_and_its_text() -> None:
    code = {
        "coding": [{"system": LOINC, "code": "8867-4", "display": "Heart rate"}, {"code": "puls"}],
        "text": "Puls",
    }
    assert given("Observation", "code", code=code) == [
        Token(LOINC, "8867-4", "Heart rate"),
        Token(None, "puls", None),
        Token(None, None, "Puls"),
    ]


def test_an_identifier_gives_its_system_and_value() -> None:
    identifier = [
        {"system": "urn:oid:2.16.578.1.12.4.1.4.1", "value": "13116900216"},
        {"value": "7"},
        {"use": "old"},
    ]
    assert given("Patient", "identifier", identifier=identifier) == [
        Token("urn:oid:2.16.578.1.12.4.1.4.1", "13116900216"),
        Token(None, "7"),
    ]


def test_contact_points_are_sorted_by_their_system() -> None:
    telecom = [{"system": "phone", "value": "+4790000000"}, {"system": "email", "value": "a@b.no"}]
    found = extract({"resourceType": "Patient", "telecom": telecom})
    assert found["phone"] == [Token(None, "+4790000000")]
    assert found["email"] == [Token(None, "a@b.no")]
    assert found["telecom"] == [Token(None, "+4790000000"), Token(None, "a@b.no")]


def test_codes_carry_the_system_that_r4_binds_them_to() -> None:
    assert given("Patient", "gender", gender="female") == [Token("http://hl7.org/fhir/administrative-gender", "female")]
    assert given("Observation", "status", status="final") == [Token("http://hl7.org/fhir/observation-status", "final")]
    assert given("Patient", "language", communication=[{"language": {"text": "norsk"}}]) == [Token(None, None, "norsk")]


def test_yes_and_no_are_tokens() -> None:
    assert given("Patient", "active", active=False) == [Token(None, "false")]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        ({}, "false"),
        ({"deceasedBoolean": False}, "false"),
        ({"deceasedBoolean": True}, "true"),
        ({"deceasedDateTime": "2026-01-10"}, "true"),
    ],
)
def test_everybody_is_deceased_or_not(members: dict[str, Any], expected: str) -> None:
    assert given("Patient", "deceased", **members) == [Token(None, expected)]


def test_all_parts_of_a_name_are_searched() -> None:
    name = [
        {
            "text": "Kari Anne Ås",
            "family": "Ås",
            "given": ["Kari", "Anne"],
            "prefix": ["Dr."],
            "suffix": ["d.y."],
        }
    ]
    texts = [value.text for value in given("Patient", "name", name=name)]
    assert sorted(texts) == sorted(["Kari Anne Ås", "Ås", "Kari", "Anne", "Dr.", "d.y."])
    assert given("Patient", "family", name=name) == [String("Ås")]
    assert given("Patient", "given", name=name) == [String("Kari"), String("Anne")]
    assert given("Patient", "phonetic", name=name)


def test_a_missing_given_name_beside_an_extension_is_passed_over() -> None:
    assert given("Patient", "given", name=[{"given": [None, "Anne"]}]) == [String("Anne")]
    assert [value.text for value in given("Patient", "name", name=[{"given": [None, "Anne"]}])] == ["Anne"]


def test_all_parts_of_an_address_are_searched() -> None:
    address = [
        {
            "line": ["Storgata 1"],
            "city": "Steinkjer",
            "postalCode": "7713",
            "country": "NO",
            "text": "Storgata 1, 7713",
        }
    ]
    found = extract({"resourceType": "Patient", "address": address})
    assert {value.text for value in found["address"]} == {
        "Storgata 1",
        "Steinkjer",
        "7713",
        "NO",
        "Storgata 1, 7713",
    }
    assert found["address-city"] == [String("Steinkjer")]
    assert found["address-postalcode"] == [String("7713")]


def test_a_birth_date_is_a_day_in_norway() -> None:
    assert given("Patient", "birthdate", birthDate="1990-05-17") == [Date(utc(1990, 5, 16, 22), utc(1990, 5, 17, 22))]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            {"effectiveDateTime": "2026-01-10T10:00:00Z"},
            Date(utc(2026, 1, 10, 10), utc(2026, 1, 10, 10, 0, 1)),
        ),
        (
            {"effectivePeriod": {"start": "2026-01-10", "end": "2026-01-11"}},
            Date(utc(2026, 1, 9, 23), utc(2026, 1, 11, 23)),
        ),
        (
            {"effectiveInstant": "2026-01-10T10:00:00Z"},
            Date(utc(2026, 1, 10, 10), utc(2026, 1, 10, 10, 0, 1)),
        ),
        (
            {"effectiveTiming": {"event": ["2026-01-10T10:00:00Z"]}},
            Date(utc(2026, 1, 10, 10), utc(2026, 1, 10, 10, 0, 1)),
        ),
    ],
)
def test_the_date_of_an_observation_may_be_written_in_four_ways(members: dict[str, Any], expected: Date) -> None:
    assert given("Observation", "date", **members) == [expected]


def test_references_are_local_absolute_or_by_identifier() -> None:
    def subject(reference: dict[str, Any]) -> list[Any]:
        return given("Observation", "subject", subject=reference)

    assert subject({"reference": "Patient/7"}) == [Ref("Patient", "7")]
    assert subject({"reference": "Patient/7/_history/2"}) == [Ref("Patient", "7", "2")]
    far = "https://annen.no/fhir/Patient/7"
    assert subject({"reference": far}) == [Ref("Patient", "7", None, far)]
    urn = "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"
    assert subject({"reference": urn, "type": "Patient"}) == [Ref("Patient", None, None, urn)]
    number = {"system": "urn:oid:1", "value": "7"}
    assert subject({"identifier": number}) == [Ref(None, None, identifier=Token("urn:oid:1", "7"))]
    assert subject({"reference": "Patient/7", "identifier": number}) == [
        Ref("Patient", "7", identifier=Token("urn:oid:1", "7"))
    ]
    assert subject({"reference": "#p"}) == [Ref(None, None)], "there is a value, and it leads nowhere outside"
    assert subject({"display": "en pasient"}) == [Ref(None, None, display="en pasient")]
    assert subject({}) == []


def test_a_parameter_for_one_type_takes_only_references_to_it() -> None:
    assert given("Observation", "patient", subject={"reference": "Patient/7"}) == [Ref("Patient", "7")]
    assert given("Observation", "patient", subject={"reference": "Group/7"}) == []
    participant = [{"actor": {"reference": "Patient/7"}}, {"actor": {"reference": "Location/8"}}]
    found = extract({"resourceType": "Appointment", "participant": participant})
    assert (found["patient"], found["location"]) == ([Ref("Patient", "7")], [Ref("Location", "8")])
    assert len(found["actor"]) == 2


def test_a_canonical_is_parted_from_its_version() -> None:
    found = given("QuestionnaireResponse", "questionnaire", questionnaire="http://a.no/Questionnaire/q|2.0")
    assert found == [Ref("Questionnaire", "q", "2.0", "http://a.no/Questionnaire/q")]


def test_uris_are_as_written() -> None:
    assert given("ValueSet", "url", url="http://A.no/x") == [Uri("http://A.no/x")]


def test_quantities_keep_their_unit_and_reach_as_far_as_their_comparator() -> None:
    def value(**members: Any) -> list[Any]:
        return given("Observation", "value-quantity", valueQuantity=members)

    unit = {"unit": "mmol/L", "system": UCUM, "code": "mmol/L"}
    assert value(value=5.4, **unit) == [Quantity(5.4, UCUM, "mmol/L", "mmol/L", 5.4, 5.4)]
    assert value(value=5, comparator="<") == [Quantity(5, None, None, None, None, 5, strict=True)]
    assert value(value=5, comparator=">=") == [Quantity(5, None, None, None, 5, None)]
    assert value(unit="mmol/L") == []


def test_ranges_and_money_are_quantities_too() -> None:
    age = {"low": {"value": 40, "code": "a", "system": UCUM}, "high": {"value": 45}}
    assert given("Condition", "onset-age", onsetRange=age) == [Quantity(None, UCUM, "a", None, 40, 45)]
    total = given("Invoice", "totalgross", totalGross={"value": 199.5, "currency": "NOK"})
    assert total == [Quantity(199.5, "urn:iso:std:iso:4217", "NOK", "NOK", 199.5, 199.5)]


def test_numbers_and_ranges_of_numbers() -> None:
    prediction = [{"probabilityDecimal": 0.2}, {"probabilityRange": {"low": {"value": 0.1}}}]
    assert given("RiskAssessment", "probability", prediction=prediction) == [
        Number(0.2, 0.2),
        Number(0.1, None),
    ]


def test_values_that_belong_together_stay_together() -> None:
    def component(code: str, value: float) -> dict[str, Any]:
        return {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": {"value": value}}

    found = given(
        "Observation",
        "component-code-value-quantity",
        component=[component("8480-6", 152), component("8462-4", 84)],
    )
    pairs = [(part.parts[0][0].code, part.parts[1][0].value) for part in found]
    assert pairs == [("8480-6", 152), ("8462-4", 84)]
    assert given("Observation", "code-value-quantity", code={"text": "BT"}) == []


def test_what_a_resource_has_once_is_found_by_its_components_alone() -> None:
    whole = for_type("Observation")["code-value-quantity"]
    assert whole.apart == whole.components
    assert given("Observation", whole.code, code={"text": "BT"}, valueQuantity={"value": 1}) == []
    assert for_type("MolecularSequence")["chromosome-variant-coordinate"].apart == ("chromosome",)
    assert for_type("Observation")["component-code-value-quantity"].apart == ()


def test_every_composite_of_repeated_elements_is_of_codes_and_numbers() -> None:
    """Their rows hold nothing else; a text or date there would need rows of its own."""
    for resource_type in load().resources:
        known = for_type(resource_type)
        for one in known.values():
            together = {known[code].type for code in one.components if code not in one.apart}
            assert one.parts or together <= {"token", "reference", "number", "quantity"}, one


def test_combo_parameters_are_found_by_their_parts() -> None:
    code = {"coding": [{"code": "a"}]}
    observation = {"resourceType": "Observation", "code": code, "component": [{"code": {"coding": [{"code": "b"}]}}]}
    combo = for_type("Observation")["combo-code"]
    assert combo.parts == ("code", "component-code")
    assert "combo-code" not in extract(observation)
    assert combo.extract(observation) == [Token(None, "a"), Token(None, "b")]
    for one in for_type("Observation").values():
        assert all(part in for_type("Observation") for part in one.parts)


def test_samples_reach_from_the_least_to_the_greatest() -> None:
    samples = {"origin": {"value": 2, "unit": "mV"}, "factor": 0.5, "data": "1 E -2 4 U L"}
    assert given("Observation", "value-quantity", valueSampledData=samples) == [
        Quantity(None, None, None, "mV", 1.0, 4.0)
    ]
    assert given("Observation", "value-quantity", valueSampledData={"origin": {}, "data": "E"}) == []


def test_a_place_is_where_its_latitude_and_longitude_say() -> None:
    position = {"latitude": 64.01, "longitude": 11.5}
    assert given("Location", "near", position=position) == [Position(64.01, 11.5)]


def test_the_components_of_a_relationship_are_read_the_right_way_round() -> None:
    relates = [{"code": "replaces", "target": {"reference": "DocumentReference/7"}}]
    (found,) = given("DocumentReference", "relationship", relatesTo=relates)
    assert found.parts[0] == (Ref("DocumentReference", "7"),)
    assert found.parts[1][0].code == "replaces"


def test_elements_without_value_give_nothing() -> None:
    empty = {"extension": [{"url": "http://a", "valueCode": "unknown"}]}
    members = {
        "code": empty,
        "subject": empty,
        "valueQuantity": empty,
        "_status": empty,
        "identifier": [empty],
    }
    assert extract({"resourceType": "Observation", **members}) == {}


@pytest.mark.parametrize(
    ("resource_type", "parameter"),
    [
        ("Observation", "date"),
        ("Encounter", "date"),
        ("Condition", "onset-date"),
        ("MedicationRequest", "authoredon"),
        ("Appointment", "date"),
        ("Composition", "date"),
        ("Procedure", "date"),
        ("Immunization", "date"),
        ("ServiceRequest", "authored"),
        ("Task", "authored-on"),
        ("CarePlan", "date"),
        ("EpisodeOfCare", "date"),
        ("DiagnosticReport", "date"),
        ("DocumentReference", "date"),
        ("Communication", "sent"),
        ("Goal", "start-date"),
        ("AllergyIntolerance", "date"),
        ("AuditEvent", "date"),
        ("MedicationStatement", "effective"),
        ("Flag", "date"),
        ("QuestionnaireResponse", "authored"),
        ("Provenance", "recorded"),
        ("Consent", "date"),
        ("Claim", "created"),
        ("Slot", "start"),
        ("Patient", None),
        ("Organization", None),
    ],
)
def test_the_main_date_of_a_type(resource_type: str, parameter: str | None) -> None:
    assert main_date(resource_type) == parameter


def test_every_main_date_is_a_date_parameter() -> None:
    for resource_type in load().resources:
        code = main_date(resource_type)
        assert code is None or for_type(resource_type)[code].type == "date"


def test_the_next_best_date_stands_in_for_a_missing_one() -> None:
    values = extract({"resourceType": "Condition", "recordedDate": "2026-01-10T10:00:00Z"})
    assert when("Condition", values) == Date(utc(2026, 1, 10, 10), utc(2026, 1, 10, 10, 0, 1))
    assert when("Condition", {}) is None
    assert when("Patient", {}) is None
