# ruff: noqa: E501 - sentences and table rows stay on one line
"""The long illnesses and the short ones that the demo's inhabitants have, with what fits each.

Shares are rough and by age: enough for a list that looks like a Norwegian GP's, no source for statistics.
"""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.demo import measures as m

Both = tuple[str, str]
"""The same sentence in bokmål and nynorsk."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine as it is usually prescribed for an illness; `share` of those who have it get it."""

    atc: str
    name: str
    dosage: Both
    share: float = 1.0
    as_needed: bool = False


@dataclass(frozen=True, slots=True)
class Illness:
    """A long illness: ICPC-2 code as the GP writes it, ICD-10 as hospitals do; `shares` from what age."""

    icpc: str
    icd: str
    name: Both
    shares: tuple[tuple[int, float], ...]
    drugs: tuple[Drug, ...] = ()
    found: tuple[Both, ...] = ()
    tests: tuple[tuple[m.Measure, float, float], ...] = ()
    women: float = 1.0  # factor on the share
    men: float = 1.0
    unless: frozenset[str] = frozenset()  # ICPC-2 codes that it does not go with here


def _daily(dose: str, extra: str = "") -> Both:
    return (f"{dose} × 1{extra}", f"{dose} × 1{extra}")


HYPERTENSION, DIABETES, FLUTTER, HEART_FAILURE, ASTHMA, KIDNEY = "K86", "T90", "K78", "K77", "R96", "U99"

