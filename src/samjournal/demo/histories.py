"""What a life leaves in the record, told in the order it happened: contacts, illnesses, stays, services, plans."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from samjournal.demo.beds import Lying
from samjournal.demo.births import born, pregnancies
from samjournal.demo.chart import ATC, Chart, allergy, appointment, family, no_known_allergy
from samjournal.demo.childhood import childhood
from samjournal.demo.clock import Clock, clock
from samjournal.demo.controls import YEARS, diagnose, draw_illnesses, onset, renewals
from samjournal.demo.deaths import close, died
from samjournal.demo.home_visits import book_next, draw_home_care
from samjournal.demo.inhabitants import Person
from samjournal.demo.medication import Medicines
from samjournal.demo.medication import suits as suits
from samjournal.demo.moments import past_day
from samjournal.demo.names import first_names
from samjournal.demo.nursing_home import move_in
from samjournal.demo.people import patient
from samjournal.demo.screening import invitations
from samjournal.demo.stays import BEGIN_IN_HOSPITAL, begins_with, in_bed, plan_stays
from samjournal.demo.timeline import Life
from samjournal.demo.vaccines import grown_up_vaccines
from samjournal.demo.visits import short_illnesses
from samjournal.fhir.identifiers import DNR, FNR, age

_SCHOOL_AGE_FROM = 1995
"""Those born since then have their childhood vaccines in the national register."""


def life(
    person: Person,
    time: Clock,
    rng: Random,
    *,
    household: dict[str, Person],
    lying: Lying | None = None,
    turn: int = 0,
) -> Chart:
    """One inhabitant's chart, as rich as age and illness make it; `lying` is the bed that somebody has today, `turn`
    his number on the list of the GP, who sees each at an hour of his own.

    For somebody who has died the clock stops at death, so that nothing can come after.
    """
    ended = died(person, time)
    chart = begin(person, clock(ended) if ended else time, household=household, today=time)
    told = Life(person, chart, rng, household, Medicines(chart, person.place.language == "nn"), died=bool(ended))
    _family(told, time)
    _allergies(told)
    _illnesses(told)
    if chart.born.year >= _SCHOOL_AGE_FROM:
        born(chart, person)
        childhood(chart, person, rng, told.plan)
    for part in (short_illnesses, plan_stays, invitations, pregnancies, draw_home_care, renewals):
        part(told)
    _today(told, lying)
    told.run()
    if chart.age >= 16:
        grown_up_vaccines(told)
    if ended:
        close(told)
    elif not lying:
        _ahead(told, turn)
    return chart


def begin(
    person: Person, time: Clock, *, household: dict[str, Person] | None = None, today: Clock | None = None
) -> Chart:
    """The chart with the Patient alone. `today` is another time than the chart's for somebody who has died."""
    made = patient(
        person.id,
        person.given,
        person.family,
        woman=person.woman,
        born=person.born,
        number=person.number,
        home=person.home,
        gp=person.gp,
        phone=person.phone,
        language=person.language,
        marital=_marital(person, household or {}, today or time),
        number_system=number_system(person.number),
    )
    return Chart(made, time, born=person.born)


def number_system(number: str) -> str:
    """Whether it is a birth number or a D-number: those have 4 added to the first digit."""
    return DNR if number[0] in "4567" else FNR


def _marital(person: Person, household: dict[str, Person], today: Clock) -> tuple[str, str] | None:
    partner = household.get(person.partner or "")
    if partner and died(partner, today) and not died(person, today):
        return ("W", "Enke" if person.woman else "Enkemann")
    married = person.partner and age(person.born, today.today) >= 27
    return ("M", "Gift") if married else None


def _family(told: Life, today: Clock) -> None:
    """Parents of a child; whoever is nearest for somebody older."""
    person, chart, rng = told.person, told.chart, told.rng
    for id_ in person.parents:
        parent = told.household[id_]
        number = {"system": number_system(parent.number), "value": parent.number}
        relation, code = ("Mor", "MTH") if parent.woman else ("Far", "FTH")
        family(
            chart, relation, parent.given, parent.family, code=code, phone=parent.phone, number=number, responsible=True
        )
    if chart.age < 60:
        return
    partner = told.household.get(person.partner or "")
    if partner and not died(partner, today):
        relation = "Ektefelle" if chart.age >= 27 else "Samboer"
        family(
            chart,
            told.say((relation, relation.replace("Samboer", "Sambuar"))),
            partner.given,
            partner.family,
            code="SPS",
            phone=partner.phone,
        )
    elif rng.random() < 0.85:
        woman = rng.random() < 0.55
        name = rng.choice(first_names(woman=woman, birth_year=person.born.year + 29))
        relation, code = ("Datter", "DAUC") if woman else (told.say(("Sønn", "Son")), "SONC")
        family(chart, relation, name, person.family, code=code, phone=f"+479991{rng.randint(0, 9999):04}")


