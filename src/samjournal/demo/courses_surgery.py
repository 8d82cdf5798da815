# ruff: noqa: E501 - sentences stay on one line
"""Courses through surgical, orthopaedic and children's wards."""

from __future__ import annotations

from samjournal.demo.courses import Course
from samjournal.demo.illnesses import Drug

_PARACETAMOL = Drug("N02BE01", "Paracetamol", ("1 g × 4", "1 g × 4"))
_FOR_CHILDREN = Drug("N02BE01", "Paracetamol mikstur", ("15 mg/kg × 4", "15 mg/kg × 4"))
_AT_HOME = Drug("N02BE01", "Paracetamol", ("1 g × 4 i ti dager", "1 g × 4 i ti dagar"))
_CLOT_AT_HOME = Drug("B01AB04", "Dalteparin", ("5000 E × 1 i ti dager", "5000 E × 1 i ti dagar"))
_CLOT = Drug("B01AB04", "Dalteparin", ("5000 E × 1", "5000 E × 1"))

SURGERY: tuple[Course, ...] = (
    Course(
        "S72.0", ("Lårhalsbrudd, operert", "Lårhalsbrot, operert"), "bones", (68, 105), 3, (4, 8),
        ("Snublet i teppet hjemme. Kunne ikke reise seg.", "Snubla i teppet heime. Kunne ikkje reise seg."),
        ("Beinet forkortet og vridd utover. Røntgen: forskjøvet lårhalsbrudd.", "Beinet forkorta og vridd utover. Røntgen: forskove lårhalsbrot."),
        ("Operert med halvprotese samme dag uten vansker.", "Operert med halvprotese same dag utan vanskar."),
        ("Går til døra med høy rullator og én støtte. Smerter 3 av 10.", "Går til døra med høg rullator og éi støtte. Smerter 3 av 10."),
        ("Opptrening på kommunal rehabilitering.", "Opptrening på kommunal rehabilitering."),
        (92, 80), (138, 130), (37.4, 37.0), haemoglobin=(11.8, 10.1), crp=(24, 118),
        drugs=(_PARACETAMOL, _CLOT), leaves=(_AT_HOME,), procedure=("Halvprotese i hofta", "Halvprotese i hofta"), ongoing=(("Mobiliseres med to daglig", "Blir mobilisert med to dagleg"),), icpc="L95",
    ),
    Course(
        "S52.5", ("Brudd i håndleddet, operert", "Brot i handleddet, operert"), "bones", (18, 90), 1.5, (1, 2),
        ("Falt på isen, tok imot med venstre hånd.", "Fall på isen, tok imot med venstre hand."),
        ("Bajonettstilling. Røntgen: forskjøvet brudd i distale radius.", "Bajonettstilling. Røntgen: forskove brot i distale radius."),
        ("Plate og skruer i plexusanestesi.", "Plate og skruar i plexusanestesi."),
        ("God stilling, beveger fingrene fritt.", "God stilling, bevegar fingrane fritt."),
        ("Gips to uker, så håndterapeut. Røntgen på poliklinikken.", "Gips to veker, så handterapeut. Røntgen på poliklinikken."),
        drugs=(_PARACETAMOL,), leaves=(_AT_HOME,), procedure=("Platefiksasjon av distale radius", "Platefiksasjon av distale radius"),
    ),
    Course(
        "M16.9", ("Slitasje i hofta, totalprotese", "Slitasje i hofta, totalprotese"), "bones", (55, 90), 3, (1, 3),
        ("Møter til planlagt hofteprotese på høyre side. Smerter ved gange over 200 meter.", "Møter til planlagd hofteprotese på høgre side. Smerter ved gange over 200 meter."),
        ("Innskrenket rotasjon. Hud uten sår. Godkjent av anestesilege, ASA 2.", "Innskrenka rotasjon. Hud utan sår. Godkjend av anestesilege, ASA 2."),
        ("Totalprotese i spinal uten vansker, blødning 350 ml.", "Totalprotese i spinal utan vanskar, bløding 350 ml."),
        ("Går i trapp med krykker. Røntgen: god stilling.", "Går i trapp med krykkjer. Røntgen: god stilling."),
        ("Hjem med øvelsesprogram, dalteparin i ti dager. Sting hos fastlegen om to uker.", "Heim med øvingsprogram, dalteparin i ti dagar. Sting hos fastlegen om to veker."),
        (76, 78), (138, 130), haemoglobin=(13.8, 11.4), crp=(3, 96), drugs=(_PARACETAMOL, _CLOT), leaves=(_AT_HOME, _CLOT_AT_HOME),
        procedure=("Totalprotese i høyre hofte", "Totalprotese i høgre hofte"), planned=True, hinders=frozenset({"K77", "P70"}),
    ),
    Course(
        "K35.8", ("Blindtarmbetennelse", "Blindtarmbetennelse"), "surgery", (16, 60), 2.2, (1, 2),
        ("Vondt rundt navlen fra i går, flyttet seg ned til høyre. Kvalm, har ikke spist.", "Vondt rundt navlen frå i går, flytta seg ned til høgre. Kvalm, har ikkje ete."),
        ("Slippøm i høyre fossa. Ultralyd: blindtarm 11 mm.", "Sleppøm i høgre fossa. Ultralyd: blindtarm 11 mm."),
        ("Fjernet med kikkhull samme kveld, ikke sprukket.", "Fjerna med kikhol same kveld, ikkje sprokken."),
        ("Spiser, oppe og går. Lite smerter.", "Et, oppe og går. Lite smerter."),
        ("Hjem uten antibiotika. Ikke tunge løft i to uker.", "Heim utan antibiotika. Ikkje tunge lyft i to veker."),
        (98, 74), (124, 120), (38.1, 36.9), crp=(64, 38), leucocytes=(15.2, 9.1), drugs=(_PARACETAMOL,), procedure=("Laparoskopisk appendektomi", "Laparoskopisk appendektomi"), after=0,
    ),
    Course(
        "K35.8", ("Blindtarmbetennelse", "Blindtarmbetennelse"), "children", (6, 15), 1.2, (1, 2),
        ("Vondt rundt navlen fra i går, flyttet seg ned til høyre. Kvalm, har ikke spist.", "Vondt rundt navlen frå i går, flytta seg ned til høgre. Kvalm, har ikkje ete."),
        ("Slippøm i høyre fossa. Ultralyd: blindtarm 11 mm.", "Sleppøm i høgre fossa. Ultralyd: blindtarm 11 mm."),
        ("Fjernet med kikkhull samme kveld, ikke sprukket.", "Fjerna med kikhol same kveld, ikkje sprokken."),
        ("Spiser, oppe og går. Lite smerter.", "Et, oppe og går. Lite smerter."),
        ("Hjem uten antibiotika. Ikke tunge løft i to uker.", "Heim utan antibiotika. Ikkje tunge lyft i to veker."),
        (98, 74), (124, 120), (38.1, 36.9), crp=(64, 38), leucocytes=(15.2, 9.1), haemoglobin=(12.9, 12.4), creatinine=(48, 46), drugs=(_FOR_CHILDREN,), procedure=("Laparoskopisk appendektomi", "Laparoskopisk appendektomi"), after=0,
    ),
    Course(
        "K80.2", ("Gallestein, operert", "Gallestein, operert"), "surgery", (28, 80), 2, (1, 2),
        ("Gjentatte anfall etter fet mat. Planlagt operasjon.", "Gjentekne anfall etter feit mat. Planlagd operasjon."),
        ("Uøm mage. Ultralyd: flere steiner, tynn vegg.", "Uøm mage. Ultralyd: fleire steinar, tynn vegg."),
        ("Galleblæra fjernet med kikkhull uten vansker.", "Galleblæra fjerna med kikhol utan vanskar."),
        ("Kvalm første kvelden, spiser frokost.", "Kvalm første kvelden, et frukost."),
        ("Hjem samme eller neste dag. Sykmeldt ti dager.", "Heim same eller neste dag. Sjukmeld ti dagar."),
        drugs=(_PARACETAMOL,), procedure=("Laparoskopisk kolecystektomi", "Laparoskopisk kolecystektomi"), planned=True, after=0,
    ),
    Course(
        "K57.3", ("Divertikulitt", "Divertikulitt"), "surgery", (45, 90), 1.5, (2, 4),
        ("Vondt nederst til venstre i magen i to dager, feber og treg mage.", "Vondt nedst til venstre i magen i to dagar, feber og treg mage."),
        ("Øm i venstre fossa uten peritonitt. CT: divertikulitt uten abscess.", "Øm i venstre fossa utan peritonitt. CT: divertikulitt utan abscess."),
        ("Flytende kost, smertestillende, ser an uten antibiotika.", "Flytande kost, smertestillande, ser an utan antibiotika."),
        ("Mindre øm, avføring i dag. CRP på vei ned.", "Mindre øm, avføring i dag. CRP på veg ned."),
        ("Hjem med fiberrik kost etter hvert. Koloskopi om to måneder.", "Heim med fiberrik kost etter kvart. Koloskopi om to månader."),
        (92, 74), (134, 126), (38.2, 36.8), crp=(134, 58), leucocytes=(14.1, 9.0), drugs=(_PARACETAMOL,),
    ),
    Course(
        "N39.0", ("Urinveisinfeksjon hos barn", "Urinvegsinfeksjon hos barn"), "children", (0, 5), 1.5, (2, 3),
        ("Høy feber i to døgn uten forkjølelse, slapp og vil ikke drikke.", "Høg feber i to døgn utan forkjøling, slapp og vil ikkje drikke."),
        ("Urin tatt med kateter: leukocytter 3+. Ellers god sirkulasjon.", "Urin teken med kateter: leukocyttar 3+. Elles god sirkulasjon."),
        ("Antibiotika intravenøst det første døgnet, mor eller far sover inne.", "Antibiotika intravenøst det første døgnet, mor eller far søv inne."),
        ("Leker på rommet. Feberfri.", "Leikar på rommet. Feberfri."),
        ("Hjem med mikstur i sju dager. Ultralyd av nyrene er normal.", "Heim med mikstur i sju dagar. Ultralyd av nyrene er normal."),
        (148, 112), (92, 94), (39.5, 36.9), (34, 26), (98, 99), (96, 30), (18.2, 10.1), (11.6, 11.5), creatinine=(28, 26),
        drugs=(Drug("J01DD01", "Cefotaksim", ("50 mg/kg iv × 3", "50 mg/kg iv × 3")),), leaves=(Drug("J01EE01", "Trimetoprim/sulfametoksazol mikstur", ("0,5 ml/kg × 2 i sju dager", "0,5 ml/kg × 2 i sju dagar")),),
    ),
    Course(
        "J21.9", ("Bronkiolitt", "Bronkiolitt"), "children", (0, 1), 6, (2, 5),
        ("Forkjølet i fire dager, nå rask pust og inndragninger. Dier halvparten av det vanlige.", "Forkjølt i fire dagar, no rask pust og inndragingar. Syg halvparten av det vanlege."),
        ("RS-virus påvist. Fine knatrelyder over hele lungene, SpO₂ 90 %.", "RS-virus påvist. Fine knatrelydar over heile lungene, SpO₂ 90 %."),
        ("Oksygen på nesekateter, små måltider på sonde.", "Oksygen på nasekateter, små måltid på sonde."),
        ("Uten oksygen i natt. Dier nesten som før.", "Utan oksygen i natt. Syg nesten som før."),
        ("Hjem. Hoster gjerne i to uker til.", "Heim. Hostar gjerne i to veker til."),
        (158, 130), (86, 88), (38.2, 37.0), (58, 36), (90, 96), (18, 6), (9.8, 9.0), (11.2, 11.1), creatinine=(24, 24), after=0,
    ),
    Course(
        "S06.0", ("Hjernerystelse", "Hjerneristing"), "children", (3, 16), 1.2, (1, 1),
        ("Falt fra sykkel med hjelm, husker ikke selve fallet. Kastet opp to ganger.", "Fall frå sykkel med hjelm, hugsar ikkje sjølve fallet. Kasta opp to gonger."),
        ("GCS 15, ingen nevrologiske utfall. Kul i panna.", "GCS 15, ingen nevrologiske utfall. Kul i panna."),
        ("Observeres med GCS hver time, ikke CT.", "Blir observert med GCS kvar time, ikkje CT."),
        ("Sovet godt, spiser frokost. Litt vondt i hodet.", "Sove godt, et frukost. Litt vondt i hovudet."),
        ("Hjem med råd om ro i noen dager, ikke kontaktidrett på to uker.", "Heim med råd om ro i nokre dagar, ikkje kontaktidrett på to veker."),
        (92, 80), (112, 110), creatinine=(44, 44), haemoglobin=(12.8, 12.8), after=0,
    ),
    Course(
        "C50.9", ("Brystkreft, operert", "Brystkreft, operert"), "surgery", (42, 90), 4, (1, 2),
        ("Svulst på 14 mm i venstre bryst funnet ved screening. Møter til operasjon.", "Svulst på 14 mm i venstre bryst funnen ved screening. Møter til operasjon."),
        ("Merket med tråd. Ingen kjente lymfeknuter.", "Merkt med tråd. Ingen kjende lymfeknutar."),
        ("Brystbevarende operasjon, én vaktpostlymfeknute tatt.", "Brystbevarande operasjon, éin vaktpostlymfeknute teken."),
        ("Lite smerter, tørr bandasje. Snakket med brystsykepleier.", "Lite smerter, tørr bandasje. Snakka med brystsjukepleiar."),
        ("Hjem. Svar fra patolog om ti dager, så strålebehandling.", "Heim. Svar frå patolog om ti dagar, så strålebehandling."),
        drugs=(_PARACETAMOL,), procedure=("Brystbevarende kirurgi med vaktpostlymfeknute", "Brystbevarande kirurgi med vaktpostlymfeknute"), icpc="X76", planned=True, women_only=True,
    ),
    Course(
        "N20.1", ("Nyrestein", "Nyrestein"), "surgery", (25, 75), 2, (1, 2),
        ("Plutselig sterke smerter i venstre flanke ned mot lysken, får ikke ligge i ro.", "Brått sterke smerter i venstre flanke ned mot lysken, får ikkje liggje i ro."),
        ("Bankeøm. CT: 5 mm stein nederst i urinlederen.", "Bankeøm. CT: 5 mm stein nedst i urinleiaren."),
        ("Smertestillende og tamsulosin, siler urinen.", "Smertestillande og tamsulosin, siler urinen."),
        ("Smertefri siden i natt, har tisset ut steinen.", "Smertefri sidan i natt, har tissa ut steinen."),
        ("Hjem. Drikke to liter om dagen.", "Heim. Drikke to liter om dagen."),
        (96, 74), (152, 130), creatinine=(104, 92), drugs=(_PARACETAMOL,),
    ),
)  # fmt: skip
