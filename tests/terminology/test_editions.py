"""A new edition of a code system replaces the old and loses no code."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.fhir.errors import Invalid
from samjournal.fhir.structure import check
from samjournal.terminology.concepts import concepts
from samjournal.terminology.editions import code_system, laid_over
from samjournal.terminology.lists import CodeList, Listed

URL = "http://example.no/x"


def edition(version: str, **codes: str) -> dict[str, Any]:
    return code_system(CodeList(URL, version, "X", {code: Listed(code, text) for code, text in codes.items()}))


def active(resource: dict[str, Any]) -> dict[str, bool]:
    return {one.code: one.active for one in concepts(resource)}


def test_a_list_becomes_a_sound_code_system() -> None:
    items = [Listed("A", "Alfa", nn="Alfa", synonyms=("først",)), Listed("A1", "B", parent="A", active=False, unit="g")]
    made = code_system(CodeList(URL, "1", "", {item.code: item for item in items}))
    assert check(made) == []
    assert [(one.code, one.nb, one.parents, one.active) for one in concepts(made)] == [
        ("A", "Alfa", (), True),
        ("A1", "B", ("A",), False),
    ]


def test_a_code_that_the_new_edition_leaves_out_is_withdrawn_and_keeps_its_name() -> None:
    made = laid_over(edition("2025", A="Alfa", B="Beta"), edition("2026", A="Alpha", C="Gamma"))
    assert (made.added, made.renamed, made.withdrawn, made.same) == (1, 1, 1, False)
    assert active(made.resource) == {"A": True, "C": True, "B": False}
    assert made.resource["version"] == "2026"
    assert check(made.resource) == []


def test_an_older_edition_that_comes_later_brings_only_withdrawn_codes() -> None:
    made = laid_over(edition("2026", A="Alpha"), edition("2008-09-25", A="Alfa", Z="Utgått"))
    assert active(made.resource) == {"A": True, "Z": False}
    assert made.resource["concept"][0]["display"] == "Alpha"
    assert laid_over(made.resource, edition("2008-09-25", A="Alfa", Z="Utgått")).same


def test_the_same_edition_again_changes_nothing() -> None:
    assert laid_over(edition("2026", A="Alfa"), edition("2026", A="Alfa")).same


def test_a_list_without_version_that_says_nothing_new_changes_nothing() -> None:
    assert laid_over(edition("2026-11-20", A="Alfa"), edition("2026-11-22", A="Alfa"), dated=False).same
    assert not laid_over(edition("2026-11-20", A="Alfa"), edition("2026-11-22", A="Beta"), dated=False).same


def test_a_withdrawn_code_comes_back_into_use() -> None:
    without = laid_over(edition("1", A="Alfa", B="Beta"), edition("2", A="Alfa")).resource
    assert active(laid_over(without, edition("3", A="Alfa", B="Beta")).resource) == {"A": True, "B": True}


def test_a_part_withdraws_nothing() -> None:
    made = laid_over(edition("1", A="Alfa", B="Beta"), edition("2", B="Ny beta"), part=True)
    assert active(made.resource) == {"B": True, "A": True}
    assert made.resource["version"] == "1"


def test_a_file_that_was_cut_off_does_not_withdraw_half_a_system() -> None:
    whole = edition("1", **{f"A{number}": "x" for number in range(100)})
    with pytest.raises(Invalid, match="leaves out 60 of the 100 codes in use"):
        laid_over(whole, edition("2", **{f"A{number}": "x" for number in range(40)}))


def test_a_code_system_without_codes_does_not_empty_one_that_has_them() -> None:
    shell = {"resourceType": "CodeSystem", "id": "x", "url": URL, "status": "active", "content": "not-present"}
    assert laid_over(edition("1", A="Alfa"), shell).same


def test_what_was_nested_keeps_its_place_when_it_is_withdrawn() -> None:
    nested = {**edition("1", A="Alfa"), "concept": [{"code": "A", "concept": [{"code": "A1", "display": "B"}]}]}
    made = laid_over(nested, edition("2", A="Alfa")).resource
    assert [(one.code, one.parents) for one in concepts(made)] == [("A", ()), ("A1", ("A",))]


@pytest.mark.parametrize(("older", "newer"), [("7280.9", "7280.77"), ("2025-12", "2026-01"), ("2.1.0", "2.10.0")])
def test_versions_are_compared_by_their_numbers(older: str, newer: str) -> None:
    assert laid_over(edition(newer, A="Ny"), edition(older, A="Gammel")).same
    assert laid_over(edition(older, A="Gammel"), edition(newer, A="Ny")).renamed == 1
