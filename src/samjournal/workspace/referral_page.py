"""One referral: where it stands, what is asked with all that came along, and what may be done with it. Rows 6.4, 6.5

GET  …/referrals/{referral}     the first look by somebody of the unit that has it opens it
POST …/referrals/{referral}     `do`: assess, book, forward, reject, close; remind, withdraw
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import referrals
from samjournal.db.pool import Unavailable
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, TimeTaken, VersionMoved
from samjournal.record import Stored, Want, open_chart
from samjournal.referrals import NotReady, Referral, is_from, is_with, may_assess
from samjournal.ui import formats
from samjournal.ui.attachments import File
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.days import day_of
from samjournal.workspace.desk import Desk
from samjournal.workspace.documents import files_of
from samjournal.workspace.facts import Reader, Resource, id_of, joined, name_of, said
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.referral_receivers import WHY, ready_named
from samjournal.workspace.referral_words import PRIORITIES, about, duty, events, is_late, sent_at, stands, way
from samjournal.workspace.unsaved import AWAY
from samjournal.workspace.wants import BANNER

SAVED: Final = {
    "sent": marked("Signert og sendt. Du ser her hvor den står."),
    "signed": marked("Signert. Den er ikke sendt ennå: du ser her når den er det, og når mottakeren har den."),
    "assess": marked("Vurdert. Pasienten og henviseren har fått brev."),
    "book": marked("Timen er satt opp. Pasienten og henviseren har fått brev."),
    "forward": marked("Sendt videre. Henviseren har fått beskjed."),
    "reject": marked("Avvist. Henviseren har fått en oppgave, og pasienten et brev."),
    "close": marked("Avsluttet."),
    "remind": marked("Mottakeren har fått en purring."),
    "withdraw": marked("Henvisningen er trukket tilbake, og mottakeren har fått beskjed."),
}
LONGEST: Final = 2000


async def show(request: Request, desk: Desk) -> Response:
    """GET the page of one."""
    return await page(request, desk, opens=True)


async def act(request: Request, desk: Desk) -> Response:
    """POST: do something with it. What was typed stands on the page when it could not be done."""
    form = await request.form(max_fields=16, max_files=0)
    entered = {name: str(value)[:LONGEST] for name, value in form.items()}
    does, _ = entered.get("do", ""), language(desk.language)
    if does not in _ACTS:
        raise NotFound("There is no such act.")
    if not desk.is_meant(entered.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se over, og gjør det en gang til.")
        return await page(request, desk, entered=entered, error=told, status=409)
    try:
        await _ACTS[does](desk, str(request.path_params["referral"]), counted(form.get("version")), form)
    except _Wrong as wrong:
        return await page(request, desk, entered=entered, error=wrong.words, status=422)
    except NotReady as error:
        why = _(WHY[error.receiver.why], day=formats.full_date(error.receiver.since))
        told = _("Ikke sendt: {why} Velg en annen mottaker.", why=why)
        return await page(request, desk, entered=entered, error=told, status=409)
    except VersionMoved:
        told = _("Ikke gjort: en annen har gjort noe med henvisningen etter at du åpnet den. Se på den igjen.")
        return await page(request, desk, entered=entered, error=told, status=409)
    except TimeTaken:
        told = _("Ikke satt opp: pasienten, eller noen som er med, har en annen time da. Velg et annet tidspunkt.")
        return await page(request, desk, entered=entered, error=told, status=409)
    except Conflict:
        told = _("Ikke gjort: det kan ikke gjøres slik henvisningen står nå.")
        return await page(request, desk, entered=entered, error=told, status=409)
    except Forbidden:
        told = _("Ikke gjort: henvisningen er hos en annen enhet, eller rollen din avgjør ikke dette.")
        return await page(request, desk, entered=entered, error=told, status=403)
    except Invalid:
        told = _("Ikke gjort: skriv noen ord om hvorfor, og se over datoen.")
        return await page(request, desk, entered=entered, error=told, status=422)
    except Unavailable:
        told = _("Ikke gjort: journalen svarer ikke akkurat nå. Det du skrev, står her. Prøv igjen om litt.")
        return await page(request, desk, entered=entered, error=told, status=AWAY)
    back = f"/workspace/patients/{request.path_params['id']}/referrals/{request.path_params['referral']}"
    if does == "forward":
        return RedirectResponse("/workspace/referrals?saved=forward", status_code=303)
    return RedirectResponse(f"{back}?saved={does}", status_code=303)


class _Wrong(Exception):
    """Something in a form that is not as it must be, in the reader's words."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


def _text(form: FormData, name: str = "words") -> str:
    return str(form.get(name, "")).replace("\x00", "")[:LONGEST]


