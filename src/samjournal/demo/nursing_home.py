# ruff: noqa: E501 - sentences stay on one line
"""Nursing homes: the decision, moving in, months that go by with weight and notes, and short stays after hospital."""

from __future__ import annotations

from datetime import datetime, timedelta

from samjournal.demo import measures as m
from samjournal.demo.chart import Resource, encounter, note, period, to
from samjournal.demo.clock import instant
from samjournal.demo.decisions import decide, give
from samjournal.demo.illnesses import Both
from samjournal.demo.sites import someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Life
from samjournal.demo.unit import Unit
from samjournal.demo.units import units
from samjournal.demo.writing import comma, inside

_WHAT = ("Langtidsopphold på sykehjem", "Langtidsopphald på sjukeheim")
_SHORT = ("Korttidsopphold på sykehjem", "Korttidsopphald på sjukeheim")
_WHY = (
    (
        "Klarer seg ikke lenger hjemme med besøk morgen og kveld. Uttalelse fra fastlege og hjemmesykepleie foreligger.",
        "Klarer seg ikkje lenger heime med besøk morgon og kveld. Uttale frå fastlege og heimesjukepleie ligg føre.",
    ),
    (
        "Har gått ut om natta tre ganger. Familien ber om fast plass, søker er enig.",
        "Har gått ut om natta tre gonger. Familien ber om fast plass, søkjaren er samd.",
    ),
)


def move_in(life: Life, unit: Unit, place: Resource | None, when: datetime, until: datetime | None) -> None:
    """Live in a nursing home from now on; `until` is the hour of death of somebody who has died there."""
    rng, chart = life.rng, life.chart
    decision = decide(
        life, _WHAT, rng.choice(_WHY), unit, when, over=until is not None, until=until.date() if until else None
    )
    episode = give(life, decision, _WHAT, unit, when, until.date() if until else None)
    doctor, nurse = _doctor(life, unit), someone(unit, "nurse", rng)
    stay = encounter(chart, nurse, "NONAC", when, until, type_=life.say(("Sykehjem", "Sjukeheim")), place=place)
    stay["basedOn"], stay["episodeOfCare"] = [to(decision)], [to(episode)]
    _close_home_care(life, when)
    life.away_until = chart.clock.now + timedelta(days=1)
    ill = ", ".join(inside(known.condition["code"]["text"]) for known in life.known.values()) or life.say(
        ("alder", "alder")
    )
    told = life.say(
        (
            f"Flytter inn i dag. Kjente sykdommer: {ill}. Medisinlista er gjennomgått med pårørende.",
            f"Flyttar inn i dag. Kjende sjukdommar: {ill}. Medisinlista er gjennomgått med pårørande.",
        )
    )
    note(
        chart,
        doctor,
        when + timedelta(hours=3),
        life.say(("Innkomstnotat", "Innkomstnotat")),
        told,
        life.say(rng.choice(_ARRIVES)),
        kind="Innkomstnotat",
        encounter=stay,
    )
    _aims(life, nurse, when, stay)
    _months(life, unit, stay, when)


def _months(life: Life, unit: Unit, stay: Resource, came: datetime) -> None:
    """Each month weight and pressure, most months a note, each half-year the doctor's review."""
    rng, chart, now = life.rng, life.chart, life.chart.clock.now
    when, number = came + timedelta(days=9), 0
    when = max(when, chart.clock.at(-900, 10))
    while when < now - timedelta(days=1):
        number += 1
        nurse = someone(unit, "nurse", rng)
        when = when.replace(hour=rng.randint(9, 20), minute=rng.randint(0, 59))
        life.weight = min(max(life.weight + rng.gauss(-0.2, 0.9), 39), 118)
        m.vital(chart, nurse, m.WEIGHT, life.weight, when, encounter=stay)
        systolic, diastolic = m.likely_pressure(rng, 78, high=False)
        m.blood_pressure(chart, nurse, systolic, diastolic, when, encounter=stay)
        words = [life.say(life.draw(_SEEN, when))]
        words.append(life.say((f"Vekt {comma(life.weight, 1)} kg.", f"Vekt {comma(life.weight, 1)} kg.")))
        note(
            chart,
            nurse,
            when + timedelta(minutes=30),
            life.say(("Månedsnotat", "Månadsnotat")),
            *words,
            kind=life.say(("Sykepleienotat", "Sjukepleienotat")),
            encounter=stay,
        )
        if number % 6 == 0:
            _review(life, unit, stay, when + timedelta(days=1))
        when += timedelta(days=rng.randint(24, 36))


