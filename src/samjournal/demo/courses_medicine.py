# ruff: noqa: E501 - sentences stay on one line
"""Courses through medical wards."""

from __future__ import annotations

from samjournal.demo.courses import Course
from samjournal.demo.illnesses import Drug

_CANNULA = ("Venekanyle, venstre underarm", "Venekanyle, venstre underarm")
_PENICILLIN = Drug("J01CE01", "Benzylpenicillin", ("1,2 g iv × 4", "1,2 g iv × 4"))
_ASPIRIN = Drug("B01AC06", "Acetylsalisylsyre", ("75 mg × 1", "75 mg × 1"))
_CLOPIDOGREL = Drug("B01AC04", "Klopidogrel", ("75 mg × 1 i tre uker", "75 mg × 1 i tre veker"))
_TICAGRELOR = Drug("B01AC24", "Tikagrelor", ("90 mg × 2 i tolv måneder", "90 mg × 2 i tolv månader"))
_STATIN = Drug("C10AA05", "Atorvastatin", ("80 mg × 1", "80 mg × 1"))
_TABLETS = Drug("J01CE02", "Fenoksymetylpenicillin", ("1,3 g × 4 i fire dager", "1,3 g × 4 i fire dagar"))

MEDICINE: tuple[Course, ...] = (
    Course(
        "J18.9", ("Lungebetennelse", "Lungebetennelse"), "medicine", (40, 105), 5, (3, 6),
        ("Fire dager med hoste, feber og frostanfall. Stikk i høyre side når {han} puster inn.", "Fire dagar med hoste, feber og frostanfall. Stikk i høgre side når {han} pustar inn."),
        ("Knatrelyder nederst til høyre. Røntgen: fortetning i høyre underlapp. CRB-65 skår 1.", "Knatrelydar nedst til høgre. Røntgen: fortetting i høgre underlapp. CRB-65 skår 1."),
        ("Starter antibiotika og væske. Blodkultur er tatt.", "Startar antibiotika og væske. Blodkultur er teken."),
        ("Feberfri siden i går. Hoster mindre, spiser igjen. CRP faller.", "Feberfri sidan i går. Hostar mindre, et att. CRP fell."),
        ("Hjem med tabletter i fire dager til. Røntgenkontroll om seks uker.", "Heim med tablettar i fire dagar til. Røntgenkontroll om seks veker."),
        (112, 82), (118, 126), (39.1, 37.0), (26, 18), (91, 95), (212, 64), (16.2, 9.4),
        drugs=(_PENICILLIN,), instead=Drug("J01DD01", "Cefotaksim", ("1 g iv × 3", "1 g iv × 3")), leaves=(_TABLETS,), ongoing=(_CANNULA,),
    ),
    Course(
        "N10", ("Nyrebekkenbetennelse", "Nyrebekkenbetennelse"), "medicine", (18, 100), 2.5, (2, 4),
        ("Svie ved vannlating i tre dager, siden i går frostanfall og vondt i høyre flanke.", "Svie ved vasslating i tre dagar, sidan i går frostanfall og vondt i høgre flanke."),
        ("Bankeøm over høyre nyre. Urinstiks: leukocytter 3+, nitritt positiv.", "Bankeøm over høgre nyre. Urinstiks: leukocyttar 3+, nitritt positiv."),
        ("Urin- og blodkultur tatt. Starter antibiotika intravenøst.", "Urin- og blodkultur teken. Startar antibiotika intravenøst."),
        ("Feberen er borte, ikke lenger øm i flanken. Dyrkning viser E. coli, følsom.", "Feberen er borte, ikkje lenger øm i flanken. Dyrking viser E. coli, følsam."),
        ("Hjem med tabletter, til sammen sju dager.", "Heim med tablettar, til saman sju dagar."),
        (108, 78), (116, 124), (39.4, 36.9), (20, 16), (96, 97), (188, 72), (15.1, 8.8), creatinine=(104, 84),
        drugs=(Drug("J01DC02", "Cefuroksim", ("1,5 g iv × 3", "1,5 g iv × 3")),), leaves=(Drug("J01EE01", "Trimetoprim/sulfametoksazol", ("2 tabletter × 2 i fire dager", "2 tablettar × 2 i fire dagar")),),
        ongoing=(_CANNULA,), women_only=True,
    ),
    Course(
        "I48.9", ("Atrieflimmer med rask puls", "Atrieflimmer med rask puls"), "heart", (55, 100), 4, (1, 3),
        ("Hjertebank og slapp siden i går kveld. Ikke brystsmerter. Ikke besvimt.", "Hjartebank og slapp sidan i går kveld. Ikkje brystsmerter. Ikkje svimt av."),
        ("Uregelmessig puls 138. EKG: atrieflimmer. Ingen stuvning på røntgen.", "Uregelmessig puls 138. EKG: atrieflimmer. Inga stuving på røntgen."),
        ("Metoprolol økes, telemetri. Ekko bestilt.", "Metoprolol blir auka, telemetri. Ekko bestilt."),
        ("Puls rundt 80, ingen plager ved gange i korridoren.", "Puls rundt 80, ingen plager ved gange i korridoren."),
        ("Hjem på metoprolol og blodfortynnende. Kontroll hos fastlegen om to uker.", "Heim på metoprolol og blodfortynnande. Kontroll hos fastlegen om to veker."),
        (138, 82), (142, 130), drugs=(Drug("C07AB02", "Metoprolol depot", ("100 mg × 1", "100 mg × 1")),), icpc="K78",
        ongoing=(("Telemetri", "Telemetri"), ("Venekanyle, høyre underarm", "Venekanyle, høgre underarm")),
    ),
    Course(
        "I50.9", ("Forverret hjertesvikt", "Forverra hjartesvikt"), "heart", (62, 105), 7, (4, 8),
        ("Opp fem kilo på to uker. Sover i stol de siste nettene, tung pust ved minste anstrengelse.", "Opp fem kilo på to veker. Søv i stol dei siste nettene, tung pust ved minste anstrenging."),
        ("Stuvede halsvener, knatring nederst, ødem til knærne. Røntgen: stuvning og pleuravæske.", "Stuva halsvener, knatring nedst, ødem til knea. Røntgen: stuving og pleuravæske."),
        ("Furosemid intravenøst, væskerestriksjon 1,5 l, daglig vekt.", "Furosemid intravenøst, væskerestriksjon 1,5 l, dagleg vekt."),
        ("Ned 3,2 kg. Sover flatt, går til dagligstua.", "Ned 3,2 kg. Søv flatt, går til daglegstova."),
        ("Hjem med målvekt på kortet. Kreatinin og kalium hos fastlegen om en uke.", "Heim med målvekt på kortet. Kreatinin og kalium hos fastlegen om ei veke."),
        (104, 76), (138, 122), (36.9, 36.7), (26, 18), (90, 95), (24, 12), creatinine=(112, 104), sodium=(133, 137),
        drugs=(Drug("C03CA01", "Furosemid injeksjon", ("40 mg iv × 2", "40 mg iv × 2")),), icpc="K77", ongoing=(("Daglig vekt kl. 7", "Dagleg vekt kl. 7"), _CANNULA), after=7,
    ),
    Course(
        "J44.1", ("Kols med forverring", "Kols med forverring"), "lung", (52, 100), 8, (3, 7),
        ("Tyngre i pusten i fire dager, mer og gulere slim. Snakker i korte setninger.", "Tyngre i pusten i fire dagar, meir og gulare slim. Snakkar i korte setningar."),
        ("Forlenget ekspirium, piping på begge sider. Arteriell blodgass: pH 7,36, pCO₂ 6,4.", "Forlengd ekspirium, piping på begge sider. Arteriell blodgass: pH 7,36, pCO₂ 6,4."),
        ("Forstøver hver fjerde time, prednisolon, doksysyklin. Oksygenmål 88–92 %.", "Forstøvar kvar fjerde time, prednisolon, doksysyklin. Oksygenmål 88–92 %."),
        ("Klarer seg uten oksygen i ro. Fysioterapeut: PEP-fløyte tre ganger om dagen.", "Klarer seg utan oksygen i ro. Fysioterapeut: PEP-fløyte tre gonger om dagen."),
        ("Hjem med prednisolon i to dager til. Egenbehandlingsplan er gjennomgått.", "Heim med prednisolon i to dagar til. Eigenbehandlingsplan er gjennomgått."),
        (108, 86), (142, 132), (37.9, 36.9), (28, 20), (87, 92), (68, 18), (12.8, 9.9),
        drugs=(Drug("H02AB06", "Prednisolon", ("40 mg × 1", "40 mg × 1")), Drug("J01AA02", "Doksysyklin", ("100 mg × 1", "100 mg × 1"))), leaves=(Drug("H02AB06", "Prednisolon", ("40 mg × 1 i to dager", "40 mg × 1 i to dagar")),), icpc="R95", ongoing=(("Forstøver hver fjerde time", "Forstøvar kvar fjerde time"),),
    ),
    Course(
        "A46", ("Rosen på venstre legg", "Rosen på venstre legg"), "medicine", (40, 95), 1.5, (2, 4),
        ("Frostanfall i går, i dag rød og varm legg. Har sprekker mellom tærne.", "Frostanfall i går, i dag raud og varm legg. Har sprekker mellom tærne."),
        ("Skarpt avgrenset rødme fra ankel til under kneet, øm. Ingen blemmer, ikke tegn til blodpropp.", "Skarpt avgrensa raudne frå ankel til under kneet, øm. Ingen blemmer, ikkje teikn til blodpropp."),
        ("Antibiotika intravenøst, beinet høyt, rødmen er tegnet opp.", "Antibiotika intravenøst, beinet høgt, raudnen er teikna opp."),
        ("Rødmen har trukket seg fem centimeter innenfor streken. Feberfri.", "Raudnen har trekt seg fem centimeter innanfor streken. Feberfri."),
        ("Hjem med tabletter i ti dager og krem mot fotsopp.", "Heim med tablettar i ti dagar og krem mot fotsopp."),
        (98, 76), (134, 128), (38.7, 36.9), (18, 16), (96, 97), (146, 58), (13.6, 8.9),
        drugs=(_PENICILLIN,), instead=Drug("J01FF01", "Klindamycin", ("600 mg iv × 3", "600 mg iv × 3")), leaves=(Drug("J01CE02", "Fenoksymetylpenicillin", ("1,3 g × 4 i ti dager", "1,3 g × 4 i ti dagar")),), ongoing=(_CANNULA,),
    ),
    Course(
        "E87.1", ("Lavt natrium", "Lågt natrium"), "medicine", (60, 100), 1.2, (3, 6),
        ("Slapp, kvalm og ustø i en uke. Har drukket mye vann, spist lite.", "Slapp, kvalm og ustø i ei veke. Har drukke mykje vatn, ete lite."),
        ("Klar, litt langsom. Ingen utfall. Natrium 121.", "Klar, litt langsam. Ingen utfall. Natrium 121."),
        ("Drikke inntil én liter i døgnet, natrium hver sjette time, stiger sakte med vilje.", "Drikke inntil éin liter i døgnet, natrium kvar sjette time, stig sakte med vilje."),
        ("Klarere i hodet og stødigere. Natrium 131.", "Klarare i hovudet og stødigare. Natrium 131."),
        ("Hjem når natrium er over 132. Prøve hos fastlegen om tre dager.", "Heim når natrium er over 132. Prøve hos fastlegen om tre dagar."),
        sodium=(121, 132), pauses=("C03", "N06AB"), ongoing=(("Drikke inntil 1 000 ml i døgnet", "Drikke inntil 1 000 ml i døgnet"), ("Natrium hver sjette time", "Natrium kvar sjette time")), hinders=frozenset({"U99"}), after=4,
    ),
    Course(
        "K92.2", ("Blødning fra magen", "Bløding frå magen"), "medicine", (40, 95), 1.5, (2, 5),
        ("Svart avføring i to dager, svimmel når {han} reiser seg. Har brukt betennelsesdempende tabletter for ryggen.", "Svart avføring i to dagar, svimmel når {han} reiser seg. Har brukt betennelsesdempande tablettar for ryggen."),
        ("Blek. Magen er myk. Hb 8,4.", "Bleik. Magen er mjuk. Hb 8,4."),
        ("To enheter blod gitt. Gastroskopi viste et lite sår i magesekken, stanset.", "To einingar blod gjevne. Gastroskopi viste eit lite sår i magesekken, stansa."),
        ("Ingen ny blødning. Hb stabil, spiser vanlig mat.", "Inga ny bløding. Hb stabil, et vanleg mat."),
        ("Hjem med syrehemmer i åtte uker. Ingen betennelsesdempende tabletter.", "Heim med syrehemmar i åtte veker. Ingen betennelsesdempande tablettar."),
        (108, 80), (104, 122), haemoglobin=(8.4, 9.9), pauses=("B01A", "N06AB"), drugs=(Drug("A02BC02", "Pantoprazol", ("40 mg × 2", "40 mg × 2")),),
        leaves=(Drug("A02BC02", "Pantoprazol", ("40 mg × 1 i åtte uker", "40 mg × 1 i åtte veker")),), procedure=("Gastroskopi med injeksjon og klips", "Gastroskopi med injeksjon og klips"), hinders=frozenset({"K78"}),
    ),
    Course(
        "J10.1", ("Influensa", "Influensa"), "medicine", (65, 100), 2, (2, 5),
        ("Feber, verk i kroppen og hoste i fire dager, i natt forvirret.", "Feber, verk i kroppen og hoste i fire dagar, i natt forvirra."),
        ("Tørr i munnen. Influensa A påvist. Rene lunger.", "Tørr i munnen. Influensa A påvist. Reine lunger."),
        ("Væske intravenøst, enerom med dråpesmitte.", "Væske intravenøst, einerom med dropesmitte."),
        ("Klar og orientert, drikker selv. Feberen er på vei ned.", "Klar og orientert, drikk sjølv. Feberen er på veg ned."),
        ("Hjem når {han} går trygt på rommet. Hjemmesykepleien er varslet.", "Heim når {han} går trygt på rommet. Heimesjukepleia er varsla."),
        (102, 80), (118, 126), (39.2, 37.3), (22, 18), (93, 95), (62, 34), ongoing=(("Dråpesmitte", "Dropesmitte"),),
    ),
    Course(
        "E86", ("Væskemangel", "Væskemangel"), "medicine", (65, 100), 2, (1, 3),
        ("Løs mage i fem dager, har ikke fått i seg drikke. Falt på badet, ikke slått hodet.", "Laus mage i fem dagar, har ikkje fått i seg drikke. Fall på badet, ikkje slege hovudet."),
        ("Tørre slimhinner, nedsatt hudspenst. Kreatinin 168.", "Tørre slimhinner, nedsett hudspenst. Kreatinin 168."),
        ("Ringer-acetat intravenøst, blodtrykksmedisin på pause.", "Ringer-acetat intravenøst, blodtrykksmedisin på pause."),
        ("Drikker en liter i døgnet, kreatinin faller.", "Drikk ein liter i døgnet, kreatinin fell."),
        ("Hjem når nyreprøvene er som før. Blodtrykksmedisinen tas opp igjen om tre dager.", "Heim når nyreprøvene er som før. Blodtrykksmedisinen blir teken opp att om tre dagar."),
        (104, 78), (98, 122), creatinine=(168, 102), crp=(38, 14), pauses=("C03", "C08", "C09", "A10BA", "A10BK"),
        ongoing=(("Ringer-acetat 1 000 ml over 8 timer", "Ringer-acetat 1 000 ml over 8 timar"), _CANNULA),
    ),
    Course(
        "I63.9", ("Hjerneinfarkt", "Hjerneinfarkt"), "stroke", (55, 100), 2.2, (4, 9),
        ("Våknet kl. 6 med hengende munnvik og slapp høyre arm, snakket utydelig. Sist sett frisk kl. 23.", "Vakna kl. 6 med hengande munnvik og slapp høgre arm, snakka utydeleg. Sist sett frisk kl. 23."),
        ("NIHSS 6. CT uten blødning. CT angio uten storkarsokklusjon. Utenfor tiden for trombolyse.", "NIHSS 6. CT utan bløding. CT angio utan storkarsokklusjon. Utanfor tida for trombolyse."),
        ("Slagenhet, telemetri, svelgtest. Dobbel platehemming.", "Slageining, telemetri, svelgjetest. Dobbel platehemming."),
        ("Klarere tale, løfter armen. Går med følge av fysioterapeut.", "Klarare tale, lyftar armen. Går med følgje av fysioterapeut."),
        ("Tidlig støttet utskrivning med ambulant slagteam. Ikke bilkjøring i tre måneder.", "Tidleg støtta utskriving med ambulant slagteam. Ikkje bilkøyring i tre månader."),
        (84, 74), (176, 144), crp=(8, 5), leaves=(_ASPIRIN, _CLOPIDOGREL, _STATIN), icpc="K90", ongoing=(("Mobiliseres tre ganger daglig", "Blir mobilisert tre gonger dagleg"),), after=21,
    ),
    Course(
        "I21.4", ("Hjerteinfarkt uten ST-heving", "Hjarteinfarkt utan ST-heving"), "heart", (48, 95), 3, (2, 4),
        ("Trykk midt i brystet ut i venstre arm i to timer, kaldsvett. Gikk ikke over på nitro.", "Trykk midt i brystet ut i venstre arm i to timar, kaldsveitt. Gjekk ikkje over på nitro."),
        ("EKG: ST-senkning V4–V6. Troponin T 186, stigende.", "EKG: ST-senking V4–V6. Troponin T 186, stigande."),
        ("Platehemming, smertefri. Meldt til koronar angiografi.", "Platehemming, smertefri. Meld til koronar angiografi."),
        ("Stent i LAD uten komplikasjoner. Smertefri, går i trapp.", "Stent i LAD utan komplikasjonar. Smertefri, går i trapp."),
        ("Hjem med to platehemmere i tolv måneder og statin. Hjerteskole om fire uker.", "Heim med to platehemmarar i tolv månader og statin. Hjarteskule om fire veker."),
        (92, 68), (148, 126), leaves=(_ASPIRIN, _TICAGRELOR, _STATIN), procedure=("PCI med stent i LAD", "PCI med stent i LAD"), icpc="K76", ongoing=(("Telemetri", "Telemetri"),),
    ),
    Course(
        "E11.9", ("Diabetes type 2, høyt blodsukker", "Diabetes type 2, høgt blodsukker"), "medicine", (45, 95), 1, (2, 4),
        ("Tørst og slapp i to uker, går ned i vekt. Glukose 31 hos fastlegen.", "Tørst og slapp i to veker, går ned i vekt. Glukose 31 hos fastlegen."),
        ("Tørr, klar. Ketoner 0,8, pH 7,38.", "Tørr, klar. Ketonar 0,8, pH 7,38."),
        ("Væske og insulin etter skjema.", "Væske og insulin etter skjema."),
        ("Glukose 9–13. Lærer å sette insulin selv, gjør det riktig.", "Glukose 9–13. Lærer å setje insulin sjølv, gjer det rett."),
        ("Hjem med langtidsvirkende insulin til natta. Diabetessykepleier ringer om tre dager.", "Heim med langtidsverkande insulin til natta. Diabetessjukepleiar ringjer om tre dagar."),
        (98, 78), (118, 128), creatinine=(118, 88), sodium=(132, 138), icpc="T90", ongoing=(_CANNULA,), after=7,
    ),
)  # fmt: skip
