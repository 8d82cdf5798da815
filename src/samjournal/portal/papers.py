"""Single documents on paper: a note, the vaccines, and who has read the record. Row 3.3

GET /portal/notes/{note}.pdf        the signed text, with what was added and corrected, and its files by name
GET /portal/messages/{id}.pdf       a conversation, or one letter
GET /portal/log.pdf, log.csv        who has read the record, when and why
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal import conversations
from samjournal.audit import Seen
from samjournal.fhir.errors import NotFound
from samjournal.letters import pdf
from samjournal.letters.document import DOCUMENT, Block, heading, line, lines, part, quiet, words
from samjournal.letters.document import paper as document
from samjournal.notes.paper import moment, note_paper
from samjournal.portal import documents, facts, log, message_pages, notes
from samjournal.portal.threads import Line
from samjournal.portal.visiting import LOG_PAGE, Visit, visit
from samjournal.portal.wants import MESSAGES, SENDINGS
from samjournal.record import Door, read
from samjournal.ui import formats
from samjournal.ui.attachments import paper
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language

MOST_LOOKS: Final = 10_000
"""So many looks at most are in one list; older ones are asked for by `before`, as on the page."""


async def one_note(request: Request) -> Response:
    """GET a note that the citizen reads."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(SENDINGS)
    note = (await read(_door(here), request.state.permit, "Composition", str(request.path_params["note"]))).resource()
    persons, whose = _door(here).persons, str((note.get("subject") or {}).get("reference", "")).removeprefix("Patient/")
    if persons.stays(whose) != persons.stays(here.patient_id) or not notes.standing([note]):
        raise NotFound("There is no such note.")
    files = await documents.files_of(_door(here), request.state.permit, [note], here.say)
    shown = notes.read(note, here.say, snapshot.lists["sendings"])
    made = datetime.now(OSLO)
    data = note_paper(
        note,
        whose=_whose(snapshot.patient),
        language_=here.say.code,
        made=made,
        files=[one.name for one in files.get(str(note["id"]), ())],
        sent=[f"{one.name}: {one.state} {moment(one.at, here.say)}".strip() for one in shown.sent],
    )
    return paper(await pdf(DOCUMENT, data, made=made), f"{shown.title} {made:%Y-%m-%d}", saved=True)


async def one_conversation(request: Request) -> Response:
    """GET a conversation, or one letter, that the citizen reads. It is not marked as read by that."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    id_, permit = str(request.path_params["id"]), request.state.permit
    snapshot = await here.open(MESSAGES)
    try:
        letters = await conversations.conversation(_door(here), permit, id_)
    except NotFound:
        letters = list(snapshot.lists["messages"])
    found = await message_pages.threads_of(here, letters, snapshot.at)
    thread = next((one for one in found if one.id == id_), None)
    if thread is None:
        raise NotFound("There is no such conversation.")
    _, made = here.say, datetime.now(OSLO)
    name, born = _whose(snapshot.patient)
    when = moment(made, _)
    data = document(
        title=thread.topic,
        language=_.code,
        date=when,
        facts=[(_("Navn"), name), (_("Født"), born), (_("Med"), thread.with_), (_("Laget"), when)],
        parts=[part("", [block for one in thread.lines for block in _said(one, name, _)])],
        foot=_("{name} · laget {when}", name=name, when=when),
    )
    return paper(await pdf(DOCUMENT, data, made=made), f"{thread.topic} {made:%Y-%m-%d}", saved=True)


def _said(one: Line, name: str, _: Language) -> list[Block]:
    """One message: who, when, what it decided, its words."""
    by = one.by or one.acted or name
    blocks = [heading(by), quiet(moment(one.sent, _) or _("uten dato"))]
    text = "\n".join(filter(None, (one.outcome, *one.paragraphs)))
    return [*blocks, words(text or _("Meldingen har ingen tekst."))]


async def looks_on_paper(request: Request) -> Response:
    """GET who has read the record, as a document."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot, found = await here.open(), await _looks(here)
    _, made = here.say, datetime.now(OSLO)
    name, born = _whose(snapshot.patient)
    days = log.by_day([one for one in found if not one.own])
    parts = [
        part(
            f"{formats.weekday(day.day, language=_)} {formats.full_date(day.day)}",
            [lines(line(*_told(one, _)) for one in day.entries)],
        )
        for day in days
    ]
    when = moment(made, _)
    data = document(
        title=_("Hvem har lest journalen"),
        language=_.code,
        date=when,
        facts=[(_("Navn"), name), (_("Født"), born), (_("Laget"), when)],
        lead=[_("Alle andre enn deg selv som har åpnet journalen, står her, med de nyeste først.")],
        parts=parts or [part("", [words(_("Ingen andre enn deg har åpnet journalen din."))])],
        foot=_("{name} · laget {when}", name=name, when=when),
    )
    title = _("Hvem har lest journalen")
    return paper(await pdf(DOCUMENT, data, made=made), f"{title} {made:%Y-%m-%d}", saved=True)


