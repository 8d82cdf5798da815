"""A new referral: what it is about, when help is needed, who is to have it, and signed. Requirements 4.7, 4.9, 6.1

GET  …/referrals/new    an empty one, or the draft that was begun (`draft`, or the latest; `fresh` begins another)
POST …/referrals        `act`: sign (as if nothing is said), draft, discard, compare, find (codes and receivers, for who
                        has no scripts)
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from msgspec import structs
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from samjournal import problems, referrals
from samjournal.fhir.errors import FhirError, Invalid, NotFound
from samjournal.record import (
    DraftEnded,
    DraftMoved,
    DraftText,
    Ending,
    Snapshot,
    discard_draft,
    draft,
    drafts_about,
    open_chart,
    save_draft,
)
from samjournal.referrals import AlreadySent, NotReady, Written, packed, unpacked
from samjournal.ui import formats
from samjournal.ui.language import CODES, language, marked
from samjournal.ui.pages import render
from samjournal.workspace import codes
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import ICD_10, ICPC_2, Reader, codings, said, standing, status
from samjournal.workspace.note_entry import fresh_page
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.referral_along import ENDED, WANTS, groups
from samjournal.workspace.referral_receivers import WHY, shown
from samjournal.workspace.referral_words import line
from samjournal.workspace.unsaved import kept

ABOUT: Final = "ServiceRequest"
"""What a draft of a new referral is about."""
WHEN: Final = {
    "today": (marked("I dag: øyeblikkelig hjelp"), "stat", 0),
    "days": (marked("Innen to døgn"), "urgent", 2),
    "week": (marked("Innen en uke"), "urgent", 7),
    "fortnight": (marked("Innen 14 dager"), "routine", 14),
    "month": (marked("Innen fire uker"), "routine", 28),
    "quarter": (marked("Innen tre måneder"), "routine", 91),
    "any": (marked("Når det blir plass"), "routine", -1),
}
"""When help is needed: the words, the priority, and in how many days."""
FIELDS: Final = 400
_LONGEST: Final = 20_000
PATIENT: Final = "Condition/"


@dataclass(frozen=True, slots=True)
class Entry:
    """A referral as the form has it; the rest as of a note."""

    written: Written
    pick: str
    seeks: str
    draft: str
    version: int
    page: str
    role: str
    act: str
    another: bool = False

    @property
    def ending(self) -> Ending | None:
        try:
            return Ending(UUID(self.draft), self.version, self.page) if self.draft else None
        except ValueError:
            raise Invalid("The draft has no id that can be read. Open the page anew.") from None

    def text_about(self) -> DraftText:
        title = self.written.about or self.written.typed or self.written.text.partition("\n")[0][:60]
        return DraftText(packed(self.written), title=title, about=ABOUT, version=self.version, page=self.page)


async def new(request: Request, desk: Desk) -> Response:
    """GET the page for writing one."""
    patient_id = str(request.path_params["id"])
    desk.permit.demand("c", ABOUT)
    asked = request.query_params.get("draft", "")
    try:
        if not asked and not request.query_params.get("fresh"):
            begun = [each for each in await drafts_about(desk.door, desk.permit, patient_id) if each.about == ABOUT]
            asked = str(begun[0].id) if begun else ""
        found = await draft(desk.door, desk.permit, patient_id, asked) if asked else None
    except DraftEnded:
        return RedirectResponse(f"/workspace/patients/{patient_id}/referrals?saved=already", status_code=303)
    if found is None or found.about != ABOUT:
        entry = Entry(Written(), "", "", str(uuid4()), 0, fresh_page(), "", "")
        return await _page(request, desk, entry, chosen=None)
    written = unpacked(found.body)
    entry = Entry(written, _pick(written), "", str(found.id), found.version, fresh_page(), "", "")
    return await _page(request, desk, entry, chosen=[one for one, _ in written.with_it], saved=found.saved)


def _pick(written: Written) -> str:
    if written.condition:
        return f"{PATIENT}{written.condition}"
    return f"{written.system}|{written.code}" if written.code else codes.UNCODED if written.about else ""


def entry_of(form: FormData) -> Entry:
    """The form as it was sent."""

    def one(name: str, longest: int = 200) -> str:
        return " ".join(str(form.get(name, "")).replace("\x00", "").split())[:longest]

    def text(name: str) -> str:
        return str(form.get(name, "")).replace("\x00", "").replace("\r\n", "\n").strip()[:_LONGEST]

    questions = [" ".join(each.split())[:500] for each in text("questions").split("\n")]
    when = one("when", 20) if one("when", 20) in WHEN else ""
    days = WHEN[when][2] if when else -1
    help_by = (datetime.now(formats.OSLO) + timedelta(days=days)).date().isoformat() if days >= 0 else ""
    return Entry(
        written=Written(
            priority=WHEN[when][1] if when else "routine",
            help_by=help_by,
            receiver=one("receiver", 64),
            text=text("text"),
            questions=tuple(each for each in questions if each),
            with_it=tuple((each[:100], "") for field in form.getlist("with") for each in str(field).split()),
            typed=one("q", 100),
            when=when,
        ),
        pick=one("pick"),
        seeks=one("receiver-q", 80),
        draft=one("draft", 40),
        version=counted(one("version", 9)),
        page=one("page", 40),
        role=one("role", 80),
        act=one("act", 20) or "sign",
        another=one("another", 5) == "yes",
    )


async def write(request: Request, desk: Desk) -> Response:
    """POST a referral, or its draft."""
    patient_id = str(request.path_params["id"])
    entry = entry_of(await request.form(max_fields=FIELDS, max_files=0))
    quiet = entry.act == "draft" and "application/json" in request.headers.get("accept", "")
    try:
        entry, errors = await _meant(desk, patient_id, entry)
        if quiet:
            return await _save_quietly(desk, patient_id, entry)
        if entry.act == "find":
            return await _page(request, desk, entry, chosen=[one for one, _ in entry.written.with_it])
        if entry.act in ("draft", "compare"):
            stands = await save_draft(desk.door, desk.permit, patient_id, entry.draft, entry.text_about())
            return _to(patient_id, f"/new?draft={stands.id}")
        if entry.act == "discard":
            if entry.version:
                await discard_draft(desk.door, desk.permit, patient_id, entry.draft, entry.version, entry.page)
            return _to(patient_id, "?saved=discarded")
        return await _sign(request, desk, patient_id, entry, errors)
    except DraftEnded:
        return JSONResponse({"problem": "ended"}, status_code=409) if quiet else _to(patient_id, "?saved=already")
    except DraftMoved as moved:
        if quiet:
            return JSONResponse({"problem": "moved"}, status_code=409)
        theirs = unpacked(moved.theirs.body)
        _ = language(desk.language)
        told = _(
            "Utkastet er endret på en annen enhet etter at du åpnet det. Ditt står her. Lagrer eller signerer du, "
            "gjelder dette."
        )
        again = replace(entry, version=moved.theirs.version, page=fresh_page())
        return await _page(
            request, desk, again, chosen=[one for one, _ in entry.written.with_it],
            errors={"draft": told}, theirs=theirs, status=409,
        )  # fmt: skip
    except FhirError as error:
        if quiet:
            return JSONResponse({"problem": "refused"}, status_code=error.status)
        return kept(request, desk, patient_id, error, action="referrals", entered=_entered(entry), said=_words(entry))


async def _meant(desk: Desk, patient_id: str, entry: Entry) -> tuple[Entry, dict[str, str]]:
    """What it is about, by what was chosen; what is wrong with that, in words."""
    _ = language(desk.language)
    written = entry.written
    if entry.pick.startswith(PATIENT):
        snapshot = await open_chart(desk.door, desk.permit, patient_id, WANTS)
        found = next((one for one in _problems(snapshot) if f"Condition/{one['id']}" == entry.pick), None)
        if found is None:
            return entry, {"about": _("Diagnosen står ikke på listen lenger. Velg på nytt.")}
        concept = found.get("code")
        coded = dict(codings(concept))
        system = next((one for one in (ICD_10, ICPC_2) if one in coded), "")
        about = said(concept, language(CODES[0]))
        return replace(
            entry,
            written=structs.replace(
                written, about=about, code=coded.get(system, ""), system=system, condition=found["id"]
            ),
        ), {}
    if entry.pick and entry.pick != codes.UNCODED:
        coded_, wrong = await codes.picked(desk, written.typed, entry.pick, _)
        if coded_ is None:
            return entry, {"about": wrong}
        return replace(
            entry, written=structs.replace(written, about=coded_.text, code=coded_.code, system=coded_.system)
        ), {}
    return replace(entry, written=structs.replace(written, about=written.typed)), {}


async def _sign(request: Request, desk: Desk, patient_id: str, entry: Entry, errors: dict[str, str]) -> Response:
    """Sign and send. What is missing is told beside its field, and what was written stands."""
    _ = language(desk.language)
    written, refs = entry.written, [one for one, _name in entry.written.with_it]
    errors = {**errors}
    if not written.about and "about" not in errors:
        errors["about"] = _("Velg eller skriv hva henvisningen gjelder.")
    if not written.when:
        errors["when"] = _("Velg når pasienten bør få hjelp.")
    if not written.receiver:
        errors["receiver"] = _("Velg hvem som skal ha henvisningen.")
    if not written.text:
        errors["text"] = _("Skriv hvorfor du henviser.")
    if errors:
        return await _page(request, desk, entry, chosen=refs, errors=errors, status=422)
    if not desk.is_meant(entry.role):
        return kept(request, desk, patient_id, None, action="referrals", entered=_entered(entry), said=_words(entry))
    snapshot = await open_chart(desk.door, desk.permit, patient_id, WANTS)
    reader = reader_of(desk, snapshot)
    names = {each.reference: each.name for group in groups(snapshot, reader, refs) for each in group.lines}
    written = structs.replace(written, with_it=tuple((one, names[one]) for one in refs if one in names))
    try:
        stored = await referrals.refer(
            desk.door, desk.permit, patient_id, written, ending=entry.ending, another=entry.another
        )
    except NotReady as error:
        why = _(WHY[error.receiver.why], day=formats.full_date(error.receiver.since))
        told = _("Ikke sendt: {why} Velg en annen mottaker.", why=why)
        return await _page(request, desk, entry, chosen=refs, errors={"receiver": told}, status=409)
    except AlreadySent as error:
        await _refuse_again(desk, patient_id, entry)
        there = [line(one, reader) for one in error.existing]
        return await _page(request, desk, entry, chosen=refs, there=there, status=409)
    except Invalid as error:
        told = _("Det er din egen enhet. Lag en oppgave til en kollega i stedet.")
        if "own unit" not in str(error):
            told = _("Det lot seg ikke sende. Se over det du har skrevet.")
        return await _page(request, desk, entry, chosen=refs, errors={"receiver": told}, status=422)
    if written.code and not written.condition:
        await problems.remember(desk.door, desk.permit, problems.Coded(written.about, written.code, written.system))
    return _to(patient_id, f"/{stored.id}?saved=sent")


async def _refuse_again(desk: Desk, patient_id: str, entry: Entry) -> None:
    """Raise DraftEnded when it is this very draft that was sent, as by a second click."""
    if not entry.draft:
        return
    try:
        await draft(desk.door, desk.permit, patient_id, entry.draft)
    except NotFound:
        return


async def _save_quietly(desk: Desk, patient_id: str, entry: Entry) -> Response:
    """Save for the page's own script."""
    if not desk.is_meant(entry.role):
        return JSONResponse({"problem": "role"}, status_code=409)
    stands = await save_draft(desk.door, desk.permit, patient_id, entry.draft, entry.text_about())
    at = formats.clock(stands.saved, language=language(desk.language))
    return JSONResponse({"version": stands.version, "at": at}, headers={"cache-control": "no-store"})


