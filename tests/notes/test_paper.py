"""A note on paper: what was signed, added and corrected, by whom and when. samjournal.notes.paper"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from samjournal.letters import pdf
from samjournal.letters.document import DOCUMENT
from samjournal.notes.paper import note_blocks, note_paper
from samjournal.notes.text import ADDITION, CORRECTION, section_code

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
DOCTOR, OTHER = {"display": "Kari Stavdal"}, {"display": "Ola Nes"}


def section(title: str, text: str, **more: Any) -> dict[str, Any]:
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{text}</p></div>'
    return {"title": title, "text": {"status": "generated", "div": div}, **more}


def note(status: str = "final", *sections: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "id": "n",
        "status": status,
        "title": "Visitt",
        "type": {"text": "Legenotat"},
        "date": "2026-11-20T08:00:00+01:00",
        "author": [DOCTOR],
        "section": list(sections) or [section("Visitt", "Bedre i dag.")],
        "attester": [{"mode": "professional", "time": "2026-11-20T08:10:00+01:00", "party": DOCTOR}],
        **more,
    }


def texts(found: dict[str, Any]) -> list[str]:
    said = []
    for block in note_blocks(found, "nb"):
        said += [one["what"] for one in block.get("lines", ())] or [block.get("text", "")]
    return said


def test_it_says_who_wrote_and_signed_it_and_when() -> None:
    said = texts(note())
    assert said[0] == "Skrevet av Kari Stavdal, 20.11.2026 kl. 08.00"
    assert "Bedre i dag." in said
    assert said[-1] == "Signert av Kari Stavdal, 20.11.2026 kl. 08.10"


def test_what_was_added_and_corrected_stands_with_who_did_it() -> None:
    more = section("Tillegg", "Ringte pårørende.", code=section_code(ADDITION), author=[OTHER])
    why = section("Rettet", "Feil side var skrevet.", code=section_code(CORRECTION), author=[DOCTOR])
    said = texts(note("amended", section("Visitt", "Bedre i dag."), more, why))
    assert said.index("Tillegg · Ola Nes") < said.index("Ringte pårørende.") < said.index("Rettet · Kari Stavdal")
    assert "Feil side var skrevet." in said
    assert any("tillegg eller rettelser" in one for one in said)


@pytest.mark.parametrize(
    ("status", "words"), [("preliminary", "Ikke ferdig signert."), ("entered-in-error", "skal ikke brukes")]
)
def test_what_is_not_signed_or_wrong_says_so_before_anything_else(status: str, words: str) -> None:
    first = note_blocks(note(status), "nb")[0]
    assert (first["kind"], words in first["text"]) == ("warning", True)


async def test_it_is_a_page_in_each_language_whatever_was_written() -> None:
    odd = note("final", section("Visitt", "#set text(red) $x$ *y* \\ [b] &lt;script&gt; 😀 漢"))
    for language in ("nb", "nn", "en"):
        data = note_paper(odd, whose=("Kari Nordmann", "11.03.1948"), language_=language, made=AT, files=["brev.pdf"])
        assert (await pdf(DOCUMENT, data, made=AT)).startswith(b"%PDF-")
