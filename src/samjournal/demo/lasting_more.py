# ruff: noqa: E501 - sentences and table rows stay on one line
"""Long illnesses of mind, nerves, joints, skin, stomach and more, and cancer that is followed up."""

from __future__ import annotations

from samjournal.demo import measures as m
from samjournal.demo.illnesses import EVENING, MORNING, Drug, Illness, daily
from samjournal.demo.lasting import INNER

_PARACETAMOL = Drug("N02BE01", "Paracetamol", ("1 g inntil × 3 ved behov", "1 g inntil × 3 ved behov"), 0.8, True)

_OTHER: tuple[Illness, ...] = (
    Illness(
        "P76", "F32.1", ("Depresjon", "Depresjon"), ((16, 0.02), (20, 0.05), (65, 0.03)),
        drugs=(Drug("N06AB10", "Escitalopram", daily("10 mg"), 0.65),), steps=(Drug("N06AB10", "Escitalopram", daily("15 mg")), Drug("N06AX11", "Mirtazapin", daily("15 mg", *EVENING))),
        well=(("Sover bedre og kommer seg ut hver dag. Ingen tanker om å skade seg.", "Søv betre og kjem seg ut kvar dag. Ingen tankar om å skade seg."),
              ("Tilbake i halv stilling, orker å lage middag igjen. Ler litt under samtalen.", "Tilbake i halv stilling, orkar å lage middag att. Ler litt under samtalen."),
              ("Bruker dagbok og faste gåturer. Har sagt det til familien, det hjalp.", "Brukar dagbok og faste gåturar. Har sagt det til familien, det hjelpte.")),
        poor=(("Tungt igjen de siste ukene. Våkner klokka fire og grubler. Ingen planer om å ta livet sitt, spurt direkte.", "Tungt att dei siste vekene. Vaknar klokka fire og grublar. Ingen planar om å ta livet sitt, spurt direkte."),
              ("Holder seg mest inne, svarer ikke på telefonen. Matlysten er borte. Har noen å ringe om natta.", "Held seg mest inne, svarar ikkje på telefonen. Matlysta er borte. Har nokon å ringje om natta.")),
        exam_well=(("Formell og emosjonell kontakt er god. Stemningsleiet lett senket.", "Formell og emosjonell kontakt er god. Stemningsleiet lett senka."), ("MADRS 14. Ingen suicidalitet.", "MADRS 14. Ikkje suicidal."),),
        exam_poor=(("Snakker langsomt, men ser opp og holder avtaler. MADRS 23.", "Snakkar sakte, men ser opp og held avtalar. MADRS 23."),),
        women=1.3, men=0.8, refer="mind",
    ),
    Illness(
        "P74", "F41.1", ("Angst", "Angst"), ((15, 0.03), (20, 0.045), (60, 0.025)),
        drugs=(Drug("N06AB06", "Sertralin", daily("50 mg"), 0.45),), steps=(Drug("N06AB06", "Sertralin", daily("100 mg")),),
        well=(("Tar bussen igjen uten følge. Øver på det som er avtalt med psykologen.", "Tek bussen att utan følgje. Øver på det som er avtalt med psykologen."), ("Færre anfall, kjenner igjen tegnene og puster seg gjennom.", "Færre anfall, kjenner att teikna og pustar seg gjennom.")),
        poor=(("Uro i kroppen hver dag, unngår butikken når det er folk. Har vært hjemme fra jobb to dager.", "Uro i kroppen kvar dag, held seg unna butikken når det er folk. Har vore heime frå jobb to dagar."),),
        exam_well=(("Rolig i dag. Hjerte og blodtrykk uten anmerkning.", "Roleg i dag. Hjarte og blodtrykk utan merknad."),),
        exam_poor=(("Anspent, fuktig i hendene, ellers normal undersøkelse.", "Anspend, fuktig i hendene, elles normal undersøking."),),
        women=1.4, men=0.7, unless=frozenset({"P76"}), refer="mind",
    ),
    Illness(
        "N89", "G43.9", ("Migrene", "Migrene"), ((15, 0.05), (20, 0.09), (55, 0.03)),
        drugs=(Drug("N02CC01", "Sumatriptan", ("50 mg ved anfall, kan gjentas etter to timer", "50 mg ved anfall, kan takast om att etter to timar"), 0.85, True),),
        steps=(Drug("C09CA06", "Kandesartan", daily("8 mg")),),
        well=(("To–tre anfall i måneden, god virkning av sumatriptan.", "To–tre anfall i månaden, god verknad av sumatriptan."), ("Færre anfall etter at det ble slutt på nattevaktene.", "Færre anfall etter at det vart slutt på nattevaktene.")),
        poor=(("Seks anfall siste måned, borte fra jobb to dager. Har ført hodepinedagbok.", "Seks anfall siste månad, borte frå jobb to dagar. Har ført hovudverkdagbok."),),
        exam=(("Orienterende nevrologisk undersøkelse er normal.", "Orienterande nevrologisk undersøking er normal."),), women=1.5, men=0.5, unless=frozenset({"K76", "K86", "K90"}),
    ),
    Illness(
        "N88", "G40.9", ("Epilepsi", "Epilepsi"), ((6, 0.006), (20, 0.008)),
        drugs=(Drug("N03AX09", "Lamotrigin", ("100 mg × 2", "100 mg × 2"), child=("50 mg × 2", "50 mg × 2")),), steps=(Drug("N03AX14", "Levetiracetam", ("500 mg × 2", "500 mg × 2"), child=("250 mg × 2", "250 mg × 2")),),
        well=(("Ingen anfall siste året. Oppfyller kravene til førerkort.", "Ingen anfall siste året. Fyller krava til førarkort."), ("Anfallsfri siden dosen ble økt. Sover nok, drikker ikke alkohol.", "Anfallsfri sidan dosen vart auka. Søv nok, drikk ikkje alkohol.")),
        poor=(("To korte anfall om natta siste måned, en i huset så det.", "To korte anfall om natta siste månad, ein i huset såg det."),),
        exam=(("Normal gange og koordinasjon, ingen nystagmus.", "Normal gange og koordinasjon, ingen nystagmus."),), refer="nerve",
    ),
    Illness(
        "N87", "G20", ("Parkinsons sykdom", "Parkinsons sjukdom"), ((62, 0.008), (74, 0.02)),
        drugs=(Drug("N04BA02", "Levodopa og benserazid", ("100/25 mg × 3", "100/25 mg × 3")),), steps=(Drug("N04BA02", "Levodopa og benserazid", ("100/25 mg × 4", "100/25 mg × 4")),),
        well=(("Tabletter til faste tider, jevn virkning. Synger i kor.", "Tablettar til faste tider, jamn verknad. Syng i kor."), ("Skjelver mindre i høyre hånd. Trener gange til musikk.", "Skjelv mindre i høgre hand. Trenar gange til musikk.")),
        poor=(("Stivere om morgenen og låser seg i døråpninger. Virkningen går ut før neste dose.", "Stivare om morgonen og låser seg i døropningar. Verknaden går ut før neste dose."),),
        exam=(("Nedsatt medsving på høyre arm, lett rigiditet. Reiser seg uten hjelp.", "Nedsett medsving på høgre arm, lett rigiditet. Reiser seg utan hjelp."),), refer="nerve",
    ),
    Illness(
        "P70", "F00.1", ("Alzheimers sykdom", "Alzheimers sjukdom"), ((74, 0.04), (83, 0.14)),
        drugs=(Drug("N06DA02", "Donepezil", daily("10 mg", *EVENING), 0.5),),
        well=(("Husker dårligere navn og avtaler. Klarer stell, trenger hjelp med medisiner.", "Hugsar dårlegare namn og avtalar. Klarer stell, treng hjelp med medisinar."),
              ("Går på dagsenter to dager i uka og trives med det.", "Går på dagsenter to dagar i veka og trivst med det.")),
        poor=(("Har gått seg bort to ganger. Komfyrvakt er montert. Pårørende er slitne.", "Har gått seg bort to gonger. Komfyrvakt er montert. Pårørande er slitne."),
              ("Spiser lite alene, har gått ned tre kilo. Mistenksom om kveldene.", "Et lite åleine, har gått ned tre kilo. Mistenksam om kveldane.")),
        exam=(("MMS 21 av 30, klokketest 3. Stelt og blid.", "MMS 21 av 30, klokketest 3. Stelt og blid."), ("MMS 17 av 30. Mister tråden, men er med på spøk.", "MMS 17 av 30. Mistar tråden, men er med på spøk.")), refer="nerve",
    ),
    Illness(
        "P81", "F90.0", ("ADHD", "ADHD"), ((8, 0.03), (18, 0.02), (45, 0.004)),
        drugs=(Drug("N06BA04", "Metylfenidat depot", daily("36 mg", *MORNING), 0.8, child=daily("18 mg", *MORNING)),), steps=(Drug("N06BA04", "Metylfenidat depot", daily("54 mg", *MORNING), child=daily("36 mg", *MORNING)),),
        well=(("Bedre konsentrasjon på dagtid. Spiser litt mindre til lunsj.", "Betre konsentrasjon på dagtid. Et litt mindre til lunsj."), ("Sover greit når tabletten tas før klokka åtte.", "Søv greitt når tabletten blir teken før klokka åtte.")),
        poor=(("Virkningen går ut ved to-tiden, ettermiddagene er vanskelige.", "Verknaden går ut ved totida, ettermiddagane er vanskelege."),),
        exam=(("Puls og blodtrykk innenfor det vanlige. Vekta følges.", "Puls og blodtrykk innanfor det vanlege. Vekta blir følgd."),), refer="mind",
    ),
    Illness(
        "L90", "M17.9", ("Slitasje i kneet", "Slitasje i kneet"), ((52, 0.06), (70, 0.16)), drugs=(_PARACETAMOL,),
        well=(("Trener styrke i gruppe to ganger i uka, mindre vondt i trapper.", "Trenar styrke i gruppe to gonger i veka, mindre vondt i trapper."), ("Går en halvtime om dagen med staver.", "Går ein halvtime om dagen med stavar.")),
        poor=(("Vondt også i hvile og om natta. Haltet hit fra bussen.", "Vondt òg i kvile og om natta. Halta hit frå bussen."),),
        exam=(("Hydrops, beveger 0–110. Knitring bak kneskåla.", "Hydrops, bevegar 0–110. Knitring bak kneskåla."), ("Stabilt kne, trykkøm over innsiden av leddspalten.", "Stabilt kne, trykkøm over innsida av leddspalta.")), refer="bones",
    ),
    Illness(
        "L95", "M81.9", ("Beinskjørhet", "Beinskjørheit"), ((58, 0.03), (72, 0.12)),
        drugs=(Drug("M05BA04", "Alendronat", ("70 mg én gang i uka, fastende", "70 mg éin gong i veka, fastande"), 0.8), Drug("A12AX", "Kalsium og vitamin D", ("500 mg/800 IE × 1", "500 mg/800 IE × 1"), 0.7)),
        well=(("Ingen nye brudd. Tar tilskudd av kalsium og vitamin D.", "Ingen nye brot. Tek tilskot av kalsium og vitamin D."), ("Står oppreist en halvtime etter ukestabletten. Ingen magebesvær.", "Står oppreist ein halvtime etter veketabletten. Ikkje plager frå magen.")),
        poor=(("Vondt i ryggen etter å ha båret ved, gikk over på to uker. Ikke kortere enn sist.", "Vondt i ryggen etter å ha bore ved, gjekk over på to veker. Ikkje kortare enn sist."),
              ("Snublet på kjøkkenet i forrige uke, ingen brudd. Redd for å gå ut på isen.", "Snubla på kjøkenet i førre veka, ingen brot. Redd for å gå ut på isen."),),
        exam=(("Høyde tre centimeter under det som står i passet. Ikke bankeøm over ryggen.", "Høgda er tre centimeter under det som står i passet. Ikkje bankeøm over ryggen."),),
        tests=((m.CALCIUM, 2.2, 2.48), (m.VITAMIN_D, 48, 95)), women=1.6, men=0.3,
    ),
    Illness(
        "L88", "M06.9", ("Leddgikt", "Leddgikt"), ((32, 0.006), (50, 0.012)),
        drugs=(Drug("L04AX03", "Metotreksat", ("15 mg én gang i uka, fredag", "15 mg éin gong i veka, fredag")),), steps=(Drug("H02AB06", "Prednisolon", daily("5 mg", *MORNING)),),
        well=(("Morgenstiv i ti minutter. Tar metotreksat på fredager og folsyre på søndager.", "Morgonstiv i ti minutt. Tek metotreksat på fredagar og folsyre på søndagar."),),
        poor=(("Knokene hovner opp om natta, får ikke på ringen. Stiv en time om morgenen.", "Knokane hovnar opp om natta, får ikkje på ringen. Stiv ein time om morgonen."),
              ("Hovne knoker i begge hender siden sommeren, stiv til langt på dag.", "Hovne knokar i begge hender sidan sommaren, stiv til langt på dag."),),
        exam_well=(("Ingen hovne ledd i dag. God håndkraft.", "Ingen hovne ledd i dag. God handkraft."),),
        exam_poor=(("Tre hovne MCP-ledd, øm ved klem over hånda.", "Tre hovne MCP-ledd, øm ved klem over handa."),),
        tests=((m.ALAT_MAN, 15, 44), (m.LEUCOCYTES, 4.2, 8.8), (m.CRP, 2, 22)), women=1.4, men=0.6, refer="bones",
    ),
    Illness(
        "S87", "L20.9", ("Atopisk eksem", "Atopisk eksem"), ((1, 0.10), (8, 0.06), (18, 0.03), (50, 0.01)),
        drugs=(Drug("D07AA02", "Hydrokortison krem", ("1 %, tynt lag × 1–2 i perioder", "1 %, tynt lag × 1–2 i periodar"), 0.9, True),),
        well=(("Huden er rolig, smører seg etter dusjen.", "Huda er roleg, smører seg etter dusjen."), ("Tørr i huden om vinteren. Fuktighetskrem hver kveld holder det i ro.", "Tørr i huda om vinteren. Fuktkrem kvar kveld held det i ro."),),
        poor=(("Klør om natta, blod på lakenet. Verst i albuebøyene og bak knærne.", "Klør om natta, blod på lakenet. Verst i olbogebøyane og bak knea."),),
        exam_well=(("Tørr hud uten aktive utslett.", "Tørr hud utan aktive utslett."),),
        exam_poor=(("Rødt og fortykket i bøyene, ingen væsking eller skorper.", "Raudt og fortjukka i bøyane, ingen væsking eller skorper."),),
    ),
    Illness(
        "S91", "L40.0", ("Psoriasis", "Psoriasis"), ((18, 0.02), (35, 0.03)),
        well=(("Holder seg i ro med krem to ganger i uka.", "Held seg i ro med krem to gonger i veka."), ("Rolig i sommer med sol og saltvann.", "Roleg i sommar med sol og saltvatn."),), poor=(("Nye flekker i hodebunnen og på leggene etter en halsbetennelse.", "Nye flekkar i hovudbotnen og på leggene etter ei halsbetennelse."),),
        exam=(("Skarpt avgrensede, skjellende plakk på albuer og knær. Negler og ledd uten anmerkning.", "Skarpt avgrensa, skjellande plakk på olbogar og kne. Negler og ledd utan merknad."),),
    ),
    Illness(
        "R97", "J30.1", ("Pollenallergi", "Pollenallergi"), ((8, 0.10), (18, 0.14), (55, 0.07)),
        drugs=(Drug("R06AE07", "Cetirizin", ("10 mg × 1 i sesongen", "10 mg × 1 i sesongen"), 0.8, True, ("5 mg × 2 i sesongen", "5 mg × 2 i sesongen")),), steps=(Drug("R01AD09", "Mometason nesespray", ("1 spray i hvert nesebor × 1 i sesongen", "1 spray i kvart nasebor × 1 i sesongen")),),
        well=(("God hjelp av tabletter fra april til juni.", "God hjelp av tablettar frå april til juni."),), poor=(("Tett nese også utenfor sesongen, mest om morgenen. Katt hos svigerforeldrene.", "Tett nase òg utanfor sesongen, mest om morgonen. Katt hos svigerforeldra."), ("Tett nese og kløe i øynene i flere uker, sover dårlig når bjørka blomstrer.", "Tett nase og kløe i auga i fleire veker, søv dårleg når bjørka blømer."),),
        exam=(("Bleke, hovne neseslimhinner. Rene lunger.", "Bleike, hovne naseslimhinner. Reine lunger."),), seldom=True,
    ),
    Illness(
        "D84", "K21.9", ("Sure oppstøt", "Sure oppstøyt"), ((32, 0.04), (55, 0.08)),
        drugs=(Drug("A02BC02", "Pantoprazol", daily("20 mg")),), steps=(Drug("A02BC02", "Pantoprazol", daily("40 mg")),),
        well=(("Ingen svelgevansker eller vekttap. Forsøker å trappe ned.", "Ingen svelgjevanskar eller vekttap. Prøver å trappe ned."), ("Bra når middagen er før seks og kaffen kuttes.", "Bra når middagen er før seks og kaffien blir kutta.")),
        poor=(("Brenner bak brystbeinet hver natt etter at tablettene ble glemt igjen på ferie.", "Brenn bak brystbeinet kvar natt etter at tablettane vart gløymde att på ferie."),), exam=(("Magen er myk og uøm.", "Magen er mjuk og uøm."),),
    ),
    Illness(
        "D93", "K58.9", ("Irritabel tarm", "Irritabel tarm"), ((18, 0.04), (55, 0.02)),
        well=(("Har funnet ut hva magen ikke tåler. Løk og hvete er verst.", "Har funne ut kva magen ikkje toler. Lauk og kveite er verst."),), poor=(("Oppblåst og vondt etter måltider, veksler mellom hard og løs. Ikke blod, ikke vektendring.", "Oppblåst og vondt etter måltid, vekslar mellom hard og laus. Ikkje blod, inga vektendring."),),
        exam=(("Lett øm over tarmen, ingen oppfylninger.", "Lett øm over tarmen, ingen oppfyllingar."),), women=1.4, men=0.6, seldom=True,
    ),
    Illness(
        "Y85", "N40", ("Forstørret prostata", "Forstørra prostata"), ((58, 0.10), (72, 0.2)),
        drugs=(Drug("G04CA02", "Tamsulosin depot", daily("0,4 mg"), 0.7),),
        well=(("Opp én–to ganger om natta, god stråle.", "Opp éin–to gonger om natta, god stråle."),), poor=(("Opp fire ganger om natta, svak stråle og etterdrypp.", "Opp fire gonger om natta, svak stråle og etterdrypp."),),
        exam=(("Prostata glatt og jevnt forstørret, ingen knuter.", "Prostata glatt og jamt forstørra, ingen knutar."),), tests=((m.PSA, 0.8, 3.9),), women=0.0, refer="urine",
    ),
    Illness(
        "H86", "H91.9", ("Nedsatt hørsel", "Nedsett høyrsel"), ((62, 0.08), (76, 0.22)),
        well=(("Bruker høreapparat på begge sider, det går bra i stua.", "Brukar høyreapparat på begge sider, det går bra i stova."),), poor=(("Faller ut av samtalen når flere snakker. Apparatet ligger i skuffen.", "Fell ut av samtalen når fleire snakkar. Apparatet ligg i skuffa."),),
        exam=(("Ørevoks fjernet på høyre side. Hele trommehinner.", "Øyrevoks fjerna på høgre side. Heile trommehinner."),), seldom=True,
    ),
    Illness(
        "X76", "C50.9", ("Brystkreft, operert", "Brystkreft, operert"), ((48, 0.012), (64, 0.03)),
        drugs=(Drug("L02BG04", "Letrozol", daily("2,5 mg"), 0.6),),
        well=(("Sliten i perioder, men tilbake på jobb og tur. Noe leddverk av tablettene.", "Sliten i periodar, men tilbake på jobb og tur. Noko leddverk av tablettane."),), poor=(("Redd for tilbakefall før hver kontroll. Stram i arret.", "Redd for tilbakefall før kvar kontroll. Stram i arret."),),
        exam=(("Arret er fint, ingen kuler i brystet eller armhulen. Ikke hevelse i armen.", "Arret er fint, ingen kular i brystet eller armhola. Ikkje heving i armen."),), men=0.0,
    ),
    Illness(
        "Y77", "C61", ("Prostatakreft, aktiv overvåking", "Prostatakreft, aktiv overvaking"), ((58, 0.012), (70, 0.04)),
        well=(("Ingen vannlatingsplager. Følges med PSA og MR.", "Ingen vasslatingsplager. Blir følgd med PSA og MR."),), poor=(("Tenker mye på prøvene før kontrollene. Ingen skjelettsmerter.", "Tenkjer mykje på prøvene før kontrollane. Ingen skjelettsmerter."),),
        exam=(("Ikke bankeøm over ryggen.", "Ikkje bankeøm over ryggen."),), tests=((m.PSA, 4.4, 9.2),), women=0.0, unless=frozenset({"Y85"}), refer="urine",
    ),
    Illness(
        "D75", "C18.9", ("Tykktarmskreft, operert", "Tjukktarmskreft, operert"), ((56, 0.006), (70, 0.02)),
        well=(("God matlyst, vekta er stabil. Fast mage de fleste dager.", "God matlyst, vekta er stabil. Fast mage dei fleste dagar."),), poor=(("Løs mage og sliten, ellers ingen nye plager.", "Laus mage og sliten, elles ingen nye plager."),),
        exam=(("Pent arr, ingen brokk. Leveren kjennes ikke.", "Pent arr, ikkje brokk. Levra kan ikkje kjennast."),), tests=((m.HB_MAN, 12.4, 15.1),), refer="bowel",
    ),
)  # fmt: skip

ILLNESSES: tuple[Illness, ...] = (*INNER, *_OTHER)