def _told(one: log.Entry, _: Language) -> tuple[str, str, str]:
    """Who; what and why; the clock."""
    who = ", ".join(filter(None, (one.who, one.role, one.place)))
    reason = _("Oppgitt grunn: «{reason}»", reason=one.reason) if one.reason else ""
    without = _("Åpnet uten avtale med deg") if one.without else ""
    said = "\n".join(filter(None, (without, one.did, one.all, one.why, reason)))
    return who, said, _("kl. {clock}", clock=formats.clock(one.at, language=_))


async def looks_as_table(request: Request) -> Response:
    """GET the same as a table that a program reads: commas, quotes, UTF-8 with a mark. RFC 4180"""
    here = visit(request)
    if isinstance(here, Response):
        return here
    await here.open()
    _, out = here.say, io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(
        (_("Tidspunkt"), _("Navn"), _("Rolle"), _("Sted"), _("Hva"), _("Hvorfor"), _("Oppgitt grunn"), _("Uten avtale"))
    )
    for one in await _looks(here):
        what = " ".join(filter(None, (one.did, one.all)))
        row = (one.who, one.role, one.place, what, one.why, one.reason or "")
        writer.writerow((one.at.isoformat(timespec="seconds"), *map(_safe, row), _("ja") if one.without else _("nei")))
    name = f'attachment; filename="journal-log-{datetime.now(OSLO):%Y-%m-%d-%H%M}.csv"'
    headers = {"content-disposition": name, "cache-control": "no-store"}
    return Response("\ufeff" + out.getvalue(), headers=headers, media_type="text/csv; charset=utf-8")


def _safe(text: str) -> str:
    """A cell that a spreadsheet takes for words: what others wrote is never a formula there."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


async def _looks(here: Visit) -> Sequence[log.Entry]:
    """Who has read it, newest first; page by page, as far as one list goes. Raises NotFound for who may not."""
    if not here.request.state.permit.reads_log:
        raise NotFound("The log is not for who acts at this level.")
    found: list[Seen] = []
    before = None
    while len(found) < MOST_LOOKS:
        page = await here.looks(before=before)
        found += page
        if len(page) < LOG_PAGE:
            break
        before = page[-1].at
    return log.entries(found, here.say)


def _whose(patient: facts.Resource) -> tuple[str, str]:
    return facts.name(patient), formats.full_date(patient.get("birthDate"))


def _door(here: Visit) -> Door:
    door: Door = here.request.app.state.door
    return door


def routes() -> list[BaseRoute]:
    """The addresses of single documents."""
    return [
        Route("/portal/notes/{note}.pdf", one_note),
        Route("/portal/messages/{id}.pdf", one_conversation),
        Route("/portal/log.pdf", looks_on_paper),
        Route("/portal/log.csv", looks_as_table),
    ]
