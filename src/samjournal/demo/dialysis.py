"""Gunnhild Wekre, thirteen years in dialysis three times a week: the longest chart of the region.

More than 2,000 contacts and 20,000 observations, for whoever wants to see what a page does with them.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    ICD10,
    ICPC2,
    Chart,
    Resource,
    concept,
    encounter,
    family,
    medicine,
    no_known_allergy,
    note,
    problem,
)
from samjournal.demo.clock import Clock
from samjournal.demo.numbers import birth_number
from samjournal.demo.people import Home, patient
from samjournal.demo.sites import crew
from samjournal.demo.staff import Staff, worker
from samjournal.demo.units import units
from samjournal.demo.writing import comma

FROM = 1000
"""She is in every region of at least so many inhabitants."""
_WEEKS = 676
_HOME = Home("Meierivegen 9", "7650", "Verdal", "Verdal", "5038")


def gunnhild(clock: Clock, rng: Random, used: set[str], region: int) -> Chart:
    """All of her chart."""
    born, gp = clock.birthday(67, 4, 22), worker("karin")
    number = birth_number(rng, born, woman=True, used=used)
    made = patient(
        "gunnhild",
        "Gunnhild",
        "Wekre",
        woman=True,
        born=born,
        number=number,
        home=_HOME,
        gp=gp,
        phone="+4799900670",
        marital=("M", "Gift"),
    )
    chart = Chart(made, clock, born=born)
    family(chart, "Ektefelle", "Torleif", "Wekre", code="SPS", phone="+4799900671")
    no_known_allergy(chart, gp, clock.day(-1200))
    kidney = problem(
        chart, gp, (ICPC2, "U99"), "Kronisk nyresvikt, i dialyse", since=clock.day(-_WEEKS * 7 - 900), year_only=True
    )
    pressure = problem(chart, gp, (ICPC2, "K86"), "Høyt blodtrykk", since=clock.day(-9000), year_only=True)
    medicine(chart, gp, "C08CA01", "Amlodipin", "10 mg × 1", since=clock.day(-200), reason=pressure)
    medicine(chart, gp, "V03AE02", "Sevelamer", "800 mg × 3 til måltid", since=clock.day(-200), reason=kidney)
    medicine(
        chart, gp, "B03XA02", "Darbepoetin alfa", "30 µg én gang i uka ved dialyse", since=clock.day(-60), reason=kidney
    )
    unit = next((unit for unit in units(region).values() if unit.id == "levanger-dialyse"), units(region)["medisin-3"])
    _sessions(chart, crew(unit, "nurse"), crew(unit, "doctor"), rng)
    return chart


def _sessions(chart: Chart, nurses: tuple[Staff, ...], doctors: tuple[Staff, ...], rng: Random) -> None:
    """Monday, Wednesday and Friday, year after year; blood and a doctor's note each month."""
    clock, dry = chart.clock, 63.5
    monday = -clock.today.weekday() - _WEEKS * 7
    for week in range(_WEEKS + 1):
        for day in (0, 2, 4):
            when = clock.at(monday + week * 7 + day, 8, rng.choice((0, 10, 20)))
            if when + timedelta(hours=5) > clock.now or rng.random() < 0.012:
                continue
            monthly = week % 4 == 0 and day == 0
            dry = min(max(dry + rng.gauss(0, 0.06), 58), 68)
            _session(chart, rng.choice(nurses), doctors, when, dry, monthly=monthly, rng=rng)


def _session(
    chart: Chart, nurse: Staff, doctors: tuple[Staff, ...], when: datetime, dry: float, *, monthly: bool, rng: Random
) -> None:
    end = when + timedelta(hours=4, minutes=30)
    visit = encounter(chart, nurse, "AMB", when, end, type_="Hemodialyse", code=concept(ICD10, "Z49.1"))
    gained = rng.uniform(0.9, 2.9)
    start = rng.randint(138, 172)
    m.vital(chart, nurse, m.WEIGHT, dry + gained, when, encounter=visit)
    low = start
    for hours in (0.2, 1.2, 2.2, 3.2, 4.2):
        systolic = round(start - hours * rng.uniform(4, 9))
        low = min(low, systolic)
        at = when + timedelta(hours=hours)
        m.blood_pressure(chart, nurse, systolic, round(systolic * 0.52 + rng.uniform(-3, 4)), at, encounter=visit)
        m.vital(chart, nurse, m.PULSE, rng.randint(62, 88), at, encounter=visit)
    m.vital(chart, nurse, m.TEMPERATURE, rng.uniform(36.2, 37.1), when, encounter=visit)
    m.vital(chart, nurse, m.WEIGHT, dry + rng.uniform(-0.2, 0.3), end - timedelta(minutes=10), encounter=visit)
    if monthly:
        blood = _blood(chart, doctors[0], when, visit, rng)
        note(
            chart,
            rng.choice(doctors),
            when + timedelta(hours=2),
            "Månedskontroll dialyse",
            blood,
            rng.choice(_MONTHLY),
            encounter=visit,
        )
    if monthly or low < 106 or rng.random() < 0.3:
        told = rng.choice(_LOW if low < 106 else _SAID)
        note(
            chart, nurse, end, "Dialyse", f"Trekk {comma(gained, 1)} l. {told}", kind="Sykepleienotat", encounter=visit
        )


def _blood(chart: Chart, doctor: Staff, when: datetime, visit: Resource, rng: Random) -> str:
    """The month's blood tests before the session, and their line in the doctor's note."""
    hb, potassium = rng.uniform(10.1, 11.9), rng.uniform(4.3, 5.7)
    tests = {
        m.HB_WOMAN: hb,
        m.POTASSIUM: potassium,
        m.SODIUM: rng.uniform(136, 142),
        m.CREATININE_WOMAN: rng.uniform(560, 790),
        m.CALCIUM: rng.uniform(2.14, 2.45),
        m.PHOSPHATE: rng.uniform(1.2, 2.1),
        m.ALBUMIN: rng.uniform(35, 41),
    }
    for measure, value in tests.items():
        m.lab(chart, doctor, measure, value, when + timedelta(minutes=5), encounter=visit)
    return f"Hb {comma(hb, 1)}, kalium {comma(potassium, 1)}. Kt/V {comma(rng.uniform(1.25, 1.6), 2)}."


_SAID = (
    "Rolig økt. Fistelen er lett å stikke, to nåler uten vansker.",
    "Leste og sov litt. Blødde ti minutter etter nålene.",
    "Kramper i leggen siste halvtime, bedre etter saltvann.",
    "Drukket mer enn planlagt i helga, snakket om det uten moralisering.",
    "Drosjen var sen, begynte tjue minutter etter tida.",
    "Fin dag. Viste bilder fra hytta.",
    "God sus over fistelen. Bytter arm på mansjetten.",
)
_LOW = (
    "Svimmel da trykket falt mot slutten. Beina opp, 200 ml saltvann, kom seg fort.",
    "Lavt trykk siste time, trekket satt ned. Hvilte en halvtime før hjemreise.",
)
_MONTHLY = (
    "Tørrvekt er riktig. Fosfat litt høyt, snakker med ernæringsfysiolog. Ingen endring i medisiner.",
    "Trives, sover bedre. Fistelflow 900 ml/min. Fortsetter uendret.",
    "Hb i øvre del av målet, lar darbepoetin stå. Ødem på anklene, tørrvekt ned 0,5 kg.",
    "Ikke aktuell for transplantasjon etter vurdering i fjor, er avklart med det.",
)
