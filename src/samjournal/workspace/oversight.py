"""For who answers for access: why somebody may read a record, and what is to be looked over. It opens no record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import conversations
from samjournal.access import ASKED, DUE, QUESTIONS, Matter, for_work
from samjournal.accounts import Account, account, staff_named
from samjournal.conversations.kinds import LOOK
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.patients import find
from samjournal.record import Card, cards_of, explain, look_over, to_review
from samjournal.tasks import after
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import INDEX, Desk, role_name
from samjournal.workspace.why import STATES as OWN_STATES
from samjournal.workspace.why import Line, lines

KINDS: Final = {
    "reason": marked("Åpnet med oppgitt grunn"),
    "emergency": marked("Åpnet en sperret journal i en nødsituasjon"),
    "unenforced": marked("Sperring som ikke kan håndheves slik den er skrevet"),
    "held-back": marked("Holdt noe tilbake for pasienten"),
    "entered-in-error": marked("Merket et notat som feilført"),
    "self-made": marked("Laget et grunnlag selv"),
    "erasure": marked("Foreslo å slette noe for godt"),
    "without-capacity": marked("Lot noen opptre for en pasient uten samtykkekompetanse"),
    "merge": marked("Slo sammen to journaler"),
    "unmerge": marked("Skilte to journaler"),
    "close": marked("Stengte en journal"),
    "reopen": marked("Åpnet en stengt journal"),
    "access-changed": marked("Et datasystem endret hvem som har tilgang"),
    "anomaly": marked("Oppslag som reiser spørsmål"),
    ASKED: marked("Pasienten spør om en lesning"),
}
BONDS: Final = {
    "stay": marked("innleggelse"),
    "contact": marked("kontakt"),
    "appointment": marked("time"),
    "referral": marked("henvisning"),
    "gp-list": marked("fastlegeliste"),
    "home-care": marked("tjeneste hjemme"),
    "care-team": marked("team rundt pasienten"),
    "task": marked("oppgave"),
    "reason": marked("oppgitt grunn"),
    "emergency": marked("nødsituasjon"),
    "own-part": marked("tjeneste som ikke er helsehjelp"),
}
"""What binds somebody else to a patient."""
STATES: Final = {**OWN_STATES, "self-made": marked("laget av leseren: det teller når noen andre har behandlet det")}
SOURCES: Final = {
    "Patient": marked("merking eller kobling av journalen"),
    "Consent": marked("samtykke"),
    "CareTeam": marked("team rundt pasienten"),
    "Encounter": marked("innleggelse eller kontakt"),
    "Appointment": marked("time"),
    "ServiceRequest": marked("henvisning"),
    "EpisodeOfCare": marked("tjeneste hjemme"),
    "Task": marked("oppgave"),
    "Composition": marked("notat"),
}
"""What was written to get or give access."""
LONGEST: Final = 100
MOST: Final = 20
"""As many as *find* shows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Why one role of somebody opens a record, or does not. It is not told of other organisations, where that would
    betray a confidential address."""

    role: str
    unit: str
    is_open: bool
    bonds: tuple[Line, ...]
    is_told: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One matter on the list, in words."""

    id: UUID
    at: str
    is_late: bool
    kind: str
    actor: str
    role: str
    patient: str
    said: str
    is_own: bool
    is_asked: bool = False
    """Whether a citizen asks, who is answered."""


async def show(request: Request, desk: Desk) -> Response:
    """GET the page; with `who` and `patient` (or `id`) it answers why that person may read, in each of the roles."""
    if not desk.permit.oversees:
        raise Forbidden("This page is for who answers for the access of others.")
    _ = language(desk.language)
    now = datetime.now(formats.OSLO)
    asked = {name: " ".join(request.query_params.get(name, "").split())[:LONGEST] for name in ("who", "patient", "id")}
    people = await staff_named(desk.door.pool, asked["who"]) if asked["who"] else []
    is_searched = asked["patient"] and not asked["id"]
    patients = await find(desk.door, desk.permit, asked["patient"]) if is_searched else []
    patient_id = patients[0].id if len(patients) == 1 else asked["id"]
    # Who was searched for is known by name; who came by id is looked up.
    about = [f"{one.name} ({one.birth_date[:4]})" if one.birth_date else one.name for one in patients]
    if patient_id and not patients:
        about = [_name(card, _) for card in await cards_of(desk.door, desk.permit, [patient_id])]
    answers = await _answers(desk, people[0], patient_id, _, now) if len(people) == 1 and patient_id else []
    waiting, cards = await to_review(desk.door, desk.permit)
    names = {login: await _named(desk, login) for login in {one.actor for one in waiting.matters}}
    return render(
        request,
        "workspace/oversight.html",
        desk=desk,
        asked=asked,
        people=people,
        patients=patients,
        patient_id=patient_id,
        patient=about[0] if len(about) == 1 else "",
        is_cut=len(patients) >= MOST,
        answers=answers,
        rows=_rows(waiting.matters, cards, names, desk, _, now),
        total=waiting.total,
        done=request.query_params.get("done") or "",
    )


