"""What a person is told who was not signed in by a provider: what happened, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from samjournal.openid import Away, Declined, Problem, Unproven
from samjournal.ui.language import marked

CANCELLED: Final = frozenset({"access_denied", "user_cancelled", "consent_required", "interaction_required"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way in which nobody was signed in. `{provider}` in the words is what people call the provider; `leaves`: the
    provider knows who is there, and would say the same again until he leaves it too."""

    status: int
    title: str
    happened: str
    next: str
    again: bool = True
    leaves: bool = False


AWAY: Final = Outcome(
    424,
    marked("{provider} svarer ikke akkurat nå"),
    marked("Vi fikk ikke kontakt med {provider}, som viser oss hvem du er. Ingen er logget inn."),
    marked("Vent et minutt og prøv igjen. Haster det, så ring behandlingsstedet. Ved fare for liv: ring 113."),
)
CANCELLED_BY_USER: Final = Outcome(
    200,
    marked("Du avbrøt innloggingen"),
    marked("Du kom tilbake fra {provider} uten å logge inn."),
    marked("Vil du logge inn likevel, så prøv igjen."),
)
DECLINED: Final = Outcome(
    403,
    marked("{provider} logget deg ikke inn"),
    marked("{provider} sa nei, og grunnen er skrevet i driftsloggen. Ingen er logget inn."),
    marked("Prøv igjen. Skjer det flere ganger, ring brukerstøtte."),
)
UNPROVEN: Final = Outcome(
    403,
    marked("Vi kunne ikke stole på svaret"),
    marked("Svaret som kom fra {provider}, stemte ikke. For sikkerhets skyld er ingen logget inn."),
    marked("Prøv igjen fra denne siden, ikke fra en lenke du har fått. Skjer det igjen, ring brukerstøtte."),
)
LEVEL: Final = Outcome(
    403,
    marked("Du må logge inn på et høyere nivå"),
    marked("Helseopplysninger krever det høyeste sikkerhetsnivået, og måten du logget inn på, er lavere."),
    marked("Prøv igjen, og velg BankID, Buypass eller Commfides."),
    leaves=True,
)
STALE: Final = Outcome(
    400,
    marked("Innloggingen er gammel eller brukt"),
    marked("Det gikk mer enn ti minutter, siden ble lastet på nytt, eller den ble begynt i en annen nettleser."),
    marked("Begynn på nytt her."),
)
ANOTHER: Final = Outcome(
    403,
    marked("Det var en annen enn du som logget inn"),
    marked("{provider} fortalte om en annen person enn den som er logget inn her. Ingenting er endret."),
    marked("Logg ut her før en annen logger inn."),
    leaves=True,
)
REFUSED: Final = {
    "no-number": Outcome(
        403,
        marked("Vi fant ikke noe fødselsnummer eller D-nummer"),
        marked("{provider} fortalte hvem du er, men ikke nummeret som journalen din står under."),
        marked("Har du et norsk nummer, så prøv igjen med BankID. Har du ikke, så ring behandlingsstedet ditt."),
        leaves=True,
    ),
    "unknown": Outcome(
        403,
        marked("Du har ingen journal her ennå"),
        marked("Ingen journal i regionen står under nummeret ditt. Den blir til når du får hjelp her første gang."),
        marked("Har du fått hjelp her, så ring stedet og be dem se på nummeret ditt."),
        leaves=True,
    ),
    "several": Outcome(
        403,
        marked("Nummeret ditt står flere steder"),
        marked("Vi vet ikke sikkert hvilken som er din, og viser derfor ingen."),
        marked("Ring behandlingsstedet eller brukerstøtte, så retter de det."),
        leaves=True,
    ),
    "closed": Outcome(
        403,
        marked("Innloggingen din er stengt"),
        marked("Noen som har ansvar for journalen, har stengt den."),
        marked("Ring behandlingsstedet og spør hvorfor."),
        leaves=True,
    ),
    "dead": Outcome(
        403,
        marked("Innloggingen er stengt"),
        marked("Personen er registrert som død, og da logger ingen inn som ham eller henne."),
        marked("Er det feil, så ta kontakt med behandlingsstedet."),
        leaves=True,
    ),
    "young": Outcome(
        403,
        marked("Du er for ung til å logge inn selv"),
        marked("Før du fyller 16 år, ser foreldrene dine journalen din, med mindre de har sagt ja til at du ser den."),
        marked("Snakk med foreldrene dine, eller ring behandlingsstedet."),
        leaves=True,
    ),
    "no-account": Outcome(
        403,
        marked("Du har ikke tilgang til Samjournal ennå"),
        marked("{provider} fortalte hvem du er, men ingen har gitt deg en rolle her."),
        marked("Lederen din bestiller tilgang der dere bestiller andre tilganger. Den virker så snart den er gitt."),
        leaves=True,
    ),
    "no-role": Outcome(
        403,
        marked("Du har ingen rolle i den virksomheten du valgte"),
        marked("Du er kjent her, men ikke for virksomheten som du valgte hos {provider}."),
        marked("Logg inn på nytt og velg en annen, eller be lederen din der om tilgang."),
        leaves=True,
    ),
}


def of(error: Problem) -> Outcome:
    """What somebody is told of what a provider answered, or did not."""
    if isinstance(error, Away):
        return AWAY
    if isinstance(error, Declined):
        return CANCELLED_BY_USER if error.code in CANCELLED else DECLINED
    return LEVEL if isinstance(error, Unproven) and error.is_level else UNPROVEN
