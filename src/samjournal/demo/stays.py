# ruff: noqa: E501 - sentences and table rows stay on one line
"""Who lies in the wards today: a course of two to five days with measurements, results, notes and a plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    ICD10,
    Chart,
    Resource,
    concept,
    encounter,
    medicine,
    note,
    period,
    problem,
    to,
)
from samjournal.demo.clock import instant
from samjournal.demo.histories import suits
from samjournal.demo.inhabitants import Person
from samjournal.demo.organisations import bed
from samjournal.demo.staff import Staff, at_unit, worker


@dataclass(frozen=True, slots=True)
class Course:
    """Why somebody is admitted and how it goes; pairs are the first value and the value when better."""

    icd: str
    name: str
    ward: str
    story: str
    found: str
    started: str
    better: str
    home: str
    pulse: tuple[float, float] = (88, 74)
    systolic: tuple[float, float] = (132, 128)
    temperature: tuple[float, float] = (37.0, 36.8)
    respiration: tuple[float, float] = (18, 16)
    saturation: tuple[float, float] = (96, 97)
    crp: tuple[float, float] = (12, 6)
    leucocytes: tuple[float, float] = (8.4, 7.2)
    haemoglobin: tuple[float, float] = (13.0, 12.8)
    sodium: tuple[float, float] = (139, 140)
    creatinine: tuple[float, float] = (86, 80)
    drugs: tuple[tuple[str, str, str], ...] = ()
    instead: tuple[str, str, str] | None = None  # for those who do not tolerate penicillin
    ongoing: tuple[str, ...] = ("Venekanyle, venstre underarm",)
    pauses: tuple[str, ...] = ()  # beginnings of ATC codes


COURSES = (
    Course(
        "J18.9", "Lungebetennelse", "medisin-3",
        "Fire dager med hoste, feber og frostanfall. Stikk i høyre side når {han} puster inn.",
        "Knatrelyder nederst til høyre. Røntgen: fortetning i høyre underlapp.",
        "Starter antibiotika og væske. Blodkultur er tatt.",
        "Feberfri siden i går. Hoster mindre, spiser igjen. CRP faller.",
        "Hjem med tabletter i fire dager til. Røntgenkontroll om seks uker.",
        (112, 82), (118, 126), (39.1, 37.0), (26, 18), (91, 95), (212, 64), (16.2, 9.4),
        drugs=(("J01CE01", "Benzylpenicillin", "1,2 g iv × 4"),), instead=("J01DD01", "Cefotaksim", "1 g iv × 3"),
    ),
    Course(
        "N10", "Nyrebekkenbetennelse", "medisin-3",
        "Svie ved vannlating i tre dager, siden i går frostanfall og vondt i høyre flanke.",
        "Bankeøm over høyre nyre. Urinstiks: leukocytter 3+, nitritt positiv.",
        "Urin- og blodkultur tatt. Starter antibiotika intravenøst.",
        "Feberen er borte, ikke lenger øm i flanken. Dyrkning viser E. coli, følsom.",
        "Hjem med tabletter, til sammen sju dager.",
        (108, 78), (116, 124), (39.4, 36.9), (20, 16), (96, 97), (188, 72), (15.1, 8.8), creatinine=(104, 84),
        drugs=(("J01DC02", "Cefuroksim", "1,5 g iv × 3"),), instead=("J01EE01", "Trimetoprim/sulfametoksazol", "2 tabletter × 2"),
    ),
    Course(
        "I48.9", "Atrieflimmer med rask puls", "medisin-3",
        "Hjertebank og slapp siden i går kveld. Ikke brystsmerter. Ikke besvimt.",
        "Uregelmessig puls 138. EKG: atrieflimmer. Ingen stuvning på røntgen.",
        "Metoprolol økes, telemetri. Ekko bestilt.",
        "Puls rundt 80, ingen plager ved gange i korridoren.",
        "Hjem på metoprolol og blodfortynnende. Kontroll hos fastlegen om to uker.",
        (138, 82), (142, 130), drugs=(("C07AB02", "Metoprolol depot", "100 mg × 1"),), ongoing=("Telemetri", "Venekanyle, høyre underarm"),
    ),
    Course(
        "A46", "Rosen på venstre legg", "medisin-3",
        "Frostanfall i går, i dag rød og varm legg. Har sprekker mellom tærne.",
        "Skarpt avgrenset rødme fra ankel til under kneet, øm. Ingen blemmer, ikke tegn til blodpropp.",
        "Antibiotika intravenøst, beinet høyt, rødmen er tegnet opp.",
        "Rødmen har trukket seg fem centimeter innenfor streken. Feberfri.",
        "Hjem med tabletter i ti dager og krem mot fotsopp.",
        (98, 76), (134, 128), (38.7, 36.9), (18, 16), (96, 97), (146, 58), (13.6, 8.9),
        drugs=(("J01CE01", "Benzylpenicillin", "1,2 g iv × 4"),), instead=("J01FF01", "Klindamycin", "600 mg iv × 3"),
    ),
    Course(
        "E87.1", "Lavt natrium", "medisin-3",
        "Slapp, kvalm og ustø i en uke. Har drukket mye vann, spist lite.",
        "Klar, litt langsom. Ingen utfall. Natrium 121.",
        "Drikke inntil én liter i døgnet, natrium hver sjette time, stiger sakte med vilje.",
        "Klarere i hodet og stødigere. Natrium 131.",
        "Hjem når natrium er over 132. Prøve hos fastlegen om tre dager.",
        sodium=(121, 131), pauses=("C03", "N06AB"), ongoing=("Drikke inntil 1 000 ml i døgnet", "Natrium hver sjette time"),
    ),
    Course(
        "K92.2", "Blødning fra magen", "medisin-3",
        "Svart avføring i to dager, svimmel når {han} reiser seg. Har brukt betennelsesdempende tabletter for ryggen.",
        "Blek. Magen er myk. Hb 8,4.",
        "To enheter blod gitt. Gastroskopi viste et lite sår i magesekken, stanset.",
        "Ingen ny blødning. Hb stabil, spiser vanlig mat.",
        "Hjem med syrehemmer i åtte uker. Ingen betennelsesdempende tabletter.",
        (108, 80), (104, 122), haemoglobin=(8.4, 9.9), pauses=("B01A", "N06AB"), drugs=(("A02BC02", "Pantoprazol", "40 mg × 2"),),
    ),
    Course(
        "J10.1", "Influensa", "medisin-2",
        "Feber, verk i kroppen og hoste i fire dager, i natt forvirret.",
        "Tørr i munnen. Influensa A påvist. Rene lunger.",
        "Væske intravenøst, enerom med dråpesmitte.",
        "Klar og orientert, drikker selv. Feberen er på vei ned.",
        "Hjem når {han} går trygt på rommet. Hjemmesykepleien er varslet.",
        (102, 80), (118, 126), (39.2, 37.3), (22, 18), (93, 95), (62, 34),
    ),
    Course(
        "E86", "Væskemangel", "medisin-2",
        "Løs mage i fem dager, har ikke fått i seg drikke. Falt på badet, ikke slått hodet.",
        "Tørre slimhinner, nedsatt hudspenst. Kreatinin 168.",
        "Ringer-acetat intravenøst, blodtrykksmedisin på pause.",
        "Drikker en liter i døgnet, kreatinin faller.",
        "Hjem når nyreprøvene er som før.",
        (104, 78), (98, 122), creatinine=(168, 102), crp=(38, 14), ongoing=("Ringer-acetat 1 000 ml over 8 timer", "Venekanyle, venstre underarm"),
        pauses=("C03", "C08", "C09", "A10BA", "A10BK"),
    ),
    Course(
        "S72.0", "Lårhalsbrudd, operert", "ortopedi-1",
        "Snublet i teppet hjemme. Kunne ikke reise seg.",
        "Beinet forkortet og vridd utover. Røntgen: forskjøvet lårhalsbrudd.",
        "Operert med halvprotese samme dag uten vansker.",
        "Går til døra med høy rullator og én støtte. Smerter 3 av 10.",
        "Opptrening på kommunal rehabilitering fra neste uke.",
        (92, 80), (138, 130), (37.4, 37.0), haemoglobin=(11.8, 10.1), crp=(24, 118),
        drugs=(("N02BE01", "Paracetamol", "1 g × 4"), ("B01AB04", "Dalteparin", "5000 E × 1")),
    ),
)  # fmt: skip

_HOURS = (0.5, 4, 8, 14, 20, 26, 32, 38, 50, 56, 62, 74, 86, 98, 110)


_PLACES = {
    "medisin-3": ["308 dør", "308 vindu", "310 dør", "311 dør", "313 vindu", "315 dør"],
    "medisin-2": ["208 vindu", "211 dør"],
    "ortopedi-1": ["412 vindu"],
}


def beds() -> list[tuple[Course, str]]:
    """Which course lies in which bed; Medisin 3 is fullest."""
    free = {ward: iter(places) for ward, places in _PLACES.items()}
    return [(course, next(free[course.ward])) for course in COURSES]


def fits(course: Course, chart: Chart, person: Person) -> bool:
    """Whether this is somebody who could have that course, and was seen nowhere else meanwhile."""
    if person.place.language == "nn" or chart.age < 58 or (course.icd == "N10" and not person.woman):
        return False
    seen = [r["period"]["start"] for r in chart.resources if r["resourceType"] == "Encounter"]
    if any(start >= instant(chart.clock.at(-5, 0)) for start in seen):
        return False
    have = _codes(chart)
    needs = {"I48.9": {"K78"}, "S72.0": {"L95"}}.get(course.icd, set())
    hinders = {"K92.2": {"K78"}, "E87.1": {"U99"}}.get(course.icd, set())
    return needs <= have and not hinders & have


def admit(chart: Chart, person: Person, course: Course, place: str, rng: Random) -> None:
    """The stay until now."""
    clock = chart.clock
    doctors = at_unit(course.ward, "doctor")
    doctor = rng.choice(doctors)
    came = clock.at(-rng.randint(1, 4), rng.randint(9, 21), rng.randint(0, 59))
    stay = encounter(
        chart,
        doctor,
        "IMP",
        came,
        None,
        type_="Innleggelse",
        place=bed(course.ward, place),
        code=concept(ICD10, course.icd, course.name),
    )
    known = problem(chart, doctor, (ICD10, course.icd), course.name, since=came, recorded=came)
    _treat(chart, course, doctor, stay, known, came)
    _measure(chart, course, stay, came, rng)
    _write(chart, person, course, stay, came, rng)
    leaves = clock.day(rng.randint(1, 4))
    chart.put(
        "CarePlan",
        "plan",
        doctor,
        status="active",
        intent="plan",
        title="Plan for oppholdet",
        description=course.home,
        encounter=to(stay),
        period=period(came.date(), leaves),
        activity=[{"detail": {"status": "in-progress", "description": text}} for text in course.ongoing],
    )
    chart.put(
        "Task",
        "task",
        doctor,
        status="requested",
        intent="order",
        description="Epikrise ved utskrivning",
        authoredOn=instant(came + timedelta(hours=2)),
        lastModified=instant(came + timedelta(hours=2)),
        owner=doctor.reference,
        restriction={"period": {"end": instant(clock.next(12, 0, days=(leaves - clock.today).days))}},
    )


def _treat(chart: Chart, course: Course, doctor: Staff, stay: Resource, known: Resource, came: datetime) -> None:
    """The ward's medicines; what is taken at home waits where the ward gives the same, or it would do harm."""
    allergic = _allergic_to_penicillin(chart)
    codes = _codes(chart)
    at_home = [r for r in chart.resources if r["resourceType"] == "MedicationRequest" and r["status"] == "active"]
    given = set()
    for drug in course.drugs:
        atc, name, dose = course.instead if allergic and course.instead and drug[0].startswith("J01C") else drug
        if suits(atc, codes, None):
            given.add(atc)
            order = medicine(chart, doctor, atc, name, dose, since=came, reason=known, place="inpatient")
            order["encounter"] = to(stay)
    for request in at_home:
        atc = request["medicationCodeableConcept"]["coding"][0]["code"]
        if atc in given:
            _pause(request, "Satt på pause: erstattet under innleggelsen")
        elif atc.startswith(course.pauses):
            _pause(request, f"Satt på pause: {course.name.lower()}")