async def _answers(desk: Desk, who: Account, patient_id: str, _: Language, now: datetime) -> list[Answer]:
    found = []
    for role in who.roles:
        reader = await for_work(
            desk.door.pool,
            login=who.login,
            name=who.name,
            kind=who.kind,
            role=role,
            patient_id=who.patient_id,
            request=desk.permit.request,
        )
        name = formats.in_text(role_name(role.code, desk.language))
        with suppress(NotFound):
            try:
                told = await explain(desk.door, desk.permit, patient_id, reader=reader)
            except Forbidden:
                found.append(Answer(name, role.unit_name, is_open=False, bonds=(), is_told=False))
                continue
            bonds = tuple(lines(told.bonds, _, now=now, kinds=BONDS, states=STATES))
            found.append(Answer(name, role.unit_name, told.opens is not None, bonds))
    return found


async def _named(desk: Desk, login: str) -> str:
    """Who somebody is, with the login that the question above takes; systems are called what they are called."""
    found = await account(desk.door.pool, login)
    return f"{found.name} ({login})" if found else login


def _rows(
    matters: Sequence[Matter],
    cards: Mapping[str, Card],
    names: Mapping[str, str],
    desk: Desk,
    _: Language,
    now: datetime,
) -> list[Row]:
    return [
        Row(
            id=one.id,
            at=formats.when(one.at, now=now, language=_),
            is_late=after(one.at, LOOK) < now if one.kind == ASKED else now - one.at > DUE,
            kind=_(KINDS.get(one.kind, marked("Endret tilgang"))),
            actor=names[one.actor],
            role=formats.in_text(role_name(one.role, desk.language))
            if one.kind != "access-changed"
            else _("datasystem"),
            patient=_name(cards.get(one.patient or ""), _),
            said=_asking(one.source, desk.language, _)
            if one.kind == "anomaly"
            else one.reason or _source(one.source, _),
            is_own=one.actor == desk.permit.actor,
            is_asked=one.kind == ASKED,
        )
        for one in matters
    ]


def _source(reference: str, _: Language) -> str:
    type_, slash, _id = reference.partition("/")
    return _(SOURCES.get(type_, type_)) if slash else ""


def _asking(source: str, language: str, _: Language) -> str:
    """What the rules ask that fit a look: `colleague,surname`, or `many 41 6` with how many there were and are."""
    told = []
    for part in source.split(","):
        code, *numbers = part.split()
        name = QUESTIONS[code].names[INDEX.get(language, 0)] if code in QUESTIONS else code
        if len(numbers) == 2:
            name = _("{rule}: {n} på en time, vanlig er {usual}", rule=name, n=numbers[0], usual=numbers[1])
        told.append(name)
    return "; ".join(told)


def _name(card: Card | None, _: Language) -> str:
    if card is None:
        return _("ingen enkelt pasient")
    name = f"{card.family.upper()}, {card.given}" if card.family else card.given
    return f"{name} ({card.birth[:4]})" if card.birth else name


async def review(request: Request, desk: Desk) -> Response:
    """POST: something was looked over. Nobody looks over what he did himself."""
    form = await request.form(max_fields=2, max_files=0)
    done = False
    with suppress(ValueError):
        done = await look_over(desk.door, desk.permit, UUID(str(form.get("id", ""))))
    return RedirectResponse(f"/workspace/oversight?done={'yes' if done else 'no'}#list", status_code=303)


async def answer(request: Request, desk: Desk) -> Response:
    """POST: answer a citizen who asks about a look."""
    form = await request.form(max_fields=4, max_files=0)
    done = "no"
    with suppress(ValueError, Conflict):
        try:
            await conversations.answer_look(
                desk.door, desk.permit, UUID(str(form.get("id", ""))), str(form.get("words", ""))[:4000]
            )
            done = "answered"
        except Invalid:
            done = "words"
    return RedirectResponse(f"/workspace/oversight?done={done}#list", status_code=303)
