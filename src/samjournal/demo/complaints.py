# ruff: noqa: E501 - sentences and table rows stay on one line
"""What brings grown-ups to the doctor for a short while. Children's complaints are in `complaints_children`."""

from __future__ import annotations

from samjournal.demo import measures as m
from samjournal.demo.complaints_children import CHILDREN
from samjournal.demo.complaints_more import MORE
from samjournal.demo.illnesses import Case, Complaint, Drug

_PENICILLIN = Drug("J01CE02", "Fenoksymetylpenicillin", ("660 mg × 4 i fem dager", "660 mg × 4 i fem dagar"))
_PENICILLIN_LONG = Drug("J01CE02", "Fenoksymetylpenicillin", ("1,3 g × 4 i sju dager", "1,3 g × 4 i sju dagar"))
_IBUPROFEN = Drug("M01AE01", "Ibuprofen", ("400 mg inntil × 3 i en uke", "400 mg inntil × 3 i ei veke"))

GROWN_UPS: tuple[Complaint, ...] = (
    Complaint("R74", ("Luftveisinfeksjon", "Luftvegsinfeksjon"), (12, 95), 9, (
        Case(("Tett nese, sår hals og vondt i kroppen i {d} dager. Testet seg for korona hjemme, negativ.", "Tett nase, sår hals og vondt i kroppen i {d} dagar. Testa seg for korona heime, negativ."),
             ("Ikke medtatt. Hals og lunger uten funn, temp. 37,2.", "Ikkje medteken. Hals og lunger utan funn, temp. 37,2."),
             ("Forkjølelse. Hvile, drikke, paracetamol ved behov.", "Forkjøling. Kvile, drikke, paracetamol ved behov.")),
        Case(("Hes og rusten i {d} dager, litt tørrhoste. Synger i kor og lurer på om det er trygt.", "Heis og rusten i {d} dagar, litt tørrhoste. Syng i kor og lurer på om det er trygt."),
             ("Rød i svelget, ingen stridor. Rene lunger.", "Raud i svelget, ingen stridor. Reine lunger."),
             ("Spare stemmen en uke. Ny time om den ikke er tilbake etter tre uker.", "Spare stemma ei veke. Ny time om ho ikkje er attende etter tre veker.")),
        Case(("Slim i halsen og hoste om morgenen etter en forkjølelse for to uker siden. I bedring, men hører piping.", "Slim i halsen og hoste om morgonen etter ei forkjøling for to veker sidan. I betring, men høyrer piping."),
             ("Noen få rallelyder som hostes bort, SpO₂ 97 %.", "Nokre få rallelydar som blir hosta bort, SpO₂ 97 %."),
             ("Etterslep av virus. Ser det an.", "Etterslep av virus. Ser det an."), crp=(3, 18), again=14,
             again_told=("Ikke mer slim. Normal lyd over lungene, trenger ikke flere kontroller.", "Ikkje meir slim. Normal lyd over lungene, treng ikkje fleire kontrollar.")),
        Case(("Hoste og snørr i {d} dager, feber de to første. Ikke tung i pusten.", "Hoste og snørr i {d} dagar, feber dei to første. Ikkje tung i pusten."),
             ("Ren over lungene, upåvirket. Temp. 37,6.", "Rein over lungene, upåverka. Temp. 37,6."),
             ("Virus. Ringer ved tung pust eller feber over fem dager.", "Virus. Ringjer ved tung pust eller feber over fem dagar."), crp=(4, 28)),
        Case(("Sår hals og tett nese siden helga. Flere på jobben har det samme.", "Sår hals og tett nase sidan helga. Fleire på jobben har det same."),
             ("Røde slimhinner uten belegg, ører uten funn. SpO₂ 98 %.", "Raude slimhinner utan belegg, øyre utan funn. SpO₂ 98 %."),
             ("Trenger ikke antibiotika. Egenmelding brukes, kommer igjen om det ikke snur på en uke.", "Treng ikkje antibiotika. Eigenmelding blir brukt, kjem att om det ikkje snur på ei veke.")),
        Case(("Hostet i {u} uker etter en forkjølelse, verst når det snakkes mye. Røyker ikke.", "Hosta i {u} veker etter ei forkjøling, verst når ein snakkar mykje. Røykjer ikkje."),
             ("Lungene er rene. PEF normal.", "Lungene er reine. PEF normal."),
             ("Tørrhoste etter virus, kan vare i to måneder. Røntgen hvis den er der om fire uker.", "Tørrhoste etter virus, kan vare i to månader. Røntgen om han er der om fire veker."), crp=(1, 6), again=28,
             again_told=("Hosten er borte siden forrige uke. Rene lunger, ingen røntgen.", "Hosten er borte sidan førre veka. Reine lunger, ikkje røntgen.")),
    ), urgent=True),
    Complaint("R81", ("Lungebetennelse", "Lungebetennelse"), (18, 95), 1.4, (
        Case(("Feber og hoste i {d} dager, i går frostanfall. Stikk i {side} side ved dyp pust.", "Feber og hoste i {d} dagar, i går frostanfall. Stikk i {side} side ved djup pust."),
             ("Knatring nederst på {side} side. Temp. 38,7, resp. 20, SpO₂ 95 %. Klar og orientert.", "Knatring nedst på {side} side. Temp. 38,7, resp. 20, SpO₂ 95 %. Klar og orientert."),
             ("Lungebetennelse, kan behandles hjemme. Penicillin i sju dager, ringer ved forverring.", "Lungebetennelse, kan behandlast heime. Penicillin i sju dagar, ringjer ved forverring."), _PENICILLIN_LONG, (78, 190), again=7,
             again_told=("Feberfri etter to døgn. Fortsatt slapp, men spiser og sover. Ren over lungene. Avslutter kuren som planlagt.", "Feberfri etter to døgn. Framleis slapp, men et og søv. Rein over lungene. Avsluttar kuren som planlagt.")),
    ), urgent=True),
    Complaint("R72", ("Halsbetennelse med streptokokker", "Halsbetennelse med streptokokkar"), (12, 45), 2, (
        Case(("Vondt i halsen i {d} dager, feber, ikke hoste. Klarer å drikke.", "Vondt i halsen i {d} dagar, feber, ikkje hoste. Klarer å drikke."),
             ("Belegg på mandlene, hovne lymfeknuter foran på halsen. Strep A positiv.", "Belegg på mandlane, hovne lymfeknutar framme på halsen. Strep A positiv."),
             ("Penicillin i fem dager. Hjemme det første døgnet.", "Penicillin i fem dagar. Heime det første døgnet."), _PENICILLIN, (30, 90)),
    ), urgent=True),
    Complaint("R75", ("Bihulebetennelse", "Biholebetennelse"), (16, 70), 1.5, (
        Case(("Forkjølet i to uker, ble bedre og så verre. Trykk over {side} kinn, vondt når hodet bøyes fram.", "Forkjølt i to veker, vart betre og så verre. Trykk over {side} kinn, vondt når hovudet blir bøygd fram."),
             ("Bankeøm over kinnet, puss fra nesegangen. Ikke feber.", "Bankeøm over kinnet, puss frå nasegangen. Ikkje feber."),
             ("Nesespray og saltvann i en uke til. Går det ikke over, vurderes penicillin.", "Nasespray og saltvatn i ei veke til. Går det ikkje over, blir penicillin vurdert."), crp=(8, 32)),
    )),
    Complaint("U71", ("Blærekatarr", "Blærekatarr"), (16, 90), 4, (
        Case(("Svir ved vannlating siden i går, må ofte. Ikke feber, ikke vondt i flankene.", "Svir ved vasslating sidan i går, må ofte. Ikkje feber, ikkje vondt i flankane."),
             ("Stiks: leukocytter 3+, nitritt positiv. Ikke bankeøm.", "Stiks: leukocyttar 3+, nitritt positiv. Ikkje bankeøm."),
             ("Pivmecillinam i tre dager. Tar kontakt hvis det ikke går over.", "Pivmecillinam i tre dagar. Tek kontakt om det ikkje går over."), Drug("J01CA08", "Pivmecillinam", ("200 mg × 3 i tre dager", "200 mg × 3 i tre dagar"))),
        Case(("Ringer: tredje blærekatarr i år, kjenner det igjen. Ikke feber.", "Ringjer: tredje blærekatarren i år, kjenner det att. Ikkje feber."),
             ("Leverte urin på laben: leukocytter 2+, blod 1+. Sendt til dyrkning.", "Leverte urin på laben: leukocyttar 2+, blod 1+. Send til dyrking."),
             ("Trimetoprim i tre dager, svar på dyrkning om to dager.", "Trimetoprim i tre dagar, svar på dyrking om to dagar."), Drug("J01EA01", "Trimetoprim", ("160 mg × 2 i tre dager", "160 mg × 2 i tre dagar"))),
    ), women_only=True),
    Complaint("L03", ("Korsryggsmerter", "Korsryggsmerter"), (18, 80), 5, (
        Case(("Det låste seg under et tungt løft i går. Ingen utstråling, kontroll på blære og tarm.", "Det låste seg ved eit tungt løft i går. Inga utstråling, kontroll på blære og tarm."),
             ("Stiv, skrår mot {side}. Normal kraft, reflekser og følesans i beina.", "Stiv, skrår mot {side}. Normal kraft, refleksar og kjensle i beina."),
             ("Holde seg i bevegelse. Trenger ikke sykmelding nå.", "Halde seg i rørsle. Treng ikkje sjukmelding no.")),
        Case(("Vondt i ryggen i {u} uker, verst om morgenen. Sitter mye.", "Vondt i ryggen i {u} veker, verst om morgonen. Sit mykje."),
             ("Fri bevegelse, trykkøm muskulatur. Lasègue negativ.", "Fri rørsle, trykkøm muskulatur. Lasègue negativ."),
             ("Gradert sykmelding 50 % i to uker, i samråd med arbeidsgiver. Fysioterapeut.", "Gradert sjukmelding 50 % i to veker, i samråd med arbeidsgivaren. Fysioterapeut."), again=15,
             again_told=("Mye bedre, sover hele natta. Tilbake i full jobb fra mandag.", "Mykje betre, søv heile natta. Tilbake i full jobb frå måndag.")),
    )),
    Complaint("L86", ("Ryggsmerter med utstråling", "Ryggsmerter med utstråling"), (22, 75), 1.6, (
        Case(("Smerter fra ryggen ut i {side} bein til foten, {u} uker. Nummen på utsiden av foten.", "Smerter frå ryggen ut i {side} bein til foten, {u} veker. Nummen på utsida av foten."),
             ("Lasègue positiv ved 40 grader. Akillesrefleks svakere på samme side. Kraft 5/5.", "Lasègue positiv ved 40 grader. Akillesrefleks svakare på same side. Kraft 5/5."),
             ("Trolig prolaps. Henviser til MR, sykmelding to uker, øyeblikkelig kontakt ved kraftsvikt.", "Truleg prolaps. Tilviser til MR, sjukmelding to veker, kontakt straks ved kraftsvikt."), _IBUPROFEN, refer="imaging"),
    )),
    Complaint("L08", ("Skuldersmerter", "Skuldersmerter"), (28, 80), 3, (
        Case(("Kjenner {side} skulder når armen løftes, mest om natta, i {u} uker. Husker ikke noe fall.", "Kjenner {side} skulder når armen blir lyft, mest om natta, i {u} veker. Hugsar ikkje noko fall."),
             ("Full bevegelse, smerte ved utoverrotasjon mot motstand. Nakken er fri.", "Full rørsle, smerte ved utoverrotasjon mot motstand. Nakken er fri."),
             ("Senebetennelse. Øvelser hjemme etter ark, vurderer fysioterapeut om seks uker.", "Senebetennelse. Øvingar heime etter ark, vurderer fysioterapeut om seks veker.")),
        Case(("Vondt i {side} skulder siden maling av huset i sommer. Får ikke ligge på den.", "Vondt i {side} skulder sidan måling av huset i sommar. Får ikkje liggje på henne."),
             ("Smertebue mellom 60 og 120 grader. Isometrisk test av supraspinatus gjør vondt, god kraft.", "Smerteboge mellom 60 og 120 grader. Isometrisk test av supraspinatus gjer vondt, god kraft."),
             ("Øvelser i tolv uker hos fysioterapeut. Sprøyte hvis det ikke går framover.", "Øvingar i tolv veker hos fysioterapeut. Sprøyte om det ikkje går framover."), again=60,
             again_told=("Halvparten så vondt, sover på sida igjen. Fortsetter øvelsene.", "Halvparten så vondt, søv på sida att. Held fram med øvingane.")),
    )),
    Complaint("L77", ("Overtråkk", "Overtråkk"), (9, 60), 2, (
        Case(("Tråkket over på {side} fot under trening i går.", "Trakka over på {side} fot under trening i går."),
             ("Hevelse foran ytre ankelknoke, kan belaste. Ikke øm over knoklene.", "Heving framfor ytre ankelkule, kan belaste. Ikkje øm over knoklane."),
             ("Ikke mistanke om brudd. Elastisk bind, hvile to dager, så bevegelse.", "Ikkje mistanke om brot. Elastisk bind, kvile to dagar, så rørsle.")),
    ), urgent=True),
    Complaint("D73", ("Omgangssyke", "Omgangssjuke"), (12, 85), 2, (
        Case(("Kastet opp i natt og har løs mage. Drikker litt, tisser. Flere i huset er syke.", "Kasta opp i natt og har laus mage. Drikk litt, tissar. Fleire i huset er sjuke."),
             ("Våken og varm, fuktig i munnen. Magen er myk.", "Vaken og varm, fuktig i munnen. Magen er mjuk."),
             ("Små slurker ofte. Ringer hvis det ikke kommer urin på åtte timer.", "Små slurkar ofte. Ringjer om det ikkje kjem urin på åtte timar.")),
    ), urgent=True),
    Complaint("D01", ("Magesmerter", "Magesmerter"), (14, 80), 2.5, (
        Case(("Vondt under høyre ribbeinsbue etter fet mat, tredje gang. Varer en time eller to.", "Vondt under høgre ribbeinsboge etter feit mat, tredje gong. Varer ein time eller to."),
             ("Lett øm under ribbeinsbuen, ikke feber eller gulsott.", "Lett øm under ribbeinsbogen, ikkje feber eller gulsott."),
             ("Mistanke om gallestein, bestiller ultralyd. Fettfattig kost så lenge.", "Mistanke om gallestein, bestiller ultralyd. Feittfattig kost så lenge."), crp=(1, 8), refer="imaging"),
        Case(("Kniper i magen til og fra i {u} uker, ingen sammenheng med mat. Avføring som før, ikke blod.", "Knip i magen til og frå i {u} veker, ingen samanheng med mat. Avføring som før, ikkje blod."),
             ("Myk og uøm, ingen oppfylninger.", "Mjuk og uøm, ingen oppfyllingar."),
             ("Ingen alarmtegn. Ser det an, fører dagbok i to uker.", "Ingen alarmteikn. Ser det an, fører dagbok i to veker."), crp=(1, 4)),
    )),
    Complaint("A04", ("Slapphet", "Slappheit"), (16, 80), 3, (
        Case(("Sliten i et par måneder, sover greit. Ikke vekttap, nattesvette eller feber.", "Sliten i eit par månader, søv greitt. Ikkje vekttap, nattesveitte eller feber."),
             ("Normal undersøkelse av hals, hjerte, lunger og mage.", "Normal undersøking av hals, hjarte, lunger og mage."),
             ("Tar blodprøver, svar på Helsenorge. Snakker om belastning og hvile.", "Tek blodprøver, svar på Helsenorge. Snakkar om belastning og kvile."), test=(m.FERRITIN, 34, 120), again=42,
             again_told=("Prøvene var fine. Har tatt ut ferie og sover mer. Avslutter.", "Prøvene var fine. Har teke ut ferie og søv meir. Avsluttar.")),
    )),
    Complaint("P06", ("Søvnvansker", "Søvnvanskar"), (20, 85), 3, (
        Case(("Våkner kl. fire og får ikke sove igjen. Mye på jobb, lite kaffe etter lunsj.", "Vaknar kl. fire og får ikkje sove att. Mykje på jobb, lite kaffi etter lunsj."),
             ("Ikke tegn til depresjon. Søvndagbok er utlevert.", "Ikkje teikn til depresjon. Søvndagbok er utlevert."),
             ("Faste tider, skjermfri time, opp av senga etter tjue minutter. Ny samtale om tre uker.", "Faste tider, skjermfri time, opp av senga etter tjue minutt. Ny samtale om tre veker."), again=22,
             again_told=("Dagboka viser seks timer de fleste netter mot fire før. Ønsker ikke tabletter.", "Dagboka viser seks timar dei fleste netter mot fire før. Ønskjer ikkje tablettar.")),
        Case(("En nær venn døde for {u} uker siden. Sover to–tre timer.", "Ein nær ven døydde for {u} veker sidan. Søv to–tre timar."),
             ("Gråter litt, er åpen om det. Spiser, har folk rundt seg.", "Græt litt, er open om det. Et, har folk rundt seg."),
             ("Sorg. Sovetablett i ti netter, så slutt. Ringer opp om to uker.", "Sorg. Sovetablett i ti netter, så slutt. Ringjer opp om to veker."), Drug("N05CF01", "Zopiklon", ("5 mg ved leggetid inntil ti netter", "5 mg ved leggetid inntil ti netter"))),
    )),
    Complaint("P02", ("Psykisk belastning", "Psykisk påkjenning"), (18, 66), 4, (
        Case(("Slitt ut etter et tungt halvår på jobb. Gråter lett, glemmer avtaler.", "Utsliten etter eit tungt halvår på jobb. Græt lett, gløymer avtalar."),
             ("Sliten, god kontakt. Ingen tegn til alvorlig depresjon, ingen tanker om å dø.", "Sliten, god kontakt. Ingen teikn til alvorleg depresjon, ingen tankar om å døy."),
             ("Sykmeldt 50 % i tre uker, dialog med leder. Ny time.", "Sjukmeld 50 % i tre veker, dialog med leiaren. Ny time."), again=20,
             again_told=("Har fått færre oppgaver og et rom å være i. Øker til 80 % fra neste uke.", "Har fått færre oppgåver og eit rom å vere i. Aukar til 80 % frå neste veke.")),
        Case(("Samlivsbrudd i vår, delt omsorg for barna. Tenker mye, sover lite de ukene barna er borte.", "Samlivsbrot i vår, delt omsorg for barna. Tenkjer mykje, søv lite dei vekene barna er borte."),
             ("Følger med, smiler når barna nevnes. MADRS 11.", "Følgjer med, smiler når barna blir nemnde. MADRS 11."),
             ("Støttesamtale. Kjenner til familievernkontoret og kommunens psykologtilbud.", "Støttesamtale. Kjenner til familievernkontoret og psykologtilbodet i kommunen.")),
    )),
)  # fmt: skip

COMPLAINTS: tuple[Complaint, ...] = (*GROWN_UPS, *MORE, *CHILDREN)