ILLNESSES: tuple[Illness, ...] = (
    Illness(
        "K86", "I10", ("Høyt blodtrykk", "Høgt blodtrykk"), ((40, 0.10), (55, 0.28), (70, 0.45)),
        (Drug("C09CA06", "Kandesartan", _daily("8 mg"), 0.6), Drug("C08CA01", "Amlodipin", _daily("5 mg"), 0.5)),
        (("Måler selv hjemme, stort sett under 140/90.", "Måler sjølv heime, stort sett under 140/90."),
         ("Ingen hodepine eller svimmelhet. Tåler medisinen godt.", "Ingen hovudverk eller svimmelheit. Toler medisinen godt.")),
    ),
    Illness(
        "T90", "E11.9", ("Diabetes type 2", "Diabetes type 2"), ((40, 0.03), (55, 0.08), (70, 0.14)),
        (Drug("A10BA02", "Metformin", ("500 mg × 2", "500 mg × 2"), 0.85), Drug("A10BK03", "Empagliflozin", _daily("10 mg"), 0.35)),
        (("Ingen sår på føttene, kjenner monofilament på alle punkter.", "Ingen sår på føtene, kjenner monofilament på alle punkt."),
         ("Har vært hos øyelege i vår, ingen forandringer i netthinnen.", "Har vore hos augelege i vår, ingen endringar i netthinna.")),
        ((m.HBA1C, 44, 66),),
    ),
    Illness(
        "T93", "E78.0", ("Høyt kolesterol", "Høgt kolesterol"), ((45, 0.06), (60, 0.14)),
        (Drug("C10AA05", "Atorvastatin", _daily("20 mg", " om kvelden")),),
        (("Tar tablettene hver kveld, ingen muskelsmerter.", "Tek tablettane kvar kveld, ingen muskelsmerter."),),
        ((m.CHOLESTEROL_LDL, 1.8, 3.4),),
    ),
    Illness(
        "K78", "I48.9", ("Atrieflimmer", "Atrieflimmer"), ((60, 0.03), (70, 0.08), (80, 0.17)),
        (Drug("B01AF02", "Apiksaban", ("5 mg × 2", "5 mg × 2")), Drug("C07AB02", "Metoprolol depot", _daily("50 mg"), 0.8)),
        (("Uregelmessig puls, ingen hjertebank den siste tiden. Ingen blødninger.",
          "Uregelmessig puls, ingen hjartebank den siste tida. Ingen blødingar."),),
    ),
    Illness(
        "K76", "I25.1", ("Hjertekarsykdom, tidligere utblokket", "Hjartekarsjukdom, tidlegare blokka ut"), ((55, 0.03), (68, 0.07)),
        (Drug("B01AC06", "Acetylsalisylsyre", _daily("75 mg")), Drug("C10AA05", "Atorvastatin", _daily("40 mg", " om kvelden"))),
        (("Går tur hver dag uten brystsmerter.", "Går tur kvar dag utan brystsmerter."),),
        ((m.CHOLESTEROL_LDL, 1.3, 2.2),), women=0.5, unless=frozenset({"K78", "T93"}),
    ),
    Illness(
        "K77", "I50.9", ("Hjertesvikt", "Hjartesvikt"), ((70, 0.03), (80, 0.09)),
        (Drug("C03CA01", "Furosemid", _daily("20 mg", " om morgenen")), Drug("C09AA05", "Ramipril", _daily("2,5 mg"), 0.8),
         Drug("C07AB02", "Metoprolol depot", _daily("50 mg"))),
        (("Vekta er stabil. Litt hovne ankler mot kvelden.", "Vekta er stabil. Litt hovne ankler mot kvelden."),),
        ((m.NT_PROBNP, 600, 2600), (m.POTASSIUM, 3.8, 4.7)), unless=frozenset({"R96"}),
    ),
    Illness(
        "R96", "J45.9", ("Astma", "Astma"), ((4, 0.06), (12, 0.07), (40, 0.06)),
        (Drug("R03AC02", "Salbutamol inhalasjon", ("0,1 mg, 1–2 inhalasjoner ved behov", "0,1 mg, 1–2 inhalasjonar ved behov"), 1.0, True),
         Drug("R03BA02", "Budesonid inhalasjon", ("200 µg × 2", "200 µg × 2"), 0.6)),
        (("Trenger anfallsmedisin under én gang i uka. Bruker inhalatoren riktig.",
          "Treng anfallsmedisin mindre enn éin gong i veka. Brukar inhalatoren rett."),),
    ),
    Illness(
        "R95", "J44.9", ("Kols", "Kols"), ((55, 0.04), (68, 0.09)),
        (Drug("R03BB04", "Tiotropium inhalasjon", _daily("18 µg")), Drug("R03AC02", "Salbutamol inhalasjon",
         ("0,1 mg, 1–2 inhalasjoner ved behov", "0,1 mg, 1–2 inhalasjonar ved behov"), 0.8, True)),
        (("Tungpustet i motbakke, som før. Røykfri.", "Tungpusten i motbakke, som før. Røykfri."),
         ("Én forverring det siste året, behandlet hjemme.", "Éi forverring det siste året, behandla heime.")),
        unless=frozenset({"R96"}),
    ),
    Illness(
        "T86", "E03.9", ("Lavt stoffskifte", "Lågt stoffskifte"), ((25, 0.02), (45, 0.05), (65, 0.07)),
        (Drug("H03AA01", "Levotyroksin", ("75 µg om morgenen", "75 µg om morgonen")),),
        (("Føler seg i form, ingen vektendring.", "Kjenner seg i form, inga vektendring."),), ((m.TSH, 0.8, 3.9),), women=1.6, men=0.4,
    ),
    Illness(
        "P76", "F32.1", ("Depresjon", "Depresjon"), ((16, 0.02), (20, 0.05), (65, 0.03)),
        (Drug("N06AB10", "Escitalopram", _daily("10 mg"), 0.7),),
        (("Sover bedre og kommer seg ut hver dag. Ingen tanker om å skade seg.",
          "Søv betre og kjem seg ut kvar dag. Ingen tankar om å skade seg."),),
        women=1.3, men=0.8,
    ),
    Illness(
        "N89", "G43.9", ("Migrene", "Migrene"), ((15, 0.05), (20, 0.09), (55, 0.03)),
        (Drug("N02CC01", "Sumatriptan", ("50 mg ved anfall, kan gjentas etter to timer", "50 mg ved anfall, kan takast om att etter to timar"), 0.8, True),),
        (("To–tre anfall i måneden, god virkning av sumatriptan.", "To–tre anfall i månaden, god verknad av sumatriptan."),), women=1.5, men=0.5,
        unless=frozenset({"K76"}),
    ),
    Illness(
        "N88", "G40.9", ("Epilepsi", "Epilepsi"), ((6, 0.006), (20, 0.008)),
        (Drug("N03AX09", "Lamotrigin", ("100 mg × 2", "100 mg × 2")),),
        (("Ingen anfall siste året. Oppfyller kravene til førerkort.", "Ingen anfall siste året. Fyller krava til førarkort."),),
    ),
    Illness(
        "L90", "M17.9", ("Slitasje i kneet", "Slitasje i kneet"), ((55, 0.07), (70, 0.16)),
        (Drug("N02BE01", "Paracetamol", ("1 g inntil × 3 ved behov", "1 g inntil × 3 ved behov"), 0.8, True),),
        (("Vondt å gå ned trapper. Trener styrke i gruppe to ganger i uka.", "Vondt å gå ned trapper. Trenar styrke i gruppe to gonger i veka."),),
    ),
    Illness(
        "L95", "M81.9", ("Beinskjørhet", "Beinskjørheit"), ((60, 0.03), (72, 0.12)),
        (Drug("M05BA04", "Alendronat", ("70 mg én gang i uka, fastende", "70 mg éin gong i veka, fastande"), 0.8),),
        (("Ingen nye brudd. Tar tilskudd av kalsium og vitamin D.", "Ingen nye brot. Tek tilskot av kalsium og vitamin D."),),
        women=1.6, men=0.3,
    ),
    Illness(
        "T92", "M10.9", ("Urinsyregikt", "Urinsyregikt"), ((50, 0.03), (65, 0.05)),
        (Drug("M04AA01", "Allopurinol", _daily("100 mg")),),
        (("Ingen anfall siden i fjor høst.", "Ingen anfall sidan i fjor haust."),), women=0.4, men=1.5,
    ),
    Illness(
        "S87", "L20.9", ("Atopisk eksem", "Atopisk eksem"), ((1, 0.10), (8, 0.06), (18, 0.03), (50, 0.01)),
        (Drug("D07AA02", "Hydrokortison krem", ("1 %, tynt lag × 1–2 i perioder", "1 %, tynt lag × 1–2 i periodar"), 0.9, True),),
        (("Tørr hud i albuebøyene, ingen infeksjon. Bruker fuktighetskrem daglig.",
          "Tørr hud i olbogebøyane, ingen infeksjon. Brukar fuktkrem dagleg."),),
    ),
    Illness(
        "R97", "J30.1", ("Pollenallergi", "Pollenallergi"), ((8, 0.10), (18, 0.14), (55, 0.07)),
        (Drug("R06AE07", "Cetirizin", ("10 mg × 1 i sesongen", "10 mg × 1 i sesongen"), 0.8, True),),
        (("Plager fra april til juni, god hjelp av tabletter.", "Plager frå april til juni, god hjelp av tablettar."),),
    ),
    Illness(
        "D84", "K21.9", ("Sure oppstøt", "Sure oppstøyt"), ((35, 0.05), (55, 0.08)),
        (Drug("A02BC02", "Pantoprazol", _daily("20 mg")),),
        (("Ingen svelgevansker eller vekttap. Forsøker å trappe ned.", "Ingen svelgjevanskar eller vekttap. Prøver å trappe ned."),),
    ),
    Illness(
        "B80", "D50.9", ("Jernmangel", "Jernmangel"), ((15, 0.04), (50, 0.015)),
        (Drug("B03AA07", "Jernsulfat depot", _daily("100 mg")),),
        (("Mindre sliten enn i vår. Tåler jerntablettene.", "Mindre sliten enn i vår. Toler jerntablettane."),),
        ((m.FERRITIN, 9, 30),), women=1.6, men=0.2,
    ),
    Illness(
        "Y85", "N40", ("Forstørret prostata", "Forstørra prostata"), ((60, 0.10), (72, 0.2)),
        (Drug("G04CA02", "Tamsulosin depot", _daily("0,4 mg"), 0.7),),
        (("Opp én–to ganger om natta, god stråle.", "Opp éin–to gonger om natta, god stråle."),), women=0.0,
    ),
    Illness(
        "U99", "N18.3", ("Kronisk nyresykdom, stadium 3", "Kronisk nyresjukdom, stadium 3"), ((65, 0.04), (78, 0.11)), (),
        (("Drikker nok og unngår betennelsesdempende tabletter.", "Drikk nok og held seg unna betennelsesdempande tablettar."),),
        ((m.EGFR, 34, 58),),
    ),
    Illness(
        "P70", "F00.1", ("Alzheimers sykdom", "Alzheimers sjukdom"), ((74, 0.04), (83, 0.14)),
        (Drug("N06DA02", "Donepezil", _daily("10 mg", " om kvelden"), 0.5),),
        (("Husker dårligere navn og avtaler. Klarer stell, trenger hjelp med medisiner.",
          "Hugsar dårlegare namn og avtalar. Klarer stell, treng hjelp med medisinar."),),
    ),
    Illness(
        "P81", "F90.0", ("ADHD", "ADHD"), ((8, 0.03), (18, 0.02), (45, 0.004)),
        (Drug("N06BA04", "Metylfenidat depot", ("36 mg om morgenen", "36 mg om morgonen"), 0.8),),
        (("Bedre konsentrasjon på skole eller jobb. Spiser litt mindre til lunsj.",
          "Betre konsentrasjon på skule eller jobb. Et litt mindre til lunsj."),),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something short that brings people to the doctor; `ages` from and to."""

    icpc: str
    name: Both
    ages: tuple[int, int]
    story: tuple[Both, ...]
    plan: Both
    drug: Drug | None = None
    crp: tuple[int, int] | None = None
    women_only: bool = False
    urgent: bool = False


COMPLAINTS: tuple[Complaint, ...] = (
    Complaint("R74", ("Luftveisinfeksjon", "Luftvegsinfeksjon"), (1, 90),
              (("Hoste og snørr i fem dager, feber de to første. Ren over lungene, ikke påvirket.",
                "Hoste og snørr i fem dagar, feber dei to første. Rein over lungene, ikkje påverka."),
               ("Sår hals og tett nese siden helga. Røde slimhinner uten belegg, ører upåfallende.",
                "Sår hals og tett nase sidan helga. Raude slimhinner utan belegg, øyre utan funn.")),
              ("Virus, går over av seg selv. Kommer igjen ved tung pust eller feber over fem dager.",
               "Virus, går over av seg sjølv. Kjem att ved tung pust eller feber over fem dagar."), None, (4, 28), urgent=True),
    Complaint("R72", ("Halsbetennelse med streptokokker", "Halsbetennelse med streptokokkar"), (4, 45),
              (("Vondt i halsen i tre dager, feber, ikke hoste. Belegg på mandlene, hovne lymfeknuter. Strep A positiv.",
                "Vondt i halsen i tre dagar, feber, ikkje hoste. Belegg på mandlane, hovne lymfeknutar. Strep A positiv."),),
              ("Penicillin i fem dager. Hjemme fra skole eller jobb det første døgnet.",
               "Penicillin i fem dagar. Heime frå skule eller jobb det første døgnet."),
              Drug("J01CE02", "Fenoksymetylpenicillin", ("660 mg × 4 i fem dager", "660 mg × 4 i fem dagar")), (30, 90), urgent=True),
    Complaint("H71", ("Ørebetennelse", "Øyrebetennelse"), (1, 8),
              (("Våknet i natt og tok seg til øret, forkjølet i fire dager. Rød, buktende trommehinne på høyre side.",
                "Vakna i natt og tok seg til øyret, forkjølt i fire dagar. Raud, utbukande trommehinne på høgre side."),),
              ("Ser det an i to døgn med paracetamol. Foreldrene ringer hvis det ikke snur.",
               "Ser det an i to døgn med paracetamol. Foreldra ringjer om det ikkje snur."), urgent=True),
    Complaint("U71", ("Blærekatarr", "Blærekatarr"), (16, 90),
              (("Svir ved vannlating siden i går, må ofte. Ikke feber, ikke vondt i flankene. Stiks: leukocytter 3+, nitritt positiv.",
                "Svir ved vasslating sidan i går, må ofte. Ikkje feber, ikkje vondt i flankane. Stiks: leukocyttar 3+, nitritt positiv."),),
              ("Trimetoprim i tre dager. Tar kontakt hvis det ikke går over.", "Trimetoprim i tre dagar. Tek kontakt om det ikkje går over."),
              Drug("J01EA01", "Trimetoprim", ("160 mg × 2 i tre dager", "160 mg × 2 i tre dagar")), women_only=True),
    Complaint("L03", ("Korsryggsmerter", "Korsryggsmerter"), (18, 80),
              (("Det låste seg under et tungt løft i går. Ingen utstråling, normal kraft og følesans i beina.",
                "Det låste seg ved eit tungt løft i går. Inga utstråling, normal kraft og kjensle i beina."),),
              ("Holde seg i bevegelse. Sykmelding trengs ikke nå. Ny vurdering hvis det varer over tre uker.",
               "Halde seg i rørsle. Treng ikkje sjukmelding no. Ny vurdering om det varer over tre veker.")),
    Complaint("L77", ("Overtråkk", "Overtråkk"), (9, 60),
              (("Tråkket over på høyre fot under trening. Hevelse foran ytre ankelknoke, kan belaste. Ikke øm over knoklene.",
                "Trakka over på høgre fot under trening. Hevelse framfor ytre ankelkule, kan belaste. Ikkje øm over knoklane."),),
              ("Ikke mistanke om brudd. Elastisk bind, hvile to dager, så bevegelse.",
               "Ikkje mistanke om brot. Elastisk bind, kvile to dagar, så rørsle."), urgent=True),
    Complaint("D73", ("Omgangssyke", "Omgangssjuke"), (1, 85),
              (("Kastet opp i natt og har løs mage. Drikker litt, tisser, er våken og varm.",
                "Kasta opp i natt og har laus mage. Drikk litt, tissar, er vaken og varm."),),
              ("Små slurker ofte. Ringer hvis det ikke kommer urin på åtte timer.",
               "Små slurkar ofte. Ringjer om det ikkje kjem urin på åtte timar."), urgent=True),
    Complaint("S18", ("Kutt", "Kutt"), (3, 75),
              (("Skar seg på kniv for en time siden. Rent kutt på 2 cm på venstre pekefinger, god bevegelse og følesans.",
                "Skar seg på kniv for ein time sidan. Reint kutt på 2 cm på venstre peikefinger, god rørsle og kjensle."),),
              ("Skylt og lukket med tre sting. Stingene tas om ti dager.", "Skylt og lukka med tre sting. Stinga blir tekne om ti dagar."), urgent=True),
    Complaint("A04", ("Slapphet", "Slappheit"), (16, 80),
              (("Sliten i et par måneder, sover greit. Normal undersøkelse. Tar blodprøver.",
                "Sliten i eit par månader, søv greitt. Normal undersøking. Tek blodprøver."),),
              ("Prøvene gir ingen forklaring. Snakker om belastning og hvile, ny time om seks uker.",
               "Prøvene gir inga forklaring. Snakkar om belastning og kvile, ny time om seks veker.")),
    Complaint("P06", ("Søvnvansker", "Søvnvanskar"), (20, 85),
              (("Våkner kl. fire og får ikke sove igjen. Mye på jobb, lite kaffe etter lunsj.",
                "Vaknar kl. fire og får ikkje sove att. Mykje på jobb, lite kaffi etter lunsj."),),
              ("Får råd om faste tider og skjermfri time. Søvndagbok til neste gang.",
               "Får råd om faste tider og skjermfri time. Søvndagbok til neste gong.")),
    Complaint("S74", ("Fotsopp", "Fotsopp"), (12, 85),
              (("Kløe og sprekker mellom tærne. Flassende hud, ingen tegn til rosen.",
                "Kløe og sprekker mellom tærne. Flassande hud, ingen teikn til rosen."),),
              ("Reseptfri krem i fire uker, også etter at det er borte.", "Reseptfri krem i fire veker, òg etter at det er borte.")),
)  # fmt: skip


def share(illness: Illness, age: int, *, woman: bool) -> float:
    """How likely somebody of that age and sex has the illness."""
    found = 0.0
    for start, likely in illness.shares:
        if age >= start:
            found = likely
    return found * (illness.women if woman else illness.men)
