# ruff: noqa: E501 - sentences and table rows stay on one line
"""Ragnhild Solbakk, 78: heart failure, COPD and diabetes; in Medisin 3 for the third day after admission.

The chart that the first page of the workspace is drawn for: each block of it has something here.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    ATC,
    HL7,
    ICD10,
    Chart,
    Resource,
    allergy,
    concept,
    encounter,
    family,
    note,
    period,
    problem,
)
from samjournal.demo.childhood import vaccine
from samjournal.demo.clock import Clock
from samjournal.demo.numbers import birth_number
from samjournal.demo.people import Home, patient
from samjournal.demo.ragnhild_stay import admitted, in_hospital
from samjournal.demo.staff import Staff, worker

HOME = Home("Kvamsvegen 14", "7712", "Steinkjer", "Steinkjer", "5006")


def ragnhild(clock: Clock, rng: Random, used: set[str]) -> Chart:
    """All of Ragnhild's resources."""
    born = clock.birthday(78, 3, 11)
    number = birth_number(rng, born, woman=True, used=used)
    person = patient(
        "ragnhild",
        "Ragnhild",
        "Solbakk",
        woman=True,
        born=born,
        number=number,
        home=HOME,
        gp=worker("magnus"),
        phone="+4799900178",
        marital=("W", "Enke"),
    )
    chart = Chart(person, clock, born=born)
    family(chart, "Datter", "Torunn", "Solbakk Eide", code="DAUC", phone="+4799900412")
    family(chart, "Sønn", "Arnt", "Solbakk", code="SONC", phone="+4799900733", next_of_kin=False)
    problems = _problems(chart)
    _warnings(chart)
    _habits(chart)
    _earlier(chart)
    _home_care(chart)
    in_hospital(chart, problems, rng)
    return chart


def _problems(chart: Chart) -> dict[str, Resource]:
    clock, gp, heart = chart.clock, worker("magnus"), worker("marte")
    old = [
        ("heart", heart, "I50.0", "Hjertesvikt, EF 35 %", 5, 9, 14),
        ("flutter", gp, "I48.2", "Permanent atrieflimmer", 7, 3, 2),
        ("copd", worker("samira"), "J44.9", "Kols, GOLD 2", 9, 10, 20),
        ("diabetes", gp, "E11.9", "Diabetes type 2", 14, 4, 8),
        ("kidney", gp, "N18.3", "Kronisk nyresykdom, stadium 3a", 3, 2, 17),
        ("pressure", gp, "I10", "Høyt blodtrykk", 21, 6, 5),
        ("cataract", gp, "Z96.1", "Kunstig linse, begge øyne", 4, 11, 12),
    ]
    found = {
        key: problem(chart, by, (ICD10, code), text, since=clock.years_ago(years, month, day), year_only=True)
        for key, by, code, text, years, month, day in old
    }
    came = admitted(clock)
    doctor = worker("henrik", "medisin-3")
    found["worse"] = problem(chart, doctor, (ICD10, "I50.0"), "Forverret hjertesvikt", since=came, recorded=came)
    found["flare"] = problem(
        chart,
        doctor,
        (ICD10, "J44.0"),
        "Kols med nedre luftveisinfeksjon",
        since=came,
        recorded=came,
        certain=False,
    )
    problem(
        chart,
        gp,
        (ICD10, "S52.5"),
        "Brudd i høyre håndledd",
        since=clock.years_ago(12, 1, 23),
        active=False,
        ended=clock.years_ago(12, 4, 3),
    )
    return found


def _warnings(chart: Chart) -> None:
    clock, gp, doctor = chart.clock, worker("magnus"), worker("ingvild")
    allergy(
        chart,
        gp,
        "Penicillin",
        "Elveblest og hevelse i ansiktet",
        when=str(clock.today.year - 15),
        recorded=clock.years_ago(15, 2, 9),
        code=(ATC, "J01C"),
    )
    allergy(
        chart,
        gp,
        "Enalapril",
        "Tørrhoste",
        when=str(clock.today.year - 5),
        recorded=clock.years_ago(5, 10, 30),
        high=False,
        code=(ATC, "C09AA02"),
        intolerance=True,
    )
    decided = admitted(clock).date()
    _flag(chart, gp, "Blodfortynnende: apiksaban", clock.years_ago(7, 3, 2))
    _flag(chart, doctor, "HLR minus, ikke respirator", decided)


