"""The days of a stay: what is given, measured and written between admission and discharge."""

from __future__ import annotations

from datetime import datetime, timedelta

from samjournal.demo import measures as m
from samjournal.demo.chart import Resource, medicine, note
from samjournal.demo.courses import Course, Pair
from samjournal.demo.illnesses import Both, Drug
from samjournal.demo.medication import suits
from samjournal.demo.sites import clinic, crew, someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.unit import Unit
from samjournal.demo.writing import inside

_HOURS = (0.5, 4, 8, 14, 20, 26, 32, 38, 50, 56, 62, 74, 86, 98, 110, 134, 158)
_RECENT = timedelta(days=150)
"""Stays since then are told with every set of measurements; earlier ones with the first and the last."""


def treat(
    life: Life, course: Course, doctor: Staff, stay: Resource, known: Resource, came: datetime, until: datetime | None
) -> None:
    """The ward's medicines; something else for those who do not tolerate penicillin."""
    for drug in course.drugs:
        chosen = _tolerated(life, drug, course.instead)
        if chosen:
            order = medicine(
                life.chart,
                doctor,
                chosen.atc,
                chosen.name,
                life.say(chosen.dosage),
                since=came + timedelta(minutes=40),
                reason=known,
                place="inpatient",
                encounter=stay,
                state="completed" if until else "active",
            )
            if until is None and came + timedelta(minutes=40) > life.chart.clock.now:
                order["authoredOn"] = stay["period"]["start"]


def _tolerated(life: Life, drug: Drug, instead: Drug | None) -> Drug | None:
    if drug.atc.startswith("B01A") and any(atc.startswith("B01A") for atc in life.medicines.taken):
        return None
    codes = life.codes - {"K78"} if drug.atc.startswith("C07AB") else life.codes
    for found in (drug, instead):
        if found and suits(found.atc, codes, life.allergic):
            return found
    return None


def take_home(life: Life, course: Course, doctor: Staff, stay: Resource, when: datetime) -> list[Drug]:
    """Prescriptions for the days after; what is taken already is not given twice."""
    given = []
    for drug in course.leaves:
        if drug.atc not in life.medicines and suits(drug.atc, life.codes, life.allergic):
            given.append(drug)
            medicine(
                life.chart,
                doctor,
                drug.atc,
                drug.name,
                life.say(drug.dosage),
                since=when - timedelta(minutes=30),
                reason={
                    "resourceType": "Condition",
                    "id": stay["diagnosis"][0]["condition"]["reference"].split("/")[1],
                    "code": {"text": life.say(course.name)},
                },
                place="discharge",
                encounter=stay,
                state="completed",
            )
    return given


def medicine_list(life: Life, leaves: list[Drug]) -> str:
    """What is taken after discharge, as the discharge summary lists it."""
    fixed = [f"{taken.drug.name} {life.say(taken.drug.dosage)}" for taken in life.medicines.taken.values()]
    new = [f"{drug.name} {life.say(drug.dosage)}" for drug in leaves]
    if not fixed and not new:
        return life.say(("Ingen faste medisiner.", "Ingen faste medisinar."))
    parts = []
    if new:
        parts.append(life.say(("Nytt: ", "Nytt: ")) + "; ".join(new) + ".")
    if fixed:
        parts.append(life.say(("Uendret: ", "Uendra: ")) + "; ".join(fixed) + ".")
    return life.say(("Medisiner ved utskrivning. ", "Medisinar ved utskriving. ")) + " ".join(parts)


def measure(life: Life, course: Course, unit: Unit, stay: Resource, came: datetime, until: datetime | None) -> None:
    """Vital signs with their score, and blood tests on arrival and in the mornings."""
    end = until or life.chart.clock.now
    hours = [hour for hour in _HOURS if came + timedelta(hours=hour, minutes=21) < end]
    if end < life.chart.clock.now - _RECENT:
        hours = [hours[0], hours[-1]] if len(hours) > 1 else hours
    length = max(20.0, (until - came) / timedelta(hours=1) * 0.75) if until else 60
    nurses = crew(unit, "nurse")
    for hour in hours:
        when = came + timedelta(hours=hour, minutes=life.rng.randint(0, 20))
        _signs(life, course, life.rng.choice(nurses), stay, when, min(1.0, hour / length))
    lab = someone(clinic(life.person, "laboratory"), "biomedical-scientist", life.rng)
    mornings = [came + timedelta(minutes=30)]
    back = (came.date() - life.chart.clock.today).days
    mornings += [life.chart.clock.at(back + day, 7, 30) for day in range(1, 9)]
    taken = [when for number, when in enumerate(mornings) if not number or came + timedelta(hours=9) < when < end]
    recent = end >= life.chart.clock.now - _RECENT
    for when in [taken[0], *taken[1::2][: 3 if recent else 0]]:
        if when < life.chart.clock.now:
            _blood(life, course, lab, stay, when, min(1.0, (when - came) / timedelta(hours=length)))