def _problems(snapshot: Snapshot) -> list[dict[str, Any]]:
    found = standing(snapshot.lists.get("problems", ()))
    return [dict(one) for one in found if status(one, "clinicalStatus") not in ENDED]


async def _page(
    request: Request,
    desk: Desk,
    entry: Entry,
    *,
    chosen: list[str] | None,
    errors: dict[str, str] | None = None,
    saved: datetime | None = None,
    there: list[Any] | None = None,
    theirs: Written | None = None,
    status: int = 200,
) -> Response:
    """The page for writing, with what was written in it."""
    patient_id, now = str(request.path_params["id"]), datetime.now(UTC)
    snapshot = await open_chart(desk.door, desk.permit, patient_id, WANTS)
    reader = reader_of(desk, snapshot)
    _ = reader.language
    before = referrals.paired(
        snapshot.lists.get("referral-tasks", ()),
        {f"ServiceRequest/{one['id']}": one for one in snapshot.lists.get("referrals", ())},
    )
    before.sort(key=lambda one: (not one.is_open, -(one.steps[0].at.timestamp() if one.steps else 0)))
    if not entry.pick and entry.written.typed and entry.act != "find":
        entry = replace(entry, pick=codes.UNCODED) if entry.written.about == entry.written.typed else entry
    return render(
        request,
        "workspace/referral_form.html",
        status=status,
        **framed(desk, snapshot, reader, here="referrals"),
        entry=entry,
        may_sign=referrals.may_refer(desk.permit),
        problems=_told(snapshot, reader),
        choices=await codes.choices(desk, entry.written.typed),
        typed=entry.written.typed,
        picked=entry.pick,
        when={code: words for code, (words, _priority, _days) in WHEN.items()},
        receivers=await shown(desk, entry.seeks, entry.written.receiver, now),
        seeks=entry.seeks,
        along=groups(snapshot, reader, chosen),
        before=[line(one, reader) for one in before[:6]],
        same=_same(before, entry.written),
        there=there or [],
        theirs=theirs,
        saved=formats.when(saved, now=snapshot.at, language=_) if saved else "",
        errors=errors or {},
    )