async def _assess(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    _, right = language(desk.language), str(form.get("right", ""))
    if right not in ("yes", "no"):
        raise _Wrong(_("Velg om pasienten har rett til helsehjelp."))
    until = day_of(str(form.get("until", ""))[:20]) if right == "yes" else ""
    if until is None or (right == "yes" and len(until) != len("2026-11-29")):
        raise _Wrong(_("Skriv fristen som en dato, for eksempel 24.12.2026."))
    if right == "yes" and until < datetime.now(formats.OSLO).date().isoformat():
        raise _Wrong(_("Fristen er alt ute. Velg en senere dag."))
    if right == "no" and len(_text(form).split()) < 1:
        raise _Wrong(_("Skriv hvorfor, så pasienten og henviseren forstår det."))
    return await referrals.assess(
        desk.door, desk.permit, id_, version, right=right == "yes", until=until, words=_text(form)
    )


async def _book(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    _ = language(desk.language)
    try:
        start = datetime.fromisoformat(f"{form.get('day', '')}T{form.get('time', '')}").replace(tzinfo=formats.OSLO)
    except ValueError:
        raise _Wrong(_("Skriv dag og klokkeslett for timen.")) from None
    minutes = counted(form.get("minutes")) or 30
    if start <= datetime.now(UTC):
        raise _Wrong(_("Tidspunktet er alt passert. Velg et senere."))
    return await referrals.book(desk.door, desk.permit, id_, version, start=start, minutes=minutes, words=_text(form))


async def _forward(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    _, typed = language(desk.language), " ".join(str(form.get("to", "")).split())[:120]
    fitting = [
        one
        for one in await ready_named(desk, datetime.now(UTC))
        if typed and typed.casefold() in str(one.organisation.get("display", "")).casefold()
    ]
    exact = [one for one in fitting if str(one.organisation.get("display", "")).casefold() == typed.casefold()]
    chosen = exact or fitting
    if len(chosen) != 1:
        names = "; ".join(str(one.organisation.get("display")) for one in chosen[:6])
        if names:
            raise _Wrong(_("Flere passer: {names}. Velg én fra listen.", names=names))
        raise _Wrong(_("Ingen som heter det, kan ta imot nå. Velg en fra listen."))
    if not _text(form).strip():
        raise _Wrong(_("Skriv hvorfor den sendes videre."))
    return await referrals.forward(desk.door, desk.permit, id_, version, to=chosen[0].id, words=_text(form))


async def _reject(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    _ = language(desk.language)
    if not _text(form).strip():
        raise _Wrong(_("Skriv hvorfor, så pasienten og henviseren forstår det."))
    return await referrals.reject(desk.door, desk.permit, id_, version, reason=_text(form))


async def _close(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    return await referrals.close(desk.door, desk.permit, id_, version, words=_text(form))


async def _remind(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    return await referrals.remind(desk.door, desk.permit, id_, version, words=_text(form))


async def _withdraw(desk: Desk, id_: str, version: int, form: FormData) -> Stored:
    _ = language(desk.language)
    if not _text(form).strip():
        raise _Wrong(_("Skriv hvorfor den trekkes tilbake."))
    return await referrals.withdraw(desk.door, desk.permit, id_, version, reason=_text(form))


_ACTS: Final[dict[str, Callable[[Desk, str, int, FormData], Awaitable[Stored]]]] = {
    "assess": _assess,
    "book": _book,
    "forward": _forward,
    "reject": _reject,
    "close": _close,
    "remind": _remind,
    "withdraw": _withdraw,
}


async def page(
    request: Request,
    desk: Desk,
    *,
    entered: dict[str, str] | None = None,
    error: str = "",
    status: int = 200,
    opens: bool = False,
) -> Response:
    """The page of one, also with a form that was not accepted. `opens`: whoever has it looks at it, and it is opened by
    that."""
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["referral"])
    wants = [
        *BANNER,
        Want("task", "Task", f"_id={id_}", 1),
        Want("request", "ServiceRequest", f"_id={id_}", 1),
        Want("messages", "Communication", "_sort=-sent", 40),
    ]
    snapshot = await open_chart(desk.door, desk.permit, patient_id, wants)
    found = referrals.paired(
        snapshot.lists["task"], {f"ServiceRequest/{one['id']}": one for one in snapshot.lists["request"]}
    )
    if not found:
        raise NotFound(f"There is no referral {id_} of this patient, or it is closed to you.")
    waits = opens and found[0].state in ("received", "forwarded") and is_with(desk.permit, found[0])
    if waits and await referrals.open_(desk.door, desk.permit, id_):
        return await page(request, desk)
    one, task, asked = found[0], snapshot.lists["task"][0], snapshot.lists["request"][0]
    reader = reader_of(desk, snapshot)
    _ = reader.language
    mine, sent = is_with(desk.permit, one), is_from(desk.permit, one)
    with_it = [str(each.get("reference") or "") for each in asked.get("supportingInfo") or ()]
    files = await files_of(desk, with_it, str(snapshot.patient["id"]))
    may = may_assess(desk.permit)
    acts = acts_of(one, mine=mine, sent=sent, may_assess=may) if desk.may_write("Task") else ()
    return render(
        request,
        "workspace/referral.html",
        status=status,
        **framed(desk, snapshot, reader, here="referrals"),
        one=one,
        heading=_("Henvisning til {receiver}", receiver=one.receiver_name) if one.receiver_name else _("Henvisning"),
        state=stands(one, reader),
        stuck=one.is_open and one.stuck,
        tone="danger" if one.state == "rejected" or one.stuck else "warn" if is_late(one, reader.now) else "",
        about=about(one, reader),
        code=next((code.get("code") for code in one.about.get("coding") or () if code.get("code")), ""),
        whence=joined(one.sender_name or one.requester_name, one.requester_name if one.sender_name else ""),
        sent_at=reader.when(sent_at(one).isoformat()),
        way=way(one, reader),
        duty=duty(one, reader),
        events=events(one, [note for note in task.get("note") or () if note.get("text")], reader),
        text=[line for note in asked.get("note") or () for line in str(note.get("text") or "").split("\n") if line],
        questions=[str(each.get("text") or "") for each in asked.get("orderDetail") or ()],
        along=along(asked, patient_id, files),
        period=_period(one, reader),
        priority=_(PRIORITIES.get(one.priority, PRIORITIES["routine"])),
        letters=_letters(snapshot.lists["messages"], id_, reader),
        acts=acts,
        ready=await _names(desk) if "forward" in acts else [],
        entered={"do": "", "words": "", "until": "", "right": "", "day": "", "time": "", "to": "", **(entered or {})},
        error=error,
        saved=SAVED.get(_saved(request.query_params.get("saved", ""), one), ""),
    )


def _saved(asked: str, one: Referral) -> str:
    """A message is sent when what carries it has taken it, and not before: the page says no more than that."""
    return "signed" if asked == "sent" and not one.is_sent else asked


def acts_of(one: Referral, *, mine: bool, sent: bool, may_assess: bool) -> tuple[str, ...]:
    """What may be done with a referral now, by who looks."""
    if not one.is_open:
        return ()
    found: list[str] = []
    if mine and one.way == "shared":
        if may_assess and one.state in ("received", "forwarded", "opened", "assessed"):
            found.append("assess")
        if one.state in ("assessed", "booked"):
            found.append("book")
        if one.state != "booked":
            found.append("forward")
            found += ["reject"] if may_assess else []
        found.append("close")
    if sent:
        found += ["remind", "withdraw"]
    return tuple(found)


async def _names(desk: Desk) -> list[str]:
    return [str(one.organisation.get("display") or one.id) for one in await ready_named(desk, datetime.now(UTC))]


PAGES: Final = {
    "Composition": "notes/{id}",
    "DiagnosticReport": "results/DiagnosticReport/{id}",
    "Observation": "results/Observation/{id}",
    "Condition": "problems",
    "AllergyIntolerance": "allergies",
}


def along(asked: Resource, patient_id: str, files: dict[str, list[File]]) -> list[dict[str, Any]]:
    """What came along, each with where it is read, or its files."""
    found = []
    for each in asked.get("supportingInfo") or ():
        reference = str(each.get("reference") or "")
        type_, _bar, id_ = reference.partition("/")
        page_ = PAGES.get(type_, "").format(id=id_)
        address = f"/workspace/patients/{patient_id}/{page_}" if page_ else ""
        named = {"name": name_of(each) or type_, "address": address, "type": type_}
        found.append({**named, "files": files.get(reference, [])})
    return found


def _period(one: Referral, reader: Reader) -> str:
    return reader.day(one.help_by) if one.help_by else ""


def _letters(communications: list[dict[str, Any]], id_: str, reader: Reader) -> list[dict[str, str]]:
    """The letters that came of it."""
    return [
        {
            "title": said(each.get("topic"), reader.language),
            "when": reader.when(str(each.get("sent") or "")),
            "text": "\n".join(str(part.get("contentString") or "") for part in each.get("payload") or ()),
        }
        for each in communications
        if any(id_of(part, "ServiceRequest") == id_ for part in each.get("basedOn") or ())
    ]
