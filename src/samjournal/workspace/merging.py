"""Two texts of the same: both side by side, what differs marked, and one of them, both or a third is chosen.

    merge(request, desk, patient_id, action, mine, theirs, saved)     the page, for notes and their drafts

What is chosen comes back as `take` with both sides of each text and each field: `comparing.combined` and `chosen` put
it together. The form goes to the address that refused to overwrite, with the version that stands: when that is another
one by then, it is refused again, and the page comes back. Of what is no note: `settling`.
"""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from samjournal.notes import FIELDS as CODED
from samjournal.notes import KINDS, Section
from samjournal.record import open_chart
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.comparing import beside
from samjournal.workspace.desk import INDEX, Desk
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
    theirs: NoteEntry,
    saved: datetime | None,
    *,
    newer: bool = False,
    by: str = "",
) -> Response:
    """The page with both texts. `saved`: when what stands was stored. `newer`: that is another version of the note, by
    whom (`by`), and not a draft of one's own."""
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    _ = language(desk.language)
    reader = Reader(desk.role.code, _, snapshot.at, None, desk.role.organization_id)
    pairs = []
    nothing = Section()
    for ours, other in zip_longest(mine.written.sections, theirs.written.sections, fillvalue=nothing):
        left, right = beside(ours.text, other.text)
        pairs.append({"heading": ours.heading or other.heading, "mine": ours.text, "theirs": other.text}
            | {"left": left, "right": right, "entries": ours.entries or other.entries})  # fmt: skip
    return render(
        request,
        "workspace/merge.html",
        status=409,
        **framed(desk, snapshot, reader, here="notes"),
        action=action,
        entry=mine,
        pairs=pairs,
        fields=fields_of(mine, theirs, _),
        coded=coded_of(mine, theirs, _),
        newer=newer,
        by=by,
        saved=formats.when(saved, now=snapshot.at, language=_) if saved else "",
    )


def fields_of(mine: NoteEntry, theirs: NoteEntry, _: Language) -> list[dict[str, Any]]:
    """Everything that is no text of a section, on both sides, as the form has it and in words."""
    labels = {
        "title": _("Overskrift"),
        "kind": _("Hva slags notat"),
        "signer": _("Skrives for"),
        "countersigner": _("Medsigneres av"),
        "reason": _("Hva var galt?"),
        "at": _("Målt og funnet kl."),
    }
    sides = [
        {
            "title": one.written.title,
            "kind": one.written.kind,
            "signer": one.signer or one.written.signer,
            "countersigner": one.countersigner or one.written.countersigner,
            "reason": one.written.reason,
            "at": one.written.at,
            **{f"f-{code}": value for code, value in one.written.values.items()},
        }
        for one in (mine, theirs)
    ]
    found = []
    for name in dict.fromkeys([*sides[0], *sides[1]]):
        here, there = (side.get(name, "") for side in sides)
        code = name.removeprefix("f-")
        label = labels.get(name) or (CODED[code].name(_.code) if code in CODED else name)
        words = [
            KINDS[value].names[INDEX.get(_.code, 0)] if name == "kind" and value in KINDS else value
            for value in (here, there)
        ]
        differs = bool(here and there and here != there)
        each: dict[str, Any] = {"name": name, "label": label, "mine": here, "theirs": there}
        found.append({**each, "left": words[0], "right": words[1], "differs": differs})
    return found


def coded_of(mine: NoteEntry, theirs: NoteEntry, _: Language) -> list[dict[str, Any]]:
    """Diagnoses and tariffs on both sides: what the form carries, and the lines in words."""
    found: list[dict[str, Any]] = []
    for name, label in (("diagnosis", _("Diagnoser")), ("tariff", _("Takster"))):
        sides = [_lines(one, name) for one in (mine, theirs)]
        words = [[line for line, _of, _version in side if line] for side in sides]
        carried = [["\t".join((name, line, of, str(version))) for line, of, version in side] for side in sides]
        each: dict[str, Any] = {"label": label, "mine": carried[0], "theirs": carried[1]}
        found.append({**each, "left": words[0], "right": words[1], "differs": words[0] != words[1]})
    return found


def _lines(entry: NoteEntry, name: str) -> list[tuple[str, str, int]]:
    typed = entry.diagnoses if name == "diagnosis" else entry.tariffs
    if typed is None:
        plain = entry.written.diagnoses if name == "diagnosis" else entry.written.tariffs
        return [(line, "", 0) for line in plain]
    return [each for each in typed if each[0] or each[1]]
