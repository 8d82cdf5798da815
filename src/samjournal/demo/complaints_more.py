# ruff: noqa: E501 - sentences and table rows stay on one line
"""More of what brings grown-ups to the doctor: skin, eyes, ears, women's and men's health, cuts and certificates."""

from __future__ import annotations

from samjournal.demo import measures as m
from samjournal.demo.illnesses import Case, Complaint, Drug

MORE: tuple[Complaint, ...] = (
    Complaint("S18", ("Kutt", "Kutt"), (3, 75), 2, (
        Case(("Kuttet seg på glass under oppvask.", "Kutta seg på glas under oppvask."),
             ("Overfladisk kutt på 3 cm i {side} håndflate, ingen glassbiter. Bøyer alle fingre.", "Overflatisk kutt på 3 cm i {side} handflate, ingen glasbitar. Bøyer alle fingrar."),
             ("Renset og strips. Tørr bandasje i fem dager, ringer ved rødme eller puss.", "Reinsa og strips. Tørr bandasje i fem dagar, ringjer ved raudne eller puss.")),
        Case(("Skar seg på kniv for en time siden.", "Skar seg på kniv for ein time sidan."),
             ("Rent kutt på 2 cm på {side} pekefinger, god bevegelse og følesans.", "Reint kutt på 2 cm på {side} peikefinger, god rørsle og kjensle."),
             ("Skylt og lukket med tre sting. Stingene tas om ti dager. Stivkrampevaksinert.", "Skylt og lukka med tre sting. Stinga blir tekne om ti dagar. Stivkrampevaksinert.")),
        Case(("Falt på sykkel, slo opp haka mot styret.", "Fall på sykkel, slo opp haka mot styret."),
             ("Gapende sår på 3 cm under haka. Biter likt, ingen løse tenner.", "Gapande sår på 3 cm under haka. Bit likt, ingen lause tenner."),
             ("Limt etter vask. Tørt i to døgn.", "Limt etter vask. Tørt i to døgn.")),
    ), urgent=True),
    Complaint("S74", ("Fotsopp", "Fotsopp"), (12, 85), 1, (
        Case(("Kløe og sprekker mellom tærne på {side} fot.", "Kløe og sprekker mellom tærne på {side} fot."), ("Flassende hud, ingen tegn til rosen.", "Flassande hud, ingen teikn til rosen."),
             ("Reseptfri krem i fire uker, også etter at det er borte.", "Reseptfri krem i fire veker, òg etter at det er borte.")),
    )),
    Complaint("S82", ("Føflekk", "Føflekk"), (18, 85), 2, (
        Case(("En flekk på ryggen som partneren syns har vokst.", "Ein flekk på ryggen som partnaren tykkjer har vakse."), ("Jevn farge og avgrensning, 4 mm. Regelmessig i dermatoskop.", "Jamn farge og avgrensing, 4 mm. Regelmessig i dermatoskop."),
             ("Ufarlig. Bilde tatt til sammenligning.", "Ufarleg. Bilete teke til samanlikning.")),
        Case(("Flekk på {side} legg som har mørknet i sommer.", "Flekk på {side} legg som har mørkna i sommar."), ("7 mm, to farger, ujevn kant.", "7 mm, to fargar, ujamn kant."),
             ("Fjernet i lokalbedøvelse med 2 mm margin, sendt til patolog. Sting om fjorten dager.", "Fjerna i lokalbedøving med 2 mm margin, send til patolog. Sting om fjorten dagar."), again=14,
             again_told=("Svar fra patolog: dysplastisk nevus, fri i kantene. Sting tatt, pent sår.", "Svar frå patolog: dysplastisk nevus, fri i kantane. Sting tekne, pent sår.")),
    )),
    Complaint("S76", ("Rosen", "Rosen"), (40, 90), 0.8, (
        Case(("Rød og varm {side} legg siden i går, frysninger i natt.", "Raud og varm {side} legg sidan i går, frysningar i natt."), ("Skarpt avgrenset rødme 12 × 9 cm, temp. 38,2. Sprekk mellom tærne.", "Skarpt avgrensa raudne 12 × 9 cm, temp. 38,2. Sprekk mellom tærne."),
             ("Tegnet opp kanten. Penicillin i ti dager, beinet høyt. Ses i morgen hvis rødmen går over streken.", "Teikna opp kanten. Penicillin i ti dagar, beinet høgt. Ny vurdering i morgon om raudnen går over streken."),
             Drug("J01CE02", "Fenoksymetylpenicillin", ("1,3 g × 4 i ti dager", "1,3 g × 4 i ti dagar")), (42, 120)),
    ), urgent=True),
    Complaint("S70", ("Helvetesild", "Helvetseld"), (45, 90), 0.8, (
        Case(("Brenner i et belte på {side} side av brystet, så kom det blemmer i går.", "Brenn i eit belte på {side} side av brystet, så kom det blemmer i går."), ("Grupper av blemmer i ett dermatom, ikke ved øyet.", "Grupper av blemmer i eitt dermatom, ikkje ved auget."),
             ("Startet innen tre døgn: valaciklovir i sju dager.", "Starta innan tre døgn: valaciklovir i sju dagar."), Drug("J05AB11", "Valaciklovir", ("1 g × 3 i sju dager", "1 g × 3 i sju dagar"))),
    )),
    Complaint("F70", ("Øyekatarr", "Augekatarr"), (1, 70), 1.5, (
        Case(("Rødt {side} øye med puss siden i går, klistret igjen i dag tidlig.", "Raudt {side} auge med puss sidan i går, klistra att i dag tidleg."), ("Normalt syn, lik pupill, ingen smerter.", "Normalt syn, lik pupill, ingen smerter."),
             ("Vasker med lunkent vann, går over på noen dager. Ringer ved smerter eller lysskyhet.", "Vaskar med lunka vatn, går over på nokre dagar. Ringjer ved smerter eller lysskyheit.")),
    )),
    Complaint("H81", ("Ørevoks", "Øyrevoks"), (30, 95), 2, (
        Case(("Tett {side} øre etter dusj.", "Tett {side} øyre etter dusj."), ("Voksplugg skylt ut, hel trommehinne bak.", "Voksplugg skylt ut, heil trommehinne bak."), ("Hører godt igjen. Ikke bruke pinner.", "Høyrer godt att. Ikkje bruke pinnar.")),
    )),
    Complaint("N17", ("Svimmelhet", "Svimmelheit"), (35, 90), 2, (
        Case(("Rommet går rundt når kroppen snus i senga, varer et halvt minutt.", "Rommet går rundt ved snuing i senga, varer eit halvt minutt."), ("Dix-Hallpike positiv mot {side}. Ellers normal nevrologi.", "Dix-Hallpike positiv mot {side}. Elles normal nevrologi."),
             ("Krystallsyke. Epley gjort to ganger, borte etterpå.", "Krystallsjuke. Epley gjord to gonger, borte etterpå.")),
        Case(("Svart for øynene når en reiser seg, særlig om morgenen.", "Svart for auga når ein reiser seg, særleg om morgonen."), ("Blodtrykket faller 24 mmHg fra liggende til stående.", "Blodtrykket fell 24 mmHg frå liggjande til ståande."),
             ("Drikke mer, sitte på sengekanten først. Støttestrømper prøves.", "Drikke meir, sitje på sengekanten først. Støttestrømper blir prøvde.")),
    )),
    Complaint("N01", ("Hodepine", "Hovudverk"), (14, 70), 2.5, (
        Case(("Trykkende hodepine på begge sider de fleste ettermiddager i {u} uker.", "Trykkjande hovudverk på begge sider dei fleste ettermiddagar i {u} veker."), ("Stram nakke. Normal øyebunn og nevrologi.", "Stram nakke. Normal augebotn og nevrologi."),
             ("Spenningshodepine. Bryte opp arbeidet med pauser, tabletter høyst to dager i uka.", "Spenningshovudverk. Bryte opp arbeidet med pausar, tablettar høgst to dagar i veka.")),
    )),
    Complaint("K95", ("Åreknuter", "Åreknutar"), (35, 80), 1, (
        Case(("Tunge legger på kvelden, står mye i jobben.", "Tunge legger om kvelden, står mykje i jobben."), ("Slyngede årer på innsiden av {side} legg, ikke sår.", "Slyngde årer på innsida av {side} legg, ikkje sår."),
             ("Strømper på resept. Henvises ikke nå.", "Strømper på resept. Blir ikkje tilvist no.")),
    )),
    Complaint("W11", ("Prevensjon", "Prevensjon"), (16, 45), 4, (
        Case(("Ønsker prevensjonspiller. Ingen blodpropp i familien, røyker ikke, ikke migrene.", "Ønskjer prevensjonspiller. Ingen blodpropp i familien, røykjer ikkje, ikkje migrene."), ("Blodtrykk 112/68.", "Blodtrykk 112/68."),
             ("Minipille uten østrogen. Informert om blødninger de første månedene.", "Minipille utan østrogen. Informert om blødingar dei første månadene."), Drug("G03AC09", "Desogestrel", ("75 µg × 1 i tolv måneder", "75 µg × 1 i tolv månader"))),
    ), women_only=True),
    Complaint("W12", ("Spiral", "Spiral"), (20, 45), 1.5, (
        Case(("Bytte av spiral, fem år siden forrige.", "Byte av spiral, fem år sidan førre."), ("Gammel spiral ut uten vansker. Ny satt, lengde 7 cm, tråder klippet.", "Gammal spiral ut utan vanskar. Ny sett, lengd 7 cm, trådar klipte."),
             ("Kontroll om seks uker. Kjenner etter trådene selv.", "Kontroll om seks veker. Kjenner etter trådane sjølv."), again=42, again_told=("Trådene er synlige, ingen smerter.", "Trådane er synlege, ingen smerter.")),
    ), women_only=True),
    Complaint("X11", ("Overgangsplager", "Overgangsplager"), (46, 58), 4, (
        Case(("Hetetokter ti ganger i døgnet, våken om natta. Siste blødning for ni måneder siden.", "Heitetokter ti gonger i døgnet, vaken om natta. Siste bløding for ni månader sidan."), ("Blodtrykk 126/80. Bryster uten kuler.", "Blodtrykk 126/80. Bryst utan kular."),
             ("Prøver østradiol og gestagen. Kjenner til fordeler og risiko. Kontroll om tre måneder.", "Prøver østradiol og gestagen. Kjenner til fordelar og risiko. Kontroll om tre månader."),
             Drug("G03FA01", "Østradiol og noretisteron", ("1 tablett × 1", "1 tablett × 1")), again=90, again_told=("Sover gjennom, to hetetokter om dagen. Fortsetter.", "Søv gjennom, to heitetokter om dagen. Held fram.")),
    ), women_only=True),
    Complaint("Y06", ("Plager fra prostata", "Plager frå prostata"), (50, 80), 1.5, (
        Case(("Må ofte, svak stråle. Bekymret for kreft, faren hadde det.", "Må ofte, svak stråle. Uroleg for kreft, faren hadde det."), ("Prostata glatt, litt stor. Urinstiks uten funn.", "Prostata glatt, litt stor. Urinstiks utan funn."),
             ("PSA tatt etter samtale om fordeler og ulemper.", "PSA teken etter samtale om fordelar og ulemper."), test=(m.PSA, 0.6, 2.9)),
    ), men_only=True),
    Complaint("K04", ("Hjertebank", "Hjartebank"), (18, 60), 1.5, (
        Case(("Ekstraslag om kvelden, ingen besvimelse. Drikker seks kopper kaffe.", "Ekstraslag om kvelden, inga svimeslåing. Drikk seks koppar kaffi."), ("EKG: sinusrytme 68, to ventrikulære ekstraslag.", "EKG: sinusrytme 68, to ventrikulære ekstraslag."),
             ("Ufarlige ekstraslag. Mindre kaffe, døgn-EKG hvis det øker.", "Ufarlege ekstraslag. Mindre kaffi, døgn-EKG om det aukar."), test=(m.TSH, 0.9, 3.4)),
    )),
    Complaint("A97", ("Attest", "Attest"), (16, 88), 3, (
        Case(("Helseattest for førerkort.", "Helseattest for førarkort."), ("Syn med briller 1,0 på begge øyne, normalt synsfelt. Ingen sykdom av betydning for kjøring.", "Syn med briller 1,0 på begge auge, normalt synsfelt. Ingen sjukdom av noko å seie for køyring."),
             ("Attest utstedt.", "Attest skriven ut."), unless=frozenset({"K90", "N87", "N88", "P70"})),
        Case(("Skal på reise til Vietnam i tre uker.", "Skal på reise til Vietnam i tre veker."), ("Vaksinekortet er gjennomgått.", "Vaksinekortet er gjennomgått."), ("Hepatitt A anbefales, råd om myggstikk og mat.", "Hepatitt A er tilrådd, råd om myggstikk og mat."), unless=frozenset({"K77", "N87", "P70", "R95"}), until=76),
    )),
)  # fmt: skip
