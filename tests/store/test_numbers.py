"""Numbers, quantities, composites and places: found by what they are, in any unit that says the same.

hl7.org/fhir/R4/search.html#number, hl7.org/fhir/R4/search.html#quantity, hl7.org/fhir/R4/search.html#composite
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid
from samjournal.store.search.query import parse
from store.searching import find, statement, store

pytestmark = pytest.mark.anyio

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"


def amount(value: float, code: str | None = None, *, unit: str | None = None, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"value": value, **more}
    if code:
        found |= {"system": UCUM, "code": code, "unit": unit or code}
    elif unit:
        found["unit"] = unit
    return found


def measured(id_: str, value: dict[str, Any] | None = None, *, code: str = "1", **members: Any) -> dict[str, Any]:
    made = {"resourceType": "Observation", "id": id_, "code": {"coding": [{"system": LOINC, "code": code}]}, **members}
    return {**made, "valueQuantity": value} if value else made


def part(code: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": value}


@pytest.fixture(scope="module")
async def filled(pool: Pool) -> Pool:
    await store(
        pool,
        [
            measured("glucose", amount(5.4, "mmol/L"), code="g"),
            measured("grams", amount(5, "g"), code="m"),
            measured("kilos", amount(0.005, "kg"), code="m"),
            measured("fever", amount(39.2, "Cel"), code="t"),
            measured("pulse", amount(72, "/min", unit="slag/minutt"), code="p"),
            measured("below", amount(5, "ng/L", comparator="<"), code="trop"),
            measured("from", amount(5, "ng/L", comparator=">="), code="trop"),
            measured("words", amount(7, unit="glass"), code="w"),
            measured("bare", amount(7), code="w"),
            measured("local", {"value": 3, "system": "urn:local", "code": "drops"}, code="w"),
            measured("wrong", amount(80, "mmHg"), code="w"),
            measured("high", code="bp", component=[part("s", amount(150, "mm[Hg]")), part("d", amount(80, "mm[Hg]"))]),
            measured("low", code="bp", component=[part("s", amount(110, "mm[Hg]")), part("d", amount(150, "mm[Hg]"))]),
            measured("text", code="g", valueString="for lite blod"),
        ],
    )
    await store(
        pool,
        [_risk(f"r{number}", value) for number, value in enumerate((100, 99.5, 99.49, 100.5, 100.49, 94, 106, -3))]
        + [
            _risk("zero", 0),
            _risk("nearly", 0.04),
            {
                "resourceType": "RiskAssessment",
                "id": "range",
                "prediction": [{"probabilityRange": {"low": {"value": 200}, "high": {"value": 300}}}],
            },
        ],
    )
    await store(
        pool,
        [
            {"resourceType": "Location", "id": id_, "position": {"latitude": latitude, "longitude": longitude}}
            for id_, latitude, longitude in (
                ("steinkjer", 64.0149, 11.4954),
                ("trondheim", 63.4305, 10.3951),
                ("lade", 63.4440, 10.4310),
                ("east", 0.0, 179.9),
                ("west", 0.0, -179.9),
            )
        ],
    )
    await store(pool, [_sequence("both", [(10, 20), (30, 40)]), _sequence("crossed", [(10, 40), (30, 20)])])
    return pool


def _risk(id_: str, value: float) -> dict[str, Any]:
    return {"resourceType": "RiskAssessment", "id": id_, "prediction": [{"probabilityDecimal": value}]}


def _sequence(id_: str, variants: list[tuple[int, int]]) -> dict[str, Any]:
    return {
        "resourceType": "MolecularSequence",
        "id": id_,
        "referenceSeq": {"chromosome": {"coding": [{"code": "X"}]}, "windowStart": 1, "windowEnd": 50},
        "variant": [{"start": start, "end": end} for start, end in variants],
    }


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # The digits say how exact: these are R4's own examples.
        ("100", ["r0", "r1", "r4"]),
        ("100.00", ["r0"]),
        ("1e2", ["r0", "r1", "r2", "r3", "r4"]),
        ("1.000e2", ["r0"]),
        ("ne100", ["nearly", "r2", "r3", "r5", "r6", "r7", "range", "zero"]),
        ("lt100", ["nearly", "r1", "r2", "r5", "r7", "zero"]),
        ("le100", ["nearly", "r0", "r1", "r2", "r5", "r7", "zero"]),
        ("gt100", ["r3", "r4", "r6", "range"]),
        ("ge100", ["r0", "r3", "r4", "r6", "range"]),
        ("sa106", ["range"]),
        ("sa250", []),
        ("gt250", ["range"]),
        ("lt250", ["nearly", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "range", "zero"]),
        ("eb200", ["nearly", "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "zero"]),
        ("ap110", ["r0", "r1", "r2", "r3", "r4", "r6"]),
        ("ap190", ["range"]),
        ("-3", ["r7"]),
        # A tenth of nothing is nothing, so what the digits leave open is what is about; below nothing it is alike.
        ("ap0", ["nearly", "zero"]),
        ("ap0.00", ["zero"]),
        ("ap-0", ["nearly", "zero"]),
        ("ap0e0", ["nearly", "zero"]),
        ("ap-3", ["r7"]),
        ("ap-3.2", ["r7"]),
        ("ap-3.4", []),
        ("ap3", []),
        ("100.0,94", ["r0", "r5"]),
    ],
)
async def test_numbers(filled: Pool, query: str, found: list[str]) -> None:
    assert await find(filled, "RiskAssessment", [("probability", query)]) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"5.4|{UCUM}|mmol/L", ["glucose"]),
        (f"5400|{UCUM}|umol/L", ["glucose"]),
        (f"5|{UCUM}|g", ["grams", "kilos"]),
        (f"5000|{UCUM}|mg", ["grams", "kilos"]),
        (f"gt0.0049|{UCUM}|kg", ["grams", "kilos"]),
        ("5||g", ["grams"]),
        ("0.005||kg", ["kilos"]),
        ("72", ["pulse"]),
        ("72||slag/minutt", ["pulse"]),
        ("72||/min", ["pulse"]),
        (f"1.20|{UCUM}|Hz", ["pulse"]),
        (f"39.2|{UCUM}|Cel", ["fever"]),
        (f"102.6|{UCUM}|[degF]", ["fever"]),
        (f"gt39|{UCUM}|Cel", ["fever"]),
        (f"lt39|{UCUM}|Cel", []),
        ("7", ["bare", "words"]),
        ("7||glass", ["words"]),
        ("3|urn:local|drops", ["local"]),
        ("3|urn:other|drops", []),
        (f"80|{UCUM}|mmHg", ["wrong"]),
        (f"lt5|{UCUM}|ng/L", ["below"]),
        (f"le5|{UCUM}|ng/L", ["below", "from"]),
        (f"ge5|{UCUM}|ng/L", ["from"]),
        (f"gt100|{UCUM}|ng/L", ["from"]),
        (f"eb5|{UCUM}|ng/L", ["below"]),
        (f"5|{UCUM}|ng/L", []),
        ("5.4||mmol/L,72||/min", ["glucose", "pulse"]),
    ],
)
async def test_quantities(filled: Pool, query: str, found: list[str]) -> None:
    assert await find(filled, "Observation", [("value-quantity", query)]) == found


@pytest.mark.parametrize(
    ("code", "query", "found"),
    [
        ("code-value-quantity", f"{LOINC}|g$gt5", ["glucose"]),
        ("code-value-quantity", "g$gt6", []),
        ("code-value-quantity", f"g$5.4||mmol/L,m$5|{UCUM}|g", ["glucose", "grams", "kilos"]),
        ("code-value-string", "g$for lite", ["text"]),
        ("component-code-value-quantity", "s$gt140", ["high"]),
        ("component-code-value-quantity", f"{LOINC}|d$gt140||mm[Hg]", ["low"]),
        ("component-code-value-quantity", f"d$gt18|{UCUM}|kPa", ["low"]),
        ("component-code-value-quantity", "|s$gt140", []),
        ("combo-code-value-quantity", "s$gt140,g$gt5", ["glucose", "high"]),
        ("combo-value-quantity", "150", ["high", "low"]),
        ("combo-code", "s", ["high", "low"]),
        ("combo-code", "g", ["glucose", "text"]),
        ("code-value-quantity:missing", "true", ["high", "low", "text"]),
        ("combo-code-value-quantity:missing", "true", ["text"]),
        ("component-code-value-quantity:missing", "false", ["high", "low"]),
        ("combo-value-quantity:missing", "true", ["text"]),
        ("value-quantity:missing", "true", ["high", "low", "text"]),
    ],
)
async def test_composites(filled: Pool, code: str, query: str, found: list[str]) -> None:
    assert await find(filled, "Observation", [(code, query)]) == found


async def test_numbers_that_belong_together_are_of_one_element(filled: Pool) -> None:
    code = "chromosome-variant-coordinate"
    assert await find(filled, "MolecularSequence", [(code, "X$10$20")]) == ["both"]
    assert await find(filled, "MolecularSequence", [(code, "X$lt15$gt35")]) == ["crossed"]
    assert await find(filled, "MolecularSequence", [(code, "Y$10$20")]) == []
    assert await find(filled, "MolecularSequence", [("chromosome-window-coordinate", "X$1$50")]) == ["both", "crossed"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("63.4305|10.3951", ["lade", "trondheim"]),
        ("63.4305|10.3951|1", ["trondheim"]),
        ("63.4305|10.3951|3000|m", ["lade", "trondheim"]),
        ("63.4305|10.3951|60|[mi_i]", ["lade", "steinkjer", "trondheim"]),
        ("0|180|20|km", ["east", "west"]),
        ("63.4305|10.3951|30000", ["east", "lade", "steinkjer", "trondheim", "west"]),
        ("64|11.5|5,63.4305|10.3951|1", ["steinkjer", "trondheim"]),
    ],
)
async def test_places(filled: Pool, query: str, found: list[str]) -> None:
    assert await find(filled, "Location", [("near", query)]) == found


async def test_numbers_and_quantities_are_sorted(filled: Pool) -> None:
    risks = await find(filled, "RiskAssessment", [("_sort", "probability")])
    assert risks == ["r7", "zero", "nearly", "r5", "r2", "r1", "r0", "r4", "r3", "r6", "range"]
    assert await find(filled, "RiskAssessment", [("_sort", "-probability")]) == risks[::-1]
    grams = await find(filled, "Observation", [("code", "m,g"), ("_sort", "-value-quantity"), ("_count", "2")])
    assert grams == ["glucose", "grams", "kilos"]  # One more than asked for tells that there is a next page.


@pytest.mark.parametrize(
    ("type_", "code", "query", "says"),
    [
        ("Observation", "value-quantity", "high", "is not a number: write 5.4"),
        ("Observation", "value-quantity", "5|mmol/L", "5.4||mmol/L for the unit as it is written"),
        ("Observation", "value-quantity", f"5|{UCUM}|", "is not a quantity"),
        ("Observation", "value-quantity", "1e9999", "is not a number"),
        ("Observation", "code-value-quantity", "8480-6", "[code]$[value-quantity]"),
        ("Observation", "component-code-value-quantity", f"{LOINC}|$5", "the code belongs to it"),
        ("RiskAssessment", "probability", "0,2x", "“probability=2x” is not a number"),
        ("Location", "near", "63.4", "latitude|longitude"),
        ("Location", "near", "63.4|10.4|5|kg", "not a place"),
        ("Location", "near", "95|10.4", "latitude goes from -90 to 90"),
        ("Observation", "_contained", "true", "for searches of one type"),
        ("Observation", "value-quantity:above", "5", "does not take the modifier"),
        ("ValueSet", "url:below", "urn:oid:1", "goes by the parts of a URL"),
        ("Patient", "_profile:below", "http://hl7.no", "is found by its whole address"),
        ("Observation", "subject:Device", "Patient/7", "names two types: write subject=Type/id"),
        ("Observation", "subject:Patient", "Patient/7,Device/7", "names two types"),
        ("Patient", "telecom", "phone|73 50 00 00", "has no system"),
    ],
)
def test_what_is_not_understood_is_refused_with_what_would_be_right(
    type_: str, code: str, query: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        statement(parse(type_, [(code, query)]))
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("type_", "code", "query"),
    [
        ("Observation", "subject:Device", "7"),
        ("Observation", "subject:Device", "Device/7"),
        ("Observation", "subject:Device", "https://elsewhere.example/fhir/Device/7"),
        ("Patient", "telecom", "|73 50 00 00"),
    ],
)
def test_a_type_said_twice_is_said_and_no_system_is_none(type_: str, code: str, query: str) -> None:
    assert statement(parse(type_, [(code, query)]))


@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(
        [
            ("Observation", "value-quantity"),
            ("Observation", "combo-code-value-quantity"),
            ("Observation", "component-code-value-concept"),
            ("MolecularSequence", "chromosome-variant-coordinate"),
            ("RiskAssessment", "probability"),
            ("Location", "near"),
            ("ValueSet", "url:below"),
            ("DocumentReference", "relationship"),
        ]
    ),
    st.text(alphabet="0123456789.-eE|$,\\ gtapne/:mgKLæ{}()[]", max_size=40) | st.text(max_size=10),
)
async def test_any_text_is_a_search_or_is_refused(filled: Pool, parameter: tuple[str, str], text: str) -> None:
    type_, code = parameter
    with suppress(Invalid):
        await find(filled, type_, [(code, text)])


async def test_amounts_beyond_all_floats_are_kept_and_found(pool: Pool) -> None:
    await store(pool, [measured("vast", amount(1e308, "Ym")), measured("tiny", amount(5e-324, "ym"))])
    assert await find(pool, "Observation", [("value-quantity", f"gt1e270|{UCUM}|Ym")]) == ["vast"]
    assert await find(pool, "Observation", [("value-quantity", f"lt1|{UCUM}|ym")]) == ["tiny"]


async def test_urls_are_found_from_above_and_below(pool: Pool) -> None:
    urls = {
        "root": "http://a.no/fhir",
        "set": "http://a.no/fhir/ValueSet/1",
        "else": "http://a.no/fhirst",
        "urn": "urn:oid:1",
    }
    await store(pool, [{"resourceType": "ValueSet", "id": id_, "url": url} for id_, url in urls.items()])
    assert await find(pool, "ValueSet", [("url:below", "http://a.no/fhir")]) == ["root", "set"]
    assert await find(pool, "ValueSet", [("url:below", "http://a.no/fhir/")]) == ["root", "set"]
    assert await find(pool, "ValueSet", [("url:above", "http://a.no/fhir/ValueSet/1/_history/2")]) == ["root", "set"]
    assert await find(pool, "ValueSet", [("url", "http://a.no/fhir")]) == ["root"]
    assert await find(pool, "ValueSet", [("url", "urn:oid:1")]) == ["urn"]


async def test_separators_within_a_value_are_escaped(pool: Pool) -> None:
    await store(pool, [measured("odd", {"value": 1, "unit": "a|b$c,d"}, code="x$y")])
    assert await find(pool, "Observation", [("value-quantity", r"1||a\|b\$c\,d")]) == ["odd"]
    assert await find(pool, "Observation", [("code-value-quantity", r"x\$y$1||a\|b\$c\,d")]) == ["odd"]
    assert await find(pool, "Observation", [("code", r"x\$y")]) == ["odd"]


@pytest.mark.parametrize("digits", ["0.123456789012345678901234567890", "123456789012345678901234567890.1", "7"])
async def test_a_number_of_more_digits_than_a_float_has_is_found_by_them(filled: Pool, digits: str) -> None:
    id_ = f"digits-{digits[:3]}"
    await store(filled, [measured(id_, amount(float(digits), "mmol/L"), code=id_)])
    for query in (digits, f"{digits}|{UCUM}|mmol/L", f"le{digits}", f"ap{digits}"):
        assert id_ in await find(filled, "Observation", [("value-quantity", query), ("code", id_)]), query
    for query in (f"ne{digits}", f"gt{digits}"):
        assert id_ not in await find(filled, "Observation", [("value-quantity", query), ("code", id_)]), query
