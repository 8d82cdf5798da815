# ruff: noqa: E501 - sentences and table rows stay on one line
"""Mina Vikan and her son Odin, 7, who has asthma and does not tolerate peanuts."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    HL7,
    ICD10,
    ICPC2,
    Chart,
    allergy,
    appointment,
    concept,
    encounter,
    family,
    medicine,
    no_known_allergy,
    note,
    period,
    problem,
)
from samjournal.demo.childhood import childhood
from samjournal.demo.clock import Clock, instant
from samjournal.demo.inhabitants import Person
from samjournal.demo.numbers import birth_number
from samjournal.demo.people import Home, patient
from samjournal.demo.places import PLACES
from samjournal.demo.staff import worker
from samjournal.fhir.identifiers import FNR

HOME = Home("Tunvegen 7B", "7715", "Steinkjer", "Steinkjer", "5006")


def mina_and_odin(clock: Clock, rng: Random, used: set[str]) -> tuple[Chart, Chart]:
    """Both charts, the mother's first."""
    mother = _person("mina", "Mina", "Vikan", clock.birthday(36, 8, 27), rng, used, woman=True, phone="+4799900361")
    son = _person("odin", "Odin", "Vikan Strand", clock.birthday(7, 5, 16), rng, used, woman=False, phone=None)
    return _mina(clock, mother), _odin(clock, son, mother, rng)


def _person(
    id_: str,
    given: str,
    surname: str,
    born: date,
    rng: Random,
    used: set[str],
    *,
    woman: bool,
    phone: str | None,
) -> Person:
    return Person(
        id_,
        given,
        surname,
        woman,
        born,
        birth_number(rng, born, woman=woman, used=used),
        HOME,
        PLACES[0],
        worker("magnus"),
        "nb",
        phone,
    )


def _begin(clock: Clock, person: Person, *, email: str | None = None) -> Chart:
    made = patient(
        person.id,
        person.given,
        person.family,
        woman=person.woman,
        born=person.born,
        number=person.number,
        home=HOME,
        gp=person.gp,
        phone=person.phone,
        email=email,
    )
    return Chart(made, clock, born=person.born)


def _mina(clock: Clock, person: Person) -> Chart:
    chart, gp = _begin(clock, person, email="mina.vikan@demo.example"), worker("magnus")
    no_known_allergy(chart, gp, clock.day(-800))
    since = clock.day(-3300)
    migraine = problem(chart, gp, (ICPC2, "N89"), "Migrene", since=since, year_only=True)
    iron = problem(chart, gp, (ICPC2, "B80"), "Jernmangel", since=clock.day(-118))
    medicine(
        chart,
        gp,
        "N02CC01",
        "Sumatriptan",
        "50 mg ved anfall, kan gjentas etter to timer",
        since=clock.day(-118),
        reason=migraine,
        as_needed=True,
    )
    medicine(
        chart,
        gp,
        "B03AA07",
        "Jernsulfat depot",
        "100 mg × 1, helst på tom mage",
        since=clock.day(-118),
        reason=iron,
    )
    first, second = clock.weekday(-118, 9, 20), clock.weekday(-19, 8, 40)
    for when, blood, store in ((first, 11.1, 7), (second, 12.4, 21)):
        visit = encounter(
            chart, gp, "AMB", when, when + timedelta(minutes=20), code=concept(ICPC2, "B80", "Jernmangel")
        )
        m.blood_pressure(chart, gp, 116, 72, when, encounter=visit)
        for measure, value in ((m.HB_WOMAN, blood), (m.FERRITIN, store), (m.TSH, 1.7)):
            m.lab(chart, gp, measure, value, when + timedelta(minutes=10), encounter=visit)
    note(
        chart,
        gp,
        first + timedelta(minutes=20),
        "Sliten og svimmel",
        "Sliten i flere måneder, svimmel når hun reiser seg. Rikelige menstruasjoner. Hb 11,1, ferritin 7.",
        "Jerntabletter i tre måneder. Migrenen er som før, to anfall i måneden.",
    )
    note(
        chart,
        gp,
        second + timedelta(minutes=20),
        "Kontroll av jernmangel",
        "Klart mer overskudd. Hb 12,4, ferritin 21. Litt hard i magen av tablettene, går greit med mye frukt.",
        "Fortsetter jern i tre måneder til. Ny blodprøve før timen.",
    )
    smear = clock.weekday(-400, 12, 15)
    encounter(chart, gp, "AMB", smear, smear + timedelta(minutes=15), code=concept(ICPC2, "X37"))
    note(
        chart,
        gp,
        smear + timedelta(minutes=15),
        "Celleprøve",
        "Celleprøve tatt uten problemer. Neste om fem år hvis HPV er negativ.",
    )
    start = clock.weekday(24, 9, 0)
    appointment(
        chart,
        [gp.reference, gp.unit],
        start,
        20,
        "Kontroll hos fastlegen",
        booked=clock.day(-19),
        instruction="Ta blodprøve hos oss dagen før. Du trenger ikke å faste.",
    )
    return chart


