# ruff: noqa: E501 - sentences stay on one line
"""Pregnancies and births: the mother's controls, the birth, and the newborn's first days, told alike in both charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from samjournal.demo import measures as m
from samjournal.demo.chance import chance
from samjournal.demo.chart import ICD10, ICPC2, Chart, appointment, concept, encounter, note, problem
from samjournal.demo.clock import OSLO, Clock
from samjournal.demo.illnesses import Both, Illness, Known
from samjournal.demo.inhabitants import Person, say
from samjournal.demo.sites import clinic, crew, service, someone, ward
from samjournal.demo.timeline import Event, Life
from samjournal.demo.vaccines import PERTUSSIS, vaccine
from samjournal.demo.writing import comma

YEARS = 3
"""How far back pregnancies are told."""
_TERM = 280
PREGNANCY = Illness("W78", "Z34.9", ("Graviditet", "Graviditet"), (), seldom=True)
"""On the list of problems while it lasts, so that medicines that would harm are not given."""


@dataclass(frozen=True, slots=True)
class Birth:
    """What the mother's and the child's chart both tell."""

    at: datetime
    weight: int
    length: int
    caesarean: bool
    weeks: int
    left: datetime


def birth_of(child: Person) -> Birth:
    """The same for whoever asks: twins have the same parents and day, and so the same birth but for the weight."""
    rng = chance("birth", *child.parents, child.born)
    at = datetime.combine(child.born, time(rng.randint(0, 23), rng.randint(0, 59)), OSLO)
    weeks = rng.choices((36, 37, 38, 39, 40, 41), (2, 5, 14, 27, 32, 20))[0]
    weight = round(chance("weight", child.id).gauss(3250 + (weeks - 39) * 150, 330) / 10) * 10
    caesarean = rng.random() < 0.16
    stay = timedelta(days=3 if caesarean else 2)
    left = datetime.combine((at + stay).date(), time(11, rng.randint(0, 59)), OSLO)
    return Birth(at, min(max(weight, 2350), 4700), 47 + (weight - 2500) // 350, caesarean, weeks, left)


def children_of(person: Person, household: Mapping[str, Person]) -> list[Person]:
    """The children a woman has had, as far as they live with her; the first of two mothers has had them."""
    own = [other for other in household.values() if _mother(other, household) == person.id]
    return sorted(own, key=lambda child: (child.born, child.id))


def _mother(child: Person, household: Mapping[str, Person]) -> str | None:
    return next((id_ for id_ in child.parents if id_ in household and household[id_].woman), None)


def born(chart: Chart, person: Person) -> None:
    """The newborn's own stay, when it is recent enough to be told; one that is not over belongs to the ward."""
    birth = birth_of(person)
    if birth.left >= chart.clock.now or birth.at < chart.clock.at(-YEARS * 365, 0):
        return
    unit, rng = ward(person, "birth"), chance("birth-ward", person.id)
    doctor, midwife = someone(unit, "doctor", rng), someone(unit, "nurse", rng)
    stay = encounter(
        chart,
        doctor,
        "IMP",
        birth.at,
        birth.left,
        type_=say(person, ("Nyfødt", "Nyfødd")),
        code=concept(ICD10, "Z38.0"),
    )
    m.vital(chart, midwife, m.WEIGHT, birth.weight / 1000, birth.at + timedelta(minutes=40), encounter=stay)
    m.vital(chart, midwife, m.HEIGHT, birth.length, birth.at + timedelta(minutes=40), encounter=stay)
    m.vital(chart, midwife, m.TEMPERATURE, rng.uniform(36.6, 37.2), birth.at + timedelta(hours=2), encounter=stay)
    child = ("jente", "jente") if person.woman else ("gutt", "gut")
    first = say(
        person,
        (
            f"Apgar {rng.choice(('9–10–10', '8–9–10', '9–9–10'))}. Frisk {child[0]}, {birth.weight} g og {birth.length} cm. K-vitamin gitt, lagt hud mot hud.",
            f"Apgar {rng.choice(('9–10–10', '8–9–10', '9–9–10'))}. Frisk {child[1]}, {birth.weight} g og {birth.length} cm. K-vitamin gjeve, lagd hud mot hud.",
        ),
    )
    note(chart, midwife, birth.at + timedelta(hours=1), say(person, ("Nyfødt", "Nyfødd")), first, encounter=stay)
    out = say(
        person,
        (
            f"Barnelegeundersøkelse: hjerte, hofter og munn uten anmerkning. Nyfødtscreening tatt. Vekt ved hjemreise {birth.weight - 160} g. OAE positiv på begge ører.",
            f"Barnelegeundersøking: hjarte, hofter og munn utan merknad. Nyføddscreening teken. Vekt ved heimreise {birth.weight - 160} g. OAE positiv på begge øyre.",
        ),
    )
    note(
        chart,
        doctor,
        birth.left,
        say(person, ("Epikrise nyfødt", "Epikrise nyfødd")),
        out,
        kind="Epikrise",
        encounter=stay,
    )


