# ruff: noqa: E501 - sentences and table rows stay on one line
"""Ragnhild's stay in Medisin 3: from the night she came to the day she hopes to go home.

What lies in the future of `now` is not told yet, so that the chart is right at any hour.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    HL7,
    ICD10,
    Chart,
    Resource,
    appointment,
    concept,
    encounter,
    medicine,
    note,
    period,
    status,
    to,
)
from samjournal.demo.clock import Clock, instant
from samjournal.demo.inbox import around
from samjournal.demo.organisations import bed
from samjournal.demo.staff import Staff, worker


def admitted(clock: Clock) -> datetime:
    """When she came to the ward."""
    return clock.at(-3, 2, 40)


def in_hospital(chart: Chart, problems: dict[str, Resource], rng: Random) -> None:
    """The stay, with medicines, measurements, results, notes and plan until now."""
    stay = _stay(chart)
    _medicines(chart, stay, problems)
    _measurements(chart, stay, rng)
    _results(chart, stay)
    _ward_notes(chart, stay)
    _plan(chart, stay)
    around(chart, stay)


def _stay(chart: Chart) -> Resource:
    came = admitted(chart.clock)
    duty = worker("kine")
    arrived = came - timedelta(hours=1, minutes=35)
    first = encounter(chart, duty, "EMER", arrived, came - timedelta(minutes=30), reason="Akutt tung pust")
    note(
        chart,
        duty,
        came - timedelta(minutes=35),
        "Legevakt: akutt tung pust",
        "Våknet kl. 23 og fikk ikke puste liggende. Satt på sengekanten da ambulansen kom. Hostet i fem dager.",
        "Resp. 30, SpO₂ 84 % uten oksygen, BT 158/92, puls 124 uregelmessig, temp. 38,3. Knatrelyder til midt på lungene, "
        "pipelyder på begge sider. Ødem til knærne.",
        "Fikk oksygen, furosemid 40 mg intravenøst og salbutamol/ipratropium på forstøver. Legges inn Medisin 3.",
        encounter=first,
    )
    stay = encounter(
        chart,
        worker("henrik", "medisin-3"),
        "IMP",
        came,
        None,
        type_="Innleggelse",
        place=bed("medisin-3", "311 vindu"),
        code=concept(ICD10, "I50.0", "Forverret hjertesvikt"),
    )
    stay["participant"] = [
        {
            "type": [_participation("ATND", "Ansvarlig lege")],
            "individual": worker("henrik", "medisin-3").reference,
        },
        {"type": [_participation("PART", "Ansvarlig sykepleier")], "individual": worker("ayla").reference},
    ]
    stay["priority"] = {
        "coding": [{"system": f"{HL7}v3-ActPriority", "code": "EM"}],
        "text": "Øyeblikkelig hjelp",
    }
    stay["hospitalization"] = {"admitSource": {"text": "Innherred legevakt"}}
    return stay


def _participation(code: str, text: str) -> Resource:
    return {"coding": [{"system": f"{HL7}v3-ParticipationType", "code": code}], "text": text}


def _medicines(chart: Chart, stay: Resource, problems: dict[str, Resource]) -> None:
    clock, doctor, gp = chart.clock, worker("henrik", "medisin-3"), worker("magnus")
    came = admitted(clock)
    started, changed = came + timedelta(minutes=45), clock.at(-2, 8, 50)
    heart, copd, diabetes = problems["heart"], problems["copd"], problems["diabetes"]
    ward = [
        medicine(
            chart,
            doctor,
            "C03CA01",
            "Furosemid injeksjon",
            "40 mg iv × 2, morgen og kl. 14",
            since=changed,
            reason=problems["worse"],
            place="inpatient",
            note_="Økt fra 20 mg × 2 den første dagen.",
        ),
        medicine(
            chart,
            doctor,
            "J01AA02",
            "Doksysyklin",
            "100 mg × 1 i 7 dager",
            since=started,
            reason=problems["flare"],
            place="inpatient",
            note_="Valgt fordi hun ikke tåler penicillin.",
        ),
        medicine(
            chart,
            doctor,
            "H02AB06",
            "Prednisolon",
            "30 mg × 1 i 5 dager",
            since=started,
            reason=problems["flare"],
            place="inpatient",
        ),
        medicine(
            chart,
            doctor,
            "R03AL02",
            "Salbutamol/ipratropium",
            "På forstøver, inntil 4 ganger i døgnet ved tung pust",
            since=started,
            reason=problems["flare"],
            as_needed=True,
            place="inpatient",
        ),
    ]
    potassium = clock.at(-1, 9, 5)
    if potassium < clock.now:
        ward.append(
            medicine(
                chart,
                doctor,
                "A12BA01",
                "Kaliumklorid depot",
                "750 mg × 2",
                since=potassium,
                place="inpatient",
                note_="Kalium 3,5 under vanndrivende behandling.",
            )
        )
    for order in ward:
        order["encounter"] = to(stay)
    pause = "Satt på pause: nyrefunksjon og akutt sykdom"
    medicine(chart, gp, "B01AF02", "Apiksaban", "5 mg × 2", since=clock.years_ago(7, 3, 2), reason=problems["flutter"])
    medicine(chart, gp, "C07AB02", "Metoprolol depot", "50 mg × 1", since=clock.years_ago(5, 9, 21), reason=heart)
    medicine(
        chart,
        gp,
        "C09CA01",
        "Losartan",
        "50 mg × 1",
        since=clock.years_ago(5, 10, 30),
        state="on-hold",
        why=pause,
        reason=heart,
    )
    medicine(
        chart,
        gp,
        "A10BA02",
        "Metformin",
        "500 mg × 2",
        since=clock.years_ago(14, 4, 8),
        state="on-hold",
        why=pause,
        reason=diabetes,
    )
    medicine(
        chart,
        worker("marte"),
        "A10BK03",
        "Empagliflozin",
        "10 mg × 1",
        since=clock.day(-142),
        state="on-hold",
        why="Satt på pause: akutt sykdom og dårlig matlyst",
        reason=heart,
    )
    medicine(chart, gp, "A10AE04", "Insulin glargin", "14 E kl. 21", since=clock.years_ago(4, 5, 6), reason=diabetes)
    medicine(chart, gp, "R03BB04", "Tiotropium", "18 µg inhalasjon × 1", since=clock.years_ago(9, 10, 20), reason=copd)
    medicine(chart, gp, "C10AA05", "Atorvastatin", "20 mg kl. 21", since=clock.years_ago(14, 9, 1), reason=diabetes)
    medicine(
        chart,
        gp,
        "N02BE01",
        "Paracetamol",
        "1 g inntil × 3 ved smerter",
        since=clock.day(-52),
        as_needed=True,
    )
    medicine(
        chart,
        gp,
        "C03CA01",
        "Furosemid tabletter",
        "40 mg × 2",
        since=clock.day(-5),
        state="stopped",
        why="Byttet til intravenøs behandling ved innleggelsen",
        reason=heart,
    )


# Hours since admission, then systolic, diastolic, pulse, temperature, respiration, saturation, oxygen.
_OXYGEN_HOURS = 71
_COURSE = (
    (0.3, 152, 90, 122, 38.3, 28, 89, 4.0),
    (3.5, 140, 84, 112, 38.4, 26, 92, 4.0),
    (7.5, 134, 80, 106, 38.1, 24, 93, 3.0),
    (11.5, 128, 76, 104, 38.2, 24, 92, 3.0),
    (15.5, 126, 78, 102, 37.9, 22, 93, 3.0),
    (19.5, 122, 74, 98, 37.8, 22, 93, 2.0),
    (27.5, 118, 70, 98, 37.9, 22, 94, 2.0),
    (33.5, 116, 72, 96, 37.6, 21, 93, 2.0),
    (39.5, 116, 68, 94, 37.5, 20, 94, 2.0),
    (43.5, 112, 66, 92, 37.4, 20, 94, 2.0),
    (51.5, 116, 68, 90, 37.3, 20, 94, 1.0),
    (57.5, 118, 70, 92, 37.2, 20, 93, 1.0),
    (63.5, 114, 68, 88, 37.4, 20, 94, 1.0),
    (67.5, 120, 70, 86, 37.0, 18, 94, 1.0),
    (75.5, 118, 68, 86, 36.9, 18, 93, 0.0),
    (81.5, 122, 70, 84, 37.0, 18, 94, 0.0),
    (87.5, 120, 68, 86, 36.9, 18, 95, 0.0),
    (91.5, 118, 70, 82, 36.8, 18, 94, 0.0),
)
_DAY, _EVENING, _NIGHT = "ayla", "tor-arne", "birgit"


def _on_duty(when: datetime) -> Staff:
    return worker(_DAY if 7 <= when.hour < 15 else _EVENING if 15 <= when.hour < 22 else _NIGHT)


def _measurements(chart: Chart, stay: Resource, rng: Random) -> None:
    came = admitted(chart.clock)
    for hours, high, low, pulse, temperature, respiration, saturation, oxygen in _COURSE:
        when = came + timedelta(hours=hours, minutes=rng.randint(-4, 6))
        if when >= chart.clock.now:
            break
        nurse = _on_duty(when)
        m.blood_pressure(chart, nurse, high, low, when, encounter=stay)
        for measure, value in (
            (m.PULSE, pulse),
            (m.TEMPERATURE, temperature),
            (m.RESPIRATION, respiration),
            (m.SATURATION, saturation),
            (m.OXYGEN, oxygen),
        ):
            m.vital(chart, nurse, measure, value, when, encounter=stay)
        m.news2(
            chart,
            nurse,
            when,
            encounter=stay,
            pulse=pulse,
            respiration=respiration,
            saturation=saturation,
            temperature=temperature,
            systolic=high,
            oxygen=oxygen,
        )
    for days, weight in ((-3, 71.6), (-2, 70.4), (-1, 69.5), (0, 68.7)):
        when = chart.clock.at(days, 7, 10)
        if when < chart.clock.now:
            m.vital(chart, _on_duty(when), m.WEIGHT, weight, when, encounter=stay)


def _results(chart: Chart, stay: Resource) -> None:
    lab = worker("oddbjorn")
    course: dict[m.Measure, tuple[float, ...]] = {
        m.CRP: (88, 112, 71, 38),
        m.HB_WOMAN: (11.6, 11.3, 11.2, 11.4),
        m.CREATININE_WOMAN: (118, 131, 127, 121),
        m.POTASSIUM: (4.1, 3.8, 3.5, 3.7),
        m.SODIUM: (134, 135, 136, 137),
        m.NT_PROBNP: (7840, 6900, 5210, 4350),
        m.LEUCOCYTES: (13.4, 12.8, 10.9, 9.6),
    }
    times = (
        admitted(chart.clock) + timedelta(minutes=25),
        *(chart.clock.at(days, 7, 30) for days in (-2, -1, 0)),
    )
    for position, when in enumerate(times):
        if when < chart.clock.now:
            for measure, values in course.items():
                m.lab(chart, lab, measure, values[position], when, encounter=stay)


def _ward_notes(chart: Chart, stay: Resource) -> None:
    """The notes of the stay, as many as have been written by now."""
    clock = chart.clock
    henrik, ingvild, live = worker("henrik", "medisin-3"), worker("ingvild"), worker("live")
    told: tuple[tuple[Staff, datetime, str, str, tuple[str, ...]], ...] = (
        (henrik, clock.at(-3, 3, 55), "Innkomstnotat", "Innkomstnotat", (
            "Kvinne på 78 år med hjertesvikt (EF 35 %), permanent atrieflimmer, kols og diabetes type 2. Bor alene, "
            "hjemmesykepleie to ganger daglig.",
            "Siste uke økende tung pust og 3 kg opp i vekt. Hoste med gulgrønt oppspytt og feber siden lørdag. I natt "
            "akutt tung pust liggende.",
            "Røntgen av lungene: stuvning og litt væske på begge sider, mulig fortetning nederst til høyre. EKG: "
            "atrieflimmer 122 i minuttet, ingen nye ST-forandringer.",
            "Vurdering: Forverret hjertesvikt, trolig utløst av nedre luftveisinfeksjon ved kols. NEWS2 11.",
            "Furosemid intravenøst, doksysyklin (tåler ikke penicillin), prednisolon i fem dager, forstøver. Losartan, "
            "metformin og empagliflozin settes på pause. Mål for SpO₂ 90–94 %.")),
        (ingvild, clock.at(-3, 10, 30), "Samtale om behandlingsnivå", "Notat", (
            "Samtale med Ragnhild og datteren Torunn. Ragnhild er klar og godt orientert.",
            "Hun ønsker behandling på sengepost med antibiotika, væskedrivende og oksygen, og maske i en periode om det "
            "trengs. Hun ønsker ikke respirator eller hjerte-lunge-redning. HLR minus er avklart.",
            "Det som betyr mest for henne er å komme hjem til katten Pus og til sitt eget kjøkken.")),
        (worker("tor-arne"), clock.at(-3, 21, 20), "Kveld", "Sykepleienotat", (
            "Tungpustet ved stell, roligere etter forstøver kl. 18. Drakk 700 ml. Diurese 1 450 ml siden kl. 15. Engstelig i "
            "kveld, datteren satt hos henne til kl. 20.",)),
        (henrik, clock.at(-2, 8, 50), "Visitt", "Legenotat", (
            "Pusten er bedre, sov halvt sittende. Fortsatt knatrelyder nederst på begge sider og ødem til midt på leggen.",
            "Ned 1,2 kg. Kreatinin 131. Øker furosemid til 40 mg × 2 iv, kreatinin og elektrolytter daglig.")),
        (live, clock.at(-2, 13, 15), "Fysioterapi", "Fysioterapinotat", (
            "Satt på sengekanten i 20 minutter og gikk 12 m med rullator og oksygen. SpO₂ falt til 88 %, hentet seg inn på "
            "to minutter. Lærte pust med leppebrems.",)),
        (worker("birgit"), clock.at(-1, 6, 15), "Natt", "Sykepleienotat", (
            "Sov godt fra kl. 23 til 05. Hoster mindre. Blodsukker kl. 06 var 11,8 (prednisolon). Diurese 900 ml i natt.",)),
        (henrik, clock.at(-1, 9, 5), "Visitt", "Legenotat", (
            "Klart bedre. Snakker i hele setninger. Ødem bare rundt anklene. CRP på vei ned.",
            "Kalium 3,5: starter kaliumklorid. Trapper ned oksygen. Sikter mot hjemreise om to–tre dager dersom vekta er "
            "under 68 kg og hun klarer seg uten oksygen.")),
        (worker("ayla"), clock.at(-1, 14, 10), "Dag", "Sykepleienotat", (
            "Dusjet sittende med litt hjelp. Spiste middag ved bordet. Snakket med Egge hjemmesykepleie: de kan ta tre besøk "
            "om dagen den første uka, søknad er sendt.",)),
        (live, clock.at(-1, 14, 40), "Fysioterapi", "Fysioterapinotat", (
            "Gikk 45 m med rullator uten oksygen, SpO₂ 91–93 %. Seks trappetrinn opp og ned med støtte av rekkverk.",)),
        (worker("birgit"), clock.at(0, 6, 10), "Natt", "Sykepleienotat", (
            "Sov hele natta uten oksygen fra kl. 02. Ingen smerter. Gikk på toalettet selv kl. 05.30.",)),
        (henrik, clock.at(0, 8, 40), "Visitt", "Legenotat", (
            "Føler seg nesten som før, litt sliten i beina. 68,7 kg. CRP 38, kreatinin 121, kalium 3,7.",
            "Fortsetter furosemid iv i dag, tabletter 40 mg × 2 fra i morgen. Losartan vurderes når kreatinin er under 115. "
            "Ekko før hjemreise.")),
        (worker("ayla"), clock.at(0, 13, 50), "Dag", "Sykepleienotat", (
            "I god form. Veiingen hjemme og når hun skal ringe er gjennomgått; hun forklarte det riktig tilbake.",)),
    )  # fmt: skip
    for by, when, title, kind, paragraphs in told:
        if when < clock.now:
            note(chart, by, when, title, *paragraphs, kind=kind, encounter=stay)


def _plan(chart: Chart, stay: Resource) -> None:
    clock, henrik = chart.clock, worker("henrik", "medisin-3")
    came, leaves = admitted(clock), clock.day(2)
    goals = [
        _goal(chart, "Vekt under 68 kg", leaves),
        _goal(chart, "Uten oksygen i hvile og ved gange i trapp", leaves),
        _goal(chart, "Viktig for Ragnhild: hjem til katten og eget kjøkken", None),
    ]
    steps = [
        *(("in-progress", text) for _, text in _going_on(chart)),
        ("in-progress", "Kreatinin, kalium og vekt hver morgen"),
        ("scheduled", "Ekko av hjertet før hjemreise"),
        ("scheduled", "Videomøte med Egge hjemmesykepleie"),
        ("not-started", "Vurdere losartan når kreatinin er under 115"),
    ]
    chart.put(
        "CarePlan",
        "plan",
        henrik,
        status="active",
        intent="plan",
        title="Hjem med hjemmesykepleie tre ganger daglig",
        description="Når vekta er under 68 kg og hun klarer seg uten oksygen. To besøk daglig igjen etter den første uka.",
        encounter=to(stay),
        period=period(came.date(), leaves),
        created=clock.day(-1).isoformat(),
        goal=[to(goal, goal["description"]["text"]) for goal in goals],
        activity=[{"detail": {"status": state, "description": text}} for state, text in steps],
    )
    chart.put(
        "CarePlan",
        "plan",
        worker("ingvild"),
        status="active",
        intent="plan",
        category=[{"text": "Avklart behandling"}],
        title="Behandlingsnivå",
        description="Antibiotika, vanndrivende, oksygen og maske gis. Avklart med Ragnhild og datteren Torunn.",
        encounter=to(stay),
        period=period(came.date()),
    )
    _equipment(chart, stay)
    _appointments(chart)
    _waiting(chart, stay)


def _goal(chart: Chart, text: str, due: date | None) -> Resource:
    return chart.put(
        "Goal",
        "goal",
        worker("ayla"),
        lifecycleStatus="active",
        achievementStatus=status("goal-achievement", "in-progress"),
        description={"text": text},
        startDate=admitted(chart.clock).date().isoformat(),
        target=[{"dueDate": due.isoformat()}] if due else None,
    )


def _going_on(chart: Chart) -> list[tuple[datetime, str]]:
    """What runs into her and what is counted, since when."""
    came = admitted(chart.clock)
    going = [
        (came + timedelta(minutes=10), "Venekanyle, venstre underarm"),
        (came + timedelta(hours=1), "Væskeregnskap, drikke inntil 1 500 ml"),
    ]
    with_oxygen = chart.clock.now < came + timedelta(hours=_OXYGEN_HOURS)
    return [(came, "Oksygen på nesekateter, mål SpO₂ 90–94 %"), *going] if with_oxygen else going


def _equipment(chart: Chart, stay: Resource) -> None:
    for since, text in _going_on(chart):
        chart.put(
            "Procedure",
            "ongoing",
            worker("birgit"),
            status="in-progress",
            code={"text": text},
            encounter=to(stay),
            performedPeriod=period(since),
        )


def _appointments(chart: Chart) -> None:
    clock = chart.clock
    marte, live, lungs = worker("marte"), worker("live"), worker("samira")
    ayla, solveig = worker("ayla"), worker("solveig")
    booked = clock.day(-1)
    appointment(chart, [marte.reference, marte.unit], clock.next(13, 0), 30, "Ekko av hjertet", booked=booked)
    appointment(
        chart,
        [live.reference, live.unit],
        clock.next(14, 30),
        30,
        "Trening i trapp med fysioterapeut",
        booked=booked,
    )
    appointment(
        chart,
        [ayla.reference, solveig.reference, solveig.unit],
        clock.next(12, 30, days=1),
        30,
        "Videomøte med Egge hjemmesykepleie",
        booked=booked,
        instruction="Du og Torunn kan være med. Ayla henter deg.",
    )
    appointment(
        chart,
        [lungs.reference, lungs.unit],
        clock.weekday(23, 10, 15),
        45,
        "Pusteprøver på lungepoliklinikken",
        booked=booked,
        instruction="Ikke bruk tiotropium samme morgen. Ta med inhalatoren og medisinlista.",
    )


def _waiting(chart: Chart, stay: Resource) -> None:
    clock, henrik, ayla = chart.clock, worker("henrik", "medisin-3"), worker("ayla")
    marte = worker("marte")
    gave = admitted(clock) + timedelta(hours=5)
    culture = chart.put(
        "ServiceRequest",
        "order",
        henrik,
        status="active",
        intent="order",
        category=[{"text": "Mikrobiologi"}],
        code={"text": "Dyrkning av oppspytt"},
        encounter=to(stay),
        authoredOn=instant(gave),
        occurrencePeriod=period(gave, clock.at(1, 15)),
        performer=[{"reference": "Organization/mikrobiologi", "display": "Medisinsk mikrobiologi, Sykehuset Levanger"}],
    )
    referral = chart.put(
        "ServiceRequest",
        "referral",
        henrik,
        status="active",
        intent="order",
        category=[{"text": "Henvisning"}],
        code={"text": "Hjertepoliklinikken: kontroll etter innleggelse"},
        encounter=to(stay),
        authoredOn=instant(clock.at(-1, 10, 15)),
        occurrencePeriod=period(clock.at(-1, 10, 15), clock.at(9, 12)),
        performer=[marte.unit],
        note=[
            {
                "text": "Forverret hjertesvikt utløst av luftveisinfeksjon. Ber om kontroll tre–fire uker etter hjemreise, "
                "med tanke på å starte losartan igjen."
            }
        ],
    )
    chart.put(
        "ServiceRequest",
        "referral",
        worker("magnus"),
        status="completed",
        intent="order",
        category=[{"text": "Henvisning"}],
        code={"text": "Hjertepoliklinikken: hjertesvikt"},
        authoredOn=instant(clock.weekday(-200, 10, 0)),
        occurrenceDateTime=clock.weekday(-142, 11, 0).date().isoformat(),
        performer=[marte.unit],
    )
    office = worker("wenche")
    _task(
        chart,
        henrik,
        {"reference": "Organization/mikrobiologi", "display": "Medisinsk mikrobiologi"},
        "Svar på dyrkning av oppspytt",
        gave,
        clock.at(1, 15),
        focus=culture,
    )
    _task(
        chart,
        ayla,
        office.unit,
        "Søknad om tre besøk daglig den første uka",
        clock.at(-1, 11, 20),
        clock.at(1, 12),
        state="accepted",
        owner=office,
    )
    _task(
        chart,
        henrik,
        marte.unit,
        "Time på hjertepoliklinikken",
        clock.at(-1, 10, 15),
        clock.weekday(4, 12),
        state="accepted",
        focus=referral,
    )
    _task(
        chart,
        worker("ingvild"),
        henrik.reference,
        "Ta stilling til losartan og empagliflozin",
        clock.at(-1, 9, 15),
        clock.next(15),
    )
    _task(chart, henrik, ayla.unit, "Bytte venekanyle", clock.at(-1, 14, 0), clock.next(20))
    _task(
        chart,
        henrik,
        worker("turid").reference,
        "Bestille kontroll hos fastlege innen 7 dager etter hjemreise",
        clock.at(-1, 9, 10),
        clock.at(2, 12),
    )
    _task(
        chart,
        henrik,
        henrik.reference,
        "Epikrise: legemidler og plan gjenstår",
        clock.at(-1, 9, 12),
        clock.at(2, 11),
        state="in-progress",
    )


def _task(
    chart: Chart,
    by: Staff,
    owner_reference: Resource,
    text: str,
    asked: datetime,
    due: datetime,
    *,
    state: str = "requested",
    focus: Resource | None = None,
    owner: Staff | None = None,
) -> None:
    chart.put(
        "Task",
        "task",
        by,
        status=state,
        intent="order",
        description=text,
        authoredOn=instant(asked),
        lastModified=instant(asked),
        owner=owner.reference if owner else owner_reference,
        focus=to(focus, focus["code"]["text"]) if focus else None,
        restriction={"period": {"end": instant(due)}},
    )
