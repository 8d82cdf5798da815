"""Two who changed the same item: what one wanted beside what stands, by whom and when; each field is chosen.

    settle(request, desk, Both(…), snapshot)     the page (409), of a patient where there is a snapshot
    seen_of(desk, stands, version)               what stood when the page was opened

The form goes to the address that refused to overwrite, with the version that stands, and brings back what was chosen of
each field (`comparing.chosen`): when another version stands by then, the page comes again. Of notes: `merging`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from samjournal.fhir.errors import Gone, NotFound
from samjournal.record import Snapshot, Stored, author_of, vread
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.comparing import Piece, beside
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader
from samjournal.workspace.page import framed


@dataclass(frozen=True, slots=True)
class Field:
    """One field on both sides: as the form has it, and in words. `seen` is what stood when the page was opened: who did
    not change it gets what the other wrote as the first choice. Of a long text (`joins`) both may be taken. Without a
    `name` it is told, and nothing is chosen."""

    name: str
    label: str
    mine: str
    theirs: str
    seen: str = ""
    words: tuple[str, str] = ("", "")
    joins: bool = False

    @property
    def differs(self) -> bool:
        return self.mine != self.theirs

    @property
    def take(self) -> str:
        """What is chosen to begin with."""
        if self.joins and self.mine != self.seen != self.theirs:
            return "both"
        return "mine" if self.mine != self.seen else "theirs"

    @property
    def sides(self) -> tuple[str, str]:
        return self.words[0] or self.mine, self.words[1] or self.theirs


@dataclass(frozen=True, slots=True)
class Both:
    """An item on both sides: what it is called, the version that stands, its fields, where the form goes and what else
    it carries, and the page to go back to. `closed`: it stands as something that this form does not change, so there is
    nothing to choose."""

    name: str
    stands: Stored
    fields: tuple[Field, ...]
    action: str
    hidden: Mapping[str, str] = field(default_factory=dict)
    back: str = ""
    closed: bool = False


def differing(fields: Iterable[Field]) -> list[Field]:
    return [one for one in fields if one.differs]


def pieces(one: Field) -> tuple[list[Piece], list[Piece]]:
    """Both sides with what differs marked: word by word in a long text, else all of it."""
    if one.joins:
        return beside(*one.sides)
    mine, theirs = ([Piece("new", words)] if words else [] for words in one.sides)
    return mine, theirs


async def seen_of(desk: Desk, stands: Stored, version: int) -> dict[str, Any]:
    """What an item said in the version that a page was made of; what stands, when there is none such to be read. The
    look is logged."""
    try:
        return (await vread(desk.door, desk.permit, stands.type, stands.id, version)).resource()
    except (NotFound, Gone):
        return stands.resource()


async def settle(
    request: Request, desk: Desk, both: Both, snapshot: Snapshot | None = None, *, here: str = ""
) -> Response:
    """The page with both; `here` is the tab that it is of. Raises Busy."""
    _ = language(desk.language)
    now = snapshot.at if snapshot else datetime.now(UTC)
    reader = Reader(desk.role.code, _, now, None, desk.role.organization_id)
    frame: dict[str, Any] = framed(desk, snapshot, reader, here=here) if snapshot else {"desk": desk}
    return render(
        request,
        "workspace/settle.html",
        status=409,
        **frame,
        both=both,
        rows=[(one, *pieces(one)) for one in both.fields],
        chooses=any(one.name for one in differing(both.fields)) and not both.closed,
        by=await author_of(desk.door, desk.permit, both.stands),
        at=formats.when(both.stands.at, now=now, language=_),
    )
