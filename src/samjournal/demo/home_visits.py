# ruff: noqa: E501 - sentences stay on one line
"""Home care: the decision, the service with its plan and goal, and the visits that follow the decision in force."""

from __future__ import annotations

from datetime import datetime, timedelta

from samjournal.demo import measures as m
from samjournal.demo.chart import Resource, appointment, encounter, note, period, status, to
from samjournal.demo.decisions import decide, give, replace
from samjournal.demo.illnesses import Both
from samjournal.demo.sites import reference, service, someone
from samjournal.demo.staff import Staff
from samjournal.demo.timeline import Event, Life
from samjournal.demo.unit import Unit
from samjournal.demo.units import units
from samjournal.demo.writing import comma

# The words of the decision, and visits in a week.
_EXTENTS: tuple[tuple[Both, int], ...] = (
    (("Hjemmesykepleie to ganger i uka", "Heimesjukepleie to gonger i veka"), 2),
    (("Hjemmesykepleie daglig", "Heimesjukepleie dagleg"), 7),
    (("Hjemmesykepleie morgen og kveld", "Heimesjukepleie morgon og kveld"), 14),
)
_TWICE_A_WEEK = (1, 4)
_OFTEN_DAYS, _SELDOM_DAYS = 16, 500
"""How far back each visit is told, and how far back some are."""


def draw_home_care(life: Life) -> None:
    """Whether somebody has help at home, and since when; older and more ill people more often."""
    years = life.chart.age
    likely = 0.0 if years < 67 else 0.05 if years < 74 else 0.16 if years < 80 else 0.36 if years < 86 else 0.58
    if life.rng.random() < likely + (0.12 if "P70" in life.known else 0):
        start = life.chart.clock.at(-life.rng.randint(60, 1300), 10)
        life.plan(start, begin)
    elif 18 <= years < 67 and life.rng.random() < 0.006:
        life.plan(life.chart.clock.at(-life.rng.randint(60, 700), 10), begin)


def begin(life: Life, start: datetime) -> None:
    """The first decision, and the service and its plan."""
    if "home care" in life.seen:
        return
    life.seen.add("home care")
    unit, rng = service(life.person, "Hjemmesykepleie"), life.rng
    extent = rng.choice((0, 0, 1, 1, 2))
    why = life.draw(_WHY, start)
    decision = decide(life, _EXTENTS[extent][0], why, unit, start)
    episode = give(life, decision, ("Hjemmesykepleie", "Heimesjukepleie"), unit, start, None)
    _plan(life, episode, start)
    past = (life.chart.clock.now - start).days
    changes = start + timedelta(days=rng.randint(150, 700))
    decisions = [(start, decision, _EXTENTS[extent][1])]
    if extent < 2 and changes < life.chart.clock.now - timedelta(days=20):
        replace(decision, changes)
        more = decide(life, _EXTENTS[extent + 1][0], _more(life, changes), unit, changes)
        episode["referralRequest"].append(to(more))
        decisions.append((changes, more, _EXTENTS[extent + 1][1]))
    for at, in_force, weekly in decisions:
        until = decisions[1][0] if len(decisions) > 1 and at == start else life.chart.clock.now
        _visits(life, unit, episode, in_force, weekly, at, until, past)


def book_next(life: Life) -> None:
    """The next visit under the decision in force stands in the service's calendar."""
    chart, clock = life.chart, life.chart.clock
    weekly = {life.say(words): visits for words, visits in _EXTENTS}
    for decision in [each for each in chart.resources if "-decision-" in each["id"] and each["status"] == "active"]:
        visits = weekly.get(decision["code"]["text"])
        if visits is None:
            continue
        ahead = 1
        while visits < 7 and (clock.today.toordinal() + ahead) % 7 not in _TWICE_A_WEEK:
            ahead += 1
        unit = units(life.person.place.region)[decision["performer"][0]["reference"].split("/")[1]]
        when = clock.at(ahead, 8 if visits > 7 else 9, life.rng.choice((0, 15, 30, 45)))
        what = life.say(("Hjemmebesøk", "Heimebesøk"))
        # Who drives there is settled on the day.
        appointment(chart, [reference(unit)], when, 20, what, booked=clock.day(-1))


