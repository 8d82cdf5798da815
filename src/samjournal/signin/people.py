"""The made-up people one can be in a demo: who they are, what they do, and what to try as each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from samjournal.ui.language import Language, marked


class Role(Protocol):
    """A role at a unit, as accounts and personas have it."""

    @property
    def unit_name(self) -> str: ...


class Person(Protocol):
    """Somebody who can sign in: what the page needs of a persona."""

    @property
    def login(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...


TRY: Final = {
    "solveig": marked("Åpne Ragnhild Solbakk og skriv inn et blodtrykk. Legen på sykehuset ser det med en gang."),
    "henrik": marked("Velg en av de to rollene. Se hva hjemmesykepleien målte i dag, og skriv et kort notat."),
    "ayla": marked("Se hva Ragnhild trenger på vakta nå, og hva hun har hjemme av hjelp."),
    "turid": marked("Finn timer og henvisninger for posten. Prøv å åpne noen du ikke har noe med å gjøre."),
    "magnus": marked("Les om oppholdet til Ragnhild mens hun ennå er innlagt, uten å vente på brev."),
    "live": marked("Åpne Ragnhild: mål og det du må ta hensyn til, står først. Alt annet står der det pleier."),
    "silje": marked("Åpne Odin: vekst, vaksiner og familie står først."),
    "berit": marked("Se hva som venter på gjennomgang, og spør hvorfor Ayla kan lese journalen til Ragnhild."),
    "odd": marked("Se hvilke forbindelser som står, og send på nytt det som stoppet."),
    "gerd": marked("Søk opp noen, og se hvem andre som ligner. Avgjør om to journaler er samme person."),
    "ragnhild": marked("Se neste time, svar og medisiner, og hvem som har lest journalen din."),
    "mina": marked("Se timer, svar og medisiner slik en småbarnsmor ser dem."),
    "elias": marked("Se din egen journal. Søk så opp Elias som ansatt: adressen er skjult for de fleste."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One person on the sign-in page."""

    login: str
    name: str
    initials: str
    title: str
    units: tuple[str, ...]
    about: str
    attempt: str


def cards(people: Iterable[Person], kind: str, _: Language) -> list[Card]:
    """The people of one kind, in the order they are told about."""
    return [card(person, _) for person in people if person.kind == kind]


def card(person: Person, _: Language) -> Card:
    """One person in the reader's language; a person without a story is shown by name and unit."""
    roles: tuple[Role, ...] = getattr(person, "roles", ())
    parts = person.name.split()
    return Card(
        login=person.login,
        name=person.name,
        initials=(parts[0][0] + parts[-1][0]).upper() if parts else "",
        title=_told(person, "title", _),
        units=tuple(dict.fromkeys(role.unit_name for role in roles if role.unit_name)),
        about=_told(person, "blurb", _),
        attempt=_(TRY[person.login]) if person.login in TRY else "",
    )


def _told(person: Person, what: str, _: Language) -> str:
    return str(getattr(person, f"{what}_{_.code}", "") or getattr(person, f"{what}_nb", ""))
