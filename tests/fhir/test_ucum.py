"""Units of UCUM: what is the same amount has the same base units. ucum.org/ucum"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir.definitions import load
from samjournal.fhir.ucum import canonical


def base(value: str, code: str) -> tuple[float, str]:
    unit = canonical(code)
    assert unit is not None, code
    return float(unit.amount(Decimal(value))), unit.dimension


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("5", "g"), ("5000", "mg")),
        (("1", "mg/dL"), ("0.01", "g/L")),
        (("1", "mg/dL"), ("10", "mg/L")),
        (("5.4", "mmol/L"), ("5400", "umol/L")),
        (("5.4", "mmol/L"), ("5.4", "mol/m3")),
        (("7", "10*9/L"), ("7", "10*3/uL")),
        (("7", "10*9/L"), ("7", "10^9/L")),
        (("60", "/min"), ("1", "Hz")),
        (("60", "{slag}/min"), ("60", "/min")),
        (("120", "mm[Hg]"), ("12", "cm[Hg]")),
        (("1", "m[Hg]"), ("133.322", "kPa")),
        (("37", "Cel"), ("98.6", "[degF]")),
        (("0", "Cel"), ("273.15", "K")),
        (("36.6", "Cel"), ("36600", "mCel")),
        (("1", "kg/m2"), ("0.1", "g/cm2")),
        (("1", "h"), ("3600", "s")),
        (("1", "wk"), ("7", "d")),
        (("12", "mo"), ("1", "a")),
        (("1", "[in_i]"), ("2.54", "cm")),
        (("1", "[lb_av]"), ("453.59237", "g")),
        (("1", "[IU]/L"), ("1000", "m[IU]/L")),
        (("1", "U/L"), ("1", "umol/min/L")),
        (("1", "kat"), ("60", "MU{x}")),
        (("50", "%"), ("0.5", "1")),
        (("1", "mg/(kg.d)"), ("1", "mg/kg/d")),
        (("1", "/m"), ("1", "m-1")),
        (("1", "N"), ("1", "kg.m.s-2")),
        (("90", "mL/min/{1.73_m2}"), ("90", "mL/min")),
        (("1", "L"), ("1", "dm3")),
        (("1", "kcal_th"), ("4184", "J")),
        (("1", "2.m"), ("2", "m")),
        (("180", "deg"), ("1", "[pi].rad")),
        (("1", "J/Cel"), ("1", "J/K")),
        (("1", "meq/L"), ("1", "mmol/L")),
    ],
)
def test_what_is_the_same_amount_is_found_to_be_so(left: tuple[str, str], right: tuple[str, str]) -> None:
    (one, dimension), (other, same) = base(*left), base(*right)
    assert dimension == same
    assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("g", "m"),
        ("mmol/L", "10*9/L"),  # A mole is no number of cells, whatever UCUM says.
        ("[IU]/L", "U/L"),
        ("[IU]", "[arb'U]"),
        ("g/L", "mmol/L"),
        ("[pH]", "mol/L"),
        ("dB[SPL]", "dB[V]"),
        ("m", "m2"),
        ("[degF]", "[IU]"),
    ],
)
def test_what_cannot_be_compared_is_kept_apart(one: str, other: str) -> None:
    assert base("1", one)[1] != base("1", other)[1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "mmHg",
        "mg/",
        "m//s",
        "(m",
        "m)",
        "m s",
        "KG",
        "beats/min",
        "slag",
        "{a b}",
        "{a",
        "0",
        "m+-1",
        "m999",
        "10*9999",
        "((((((((((((((((((((((m))))))))))))))))))))))",
        "m" * 300,
        "µg",
        "[IU",
    ],
)
def test_what_is_no_unit_is_told_from_one(text: str) -> None:
    assert canonical(text) is None


def test_case_counts() -> None:
    assert base("1", "mg") != base("1", "Mg")
    assert base("1", "Pa")[1] != base("1", "a")[1]


@pytest.mark.parametrize("code", sorted(load().units))
def test_every_unit_of_the_table_can_be_read(code: str) -> None:
    unit = canonical(code)
    assert unit is not None
    assert unit.factor > 0


def test_a_prefix_stands_only_where_the_table_allows_one() -> None:
    units, prefixes = load().units, load().prefixes
    for code, (_, _, metric) in units.items():
        for prefix in prefixes:
            found = canonical(prefix + code)
            if metric:
                assert found is not None, prefix + code
    assert canonical("k[in_i]") is None
    assert canonical("m%") is None


@given(st.text(alphabet="mgLs10*^./(){}[]+-%IUCel ", max_size=30))
def test_any_text_is_a_unit_or_none(text: str) -> None:
    unit = canonical(text)
    assert unit is None or unit.factor > 0


amounts = st.decimals(min_value="0.001", max_value="100000", places=3)


@given(amounts, st.sampled_from(["g", "mol/L", "m[Hg]", "L", "[IU]", "s"]))
def test_a_prefix_moves_the_point_and_nothing_else(value: Decimal, code: str) -> None:
    assert base(str(value), code) == base(str(value * 1000), f"m{code}")
