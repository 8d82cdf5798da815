"""The inbox: what waits on the reader and on his team, by what must be done, and the one that is open beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import accounts, conversations, messages, tasks
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid, NotFound, PreconditionFailed, ReasonNeeded
from samjournal.record import Snapshot, Want, drafts_of, open_chart, query_of, search
from samjournal.tasks import Inbox, Said
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import is_fragment, render
from samjournal.workspace.banner import banner
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk, role_name
from samjournal.workspace.facts import Reader
from samjournal.workspace.inbox_item import Item, item
from samjournal.workspace.inbox_list import Group, Line, groups, waited
from samjournal.workspace.talk import talk, wants_of
from samjournal.workspace.why import KINDS
from samjournal.workspace.writers import draft_link

PLACE: Final = "/workspace/inbox"
TOLD: Final = {
    "done": marked("Gjort."),
    "acknowledge": marked("Kvittert."),
    "answered": marked("Svaret er lagret i journalen, og saken er ferdig. Pasienten ser det i portalen."),
    "replied": marked("Svaret er sendt til avsenderens innboks, og saken er ferdig."),
    "sent": marked("Svaret sendes som melding, og saken er ferdig. Under Meldinger, Sendt, ser du hvor det er."),
    "written": marked("Svaret er lagret i journalen, og saken er ferdig. Det når ikke avsenderen herfra."),
    "taken": marked("Du har tatt saken."),
    "handed": marked("Gitt videre."),
    "moved-on": marked("Gitt videre til et annet team. Pasienten får vite det."),
    "back": marked("Sendt tilbake."),
    "made": marked("Oppgaven er laget."),
    "matched": marked("Meldingen ligger i pasientens journal, og avsenderen får kvittering."),
    "retaken": marked("Meldingen prøves på nytt. Står den her ennå om et minutt, kjenner ingen mottakeren."),
    "away": marked("Meldingen er lagt bort."),
    "refused": marked("Meldingen er avvist, og avsenderen får vite hvorfor."),
    "undone": marked("Angret. Saken er tilbake der den var."),
}
"""What is said when something was done."""
REFUSED: Final = {
    "moved": marked("Ikke gjort: en annen har gjort noe med saken etter at du åpnet den. Se på den igjen."),
    "nowhere": marked("Ikke sendt: avsenderen har ingen adresse for svar her. Ring eller skriv, og si hvordan."),
    "gone": marked("Saken er ikke her lenger. En annen har gjort den, eller den er gitt videre."),
    "role": marked("Ikke gjort: du har byttet rolle etter at du åpnet innboksen."),
    "nothing": marked("Det er ikke noe å angre."),
    "not-undone": marked("Ikke angret: en annen har gjort noe med saken etterpå."),
}
DUE: Final = {
    "today": (marked("i dag"), timedelta()),
    "tomorrow": (marked("i morgen"), timedelta(days=1)),
    "days": (marked("om tre dager"), timedelta(days=3)),
    "week": (marked("om en uke"), timedelta(days=7)),
}
"""Deadlines to choose from, each at the end of its day."""
TABS: Final = ("mine", "team")


@dataclass(frozen=True, slots=True)
class Shown:
    """What one page shows: the list by groups, the one that is open with its neighbours, and figures in words."""

    tab: str
    groups: tuple[Group, ...]
    chosen: Line | None
    asked: bool
    before: str
    after: str
    place: int
    count: int


async def show(request: Request, desk: Desk) -> Response:
    """GET the inbox; a refresh of an open page gets the list alone."""
    return await page(request, desk, asked=dict(request.query_params))


async def page(
    request: Request,
    desk: Desk,
    *,
    asked: dict[str, str],
    status: int = 200,
    error: str = "",
    entered: dict[str, str] | None = None,
) -> Response:
    """The inbox with one of them open, also with a form that was not accepted."""
    _ = language(desk.language)
    now = datetime.now(UTC)
    others = [one for one in desk.session.roles if one.practitioner_role_id != desk.role.practitioner_role_id]
    found = await tasks.inbox(desk.door, desk.permit, roles=[one.practitioner_role_id for one in others], now=now)
    reader = Reader(desk.role.code, _, now, unit_id=desk.role.organization_id)
    shown = _shown(found, reader, asked)
    told = asked.get("did", "")
    context: dict[str, Any] = {
        "desk": desk,
        "shown": shown,
        "mine": len(found.mine),
        "team": len(found.team),
        "closed": found.closed,
        "elsewhere": [
            (role_name(one.code, desk.language), one.unit_name, found.elsewhere[one.practitioner_role_id])
            for one in others
            if one.practitioner_role_id in found.elsewhere
        ],
        "used": waited(found.used.team if shown.tab == "team" else found.used.mine, reader),
        "done": found.done,
        "watches": found.watches,
        "drafts": await _drafts(desk, reader) if shown.tab == "mine" else [],
        "gone": is_fragment(request) and bool(asked.get("item")) and not shown.asked,
        "told": _(TOLD[told]) if told in TOLD else "",
        "refused": error or (_(REFUSED[told]) if told in REFUSED else ""),
        "last": {"task": asked.get("was", ""), "version": asked.get("v", "")},
    }
    if is_fragment(request):
        return render(request, "workspace/_inbox_list.html", **context)
    opened: Item | None = None
    snapshot: Snapshot | None = None
    if shown.chosen:
        focus = shown.chosen.task.focus
        if shown.asked and focus.startswith("Communication/") and focus in found.about:
            await messages.mark_opened(desk.door, desk.permit, focus.partition("/")[2], now)
        snapshot, opened = await _opened(desk, shown.chosen.task, found, reader)
    return render(
        request,
        "workspace/inbox.html",
        status=status,
        opened=opened,
        acknowledges=bool(shown.chosen and tasks.may_acknowledge(desk.permit, shown.chosen.task)),
        colleagues=await _colleagues(desk, "do") if shown.chosen else [],
        may_have=await _colleagues(desk, shown.chosen.task.kind) if shown.chosen else [],
        due=DUE,
        entered={"form": "", "words": "", "owner": "", "due": "", **(entered or {})},
        patient_id=snapshot.patient["id"] if snapshot else "",
        banner=banner(snapshot, reader) if snapshot else None,
        kept_back=snapshot.kept_back if snapshot else "",
        why=_(KINDS.get(snapshot.why, marked("tjenstlig behov"))) if snapshot else "",
        **context,
    )


def _shown(found: Inbox, reader: Reader, asked: dict[str, str]) -> Shown:
    """The list that was asked for, and which of it is open: the one that was asked for, else the first."""
    tab = asked.get("tab", "") if asked.get("tab") in TABS else "mine"
    listed = groups(found.team if tab == "team" else found.mine, found.about, reader)
    lines = [line for group in listed for line in group.lines]
    at = next((place for place, line in enumerate(lines) if line.task.id == asked.get("item")), None)
    place = at or 0
    return Shown(
        tab,
        tuple(listed),
        lines[place] if lines else None,
        at is not None,
        lines[place - 1].task.id if place else "",
        lines[place + 1].task.id if place + 1 < len(lines) else "",
        place + 1,
        len(lines),
    )


async def _opened(desk: Desk, task: Said, found: Inbox, reader: Reader) -> tuple[Snapshot | None, Item]:
    """The one that is open, in the record of its patient. A record that is closed stays so, and the page says so."""
    if not task.patient:
        return None, item(task, None, found.about, reader)
    type_, _, focus = task.focus.partition("/")
    wants = [
        Want("allergies", "AllergyIntolerance"),
        Want("flags", "Flag", count=30),
        Want("encounters", "Encounter", "_sort=-date", 5),
        Want("relatives", "RelatedPerson", count=10),
    ]
    if task.kind == "acknowledge":
        wants.append(Want("labs", "Observation", "category=laboratory&_sort=-date", 150))
    if type_ and f"{type_}/{focus}" not in found.about and desk.permit.may("s", type_):
        wants.append(Want("focus", type_, f"_id={focus}", 1))
    message = found.about.get(task.focus) if type_ == "Communication" else None
    if message is not None:
        wants += wants_of(message)
    try:
        snapshot = await open_chart(desk.door, desk.permit, task.patient.partition("/")[2], wants)
    except (ReasonNeeded, NotFound):
        return None, replace(item(task, None, {}, reader), closed=True)
    shown = item(task, snapshot, found.about, reader)
    if message is not None:
        shown = replace(shown, talk=await talk(desk, message, snapshot.lists, reader, handing=True))
    return snapshot, shown


async def _drafts(desk: Desk, reader: Reader) -> list[dict[str, Any]]:
    """The notes that he has begun and not signed: nobody else knows of them."""
    return [
        {
            "link": draft_link(one.patient_id, one.about, str(one.id)),
            "title": one.title or reader.language("uten overskrift"),
            "patient": one.patient,
            "saved": reader.when(one.saved.isoformat()),
            "is_open": one.is_open,
        }
        for one in await drafts_of(desk.door, desk.permit)
    ]


async def _colleagues(desk: Desk, kind: tasks.Kind) -> list[tuple[str, str]]:
    """Whom work of a kind can be given to: the team, oneself first of the people."""
    me = desk.role.practitioner_role_id
    people = [
        (
            f"PractitionerRole/{at.practitioner_role_id}",
            f"{who.name}, {formats.in_text(role_name(at.code, desk.language))}",
        )
        for who in await accounts.colleagues(desk.door.pool, desk.role.organization_id)
        for at in who.roles
        if at.practitioner_role_id != me and tasks.may_have(kind, at.code)
    ]
    _ = language(desk.language)
    team = (f"Organization/{desk.role.organization_id}", _("Teamet: {unit}", unit=desk.role.unit_name.split(",")[0]))
    return [team, (f"PractitionerRole/{me}", _("Meg selv")), *people]


async def act(request: Request, desk: Desk) -> Response:
    """POST: do something with the one that is open, and go on to the next."""
    form = await request.form(max_fields=12, max_files=0)
    said = {name: str(value)[:600] for name, value in form.items()}
    said["answer"] = str(form.get("words", ""))[:4000]
    asked = {"tab": said.get("tab", "mine"), "item": str(request.path_params["task"])}
    does = str(request.path_params["act"])
    if does not in ACTS:
        raise NotFound("There is no such act.")
    if not desk.is_meant(said.get("role")):
        return _back(asked, did="role")
    try:
        did, task, version = await ACTS[does](desk, Posted(asked["item"], version_of(said), said))
    except Invalid as problem:
        return await page(
            request,
            desk,
            asked=asked,
            status=422,
            error=why_not(problem, desk),
            entered={**said, "words": said.get("answer" if does == "answer" else "words", ""), "form": does},
        )
    except (Conflict, PreconditionFailed, Forbidden) as problem:
        if does == "answer":  # What was written stands there still.
            why = "nowhere" if "no address for answers" in str(problem) else "moved"
            told, kept = language(desk.language)(REFUSED[why]), {**said, "words": said["answer"], "form": does}
            return await page(request, desk, asked=asked, status=409, error=told, entered=kept)
        return _back(asked, did="moved")
    except FhirError as problem:
        if problem.status not in (403, 404, 410):
            raise
        return _back({"tab": asked["tab"]}, did="gone")
    stays = does in ("take", "make")
    return _back({**asked, "item": asked["item"] if stays else said.get("next", "")}, did=did, was=task, v=version)


async def undo(request: Request, desk: Desk) -> Response:
    """POST: undo what the reader did last: what the page says, or else what he did last today."""
    form = await request.form(max_fields=4, max_files=0)
    task, version = str(form.get("task", ""))[:64], counted(form.get("version"))
    if not desk.is_meant(form.get("role")):
        return _back({}, did="role")
    if not task or not version:
        owner = f"PractitionerRole/{desk.role.practitioner_role_id}"
        asked = [("owner", owner), ("status", "completed"), ("_sort", "-modified"), ("_count", "1")]
        last = (await search(desk.door, desk.permit, query_of("Task", asked))).matches
        if not last:
            return _back({}, did="nothing")
        task, version = last[0].id, last[0].version
    try:
        await tasks.undo(desk.door, desk.permit, task, version)
    except (Conflict, PreconditionFailed, NotFound):
        return _back({}, did="not-undone")
    return _back({"item": task}, did="undone")


@dataclass(frozen=True, slots=True)
class Posted:
    """What somebody asked to be done: with which Task, of which version, and what the form says."""

    task: str
    version: int
    said: dict[str, str]

    @property
    def words(self) -> str:
        return self.said.get("words", "")


Did = tuple[str, str, int]
"""What was done (a key of TOLD), with which Task, and the version that it made."""


async def _finish(desk: Desk, one: Posted) -> Did:
    stored = await tasks.finish(desk.door, desk.permit, one.task, one.version, one.words)
    kind = tasks.said(stored.resource()).kind
    return "acknowledge" if kind == "acknowledge" else "done", one.task, stored.version


async def _answer(desk: Desk, one: Posted) -> Did:
    words, outcome = one.said.get("answer", ""), one.said.get("outcome", "")
    done = await conversations.answer(
        desk.door, desk.permit, one.task, one.version, words, outcome, outside=messages.reply
    )
    return REACHED[done.reaches], one.task, done.task.version


REACHED: Final = {"patient": "answered", "colleague": "replied", "outside": "sent", "nobody": "written"}


async def _take(desk: Desk, one: Posted) -> Did:
    return "taken", one.task, (await tasks.take(desk.door, desk.permit, one.task, one.version)).version


async def _hand(desk: Desk, one: Posted) -> Did:
    owner = one.said.get("owner", "")
    stored = await tasks.hand_on(desk.door, desk.permit, one.task, one.version, owner, one.words)
    return "handed", one.task, stored.version


async def _hand_over(desk: Desk, one: Posted) -> Did:
    """To another team of the patient, who is told."""
    unit = one.said.get("owner", "")
    stored = await conversations.hand_over(desk.door, desk.permit, one.task, one.version, unit, one.words)
    return "moved-on", one.task, stored.version


async def _send_back(desk: Desk, one: Posted) -> Did:
    stored = await tasks.send_back(desk.door, desk.permit, one.task, one.version, one.words)
    return "back", one.task, stored.version


async def _make(desk: Desk, one: Posted) -> Did:
    """Something more to do, about the same patient and the same thing."""
    days = DUE.get(one.said.get("due", ""), DUE["tomorrow"])[1]
    ends = (datetime.now(formats.OSLO) + days).replace(hour=23, minute=59, second=0, microsecond=0)
    made = await tasks.make(
        desk.door,
        desk.permit,
        patient=one.said.get("patient", "")[:64],
        words=one.words,
        owner=one.said.get("owner", ""),
        focus=one.said.get("focus", "")[:130],
        due=ends,
    )
    return "made", made.id, made.version


ACTS: Final[dict[str, Callable[[Desk, Posted], Awaitable[Did]]]] = {
    "done": _finish,
    "answer": _answer,
    "take": _take,
    "hand": _hand,
    "back": _send_back,
    "team": _hand_over,
    "make": _make,
}


def version_of(said: dict[str, str]) -> int:
    return counted(said.get("version"))


def why_not(problem: FhirError, desk: Desk) -> str:
    """What is wrong with a form, in the reader's words."""
    _ = language(desk.language)
    if "deadline" in str(problem):
        return _("Fristen er alt ute. Velg en senere.")
    if "how it was answered" in str(problem):
        return _("Skriv svaret, eller hvordan det ble svart.")
    if "was decided" in str(problem):
        return _("Velg hva som er bestemt.")
    if "reason for the decision" in str(problem):
        return _("Skriv begrunnelsen. Pasienten leser den.")
    if "Write the answer" in str(problem):
        return _("Skriv svaret.")
    if "team" in str(problem):
        return _("Velg teamet, eller en som arbeider der.")
    return _("Skriv noen ord, så den som får saken vet hva det gjelder.")


def _back(asked: dict[str, str], **more: object) -> Response:
    address = urlencode({name: value for name, value in {**asked, **more}.items() if value})
    return RedirectResponse(f"{PLACE}?{address}", status_code=303)
