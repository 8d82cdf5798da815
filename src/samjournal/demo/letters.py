# ruff: noqa: E501 - sentences stay on one line
"""What referrals ask and what specialists answer, by the ICPC-2 code of what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.demo.illnesses import Both


@dataclass(frozen=True, slots=True)
class Letter:
    """A question to a specialist, what was found, and what the specialist concludes."""

    asked: Both
    found: Both
    concluded: Both


LETTERS: dict[str, tuple[Letter, ...]] = {
    "K76": (Letter(("Mer brystsmerter ved anstrengelse til tross for behandling. Ber om vurdering.", "Meir brystsmerter ved anstrenging trass i behandling. Ber om vurdering."),
                   ("Belastnings-EKG til 150 W uten ST-endringer. Ekko: EF 55 %, ingen klaffefeil.", "Belastnings-EKG til 150 W utan ST-endringar. Ekko: EF 55 %, ingen klaffefeil."),
                   ("Stabil angina. Ingen grunn til ny angiografi nå. Fortsetter hos fastlegen.", "Stabil angina. Ingen grunn til ny angiografi no. Held fram hos fastlegen.")),),
    "K77": (Letter(("Hjertesvikt med økende tung pust. Ber om ekko og råd om behandling.", "Hjartesvikt med aukande tung pust. Ber om ekko og råd om behandling."),
                   ("Ekko: EF 38 %, lett mitralinsuffisiens. NYHA II–III. Lett ødem på leggene.", "Ekko: EF 38 %, lett mitralinsuffisiens. NYHA II–III. Lett ødem på leggene."),
                   ("Legges inn i hjertesviktpoliklinikkens oppfølging med sykepleier. Veier seg daglig.", "Blir følgd av sjukepleiar på hjartesviktpoliklinikken. Veg seg dagleg.")),),
    "K78": (Letter(("Atrieflimmer med plagsom hjertebank. Ber om vurdering av rytmekontroll.", "Atrieflimmer med plagsam hjartebank. Ber om vurdering av rytmekontroll."),
                   ("Venstre atrium lett forstørret, EF 58 %. Flimmer på 24-timers EKG, snittfrekvens 84.", "Venstre atrium lett forstørra, EF 58 %. Flimmer på 24-timars EKG, snittfrekvens 84."),
                   ("Frekvenskontroll anbefales. Ingen ny time, men ny henvisning ved mer plager.", "Frekvenskontroll er tilrådd. Ingen ny time, men ny tilvising ved meir plager.")),),
    "R95": (Letter(("Kols med to forverringer siste år. Ber om lungefunksjon og vurdering av rehabilitering.", "Kols med to forverringar siste år. Ber om lungefunksjon og vurdering av rehabilitering."),
                   ("FEV1 52 % av forventet, DLCO 61 %. Røntgen uten fortetninger. Seksminutters gangtest 390 m.", "FEV1 52 % av forventa, DLCO 61 %. Røntgen utan fortettingar. Seksminuttars gangtest 390 m."),
                   ("Kols GOLD 2, gruppe E. Får plass på lungerehabilitering i fire uker.", "Kols GOLD 2, gruppe E. Får plass på lungerehabilitering i fire veker.")),),
    "R96": (Letter(("Astma som ikke er under kontroll med inhalasjonssteroid. Ber om vurdering.", "Astma som ikkje er under kontroll med inhalasjonssteroid. Ber om vurdering."),
                   ("FeNO 42 ppb, FEV1 84 % med 14 % økning etter salbutamol. Prikktest positiv for bjørk og katt.", "FeNO 42 ppb, FEV1 84 % med 14 % auke etter salbutamol. Prikktest positiv for bjørk og katt."),
                   ("Allergisk astma. Teknikken er øvd inn på nytt. Kontroll hos fastlegen om tre måneder.", "Allergisk astma. Teknikken er øvd inn på nytt. Kontroll hos fastlegen om tre månader.")),),
    "U99": (Letter(("Fallende eGFR og økende albumin i urinen. Ber om råd.", "Fallande eGFR og aukande albumin i urinen. Ber om råd."),
                   ("Ultralyd: nyrer 9,5 og 9,8 cm, ingen hydronefrose. Blodtrykk 138/82.", "Ultralyd: nyrer 9,5 og 9,8 cm, ikkje hydronefrose. Blodtrykk 138/82."),
                   ("Nefrosklerose. Blodtrykk under 130, unngå NSAID. Prøver hver tredje måned.", "Nefrosklerose. Blodtrykk under 130, unngå NSAID. Prøver kvar tredje månad.")),),
    "P76": (Letter(("Depresjon uten nok bedring etter tre måneder. Ber om behandling ved DPS.", "Depresjon utan nok betring etter tre månader. Ber om behandling ved DPS."),
                   ("Vurderingssamtale over to timer. MINI: depressiv episode, moderat. Ingen akutt selvmordsfare, kriseplan er skrevet sammen.", "Vurderingssamtale over to timar. MINI: depressiv episode, moderat. Ikkje akutt sjølvmordsfare, kriseplan er skriven saman."),
                   ("Rett til helsehjelp. Kognitiv terapi inntil femten ganger, evaluering etter seks.", "Rett til helsehjelp. Kognitiv terapi inntil femten gonger, evaluering etter seks.")),),
    "P74": (Letter(("Panikkanfall og unngåelse, arbeidsevnen er truet. Ber om vurdering.", "Panikkanfall og unngåing, arbeidsevna er truga. Ber om vurdering."),
                   ("Generalisert angst med panikkanfall. GAD-7 15. Ikke rus, ikke depresjon.", "Generalisert angst med panikkanfall. GAD-7 15. Ikkje rus, ikkje depresjon."),
                   ("Eksponeringsbasert behandling i gruppe fra neste måned.", "Eksponeringsbasert behandling i gruppe frå neste månad.")),),
    "P81": (Letter(("ADHD, virkningen av medisinen går ut på ettermiddagen. Ber om råd om dosering.", "ADHD, verknaden av medisinen går ut på ettermiddagen. Ber om råd om dosering."),
                   ("ASRS tydelig bedret på dagen. Puls 78, blodtrykk 124/76. Søvn sju timer.", "ASRS tydeleg betra på dagen. Puls 78, blodtrykk 124/76. Søvn sju timar."),
                   ("Korttidsvirkende dose kl. 15 kan prøves. Fastlegen overtar forskrivningen.", "Korttidsverkande dose kl. 15 kan prøvast. Fastlegen tek over forskrivinga.")),),
    "N88": (Letter(("Nye nattlige anfall. Ber om EEG og vurdering av medisiner.", "Nye anfall om natta. Ber om EEG og vurdering av medisinar."),
                   ("EEG: sporadisk epileptiform aktivitet temporalt på venstre side. Lamotrigin i serum innenfor området.", "EEG: sporadisk epileptiform aktivitet temporalt på venstre side. Lamotrigin i serum innanfor området."),
                   ("Anbefaler tillegg av levetiracetam. Kjøreforbud til seks måneder uten anfall i våken tilstand.", "Tilrår tillegg av levetiracetam. Køyreforbod til seks månader utan anfall i vaken tilstand.")),),
    "N87": (Letter(("Parkinsons sykdom med on–off-plager. Ber om vurdering.", "Parkinsons sjukdom med on–off-plager. Ber om vurdering."),
                   ("UPDRS III 24 i on. Dyskinesier lette. Ingen hallusinasjoner.", "UPDRS III 24 i on. Dyskinesiar lette. Ingen hallusinasjonar."),
                   ("Kortere doseintervall. Fysioterapi på Parkinson-gruppe. Kontroll om seks måneder.", "Kortare doseintervall. Fysioterapi i Parkinson-gruppe. Kontroll om seks månader.")),),
    "P70": (Letter(("Økende hukommelsesvansker, pårørende er slitne. Ber om utredning.", "Aukande vanskar med minnet, pårørande er slitne. Ber om utgreiing."),
                   ("MMS 20, klokketest 2. MR: atrofi medialt i tinninglappene, få karforandringer.", "MMS 20, klokketest 2. MR: atrofi medialt i tinninglappane, få karendringar."),
                   ("Alzheimers sykdom med sen start. Hukommelsesteamet i kommunen følger opp. Kjører ikke bil.", "Alzheimers sjukdom med sein start. Hukommelsesteamet i kommunen følgjer opp. Køyrer ikkje bil.")),),
    "L90": (Letter(("Kneartrose med nattsmerter, trent i seks måneder uten bedring. Ber om vurdering av protese.", "Kneartrose med nattsmerter, trena i seks månader utan betring. Ber om vurdering av protese."),
                   ("Røntgen: bein mot bein medialt. Beveger 5–105 grader. BMI 28.", "Røntgen: bein mot bein medialt. Bevegar 5–105 grader. BMI 28."),
                   ("Settes på venteliste for totalprotese. Fortsetter styrketrening fram til da.", "Blir sett på venteliste for totalprotese. Held fram med styrketrening til då.")),
            Letter(("Kneplager tross trening. Ber om råd.", "Kneplager trass i trening. Ber om råd."),
                   ("Røntgen: moderat artrose. Stabilt kne, god muskulatur.", "Røntgen: moderat artrose. Stabilt kne, god muskulatur."),
                   ("Ikke grunnlag for operasjon nå. Injeksjon gitt. Ny henvisning ved forverring.", "Ikkje grunnlag for operasjon no. Injeksjon gitt. Ny tilvising ved forverring.")),),
    "L88": (Letter(("Leddgikt med hovne ledd tross metotreksat. Ber om kontroll.", "Leddgikt med hovne ledd trass i metotreksat. Ber om kontroll."),
                   ("DAS28 3,9. Ultralyd: synovitt i tre MCP-ledd.", "DAS28 3,9. Ultralyd: synovitt i tre MCP-ledd."),
                   ("Vurderes for biologisk behandling på neste tverrfaglige møte. Prøver hver måned.", "Blir vurdert for biologisk behandling på neste tverrfaglege møte. Prøver kvar månad.")),),
    "Y85": (Letter(("Vannlatingsplager tross medisin. Ber om urologisk vurdering.", "Vasslatingsplager trass i medisin. Ber om urologisk vurdering."),
                   ("Flow 8 ml/s, resturin 140 ml. Prostata 58 ml.", "Flow 8 ml/s, resturin 140 ml. Prostata 58 ml."),
                   ("Ønsker å vente med operasjon. Ny vurdering om et år.", "Ønskjer å vente med operasjon. Ny vurdering om eit år.")),),
    "Y77": (Letter(("Stigende PSA. Ber om ny MR og vurdering.", "Stigande PSA. Ber om ny MR og vurdering."),
                   ("MR: uendret PI-RADS 3 i høyre perifere sone. Biopsi: Gleason 3+3 i én av tolv.", "MR: uendra PI-RADS 3 i høgre perifere sone. Biopsi: Gleason 3+3 i éin av tolv."),
                   ("Fortsetter aktiv overvåking. PSA hver sjette måned.", "Held fram med aktiv overvaking. PSA kvar sjette månad.")),),
    "D75": (Letter(("Kontroll etter operasjon for tykktarmskreft.", "Kontroll etter operasjon for tjukktarmskreft."),
                   ("CT uten tegn til tilbakefall. Koloskopi til cøkum: to små polypper fjernet.", "CT utan teikn til tilbakefall. Koloskopi til cøkum: to små polyppar fjerna."),
                   ("Neste koloskopi om tre år.", "Neste koloskopi om tre år.")),),
    "L86": (Letter(("Utstråling til foten i seks uker med nedsatt refleks. MR korsrygg?", "Utstråling til foten i seks veker med nedsett refleks. MR korsrygg?"),
                   ("MR korsrygg: prolaps L5/S1 med påvirkning av S1-roten. Ingen trang spinalkanal.", "MR korsrygg: prolaps L5/S1 med påverknad av S1-rota. Ikkje trong spinalkanal."),
                   ("Funn som passer med plagene.", "Funn som høver med plagene.")),),
    "D01": (Letter(("Smerter under høyre ribbeinsbue etter fet mat. Gallestein?", "Smerter under høgre ribbeinsboge etter feit mat. Gallestein?"),
                   ("Ultralyd: flere konkrementer i galleblæren inntil 9 mm, slank vegg. Slanke galleganger.", "Ultralyd: fleire konkrement i galleblæra inntil 9 mm, slank vegg. Slanke gallegangar."),
                   ("Gallestein uten betennelse.", "Gallestein utan betennelse.")),),
    "L72": (Letter(("Fall på utstrakt hånd, hoven over håndleddet. Brudd?", "Fall på utstrekt hand, hoven over handleddet. Brot?"),
                   ("Røntgen håndledd: bøyningsbrudd i distale radius uten feilstilling.", "Røntgen handledd: bøyingsbrot i distale radius utan feilstilling."),
                   ("Ingen skade av vekstsonen.", "Ingen skade av vekstsona.")),),
    "H71": (Letter(("Gjentatte ørebetennelser, fire på et halvt år. Dren?", "Gjentekne øyrebetennelsar, fire på eit halvt år. Dren?"),
                   ("Væske bak begge trommehinner, flat tympanometri. Hørselstest: 30 dB tap.", "Væske bak begge trommehinner, flat tympanometri. Høyrselstest: 30 dB tap."),
                   ("Dren settes på begge sider på dagkirurgi. Kontroll om seks måneder.", "Dren blir sett på begge sider på dagkirurgi. Kontroll om seks månader.")),),
    "P22": (Letter(("Uro og konsentrasjonsvansker på skolen og hjemme. Ber om utredning.", "Uro og konsentrasjonsvanskar på skulen og heime. Ber om utgreiing."),
                   ("Samtaler med barnet, foreldre og lærer. Conners og observasjon i klassen. Evnenivå i normalområdet.", "Samtalar med barnet, foreldre og lærar. Conners og observasjon i klassen. Evnenivå i normalområdet."),
                   ("Ikke holdepunkter for ADHD. Tiltak på skolen: fast plass, korte økter. Avsluttes.", "Ikkje haldepunkt for ADHD. Tiltak på skulen: fast plass, korte økter. Avsluttar.")),),
    "F92": (Letter(("Grått slør for {side} øye, blendes av møtende lys. Operasjon?", "Grått slør for {side} auge, blir blenda av møtande lys. Operasjon?"),
                   ("Visus 0,4. Kjernekatarakt. Trykk 15 på begge øyne, fin netthinne.", "Visus 0,4. Kjernekatarakt. Trykk 15 på begge auge, fin netthinne."),
                   ("Operert med ny linse i dråpebedøvelse, visus 0,9 etter en uke.", "Operert med ny linse i dropebedøving, visus 0,9 etter ei veke.")),),
}  # fmt: skip