def _visits(
    life: Life,
    unit: Unit,
    episode: Resource,
    decision: Resource,
    weekly: int,
    start: datetime,
    until: datetime,
    past: int,
) -> None:
    """Plan the visits under one decision: each of the last two weeks, some of those before."""
    clock, rng = life.chart.clock, life.rng
    for back in range(min(past, _SELDOM_DAYS), -1, -1):
        often = back <= _OFTEN_DAYS
        if not often and rng.random() > 0.045:
            continue
        if weekly < 7 and (clock.today.toordinal() - back) % 7 not in _TWICE_A_WEEK:
            continue
        for hour in (8, 19) if weekly == 14 and often else (9,):
            when = clock.at(-back, hour, rng.randint(0, 59))
            if start + timedelta(days=1) < when < until - timedelta(days=1 if until < clock.now else 0):
                life.plan(when, _visit(unit, episode, decision, told=not often or rng.random() < 0.3))


def _visit(unit: Unit, episode: Resource, decision: Resource, *, told: bool) -> Event:
    def come(life: Life, when: datetime) -> None:
        rng = life.rng
        nurse = someone(unit, "home-nurse", rng)
        minutes = rng.choice((10, 15, 20, 25))
        end = when + timedelta(minutes=minutes)
        if end >= life.chart.clock.now:
            return
        what = life.say(("Hjemmebesøk", "Heimebesøk"))
        visit = encounter(life.chart, nurse, "HH", when, end, type_=what)
        visit["basedOn"], visit["episodeOfCare"] = [to(decision)], [to(episode)]
        if told:
            words = life.say(life.draw(_seen(life), when))
            words += _measured(life, nurse, visit, when) if rng.random() < 0.4 else ""
            note(
                life.chart,
                nurse,
                end,
                what,
                words,
                kind=life.say(("Sykepleienotat", "Sjukepleienotat")),
                encounter=visit,
            )

    return come


def _measured(life: Life, nurse: Staff, visit: Resource, when: datetime) -> str:
    systolic, diastolic = m.likely_pressure(life.rng, min(life.chart.age, 80), high="K86" in life.known)
    m.blood_pressure(life.chart, nurse, systolic, diastolic, when + timedelta(minutes=4), encounter=visit)
    words = f" BT {systolic}/{diastolic}."
    if "K77" in life.known or life.rng.random() < 0.3:
        life.weight = min(max(life.weight + life.rng.gauss(-0.1, 0.7), 42), 120)
        m.vital(life.chart, nurse, m.WEIGHT, life.weight, when + timedelta(minutes=6), encounter=visit)
        words += life.say((f" Vekt {comma(life.weight, 1)} kg.", f" Vekt {comma(life.weight, 1)} kg."))
    return words


def _plan(life: Life, episode: Resource, start: datetime) -> None:
    leader = episode["careManager"]
    goal = life.chart.put(
        "Goal",
        "goal",
        lifecycleStatus="active",
        achievementStatus=status("goal-achievement", "sustaining"),
        description={"text": life.say(life.draw(_AIMS, start))},
        startDate=str(start.date()),
        expressedBy=leader,
    )
    steps = life.rng.sample(_STEPS, 3)
    plan = life.chart.put(
        "CarePlan",
        "plan",
        status="active",
        intent="plan",
        title=life.say(("Tiltaksplan hjemme", "Tiltaksplan heime")),
        description=goal["description"]["text"],
        period=period(start.date()),
        goal=[to(goal)],
        author=leader,
        activity=[{"detail": {"status": "in-progress", "description": life.say(step)}} for step in steps],
    )
    plan["meta"] = {"source": episode["managingOrganization"]["reference"]}
    goal["meta"] = {"source": episode["managingOrganization"]["reference"]}


def _seen(life: Life) -> tuple[Both, ...]:
    """What may be seen at home, more of it for those with an illness that shows."""
    found = _SEEN + (_SEEN_OLD if life.chart.age >= 75 else ())
    for icpc, sentences in _SEEN_WITH.items():
        if icpc in life.known:
            found += sentences
    return found


def _more(life: Life, when: datetime) -> Both:
    """Why more help is needed: the memory fails the old."""
    return life.draw(_MORE + (_MORE_OLD if life.chart.age >= 75 else ()), when)


