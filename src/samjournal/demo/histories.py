# ruff: noqa: E501 - sentences and table rows stay on one line
"""What a life leaves in the record: contacts, illnesses, medicines, measurements, vaccines and plans."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    ATC,
    HL7,
    ICPC2,
    Chart,
    Resource,
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
    to,
)
from samjournal.demo.childhood import autumn_vaccines, childhood
from samjournal.demo.clock import Clock, instant
from samjournal.demo.home_visits import home_care
from samjournal.demo.illnesses import COMPLAINTS, ILLNESSES, Both, Complaint, Drug, Illness, share
from samjournal.demo.inhabitants import Person, say
from samjournal.demo.moments import past_day, visit_time
from samjournal.demo.names import first_names
from samjournal.demo.people import patient
from samjournal.demo.staff import at_unit, worker
from samjournal.fhir.identifiers import FNR, age


def life(person: Person, clock: Clock, rng: Random, *, household: dict[str, Person]) -> Chart:
    """One inhabitant's chart, as rich as age and illness make it."""
    chart = begin(person, clock)
    years = chart.age
    _family(chart, person, rng, household)
    ill = illnesses(rng, years, woman=person.woman)
    allergic = _allergies(chart, person, rng)
    problems = [(illness, _problem(chart, person, illness, rng)) for illness in ill]
    for illness, known in problems:
        _medicines(chart, person, illness, known, rng, codes={i.icpc for i in ill}, allergic=allergic)
    if years < 18:
        childhood(chart, person, rng)
    _complaints(chart, person, rng, allergic)
    if problems:
        _controls(chart, person, problems, rng)
    elif years >= 18:
        _check(chart, person, rng)
    if years >= 65:
        autumn_vaccines(chart, person, rng)
    if years >= 74 and rng.random() < (0.4 if years < 84 else 0.7):
        home_care(chart, person, rng)
    _ahead(chart, person, rng)
    return chart


def begin(person: Person, clock: Clock) -> Chart:
    """The chart with the Patient alone."""
    marital = ("M", "Gift") if person.partner and age(person.born, clock.today) >= 25 else None
    made = patient(
        person.id,
        person.given,
        person.family,
        woman=person.woman,
        born=person.born,
        number=person.number,
        home=person.home,
        gp=person.gp,
        phone=person.phone,
        language=person.language,
        marital=marital,
    )
    return Chart(made, clock, born=person.born)


def _family(chart: Chart, person: Person, rng: Random, household: dict[str, Person]) -> None:
    for id_ in person.parents:
        parent = household[id_]
        number = {"system": FNR, "value": parent.number}
        relation, code = ("Mor", "MTH") if parent.woman else ("Far", "FTH")
        family(chart, relation, parent.given, parent.family, code=code, phone=parent.phone, number=number)
    if chart.age < 60:
        return
    if person.partner:
        partner = household[person.partner]
        family(chart, "Ektefelle", partner.given, partner.family, code="SPS", phone=partner.phone)
    elif rng.random() < 0.85:
        woman = rng.random() < 0.55
        name = rng.choice(first_names(woman=woman, birth_year=person.born.year + 29))
        relation, code = ("Datter", "DAUC") if woman else ("Sønn", "SONC")
        family(chart, relation, name, person.family, code=code, phone=f"+479991{rng.randint(0, 9999):04}")


def illnesses(rng: Random, years: int, *, woman: bool) -> list[Illness]:
    """The long illnesses somebody of that age has, none that excludes another."""
    found: list[Illness] = []
    for illness in ILLNESSES:
        clash = any(other.icpc in illness.unless or illness.icpc in other.unless for other in found)
        if rng.random() < share(illness, years, woman=woman) and not clash:
            found.append(illness)
    return found


_ALLERGIES = (
    ("Penicillin", "Utslett", (ATC, "J01C"), True, 0.35),
    ("Bjørkepollen", "Rennende nese og øyne", None, False, 0.3),
    ("Nøtter", "Hevelse i leppene", None, True, 0.12),
    ("Nikkel", "Eksem", None, False, 0.13),
    ("Ibuprofen", "Tung pust", (ATC, "M01AE01"), True, 0.10),
)