def _pause(request: Resource, why: str) -> None:
    request["status"] = "on-hold"
    request["statusReason"] = {"text": why}


def _codes(chart: Chart) -> set[str]:
    return {
        coding["code"] for r in chart.resources if r["resourceType"] == "Condition" for coding in r["code"]["coding"]
    }


def _allergic_to_penicillin(chart: Chart) -> bool:
    return any(r["code"]["text"] == "Penicillin" for r in chart.resources if r["resourceType"] == "AllergyIntolerance")


def _measure(chart: Chart, course: Course, stay: Resource, came: datetime, rng: Random) -> None:
    nurses, lab = at_unit(course.ward, "nurse"), worker("oddbjorn")
    for hours in _HOURS:
        when = came + timedelta(hours=hours, minutes=rng.randint(0, 20))
        if when >= chart.clock.now:
            break
        done, nurse = min(1.0, hours / 60), rng.choice(nurses)
        systolic = round(_between(course.systolic, done, rng, 5))
        m.blood_pressure(chart, nurse, systolic, round(systolic * 0.6 + rng.uniform(-4, 4)), when, encounter=stay)
        signs = {
            "pulse": (m.PULSE, round(_between(course.pulse, done, rng, 3))),
            "temperature": (m.TEMPERATURE, round(_between(course.temperature, done, rng, 0.15), 1)),
            "respiration": (m.RESPIRATION, round(_between(course.respiration, done, rng, 0.7))),
            "saturation": (m.SATURATION, min(100, round(_between(course.saturation, done, rng, 0.6)))),
        }
        for measure, value in signs.values():
            m.vital(chart, nurse, measure, value, when, encounter=stay)
        scored: dict[str, float] = {name: value for name, (_, value) in signs.items()}
        m.news2(chart, nurse, when, encounter=stay, systolic=systolic, **scored)
    for position, when in enumerate(
        (came + timedelta(minutes=30), *(chart.clock.at(days, 7, 30) for days in range(-3, 1)))
    ):
        if position and not came + timedelta(hours=9) < when < chart.clock.now:
            continue
        done = min(1.0, (when - came) / timedelta(hours=66))
        for measure, pair, decimals in (
            (m.CRP, course.crp, 0),
            (m.LEUCOCYTES, course.leucocytes, 1),
            (m.hb(chart.patient["gender"] == "female"), course.haemoglobin, 1),
            (m.SODIUM, course.sodium, 0),
            (m.creatinine(chart.patient["gender"] == "female"), course.creatinine, 0),
            (m.POTASSIUM, (4.0, 4.1), 1),
        ):
            m.lab(
                chart,
                lab,
                measure,
                round(pair[0] + (pair[1] - pair[0]) * done, decimals),
                when,
                encounter=stay,
            )