_WHY: tuple[Both, ...] = (
    (
        "Søker selv etter fall på badet. Nærmeste familie bor i nabokommunen. Trenger hjelp med medisiner og dusj.",
        "Søkjer sjølv etter fall på badet. Næraste familie bur i nabokommunen. Treng hjelp med medisinar og dusj.",
    ),
    (
        "Meldt fra sykehuset ved utskrivning. Kartlagt hjemme: klarer det meste, men ikke dosett og strømper.",
        "Meld frå sjukehuset ved utskriving. Kartlagt heime: klarer det meste, men ikkje dosett og strømper.",
    ),
    (
        "Fastlegen melder om glemte medisiner og vekttap. Vurderingsbesøk viser tomt kjøleskap og gamle aviser.",
        "Fastlegen melder om gløymde medisinar og vekttap. Vurderingsbesøk viser tomt kjøleskap og gamle aviser.",
    ),
    (
        "Pårørende er slitne og ber om avlastning i stellet. Ønsker å bo hjemme.",
        "Pårørande er slitne og ber om avlasting i stellet. Ønskjer å bu heime.",
    ),
)
_MORE: tuple[Both, ...] = (
    (
        "Nedsatt funksjon etter vinteren, trenger tilsyn oftere.",
        "Nedsett funksjon etter vinteren, treng tilsyn oftare.",
    ),
    (
        "Falt to ganger på kort tid. Trygghetsalarm og flere besøk.",
        "Fall to gonger på kort tid. Tryggleiksalarm og fleire besøk.",
    ),
)
_MORE_OLD: tuple[Both, ...] = (
    ("Hukommelsen svikter, har tatt feil tabletter to ganger.", "Minnet sviktar, har teke feil tablettar to gonger."),
)
_AIMS: tuple[Both, ...] = (
    ("Bo hjemme så lenge som mulig, trygt og med egne vaner.", "Bu heime så lenge som råd, trygt og med eigne vanar."),
    (
        "Klare stell og mat selv, få hjelp til det som er tungt.",
        "Klare stell og mat sjølv, få hjelp til det som er tungt.",
    ),
    ("Gå til butikken igjen til våren.", "Gå til butikken att til våren."),
    ("Ikke flere fall. Oppe og kledd før frokost.", "Ikkje fleire fall. Oppe og kledd før frukost."),
)
_STEPS: tuple[Both, ...] = (
    ("Legge medisiner i dosett mandag", "Legge medisinar i dosett måndag"),
    ("Hjelp til dusj én gang i uka", "Hjelp til dusj éin gong i veka"),
    ("Støttestrømper av og på", "Støttestrømper av og på"),
    ("Se etter at det er spist og drukket", "Sjå etter at det er ete og drukke"),
    ("Veie én gang i måneden", "Vege éin gong i månaden"),
    ("Følge opp trygghetsalarm", "Følgje opp tryggleiksalarm"),
    ("Sårstell annenhver dag", "Sårstell annankvar dag"),
    ("Gå ut sammen torsdag når været er bra", "Gå ut saman torsdag når vêret er bra"),
)
_SEEN: tuple[Both, ...] = (
    (
        "Oppe og påkledd. Har spist frokost, tatt medisinene fra dosetten. Ingen plager.",
        "Oppe og påkledd. Har ete frukost, teke medisinane frå dosetten. Ingen plager.",
    ),
    (
        "Litt trøtt etter dårlig natt. Drikker nok. Avtalt at naboen ser innom.",
        "Litt trøytt etter dårleg natt. Drikk nok. Avtalt at naboen ser innom.",
    ),
    (
        "Gikk til postkassen med rullator i går. God appetitt. Huden på hælene er hel.",
        "Gjekk til postkassen med rullator i går. God appetitt. Huda på hælane er heil.",
    ),
    (
        "Fant to tabletter på gulvet. Går gjennom dosetten sammen, ser om dette gjentar seg.",
        "Fann to tablettar på golvet. Går gjennom dosetten saman, ser om det skjer att.",
    ),
    (
        "Dusjet med støtte. Rød i lysken, smurt med barrieresalve. Ses på ved neste dusj.",
        "Dusja med støtte. Raud i lysken, smurt med barrieresalve. Blir sett på ved neste dusj.",
    ),
    (
        "Svimmel da vi reiste oss, satt litt og ble bedre. Legekontoret har fått beskjed.",
        "Svimmel då vi reiste oss, sat litt og vart betre. Legekontoret har fått beskjed.",
    ),
    (
        "Ville ikke dusje i dag. Stelte seg ved vasken. Prøver igjen ved neste besøk.",
        "Ville ikkje dusje i dag. Stelte seg ved vasken. Prøver att ved neste besøk.",
    ),
    ("Strømper på, ingen trykkmerker. Hørte på radio.", "Strømper på, ingen trykkmerke. Høyrde på radio."),
    (
        "Familien har vært her og fylt fryseren. Maten varmes i mikro.",
        "Familien har vore her og fylt frysaren. Maten blir varma i mikro.",
    ),
    (
        "Sov lenge, vekket med kaffe. Medisiner gitt og tatt mens vi var der.",
        "Sov lenge, vekt med kaffi. Medisinar gjevne og tekne medan vi var der.",
    ),
    (
        "Ny dosett lagt for uka og dobbeltsjekket. Mangler en resept, legekontoret er kontaktet.",
        "Ny dosett lagd for veka og dobbeltsjekka. Manglar ein resept, legekontoret er kontakta.",
    ),
    (
        "Fot og legg smurt. Skorpe på leggen uten væsking, dekkes ikke lenger.",
        "Fot og legg smurt. Skorpe på leggen utan væsking, treng ikkje dekking lenger.",
    ),
    (
        "Spiste halv porsjon til middag i går. Minnet om næringsdrikk, én drukket under besøket.",
        "Åt halv porsjon til middag i går. Minna om næringsdrikk, éin drukken under besøket.",
    ),
    (
        "Batteriet i trygghetsalarmen er byttet og alarmen prøvd. Virker.",
        "Batteriet i tryggleiksalarmen er bytt og alarmen prøvd. Verkar.",
    ),
    (
        "Stelte ansikt og overkropp selv, trengte hjelp til føtter og strømper.",
        "Stelte andlet og overkropp sjølv, trong hjelp til føter og strømper.",
    ),
    (
        "Ingen avføring på tre dager. Svisker og mer drikke, ny vurdering i morgen.",
        "Ikkje avføring på tre dagar. Svisker og meir drikke, ny vurdering i morgon.",
    ),
    (
        "Vondt i skulderen etter å ha vasket gulv. Fikk behovspreparat etter lista.",
        "Vondt i skuldera etter å ha vaska golv. Fekk behovspreparat etter lista.",
    ),
    (
        "Teppet i gangen er tatt bort etter avtale, det lå dårlig. Rullatoren går lettere.",
        "Teppet i gangen er teke bort etter avtale, det låg dårleg. Rullatoren går lettare.",
    ),
    (
        "Gikk tur rundt huset sammen. Satt en stund på benken i hagen.",
        "Gjekk tur rundt huset saman. Sat ei stund på benken i hagen.",
    ),
    (
        "Ikke måkt snø foran døra, sagt fra til tjenestekontoret. Ellers bra.",
        "Ikkje måka snø framfor døra, sagt frå til tenestekontoret. Elles bra.",
    ),
)
_SEEN_OLD: tuple[Both, ...] = (
    (
        "Stekte lapper da vi kom. Blid og pratsom, viser fram bilder av oldebarnet.",
        "Steikte lappar då vi kom. Blid og pratsam, viser fram bilete av oldebarnet.",
    ),
    (
        "Nytt batteri i høreapparatet, nå går samtalen lettere.",
        "Nytt batteri i høyreapparatet, no går samtalen lettare.",
    ),
)
_SEEN_WITH: dict[str, tuple[Both, ...]] = {
    "K77": (("Vekta er stabil. Litt hovne ankler, strømpene hjelper.", "Vekta er stabil. Litt hovne ankler, strømpene hjelper."),
            ("Tyngre i pusten enn ved forrige besøk, sover med to puter. Ringt fastlegen, øker vanndrivende i tre dager.", "Tyngre i pusten enn ved førre besøk, søv med to puter. Ringt fastlegen, aukar vassdrivande i tre dagar.")),
    "R95": (("Hvilte to ganger på vei til døra. Inhalerer riktig når vi minner om det.", "Kvilte to gonger på veg til døra. Inhalerer rett når vi minner om det."),),
    "P70": (("Trodde det var kveld. Rolig da vi tente lyset og satte på kaffe.", "Trudde det var kveld. Roleg då vi tende lyset og sette på kaffi."),
            ("Lette etter moren sin. Snakket om gården fra barndommen, da gikk det over.", "Leitte etter mora si. Snakka om garden frå barndomen, då gjekk det over.")),
    "T90": (("Morgensukker 8,1. Føttene er hele, smurt.", "Morgonsukker 8,1. Føtene er heile, smurde."),),
    "K78": (("Ingen blødninger. Apiksaban gitt fra dosett.", "Ingen blødingar. Apiksaban gjeve frå dosett."),),
    "L95": (("Går forsiktig, bruker brodder ute. Hoftebeskytter på.", "Går forsiktig, brukar broddar ute. Hofteskjermar på."),),
}  # fmt: skip
