"""Text becomes a narrative and comes back as text; nothing in a narrative can run."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir.narrative import XHTML, narrative, problems, to_div, to_text


def div(inner: str) -> str:
    return f'<div xmlns="{XHTML}">{inner}</div>'


def test_paragraphs_and_line_breaks_are_kept() -> None:
    text = "Pasienten er i bedring.\nSpiser godt.\n\nPlan: hjem i morgen."
    assert to_div(text) == div("<p>Pasienten er i bedring.<br/>Spiser godt.</p><p>Plan: hjem i morgen.</p>")
    assert to_text(to_div(text)) == text


def test_markup_in_text_stays_text() -> None:
    text = 'BT <140 & puls >60 "sittende" <script>alert(1)</script>'
    assert to_text(to_div(text)) == text
    assert problems(to_div(text)) == []


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1))
def test_any_text_makes_a_sound_narrative_and_comes_back(text: str) -> None:
    made = to_div(text)
    if text.strip() and "\ufffe" not in text and "\uffff" not in text:
        assert problems(made) == []
    assert to_text(made).split() == text.split()


def test_words_of_a_page_are_read_in_lines() -> None:
    page = div("<h1>Prøvesvar</h1><table><tr><td>Hb</td><td>12,1</td></tr><tr><td>CRP</td><td>&lt;5</td></tr></table>")
    assert to_text(page).split("\n") == ["Prøvesvar", "", "Hb 12,1", "", "CRP <5"]


def test_scripts_and_styles_are_not_words() -> None:
    assert to_text(div("<style>p{}</style>Ord<script>alert(1)</script>")) == "Ord"


@pytest.mark.parametrize(
    "text",
    [
        "<div>x</div>",
        "<p>x</p>",
        "x",
        div("<script>alert(1)</script>"),
        div('<p onclick="x()">x</p>'),
        div('<a href="javascript:x()">x</a>'),
        div('<a href=" JavaScript:x()">x</a>'),
        div("<iframe>x</iframe>"),
        div("<form>x</form>"),
        div("x &nbsp; y"),
        div("<p>x"),
        div("x") + "y",
        '<!DOCTYPE div [<!ENTITY a "b">]>' + div("&a;"),
    ],
)
def test_what_is_no_narrative_is_told(text: str) -> None:
    assert problems(text)


def test_what_narratives_may_have_is_accepted() -> None:
    assert problems(div('<p class="a" style="color:red">x <b>y</b> <a href="https://a.no">z</a></p>')) == []
    assert problems(div('<img src="#bilde" alt="EKG"/>')) == []


def test_a_narrative_may_be_empty_since_examples_of_r4_are() -> None:
    assert problems(div("")) == []


def test_a_narrative_is_ready_for_a_resource() -> None:
    assert narrative("Ord") == {"status": "generated", "div": div("<p>Ord</p>")}
