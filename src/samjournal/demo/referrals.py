"""From the GP's question to the specialist's answer: a referral, a contact at the clinic, a letter back.

hl7.org/fhir/R4/servicerequest.html
"""

from __future__ import annotations

from datetime import datetime, timedelta

from samjournal.demo.chart import (
    HL7,
    ICPC2,
    LOINC,
    Resource,
    appointment,
    concept,
    encounter,
    note,
    period,
    to,
)
from samjournal.demo.clock import instant
from samjournal.demo.letters import LETTERS, Letter
from samjournal.demo.sites import clinic, reference, someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.unit import Unit

_NAMES = {
    "heart": ("Hjertepoliklinikk", "Hjartepoliklinikk"),
    "lung": ("Lungepoliklinikk", "Lungepoliklinikk"),
    "kidney": ("Nyrepoliklinikk", "Nyrepoliklinikk"),
    "mind": ("Psykisk helsevern, voksne", "Psykisk helsevern, vaksne"),
    "young mind": ("BUP", "BUP"),
    "nerve": ("Nevrologisk poliklinikk", "Nevrologisk poliklinikk"),
    "bones": ("Ortopedisk poliklinikk", "Ortopedisk poliklinikk"),
    "urine": ("Urologisk poliklinikk", "Urologisk poliklinikk"),
    "bowel": ("Kirurgisk poliklinikk", "Kirurgisk poliklinikk"),
    "ear": ("Øre-nese-hals", "Øyre-nase-hals"),
    "eye": ("Øyepoliklinikk", "Augepoliklinikk"),
    "imaging": ("Bildediagnostikk", "Biletdiagnostikk"),
}
_REVMA = ("Revmatologisk poliklinikk", "Revmatologisk poliklinikk")
_WAITS = {"imaging": (2, 24), "mind": (30, 90), "young mind": (30, 85)}


def refer(life: Life, by: Staff, field: str, code: str, when: datetime, visit: Resource | None) -> Resource | None:
    """Ask a specialist; the contact comes when it is the patient's turn, or is booked when that lies ahead."""
    letters = LETTERS.get(code)
    if letters is None:
        return None
    letter, unit = life.rng.choice(letters), clinic(life.person, field)
    side = life.rng.choice((("venstre", "venstre"), ("høyre", "høgre")))
    title = life.say(_REVMA if code == "L88" else _NAMES[field])
    waits = life.rng.randint(*_WAITS.get(field, (14, 75)))
    turn = _turn(life, when, waits)
    request = life.chart.put(
        "ServiceRequest",
        "referral",
        by,
        status="active",
        intent="order",
        category=[{"text": life.say(("Henvisning", "Tilvising"))}],
        code={"text": title},
        encounter=to(visit) if visit else None,
        authoredOn=instant(when + timedelta(minutes=15)),
        occurrencePeriod=period(when, when + timedelta(days=waits + 14)),
        reasonCode=[concept(ICPC2, code)],
        performer=[reference(unit)],
        note=[{"text": life.say(letter.asked).format(side=life.say(side))}],
    )
    if turn > life.chart.clock.now:
        _book(life, unit, turn, title, when)
    else:
        event = _examine if field == "imaging" else _see
        life.plan(turn, lambda life, when: event(life, request, letter, unit, when), later=True)
    return request


def _turn(life: Life, when: datetime, waits: int) -> datetime:
    """A time in opening hours after so many days; a working day that lies further back is not meant."""
    days, hour, minute = (
        (when.date() - life.chart.clock.today).days + waits,
        life.rng.randint(8, 14),
        life.rng.choice((0, 30)),
    )
    turn = life.chart.clock.weekday(days, hour, minute)
    while turn < when + timedelta(hours=12):
        days += 1
        turn = life.chart.clock.weekday(days, hour, minute)
    return turn


def _book(life: Life, unit: Unit, turn: datetime, title: str, when: datetime) -> None:
    if life.rng.random() < 0.5 and not life.died:
        booked = min(when.date() + timedelta(days=life.rng.randint(1, 9)), life.chart.clock.today)
        appointment(life.chart, [reference(unit)], turn, 30, title, booked=booked)


def _see(life: Life, request: Resource, letter: Letter, unit: Unit, when: datetime) -> None:
    """The patient is seen, and the answer goes back to the GP."""
    doctor = someone(unit, "psychologist" if "Psykisk" in request["code"]["text"] else "doctor", life.rng)
    visit = encounter(
        life.chart,
        doctor,
        "AMB",
        when,
        when + timedelta(minutes=40),
        code=request["reasonCode"][0],
        type_="Poliklinikk",
    )
    visit["basedOn"] = [to(request)]
    _close(request, when)
    title = f"{life.say(('Poliklinisk epikrise', 'Poliklinisk epikrise'))}: {request['code']['text']}"
    texts = [life.say(text).format(side="venstre") for text in (letter.found, letter.concluded)]
    note(life.chart, doctor, when + timedelta(minutes=45), title, *texts, kind="Epikrise", encounter=visit)


def _examine(life: Life, request: Resource, letter: Letter, unit: Unit, when: datetime) -> None:
    """An examination with a written answer and no consultation."""
    radiologist = someone(unit, "doctor", life.rng)
    _close(request, when)
    life.chart.put(
        "DiagnosticReport",
        "report",
        radiologist,
        status="final",
        basedOn=[to(request)],
        category=[{"coding": [{"system": f"{HL7}v2-0074", "code": "RAD"}]}],
        code=concept(LOINC, "18748-4"),
        effectiveDateTime=instant(when),
        issued=instant(when + timedelta(hours=3)),
        performer=[radiologist.reference, radiologist.unit],
        conclusion=f"{life.say(letter.found)} {life.say(letter.concluded)}",
    )


def _close(request: Resource, when: datetime) -> None:
    del request["occurrencePeriod"]
    request["status"] = "completed"
    request["occurrenceDateTime"] = instant(when)
