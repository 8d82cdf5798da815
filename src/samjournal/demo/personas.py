"""The twelve people that demo, documentation, tests and pictures use alike."""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.accounts import Account, RoleAt


@dataclass(frozen=True, slots=True)
class Persona(Account):
    """An account with a story, told in the three languages on the sign-in page and in the documentation.

    `acts_for`: patients that a citizen represents, such as own children.
    """

    acts_for: tuple[str, ...] = ()
    title_nb: str = ""
    title_nn: str = ""
    title_en: str = ""
    blurb_nb: str = ""
    blurb_nn: str = ""
    blurb_en: str = ""


UNIT_NAMES = {
    "medisin-3": "Medisin 3, Sykehuset Levanger",
    "legevakt": "Innherred legevakt",
    "egge-hjemmesykepleie": "Egge hjemmesykepleie",
    "furutoppen-legesenter": "Furutoppen legesenter",
    "helse-nord-trondelag": "Helse Nord-Trøndelag HF",
    "ergo-fysio": "Fysio- og ergoterapi, Sykehuset Levanger",
    "steinkjer-helsestasjon": "Steinkjer helsestasjon",
}
"""The units of the personas; `units` has all units and takes these names from here."""


def at(login: str, code: str, organization_id: str, unit_name: str | None = None) -> RoleAt:
    """A role with the id that its PractitionerRole has everywhere in the demo."""
    name = unit_name or UNIT_NAMES[organization_id]
    return RoleAt(code, organization_id, f"{login}-{code}-{organization_id}", name)


CITIZEN = RoleAt("citizen", "", "", "")