def _signs(life: Life, course: Course, nurse: Staff, stay: Resource, when: datetime, done: float) -> None:
    rng, chart = life.rng, life.chart
    systolic = round(_between(course.systolic, done, rng.uniform(-5, 5)))
    m.blood_pressure(chart, nurse, systolic, round(systolic * 0.6 + rng.uniform(-4, 4)), when, encounter=stay)
    signs = {
        "pulse": (m.PULSE, round(_between(course.pulse, done, rng.uniform(-3, 3)))),
        "temperature": (m.TEMPERATURE, round(_between(course.temperature, done, rng.uniform(-0.15, 0.15)), 1)),
        "respiration": (m.RESPIRATION, round(_between(course.respiration, done, rng.uniform(-0.7, 0.7)))),
        "saturation": (m.SATURATION, min(100, round(_between(course.saturation, done, rng.uniform(-0.6, 0.6))))),
    }
    for sign, value in signs.values():
        m.vital(chart, nurse, sign, value, when, encounter=stay)
    if life.age(when) >= 16:
        scored: dict[str, float] = {name: value for name, (_, value) in signs.items()}
        m.news2(chart, nurse, when, encounter=stay, systolic=systolic, **scored)


def _blood(life: Life, course: Course, lab: Staff, stay: Resource, when: datetime, done: float) -> None:
    woman, child = life.person.woman, life.age(when) < 13
    for test, pair, decimals in (
        (m.CRP, course.crp, 0),
        (m.LEUCOCYTES, course.leucocytes, 1),
        (m.HB_CHILD if child else m.hb(woman), course.haemoglobin, 1),
        (m.SODIUM, course.sodium, 0),
        (m.CREATININE_CHILD if child else m.creatinine(woman), course.creatinine, 0),
        (m.POTASSIUM, (4.0, 4.1), 1),
    ):
        value = round(_between(pair, done, 0) * life.rng.uniform(0.97, 1.03), decimals)
        if test is m.SODIUM:
            value = round(_between(pair, done, 0))
        m.lab(life.chart, lab, test, value, when, encounter=stay)


def _between(pair: Pair, done: float, noise: float) -> float:
    return pair[0] + (pair[1] - pair[0]) * done + noise


