"""Two records of one person, in pages: find them, look at both, propose, decide, and part them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import accounts, patients
from samjournal.fhir.errors import (
    Conflict,
    FhirError,
    Forbidden,
    Invalid,
    NotFound,
    NumberHeld,
    PreconditionFailed,
    Unprocessable,
)
from samjournal.patients import Comparison, Proposal
from samjournal.record import Card, cards_of
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.banner import GENDERS
from samjournal.workspace.desk import Desk
from samjournal.workspace.register import GRADES, told

LONGEST: Final = 400
FACTS: Final = {
    "name": marked("Navn"),
    "number": marked("Nummer"),
    "old-number": marked("Nummer som er byttet ut"),
    "birth": marked("Født"),
    "gender": marked("Kjønn"),
    "death": marked("Død"),
    "address": marked("Adresse"),
    "phone": marked("Telefon og e-post"),
    "gp": marked("Fastlege"),
    "link": marked("Slått sammen med"),
    "stays": marked("Innleggelser"),
    "last-stay": marked("Siste innleggelse"),
}
AGAINST: Final = {
    "number-other": marked("Journalene har hvert sitt nummer av samme slag. En person har bare ett."),
    "birth-other": marked("Fødselsdatoene er ulike."),
    "name-other": marked("Navnene er ulike."),
    "sex-other": marked("Kjønnet er ulikt."),
    "twin": marked("En av dem er tvilling eller trilling: den andre kan være søskenet."),
    "overlap": marked("De har ligget i hver sin seng på samme tid."),
    "after-death": marked("Den ene ble innlagt etter at den andre døde."),
}
KINDS: Final = {
    "Observation": marked("måling eller svar"),
    "Composition": marked("notat"),
    "Condition": marked("diagnose"),
    "MedicationRequest": marked("legemiddel"),
    "Encounter": marked("innleggelse eller kontakt"),
    "Appointment": marked("time"),
    "ServiceRequest": marked("henvisning"),
    "Task": marked("oppgave"),
}
DONE: Final = {
    "proposed": marked("Forslaget er sendt. En journalansvarlig ser på begge journalene og avgjør."),
    "merged": marked("Journalene er slått sammen. Alt ligger der det ble skrevet."),
    "declined": marked("Forslaget er avslått. Journalene er som før."),
    "numbered": marked("Nummeret er byttet. Det gamle finner fortsatt fram til journalen."),
    "closed": marked("Journalen er stengt. Den kan bare åpnes i en nødsituasjon."),
    "reopened": marked("Journalen er åpnet igjen for dem som har ansvaret."),
    "parted": marked("Journalene er skilt igjen."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the page; `one` is a record that was chosen, `q` what is searched for."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    *,
    one: str = "",
    number: str = "",
    error: str = "",
    held: Sequence[str] = (),
    problem: str = "",
    reason: str = "",
) -> Response:
    _refuse(desk)
    text = " ".join(request.query_params.get("q", "").split())[:100]
    one = one or request.query_params.get("one", "")[:64]
    found = await patients.find(desk.door, desk.permit, text) if text else []
    alike = await patients.alike_to(desk.door, desk.permit, one) if one else []
    merges = desk.permit.merges
    waiting = await patients.proposals(desk.door, desk.permit) if merges else []
    standing = await patients.standing(desk.door, desk.permit) if merges else []
    named = {id_ for each in (*waiting, *standing) for id_ in (each.going, each.staying)} | ({one} if one else set())
    cards = {card.id: card for card in await cards_of(desk.door, desk.permit, sorted(named))}
    _ = language(desk.language)
    closes = merges and one in cards
    return render(
        request,
        "workspace/identity.html",
        status=422 if error or problem else 200,
        desk=desk,
        number=number,
        error=error,
        held=held,
        closes=closes,
        closed=closes and await patients.closed(desk.door, desk.permit, one),
        problem=problem,
        reason=reason,
        query=text,
        one=cards.get(one),
        found=[each for each in found if each.id != one],
        alike=[{"card": each.card, "grade": _(GRADES[each.likeness.grade]), "why": told(each, _)} for each in alike],
        waiting=_rows(waiting, cards, _),
        standing=_rows(standing, cards, _),
        done=_(DONE[done]) if (done := request.query_params.get("done", "")) in DONE else "",
        genders=GENDERS,
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal, or what came of it, in words."""

    id: str
    going_id: str
    going: str
    staying: str
    reason: str
    by: str
    at: str
    is_late: bool


def _rows(some: Sequence[Proposal], cards: Mapping[str, Card], _: Language) -> list[Row]:
    now = datetime.now(formats.OSLO)
    return [
        Row(
            each.id,
            each.going,
            _name(cards.get(each.going), _),
            _name(cards.get(each.staying), _),
            each.reason,
            each.name or each.login,
            formats.when(each.at, now=now, language=_),
            each.due < datetime.now(UTC),
        )
        for each in some
    ]


