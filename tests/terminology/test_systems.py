"""One name for each code system inside, whatever it is called outside."""

from __future__ import annotations

import pytest

from samjournal.terminology import systems
from samjournal.terminology.systems import ATC, ICD_10, ICPC_2, NLK, VOLVEN


@pytest.mark.parametrize(
    ("outside", "inside"),
    [
        (f"{VOLVEN}7170", ICPC_2),
        (f"{VOLVEN}7110", ICD_10),
        ("http://hl7.org/fhir/sid/icd-10-no", ICD_10),
        ("http://ehelse.no/fhir/CodeSystem/no-kodeverk-7280-nlk", NLK),
        ("http://helsedir.no/fhir/CodeSystem/no-kodeverk-7280-nlk", NLK),
        (f"{VOLVEN}7180", ATC),
        (f"{VOLVEN}8116", f"{VOLVEN}8116"),
    ],
)
def test_a_system_goes_by_one_name(outside: str, inside: str) -> None:
    assert systems.canonical(outside) == inside
    assert systems.canonical(inside) == inside


def test_codes_of_icd_10_have_their_point_and_others_stay() -> None:
    assert [systems.written(ICD_10, code) for code in ("I509", "I50.9", "I50", "V0n0a")] == [
        "I50.9",
        "I50.9",
        "I50",
        "V0n0a",
    ]
    assert systems.written(ATC, "N02BE01") == "N02BE01"


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("ICD10.json", ICD_10),
        ("ICPC-2n-v40-RASTXT_CSV.txt", ICPC_2),
        ("norsk_laboratoriekodeverk_7280.77.csv", NLK),
        ("atc 2026.csv", ATC),
        ("kommunenummer-3402.json", f"{VOLVEN}3402"),
        ("matcher-2024.csv", None),
    ],
)
def test_the_name_of_a_file_tells_its_system(name: str, system: str | None) -> None:
    assert systems.of_file(name) == system


@pytest.mark.parametrize(
    ("word", "system"),
    [("atc", ATC), ("9060", f"{VOLVEN}9060"), ("7170", ICPC_2), ("http://a.b/c", "http://a.b/c"), ("noe", None)],
)
def test_an_operator_names_a_system_in_short(word: str, system: str | None) -> None:
    assert systems.named(word) == system
