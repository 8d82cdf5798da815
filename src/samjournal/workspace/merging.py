"""Two texts of the same: both side by side, what differs marked, and one of them, both or a third is chosen.

    merge(request, desk, patient_id, action, mine, theirs, saved)     the page, for notes and their drafts

What is chosen comes back as `take`, `mine` and `theirs`: `comparing.combined` puts it together, for any form with text.
The form goes to the address that refused to overwrite, with the version that stands: when that is another one by then,
it is refused again, and the page comes back.
"""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest

from starlette.requests import Request
from starlette.responses import Response

from samjournal.notes import Section, Written
from samjournal.record import open_chart
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.comparing import beside
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader
from samjournal.workspace.note_entry import NoteEntry
from samjournal.workspace.page import framed
from samjournal.workspace.wants import BANNER


async def merge(
    request: Request,
    desk: Desk,
    patient_id: str,
    action: str,
    mine: NoteEntry,
    theirs: Written,
    saved: datetime | None,
    *,
    act: str = "draft",
) -> Response:
    """The page with both texts. `saved`: when the draft was saved elsewhere; None: what stands is another version of
    the note. `act` is what the form asks for."""
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    _ = language(desk.language)
    reader = Reader(desk.role.code, _, snapshot.at, None, desk.role.organization_id)
    pairs = []
    nothing = Section()
    for ours, other in zip_longest(mine.written.sections, theirs.sections, fillvalue=nothing):
        left, right = beside(ours.text, other.text)
        pairs.append({"heading": ours.heading or other.heading, "mine": ours.text, "theirs": other.text}
            | {"left": left, "right": right, "entries": ours.entries or other.entries})  # fmt: skip
    return render(
        request,
        "workspace/merge.html",
        status=409,
        **framed(desk, snapshot, reader, here="notes"),
        action=action,
        act=act,
        entry=mine,
        theirs=theirs,
        pairs=pairs,
        saved=formats.when(saved, now=snapshot.at, language=_) if saved else "",
    )