PERSONAS: tuple[Persona, ...] = (
    Persona(
        login="solveig",
        name="Solveig Haugan",
        kind="staff",
        roles=(at("solveig", "home-nurse", "egge-hjemmesykepleie"),),
        practitioner_id="solveig",
        title_nb="Hjemmesykepleier",
        title_nn="Heimesjukepleiar",
        title_en="Home nurse",
        blurb_nb="Kjører rundt til brukerne på Egge. Måler, observerer og skriver, og ser hva sykehuset har gjort.",
        blurb_nn="Køyrer rundt til brukarane på Egge. Måler, observerer og skriv, og ser kva sjukehuset har gjort.",
        blurb_en="Drives from home to home in Egge. Measures, observes and writes, and sees what the hospital did.",
    ),
    Persona(
        login="henrik",
        name="Henrik Aasen",
        kind="staff",
        roles=(at("henrik", "doctor", "medisin-3"), at("henrik", "doctor", "legevakt")),
        practitioner_id="henrik",
        title_nb="Sykehuslege",
        title_nn="Sjukehuslege",
        title_en="Hospital doctor",
        blurb_nb="Lege på Medisin 3 om dagen, noen kvelder på legevakta. To roller, én aktiv om gangen.",
        blurb_nn="Lege på Medisin 3 om dagen, somme kveldar på legevakta. To roller, éi aktiv om gongen.",
        blurb_en="Doctor at Medisin 3 by day, out of hours on some evenings. Two roles, one active at a time.",
    ),
    Persona(
        login="ayla",
        name="Ayla Demir",
        kind="staff",
        roles=(at("ayla", "nurse", "medisin-3"),),
        practitioner_id="ayla",
        title_nb="Sykepleier på sengepost",
        title_nn="Sjukepleiar på sengepost",
        title_en="Ward nurse",
        blurb_nb="Følger pasientene på Medisin 3 gjennom vakten: målinger, plan og beskjeder til kommunen.",
        blurb_nn="Følgjer pasientane på Medisin 3 gjennom vakta: målingar, plan og beskjedar til kommunen.",
        blurb_en="Follows the patients at Medisin 3 through the shift: measurements, plan, word to the municipality.",
    ),
    Persona(
        login="turid",
        name="Turid Nesset",
        kind="staff",
        roles=(at("turid", "secretary", "medisin-3"),),
        practitioner_id="turid",
        title_nb="Helsesekretær",
        title_nn="Helsesekretær",
        title_en="Medical secretary",
        blurb_nb="Holder orden på timer, henvisninger og brev for Medisin 3. Å bestille time åpner ingen journal.",
        blurb_nn="Held orden på timar, tilvisingar og brev for Medisin 3. Å bestille time opnar ingen journal.",
        blurb_en="Keeps appointments, referrals and letters of Medisin 3 in order. Booking opens no record.",
    ),
    Persona(
        login="magnus",
        name="Magnus Rian",
        kind="staff",
        roles=(at("magnus", "gp", "furutoppen-legesenter"),),
        practitioner_id="magnus",
        title_nb="Fastlege",
        title_nn="Fastlege",
        title_en="General practitioner",
        blurb_nb="Har kjent mange av pasientene på lista si i tjue år. Leser det samme som sykehuset, med en gang.",
        blurb_nn="Har kjent mange av pasientane på lista si i tjue år. Les det same som sjukehuset, med ein gong.",
        blurb_en="Has known many of the patients on his list for twenty years. Reads what the hospital reads, at once.",
    ),
    Persona(
        login="live",
        name="Live Tverås",
        kind="staff",
        roles=(at("live", "physiotherapist", "ergo-fysio"),),
        practitioner_id="live",
        title_nb="Fysioterapeut",
        title_nn="Fysioterapeut",
        title_en="Physiotherapist",
        blurb_nb="Får folk opp av senga på alle postene. Ser mål, forsiktighetsregler og hva som ble gjort sist.",
        blurb_nn="Får folk opp av senga på alle postane. Ser mål, reglar for varsemd og kva som vart gjort sist.",
        blurb_en="Gets people out of bed on every ward. Sees aims, what to heed, and what was done last.",
    ),
    Persona(
        login="silje",
        name="Silje Rannem",
        kind="staff",
        roles=(at("silje", "health-visitor", "steinkjer-helsestasjon"),),
        practitioner_id="silje",
        title_nb="Helsesykepleier",
        title_nn="Helsesjukepleiar",
        title_en="Health visitor",
        blurb_nb="Følger barna i Steinkjer fra de er nyfødte. Vekst, vaksiner og familien først.",
        blurb_nn="Følgjer barna i Steinkjer frå dei er nyfødde. Vekst, vaksinar og familien først.",
        blurb_en="Follows the children of Steinkjer from birth. Growth, vaccines and the family first.",
    ),
    Persona(
        login="berit",
        name="Berit Hegstad",
        kind="staff",
        roles=(at("berit", "privacy-officer", "helse-nord-trondelag"),),
        practitioner_id="berit",
        title_nb="Personvernombud",
        title_nn="Personvernombod",
        title_en="Privacy officer",
        blurb_nb="Svarer for hvem som kan lese, og hvem som har lest. Åpner ingen journal selv.",
        blurb_nn="Svarar for kven som kan lese, og kven som har lese. Opnar ingen journal sjølv.",
        blurb_en="Answers for who can read and who has read. Opens no record herself.",
    ),
    Persona(
        login="gerd",
        name="Gerd Lian",
        kind="staff",
        roles=(at("gerd", "record-keeper", "helse-nord-trondelag"),),
        practitioner_id="gerd",
        title_nb="Journalansvarlig",
        title_nn="Journalansvarleg",
        title_en="Record keeper",
        blurb_nb="Passer på at hver person har én journal. Ser hvem folk er, og ikke hva de feiler.",
        blurb_nn="Passar på at kvar person har éin journal. Ser kven folk er, og ikkje kva dei feilar.",
        blurb_en="Sees to it that each person has one record. Sees who people are, and not what ails them.",
    ),
    Persona(
        login="odd",
        name="Odd Hammer",
        kind="staff",
        roles=(at("odd", "operator", "helse-nord-trondelag"),),
        practitioner_id="odd",
        title_nb="Drift",
        title_nn="Drift",
        title_en="Operations",
        blurb_nb="Passer på forbindelsene til andre: hva venter, hva stoppet, og hvorfor. Ser ingen pasienter.",
        blurb_nn="Passar på sambanda til andre: kva ventar, kva stoppa, og kvifor. Ser ingen pasientar.",
        blurb_en="Looks after the connections to others: what waits, what stopped, and why. Sees no patients.",
    ),
    Persona(
        login="ragnhild",
        name="Ragnhild Solbakk",
        kind="citizen",
        roles=(CITIZEN,),
        patient_id="ragnhild",
        title_nb="Innbygger med lang sykdom",
        title_nn="Innbyggjar med lang sjukdom",
        title_en="Citizen with a long illness",
        blurb_nb="78 år, med hjertesvikt, kols og diabetes. Ligger på Medisin 3 nå og vil hjem til katten.",
        blurb_nn="78 år, med hjartesvikt, kols og diabetes. Ligg på Medisin 3 no og vil heim til katten.",
        blurb_en="78 years, with heart failure, COPD and diabetes. In Medisin 3 now, and wants home to her cat.",
    ),
    Persona(
        login="mina",
        name="Mina Vikan",
        kind="citizen",
        roles=(CITIZEN,),
        patient_id="mina",
        acts_for=("odin",),
        title_nb="Mor til Odin (7)",
        title_nn="Mor til Odin (7)",
        title_en="Mother of Odin (7)",
        blurb_nb="Passer timer, vaksiner og astmaplan for Odin, og sin egen helse når det blir tid.",
        blurb_nn="Passar timar, vaksinar og astmaplan for Odin, og si eiga helse når det blir tid.",
        blurb_en="Minds appointments, vaccines and the asthma plan for Odin, and her own health when there is time.",
    ),
    Persona(
        login="elias",
        name="Elias Moe",
        kind="citizen",
        roles=(CITIZEN,),
        patient_id="elias",
        title_nb="Innbygger med fortrolig adresse",
        title_nn="Innbyggjar med fortruleg adresse",
        title_en="Citizen with a confidential address",
        blurb_nb="Har fortrolig adresse. Ingen skal se hvor han bor, heller ikke av det som står mellom linjene.",
        blurb_nn="Har fortruleg adresse. Ingen skal sjå kvar han bur, heller ikkje av det som står mellom linjene.",
        blurb_en="Has a confidential address. Nobody may see where he lives, nor guess it from what else is shown.",
    ),
)


def persona(login: str) -> Persona:
    """The persona with this login; LookupError when there is none."""
    for found in PERSONAS:
        if found.login == login:
            return found
    raise LookupError(f"There is no persona {login!r}: choose one of {', '.join(p.login for p in PERSONAS)}.")
