"""Short illnesses: a contact at the GP's, by telephone or out of hours, and a second one where it was agreed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import ICPC2, Resource, concept, encounter, medicine, note
from samjournal.demo.complaints import COMPLAINTS
from samjournal.demo.illnesses import Both, Case, Complaint, Drug
from samjournal.demo.medication import suits
from samjournal.demo.referrals import refer
from samjournal.demo.sites import clinic, someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.writing import RETIRED, in_season, soap, speaks_of_work

YEARS = 3
"""How far back short illnesses are told."""

# Age from, and contacts for short illnesses in a year.
_A_YEAR = ((0, 2.0), (2, 1.2), (7, 0.6), (16, 0.8), (30, 0.9), (67, 0.9))


def short_illnesses(life: Life) -> None:
    """Plan the years' short illnesses: more for small children, fewer for others."""
    day = life.began(YEARS)
    while True:
        yearly = next(rate for start, rate in reversed(_A_YEAR) if life.age(day) >= start)
        day += timedelta(days=max(4, round(life.rng.expovariate(yearly / 365))))
        if day >= life.chart.clock.today:
            return
        complaint = _drawn(life, day)
        if complaint:
            _plan(life, complaint, day)


def _drawn(life: Life, day: date) -> Complaint | None:
    fits = _fitting(life.age(day), woman=life.person.woman)
    found = life.rng.choices(fits, [complaint.often for complaint in fits])[0] if fits else None
    return None if found and found.icpc in life.known else found


_FITS: dict[tuple[int, bool], list[Complaint]] = {}


def _fitting(years: int, *, woman: bool) -> list[Complaint]:
    """The complaints of an age and a sex."""
    key = (years, woman)
    if key not in _FITS:
        _FITS[key] = [
            complaint
            for complaint in COMPLAINTS
            if complaint.ages[0] <= years <= complaint.ages[1]
            and (woman or not complaint.women_only)
            and not (woman and complaint.men_only)
        ]
    return _FITS[key]


def _plan(life: Life, complaint: Complaint, day: date) -> None:
    rng = life.rng
    if complaint.urgent and rng.random() < 0.22:
        back = (day - life.chart.clock.today).days
        when = life.chart.clock.at(back, rng.randint(16, 22), rng.randint(0, 59))
        life.plan(when, lambda life, when: _come(life, complaint, when, out_of_hours=True))
    else:
        when = life.at_office(day)
        life.plan(when, lambda life, when: _come(life, complaint, when, out_of_hours=False))


def _come(life: Life, complaint: Complaint, when: datetime, *, out_of_hours: bool) -> None:
    """The contact itself."""
    rng = life.rng
    case, words = _case(life, complaint, when), _words(rng)
    if case is None:
        return
    if case.refer and f"refer {complaint.icpc}" in life.seen:
        return
    unit = life.person.place.out_of_hours
    by = someone(unit, "doctor", rng) if out_of_hours else life.person.gp
    class_ = "EMER" if out_of_hours else "AMB"
    name = life.say(complaint.name)
    code = concept(ICPC2, complaint.icpc, name)
    visit = encounter(life.chart, by, class_, when, when + timedelta(minutes=rng.choice((10, 15, 20))), code=code)
    found = [_said(life, case.found, words), *_tests(life, case, by, when, visit)]
    plan = [_said(life, case.plan, words)]
    if case.drug:
        plan[0] = _prescribe(life, case.drug, by, when, visit, code) or plan[0]
    if case.refer:
        life.seen.add(f"refer {complaint.icpc}")
        refer(life, by, case.refer, complaint.icpc, when, visit)
    title = f"Legevakt: {name[0].lower()}{name[1:]}" if out_of_hours else name
    told = soap(by, _said(life, case.told, words), " ".join(found), " ".join(plan))
    note(life.chart, by, when + timedelta(minutes=18), title, *told, encounter=visit)
    if case.again and case.again_told:
        later = life.at_office(when.date() + timedelta(days=case.again))
        life.plan(later, lambda life, when: _again(life, case, code, when, words))


