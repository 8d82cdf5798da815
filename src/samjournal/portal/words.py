"""Plain words for citizens: what a test is, who a role is, why somebody looked.

The tables hold bokmål; a page asks its translator for the reader's language. No abbreviation stands alone.
hl7.org/fhir/R4/terminologies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from samjournal.ui.language import Language, marked


@dataclass(frozen=True, slots=True)
class Test:
    """A blood test or a measurement: what people call it, and what it tells in one or two sentences."""

    name: str
    meaning: str


TESTS = {
    "1988-5": Test(
        marked("Betennelse (CRP)"),
        marked("Prøven viser om kroppen arbeider med en betennelse eller en infeksjon."),
    ),
    "718-7": Test(
        marked("Blodprosent (hemoglobin)"),
        marked("Hemoglobin frakter oksygen rundt i kroppen. Lite hemoglobin kan gjøre deg sliten og tungpustet."),
    ),
    "14682-9": Test(
        marked("Nyrene (kreatinin)"),
        marked("Nyrene skiller ut kreatinin. Prøven viser hvor godt nyrene renser blodet."),
    ),
    "2823-3": Test(
        marked("Saltet kalium"),
        marked("Kalium er et salt som hjertet og musklene trenger. Noen medisiner endrer hvor mye du har."),
    ),
    "2951-2": Test(
        marked("Saltet natrium"),
        marked("Natrium er et salt som styrer hvor mye vann kroppen holder på."),
    ),
    "33762-6": Test(
        marked("Belastning på hjertet (NT-proBNP)"),
        marked("Hjertet lager mer av dette stoffet når det må arbeide hardt."),
    ),
    "59261-8": Test(
        marked("Langtidsblodsukker (HbA1c)"),
        marked("Prøven viser hvordan blodsukkeret har vært de siste to til tre månedene."),
    ),
    "3016-3": Test(
        marked("Stoffskifte (TSH)"),
        marked("Prøven viser om kroppen får for mye eller for lite stoffskiftehormon."),
    ),
    "62238-1": Test(
        marked("Nyrenes renseevne"),
        marked("Tallet er regnet ut fra prøven av nyrene, og viser omtrent hvor godt de renser blodet."),
    ),
    "6690-2": Test(
        marked("Hvite blodceller (leukocytter)"),
        marked("De hvite blodcellene er kroppens forsvar. De blir flere når kroppen arbeider med en infeksjon."),
    ),
    "20567-4": Test(
        marked("Jernlager (ferritin)"),
        marked("Prøven viser hvor mye jern kroppen har på lager."),
    ),
    "22748-8": Test(
        marked("Kolesterol (LDL)"),
        marked("Mye av dette fettstoffet over lang tid kan gi trangere blodårer."),
    ),
    "85354-9": Test(
        marked("Blodtrykk"),
        marked("Det første tallet er trykket når hjertet slår. Det andre er trykket når hjertet hviler."),
    ),
    "8867-4": Test(marked("Puls"), marked("Hvor mange ganger hjertet slår i minuttet.")),
    "8310-5": Test(marked("Temperatur"), marked("Hvor varm kroppen er.")),
    "9279-1": Test(marked("Pust"), marked("Hvor mange ganger du puster i minuttet.")),
    "59408-5": Test(marked("Oksygen i blodet"), marked("Hvor mye oksygen blodet har med seg, i prosent.")),
    "3151-8": Test(marked("Ekstra oksygen"), marked("Hvor mye oksygen du får i maske eller slange.")),
    "29463-7": Test(marked("Vekt"), marked("Hvor mye du veier.")),
    "8302-2": Test(marked("Høyde"), marked("Hvor høy du er.")),
}
BLOOD_PRESSURE, SYSTOLIC, DIASTOLIC = "85354-9", "8480-6", "8462-4"

UNITS = {
    "/min": marked("i minuttet"),
    "{beats}/min": marked("i minuttet"),
    "{breaths}/min": marked("i minuttet"),
    "L/min": marked("liter i minuttet"),
    "Cel": marked("grader"),
    "%": marked("prosent"),
    "kg": marked("kilo"),
    "cm": marked("centimeter"),
}

# The longest beginning of an ATC code that is found here decides.
USES = {
    "A02": marked("Mot sure oppstøt og magesår"),
    "A10A": marked("Insulin mot diabetes"),
    "A10B": marked("Mot diabetes"),
    "A12": marked("Tilskudd av mineraler"),
    "B01": marked("Blodfortynnende"),
    "B03": marked("Mot lav blodprosent"),
    "C01": marked("For hjertet"),
    "C01CA24": marked("Mot alvorlig allergisk reaksjon"),
    "C03": marked("Vanndrivende"),
    "C07": marked("For hjertet og blodtrykket"),
    "C08": marked("Mot høyt blodtrykk"),
    "C09": marked("For hjertet og blodtrykket"),
    "C10": marked("Mot høyt kolesterol"),
    "D07": marked("Mot kløe og eksem"),
    "G03": marked("Hormoner"),
    "H02": marked("Kortison mot betennelse"),
    "H03": marked("For stoffskiftet"),
    "J01": marked("Antibiotika mot infeksjon"),
    "M01": marked("Mot smerter og betennelse"),
    "M04": marked("Mot urinsyregikt"),
    "M05": marked("Mot beinskjørhet"),
    "N02A": marked("Mot sterke smerter"),
    "N02B": marked("Mot smerter og feber"),
    "N02C": marked("Mot migrene"),
    "N03": marked("Mot epilepsi og nervesmerter"),
    "N05B": marked("Beroligende"),
    "N05C": marked("For søvnen"),
    "N06A": marked("Mot depresjon og angst"),
    "R01": marked("For tett nese og allergi"),
    "R03": marked("For pusten"),
    "R06": marked("Mot allergi"),
}

ROLES = {
    "doctor": marked("lege"),
    "nurse": marked("sykepleier"),
    "home-nurse": marked("hjemmesykepleier"),
    "health-visitor": marked("helsesykepleier"),
    "gp": marked("fastlege"),
    "secretary": marked("helsesekretær"),
    "physiotherapist": marked("fysioterapeut"),
    "privacy-officer": marked("personvernombud"),
    "record-keeper": marked("journalansvarlig"),
    "operator": marked("drift"),
    "citizen": marked("innbygger"),
    "system": marked("datasystem"),
}

WHYS = {
    "stay": marked("Fordi du er eller har vært innlagt der."),
    "contact": marked("Fordi du har fått hjelp eller behandling av dem."),
    "appointment": marked("Fordi du har time der."),
    "referral": marked("Fordi du er henvist dit."),
    "gp-list": marked("Fordi du har fastlege der."),
    "home-care": marked("Fordi du får hjelp hjemme av dem."),
    "care-team": marked("Fordi de er med i teamet rundt deg."),
    "task": marked("Fordi de har en oppgave for deg."),
    "own-part": marked("Fordi du får en tjeneste av dem som ikke er helsehjelp."),
    "relation": marked("Fordi de har ansvar for behandling av deg."),
    "parent": marked("Som forelderen din."),
    "power-of-attorney": marked("Fordi du har gitt fullmakt til det."),
    "without-capacity": marked("Fordi en lege har bestemt at noen skal opptre for deg."),
    "next-of-kin": marked("Fordi du lar en pårørende lese deler av journalen."),
    "representation": marked("Fordi det gjelder hvem som kan opptre for deg."),
    "oversight": marked("Personvernombudet ser etter at tilgangen er riktig."),
    "decision": marked("Fordi sletting er bedt om eller bestemt."),
    "identity": marked("De passer på at journalen er din, og at du har bare én."),
    "booking": marked("De skrev uten å lese journalen din."),
    "calendar": marked("De så på timeboka si. Der står navnet ditt og når du har time."),
    "self": marked("Du så på din egen journal."),
    "system": marked("Dette gjorde et datasystem."),
}

KINDS = {
    "Patient": (marked("navn og kontaktopplysninger"),),
    "AllergyIntolerance": (marked("allergier"),),
    "Appointment": (marked("timer"),),
    "CarePlan": (marked("planer"),),
    "Communication": (marked("meldinger"),),
    "Composition": (marked("notater"),),
    "Condition": (marked("sykdommer"),),
    "Consent": (marked("samtykker"),),
    "DiagnosticReport": (marked("prøvesvar"),),
    "DocumentReference": (marked("dokumenter"),),
    "Encounter": (
        marked("opphold"),
        marked("besøk"),
    ),
    "EpisodeOfCare": (marked("hjelp hjemme"),),
    "Flag": (marked("viktige varsler"),),
    "Goal": (marked("det som er viktig for deg"),),
    "Immunization": (marked("vaksiner"),),
    "MedicationRequest": (marked("medisiner"),),
    "MedicationStatement": (marked("medisiner"),),
    "Observation": (
        marked("prøvesvar"),
        marked("målinger"),
    ),
    "Procedure": (
        marked("undersøkelser"),
        marked("behandling"),
    ),
    "RelatedPerson": (marked("pårørende"),),
    "ServiceRequest": (marked("henvisninger"),),
    "Task": (marked("oppgaver"),),
}

APPOINTMENT_STATES = {
    "proposed": marked("Foreslått, ikke bestemt ennå"),
    "pending": marked("Venter på svar"),
    "booked": marked("Avtalt"),
    "arrived": marked("Du har kommet"),
    "checked-in": marked("Du har kommet"),
    "fulfilled": marked("Gjennomført"),
    "cancelled": marked("Avlyst"),
    "noshow": marked("Ikke møtt"),
    "waitlist": marked("På venteliste"),
}

CONTACT_KINDS = {
    "IMP": marked("Innlagt"),
    "AMB": marked("Time"),
    "HH": marked("Besøk hjemme"),
    "EMER": marked("Akutt hjelp"),
    "VR": marked("Video eller telefon"),
}


def use_of(atc: str | None) -> str | None:
    """What a medicine is for, by the longest beginning of its ATC code that the table has."""
    return next((USES[atc[:n]] for n in range(len(atc), 2, -1) if atc[:n] in USES), None) if atc else None


def listed(items: Sequence[str], _: Language) -> str:
    """«a», «a og b», «a, b og c»."""
    if len(items) < 2:
        return "".join(items)
    return _("{first} og {last}", first=", ".join(items[:-1]), last=items[-1])


def kinds(types: Iterable[str], _: Language) -> list[str]:
    """What was seen, in words and each once; types the table lacks are «andre opplysninger», at the end."""
    found = list(types)
    said = dict.fromkeys(_(word) for kind in KINDS if kind in found for word in KINDS[kind])
    if any(kind not in KINDS for kind in found):
        said[_("andre opplysninger")] = None
    return list(said)


def capital(text: str) -> str:
    """The first letter made large, the rest left alone."""
    return text[:1].upper() + text[1:]