def pregnancies(life: Life) -> None:
    """Those that ended with the children of the house, a few that ended early, and those that go on."""
    person, rng = life.person, life.rng
    children = children_of(person, life.household)
    for position, child in enumerate(children):
        birth = birth_of(child)
        if position and (child.born - children[position - 1].born).days < 300:
            continue
        if birth.at >= life.chart.clock.at(-YEARS * 365, 0) and birth.left < life.chart.clock.now:
            first = child is children[0]
            _carry(life, child, birth, first=first)
    if not person.woman or not 21 <= life.chart.age <= 41 or life.died:
        return
    latest = children[-1].born if children else None
    if (latest is None or (life.chart.clock.today - latest).days > 500) and person.partner and rng.random() < 0.07:
        _expect(life)


def _carry(life: Life, child: Person, birth: Birth, *, first: bool) -> None:
    """A pregnancy from the first control to the weeks after birth."""
    began = birth.at - timedelta(weeks=birth.weeks)
    _begin(life, began, ended=birth.at.date(), first=first)
    for weeks in (9, 18, 25, 31, 36, 38):
        if weeks < birth.weeks - 1:
            life.plan(_morning(life, began + timedelta(weeks=weeks)), _control(weeks))
    when = birth.at - timedelta(hours=chance("came", child.id).randint(3, 11))
    life.plan(when, lambda life, when: _give_birth(life, child, birth, when, first=first))
    life.plan(_morning(life, birth.at + timedelta(days=43)), _afterwards)


def _morning(life: Life, when: datetime) -> datetime:
    return life.at_office(when.date())


def _begin(life: Life, began: datetime, *, ended: date | None, first: bool) -> Known:
    """The pregnancy on the problem list, from the first control until it is over."""
    when = _morning(life, began + timedelta(weeks=7, days=3))
    condition = problem(
        life.chart,
        life.person.gp,
        (ICPC2, "W78"),
        life.say(("Graviditet", "Graviditet")),
        since=began.date(),
        recorded=when.date(),
        active=ended is None,
        ended=ended,
    )
    known = Known(PREGNANCY, condition, began.date())
    life.plan(when - timedelta(minutes=1), lambda life, _: life.known.update(W78=known))
    if ended:
        at = datetime.combine(ended, time(23, 59), OSLO)
        life.plan(at, _over)
    life.plan(when, lambda life, when: _first_control(life, when, first=first))
    return known


def _over(life: Life, _: datetime) -> None:
    life.known.pop("W78", None)


def _first_control(life: Life, when: datetime, *, first: bool) -> None:
    gp, chart, rng = life.person.gp, life.chart, life.rng
    visit = encounter(chart, gp, "AMB", when, when + timedelta(minutes=30), code=concept(ICPC2, "W78"))
    systolic = rng.randint(104, 126)
    m.blood_pressure(chart, gp, systolic, round(systolic * 0.62), when, encounter=visit)
    m.vital(chart, gp, m.WEIGHT, rng.gauss(69, 8), when, encounter=visit)
    lab = someone(clinic(life.person, "laboratory"), "biomedical-scientist", rng)
    for measure, low, up in ((m.HB_WOMAN, 12.0, 13.9), (m.FERRITIN, 22, 70), (m.TSH, 0.9, 2.6)):
        m.lab(chart, lab, measure, rng.uniform(low, up), when + timedelta(minutes=20), encounter=visit, requester=gp)
    for atc in [atc for atc in life.medicines.taken if atc.startswith(("C10AA", "C09CA", "J01AA"))]:
        life.medicines.stop(atc, ("Gravid", "Gravid"))
    told = (
        (
            "Gravid for første gang, ønsket. Kvalm om morgenen, klarer jobben.",
            "Gravid for første gong, ønskt. Kvalm om morgonen, klarer jobben.",
        )
        if first
        else (
            "Ønsket svangerskap. Mer trøtt enn forrige gang, ellers bra.",
            "Ønskt svangerskap. Meir trøytt enn førre gong, elles bra.",
        )
    )
    plan = (
        "Folat, ikke alkohol eller røyk. Tidlig ultralyd bestilt, jordmor ved helsestasjonen overtar annenhver kontroll.",
        "Folat, ikkje alkohol eller røyk. Tidleg ultralyd bestilt, jordmor ved helsestasjonen tek annankvar kontroll.",
    )
    note(
        chart,
        gp,
        when + timedelta(minutes=30),
        life.say(("Første svangerskapskontroll", "Første svangerskapskontroll")),
        life.say(told),
        life.say(plan),
        encounter=visit,
    )