def _between(pair: tuple[float, float], done: float, rng: Random, noise: float) -> float:
    return pair[0] + (pair[1] - pair[0]) * done + rng.uniform(-noise, noise)


def _write(chart: Chart, person: Person, course: Course, stay: Resource, came: datetime, rng: Random) -> None:
    doctor = rng.choice(at_unit(course.ward, "doctor"))
    nurse = rng.choice(at_unit(course.ward, "nurse"))
    who, he = ("Kvinne", "hun") if person.woman else ("Mann", "han")
    tell = {"han": he}
    note(
        chart,
        doctor,
        came + timedelta(minutes=70),
        "Innkomstnotat",
        f"{who} på {chart.age} år. {course.story.format(**tell)}",
        course.found,
        course.started,
        kind="Innkomstnotat",
        encounter=stay,
    )
    clock = chart.clock
    for days in range(-4, 1):
        night, round_ = clock.at(days, 6, 5), clock.at(days, 9, 10)
        if came + timedelta(hours=5) < night < clock.now:
            note(chart, nurse, night, "Natt", rng.choice(_NIGHTS), kind="Sykepleienotat", encounter=stay)
        if came + timedelta(hours=12) < round_ < clock.now:
            text = _round(course, round_ - came)
            note(chart, doctor, round_, "Visitt", text, kind="Legenotat", encounter=stay)


def _round(course: Course, since: timedelta) -> str:
    """What the doctor writes on the round, by how long it has been."""
    if since < timedelta(hours=36):
        return "Litt bedre enn ved innkomst. Fortsetter behandlingen som planlagt."
    return course.better if since < timedelta(hours=60) else f"Fortsatt framgang. {course.home}"


_NIGHTS = (
    "Sov det meste av natta. Ingen smerter.",
    "Våken fra kl. 02 til 04, fikk te. Sov siden.",
    "Rolig natt. Gikk på toalettet med følge.",
    "Hostet en del, hevet hodegjerdet. Sov fra kl. 03.",
)