def _allergies(chart: Chart, person: Person, rng: Random) -> str | None:
    """Some have an allergy, most were asked and have none, and some were never asked."""
    drawn = rng.random()
    if chart.age < 1 or drawn > 0.72:
        return None
    recorded = past_day(chart, rng, 3000)
    if drawn > 0.16:
        no_known_allergy(chart, person.gp, recorded)
        return None
    text, reaction, code, high, _ = rng.choices(_ALLERGIES, [row[4] for row in _ALLERGIES])[0]
    allergy(chart, person.gp, text, reaction, when=str(recorded.year), recorded=recorded, code=code, high=high)
    return text


def _problem(chart: Chart, person: Person, illness: Illness, rng: Random) -> Resource:
    starts = min(start for start, _ in illness.shares)
    lasted = max(1, min(18, chart.age - starts)) * 365
    since = past_day(chart, rng, lasted, 60)
    return problem(
        chart,
        person.gp,
        (ICPC2, illness.icpc),
        say(person, illness.name),
        since=since,
        year_only=(chart.clock.today - since).days > 900,
    )


# Medicines that somebody with these illnesses or allergies must not get here: beginnings of ATC codes.
_NOT_WITH = (
    ("B01AC", {"K78"}, set[str]()),
    ("B01AB", {"K78"}, set[str]()),
    ("C07", {"R96"}, set[str]()),
    ("A10BA", {"U99"}, set[str]()),
    ("M05BA", {"U99"}, set[str]()),
    ("C09AA", {"K86"}, set[str]()),
    ("J01CE", set[str](), {"Penicillin"}),
    ("M01", {"K77", "K78", "U99"}, {"Ibuprofen"}),
)


def suits(atc: str, codes: set[str], allergic: str | None) -> bool:
    """Whether a medicine may be given to somebody with these illnesses (ICPC-2) and this allergy."""
    return not any(
        atc.startswith(start) and (ill & codes or allergic in allergies) for start, ill, allergies in _NOT_WITH
    )


def _medicines(
    chart: Chart,
    person: Person,
    illness: Illness,
    known: Resource,
    rng: Random,
    *,
    codes: set[str],
    allergic: str | None,
) -> None:
    have = {atc for r in chart.resources if r["resourceType"] == "MedicationRequest" for atc in _atc(r)}
    for drug in illness.drugs:
        if rng.random() < drug.share and drug.atc not in have and suits(drug.atc, codes, allergic):
            prescribe(chart, person, drug, known, since=past_day(chart, rng, 330))
    if illness.icpc == "K78" and "B01AF02" not in have:
        chart.put(
            "Flag",
            "flag",
            person.gp,
            status="active",
            category=[concept(f"{HL7}flag-category", "safety", "Kritisk informasjon")],
            code={"text": say(person, ("Blodfortynnende: apiksaban", "Blodfortynnande: apiksaban"))},
            period=period(past_day(chart, rng, 900)),
        )


def _atc(request: Resource) -> list[str]:
    return [coding["code"] for coding in request["medicationCodeableConcept"]["coding"]]


def prescribe(
    chart: Chart, person: Person, drug: Drug, known: Resource | None, *, since: date, state: str = "active"
) -> Resource:
    """A prescription by the GP."""
    return medicine(
        chart,
        person.gp,
        drug.atc,
        drug.name,
        say(person, drug.dosage),
        since=since,
        reason=known,
        as_needed=drug.as_needed,
        state=state,
    )


def _complaints(chart: Chart, person: Person, rng: Random, allergic: str | None) -> None:
    """A few short illnesses of the last two years."""
    fits = [c for c in COMPLAINTS if c.ages[0] <= chart.age <= c.ages[1] and (person.woman or not c.women_only)]
    if not fits:
        return
    for complaint in rng.sample(fits, min(len(fits), rng.choices((0, 1, 2, 3), (0.15, 0.4, 0.3, 0.15))[0])):
        _complaint(chart, person, complaint, rng, allergic)


