# ruff: noqa: E501 - sentences and table rows stay on one line
"""People who are rare in a test and ordinary in a region: newborn, twins, without number, merged, dead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from samjournal.demo import measures as m
from samjournal.demo.chart import (
    ICD10,
    ICPC2,
    Chart,
    concept,
    encounter,
    family,
    medicine,
    no_known_allergy,
    note,
    problem,
)
from samjournal.demo.childhood import childhood
from samjournal.demo.clock import Clock, instant
from samjournal.demo.inhabitants import Person
from samjournal.demo.numbers import birth_number
from samjournal.demo.organisations import bed
from samjournal.demo.people import Home, patient
from samjournal.demo.places import PLACES
from samjournal.demo.staff import Staff, worker
from samjournal.fhir.identifiers import DNR, FNR


def rare(clock: Clock, rng: Random, used: set[str]) -> Iterator[Chart]:
    """One chart for each of them; a mother comes before her child."""
    yield from _mother_and_newborn(clock, rng, used)
    yield from _twins(clock, rng, used)
    yield _seasonal_worker(clock)
    yield _unknown(clock)
    yield from _merged(clock, rng, used)
    yield _dead(clock, rng, used)


def _mother_and_newborn(clock: Clock, rng: Random, used: set[str]) -> Iterator[Chart]:
    """Tiril gave birth yesterday; the child is a Patient from birth and has its number, but no name yet."""
    home = Home("Rognvegen 22", "7725", "Steinkjer", "Steinkjer", "5006")
    gp, doctor, midwife = worker("nina"), worker("sunniva"), worker("marit")
    born = clock.birthday(29, 2, 19)
    number = birth_number(rng, born, woman=True, used=used)
    came, birth = clock.at(-1, 1, 30), clock.at(-1, 5, 48)
    mother = Chart(
        patient(
            "tiril",
            "Tiril",
            "Hegdal",
            woman=True,
            born=born,
            number=number,
            home=home,
            gp=gp,
            phone="+4799900290",
        ),
        clock,
        born=born,
    )
    no_known_allergy(mother, gp, clock.day(-230))
    stay = encounter(
        mother,
        doctor,
        "IMP",
        came,
        None,
        type_="Innleggelse",
        place=bed("barsel", "503"),
        code=concept(ICD10, "O80.0", "Normal fødsel"),
    )
    problem(mother, doctor, (ICD10, "O80.0"), "Normal fødsel, første barn", since=birth, recorded=birth)
    m.blood_pressure(mother, midwife, 118, 72, birth + timedelta(hours=2), encounter=stay)
    m.lab(mother, worker("oddbjorn"), m.HB_WOMAN, 10.9, birth + timedelta(hours=5), encounter=stay)
    note(
        mother,
        midwife,
        birth + timedelta(hours=1),
        "Fødsel",
        "Kom kl. 01.30 med rier hvert tredje minutt. Jente født kl. 05.48 i sideleie, 3 480 g. Blødning 300 ml, liten rift sydd.",
        "Barnet lagt hud mot hud, sugde godt etter 40 minutter.",
        kind="Fødselsnotat",
        encounter=stay,
    )
    yield mother

    child_born = birth.date()
    child_number = birth_number(rng, child_born, woman=True, used=used)
    made = patient(
        "nyfodt-hegdal",
        "Jente",
        "Hegdal",
        woman=True,
        born=child_born,
        number=child_number,
        home=home,
        gp=None,
    )
    made["name"] = [{"use": "temp", "text": "Jente Hegdal, nyfødt", "family": "Hegdal", "given": ["Jente"]}]
    made["_birthDate"] = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime",
                "valueDateTime": instant(birth),
            }
        ]
    }
    child = Chart(made, clock, born=child_born)
    family(
        child,
        "Mor",
        "Tiril",
        "Hegdal",
        code="MTH",
        phone="+4799900290",
        number={"system": FNR, "value": number},
    )
    own = encounter(
        child,
        doctor,
        "IMP",
        birth,
        None,
        type_="Nyfødt",
        place=bed("barsel", "503"),
        code=concept(ICD10, "Z38.0", "Født på sykehuset"),
    )
    m.vital(child, midwife, m.WEIGHT, 3.48, birth + timedelta(minutes=50), encounter=own)
    m.vital(child, midwife, m.HEIGHT, 50, birth + timedelta(minutes=50), encounter=own)
    for hours in (1, 4, 12):
        m.vital(child, midwife, m.TEMPERATURE, 36.7 + hours * 0.02, birth + timedelta(hours=hours), encounter=own)
    note(
        child,
        midwife,
        birth + timedelta(hours=1),
        "Nyfødt",
        "Apgar 9–10–10. Frisk jente, rosa og aktiv. K-vitamin gitt.",
        encounter=own,
    )
    if clock.at(0, 7) < clock.now:
        note(
            child,
            worker("sunniva"),
            clock.at(0, 6, 50),
            "Barselvisitt",
            "Dier hver tredje time, har tisset og hatt avføring.",
            encounter=own,
        )
    yield child


def _twins(clock: Clock, rng: Random, used: set[str]) -> Iterator[Chart]:
    """Two boys, born the same day, both written as Ole Moan: the numbers alone tell them apart."""
    born, gp = clock.birthday(6, 9, 4), worker("stig")
    home = Home("Lerkevegen 3", "7713", "Steinkjer", "Steinkjer", "5006")
    for position, id_ in enumerate(("ole-moan-1", "ole-moan-2"), start=1):
        number = birth_number(rng, born, woman=False, used=used)
        person = Person(id_, "Ole", "Moan", False, born, number, home, PLACES[0], gp, "nb")
        made = patient(id_, person.given, "Moan", woman=False, born=born, number=number, home=home, gp=gp)
        made["multipleBirthInteger"] = position
        chart = Chart(made, clock, born=born)
        family(chart, "Mor", "Guro", "Moan", code="MTH", phone="+4799900618")
        childhood(chart, person, rng)
        if position == 2:
            problem(chart, gp, (ICPC2, "R96"), "Astma", since=clock.day(-700))
            medicine(
                chart,
                gp,
                "R03AC02",
                "Salbutamol inhalasjon",
                "0,1 mg, 2 inhalasjoner ved tung pust",
                since=clock.day(-200),
                as_needed=True,
            )
        else:
            no_known_allergy(chart, gp, clock.day(-400))
        yield chart


def _seasonal_worker(clock: Clock) -> Chart:
    """Here for the strawberries, has no number of any kind."""
    born = clock.birthday(27, 7, 8)
    made = patient(
        "jakub-nowicki",
        "Jakub",
        "Nowicki",
        woman=False,
        born=born,
        number=None,
        home=None,
        gp=None,
        language="pl",
    )
    chart, by = Chart(made, clock, born=born), worker("kine")
    came = clock.at(-12, 18, 5)
    visit = encounter(chart, by, "EMER", came, came + timedelta(minutes=50), code=concept(ICPC2, "S18", "Kutt"))
    note(
        chart,
        by,
        came + timedelta(minutes=45),
        "Legevakt: kutt i hånden",
        "Skar seg på plast i veksthuset. Kutt på 3 cm i venstre håndflate, god kraft og følesans i alle fingrer. Tolk på telefon.",
        "Sydd med fire sting. Stivkrampevaksine tatt for tre år siden. Stingene fjernes om ti dager. Har ikke norsk nummer.",
        encounter=visit,
    )
    return chart


def _unknown(clock: Clock) -> Chart:
    """Found by the road; nobody knows yet who he is."""
    made = {
        "resourceType": "Patient",
        "id": "ukjent-mann",
        "active": True,
        "name": [{"use": "temp", "text": "Ukjent mann, om lag 50 år"}],
        "gender": "male",
    }
    chart, by = Chart(made, clock, born=clock.day(-50 * 365)), worker("per-kristian")
    came = clock.at(-1, 0, 20)
    stay = encounter(
        chart,
        by,
        "IMP",
        came,
        None,
        type_="Innleggelse",
        place=bed("medisin-2", "209 dør"),
        code=concept(ICD10, "R55", "Funnet bevisstløs"),
    )
    nurse = worker("anne-berit")
    for hours, high, low, pulse, warm in (
        (0.2, 104, 62, 96, 34.9),
        (4, 118, 70, 84, 36.1),
        (10, 124, 74, 80, 36.7),
    ):
        when = came + timedelta(hours=hours)
        m.blood_pressure(chart, nurse, high, low, when, encounter=stay)
        m.vital(chart, nurse, m.PULSE, pulse, when, encounter=stay)
        m.vital(chart, nurse, m.TEMPERATURE, warm, when, encounter=stay)
    note(
        chart,
        by,
        came + timedelta(minutes=55),
        "Innkomstnotat",
        "Mann, om lag 50 år, funnet sittende ved busslomme på Røra, kald og vanskelig å vekke. Ingen papirer. CT av hodet er normal.",
        "Varmes opp, overvåkes. Politiet er varslet og hjelper med å finne ut hvem han er.",
        kind="Innkomstnotat",
        encounter=stay,
    )
    return chart


def _merged(clock: Clock, rng: Random, used: set[str]) -> Iterator[Chart]:
    """Oksana came with a D-number, got a birth number, and had two records until they were joined."""
    born, gp = clock.birthday(41, 1, 30), worker("nina")
    home = Home("Stasjonsvegen 18", "7713", "Steinkjer", "Steinkjer", "5006")
    old_number = birth_number(rng, born, woman=True, used=used, temporary=True)
    number = birth_number(rng, born, woman=True, used=used)
    kept = patient(
        "oksana",
        "Oksana",
        "Shevchuk",
        woman=True,
        born=born,
        number=number,
        home=home,
        gp=gp,
        phone="+4799900415",
        language="uk",
    )
    old = patient(
        "oksana-dnr",
        "Oksana",
        "Sjevtsjuk",
        woman=True,
        born=born,
        number=old_number,
        number_system=DNR,
        home=None,
        gp=None,
        language="uk",
    )
    kept["identifier"].append({"use": "old", "system": DNR, "value": old_number})
    kept["link"] = [{"other": {"reference": "Patient/oksana-dnr"}, "type": "replaces"}]
    old["active"] = False
    old["link"] = [{"other": {"reference": "Patient/oksana"}, "type": "replaced-by"}]
    after = Chart(kept, clock, born=born)
    no_known_allergy(after, gp, clock.day(-150))
    thyroid = problem(after, gp, (ICPC2, "T86"), "Lavt stoffskifte", since=clock.day(-150))
    medicine(after, gp, "H03AA01", "Levotyroksin", "75 µg om morgenen", since=clock.day(-150), reason=thyroid)
    _control(
        after,
        gp,
        clock.day(-40),
        "Kontroll: lavt stoffskifte",
        "Varmere og mindre trøtt. TSH 2,9. Fortsetter som før.",
        2.9,
    )
    before = Chart(old, clock, born=born)
    _control(
        before,
        gp,
        clock.day(-380),
        "Trøtt og frossen",
        "Trøtt og frossen i flere måneder, tolk på telefon. TSH 11,8. Har ikke fastlege ennå, ny time hos oss.",
        11.8,
    )
    yield before
    yield after


def _control(chart: Chart, by: Staff, day: date, title: str, text: str, tsh: float) -> None:
    when = chart.clock.weekday((day - chart.clock.today).days, 10, 20)
    visit = encounter(chart, by, "AMB", when, when + timedelta(minutes=20), code=concept(ICPC2, "T86"))
    m.lab(chart, by, m.TSH, tsh, when, encounter=visit)
    note(chart, by, when + timedelta(minutes=20), title, text, encounter=visit)


def _dead(clock: Clock, rng: Random, used: set[str]) -> Chart:
    """Hallvard died of cancer five weeks ago, at home with home care."""
    born, gp, nurse = clock.birthday(84, 6, 12), worker("magnus"), worker("bente")
    home = Home("Kirkevegen 40", "7730", "Beitstad", "Steinkjer", "5006")
    died = clock.at(-36, 4, 15)
    made = patient(
        "hallvard",
        "Hallvard",
        "Røstad",
        woman=False,
        born=born,
        number=birth_number(rng, born, woman=False, used=used),
        home=home,
        gp=gp,
        phone="+4799900842",
        marital=("M", "Gift"),
    )
    made["deceasedDateTime"] = instant(died)
    chart = Chart(made, clock, born=born)
    family(chart, "Ektefelle", "Ingeborg", "Røstad", code="SPS", phone="+4799900843")
    no_known_allergy(chart, gp, clock.day(-900))
    cancer = problem(
        chart,
        gp,
        (ICD10, "C61"),
        "Prostatakreft med spredning til skjelett",
        since=clock.day(-1500),
        year_only=True,
    )
    medicine(
        chart,
        gp,
        "N02AA05",
        "Oksykodon depot",
        "10 mg × 2",
        since=clock.day(-90),
        state="stopped",
        why="Død",
        reason=cancer,
    )
    medicine(
        chart,
        gp,
        "N02BE01",
        "Paracetamol",
        "1 g × 4",
        since=clock.day(-200),
        state="stopped",
        why="Død",
        reason=cancer,
    )
    chart.put(
        "EpisodeOfCare",
        "service",
        nurse,
        status="finished",
        period={"start": clock.day(-120).isoformat(), "end": died.date().isoformat()},
        type_=[{"text": "Hjemmesykepleie, lindrende behandling"}],
    )
    for days in (-44, -40, -37):
        when = clock.at(days, 11, 30)
        encounter(chart, nurse, "HH", when, when + timedelta(minutes=45), type_="Hjemmebesøk")
    note(
        chart,
        nurse,
        clock.at(-37, 12, 20),
        "Hjemmebesøk",
        "Sover mye, våken i korte stunder. Ingen smerter. Ingeborg og barna er hos ham. Munnstell gitt.",
    )
    note(
        chart,
        nurse,
        died + timedelta(hours=1),
        "Dødsfall",
        "Sovnet stille inn kl. 04.15 med familien rundt seg. Fastlegen er varslet.",
    )
    return chart
