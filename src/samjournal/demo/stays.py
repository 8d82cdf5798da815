"""Stays in hospital wards: who is admitted for what, and everything until discharge, or until today.

hl7.org/fhir/R4/encounter.html
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from samjournal.demo import ward_days as days
from samjournal.demo.beds import Lying
from samjournal.demo.chart import ICD10, ICPC2, Resource, concept, encounter, note, period, problem, to
from samjournal.demo.clock import instant
from samjournal.demo.courses import Course
from samjournal.demo.courses_medicine import MEDICINE
from samjournal.demo.courses_surgery import SURGERY
from samjournal.demo.home_visits import begin as begin_home_care
from samjournal.demo.illnesses import Illness
from samjournal.demo.nursing_home import short_stay
from samjournal.demo.sites import crew, fields_of, ward
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.unit import Unit
from samjournal.demo.writing import in_season, inside

COURSES: tuple[Course, ...] = (*MEDICINE, *SURGERY)
YEARS = 4
"""How far back stays are told."""
BEGIN_IN_HOSPITAL = {"K90": "I63.9", "K76": "I21.4", "X76": "C50.9"}
"""Illnesses that begin with a stay, and which."""

_PAIRS = """
A46 S76  C50.9 X76  E11.9 T90  E86 T11  E87.1 T99  I21.4 K75  I48.9 K78  I50.9 K77  I63.9 K90  J10.1 R80  J18.9 R81
J21.9 R78  J44.1 R95  K35.8 D88  K57.3 D92  K80.2 D98  K92.2 D86  M16.9 L89  N10 U70  N20.1 U95  N39.0 U70  S06.0 N79
S52.5 L72  S72.0 L75
"""
AT_THE_GP = dict(zip(_PAIRS.split()[::2], _PAIRS.split()[1::2], strict=True))
"""What the GP codes after a stay (ICPC-2) for what the hospital called it (ICD-10)."""

# Age from, and stays in a year.
_A_YEAR = ((0, 0.12), (2, 0.035), (16, 0.03), (45, 0.05), (67, 0.13), (80, 0.26))
_MALE = ("han", "han")
_FEMALE = ("hun", "ho")


def plan_stays(life: Life) -> None:
    """Plan the admissions of the years behind; what for is known when they come."""
    day = life.began(YEARS)
    while True:
        yearly = next(rate for start, rate in reversed(_A_YEAR) if life.age(day) >= start)
        day += timedelta(days=max(30, round(life.rng.expovariate(yearly / 365))))
        if day >= life.chart.clock.today - timedelta(days=12):
            return
        life.plan(_arrival(life, day), _admit_some)


def begins_with(life: Life, illness: Illness, since: date) -> None:
    """The stay that an illness began with."""
    course = next(course for course in COURSES if course.icd == BEGIN_IN_HOSPITAL[illness.icpc])
    when = _arrival(life, since)
    if when < life.chart.clock.at(-14, 0):
        life.plan(when, lambda life, when: _admit(life, course, when))


def _arrival(life: Life, day: date) -> datetime:
    back = (day - life.chart.clock.today).days
    return life.chart.clock.at(back, life.rng.randint(8, 23), life.rng.randint(0, 59))


def _admit_some(life: Life, when: datetime) -> None:
    fits = _fitting(life, when, COURSES)
    if fits:
        _admit(life, life.rng.choices(fits, [course.often for course in fits])[0], when)


def _fitting(life: Life, when: datetime, courses: tuple[Course, ...]) -> list[Course]:
    years, woman = life.age(when), life.person.woman
    return [
        course
        for course in courses
        if course.ages[0] <= years <= course.ages[1]
        and in_season(course.story[0], when.month)
        and in_season(course.found[0], when.month)
        and (course.icpc is None or course.icpc in life.known)
        and course.icd not in BEGIN_IN_HOSPITAL.values()
        and not course.hinders & life.codes
        and not (course.women_only and not woman)
        and not (course.men_only and woman)
        and "W78" not in life.known
    ]


def _admit(life: Life, course: Course, when: datetime) -> None:
    """A stay that is over by now."""
    if course.planned:
        days_back = (when.date() - life.chart.clock.today).days + 1
        while life.chart.clock.day(days_back).weekday() > 4:
            days_back += 1
        when = life.chart.clock.at(days_back, 7, 20)
    nights = life.rng.randint(*course.days)
    until = life.chart.clock.at((when.date() - life.chart.clock.today).days + nights, life.rng.randint(11, 14), 10)
    unit = ward(life.person, course.field)
    stay = _begin(life, course, unit, when, until, None)
    life.away_until = until
    _discharge(life, course, unit, stay, until)


def in_bed(life: Life, lying: Lying) -> None:
    """The stay that goes on today, in the bed that was given."""
    came = _arrival(life, lying.since)
    fields = fields_of(lying.unit)
    fits = _fitting(life, came, tuple(course for course in COURSES if course.field in fields))
    fits = fits or _fitting(life, came, COURSES) or list(MEDICINE[:1])
    course = life.rng.choices(fits, [course.often for course in fits])[0]
    life.plan(came, lambda life, when: _lie(life, course, lying, when))


def _lie(life: Life, course: Course, lying: Lying, came: datetime) -> None:
    stay = _begin(life, course, lying.unit, came, None, lying.place)
    life.away_until = life.chart.clock.now
    doctor = _doctors(lying.unit)[0]
    clock = life.chart.clock
    leaves = clock.day(life.rng.randint(1, 4))
    for request in life.medicines.taken.values():
        atc = request.drug.atc
        if atc in {drug.atc for drug in course.drugs}:
            life.medicines.pause(
                atc,
                life.say(("Satt på pause: erstattet under innleggelsen", "Sett på pause: erstatta under innlegginga")),
            )
        elif atc.startswith(course.pauses):
            name = life.say(course.name).lower()
            life.medicines.pause(atc, life.say((f"Satt på pause: {name}", f"Sett på pause: {name}")))
    life.chart.put(
        "CarePlan",
        "plan",
        doctor,
        status="active",
        intent="plan",
        title=life.say(("Plan for oppholdet", "Plan for opphaldet")),
        description=life.say(course.home).format(han=_pronoun(life)),
        encounter=to(stay),
        period=period(came.date(), leaves),
        activity=[
            {"detail": {"status": "in-progress", "description": life.say(text)}} for text in course.ongoing or _WATCH
        ],
    )
    asked = min(came + timedelta(hours=2), clock.now)
    life.chart.put(
        "Task",
        "task",
        doctor,
        status="requested",
        intent="order",
        description=life.say(("Epikrise ved utskrivning", "Epikrise ved utskriving")),
        authoredOn=instant(asked),
        lastModified=instant(asked),
        owner=doctor.reference,
        restriction={"period": {"end": instant(clock.next(12, 0, days=(leaves - clock.today).days))}},
    )


_WATCH = (("Målinger hver åttende time", "Målingar kvar åttande time"),)


def _begin(
    life: Life, course: Course, unit: Unit, came: datetime, until: datetime | None, place: Resource | None
) -> Resource:
    """Everything from arrival to the last day."""
    chart, doctor = life.chart, life.rng.choice(_doctors(unit))
    name = life.say(course.name)
    code = concept(ICD10, course.icd, name)
    stay = encounter(
        chart, doctor, "IMP", came, until, type_=life.say(("Innleggelse", "Innlegging")), place=place, code=code
    )
    known = problem(
        chart,
        doctor,
        (ICD10, course.icd),
        name,
        since=came.date() if until else came,
        recorded=came,
        active=until is None,
        ended=until.date() if until else None,
    )
    known["encounter"] = to(stay)
    stay["diagnosis"] = [{"condition": to(known, name)}]
    stay["priority"] = {
        "text": life.say(("Planlagt", "Planlagd") if course.planned else ("Øyeblikkelig hjelp", "Augeblikkeleg hjelp"))
    }
    days.treat(life, course, doctor, stay, known, came, until)
    days.measure(life, course, unit, stay, came, until)
    days.write(life, course, unit, stay, came, until, _pronoun(life))
    if course.procedure:
        start = came + timedelta(hours=3)
        chart.put(
            "Procedure",
            "procedure",
            doctor,
            status="completed",
            code={"text": life.say(course.procedure)},
            encounter=to(stay),
            performedPeriod=period(start, start + timedelta(minutes=life.rng.randint(35, 110))),
            reasonReference=[to(known, name)],
        )
    return stay


def _discharge(life: Life, course: Course, unit: Unit, stay: Resource, until: datetime) -> None:
    """The discharge summary with the medicines to go home with, and what comes after."""
    doctor = life.rng.choice(_doctors(unit))
    leaves = days.take_home(life, course, doctor, stay, until)
    years = life.age(until)
    home = life.say(course.home).format(han=_pronoun(life))
    facts = [life.say(course.story).format(han=_pronoun(life)), f"{life.say(course.started)} {life.say(course.better)}"]
    note(
        life.chart,
        doctor,
        until - timedelta(minutes=20),
        f"Epikrise {unit.name.split(',')[0]}",
        *facts,
        home,
        days.medicine_list(life, leaves),
        kind="Epikrise",
        encounter=stay,
    )
    stay["hospitalization"] = {"dischargeDisposition": {"text": life.say(("Hjem", "Heim"))}}
    to_home = course.field in ("bones", "stroke") and years >= 70 and not course.planned
    if to_home and life.rng.random() < 0.7:
        stay["hospitalization"]["dischargeDisposition"]["text"] = life.say(
            ("Kommunalt korttidsopphold", "Kommunalt korttidsopphald")
        )
        short_stay(life, until + timedelta(hours=2))
        if life.rng.random() < 0.6:
            life.plan((life.away_until or until) + timedelta(hours=6), begin_home_care)
    if course.after:
        when = life.at_office(until.date() + timedelta(days=course.after))
        life.plan(when, lambda life, when: _at_the_gp(life, course, when))


def _at_the_gp(life: Life, course: Course, when: datetime) -> None:
    """The first appointment after the stay."""
    gp, name = life.person.gp, life.say(course.name)
    code = concept(ICPC2, AT_THE_GP[course.icd], name)
    visit = encounter(life.chart, gp, "AMB", when, when + timedelta(minutes=20), code=code)
    sentences = _AFTER if life.age(when) >= 16 else _AFTER_CHILD
    told = life.say(life.draw(sentences, when)).format(what=inside(name.split(",")[0]))
    renewed = life.medicines.renew(gp, when, visit)
    more = life.say(("Medisinlista er samstemt med epikrisen.", "Medisinlista er samstemd med epikrisen."))
    more += life.say((" Resepter fornyet.", " Reseptar fornya.")) if renewed else ""
    note(
        life.chart,
        gp,
        when + timedelta(minutes=20),
        life.say(("Etter innleggelse", "Etter innlegging")),
        told,
        more,
        encounter=visit,
    )


_AFTER = (
    (
        "Første time etter innleggelsen for {what}. Sliten, men på bedringens vei. Spiser og sover.",
        "Første time etter innlegginga for {what}. Sliten, men på betringsveg. Et og søv.",
    ),
    (
        "Kontroll etter {what}. Har lest epikrisen selv og lurer på når trening kan tas opp. Ingen feber.",
        "Kontroll etter {what}. Har lese epikrisen sjølv og lurer på når trening kan takast opp att. Ingen feber.",
    ),
    (
        "Hjemme siden utskrivningen, ingen nye plager etter {what}. Går korte turer.",
        "Heime sidan utskrivinga. Ingen nye plager etter {what}. Går korte turar.",
    ),
)


_AFTER_CHILD = (
    (
        "Kontroll etter {what} med en av foreldrene. Spiser, sover og leker som før. Ingen feber.",
        "Kontroll etter {what} med ein av foreldra. Et, søv og leikar som før. Ingen feber.",
    ),
)


def _doctors(unit: Unit) -> tuple[Staff, ...]:
    return crew(unit, "doctor")


def _pronoun(life: Life) -> str:
    return life.say(_FEMALE if life.person.woman else _MALE)