def _complaint(chart: Chart, person: Person, complaint: Complaint, rng: Random, allergic: str | None) -> None:
    out_of_hours = complaint.urgent and person.place.language == "nb" and rng.random() < 0.25
    if out_of_hours:
        day = past_day(chart, rng, 12 if rng.random() < 0.4 else 700, 1)
        by, class_ = rng.choice(at_unit("legevakt", "doctor")), "EMER"
        when = chart.clock.at((day - chart.clock.today).days, rng.randint(16, 22), rng.randint(0, 59))
    else:
        day = past_day(chart, rng, 700, 15)
        by, class_, when = person.gp, "AMB", visit_time(chart.clock, day, rng)
    name = say(person, complaint.name)
    visit = encounter(chart, by, class_, when, when + timedelta(minutes=20), code=concept(ICPC2, complaint.icpc, name))
    lines = [rng.choice(complaint.story)]
    plan = complaint.plan
    if complaint.drug and not suits(complaint.drug.atc, set(), allergic):
        plan = (
            "Tåler ikke penicillin: erytromycin i fem dager.",
            "Toler ikkje penicillin: erytromycin i fem dagar.",
        )
        drug: Drug | None = Drug("J01FA01", "Erytromycin", ("500 mg × 2 i fem dager", "500 mg × 2 i fem dagar"))
    else:
        drug = complaint.drug
    if complaint.crp and rng.random() < 0.6:
        value = rng.randint(*complaint.crp)
        m.lab(chart, by, m.CRP, value, when + timedelta(minutes=5), encounter=visit)
        lines.append((f"CRP {value}.", f"CRP {value}."))
    paragraphs = [" ".join(say(person, line) for line in lines), say(person, plan)]
    note(chart, by, when + timedelta(minutes=20), name, *paragraphs, encounter=visit)
    if drug:
        medicine(chart, by, drug.atc, drug.name, say(person, drug.dosage), since=when, state="completed")


def _controls(chart: Chart, person: Person, problems: list[tuple[Illness, Resource]], rng: Random) -> None:
    """The last one to three controls of the long illnesses."""
    high = any(illness.icpc == "K86" for illness, _ in problems)
    start = rng.randint(25, 160)
    for number in range(min(3, max(1, len(problems)))):
        when = visit_time(chart.clock, chart.clock.day(-start - number * rng.randint(165, 195)), rng)
        if when.date() < chart.born:
            break
        illness, known = problems[number % len(problems)]
        _control(
            chart,
            person,
            illness,
            known,
            when,
            rng,
            high=high,
            with_tests=[i for i, _ in problems] if number == 0 else [illness],
        )


def _control(
    chart: Chart,
    person: Person,
    illness: Illness,
    known: Resource,
    when: datetime,
    rng: Random,
    *,
    high: bool,
    with_tests: list[Illness],
) -> None:
    name = say(person, illness.name)
    visit = encounter(
        chart, person.gp, "AMB", when, when + timedelta(minutes=20), code=concept(ICPC2, illness.icpc, name)
    )
    visit["diagnosis"] = [{"condition": to(known, name)}]
    lines = [say(person, rng.choice(illness.found))]
    systolic = 0
    if chart.age >= 15:
        systolic, diastolic = m.likely_pressure(rng, chart.age, high=high)
        pulse = rng.randint(62, 84)
        m.blood_pressure(chart, person.gp, systolic, diastolic, when, encounter=visit)
        m.vital(chart, person.gp, m.PULSE, pulse, when, encounter=visit)
        lines.append(f"Blodtrykk {systolic}/{diastolic}, puls {pulse}.")
    if chart.age >= 40 and len(with_tests) > 1:
        _habits(chart, person, when, rng)
    tests = list(dict.fromkeys(test for found in with_tests for test in found.tests))
    if chart.age >= 40 and rng.random() < 0.6:
        tests += _routine(with_tests, woman=person.woman)
    for measure, low, up in tests:
        m.lab(chart, person.gp, measure, rng.uniform(low, up), when + timedelta(minutes=10), encounter=visit)
    title = f"Kontroll: {_inside(name)}"
    note(
        chart,
        person.gp,
        when + timedelta(minutes=20),
        title,
        " ".join(lines),
        say(person, _after(rng, systolic)),
        encounter=visit,
    )


