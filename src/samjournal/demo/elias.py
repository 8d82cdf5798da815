"""Elias Moe, who has a confidential address: it is in the register, and nobody may see it or guess it."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    HL7,
    ICPC2,
    Chart,
    appointment,
    concept,
    encounter,
    medicine,
    no_known_allergy,
    note,
    problem,
)
from samjournal.demo.clock import Clock
from samjournal.demo.numbers import birth_number
from samjournal.demo.people import Home, patient
from samjournal.demo.staff import worker

HOME = Home("Lyngvegen 31", "7650", "Verdal", "Verdal", "5038")
PROTECTED = [{"system": f"{HL7}v3-Confidentiality", "code": "R"}]


def elias(clock: Clock, rng: Random, used: set[str]) -> Chart:
    """His chart; the notes name no place."""
    born, gp = clock.birthday(34, 10, 3), worker("karin")
    person = patient(
        "elias",
        "Elias",
        "Moe",
        woman=False,
        born=born,
        number=birth_number(rng, born, woman=False, used=used),
        home=HOME,
        gp=gp,
        phone="+4799900340",
    )
    person = {
        "resourceType": "Patient",
        "id": "elias",
        "meta": {"security": PROTECTED},
        **{k: v for k, v in person.items() if k not in ("resourceType", "id")},
    }
    chart = Chart(person, clock, born=born)
    no_known_allergy(chart, gp, clock.day(-610))
    epilepsy = problem(chart, gp, (ICPC2, "N88"), "Epilepsi", since=clock.day(-5400), year_only=True)
    stress = problem(chart, gp, (ICPC2, "P82"), "Posttraumatisk stress", since=clock.day(-640))
    medicine(chart, gp, "N03AX09", "Lamotrigin", "150 mg × 2", since=clock.day(-610), reason=epilepsy)
    medicine(
        chart,
        gp,
        "N05CH01",
        "Melatonin depot",
        "2 mg en time før leggetid",
        since=clock.day(-95),
        reason=stress,
    )
    told = (
        (
            -610,
            "Ny på lista",
            "Har epilepsi siden tenårene, siste anfall for seks år siden. Lamotrigin 150 mg × 2, ingen bivirkninger.",
            "Har fortrolig adresse. Alt av brev sendes digitalt, aldri i posten. Ringes bare på oppgitt nummer.",
        ),
        (
            -95,
            "Søvn",
            "Sover fire–fem timer, våkner av lyder. Skvetten. Ingen tanker om å skade seg. Går på jobb.",
            "Starter melatonin. Har kontakt med psykolog hver fjortende dag.",
        ),
        (
            -26,
            "Kontroll",
            "Sover bedre, seks timer de fleste netter. Ingen anfall. Blodtrykk 122/76.",
            "Fortsetter som nå.",
        ),
    )
    for days, title, *lines in told:
        when = clock.weekday(days, 13, 20)
        visit = encounter(
            chart,
            gp,
            "AMB",
            when,
            when + timedelta(minutes=30),
            code=concept(ICPC2, "N88" if days == -610 else "P82"),
        )
        note(chart, gp, when + timedelta(minutes=30), title, *lines, encounter=visit)
        if days == -26:
            m.blood_pressure(chart, gp, 122, 76, when, encounter=visit)
            for measure, value in ((m.HB_MAN, 15.1), (m.SODIUM, 141), (m.CREATININE_MAN, 78)):
                m.lab(chart, gp, measure, value, when + timedelta(minutes=10), encounter=visit)
    appointment(
        chart,
        [gp.reference, gp.unit],
        clock.weekday(38, 13, 20),
        30,
        "Kontroll hos fastlegen",
        booked=clock.day(-26),
    )
    return chart