def _name(card: Card | None, _: Language) -> str:
    if card is None:
        return _("ikke kjent")
    name = f"{card.family.upper()}, {card.given}" if card.family else card.given
    return f"{name} ({card.birth[:4]})" if card.birth else name


async def compare(request: Request, desk: Desk) -> Response:
    """GET two records side by side; with `task` those that somebody proposed to merge."""
    _refuse(desk)
    asked = {name: request.query_params.get(name, "")[:64] for name in ("one", "other", "task")}
    return await _compared(request, desk, asked)


async def _compared(
    request: Request, desk: Desk, asked: Mapping[str, str], *, error: str = "", reason: str = "", staying: str = ""
) -> Response:
    _ = language(desk.language)
    proposed = await patients.proposal(desk.door, desk.permit, asked["task"]) if asked.get("task") else None
    one, other = (proposed.going, proposed.staying) if proposed else (asked["one"], asked["other"])
    cards = {card.id: card for card in await cards_of(desk.door, desk.permit, [one, other])}
    if len(cards) < 2:
        raise NotFound("One of the two records is not here. Choose both anew.")
    full = await patients.compare(desk.door, desk.permit, one, other) if desk.permit.merges else None
    return render(
        request,
        "workspace/compare.html",
        status=422 if error else 200,
        desk=desk,
        sides=[{"id": id_, "name": _name(cards[id_], _)} for id_ in (one, other)],
        facts=_facts(full, _) if full else _from_cards(cards[one], cards[other], _),
        against=[_(AGAINST[each]) for each in full.against] if full else [],
        grade=_(GRADES.get(full.likeness.grade, marked("ikke samme person"))) if full else "",
        task=_rows([proposed], cards, _)[0] if proposed else None,
        is_decided=proposed is not None and proposed.status != "requested",
        is_own=proposed is not None and proposed.login == desk.permit.actor,
        error=error,
        reason=reason,
        staying=staying or other,
    )


def _facts(full: Comparison, _: Language) -> list[dict[str, object]]:
    return [
        {
            "label": _(FACTS[fact.kind]),
            "left": _hidden(fact.kind, fact.left, full.hidden[0], _),
            "right": _hidden(fact.kind, fact.right, full.hidden[1], _),
            "differs": fact.differs and fact.kind not in ("stays", "last-stay", "link"),
        }
        for fact in full.facts
    ]


def _hidden(kind: str, values: Sequence[str], is_hidden: bool, _: Language) -> list[str]:
    if is_hidden and kind in ("address", "phone", "gp"):
        return [_("beskyttet")]
    return [_value(kind, value, _) for value in values]


def _value(kind: str, value: str, _: Language) -> str:
    if kind in ("birth", "last-stay") or (kind == "death" and value != "true"):
        return formats.full_date(value)
    if kind == "death":
        return _("ja")
    if kind == "gender":
        return _(GENDERS.get(value, marked("Ikke oppgitt")))
    return formats.grouped(value) if kind in ("number", "old-number") else value


def _from_cards(one: Card, other: Card, _: Language) -> list[dict[str, object]]:
    """What *find* shows, for those who propose and do not decide."""
    births, genders = (one.birth, other.birth), (one.gender or "", other.gender or "")
    rows: list[tuple[str, Sequence[str], bool]] = [
        ("name", (_name(one, _), _name(other, _)), False),
        ("birth", [formats.full_date(birth) if birth else "" for birth in births], _differ(*births)),
        ("gender", [_value("gender", each, _) if each else "" for each in genders], genders[0] != genders[1]),
    ]
    return [
        {"label": _(FACTS[kind]), "left": [values[0]], "right": [values[1]], "differs": differs}
        for kind, values, differs in rows
    ]


def _differ(one: str | None, other: str | None) -> bool:
    """Whether two birth dates, of which one may be a year alone, are not the same."""
    return bool(one and other) and not (str(one).startswith(str(other)) or str(other).startswith(str(one)))


async def propose(request: Request, desk: Desk) -> Response:
    """POST that two records are one person's."""
    _refuse(desk)
    form = await request.form(max_fields=6, max_files=0)
    asked = {name: str(form.get(name, ""))[:64] for name in ("one", "other", "staying")}
    reason = " ".join(str(form.get("reason", "")).split())[:LONGEST]
    staying = asked["staying"] if asked["staying"] in (asked["one"], asked["other"]) else asked["other"]
    going = asked["one"] if staying == asked["other"] else asked["other"]
    try:
        await patients.propose(desk.door, desk.permit, going, staying, reason)
    except (Invalid, Conflict) as error:
        said = _said(error, language(desk.language))
        return await _compared(request, desk, asked, error=said, reason=reason, staying=staying)
    return RedirectResponse("/workspace/identity?done=proposed", status_code=303)


