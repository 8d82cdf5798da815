"""A PDF is accessible, the same each time, and says what it was given as it stands."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from samjournal.letters import Unprintable, pdf
from samjournal.letters.paper import compiled

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
LETTER = {
    "title": "Du har en ny melding",
    "language": "nn",
    "receiver": ["Ánde Čáhcesuolu", "Storgata 1", "9845 Deatnu"],
    "date": "29. november 2026",
    "words": ["Hei.\nLinje to."],
    "link": "https://samjournal.example/portal",
    "signed": "Samjournal",
}
TEMPLATE = "letters/templates/letter.typ"


@pytest.mark.anyio
async def test_a_letter_is_tagged_with_title_and_language_for_a_screen_reader() -> None:
    made = await pdf(TEMPLATE, LETTER, made=NOW)
    assert made.startswith(b"%PDF-")
    assert b"pdfuaid" in made
    assert b"/Lang(nn)" in made.replace(b" ", b"")
    assert b"/StructTreeRoot" in made or b"/MarkInfo" in made


def test_the_same_letter_is_the_same_bytes() -> None:
    assert compiled(TEMPLATE, LETTER, NOW) == compiled(TEMPLATE, LETTER, NOW)


@pytest.mark.parametrize("words", ["#pagebreak() $x$ [a] @ref <b> \\ // *fet*", "😀 漢字 ≤ ‑ \x07\u200d", ""])
def test_whatever_a_text_says_it_is_set_and_never_understood(words: str) -> None:
    assert compiled(TEMPLATE, {**LETTER, "words": [words]}, NOW).startswith(b"%PDF-")


def test_a_template_that_is_wrong_is_told_without_what_was_to_be_printed() -> None:
    with pytest.raises(Unprintable) as told:
        compiled("letters/templates/none.typ", {"title": "hemmelig"}, NOW)
    assert "hemmelig" not in str(told.value)