def write(
    life: Life, course: Course, unit: Unit, stay: Resource, came: datetime, until: datetime | None, he: str
) -> None:
    """The admission note, the rounds and what the nurses write in the morning."""
    rng, chart, clock = life.rng, life.chart, life.chart.clock
    doctors, nurses = crew(unit, "doctor"), crew(unit, "nurse")
    end = until or clock.now
    who = life.say(("Kvinne", "Kvinne") if life.person.woman else ("Mann", "Mann"))
    years = life.age(came)
    if years < 16:
        who = life.say(("Jente", "Jente") if life.person.woman else ("Gutt", "Gut"))
    age = life.say((f"på {years} år", f"på {years} år")) if years else life.say(("under ett år", "under eitt år"))
    ill = [inside(known.condition["code"]["text"]) for code, known in life.known.items() if code != course.icpc][:4]
    before = life.say((f" Fra før {', '.join(ill)}.", f" Frå før {', '.join(ill)}.")) if ill else ""
    lines = (
        f"{who} {age}.{before} {life.say(course.story).format(han=he)}",
        life.say(course.found),
        life.say(course.started),
    )
    first = came + timedelta(minutes=min(70, max(5, (end - came) // timedelta(minutes=2))))
    note(
        chart,
        rng.choice(doctors),
        first,
        life.say(("Innkomstnotat", "Innkomstnotat")),
        *lines,
        kind="Innkomstnotat",
        encounter=stay,
    )
    back = (came.date() - clock.today).days
    for day in range(1, (end.date() - came.date()).days + 1):
        night, round_ = clock.at(back + day, 6, 5), clock.at(back + day, 9, 10)
        if came + timedelta(hours=5) < night < end:
            kind = life.say(("Sykepleienotat", "Sjukepleienotat"))
            words = life.say(life.draw(_CHILD_NIGHTS if years < 12 else _nights(years), night))
            note(chart, rng.choice(nurses), night, life.say(("Natt", "Natt")), words, kind=kind, encounter=stay)
        if came + timedelta(hours=12) < round_ < end - timedelta(hours=1):
            words = _round(life, course, day, round_, round_ - came, until is None)
            note(
                chart,
                rng.choice(doctors),
                round_,
                life.say(("Visitt", "Visitt")),
                words,
                kind=life.say(("Legenotat", "Legenotat")),
                encounter=stay,
            )


def _round(life: Life, course: Course, day: int, when: datetime, since: timedelta, goes_on: bool) -> str:
    """What the doctor writes on the round, by how long it has been."""
    if since < timedelta(hours=30) and course.days[1] > 2:
        return life.say(life.draw(_FIRST_ROUNDS, when))
    if since < timedelta(hours=62) or not goes_on:
        return life.say(course.better) if day <= 3 else life.say(life.draw(_LATER_ROUNDS, when))
    return life.say(life.draw(_LATER_ROUNDS, when))


def _nights(years: int) -> tuple[Both, ...]:
    """What nurses write in the morning; the old lose their way at night."""
    return _NIGHTS + (_OLD_NIGHTS if years >= 78 else ())


_FIRST_ROUNDS: tuple[Both, ...] = (
    (
        "Litt bedre enn ved innkomst. Fortsetter behandlingen som planlagt.",
        "Litt betre enn ved innkomst. Held fram med behandlinga som planlagt.",
    ),
    (
        "Sliten etter natta, men stabil. Prøvene går rett vei. Ingen endring i dag.",
        "Sliten etter natta, men stabil. Prøvene går rett veg. Inga endring i dag.",
    ),
    (
        "Sett sammen med sykepleier. Spiste halv frokost. Fysioterapeut ser på mobilisering.",
        "Sett saman med sjukepleiar. Åt halv frukost. Fysioterapeut ser på mobilisering.",
    ),
)
_LATER_ROUNDS: tuple[Both, ...] = (
    (
        "Fortsatt framgang. Planlegger hjemreise sammen med pasient og pårørende.",
        "Framleis framgang. Planlegg heimreise saman med pasient og pårørande.",
    ),
    ("Oppe på egen hånd. Kommunen er varslet om utskrivning.", "Oppe på eiga hand. Kommunen er varsla om utskriving."),
    ("Spiser og drikker. Venekanylen kan fjernes.", "Et og drikk. Venekanylen kan fjernast."),
)
_NIGHTS: tuple[Both, ...] = (
    ("Sov det meste av natta. Ingen smerter.", "Sov det meste av natta. Ingen smerter."),
    ("Våken fra kl. 02 til 04, fikk te. Sov siden.", "Vaken frå kl. 02 til 04, fekk te. Sov sidan."),
    ("Rolig natt. Gikk på toalettet med følge.", "Roleg natt. Gjekk på toalettet med følgje."),
    ("Hostet en del, hevet hodegjerdet. Sov fra kl. 03.", "Hosta ein del, heva hovudgjerdet. Sov frå kl. 03."),
    (
        "Kvalm ved midnatt, fikk kvalmestillende med god virkning.",
        "Kvalm ved midnatt, fekk kvalmestillande med god verknad.",
    ),
)
_OLD_NIGHTS: tuple[Both, ...] = (
    (
        "Ringte på to ganger, usikker på hvor veska var. Veiledet og beroliget.",
        "Ringde på to gonger, usikker på kvar veska var. Rettleidd og roa.",
    ),
)
_CHILD_NIGHTS: tuple[Both, ...] = (
    ("Sov tett inntil mor eller far.", "Sov tett inntil mor eller far."),
    ("Våknet to ganger, drakk litt og sovnet igjen.", "Vakna to gonger, drakk litt og sovna att."),
)