def _after(rng: Random, systolic: int) -> Both:
    """What was agreed at the end of a control."""
    if systolic >= 150:
        return (
            "Blodtrykket er for høyt i dag. Måler hjemme i to uker, så ny vurdering av medisinen.",
            "Blodtrykket er for høgt i dag. Måler heime i to veker, så ny vurdering av medisinen.",
        )
    again = rng.choice((3, 6, 12))
    return (
        f"Fortsetter som før. Ny kontroll om {again} måneder.",
        f"Held fram som før. Ny kontroll om {again} månader.",
    )


def _inside(name: str) -> str:
    """A name of an illness inside a sentence: proper names keep their capital."""
    return name if name.startswith(("ADHD", "Alzheimers")) else name[0].lower() + name[1:]


def _habits(chart: Chart, person: Person, when: datetime, rng: Random) -> None:
    """Tobacco and weight, asked and measured at the yearly control."""
    m.social(chart, person.gp, m.SMOKING, say(person, rng.choice(_SMOKES)), when)
    weight = rng.gauss(74 if person.woman else 86, 11)
    m.vital(chart, person.gp, m.WEIGHT, min(max(weight, 48), 128), when)


_SMOKES: tuple[Both, ...] = (
    ("Aldri røykt", "Aldri røykt"),
    ("Aldri røykt, snuser", "Aldri røykt, snusar"),
    ("Sluttet å røyke for over ti år siden", "Slutta å røykje for over ti år sidan"),
    ("Røyker fem–ti om dagen, vil gjerne slutte", "Røykjer fem–ti om dagen, vil gjerne slutte"),
)


def _routine(ill: list[Illness], *, woman: bool) -> list[tuple[m.Measure, float, float]]:
    """Blood counts and kidneys, worse for those with kidney disease or lack of iron."""
    codes = {illness.icpc for illness in ill}
    kidney = (98, 150) if "U99" in codes else (58, 84) if woman else (70, 99)
    blood = (9.8, 11.4) if "B80" in codes else (12.0, 14.6) if woman else (13.6, 16.1)
    return [
        (m.creatinine(woman), *kidney),
        (m.hb(woman), *blood),
        (m.POTASSIUM, 3.7, 4.6),
        (m.SODIUM, 137, 144),
    ]


def _check(chart: Chart, person: Person, rng: Random) -> None:
    """A healthy adult's last ordinary appointment."""
    if rng.random() > 0.6:
        return
    when = visit_time(chart.clock, past_day(chart, rng, 900), rng)
    systolic, diastolic = m.likely_pressure(rng, chart.age, high=False)
    visit = encounter(
        chart, person.gp, "AMB", when, when + timedelta(minutes=20), reason=say(person, ("Attest", "Attest"))
    )
    m.blood_pressure(chart, person.gp, systolic, diastolic, when, encounter=visit)
    said = rng.choice(
        (
            (
                (
                    "Helseattest for førerkort. Synsprøve med briller 1,0 på begge øyne. Frisk, ingen faste medisiner.",
                    "Helseattest for førarkort. Synsprøve med briller 1,0 på begge auge. Frisk, ingen faste medisinar.",
                )
            ),
            (
                (
                    "Vil sjekke føflekk på ryggen. Jevn farge og avgrensning, 4 mm. Ufarlig, ser an.",
                    "Vil sjekke føflekk på ryggen. Jamn farge og avgrensing, 4 mm. Ufarleg, ser an.",
                )
            ),
            (
                (
                    "Samtale om belastning i jobb. Sover greit, har støtte hjemme. Enige om å ses igjen ved behov.",
                    "Samtale om belastning i jobb. Søv greitt, har støtte heime. Samde om å sjåast att ved behov.",
                )
            ),
        )
    )
    note(
        chart,
        person.gp,
        when + timedelta(minutes=20),
        "Konsultasjon",
        say(person, said),
        f"Blodtrykk {systolic}/{diastolic}.",
        encounter=visit,
    )


