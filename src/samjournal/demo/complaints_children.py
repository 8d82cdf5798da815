# ruff: noqa: E501 - sentences and table rows stay on one line
"""What children are brought to the doctor with."""

from __future__ import annotations

from samjournal.demo.illnesses import Case, Complaint, Drug

_SYRUP = Drug("J01CE02", "Fenoksymetylpenicillin mikstur", ("10 mg/kg × 4 i fem dager", "10 mg/kg × 4 i fem dagar"))

_STREP = Drug("J01CE02", "Fenoksymetylpenicillin mikstur", ("15 mg/kg × 4 i fem dager", "15 mg/kg × 4 i fem dagar"))

CHILDREN: tuple[Complaint, ...] = (
    Complaint("R72", ("Halsbetennelse med streptokokker", "Halsbetennelse med streptokokkar"), (4, 11), 2, (
        Case(("Vondt i halsen og feber i {d} dager, ikke hoste. Flere i klassen har det.", "Vondt i halsen og feber i {d} dagar, ikkje hoste. Fleire i klassen har det."),
             ("Belegg på mandlene, hovne lymfeknuter på halsen. Strep A positiv. Ikke stiv i nakken.", "Belegg på mandlane, hovne lymfeknutar på halsen. Strep A positiv. Ikkje stiv i nakken."),
             ("Penicillin i fem dager, dosen er regnet etter vekt. Hjemme det første døgnet.", "Penicillin i fem dagar, dosen er rekna etter vekt. Heime det første døgnet."), _STREP),
    ), urgent=True),
    Complaint("R74", ("Luftveisinfeksjon", "Luftvegsinfeksjon"), (0, 11), 10, (
        Case(("Feber og hoste i {d} dager, leker når feberen er nede. Drikker godt.", "Feber og hoste i {d} dagar, leikar når feberen er nede. Drikk godt."), ("Rennende nese, rene lunger, ingen inndragninger. Ører uten funn.", "Rennande nase, reine lunger, ingen inndragingar. Øyre utan funn."),
             ("Forkjølelse. Foreldrene vet hva de skal se etter.", "Forkjøling. Foreldra veit kva dei skal sjå etter."), crp=(4, 24)),
        Case(("Tredje forkjølelsen siden barnehagestart. Foreldrene er slitne og lurer på om noe er galt.", "Tredje forkjølinga sidan barnehagestart. Foreldra er slitne og lurer på om noko er gale."), ("God allmenntilstand, følger vektkurven. Normal undersøkelse.", "God allmenntilstand, følgjer vektkurva. Normal undersøking."),
             ("Åtte–ti infeksjoner i året er vanlig det første barnehageåret.", "Åtte–ti infeksjonar i året er vanleg det første barnehageåret.")),
    ), urgent=True),
    Complaint("R77", ("Falsk krupp", "Falsk krupp"), (0, 5), 2, (
        Case(("Våknet med gjøende hoste og pipelyd på innpust.", "Vakna med gøyande hoste og pipelyd på innpust."), ("Roligere etter kald luft på vei hit. Lett stridor ved gråt, SpO₂ 98 %.", "Rolegare etter kald luft på veg hit. Lett stridor ved gråt, SpO₂ 98 %."),
             ("Falsk krupp. Én dose deksametason på stedet, observert i en time. Hjem.", "Falsk krupp. Éin dose deksametason på staden, observert i ein time. Heim.")),
    ), urgent=True),
    Complaint("H71", ("Ørebetennelse", "Øyrebetennelse"), (0, 8), 6, (
        Case(("Våknet i natt og tok seg til øret, forkjølet i {d} dager.", "Vakna i natt og tok seg til øyret, forkjølt i {d} dagar."), ("Rød, buktende trommehinne på {side} side. Temp. 38,4.", "Raud, utbukande trommehinne på {side} side. Temp. 38,4."),
             ("Ser det an i to døgn med paracetamol. Foreldrene ringer hvis det ikke snur.", "Ser det an i to døgn med paracetamol. Foreldra ringjer om det ikkje snur."), crp=(10, 48)),
        Case(("Fjerde ørebetennelse på et halvt år. Renner fra {side} øre siden i natt.", "Fjerde øyrebetennelsen på eit halvt år. Renn frå {side} øyre sidan i natt."), ("Puss i øregangen, ikke hevelse bak øret.", "Puss i øyregangen, ikkje heving bak øyret."),
             ("Penicillin i fem dager. Henviser til øre-nese-hals for vurdering av dren.", "Penicillin i fem dagar. Tilviser til øyre-nase-hals for vurdering av dren."), _SYRUP, refer="ear"),
    ), urgent=True),
    Complaint("D73", ("Omgangssyke", "Omgangssjuke"), (0, 11), 3, (
        Case(("Kastet opp seks ganger siden i går kveld, løs avføring. Har tisset to ganger i dag.", "Kasta opp seks gonger sidan i går kveld, laus avføring. Har tissa to gonger i dag."), ("Slapp, men våken. Fuktig i munnen, normal hudspenst. Vekta er ned 200 g.", "Slapp, men vaken. Fuktig i munnen, normal hudspenst. Vekta er ned 200 g."),
             ("Saltoppløsning med teskje hvert femte minutt. Ny kontakt i kveld hvis det ikke holdes nede.", "Saltoppløysing med teskei kvart femte minutt. Ny kontakt i kveld om det ikkje blir halde nede.")),
    ), urgent=True),
    Complaint("A76", ("Utslett ved virus", "Utslett ved virus"), (0, 6), 3, (
        Case(("Tre dager med høy feber, så prikker på kroppen da den ga seg.", "Tre dagar med høg feber, så prikkar på kroppen då han gav seg."), ("Lyserødt utslett som blekner ved trykk. Kvikk og rask.", "Lyseraudt utslett som bleiknar ved trykk. Kvikk og rask."),
             ("Fjerde barnesykdom. Barnehage når formen er god.", "Fjerde barnesjukdom. Barnehage når forma er god.")),
        Case(("Blemmer i munnen og på hendene, vil ikke spise.", "Blemmer i munnen og på hendene, vil ikkje ete."), ("Små blemmer på håndflater og fotsåler, sår på tunga.", "Små blemmer på handflater og fotsolar, sår på tunga."),
             ("Hånd-, fot- og munnsyke. Kald drikke, over på en uke.", "Hand-, fot- og munnsjuke. Kald drikke, over på ei veke.")),
    )),
    Complaint("S84", ("Brennkopper", "Brennkoppar"), (1, 10), 1.2, (
        Case(("Gule skorper rundt nesa i {d} dager, sprer seg.", "Gule skorper rundt nasa i {d} dagar, spreier seg."), ("Honninggule skorper på overleppe og kinn.", "Honninggule skorper på overleppe og kinn."), ("Vask og salve i sju dager. Hjemme fra barnehage til det er tørt.", "Vask og salve i sju dagar. Heime frå barnehage til det er tørt.")),
    )),
    Complaint("L72", ("Brudd i underarmen", "Brot i underarmen"), (3, 15), 1.2, (
        Case(("Falt fra klatrestativ, vil ikke bruke {side} arm.", "Fall frå klatrestativ, vil ikkje bruke {side} arm."), ("Hoven og øm over håndleddet, god sirkulasjon og følesans i fingrene.", "Hoven og øm over handleddet, god sirkulasjon og kjensle i fingrane."),
             ("Røntgen viser bøyningsbrudd. Gips i tre uker.", "Røntgen viser bøyingsbrot. Gips i tre veker."), refer="imaging", again=21, again_told=("Gips av. Litt stiv, ingen ømhet. Forsiktig i gymmen to uker til.", "Gips av. Litt stiv, ingen ømheit. Forsiktig i gymmen to veker til.")),
    ), urgent=True),
    Complaint("D12", ("Treg mage", "Treg mage"), (1, 10), 2, (
        Case(("Vondt i magen om kvelden, hard avføring hver tredje dag. Holder igjen.", "Vondt i magen om kvelden, hard avføring kvar tredje dag. Held att."), ("Myk mage med fylt tarm på venstre side.", "Mjuk mage med fylt tarm på venstre side."),
             ("Laktulose i to måneder, fast sittetid etter middag, stjerner på kjøleskapet.", "Laktulose i to månader, fast sitjetid etter middag, stjerner på kjøleskapet."), Drug("A06AD11", "Laktulose mikstur", ("10 ml × 1 i to måneder", "10 ml × 1 i to månader"))),
    )),
    Complaint("P22", ("Uro og vansker på skolen", "Uro og vanskar på skulen"), (6, 16), 1.5, (
        Case(("Skolen melder om uro og lite utholdenhet. Hjemme går det bedre, men leksene tar hele kvelden.", "Skulen melder om uro og lite uthald. Heime går det betre, men leksene tek heile kvelden."), ("Blid og rastløs. Syn og hørsel er undersøkt hos helsesykepleier.", "Blid og rastlaus. Syn og høyrsel er undersøkte hos helsesjukepleiar."),
             ("Innhenter opplysninger fra skole og PPT. Henviser til BUP.", "Hentar inn opplysningar frå skule og PPT. Tilviser til BUP."), refer="young mind"),
    )),
)  # fmt: skip