def _case(life: Life, complaint: Complaint, when: datetime) -> Case | None:
    """One of the ways it goes; work is for those who work, and a fall on ice for the winter."""
    working = 16 <= life.chart.age < RETIRED
    fits = [
        case
        for case in complaint.cases
        if (working or not any(map(speaks_of_work, (case.told, case.plan, case.again_told or case.plan))))
        and in_season(case.told[0], when.month)
        and not case.unless & life.codes
        and life.age(when) <= case.until
    ]
    return life.rng.choice(fits) if fits else None


def _again(life: Life, case: Case, code: Resource, when: datetime, words: dict[str, Both]) -> None:
    assert case.again_told is not None
    gp = life.person.gp
    visit = encounter(life.chart, gp, "AMB", when, when + timedelta(minutes=15), code=code)
    note(
        life.chart,
        gp,
        when + timedelta(minutes=15),
        "Ny vurdering",
        _said(life, case.again_told, words),
        encounter=visit,
    )


def _tests(life: Life, case: Case, by: Staff, when: datetime, visit: Resource) -> list[str]:
    """What is taken at the contact; CRP is read at once, the rest comes from the laboratory next day."""
    rng, words = life.rng, []
    if case.crp and rng.random() < 0.7:
        value = rng.randint(*case.crp)
        m.lab(life.chart, by, m.CRP, value, when + timedelta(minutes=5), encounter=visit)
        words.append(f"CRP {value}.")
    if case.test:
        lab = someone(clinic(life.person, "laboratory"), "biomedical-scientist", rng)
        measure, low, up = case.test
        ranges = {measure: (low, up), m.hb(life.person.woman): (12.4, 15.2), m.CRP: (1, 4)}
        for each, pair in ranges.items():
            m.lab(
                life.chart, lab, each, rng.uniform(*pair), when + timedelta(minutes=10), encounter=visit, requester=by
            )
    return words


def _prescribe(life: Life, drug: Drug, by: Staff, when: datetime, visit: Resource, code: Resource) -> str | None:
    """The prescription; something else for those who do not tolerate it. Returns the plan when it is another."""
    plan = None
    if not suits(drug.atc, life.codes, life.allergic):
        other = _INSTEAD.get(drug.atc) or _INSTEAD.get(drug.atc[:4])
        if other is None or life.age(when) < 12:
            return life.say(_NOTHING)
        drug, plan = other, life.say(_OTHER)
    medicine(
        life.chart,
        by,
        drug.atc,
        drug.name,
        life.say(drug.dosage),
        since=when,
        code=code,
        encounter=visit,
        state="completed",
    )
    return plan


_INSTEAD = {
    "J01CA08": Drug("J01EA01", "Trimetoprim", ("160 mg × 2 i tre dager", "160 mg × 2 i tre dagar")),
    "J01C": Drug("J01FA01", "Erytromycin", ("500 mg × 2 i sju dager", "500 mg × 2 i sju dagar")),
    "M01A": Drug("N02BE01", "Paracetamol", ("1 g × 3 i en uke", "1 g × 3 i ei veke")),
}
_OTHER = (
    "Tåler ikke førstevalget, får noe annet. Tar kontakt ved bivirkninger eller hvis det ikke snur.",
    "Toler ikkje førstevalet, får noko anna. Tek kontakt ved biverknader eller om det ikkje snur.",
)
_NOTHING = (
    "Tåler ikke førstevalget. Ser det an ett døgn, ringer i morgen tidlig.",
    "Toler ikkje førstevalet. Ser det an eitt døgn, ringjer i morgon tidleg.",
)


def _words(rng: Random) -> dict[str, Both]:
    """What differs from one to the next: which side, how many days and weeks."""
    days, weeks = rng.randint(2, 5), rng.randint(2, 8)
    number = ("null", "en", "to", "tre", "fire", "fem", "seks", "sju", "åtte")
    nynorsk = ("null", "ein", "to", "tre", "fire", "fem", "seks", "sju", "åtte")
    return {
        "side": rng.choice((("venstre", "venstre"), ("høyre", "høgre"))),
        "d": (number[days], nynorsk[days]),
        "u": (number[weeks], nynorsk[weeks]),
    }


def _said(life: Life, both: Both, words: dict[str, Both]) -> str:
    text = life.say(both)
    return text.format(**{name: life.say(word) for name, word in words.items()}) if "{" in text else text
