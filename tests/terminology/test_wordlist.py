"""Words however they are spelt: beginnings, parts, and slips of the finger."""

from __future__ import annotations

import pytest

from samjournal.terminology.wordlist import Wordlist, distance, level, typed_words

NAMES = ("Urticaria", "Hjertesvikt", "Kronisk nyresykdom", "Kronisk bronkitt", "elveblest", "MS", "ME")


@pytest.mark.parametrize(
    ("one", "other", "most", "away"),
    [
        ("elvblest", "elveblest", 2, 1),
        ("hjretesvikt", "hjertesvikt", 2, 1),
        ("abc", "abc", 1, 0),
        ("abc", "xyz", 2, 3),
        ("kort", "mye lengre", 2, 3),
    ],
)
def test_how_far_words_are_from_each_other(one: str, other: str, most: int, away: int) -> None:
    assert distance(one, other, most) == distance(other, one, most) == away


def test_spellings_that_mean_the_same_are_one() -> None:
    assert level("urticaria") == level("urtikaria")
    assert level("phlebitt") == level("flebitt")
    assert level("hypothyreose") == level("hypotyreose")
    assert level("mål") != level("mal")


@pytest.mark.parametrize(
    ("how", "typed", "found"),
    [
        ("begin", "urtik", {0}),
        ("begin", "svikt", set()),
        ("hold", "svikt", {1}),
        ("begin", "kronisk br", {3}),
        ("begin", "br kronisk", {3}),
        ("hold", "sykdom", {2}),
        ("begin", "m", {5, 6}),
    ],
)
def test_names_are_found_by_beginnings_and_parts_of_all_words_typed(how: str, typed: str, found: set[int]) -> None:
    assert getattr(Wordlist(NAMES), how)(typed_words(typed)) == found


@pytest.mark.parametrize("typed", ["elvblest", "elveblst", "elevblest", "elveblesst", "elveblset"])
def test_a_slip_finds_what_was_meant(typed: str) -> None:
    found, mistakes = Wordlist(NAMES).resemble(typed_words(typed))
    assert found == {4}
    assert mistakes <= 2


def test_short_words_are_not_guessed_at() -> None:
    assert Wordlist(NAMES).resemble(typed_words("MA")) == (set(), 0)
    assert Wordlist(()).resemble(["elveblest"]) == (set(), 0)
