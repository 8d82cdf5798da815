"""Vaccines: the children's programme as it was for each year's children, and what grown-ups are given.

fhi.no/en/va/childhood-immunisation-programme
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from samjournal.demo.chart import ATC, Chart, Resource, concept
from samjournal.demo.inhabitants import Person
from samjournal.demo.sites import crew, service
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life


@dataclass(frozen=True, slots=True)
class Dose:
    """A vaccine of the programme: at so many weeks, or in a class at school; for those born from one year to another.

    `boys_from`: the first year of birth of the boys who are offered it.
    """

    atc: str
    number: int
    weeks: int = 0
    grade: int = 0
    born: tuple[int, int] = (1995, 9999)
    boys_from: int = 0

    def is_for(self, person: Person) -> bool:
        """Whether the programme had it for somebody born then."""
        year = person.born.year
        return self.born[0] <= year <= self.born[1] and (person.woman or year >= self.boys_from)


ROTA, SIX, FIVE, PNEUMOCOCCI = "J07BH01", "J07CA09", "J07CA06", "J07AL02"
MMR, FOUR, HPV = "J07BD52", "J07CA02", "J07BM03"
THREE, HIB, POLIO = "J07AJ51", "J07AG01", "J07BF03"

PROGRAMME: tuple[Dose, ...] = (
    Dose(ROTA, 1, weeks=6, born=(2015, 9999)),
    Dose(ROTA, 2, weeks=13, born=(2015, 9999)),
    *(Dose(SIX, number, weeks=weeks, born=(2017, 9999)) for number, weeks in ((1, 13), (2, 22), (3, 53))),
    *(Dose(FIVE, number, weeks=weeks, born=(1998, 2016)) for number, weeks in ((1, 13), (2, 22), (3, 53))),
    *(
        Dose(atc, number, weeks=weeks, born=(1995, 1997))
        for number, weeks in ((1, 13), (2, 22), (3, 44))
        for atc in (THREE, HIB, POLIO)
    ),
    *(Dose(PNEUMOCOCCI, number, weeks=weeks, born=(2006, 9999)) for number, weeks in ((1, 13), (2, 22), (3, 53))),
    Dose(MMR, 1, weeks=65),
    Dose(FOUR, 4, grade=2),
    Dose(MMR, 2, grade=6),
    Dose(HPV, 1, grade=7, born=(1997, 9999), boys_from=2006),
    Dose(HPV, 2, grade=7, born=(1997, 9999), boys_from=2006),
    Dose(FOUR, 5, grade=10),
)

INFLUENZA, CORONA, OLD_PNEUMOCOCCI, PERTUSSIS = "J07BB02", "J07BN01", "J07AL01", "J07AJ52"
_RISK = {"R95", "R96", "T90", "T89", "K76", "K77", "K78", "K90", "U99", "L88"}


def programme(chart: Chart, person: Person, rng: Random, centre: Staff, school: Staff) -> None:
    """The doses somebody has had until now; one in twenty-five has had none."""
    if rng.random() < 0.04:
        return
    late = rng.choice((0, 0, 0, 3, 9))
    for dose in PROGRAMME:
        if not dose.is_for(person) or (dose.grade and chart.age < 6):
            continue
        day = _open(_due(dose, person, rng) + timedelta(days=late))
        if day < chart.clock.today:
            vaccine(chart, school if dose.grade else centre, dose.atc, day, number=dose.number)


def _due(dose: Dose, person: Person, rng: Random) -> date:
    """The day of a dose: by age for the small, on the class's day at school for the others."""
    if dose.weeks:
        return person.born + timedelta(weeks=dose.weeks, days=rng.randint(0, 6))
    autumn = date(person.born.year + 5 + dose.grade, 9, 10)
    which = (sum(map(ord, person.place.code)) * 7 + dose.grade * 13) % 40
    return autumn + timedelta(days=which + (185 if dose.number == 2 and dose.atc == HPV else 0))


def _open(day: date) -> date:
    while day.weekday() > 4 or (day.month, day.day) in {
        (12, 24),
        (12, 25),
        (12, 26),
        (12, 31),
        (1, 1),
        (5, 1),
        (5, 17),
    }:
        day += timedelta(days=1)
    return day


def vaccine(chart: Chart, by: Staff, code: str, day: date, *, number: int = 0) -> Resource:
    """A dose that was given."""
    found = chart.put(
        "Immunization",
        "vaccine",
        by,
        status="completed",
        vaccineCode=concept(ATC, code),
        occurrenceDateTime=day.isoformat(),
        primarySource=True,
        lotNumber=f"{'ABCDEFGHKM'[day.month % 10]}{day.year % 100:02}{(day.toordinal() * 7) % 9000 + 1000}",
    )
    if number:
        found["protocolApplied"] = [{"doseNumberPositiveInt": number}]
    return found


def grown_up_vaccines(life: Life) -> None:
    """Each autumn for those over 65 and those at risk; once against pneumococci; the coronavirus vaccines of 2021."""
    person, rng, chart = life.person, life.rng, life.chart
    today = chart.clock.today
    willing = rng.random() < 0.7
    nurse = rng.choice(crew(service(person, "Helsestasjon"), "nurse"))
    if chart.born.year <= 2005 and rng.random() < 0.9:
        first = date(2021, 3, 1) + timedelta(days=max(0, (chart.born.year - 1930) * 2) + rng.randint(0, 20))
        third = date(2021, 10, 11) + timedelta(days=max(0, (chart.born.year - 1930) * 2))  # the oldest first here too
        for number, day in enumerate((first, first + timedelta(days=rng.randint(28, 70)), third), start=1):
            if rng.random() < 0.93 and day < today and life.age(day) >= 16:
                vaccine(chart, nurse, CORONA, _open(day), number=number)
    for back in range(3):
        day = _open(date(today.year - back, 10, rng.randint(5, 28)))
        at_risk = life.age(day) >= 65 or bool(_RISK & life.codes)
        if at_risk and willing and chart.born < day < today and rng.random() < 0.85:
            vaccine(chart, person.gp, INFLUENZA, day)
            if life.age(day) >= 75 and rng.random() < 0.6:
                vaccine(chart, person.gp, CORONA, day)
    if chart.age >= 66 and willing and rng.random() < 0.6:
        day = _open(max(chart.born + timedelta(days=66 * 365), life.day(2100)) - timedelta(days=rng.randint(5, 200)))
        vaccine(chart, person.gp, OLD_PNEUMOCOCCI, day)