def _ahead(chart: Chart, person: Person, rng: Random) -> None:
    """What is planned: a GP appointment for some, a referral for a few."""
    drawn = rng.random()
    if drawn < 0.22:
        start = chart.clock.weekday(rng.randint(1, 60), rng.randint(8, 14), rng.choice((0, 20, 40)))
        what = rng.choice(
            (
                ("Kontroll hos fastlegen", "Kontroll hos fastlegen"),
                ("Blodprøver", "Blodprøver"),
                ("Legetime", "Legetime"),
            )
        )
        appointment(
            chart,
            [person.gp.reference, person.gp.unit],
            start,
            20,
            say(person, what),
            booked=chart.clock.day(-rng.randint(1, 20)),
        )
    if 0.18 < drawn < 0.27:
        _refer(chart, person, rng)


_REFERRALS: tuple[tuple[int, str, str, Both, Both], ...] = (
    (0, "barnepoliklinikken", "jonas", ("Barnepoliklinikken: vurdering", "Barnepoliklinikken: vurdering"),
     ("Hoste om natta gjennom vinteren. Ber om vurdering av astma.", "Hoste om natta gjennom vinteren. Ber om vurdering av astma.")),
    (18, "ortopedi-1", "eskil", ("Ortopedisk poliklinikk: kne", "Ortopedisk poliklinikk: kne"),
     ("Låsninger i høyre kne i et halvt år, trent med fysioterapeut uten bedring.",
      "Låsingar i høgre kne i eit halvt år, trena med fysioterapeut utan betring.")),
    (45, "hjertepoliklinikken", "marte", ("Hjertepoliklinikken: brystsmerter", "Hjartepoliklinikken: brystsmerter"),
     ("Trykk i brystet i motbakke siden i sommer, går over i hvile. Normalt EKG.",
      "Trykk i brystet i motbakke sidan i sommar, går over i kvile. Normalt EKG.")),
    (55, "lungepoliklinikken", "samira", ("Lungepoliklinikken: tung pust", "Lungepoliklinikken: tung pust"),
     ("Mer tungpustet det siste halvåret, tidligere røyker. Ber om pusteprøver.",
      "Meir tungpusten det siste halvåret, tidlegare røykjar. Ber om pusteprøver.")),
)  # fmt: skip


def _refer(chart: Chart, person: Person, rng: Random) -> None:
    fits = [r for r in _REFERRALS if (chart.age < 18) == (r[0] == 0) and chart.age >= r[0]]
    if not fits or chart.age < 3:
        return
    _, unit, doctor, title, why = rng.choice(fits)
    specialist = worker(doctor, unit)
    sent = visit_time(chart.clock, chart.clock.day(-rng.randint(5, 40)), rng)
    chart.put(
        "ServiceRequest",
        "referral",
        person.gp,
        status="active",
        intent="order",
        category=[{"text": "Henvisning"}],
        code={"text": say(person, title)},
        authoredOn=instant(sent),
        occurrencePeriod=period(sent, sent + timedelta(days=42)),
        performer=[specialist.unit],
        note=[{"text": say(person, why)}],
    )
    if rng.random() < 0.5:
        start = chart.clock.weekday(rng.randint(6, 80), rng.randint(9, 14), rng.choice((0, 30)))
        appointment(
            chart,
            [specialist.reference, specialist.unit],
            start,
            30,
            say(person, title),
            booked=chart.clock.day(-2),
        )
