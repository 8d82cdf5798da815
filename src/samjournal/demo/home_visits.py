"""Home care: the service, its plan and the visits of the last month."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    Chart,
    encounter,
    note,
    period,
)
from samjournal.demo.illnesses import Both
from samjournal.demo.inhabitants import Person, say
from samjournal.demo.moments import past_day
from samjournal.demo.staff import at_unit, units


def home_care(chart: Chart, person: Person, rng: Random) -> None:
    """A home-care service with its plan and the visits of the last days."""
    unit = next(u for u in units().values() if u.municipality == person.place.code and u.what in _HOME_CARE)
    nurses = at_unit(unit.id, "home-nurse")
    leader = nurses[0]
    since = past_day(chart, rng, 1100, 90)
    often = rng.choice(
        (
            ("daglig", "dagleg"),
            ("to ganger i uka", "to gonger i veka"),
            ("morgen og kveld", "morgon og kveld"),
        )
    )
    chart.put(
        "EpisodeOfCare",
        "service",
        leader,
        status="active",
        period=period(since),
        type_=[{"text": say(person, (f"Hjemmesykepleie {often[0]}", f"Heimesjukepleie {often[1]}"))}],
    )
    steps = rng.sample(_HOME_STEPS, 3)
    chart.put(
        "CarePlan",
        "plan",
        leader,
        status="active",
        intent="plan",
        title=say(person, ("Tiltaksplan hjemme", "Tiltaksplan heime")),
        description=say(person, _HOME_AIM),
        period=period(since),
        activity=[{"detail": {"status": "in-progress", "description": say(person, step)}} for step in steps],
    )
    for _ in range(rng.randint(1, 3)):
        nurse = rng.choice(nurses)
        when = chart.clock.at(-rng.randint(1, 30), rng.randint(8, 13), rng.randint(0, 59))
        visit = encounter(
            chart,
            nurse,
            "HH",
            when,
            when + timedelta(minutes=20),
            type_=say(person, ("Hjemmebesøk", "Heimebesøk")),
        )
        systolic, diastolic = m.likely_pressure(rng, min(chart.age, 80), high=False)
        m.blood_pressure(chart, nurse, systolic, diastolic, when + timedelta(minutes=6), encounter=visit)
        seen = rng.choice(_HOME_SEEN)
        note(
            chart,
            nurse,
            when + timedelta(minutes=20),
            say(person, ("Hjemmebesøk", "Heimebesøk")),
            say(person, seen),
            encounter=visit,
        )


_HOME_CARE = ("Hjemmesykepleie", "Heimesjukepleie")
_HOME_AIM = (
    "Bo hjemme så lenge som mulig, trygt og med egne vaner.",
    "Bu heime så lenge som råd, trygt og med eigne vanar.",
)
_HOME_STEPS: tuple[Both, ...] = (
    ("Legge medisiner i dosett mandag", "Legge medisinar i dosett måndag"),
    ("Hjelp til dusj én gang i uka", "Hjelp til dusj éin gong i veka"),
    ("Støttestrømper av og på", "Støttestrømper av og på"),
    ("Se etter at det er spist og drukket", "Sjå etter at det er ete og drukke"),
    ("Veie én gang i måneden", "Vege éin gong i månaden"),
    ("Følge opp trygghetsalarm", "Følgje opp tryggleiksalarm"),
    ("Sårstell annenhver dag", "Sårstell annankvar dag"),
)
_HOME_SEEN: tuple[Both, ...] = (
    ("Oppe og påkledd. Har spist frokost, tatt medisinene fra dosetten. Ingen plager.",
     "Oppe og påkledd. Har ete frukost, teke medisinane frå dosetten. Ingen plager."),
    ("Litt trøtt i dag etter dårlig natt. Drikker nok. Avtalt at datteren ser innom i kveld.",
     "Litt trøytt i dag etter dårleg natt. Drikk nok. Avtalt at nabokona ser innom i kveld."),
    ("Gikk til postkassen med rullator i går. God appetitt. Huden på hælene er hel.",
     "Gjekk til postkassen med rullator i går. God appetitt. Huda på hælane er heil."),
    ("Fant to tabletter på gulvet. Går gjennom dosetten sammen, ser om dette gjentar seg.",
     "Fann to tablettar på golvet. Går gjennom dosetten saman, ser om det skjer att."),
)  # fmt: skip