def _odin(clock: Clock, person: Person, mother: Person, rng: Random) -> Chart:
    chart, gp = _begin(clock, person), worker("magnus")
    children, nurse = worker("jonas"), worker("silje")
    family(
        chart,
        "Mor",
        "Mina",
        "Vikan",
        code="MTH",
        phone=mother.phone,
        number={"system": FNR, "value": mother.number},
        responsible=True,
    )
    family(chart, "Far", "Jon Erik", "Strand", code="FTH", phone="+4799900455", responsible=True)
    asthma = problem(chart, children, (ICD10, "J45.0"), "Allergisk astma", since=clock.day(-1010), year_only=True)
    problem(chart, gp, (ICPC2, "S87"), "Atopisk eksem", since=clock.day(-2200), year_only=True)
    reacted = clock.day(-1320)
    allergy(
        chart,
        children,
        "Peanøtter",
        "Elveblest og hevelse i leppene etter en bit kake",
        when=reacted.isoformat(),
        recorded=clock.day(-1290),
    )
    chart.put(
        "Flag",
        "flag",
        children,
        status="active",
        category=[concept(f"{HL7}flag-category", "safety", "Kritisk informasjon")],
        code={"text": "Peanøttallergi: har adrenalinpenn hjemme og på skolen"},
        period=period(clock.day(-1290)),
    )
    for atc, name, dose, needed in (
        ("R03BA02", "Budesonid inhalasjon", "100 µg × 2 med kammer", False),
        ("R03AC02", "Salbutamol inhalasjon", "0,1 mg, 2–4 inhalasjoner ved tung pust", True),
        ("C01CA24", "Adrenalinpenn", "0,15 mg i låret ved alvorlig reaksjon, ring 113", True),
        ("R06AX27", "Desloratadin mikstur", "5 ml ved utslett", True),
    ):
        medicine(chart, children, atc, name, dose, since=clock.day(-175), reason=asthma, as_needed=needed)
    childhood(chart, person, rng)
    _attack(chart, clock)
    seen = clock.weekday(-175, 10, 30)
    visit = encounter(
        chart,
        children,
        "AMB",
        seen,
        seen + timedelta(minutes=40),
        code=concept(ICD10, "J45.0", "Allergisk astma"),
    )
    for measure, gained in ((m.HEIGHT, 5.5), (m.WEIGHT, 2.1)):
        m.vital(chart, children, measure, _last(chart, measure) + gained, seen, encounter=visit)
    note(
        chart,
        children,
        seen + timedelta(minutes=40),
        "Astmakontroll på barnepoliklinikken",
        "Odin leker og springer som de andre. Hoster litt om natta ved forkjølelse. Pusteprøven er normal.",
        "Fortsetter budesonid 100 µg × 2. Ny handlingsplan gitt: grønn, gul og rød. Mina viste riktig bruk av adrenalinpennen.",
        encounter=visit,
    )
    chart.put(
        "CarePlan",
        "plan",
        children,
        status="active",
        intent="plan",
        title="Handlingsplan ved astma",
        description="Grønn: fast medisin. Gul: hoste eller tung pust. Rød: får ikke leke eller snakke på grunn av pusten.",
        period=period(clock.day(-175)),
        activity=[
            {"detail": {"status": "in-progress", "description": text}}
            for text in (
                "Grønn: budesonid morgen og kveld, puss tennene etterpå",
                "Gul: salbutamol 2–4 inhalasjoner, inntil hver fjerde time, ring fastlegen ved mer enn to dager",
                "Rød: salbutamol 6 inhalasjoner og ring 113",
            )
        ],
    )
    school = clock.weekday(-60, 11, 0)
    note(
        chart,
        nurse,
        school,
        "Skolehelsetjenesten",
        "Samtale med Odin, Mina og kontaktlærer. Adrenalinpenn og handlingsplan ligger i klasserommet, alle lærerne på "
        "trinnet har fått opplæring.",
    )
    start = clock.weekday(9, 12, 30)
    appointment(
        chart,
        [children.reference, children.unit],
        start,
        40,
        "Astmakontroll på barnepoliklinikken",
        booked=clock.day(-40),
        instruction="Ta med kammer og medisiner. Odin skal ikke ha salbutamol de siste fire timene før timen.",
    )
    appointment(
        chart,
        [nurse.reference, nurse.unit],
        clock.weekday(12, 10, 0),
        15,
        "Helseundersøkelse på skolen",
        booked=clock.day(-30),
    )
    chart.put(
        "ServiceRequest",
        "referral",
        gp,
        status="completed",
        intent="order",
        category=[{"text": "Henvisning"}],
        code={"text": "Barnepoliklinikken: astma"},
        authoredOn=instant(clock.weekday(-1040, 13, 0)),
        occurrenceDateTime=clock.day(-1010).isoformat(),
        performer=[children.unit],
        note=[
            {
                "text": "Gjentatte perioder med pipende pust, sist etter lek i kulda. Eksem, reaksjon på peanøtt. Mor har migrene."
            }
        ],
    )
    return chart


