# ruff: noqa: E501 - sentences stay on one line
"""What the child health centre and school health service write: growth, development and vaccines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any

from samjournal.demo import measures as m
from samjournal.demo.chart import Chart, encounter, note
from samjournal.demo.illnesses import Both
from samjournal.demo.inhabitants import Person, say
from samjournal.demo.moments import visit_time
from samjournal.demo.sites import service, someone
from samjournal.demo.staff import Staff
from samjournal.demo.vaccines import programme
from samjournal.demo.vaccines import vaccine as vaccine
from samjournal.demo.writing import comma

Plan = Callable[[datetime, Callable[[Any, datetime], None]], None]
YEARS = 3
"""How far back the contacts are told; vaccines are told from birth."""


@dataclass(frozen=True, slots=True)
class Check:
    """A contact by programme: age in weeks, title, middle height, weight and head of a girl, and what is written."""

    weeks: int
    title: Both
    height: float
    weight: float
    head: float
    told: tuple[Both, ...]


_CHECKS: tuple[Check, ...] = (
    Check(1, ("Hjemmebesøk til nyfødt", "Heimebesøk til nyfødd"), 0, 3.5, 34.8, (
        ("Hjemme hos familien. Barnet sover i egen seng ved siden av foreldrene. Dier hver tredje time, seks våte bleier i døgnet.", "Heime hos familien. Barnet søv i eiga seng ved sida av foreldra. Syg kvar tredje time, seks våte bleier i døgnet."),
        ("Ammingen er i gang etter en såre start, brukte skjold noen dager. Navlen er tørr. Foreldrene er slitne, men trygge.", "Amminga er i gang etter ein sår start, brukte skjold nokre dagar. Navlen er tørr. Foreldra er slitne, men trygge."))),
    Check(6, ("Helsestasjonen: 6 uker", "Helsestasjonen: 6 veker"), 56, 4.8, 38.0, (
        ("Smiler, følger med blikket og løfter hodet på magen. Legeundersøkelse: hjerte og hofter uten anmerkning.", "Smiler, følgjer med blikket og lyfter hovudet på magen. Legeundersøking: hjarte og hofter utan merknad."),
        ("God blikkontakt, litt urolig på kvelden. Snakket om hvordan natta går. EPDS fylt ut, ikke tegn til fødselsdepresjon.", "God blikkontakt, litt uroleg om kvelden. Snakka om korleis natta går. EPDS fylt ut, ikkje teikn til fødselsdepresjon."))),
    Check(13, ("Helsestasjonen: 3 måneder", "Helsestasjonen: 3 månader"), 61, 6.1, 40.2, (
        ("Pludrer og griper etter ting. Morsmelk og D-dråper. Vaksinert, gråt kort.", "Pludrar og grip etter ting. Morsmjølk og D-dropar. Vaksinert, gret kort."),
        ("Ler høyt, holder hodet stødig. Flat på høyre side av bakhodet, råd om å variere leie.", "Ler høgt, held hovudet stødig. Flat på høgre side av bakhovudet, råd om å variere leie."))),
    Check(22, ("Helsestasjonen: 5 måneder", "Helsestasjonen: 5 månader"), 66, 7.2, 42.3, (
        ("Ruller fra rygg til mage. Interessert i mat, begynner med grøt.", "Rullar frå rygg til mage. Interessert i mat, byrjar med graut."),)),
    Check(53, ("Helsestasjonen: 12 måneder", "Helsestasjonen: 12 månader"), 75, 9.3, 45.5, (
        ("Reiser seg og går langs bordet, sier «mamma» og peker. Begynner i barnehage i august. Pusser to tenner.", "Reiser seg og går langs bordet, seier «mamma» og peikar. Byrjar i barnehage i august. Pussar to tenner."),
        ("Krabber fort, klapper og vinker. Våkner fortsatt to ganger om natta, foreldrene vil korte ned ammingen.", "Krabbar fort, klappar og vinkar. Vaknar framleis to gonger om natta, foreldra vil korte ned amminga."))),
    Check(65, ("Helsestasjonen: 15 måneder", "Helsestasjonen: 15 månader"), 78, 10.0, 46.2, (
        ("Går alene siden tre uker, forstår enkle beskjeder. MMR-vaksine gitt.", "Går åleine sidan tre veker, forstår enkle beskjedar. MMR-vaksine gjeven."),)),
    Check(105, ("Helsestasjonen: 2 år", "Helsestasjonen: 2 år"), 87, 12.2, 0, (
        ("Setter sammen to ord, løper og klatrer. Spiser det samme som resten av familien, litt kresen.", "Set saman to ord, spring og klatrar. Et det same som resten av familien, litt kresen."),
        ("Mest enkeltord ennå, men forstår godt. Ser det an til to og et halvt år, barnehagen er med.", "Mest enkeltord enno, men forstår godt. Ser det an til to og eit halvt år, barnehagen er med."))),
    Check(209, ("Helsestasjonen: 4 år", "Helsestasjonen: 4 år"), 103, 16.8, 0, (
        ("Hopper på ett bein, tegner hodefoting, forteller om hunden til besteforeldrene. Syn 0,8 på begge øyne.", "Hoppar på eitt bein, teiknar hovudfoting, fortel om hunden til besteforeldra. Syn 0,8 på begge auge."),
        ("Sjenert først, så ivrig. Språk som ventet for alderen. Tørr om dagen, bleie om natta.", "Sjenert først, så ivrig. Språk som venta for alderen. Tørr om dagen, bleie om natta."))),
    Check(325, ("Skolestartundersøkelse", "Skulestartundersøking"), 117, 21.4, 0, (
        ("Har begynt i første klasse og gleder seg. Balanse, finmotorikk og uttale uten anmerkning. Kan skrive navnet sitt.", "Har byrja i første klasse og gler seg. Balanse, finmotorikk og uttale utan merknad. Kan skrive namnet sitt."),
        ("Venner i klassen, litt uro ved legging. Syn og hørsel normale.", "Vener i klassen, litt uro ved legging. Syn og høyrsel normale."))),
    Check(430, ("Måling i 3. klasse", "Måling i 3. klasse"), 130, 27.8, 0, (
        ("Følger kurvene sine. Spiller fotball og leser tegneserier.", "Følgjer kurvene sine. Spelar fotball og les teikneseriar."),)),
    Check(700, ("Helsesamtale i 8. klasse", "Helsesamtale i 8. klasse"), 160, 49, 0, (
        ("Trives stort sett. Sover lite, telefonen ligger ved senga. Avtalt prøveuke uten skjerm etter kl. 22.", "Trivst stort sett. Søv lite, telefonen ligg ved senga. Avtalt prøveveke utan skjerm etter kl. 22."),
        ("God kontakt med klassen, én god venn. Ingen bekymringer rundt mat. Vet hvor helsesykepleier sitter.", "God kontakt med klassen, éin god ven. Ingen bekymringar kring mat. Veit kvar helsesjukepleiar sit."))),
)  # fmt: skip


def childhood(chart: Chart, person: Person, rng: Random, plan: Plan | None = None) -> None:
    """Vaccines since birth, and the contacts of the last years with what was measured.

    `plan` lets a contact happen at its time among everything else; without it all happen.
    """
    centre = someone(service(person, "Helsestasjon"), "nurse", rng)
    school = someone(service(person, "Skolehelsetjeneste"), "nurse", rng)
    programme(chart, person, rng, centre, school)
    child = _Child(rng.uniform(0.96, 1.04) * (1 if person.woman else 1.012), rng.uniform(0.9, 1.12))
    earliest = chart.clock.day(-YEARS * 365)
    for check in _CHECKS:
        day = chart.born + timedelta(weeks=check.weeks, days=rng.randint(0, 4))
        if day >= chart.clock.today - timedelta(days=5):
            break
        if day < earliest:
            continue
        nurse = school if check.weeks > 300 else centre
        when = max(visit_time(chart.clock, day, rng), chart.clock.at((chart.born - chart.clock.today).days + 4, 11, 15))
        meet = partial(_meet, chart, person, check, nurse, child, rng)
        if plan:
            plan(when, _as_event(meet))
        else:
            meet(when)


def _as_event(meet: Callable[[datetime], None]) -> Callable[[Any, datetime], None]:
    return lambda _, when: meet(when)


@dataclass(frozen=True, slots=True)
class _Child:
    """How a child grows compared with the middle: by height, and by weight for the height."""

    height: float
    weight: float


def _meet(chart: Chart, person: Person, check: Check, nurse: Staff, child: _Child, rng: Random, when: datetime) -> None:
    visit = encounter(chart, nurse, "AMB", when, when + timedelta(minutes=30), type_=say(person, check.title))
    height = check.height * child.height
    weight = check.weight * child.height**2 * child.weight * rng.uniform(0.98, 1.02)
    m.vital(chart, nurse, m.WEIGHT, weight, when, encounter=visit)
    measured = f"{comma(weight, 1)} kg"
    if check.height:
        m.vital(chart, nurse, m.HEIGHT, height, when, encounter=visit)
        measured += f", {height:.0f} cm"
    if check.head:
        head = check.head * (1 + (child.height - 1) / 2)
        m.vital(chart, nurse, m.HEAD, head, when, encounter=visit)
        measured += say(person, (f", hodeomkrets {comma(head, 1)} cm", f", hovudomkrins {comma(head, 1)} cm"))
    told = say(person, rng.choice(check.told))
    note(chart, nurse, when + timedelta(minutes=30), say(person, check.title), told, f"{measured}.", encounter=visit)