def _same(before: list[referrals.Referral], written: Written) -> set[str]:
    """The open ones that are about the same."""
    return {one.id for one in before if one.is_open and written.about and referrals.is_about(written, one)}


def _told(snapshot: Snapshot, reader: Reader) -> list[dict[str, str]]:
    """The problems on the list, to choose among."""
    return [
        {
            "value": f"Condition/{one['id']}",
            "name": said(one.get("code"), reader.language),
            "code": next((code for system, code in codings(one.get("code")) if system in (ICD_10, ICPC_2)), ""),
        }
        for one in _problems(snapshot)[:12]
    ]


def _entered(entry: Entry) -> dict[str, str]:
    """All fields as they were sent, for the page that says that nothing was saved."""
    written = entry.written
    return {
        "q": written.typed,
        "pick": entry.pick,
        "when": written.when,
        "receiver": written.receiver,
        "text": written.text,
        "questions": "\n".join(written.questions),
        "with": " ".join(one for one, _name in written.with_it),
        "draft": entry.draft,
        "version": str(entry.version),
        "page": entry.page,
        "act": entry.act,
        "another": "yes" if entry.another else "",
    }


def _words(entry: Entry) -> str:
    """What was written, to be read on that page."""
    written = entry.written
    return ". ".join(part for part in (written.about or written.typed, written.text, *written.questions) if part)


def _to(patient_id: str, where: str) -> Response:
    return RedirectResponse(f"/workspace/patients/{patient_id}/referrals{where}", status_code=303)