def _last(chart: Chart, measure: m.Measure) -> float:
    """The value the health centre wrote last: a child grows from there."""
    values = [
        r["valueQuantity"]["value"]
        for r in chart.resources
        if r["resourceType"] == "Observation" and r["code"]["coding"][0]["code"] == measure.code
    ]
    return float(values[-1])


def _attack(chart: Chart, clock: Clock) -> None:
    """The night at the out-of-hours clinic a month ago."""
    by = worker("henrik", "legevakt")
    came = clock.at(-33, 20, 40)
    visit = encounter(
        chart,
        by,
        "EMER",
        came,
        came + timedelta(hours=1, minutes=50),
        code=concept(ICPC2, "R96", "Astmaanfall"),
    )
    for minutes, pulse, breath, saturation, warm in (
        (5, 138, 36, 92, 37.9),
        (60, 142, 28, 95, 37.7),
        (100, 128, 24, 97, 37.5),
    ):
        when = came + timedelta(minutes=minutes)
        for measure, value in (
            (m.PULSE, pulse),
            (m.RESPIRATION, breath),
            (m.SATURATION, saturation),
            (m.TEMPERATURE, warm),
        ):
            m.vital(chart, worker("vegard"), measure, value, when, encounter=visit)
    note(
        chart,
        by,
        came + timedelta(hours=1, minutes=45),
        "Legevakt: astmaanfall",
        "Forkjølet i to dager, tyngre pust i kveld. Pipelyder på begge sider, bruker hjelpemuskler, snakker i korte setninger.",
        "God virkning av salbutamol på kammer tre ganger. SpO₂ 97 % og rolig pust ved hjemreise. Følger gul plan hjemme, "
        "ringer ved forverring. Fastlegen ser ham om to dager.",
        encounter=visit,
    )
    seen = clock.weekday(-31, 8, 30)
    again = encounter(
        chart,
        worker("magnus"),
        "AMB",
        seen,
        seen + timedelta(minutes=15),
        code=concept(ICPC2, "R96", "Astma"),
    )
    note(
        chart,
        worker("magnus"),
        seen + timedelta(minutes=15),
        "Kontroll etter astmaanfall",
        "Fin igjen, litt løs hoste. Rene lunger. Hadde glemt budesonid i ferien, tar den nå morgen og kveld.",
        encounter=again,
    )