_FEELS: dict[int, tuple[Both, ...]] = {
    9: (("Mindre kvalm. Spørsmål om trening og sushi.", "Mindre kvalm. Spørsmål om trening og sushi."),),
    18: (
        (
            "Ultralyd uten avvik. Kjent lette spark de siste dagene.",
            "Ultralyd utan avvik. Kjent lette spark dei siste dagane.",
        ),
    ),
    25: (
        (
            "Litt bekkenplager ved lange turer, ellers i fin form. Mye spark.",
            "Litt bekkenplager ved lange turar, elles i fin form. Mykje spark.",
        ),
        ("Glukosebelastning normal. Sover på sida med pute.", "Glukosebelasting normal. Søv på sida med pute."),
    ),
    31: (
        (
            "Sur mage og tett pust i trapper. Har begynt å pakke bagen.",
            "Sur mage og tett pust i trapper. Har byrja å pakke bagen.",
        ),
        ("Gradert sykmelding 50 % på grunn av bekkenet.", "Gradert sjukmelding 50 % på grunn av bekkenet."),
    ),
    36: (
        (
            "Hodet kjennes over inngangen. Kynnere om kvelden. Snakket om når hun skal ringe.",
            "Hovudet kan kjennast over inngangen. Kynnarar om kvelden. Snakka om når ho skal ringje.",
        ),
    ),
    38: (
        (
            "Venter. Godt med liv. Ingen hodepine eller flimring.",
            "Ventar. Godt med liv. Ingen hovudverk eller flimring.",
        ),
    ),
}


def _control(weeks: int) -> Event:
    """A control by midwife or GP in a week of pregnancy."""

    def come(life: Life, when: datetime) -> None:
        rng, chart = life.rng, life.chart
        midwives = [who for who in crew(service(life.person, "Helsestasjon"), "nurse") if who.profession == "JO"]
        by = rng.choice(midwives) if midwives and weeks not in (18, 36) else life.person.gp
        visit = encounter(chart, by, "AMB", when, when + timedelta(minutes=30), code=concept(ICPC2, "W78"))
        systolic = rng.randint(104, 134)
        m.blood_pressure(chart, by, systolic, round(systolic * 0.61), when, encounter=visit)
        words = f"BT {systolic}/{round(systolic * 0.61)}"
        if weeks >= 25:
            height = weeks - 2 + rng.randint(-1, 2)
            words += life.say(
                (
                    f", SF-mål {height} cm, fosterlyd {rng.randint(128, 154)}",
                    f", SF-mål {height} cm, fosterlyd {rng.randint(128, 154)}",
                )
            )
        if weeks in (25, 36):
            blood = rng.uniform(10.9, 13.0)
            m.lab(chart, by, m.HB_WOMAN, blood, when + timedelta(minutes=10), encounter=visit)
            words += f", Hb {comma(blood, 1)}"
        if weeks == 25 and when.year >= 2024 and rng.random() < 0.8:
            vaccine(chart, by, PERTUSSIS, when.date())
        title = life.say((f"Svangerskapskontroll uke {weeks}", f"Svangerskapskontroll veke {weeks}"))
        note(
            chart,
            by,
            when + timedelta(minutes=30),
            title,
            life.say(rng.choice(_FEELS[weeks])),
            f"{words}.",
            encounter=visit,
        )

    return come


