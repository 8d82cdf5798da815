"""What differs between two texts: nothing is left out, and what is marked is what differs."""

from __future__ import annotations

from random import Random

import pytest

from samjournal.workspace.comparing import Piece, beside, combined, differences

WORDS = ["Feber", "ingen", "i", "natt", "spiser", "godt", "lite", "5", "mg", "50", "\n\n", "", ""]


def test_what_went_and_what_came_stands_in_its_place() -> None:
    assert differences("Fikk 50 mg i natt.", "Fikk 5 mg i natt.") == [
        Piece("same", "Fikk "),
        Piece("gone", "50"),
        Piece("new", "5"),
        Piece("same", " mg i natt."),
    ]


def test_two_changes_beside_each_other_are_one() -> None:
    left, right = beside("Ingen feber. Spiser godt.", "Feber i natt. Spiser godt.")
    assert left == [Piece("new", "Ingen feber."), Piece("same", " Spiser godt.")]
    assert right == [Piece("new", "Feber i natt."), Piece("same", " Spiser godt.")]


@pytest.mark.parametrize("seed", range(40))
def test_every_word_of_both_is_there(seed: int) -> None:
    chance = Random(seed)
    old, new = (" ".join(chance.choices(WORDS, k=chance.randrange(12))) for _ in range(2))
    pieces = differences(old, new)
    assert "".join(one.text for one in pieces if one.kind != "new") == old
    assert "".join(one.text for one in pieces if one.kind != "gone") == new
    left, right = beside(old, new)
    assert ("".join(one.text for one in left), "".join(one.text for one in right)) == (old, new)


def test_what_is_chosen_is_what_is_kept() -> None:
    mine, theirs = ["en", "lik"], ["to", "lik", "tre"]
    assert combined("mine", [], mine, theirs) == ["en", "lik"]
    assert combined("theirs", [], mine, theirs) == ["to", "lik", "tre"]
    assert combined("both", [], mine, theirs) == ["en\n\nto", "lik", "tre"]
    assert combined("", ["skrevet"], [], []) == ["skrevet"]