def _flag(chart: Chart, by: Staff, text: str, since: date) -> None:
    chart.put(
        "Flag",
        "flag",
        by,
        status="active",
        category=[concept(f"{HL7}flag-category", "safety", "Kritisk informasjon")],
        code={"text": text},
        period=period(since),
    )


def _habits(chart: Chart) -> None:
    clock, gp, nurse = chart.clock, worker("magnus"), worker("ayla")
    asked, came = clock.weekday(-420, 10, 20), admitted(clock) + timedelta(hours=7)
    m.social(chart, gp, m.SMOKING, "Røykte til 2012, 35 pakkeår", asked)
    m.social(chart, gp, m.ALCOHOL, "Et glass vin i helgene", asked)
    m.social(
        chart,
        nurse,
        m.LIVING,
        "Bor alene i enebolig, tolv trinn opp til inngangen og soverom i 2. etasje.",
        came,
    )
    m.social(
        chart,
        nurse,
        m.LIVING,
        "Rullator inne, gikk 150 m ute i sommer. Steller seg selv, hjelp til dusj og støttestrømper.",
        came + timedelta(minutes=2),
    )
    for code, day in (
        ("J07BB02", _latest_autumn(clock)),
        ("J07BN01", _latest_autumn(clock)),
        ("J07AL01", clock.years_ago(2, 11, 4)),
    ):
        vaccine(chart, gp, code, day)


def _latest_autumn(clock: Clock) -> date:
    day = clock.years_ago(0, 10, 15)
    return day if day < clock.today else clock.years_ago(1, 10, 15)


def _earlier(chart: Chart) -> None:
    """Contacts before this stay."""
    clock = chart.clock
    gp, heart, ward = worker("magnus"), worker("marte"), worker("ingvild")
    start, end = clock.at(-191, 16, 5), clock.at(-186, 12, 30)
    stay = encounter(chart, ward, "IMP", start, end, reason="Hjertesvikt", type_="Innleggelse")
    note(
        chart,
        ward,
        end,
        "Epikrise Medisin 3",
        "Innlagt på grunn av økende tung pust og ødem i leggene. Ekko viste EF 35 %, uendret fra i fjor.",
        "Fikk furosemid intravenøst i tre døgn og gikk ned 3,8 kg. Reiste hjem med 40 mg furosemid daglig, vekt 67,4 kg.",
        "Plan: Kreatinin og kalium hos fastlegen om en uke. Veier seg hver morgen og ringer ved mer enn 2 kg opp på tre dager.",
        kind="Epikrise",
        encounter=stay,
    )
    seen = clock.weekday(-142, 11, 0)
    control = encounter(chart, heart, "AMB", seen, seen + timedelta(minutes=40), reason="Kontroll av hjertesvikt")
    note(
        chart,
        heart,
        seen + timedelta(minutes=40),
        "Kontroll på hjertepoliklinikken",
        "Pusten er god på flat mark, må hvile i trapp. Ikke ødemer. Blodtrykk 124/70, puls 78 uregelmessig.",
        "Startet empagliflozin 10 mg. Losartan økes ikke nå på grunn av nyrefunksjonen. Ny kontroll om et halvt år.",
        encounter=control,
    )
    m.blood_pressure(chart, heart, 124, 70, seen, encounter=control)
    m.vital(chart, heart, m.PULSE, 78, seen, encounter=control)
    fall = clock.at(-52, 19, 25)
    visit = encounter(
        chart,
        worker("henrik", "legevakt"),
        "EMER",
        fall,
        fall + timedelta(hours=1, minutes=35),
        reason="Fall hjemme",
    )
    note(
        chart,
        worker("henrik", "legevakt"),
        fall + timedelta(hours=1, minutes=30),
        "Legevakt: fall på badet",
        "Skled på badegulvet og slo venstre hofte. Ikke slag mot hodet, ikke svimmel på forhånd.",
        "Belaster beinet, god bevegelighet i hofta, ikke trykkøm over trokanter. Bloduttredelse 6 × 4 cm. Bruker apiksaban.",
        "Ingen mistanke om brudd. Paracetamol ved behov. Hjemmesykepleien får beskjed og ser på sklisikring.",
        encounter=visit,
    )
    checked = clock.weekday(-75, 9, 40)
    year_control = encounter(chart, gp, "AMB", checked, checked + timedelta(minutes=30), reason="Årskontroll diabetes")
    note(
        chart,
        gp,
        checked + timedelta(minutes=30),
        "Årskontroll diabetes og kols",
        "HbA1c 55, mål under 58 er nådd. Ingen sår på føttene, nedsatt følesans for monofilament på begge stortær.",
        "Bruker inhalatoren riktig. Én forverring det siste året. Sender til øyelege for netthinnefoto.",
        encounter=year_control,
    )
    m.blood_pressure(chart, gp, 132, 74, checked, encounter=year_control)
    for measure, value in ((m.HBA1C, 55), (m.CREATININE_WOMAN, 104), (m.POTASSIUM, 4.3), (m.TSH, 2.1)):
        result = m.lab(chart, gp, measure, value, checked, encounter=year_control)
        if measure is m.HBA1C:
            told = (
                "Det er høyere enn hos dem uten diabetes, men lavere enn i fjor og under målet vårt. Fortsett som nå."
            )
            result["note"] = [m.comment(gp, told, checked + timedelta(hours=26))]
    previous = clock.weekday(-440, 9, 20)
    for measure, value in ((m.HBA1C, 59), (m.CREATININE_WOMAN, 98), (m.HB_WOMAN, 12.6), (m.NT_PROBNP, 1850)):
        m.lab(chart, gp, measure, value, previous)


