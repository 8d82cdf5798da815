# ruff: noqa: E501 - sentences stay on one line
"""Referrals on their way, in each state, at the units where the personas work.

referred(chart)     of somebody of the cast, or of some patients of the personas' GP office
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from samjournal.demo.chart import ICD10, ICPC2, Chart, Resource, appointment
from samjournal.demo.clock import instant
from samjournal.demo.endpoints import SPECIALIST
from samjournal.demo.staff import Staff, worker
from samjournal.demo.units import units
from samjournal.messages import Outgoing, sending
from samjournal.messages.outgoing import stepped
from samjournal.referrals.limits import due
from samjournal.referrals.making import Written, ended, moved, requested, waiting, without_empty
from samjournal.referrals.states import State, Way, step
from samjournal.tasks.calendar import after

_OFFICE = "furutoppen-legesenter"
_EACH = 40
"""Of so many patients of the office one is referred as each story tells."""
_ADULT = 18


@dataclass(frozen=True, slots=True)
class _Story:
    """A referral: to whom, about what, sent so many hours ago, and how far it has come."""

    to: str
    about: str
    code: tuple[str, str]
    text: str
    questions: tuple[str, ...]
    hours: int
    state: State
    wanted: int = 28
    priority: str = "routine"
    words: str = ""
    child: bool = False


_STORIES = (
    _Story("medisin-3", "Hjertesvikt", (ICPC2, "K77"), "Økende tungpust og ødem siste tre uker tross økt vanndrivende. Ber om vurdering med tanke på innleggelse for justering.", ("Bør pasienten legges inn til opptrapping?",), 3, "received", 14),
    _Story("medisin-3", "Uklar anemi", (ICPC2, "B82"), "Hb falt fra 13,1 til 10,4 på tre måneder, ingen blødning funnet. Ber om utredning.", ("Er det grunnlag for skopi?",), 76, "received", 28),
    _Story("medisin-3", "Kols", (ICPC2, "R95"), "To forverringer på kort tid. Ber om vurdering av behandling og oksygen hjemme.", (), 48, "opened", 28),
    _Story("medisin-3", "Diabetes type 2", (ICPC2, "T90"), "HbA1c 78 tross tre legemidler. Ber om råd om videre behandling.", ("Er insulin neste steg?",), 150, "assessed", 91),
    _Story("medisin-3", "Atrieflimmer", (ICPC2, "K78"), "Nyoppdaget, frekvens 110 i hvile. Ber om ekko og plan.", (), 260, "booked", 28),
    _Story("ergo-fysio", "Fallfare", (ICPC2, "A23"), "Har falt to ganger hjemme. Ber om vurdering av styrke, balanse og hjelpemidler.", ("Trenger pasienten rullator?",), 20, "received", 28),
    _Story("ergo-fysio", "Kneartrose", (ICPC2, "L90"), "Smerter ved gange over 200 meter. Ber om opptrening.", (), 90, "opened", 91),
    _Story(SPECIALIST, "Brystsmerter", (ICPC2, "K01"), "Uspesifikke brystsmerter ved anstrengelse, normalt hvile-EKG. Ber om arbeids-EKG.", (), 70, "received", 28),
    _Story("medisin-3", "Hodepine", (ICPC2, "N01"), "Daglig hodepine i to måneder. Ber om utredning.", (), 220, "rejected", 28, words="Utredes av nevrologisk poliklinikk. Send dit med MR-svar."),
    _Story("steinkjer-helsestasjon", "Forsinket språk", (ICPC2, "P22"), "Snakker lite for alderen. Ber om vurdering og oppfølging.", (), 26, "received", 28, child=True),
    _Story("steinkjer-helsestasjon", "Vekt som flater ut", (ICPC2, "T10"), "Vekten har flatet ut fra 25- til 10-prosentilen. Ber om tettere kontroll.", ("Kan dere veie annenhver uke?",), 70, "opened", 14, child=True),
)  # fmt: skip
_RAGNHILD = (
    ("henrik", _Story("ergo-fysio", "Gangtrening etter hjertesvikt", (ICD10, "I50.9"), "Sengeliggende i fem dager, ustø ved gange til badet. Ber om vurdering og trening før hjemreise.", ("Trenger hun rullator hjem?", "Klarer hun trappen hjemme?"), 30, "opened", 2, "urgent")),
    ("henrik", _Story("egge-hjemmesykepleie", "Oppfølging hjemme etter hjertesvikt", (ICD10, "I50.9"), "Utskrives trolig innen få dager. Trenger veiing hver morgen, støttestrømper og hjelp med dosett.", ("Kan dere starte samme dag som hun kommer hjem?",), 2, "received", 2, "urgent")),
    ("magnus", _Story("hjertepoliklinikken", "Hjertesvikt", (ICPC2, "K77"), "Kjent hjertesvikt. Ber om kontroll og råd om videre opptrapping.", (), 24 * 200, "done", 91)),
)  # fmt: skip
_ODIN = (("magnus", _Story("barnepoliklinikken", "Astma", (ICPC2, "R96"), "Nattlig hoste tross forebyggende behandling. Ber om vurdering av behandlingsplan.", ("Bør dosen økes før vinteren?",), 24 * 9, "assessed", 28)),)  # fmt: skip
_WAY: dict[State, tuple[State, ...]] = {
    "received": (),
    "opened": ("opened",),
    "assessed": ("opened", "assessed"),
    "booked": ("opened", "assessed", "booked"),
    "done": ("opened", "assessed", "done"),
    "rejected": ("opened", "rejected"),
}
_TAKEN = {"opened": 0.15, "assessed": 0.5, "rejected": 0.5, "booked": 0.7, "done": 0.95}
"""After which part of the time since it was sent each step was taken."""


def referred(chart: Chart) -> None:
    """Put what somebody was referred for into the chart."""
    if chart.id == "ragnhild":
        for login, story in _RAGNHILD:
            _refer(chart, worker(login, "medisin-3") if login == "henrik" else worker(login), story)
    elif chart.id == "odin":
        for login, story in _ODIN:
            _refer(chart, worker(login), story)
    elif _is_of_the_office(chart):
        place = int.from_bytes(sha256(f"referred {chart.id}".encode()).digest()[:4], "big") % _EACH
        grown = chart.age >= _ADULT
        some = [story for story in _STORIES if story.child != grown]
        if place < len(some) and (grown or chart.age < 6):
            _refer(chart, worker("magnus"), some[place])


def _is_of_the_office(chart: Chart) -> bool:
    patient = chart.patient
    alive = not any(name.startswith("deceased") for name in patient) and patient.get("active", True)
    offices = {one.get("reference") for one in patient.get("generalPractitioner", ())}
    return alive and f"Organization/{_OFFICE}" in offices and "meta" not in patient


def _refer(chart: Chart, by: Staff, story: _Story) -> None:
    """The ServiceRequest, its Task, and what came of it."""
    sent = min(chart.clock.now - timedelta(hours=story.hours), chart.clock.now - timedelta(minutes=40))
    id_ = chart.number("referred")
    receiver = _unit(story.to)
    me = {**by.reference}
    way: Way = "message" if story.to == SPECIALIST else "shared"
    document = str(UUID(bytes=sha256(f"document {id_}".encode()).digest()[:16]))
    written = Written(
        about=story.about,
        code=story.code[1],
        system=story.code[0],
        priority=story.priority,
        help_by=(sent + timedelta(days=story.wanted)).date().isoformat(),
        text=story.text,
        questions=story.questions,
    )
    source = {"meta": {"source": f"Organization/{by.role.organization_id}"}}
    request = requested(written, id_=id_, patient=chart.id, requester=me, receiver=receiver, document=document, at=sent)
    request = without_empty({**request, "subject": chart.reference})
    sender = {**by.unit}
    steps = [step("signed", sent, by=me), step("sent", sent), step("received", sent)]
    task = waiting(
        request, sender=sender, receiver=receiver, requester=me, way=way, steps=steps, now=sent,
        words=f"Henvisning: {story.about}",
    )  # fmt: skip
    if way == "message":
        chart.resources.append(_message(chart, request, sender, me, receiver, document, sent) | source)
        task = moved(task, until=after(sent, 10), now=sent)
        task["status"] = "requested"
    for state in _WAY[story.state]:
        task, request = _taken(chart, story, state, task, request, sent)
    chart.resources += [request | source, {**task, "for": chart.reference} | source]


def _taken(
    chart: Chart, story: _Story, state: State, task: Resource, request: Resource, sent: datetime
) -> tuple[Resource, Resource]:
    """The Task and the request when one step more was taken."""
    at = sent + (chart.clock.now - sent) * _TAKEN[state]
    who = _somebody(story.to)
    by = who.reference if who else None
    if state == "assessed":
        until = (at + timedelta(days=story.wanted)).date().isoformat()
        taken, deadline = step(state, at, by=by, right=True, until=until), until
    elif state == "booked":
        turn = chart.clock.weekday(6, 10, 30)
        visit = appointment(chart, [_unit(story.to)], turn, 30, story.about, booked=at.date())
        visit["basedOn"] = [{"reference": f"ServiceRequest/{request['id']}"}]
        taken = step(state, at, by=by, until=turn.date().isoformat(), leads_to=f"Appointment/{visit['id']}")
        deadline = instant(turn)
    else:
        taken, deadline = step(state, at, by=by, words=story.words if state == "rejected" else ""), ""
    last = None
    if state not in ("done", "rejected"):
        last = due(state, priority=story.priority, received=sent, now=at, until=deadline)
    task = moved(task, taken, until=last, now=at)
    if state == "done":
        request = ended(request, "completed", at)
    elif state == "rejected":
        request, task = ended(request, "revoked", at), {**task, "statusReason": {"text": story.words}}
    return task, request


def _message(
    chart: Chart, request: Resource, sender: Resource, me: Resource, receiver: Resource, document: str, sent: datetime
) -> Resource:
    """The message to a receiver outside, which he has taken over."""
    number = UUID(bytes=sha256(f"number {document}".encode()).digest()[:16])
    (change,) = sending(
        Outgoing(
            kind=("HENVISNING", "Henvisning"),
            about=f"ServiceRequest/{request['id']}",
            patient=chart.id,
            sender=sender,
            by=me,
            receiver=receiver,
            endpoint=SPECIALIST,
            document=document,
            text=str(request["note"][0]["text"]),
            id=f"{request['id']}-message",
            number=str(number),
        ),
        sent,
    )
    made: Resource = dict(change.resource or {})
    for minutes, state in ((1, "queued"), (1, "transported"), (4, "accepted")):
        made = stepped(made, state, sent + timedelta(minutes=minutes))  # type: ignore[arg-type]
    return made


def _unit(id_: str) -> Resource:
    name = "Midtbyen hjertelegepraksis" if id_ == SPECIALIST else units()[id_].name
    return {"reference": f"Organization/{id_}", "display": name}


def _somebody(id_: str) -> Staff | None:
    """Who takes referrals at a unit: a persona, or somebody who can sign in there."""
    logins = {"medisin-3": "turid", "ergo-fysio": "live", "egge-hjemmesykepleie": "solveig",
              "steinkjer-helsestasjon": "silje", "hjertepoliklinikken": "marte", "barnepoliklinikken": "jonas"}  # fmt: skip
    return worker(logins[id_]) if id_ in logins else None