async def decide(request: Request, desk: Desk) -> Response:
    """POST what came of a proposal: they are one person, or not."""
    _refuse(desk)
    form = await request.form(max_fields=4, max_files=0)
    task, reason = str(form.get("task", ""))[:64], " ".join(str(form.get("reason", "")).split())[:LONGEST]
    confirms = form.get("decision") == "confirm"
    try:
        if confirms:
            await patients.confirm(desk.door, desk.permit, task)
        else:
            await patients.decline(desk.door, desk.permit, task, reason)
    except (Invalid, Conflict) as error:
        said = _said(error, language(desk.language))
        return await _compared(request, desk, {"task": task}, error=said, reason=reason)
    return RedirectResponse(f"/workspace/identity?done={'merged' if confirms else 'declined'}", status_code=303)


async def give_number(request: Request, desk: Desk) -> Response:
    """POST a new number in place of the one in use."""
    _refuse(desk)
    form = await request.form(max_fields=2, max_files=0)
    one, number = str(form.get("one", ""))[:64], " ".join(str(form.get("number", "")).split())[:40]
    _ = language(desk.language)
    try:
        await patients.renumber(desk.door, desk.permit, one, number)
    except NumberHeld as held:
        said = _("En annen journal har nummeret. Er det samme person, foreslå at de slås sammen.")
        return await _page(request, desk, one=one, number=number, error=said, held=held.ids)
    except Unprocessable:
        said = _("Nummeret stemmer ikke: kontrollsifrene passer ikke, eller det sier en annen fødselsdato.")
        return await _page(request, desk, one=one, number=number, error=said)
    except (Conflict, PreconditionFailed):
        said = _("Pasienten har alt dette nummeret, eller har hatt det.")
        return await _page(request, desk, one=one, number=number, error=said)
    return RedirectResponse("/workspace/identity?done=numbered", status_code=303)


async def close(request: Request, desk: Desk) -> Response:
    """POST that an identity is used no more, or that closing its record was a mistake."""
    _refuse(desk)
    form = await request.form(max_fields=3, max_files=0)
    one, reason = str(form.get("one", ""))[:64], " ".join(str(form.get("reason", "")).split())[:LONGEST]
    opens = form.get("decision") == "reopen"
    _ = language(desk.language)
    try:
        await (patients.reopen if opens else patients.close)(desk.door, desk.permit, one, reason)
    except Invalid as error:
        return await _page(request, desk, one=one, problem=_said(error, _), reason=reason)
    except (Conflict, PreconditionFailed):
        told_ = _("Det ble ikke gjort: journalen er slått sammen med en annen, eller noen andre har alt gjort det.")
        return await _page(request, desk, one=one, problem=told_, reason=reason)
    return RedirectResponse(f"/workspace/identity?done={'reopened' if opens else 'closed'}", status_code=303)


async def merged(request: Request, desk: Desk) -> Response:
    """GET what was written since a record was merged, and the form that parts it."""
    return await _merged(request, desk)


async def _merged(request: Request, desk: Desk, *, error: str = "", reason: str = "") -> Response:
    _refuse(desk)
    _ = language(desk.language)
    now = datetime.now(formats.OSLO)
    going = str(request.path_params["id"])
    since = await patients.written_since(desk.door, desk.permit, going)
    cards = {card.id: card for card in await cards_of(desk.door, desk.permit, [going, since.staying])}
    names: dict[str, str] = {}
    for login in {each.author for each in since.lines}:
        who = await accounts.account(desk.door.pool, login)
        names[login] = who.name if who else login
    lines = [
        {
            "under": _name(cards.get(each.patient), _),
            "is_going": each.patient == going,
            "kind": _(KINDS[each.type]) if each.type in KINDS else each.type,
            "at": formats.when(each.at, now=now, language=_),
            "by": names[each.author],
        }
        for each in since.lines
    ]
    return render(
        request,
        "workspace/merged.html",
        status=422 if error else 200,
        desk=desk,
        going_id=going,
        going=_name(cards.get(going), _),
        staying=_name(cards.get(since.staying), _),
        merged=formats.when(since.merged, now=now, language=_),
        lines=lines,
        error=error,
        reason=reason,
    )


async def part(request: Request, desk: Desk) -> Response:
    """POST why they were not one person."""
    _refuse(desk)
    form = await request.form(max_fields=2, max_files=0)
    reason = " ".join(str(form.get("reason", "")).split())[:LONGEST]
    try:
        await patients.undo(desk.door, desk.permit, str(request.path_params["id"]), reason)
    except Invalid as error:
        return await _merged(request, desk, error=_said(error, language(desk.language)), reason=reason)
    return RedirectResponse("/workspace/identity?done=parted", status_code=303)


def _said(error: FhirError, _: Language) -> str:
    if isinstance(error, Invalid):
        return _("Skriv grunnen i en setning. Pasienten kan lese den.")
    return _("Det ble ikke gjort: noen andre har avgjort forslaget, eller en av journalene er alt slått sammen.")


def _refuse(desk: Desk) -> None:
    if not desk.permit.registers:
        raise Forbidden("This page is for roles that register people.")
