"""Notes as a citizen reads them. samjournal.portal.notes"""

from __future__ import annotations

from typing import Any

import pytest

from notes.test_summaries import furnish, signed
from samjournal.messages.states import TEXTS
from samjournal.notes import Dispatch
from samjournal.portal import messages, notes, pages
from samjournal.record import open_chart
from samjournal.ui.language import language
from world import World

NB = language("nb")


def note(div: str, **more: Any) -> dict[str, Any]:
    return {
        "id": "n1",
        "status": "final",
        "date": "2026-11-20T12:00:00+01:00",
        "type": {"text": "Notat"},
        "title": "Visitt",
        "section": [{"title": "Visitt", "text": {"status": "generated", "div": div}}],
        **more,
    }


def test_a_note_is_its_words_in_paragraphs() -> None:
    (found,) = notes.view([note("<div><p>Puster bedre.</p><p>Hjem i morgen.</p></div>")], NB)
    assert found.sections[0].paragraphs == ("Puster bedre.", "Hjem i morgen.")
    assert found.sections[0].title is None


def test_no_markup_reaches_the_page() -> None:
    (found,) = notes.view([note("<div><script>alert(1)</script><p><b>Puster</b> &lt;bedre&gt;</p></div>")], NB)
    assert found.sections[0].paragraphs == ("Puster <bedre>",)


def test_what_is_being_written_is_not_a_note_yet() -> None:
    assert notes.view([note("<div/>", status="preliminary")], NB) == []


def test_a_corrected_note_says_so() -> None:
    assert notes.view([note("<div/>", status="amended")], NB)[0].corrected


@pytest.mark.anyio
async def test_a_discharge_summary_says_where_it_is_in_the_words_that_staff_see(world: World) -> None:
    await furnish(world)
    await signed(world, Dispatch(("heart",), {"office": "Pasienten ønsker det ikke"}))
    permit = await world.permit("kari")
    snapshot = await open_chart(world.door, permit, "kari", (pages.MESSAGES, pages.NOTES, pages.SENDINGS))
    (found,) = notes.view(snapshot.lists["notes"], NB, snapshot.lists["sendings"])
    assert [(one.name, one.state, one.by) for one in found.sent] == [
        ("Hjertespesialisten", "Signert", "Doctor"),
        ("Legekontoret", "Ikke sendt: Pasienten ønsker det ikke", "Doctor"),
    ]
    assert messages.view(snapshot.lists["messages"], NB) == [], "it is told with the note"
    assert {state: TEXTS[state] for state in notes.STATES} == notes.STATES
