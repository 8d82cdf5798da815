# ruff: noqa: E501 - sentences and table rows stay on one line
"""What the child health centre writes, and vaccines at any age. fhi.no/en/va/childhood-immunisation-programme"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    ATC,
    Chart,
    Resource,
    concept,
    note,
)
from samjournal.demo.inhabitants import Person, say
from samjournal.demo.moments import visit_time
from samjournal.demo.staff import Staff, at_unit, units

# Age in months, ATC, what it is: the childhood programme in outline.
_PROGRAMME = (
    (1.5, "J07BH01", "Rotavirusvaksine"),
    (3, "J07BH01", "Rotavirusvaksine"),
    (3, "J07CA09", "Seksvalent vaksine"),
    (3, "J07AL02", "Pneumokokkvaksine"),
    (5, "J07CA09", "Seksvalent vaksine"),
    (5, "J07AL02", "Pneumokokkvaksine"),
    (12, "J07CA09", "Seksvalent vaksine"),
    (12, "J07AL02", "Pneumokokkvaksine"),
    (15, "J07BD52", "MMR-vaksine"),
    (88, "J07CA02", "DTP-IPV-vaksine"),
    (136, "J07BD52", "MMR-vaksine"),
    (148, "J07BM03", "HPV-vaksine"),
    (155, "J07BM03", "HPV-vaksine"),
    (184, "J07CA02", "DTP-IPV-vaksine"),
)

# Age in months, height in cm, weight in kg: about the middle of Norwegian children.
_GROWTH = (
    (1.5, 56, 4.9),
    (6, 68, 7.9),
    (12, 76, 9.9),
    (24, 88, 12.6),
    (48, 104, 17.2),
    (72, 118, 22.0),
    (100, 131, 28.5),
    (156, 158, 47.0),
)


def childhood(chart: Chart, person: Person, rng: Random) -> None:
    """Vaccines and growth as the child health centre writes them."""
    centre = _health_centre(person)
    for months, code, _ in _PROGRAMME:
        day = _school_day(chart.born + timedelta(days=round(months * 30.44) + round(months) % 5))
        if day >= chart.clock.today:
            break
        vaccine(chart, centre, code, day)
    taller = rng.uniform(0.96, 1.04)
    for months, height, weight in _GROWTH:
        when = visit_time(chart.clock, chart.born + timedelta(days=round(months * 30.44) + 4), rng)
        if chart.born + timedelta(days=round(months * 30.44) + 6) >= chart.clock.today:
            break
        m.vital(chart, centre, m.HEIGHT, height * taller, when)
        m.vital(chart, centre, m.WEIGHT, weight * taller**2 * rng.uniform(0.96, 1.06), when)
        if months in (6, 24, 48):
            grows = (
                "Trives og følger kurvene sine. God kontakt, motorikk som ventet for alderen. Foreldrene har ingen bekymringer.",
                "Trivst og følgjer kurvene sine. God kontakt, motorikk som venta for alderen. Foreldra har ingen bekymringar.",
            )
            title = f"Helsestasjonen: {months if months < 24 else months // 12} {'måneder' if months < 24 else 'år'}"
            title = title.replace("måneder", "månader") if person.place.language == "nn" else title
            note(chart, centre, when + timedelta(minutes=25), title, say(person, grows))


def _school_day(day: date) -> date:
    while day.weekday() > 4:
        day += timedelta(days=1)
    return day


def _health_centre(person: Person) -> Staff:
    unit = next(u for u in units().values() if u.municipality == person.place.code and u.what == "Helsestasjon")
    return at_unit(unit.id)[0]


def vaccine(chart: Chart, by: Staff, code: str, day: date) -> Resource:
    """A dose that was given."""
    return chart.put(
        "Immunization",
        "vaccine",
        by,
        status="completed",
        vaccineCode=concept(ATC, code),
        occurrenceDateTime=day.isoformat(),
        primarySource=True,
    )


def autumn_vaccines(chart: Chart, person: Person, rng: Random) -> None:
    for back in range(2):
        day = date(chart.clock.today.year - back, 10, rng.randint(5, 30))
        if day < chart.clock.today and rng.random() < 0.7:
            vaccine(chart, person.gp, "J07BB02", day)
