"""Odd words: signs that nobody sees, and what is no name of anything."""

from __future__ import annotations

import pytest

from samjournal.ui.language import language
from samjournal.workspace.typed import line, odd

NB = language("nb")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hjertesvikt, venstresidig (NYHA III)",
        "Sårskade på 3. finger",
        "Crohns sykdom – 2019",
        "COVID-19",
        "क्‍ष",  # a joiner between letters
        "Ødem 🙂",
        "Vitamin B12",
    ],
)
def test_names_are_taken(text: str) -> None:
    assert odd(text, NB) == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\u202eamtsA", "tegn som ikke synes"),
        ("Ast\u2066ma\u2069", "tegn som ikke synes"),
        ("Astma\ufeff", "tegn som ikke synes"),
        ("Ast\x07ma", "tegn som ikke synes"),
        ("1" * 200, "ord på over 60 tegn"),
        ("Astma " + "a" * 61, "ord på over 60 tegn"),
        ("01017012345", "langt tall"),
        ("Astma hos 11834826226", "langt tall"),
        ("123", "med ord"),
        ("???", "med ord"),
        ("Astma " * 40, "for lang"),
    ],
)
def test_what_is_no_name_is_told(text: str, told: str) -> None:
    assert told in odd(text, NB)


def test_a_line_is_one_line_and_not_longer_than_is_told() -> None:
    assert line("  Ast\n ma \t") == "Ast ma"
    assert len(line("a b " * 200)) == 201
    assert line(None) == ""