def _give_birth(life: Life, child: Person, birth: Birth, when: datetime, *, first: bool) -> None:
    """The mother's stay at the maternity ward."""
    chart, rng, unit = life.chart, life.rng, ward(life.person, "birth")
    who = chance("birth-ward", child.id)
    doctor, midwife = someone(unit, "doctor", who), someone(unit, "nurse", who)
    code = ("O82.0", "Planlagt keisersnitt") if birth.caesarean else ("O80.0", "Normal fødsel")
    stay = encounter(
        chart,
        midwife,
        "IMP",
        when,
        birth.left,
        type_=life.say(("Innleggelse", "Innlegging")),
        code=concept(ICD10, code[0]),
    )
    life.away_until = birth.left
    lost = rng.randint(250, 480) + (250 if birth.caesarean else 0)
    m.blood_pressure(
        chart, midwife, rng.randint(112, 134), rng.randint(66, 82), birth.at + timedelta(hours=2), encounter=stay
    )
    m.lab(chart, midwife, m.HB_WOMAN, rng.uniform(9.6, 12.4), birth.at + timedelta(hours=20), encounter=stay)
    came = (
        ("Planlagt keisersnitt på grunn av seteleie. Fastende.", "Planlagt keisarsnitt på grunn av seteleie. Fastande.")
        if birth.caesarean
        else (
            f"Kommer med rier hvert tredje minutt, {4 if first else 6} cm åpning, stående hode. Fosterlyd 140.",
            f"Kjem med rier kvart tredje minutt, {4 if first else 6} cm opning, ståande hovud. Fosterlyd 140.",
        )
    )
    note(
        chart,
        midwife,
        when + timedelta(minutes=30),
        life.say(("Innkomst føden", "Innkomst føden")),
        life.say(came),
        kind="Innkomstnotat",
        encounter=stay,
    )
    kind = ("jente", "jente") if child.woman else ("gutt", "gut")
    clock = f"{birth.at:%H.%M}"
    way = ("ved keisersnitt", "ved keisarsnitt") if birth.caesarean else ("i bakhodestilling", "i bakhovudstilling")
    told = life.say(
        (
            f"{kind[0].capitalize()} født kl. {clock} {way[0]}, {birth.weight} g. Blødning {lost} ml. Morkaken hel.",
            f"{kind[1].capitalize()} fødd kl. {clock} {way[1]}, {birth.weight} g. Bløding {lost} ml. Morkaka heil.",
        )
    )
    note(
        chart,
        midwife,
        birth.at + timedelta(hours=1),
        life.say(("Fødsel", "Fødsel")),
        told,
        kind="Fødselsnotat",
        encounter=stay,
    )
    out = life.say(
        rng.choice(
            (
                (
                    "Ammingen er i gang, livmoren trekker seg sammen. Samtale om fødselen. Hjem med barnet, jordmor kommer på besøk.",
                    "Amminga er i gang, livmora trekkjer seg saman. Samtale om fødselen. Heim med barnet, jordmor kjem på besøk.",
                ),
                (
                    "Sår i bristen, men går og sitter. Melka kom i natt. Reiser hjem i dag, etterkontroll hos fastlegen om seks uker.",
                    "Sår i bristen, men går og sit. Mjølka kom i natt. Reiser heim i dag, etterkontroll hos fastlegen om seks veker.",
                ),
            )
        )
    )
    note(chart, doctor, birth.left, "Epikrise", told, out, kind="Epikrise", encounter=stay)


def _afterwards(life: Life, when: datetime) -> None:
    gp = life.person.gp
    visit = encounter(life.chart, gp, "AMB", when, when + timedelta(minutes=20), code=concept(ICPC2, "W90"))
    told = life.say(
        life.rng.choice(
            (
                (
                    "Seks uker etter fødsel. Sover i korte økter, humøret er greit. Bristen er tilhelet. Ønsker minipille.",
                    "Seks veker etter fødsel. Søv i korte økter, humøret er greitt. Bristen er tilgrodd. Ønskjer minipille.",
                ),
                (
                    "Etterkontroll. Blødningen har gitt seg. Gråter lett på kvelden, partneren er hjemme. EPDS 8.",
                    "Etterkontroll. Blødinga har gjeve seg. Græt lett om kvelden, partnaren er heime. EPDS 8.",
                ),
            )
        )
    )
    note(
        life.chart,
        gp,
        when + timedelta(minutes=20),
        life.say(("Etterkontroll", "Etterkontroll")),
        told,
        encounter=visit,
    )


def _expect(life: Life) -> None:
    """A pregnancy that goes on: the term lies ahead, and so does the next control."""
    weeks = life.rng.randint(8, 38)
    clock: Clock = life.chart.clock
    began = clock.at(-weeks * 7, 12)
    known = _begin(life, began, ended=None, first=not children_of(life.person, life.household))
    term = began.date() + timedelta(days=_TERM)
    known.condition["note"] = [{"text": life.say((f"Termin {term:%d.%m.%Y}", f"Termin {term:%d.%m.%Y}"))}]
    for week in (9, 18, 25, 31, 36, 38):
        when = _morning(life, began + timedelta(weeks=week)) if week < weeks else None
        if when:
            life.plan(when, _control(week))
    start = clock.weekday(life.rng.randint(3, 20), life.rng.randint(9, 14), 20)
    appointment(
        life.chart,
        [life.person.gp.unit],  # With the GP or the midwife, as it falls out on the day.
        start,
        30,
        life.say(("Svangerskapskontroll", "Svangerskapskontroll")),
        booked=clock.day(-6),
    )