def _review(life: Life, unit: Unit, stay: Resource, when: datetime) -> None:
    if when >= life.chart.clock.now:
        return
    doctor = _doctor(life, unit)
    life.medicines.renew(doctor, when, stay)
    words = life.say(life.draw(_REVIEWS, when))
    tests = ((m.hb(life.person.woman), 11.2, 14.0), (m.creatinine(life.person.woman), 62, 118), (m.SODIUM, 136, 143))
    for measure, low, up in tests:
        m.lab(life.chart, doctor, measure, life.rng.uniform(low, up), when - timedelta(hours=20), encounter=stay)
    note(life.chart, doctor, when, life.say(("Halvårskontroll", "Halvårskontroll")), words, encounter=stay)


def short_stay(life: Life, when: datetime) -> None:
    """Some weeks after hospital; over when what is told ends."""
    wards = life.person.place.units("Sykehjemsavdeling")
    until = when + timedelta(days=life.rng.randint(12, 24), hours=-2)
    if not wards or until >= life.chart.clock.now:
        return
    unit = life.rng.choice(wards)
    why = (
        "Utskrivningsklar fra sykehuset, trenger opptrening før hjemreise.",
        "Utskrivingsklar frå sjukehuset, treng opptrening før heimreise.",
    )
    decision = decide(life, _SHORT, why, unit, when, until=until.date(), over=True, at_once=True)
    nurse, doctor = someone(unit, "nurse", life.rng), _doctor(life, unit)
    stay = encounter(life.chart, nurse, "NONAC", when, until, type_=life.say(_SHORT))
    stay["basedOn"] = [to(decision)]
    life.away_until = until
    note(
        life.chart,
        doctor,
        when + timedelta(hours=2),
        life.say(("Innkomst korttid", "Innkomst korttid")),
        life.say(life.rng.choice(_TRAINING)),
        kind="Innkomstnotat",
        encounter=stay,
    )
    note(
        life.chart,
        nurse,
        until,
        life.say(("Utskrivningsnotat", "Utskrivingsnotat")),
        life.say(life.rng.choice(_LEAVES)),
        kind="Epikrise",
        encounter=stay,
    )


def _doctor(life: Life, unit: Unit) -> Staff:
    """The home's doctor, who works at the home and not at one of its wards."""
    home = units(life.person.place.region)[unit.part_of or unit.id]
    return someone(home, "doctor", life.rng)


def _close_home_care(life: Life, when: datetime) -> None:
    """Whoever moves in has no visits at home any more."""
    for resource in life.chart.resources:
        lasts = resource.get("period") or resource.get("occurrencePeriod") or {}
        if lasts.get("start", "9") >= str(when.date()) or resource.get("status") != "active":
            continue
        if resource["resourceType"] == "EpisodeOfCare":
            resource["status"] = "finished"
            resource["period"]["end"] = str(when.date())
        elif resource["resourceType"] == "CarePlan":
            resource["status"] = "completed"
            resource["period"]["end"] = str(when.date())
        elif resource["resourceType"] == "ServiceRequest" and "-decision-" in resource["id"]:
            resource["status"] = "completed"
            resource["occurrencePeriod"]["end"] = str(when.date())


def _aims(life: Life, nurse: Staff, when: datetime, stay: Resource) -> None:
    steps = life.rng.sample(_STEPS, 3)
    life.chart.put(
        "CarePlan",
        "plan",
        nurse,
        status="active",
        intent="plan",
        title=life.say(("Tiltaksplan på sykehjemmet", "Tiltaksplan på sjukeheimen")),
        description=life.say(life.rng.choice(_AIMS)),
        encounter=to(stay),
        created=instant(when + timedelta(hours=4)),
        period=period(when.date()),
        activity=[{"detail": {"status": "in-progress", "description": life.say(step)}} for step in steps],
    )


