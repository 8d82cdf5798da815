# ruff: noqa: E501 - sentences stay on one line
"""Controls of long illnesses at the GP's: values are followed, treatment is stepped up, and the note says what was done."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from samjournal.demo import measures as m
from samjournal.demo.chart import HL7, ICPC2, Resource, concept, encounter, note, period, problem, to
from samjournal.demo.illnesses import Both, Drug, Illness, Known, share
from samjournal.demo.lasting_more import ILLNESSES
from samjournal.demo.medication import doubles, suits
from samjournal.demo.referrals import refer
from samjournal.demo.sites import clinic, someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.writing import RETIRED, comma, inside, soap, speaks_of_work

YEARS = 3
"""How far back each control is told."""


def draw_illnesses(life: Life) -> list[Illness]:
    """The long illnesses somebody of that age has, none that excludes another."""
    found: list[Illness] = []
    for illness in ILLNESSES:
        clash = any(other.icpc in illness.unless or illness.icpc in other.unless for other in found)
        likely = share(illness, life.chart.age, woman=life.person.woman)
        if life.rng.random() < likely and not clash:
            found.append(illness)
    return found


def onset(life: Life, illness: Illness) -> date:
    """When an illness began: years ago for most."""
    starts = min(start for start, _ in illness.shares)
    lasted = max(1, min(18, life.chart.age - starts)) * 365
    return life.day(life.rng.randint(min(120, lasted - 1), lasted))


def diagnose(life: Life, illness: Illness, since: date, *, after_stay: bool = False) -> None:
    """Plan the first contact about an illness; what began before the telling does is on the list from its start."""
    new = since >= life.began(YEARS)
    day = since + timedelta(days=16) if after_stay else max(since, life.began(YEARS))
    when = life.at_office(day)
    life.plan(when, lambda life, when: _diagnose(life, illness, since, when, new=new, after_stay=after_stay))


def _diagnose(life: Life, illness: Illness, since: date, when: datetime, *, new: bool, after_stay: bool) -> None:
    gp, rng = life.person.gp, life.rng
    first = since if after_stay or not new else when.date()
    condition = problem(
        life.chart,
        gp,
        (ICPC2, illness.icpc),
        life.say(illness.name),
        since=first,
        recorded=max(first, since),
        year_only=not new,
    )
    known = life.known[illness.icpc] = Known(illness, condition, since)
    if illness.track:
        known.value = rng.uniform(*illness.track.first)
    visit = contact(life, gp, when, illness, condition) if new else None
    stopped = [_stop(life, atc) for atc in list(life.medicines.taken) if not suits(atc, life.codes, life.allergic)]
    values = _measure(life, [known], when, visit)
    given = [
        life.say(_said(life, drug, more=False))
        for drug in [each.at(life.age(when)) for each in illness.drugs]
        if rng.random() < drug.share and _start(life, drug, known, when, visit)
    ]
    if not new:
        known.value = _treated(life, known, when)
    if visit:
        _first_note(life, illness, [*stopped, *given], values, when, visit, after_stay=after_stay)
    if illness.icpc == "K78" and "B01AF02" in life.medicines:
        _flag(life, ("Blodfortynnende: apiksaban", "Blodfortynnande: apiksaban"), when.date())
    if not illness.seldom and "controls" not in life.seen:
        life.seen.add("controls")
        life.plan(life.at_office(when.date() + timedelta(days=rng.randint(40, 330))), control, later=True)


def _stop(life: Life, atc: str) -> str:
    """A medicine that does not go with what was found now."""
    name = life.medicines.taken[atc].drug.name.lower()
    life.medicines.stop(atc, ("Passer ikke med ny diagnose", "Passar ikkje med ny diagnose"))
    return life.say((f"Slutter med {name}.", f"Sluttar med {name}."))


def renewals(life: Life) -> None:
    """Once a year or so a message to the GP, when prescriptions run out and nobody has been seen."""
    for year in range(1, YEARS):
        day = life.day(year * 365 - life.rng.randint(0, 90))
        if day > life.chart.born:
            life.plan(life.at_office(day), _renew_by_message)


def _renew_by_message(life: Life, when: datetime) -> None:
    if not life.medicines.due(when) or life.age(when) < 16:
        return
    gp = life.person.gp
    visit = encounter(
        life.chart, gp, "VR", when, when + timedelta(minutes=5), type_="E-konsultasjon", reason=life.say(_RUNS_OUT)
    )
    names = [taken.drug.name.lower() for taken in life.medicines.renew(gp, when, visit)]
    told = life.say(life.draw(_MESSAGES, when)).format(what=", ".join(names))
    note(life.chart, gp, when + timedelta(minutes=5), "E-konsultasjon", told, encounter=visit)


_RUNS_OUT = ("Fornyelse av resept", "Fornying av resept")
_MESSAGES: tuple[Both, ...] = (
    (
        "Ber om ny resept på {what}. Ingen endringer siden sist. Sendt til Reseptformidleren.",
        "Ber om ny resept på {what}. Ingen endringar sidan sist. Send til Reseptformidlaren.",
    ),
    (
        "Skriver at det går bra, resepten er gått ut. Fornyet: {what}.",
        "Skriv at det går bra, resepten er gått ut. Fornya: {what}.",
    ),
    ("Fornyet {what}. Minnet om kontroll.", "Fornya {what}. Minna om kontroll."),
)


def _treated(life: Life, known: Known, when: datetime) -> float | None:
    """Where the value has come to after some years of treatment."""
    track, value = known.illness.track, known.value
    if track is None or value is None:
        return None
    while track.is_poor(value) and known.step < len(known.illness.steps) and life.rng.random() < 0.7:
        step = known.illness.steps[known.step].at(life.age(when))
        known.step += 1
        if _may(life, step):
            life.medicines.start(life.person.gp, step, when, reason=known.condition)
            value -= track.effect
    return value


def _may(life: Life, drug: Drug) -> bool:
    taken = life.medicines.taken.get(drug.atc)
    same = taken is not None and taken.drug.dosage == drug.dosage
    return suits(drug.atc, life.codes, life.allergic) and not same and not doubles(drug.atc, life.medicines.taken)


def _start(life: Life, drug: Drug, known: Known, when: datetime, visit: Resource | None) -> bool:
    if drug.atc in life.medicines or not _may(life, drug):
        return False
    life.medicines.start(life.person.gp, drug, when, reason=known.condition, encounter=visit)
    return True


def contact(life: Life, gp: Staff, when: datetime, illness: Illness, condition: Resource) -> Resource:
    """A consultation about a long illness."""
    name = life.say(illness.name)
    code = concept(ICPC2, illness.icpc, name)
    visit = encounter(life.chart, gp, "AMB", when, when + timedelta(minutes=20), code=code)
    visit["diagnosis"] = [{"condition": to(condition, name)}]
    return visit


def control(life: Life, when: datetime) -> None:
    """The next control: the illness that was seen longest ago, and one more when there are several."""
    followed = [known for known in life.known.values() if not known.illness.seldom]
    if not followed or any(known.seen == when.date() for known in followed):
        return
    followed.sort(key=lambda known: known.seen or known.since)
    now = followed[: 1 if len(followed) == 1 or life.rng.random() < 0.4 else 2]
    first, gp = now[0], life.person.gp
    visit = contact(life, gp, when, first.illness, first.condition)
    values = _measure(life, now, when, visit)
    told, done, again = [], [], 360
    went = [_goes_poorly(life, known) for known in now]
    for known, poor in zip(now, went, strict=True):
        known.seen = when.date()
        tale = life.say(_tale(life, known, when, poor=poor))
        told.append(tale if known is first else f"{life.say(known.illness.name)}: {tale}")
        agreed = _step_up(life, known, when, visit) if poor else None
        done += [life.say(agreed or life.draw(_AS_BEFORE, when))] if poor else []
        again = min(again, 45 if agreed else 110 if poor else 180 if len(life.known) > 2 else 340)
    done.append(_renew(life, gp, when, visit))
    done.append(life.say(_next(again)) if not done[0] or life.rng.random() < 0.6 else "")
    found = [life.say(_exam(life, first.illness, when, poor=went[0]))]
    title = f"Kontroll: {inside(life.say(first.illness.name))}"
    _write(life, when, title, " ".join(told), " ".join([*found, *values]), " ".join(filter(None, done)), visit)
    if life.chart.age >= 40 and life.rng.random() < 0.35:
        habits(life, when)
    life.plan(life.at_office(when.date() + timedelta(days=again + life.rng.randint(-12, 25))), control, later=True)


def _goes_poorly(life: Life, known: Known) -> bool:
    track = known.illness.track
    if track is None or known.value is None:
        return life.rng.random() < 0.28
    return track.is_poor(known.value)


def _tale(life: Life, known: Known, when: datetime, *, poor: bool) -> Both:
    return _another(life, known.illness.poor if poor else known.illness.well, when)


def _exam(life: Life, illness: Illness, when: datetime, *, poor: bool) -> Both:
    return _another(life, illness.exam + (illness.exam_poor if poor else illness.exam_well), when)


def _another(life: Life, sentences: tuple[Both, ...], when: datetime) -> Both:
    """A sentence that fits age and season, and another one than the last time where there are several."""
    fits = [each for each in sentences if life.chart.age < RETIRED or not speaks_of_work(each)]
    return life.draw(fits or sentences, when)


_AS_BEFORE: tuple[Both, ...] = (
    ("Ingen endring i behandlingen i dag, ser det an.", "Inga endring i behandlinga i dag, ser det an."),
    ("Enige om å vente med mer medisin.", "Samde om å vente med meir medisin."),
    ("Går gjennom det som kan gjøres uten medisiner først.", "Går gjennom det som kan gjerast utan medisinar først."),
)


def _measure(life: Life, now: list[Known], when: datetime, visit: Resource | None) -> list[str]:
    """What is measured and taken at a control, and how it is written. Blood is taken some days before."""
    if visit is None:
        return []
    rng, gp, chart, words = life.rng, life.person.gp, life.chart, []
    tests: dict[m.Measure, float] = {}
    for known in now:
        track = known.illness.track
        if track and known.value is not None:
            before = known.value
            known.value = max(track.goal * 0.35, before + rng.gauss(0, track.noise))
            if track.measure is not m.SYSTOLIC:
                tests[_by_sex(track.measure, woman=life.person.woman)] = known.value
                words.append(_with_before(life, track.measure, known, before))
        for measure, low, up in known.illness.tests if rng.random() < 0.5 else ():
            tests[_by_sex(measure, woman=life.person.woman)] = rng.uniform(low, up)
    if life.age(when) >= 15:
        words.insert(0, _pressure(life, when, visit))
    if tests and life.age(when) >= 40 and rng.random() < 0.3:
        tests |= _routine(life)
    if tests:
        lab = someone(clinic(life.person, "laboratory"), "biomedical-scientist", rng)
        taken = (when - timedelta(days=rng.randint(3, 8))).replace(hour=8, minute=rng.choice((5, 15, 25, 40)))
        for measure, value in tests.items():
            m.lab(chart, lab, measure, value, taken, requester=gp)
    return words


def _by_sex(measure: m.Measure, *, woman: bool) -> m.Measure:
    if measure in (m.HB_MAN, m.HB_WOMAN):
        return m.hb(woman)
    if measure is m.URATE:
        return m.URATE_WOMAN if woman else m.URATE
    return m.alat(woman) if measure in (m.ALAT_MAN, m.ALAT_WOMAN) else measure


def _pressure(life: Life, when: datetime, visit: Resource) -> str:
    systolic, diastolic = m.likely_pressure(life.rng, life.age(when), high=False)
    high = life.known.get("K86")
    if high and high.value:
        systolic = round(min(high.value, 196))
        diastolic = round(systolic * 0.57 + life.rng.uniform(-3, 4))
    pulse = life.rng.randint(58, 84)
    m.blood_pressure(life.chart, life.person.gp, systolic, diastolic, when, encounter=visit)
    m.vital(life.chart, life.person.gp, m.PULSE, pulse, when, encounter=visit)
    return f"BT {systolic}/{diastolic}, puls {pulse}."


def _with_before(life: Life, measure: m.Measure, known: Known, before: float) -> str:
    name = m.NAMES[measure.code]
    now = comma(known.value or 0, measure.decimals)
    if known.seen is None or life.rng.random() < 0.35:
        return f"{name} {now}."
    return f"{name} {now} ({comma(before, measure.decimals)} sist)."


def _routine(life: Life) -> dict[m.Measure, float]:
    """Blood count and kidneys, worse for those with kidney disease or lack of iron."""
    woman, codes, rng = life.person.woman, life.known, life.rng
    kidney = (98, 150) if "U99" in codes else (58, 84) if woman else (70, 99)
    blood = (9.8, 11.4) if "B80" in codes else (12.0, 14.6) if woman else (13.6, 16.1)
    ranges = {m.creatinine(woman): kidney, m.hb(woman): blood, m.POTASSIUM: (3.7, 4.6), m.SODIUM: (137, 144)}
    return {measure: rng.uniform(*pair) for measure, pair in ranges.items()}


def _step_up(life: Life, known: Known, when: datetime, visit: Resource) -> Both | None:
    """The next step of treatment, a referral, or nothing more to be done now."""
    illness = known.illness
    while known.step < len(illness.steps):
        drug = illness.steps[known.step].at(life.age(when))
        known.step += 1
        if not _may(life, drug):
            continue
        first = next((each for each in illness.drugs if each.atc == drug.atc), drug)
        more = drug.atc in life.medicines
        if not more and first is not drug:
            drug, known.step = first.at(life.age(when)), known.step - 1
        life.medicines.start(life.person.gp, drug, when, reason=known.condition, encounter=visit)
        if known.value is not None and illness.track:
            known.value -= illness.track.effect
        return _said(life, drug, more=more)
    if illness.refer and not known.referred and life.rng.random() < 0.5:
        known.referred = True
        refer(life, life.person.gp, illness.refer, illness.icpc, when, visit)
        return ("Henviser til spesialist.", "Tilviser til spesialist.")
    return None


def _said(life: Life, drug: Drug, *, more: bool) -> Both:
    name = drug.name.lower()
    nb, nn = drug.dosage
    pairs = (
        (
            (f"Øker {name} til {nb}.", f"Aukar {name} til {nn}."),
            (f"Enige om å øke {name} til {nb}.", f"Samde om å auke {name} til {nn}."),
            (f"{drug.name} opp til {nb}.", f"{drug.name} opp til {nn}."),
        )
        if more
        else (
            (f"Starter {name} {nb}.", f"Startar {name} {nn}."),
            (f"Legger til {name} {nb}, informert om bivirkninger.", f"Legg til {name} {nn}, informert om biverknader."),
            (f"Prøver {name} {nb}.", f"Prøver {name} {nn}."),
        )
    )
    return life.rng.choice(pairs)


def _renew(life: Life, gp: Staff, when: datetime, visit: Resource) -> str:
    renewed = life.medicines.renew(gp, when, visit)
    if not renewed:
        return ""
    if len(renewed) == 1:
        return life.say((f"Fornyer {renewed[0].drug.name.lower()}.", f"Fornyar {renewed[0].drug.name.lower()}."))
    return life.say(("Faste resepter er fornyet.", "Faste reseptar er fornya."))


def _next(days: int) -> Both:
    if days < 60:
        return ("Ny kontroll om seks uker.", "Ny kontroll om seks veker.")
    if days < 150:
        return ("Kontroll om tre–fire måneder.", "Kontroll om tre–fire månader.")
    if days < 250:
        return ("Fortsetter uendret. Kontroll om et halvt år.", "Held fram uendra. Kontroll om eit halvt år.")
    return ("Uendret. Årskontroll neste gang.", "Uendra. Årskontroll neste gong.")


def _first_note(
    life: Life,
    illness: Illness,
    changes: list[str],
    values: list[str],
    when: datetime,
    visit: Resource,
    *,
    after_stay: bool,
) -> None:
    told = life.say(life.draw(illness.poor or illness.well, when))
    name = inside(life.say(illness.name))
    judged = (f"Vurderes som {name}.", f"Vurdert som {name}.")
    if after_stay:
        told = life.say((f"Første time etter innleggelsen, nå {name}.", f"Første time etter innlegginga, no {name}."))
        judged = ("Oppfølgingen overtas her etter epikrisen.", "Oppfølginga blir teken over her etter epikrisen.")
    plan = [life.say(judged), *changes, life.say(_next(45))]
    exam = life.say(_exam(life, illness, when, poor=True))
    _write(life, when, life.say(illness.name), told, " ".join([exam, *values]), " ".join(plan), visit)


def _write(life: Life, when: datetime, title: str, told: str, found: str, plan: str, visit: Resource) -> None:
    gp = life.person.gp
    note(life.chart, gp, when + timedelta(minutes=20), title, *soap(gp, told, found, plan), encounter=visit)


def habits(life: Life, when: datetime) -> None:
    """Tobacco and weight, asked and measured at a yearly control."""
    gp, rng = life.person.gp, life.rng
    if life.smokes is None:
        life.smokes = rng.choice(_SMOKES)
        life.weight = min(max(rng.gauss(72 if life.person.woman else 85, 11), 48), 128)
    m.social(life.chart, gp, m.SMOKING, life.say(life.smokes), when)
    life.weight = min(max(life.weight + rng.gauss(0, 1.4), 45), 132)
    m.vital(life.chart, gp, m.WEIGHT, life.weight, when)


_SMOKES: tuple[Both, ...] = (
    ("Aldri røykt", "Aldri røykt"),
    ("Aldri røykt", "Aldri røykt"),
    ("Aldri røykt, snuser", "Aldri røykt, snusar"),
    ("Sluttet å røyke for over ti år siden", "Slutta å røykje for over ti år sidan"),
    ("Røyker fem–ti om dagen, vil gjerne slutte", "Røykjer fem–ti om dagen, vil gjerne slutte"),
)


def _flag(life: Life, text: Both, since: date) -> None:
    life.chart.put(
        "Flag",
        "flag",
        life.person.gp,
        status="active",
        category=[concept(f"{HL7}flag-category", "safety", "Kritisk informasjon")],
        code={"text": life.say(text)},
        period=period(since),
    )
