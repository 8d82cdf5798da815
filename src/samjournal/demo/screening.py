# ruff: noqa: E501 - sentences stay on one line
"""Screening as it is offered in Norway: the breast, the cervix and the bowel. kreftregisteret.no/en/screening"""

from __future__ import annotations

from datetime import datetime, timedelta

from samjournal.demo.chart import HL7, ICPC2, LOINC, Resource, concept, encounter, note, to
from samjournal.demo.clock import instant
from samjournal.demo.illnesses import Both
from samjournal.demo.sites import clinic, someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life

YEARS = 5
PRIMARY_HPV = 2023
"""From that year on everybody is tested for HPV every five years; before it those under 34 had cytology every three."""


def invitations(life: Life) -> None:
    """Plan what somebody of that age and sex has come to; not all come each time."""
    start, woman = life.began(YEARS), life.person.woman
    phase = sum(map(ord, life.person.id))
    years = range(start.year, life.chart.clock.today.year + 1)
    for year in years:
        then = year - life.chart.born.year
        if (
            woman
            and 50 <= then <= 69
            and (year + phase) % 2 == 0
            and "X76" not in life.known
            and life.rng.random() < 0.76
        ):
            life.plan(_day(life, year), _breast)
        every = 3 if then < 34 and year < PRIMARY_HPV else 5
        if woman and 25 <= then <= 69 and (year + phase) % every == 0 and life.rng.random() < 0.68:
            life.plan(_day(life, year), _cervix)
        if 55 <= then <= 65 and year >= 2022 and (year + phase) % 2 == 1 and life.rng.random() < 0.6:
            life.plan(_day(life, year), _bowel)


def _day(life: Life, year: int) -> datetime:
    clock = life.chart.clock
    day = clock.today.replace(year=year, month=1, day=15) + timedelta(days=life.rng.randint(0, 330))
    if day >= clock.today:
        return clock.now + timedelta(days=400)
    return life.at_office(day)


def _breast(life: Life, when: datetime) -> None:
    if "X76" in life.known:
        return
    unit = clinic(life.person, "imaging")
    doctor = someone(unit, "doctor", life.rng)
    order = _order(life, doctor, when, ("Mammografiprogrammet", "Mammografiprogrammet"))
    told = ("Mammografi, to projeksjoner, tolket av to radiologer: ikke tegn til malignitet. Ny innkalling om to år.",
            "Mammografi, to projeksjonar, tolka av to radiologar: ikkje teikn til malignitet. Ny innkalling om to år.")  # fmt: skip
    _report(life, doctor, order, "RAD", "24606-6", when, told)


def _bowel(life: Life, when: datetime) -> None:
    unit = clinic(life.person, "laboratory")
    lab = someone(unit, "biomedical-scientist", life.rng)
    order = _order(life, lab, when, ("Tarmscreeningprogrammet", "Tarmscreeningprogrammet"))
    told = (
        "Avføringsprøve (iFOBT) uten påvist blod. Ny invitasjon om to år.",
        "Avføringsprøve (iFOBT) utan påvist blod. Ny invitasjon om to år.",
    )
    _report(life, lab, order, "LAB", "29771-3", when, told)


def _cervix(life: Life, when: datetime) -> None:
    if "W78" in life.known:
        return
    gp = life.person.gp
    visit = encounter(life.chart, gp, "AMB", when, when + timedelta(minutes=15), code=concept(ICPC2, "X37"))
    order = _order(life, gp, when, ("Livmorhalsprogrammet", "Livmorhalsprogrammet"))
    order["encounter"] = to(visit)
    told: Both = ("Celleprøve fra livmorhalsen tatt uten vansker.", "Celleprøve frå livmorhalsen teken utan vanskar.")
    note(
        life.chart,
        gp,
        when + timedelta(minutes=12),
        life.say(("Celleprøve", "Celleprøve")),
        life.say(told),
        encounter=visit,
    )
    positive = life.rng.random() < 0.06
    answer = (("HPV påvist (annen høyrisikotype), normal cytologi. Ny prøve om tolv måneder.", "HPV påvist (annan høgrisikotype), normal cytologi. Ny prøve om tolv månader.") if positive
              else ("HPV ikke påvist. Ny prøve om fem år.", "HPV ikkje påvist. Ny prøve om fem år."))  # fmt: skip
    if not positive and life.age(when) < 34 and when.year < PRIMARY_HPV:
        answer = ("Normal celleprøve. Ny prøve om tre år.", "Normal celleprøve. Ny prøve om tre år.")
    answered = when + timedelta(days=life.rng.randint(6, 16))
    if answered < life.chart.clock.now:
        lab = someone(clinic(life.person, "laboratory"), "biomedical-scientist", life.rng)
        _report(life, lab, order, "LAB", "77379-6", answered, answer)
    else:
        order["status"] = "active"


def _order(life: Life, by: Staff, when: datetime, what: Both) -> Resource:
    return life.chart.put(
        "ServiceRequest",
        "order",
        by,
        status="completed",
        intent="order",
        category=[{"text": life.say(("Screening", "Screening"))}],
        code={"text": life.say(what)},
        authoredOn=instant(when),
    )


def _report(life: Life, by: Staff, order: Resource, section: str, code: str, when: datetime, told: Both) -> None:
    life.chart.put(
        "DiagnosticReport",
        "report",
        by,
        status="final",
        basedOn=[to(order)],
        category=[{"coding": [{"system": f"{HL7}v2-0074", "code": section}]}],
        code=concept(LOINC, code),
        effectiveDateTime=instant(when),
        issued=instant(when),
        performer=[by.unit],
        conclusion=life.say(told),
    )