_ARRIVES: tuple[Both, ...] = (
    (
        "Litt urolig første kvelden, roet seg med kaffe i stua. Ønsker vindu på gløtt.",
        "Litt uroleg første kvelden, roa seg med kaffi i stova. Ønskjer vindauge på gløtt.",
    ),
    (
        "Har med egen stol og bilder. Spiser selv, trenger hjelp til å finne rommet.",
        "Har med eigen stol og bilete. Et sjølv, treng hjelp til å finne rommet.",
    ),
)
_SEEN: tuple[Both, ...] = (
    (
        "Spiser godt når det er noen ved bordet. Sover fra 22 til 06.",
        "Et godt når det er nokon ved bordet. Søv frå 22 til 06.",
    ),
    (
        "Rød over halebeinet, trykkavlastes og snus hver tredje time. Ingen sår.",
        "Raud over halebeinet, trykkavlastar og snur kvar tredje time. Ingen sår.",
    ),
    (
        "Har vært med på sang i stua to ganger. Besøk av barnebarn på søndag.",
        "Har vore med på song i stova to gonger. Besøk av barnebarn på søndag.",
    ),
    (
        "Mer sliten denne måneden, sover etter middag. Drikker tilskudd mellom måltidene.",
        "Meir sliten denne månaden, søv etter middag. Drikk tilskot mellom måltida.",
    ),
    (
        "Falt ved senga uten skade. Senga er senket og matte lagt.",
        "Fall ved senga utan skade. Senga er senka og matte lagd.",
    ),
    (
        "Går med gåstol til spisesalen. Blid, hjelper til med å brette kluter.",
        "Går med gåstol til spisesalen. Blid, hjelper til med å brette klutar.",
    ),
    (
        "Har fått nye sko med borrelås. Går sikrere, men trenger følge på trappa.",
        "Har fått nye sko med borrelås. Går sikrare, men treng følgje i trappa.",
    ),
    (
        "Tannpleier har vært her, protesen er justert. Tygger bedre.",
        "Tannpleiar har vore her, protesen er justert. Tygg betre.",
    ),
    (
        "Hoster litt og er slapp, ikke feber. Drikker når glasset rekkes fram.",
        "Hostar litt og er slapp, ikkje feber. Drikk når glaset blir rekt fram.",
    ),
    (
        "Rolig måned. Sitter ved vinduet om formiddagen og hører på radio.",
        "Roleg månad. Sit ved vindauget om formiddagen og høyrer på radio.",
    ),
    (
        "Våken om natta tre netter på rad. Senere legging og mer lys på dagen prøves.",
        "Vaken om natta tre netter på rad. Seinare legging og meir lys på dagen blir prøvd.",
    ),
    (
        "Urolig på ettermiddagen, leter etter veska. Tur i hagen hjelper.",
        "Uroleg på ettermiddagen, leitar etter veska. Tur i hagen hjelper.",
    ),
)
_REVIEWS: tuple[Both, ...] = (
    (
        "Legemiddelgjennomgang med sykepleier. Blodtrykk og nyreprøver er fine, fortsetter uendret. Enighet med familien om ikke sykehus ved lungebetennelse.",
        "Legemiddelgjennomgang med sjukepleiar. Blodtrykk og nyreprøver er fine, held fram uendra. Semje med familien om ikkje sjukehus ved lungebetennelse.",
    ),
    (
        "Fornøyd og våken. Ingen smerter ved stell. Samtale med de nærmeste om hva som er viktig framover.",
        "Nøgd og vaken. Ingen smerter ved stell. Samtale med dei nærmaste om kva som er viktig framover.",
    ),
    (
        "Blodprøvene er som ventet for alderen. To faste medisiner er vurdert og beholdt. Ingen tegn til smerter.",
        "Blodprøvene er som venta for alderen. To faste medisinar er vurderte og haldne ved lag. Ingen teikn til smerter.",
    ),
    (
        "Sett i stua. Lette ødemer, rene lunger. Fortsetter som før, vekt hver måned.",
        "Sett i stova. Lette ødem, reine lunger. Held fram som før, vekt kvar månad.",
    ),
)
_TRAINING: tuple[Both, ...] = (
    (
        "Overflyttet for opptrening. Går ti meter med rullator. Fysioterapeut daglig, hjemreise når trapp går.",
        "Overflytta for opptrening. Går ti meter med rullator. Fysioterapeut dagleg, heimreise når trapp går.",
    ),
    (
        "Svak etter innleggelsen, trenger én til stell. Mål: klare seg på badet selv.",
        "Veik etter innlegginga, treng éin til stell. Mål: klare seg på badet sjølv.",
    ),
)
_LEAVES: tuple[Both, ...] = (
    (
        "Går i trapp med rekkverk, steller seg selv. Hjem i dag, hjemmesykepleien kommer i kveld.",
        "Går i trapp med rekkverk, steller seg sjølv. Heim i dag, heimesjukepleia kjem i kveld.",
    ),
    (
        "Har nådd målet. Dusjkrakk og rullator er på plass hjemme.",
        "Har nådd målet. Dusjkrakk og rullator er på plass heime.",
    ),
)
_AIMS: tuple[Both, ...] = (
    ("Gode dager med musikk, frisk luft og kjente ansikter.", "Gode dagar med musikk, frisk luft og kjende ansikt."),
    ("Holde vekta og gangen, være uten smerter.", "Halde vekta og gangen, vere utan smerter."),
)
_STEPS: tuple[Both, ...] = (
    ("Veie første mandag i måneden", "Vege første måndag i månaden"),
    ("Tilsyn kl. 02 og 05", "Tilsyn kl. 02 og 05"),
    ("Tannpuss morgen og kveld", "Tannpuss morgon og kveld"),
    ("Tur ut hver dag når det ikke er glatt", "Tur ut kvar dag når det ikkje er glatt"),
    ("Mat ved bordet i stua, ikke på rommet", "Mat ved bordet i stova, ikkje på rommet"),
)