_ALLERGIES = (
    (("Penicillin", "Penicillin"), ("Utslett", "Utslett"), (ATC, "J01C"), True, 0.35),
    (("Bjørkepollen", "Bjørkepollen"), ("Rennende nese og øyne", "Rennande nase og auge"), None, False, 0.3),
    (("Nøtter", "Nøtter"), ("Hevelse i leppene", "Heving i leppene"), None, True, 0.12),
    (("Nikkel", "Nikkel"), ("Eksem", "Eksem"), None, False, 0.13),
    (("Ibuprofen", "Ibuprofen"), ("Tung pust", "Tung pust"), (ATC, "M01AE01"), True, 0.10),
)


def _allergies(told: Life) -> None:
    """Some have an allergy, most were asked and have none, and some were never asked."""
    chart, rng, gp = told.chart, told.rng, told.person.gp
    drawn = rng.random()
    if chart.age < 1 or drawn > 0.72:
        return
    recorded = past_day(chart, rng, 3000)
    if drawn > 0.16:
        no_known_allergy(chart, gp, recorded)
        return
    text, reaction, code, high, _ = rng.choices(_ALLERGIES, [row[4] for row in _ALLERGIES])[0]
    told.allergic = text[0]
    allergy(
        chart, gp, told.say(text), told.say(reaction), when=str(recorded.year), recorded=recorded, code=code, high=high
    )


def _illnesses(told: Life) -> None:
    drawn = [(illness, onset(told, illness)) for illness in draw_illnesses(told)]
    told.before = frozenset(illness.icpc for illness, since in drawn if since < told.began(YEARS))
    for illness, since in drawn:
        in_hospital = illness.icpc in BEGIN_IN_HOSPITAL and since >= told.began(YEARS)
        if in_hospital:
            begins_with(told, illness, since)
        diagnose(told, illness, since, after_stay=in_hospital)


def _today(told: Life, lying: Lying | None) -> None:
    """Where somebody lies today, or lived until death."""
    if lying and lying.at_home:
        came = max(
            told.chart.clock.at((lying.since - told.chart.clock.today).days, 11, 10), told.at_office(told.began(4))
        )
        told.plan(came, lambda told, when: move_in(told, lying.unit, lying.place, when, None))
    elif lying:
        in_bed(told, lying)
    elif told.died and told.chart.age >= 76 and told.person.partner is None and told.rng.random() < 0.5:
        wards = told.person.place.units("Sykehjemsavdeling")
        came = told.chart.clock.at(-told.rng.randint(20, 800), 11, 30)
        until = told.chart.clock.now
        unit = told.rng.choice(wards)
        told.plan(came, lambda told, when: move_in(told, unit, None, when, until))


def _ahead(told: Life, turn: int) -> None:
    """A booked appointment at the GP's for some, and the next visit for those who have help at home."""
    book_next(told)
    chart, rng, gp = told.chart, told.rng, told.person.gp
    if rng.random() > (0.4 if told.known else 0.12):
        return
    day, third = divmod(turn * _STRIDE % (_DAYS * _A_DAY), _A_DAY)
    start = chart.clock.at(chart.clock.working(day + 1), 8 + third // 3, third % 3 * 20)
    if any(one.get("start", "")[:10] == start.date().isoformat() for one in chart.resources):
        return  # One thing a day is enough.
    what = rng.choice(_BOOKED) if told.known else ("Legetime", "Legetime")
    booked = max(chart.clock.day(-rng.randint(1, 20)), chart.born + timedelta(days=1))
    appointment(chart, [gp.reference, gp.unit], start, 20, told.say(what), booked=min(booked, chart.clock.today))


_DAYS, _A_DAY = 62, 21
"""So many working days ahead a GP has times, and so many on each: three an hour from eight."""
_STRIDE = 389
"""From one on the list to the next: a prime, so that no two of the list have the same time."""
_BOOKED = (
    ("Kontroll hos fastlegen", "Kontroll hos fastlegen"),
    ("Blodprøver", "Blodprøver"),
    ("Årskontroll", "Årskontroll"),
)