def _home_care(chart: Chart) -> None:
    clock = chart.clock
    solveig, bente = worker("solveig"), worker("bente")
    since = clock.years_ago(2, 8, 19)
    chart.put(
        "EpisodeOfCare",
        "service",
        solveig,
        status="active",
        type_=[{"text": "Hjemmesykepleie, to besøk daglig"}],
        period=period(since),
    )
    plan = [
        "Morgen: støttestrømper, veiing, medisiner fra dosett",
        "Kveld: insulin, av med støttestrømper",
        "Dusj tirsdag og fredag",
        "Ring fastlegen ved mer enn 2 kg opp på tre dager",
    ]
    chart.put(
        "CarePlan",
        "plan",
        solveig,
        status="on-hold",
        intent="plan",
        title="Tiltaksplan hjemme",
        description="Satt på vent mens Ragnhild er innlagt.",
        period=period(since),
        activity=[{"detail": {"status": "on-hold", "description": text}} for text in plan],
    )
    measured = (
        (-24, 67.6, 126, 72, bente),
        (-17, 67.9, 122, 70, solveig),
        (-10, 68.8, 128, 76, solveig),
        (-5, 70.9, 134, 80, solveig),
    )
    for days, weight, high, low, nurse in measured:
        when = clock.at(days, 8, 35)
        visit = (
            encounter(chart, nurse, "HH", when, when + timedelta(minutes=25), type_="Hjemmebesøk")
            if days > -15
            else None
        )
        m.blood_pressure(chart, nurse, high, low, when + timedelta(minutes=8), encounter=visit)
        m.vital(chart, nurse, m.WEIGHT, weight, when + timedelta(minutes=5), encounter=visit)
        m.vital(chart, nurse, m.PULSE, 76 + (days + 24) // 2, when + timedelta(minutes=8), encounter=visit)
    note(
        chart,
        solveig,
        clock.at(-10, 9, 10),
        "Hjemmebesøk",
        "Vekta er opp 0,9 kg siden forrige uke. Lett hevelse rundt anklene, strømpene sitter stramt. Spiser godt.",
        "Minnet om å gå lett på saltet. Veier hver morgen denne uka.",
    )
    note(
        chart,
        solveig,
        clock.at(-5, 9, 15),
        "Hjemmebesøk: vektøkning",
        "70,9 kg, opp 2,1 kg på fem dager. Mer tungpusten i trappa, hoster gulaktig slim siden lørdag. Temp. 37,9.",
        "Ringte legekontoret kl. 09.05. Fastlegen øker furosemid til 40 mg to ganger daglig og ber om ny vekt i morgen.",
    )
    note(
        chart,
        worker("magnus"),
        clock.at(-5, 12, 20),
        "Telefon fra hjemmesykepleien",
        "Vektøkning og mer tungpust. Øker furosemid til 40 mg × 2. Kommer til time om to dager, legevakt ved forverring.",
    )
