# ruff: noqa: E501 - lists of words stay as they are
"""Where people live: municipalities by their share, postal towns, and street names that many villages have."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random

from samjournal.demo.municipalities import FOCUS, Municipality, municipalities, total
from samjournal.demo.names import words
from samjournal.demo.people import Home
from samjournal.demo.unit import Unit
from samjournal.demo.units import serving, units_in


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality of a region of so many inhabitants; `language` is what it writes."""

    code: str
    name: str
    towns: tuple[tuple[str, str], ...]
    language: str = "nb"
    region: int = 0

    def units(self, what: str) -> tuple[Unit, ...]:
        """Its units of a kind, in bokmål, such as "Fastlegekontor", "Hjemmesykepleie" or "Sykehjemsavdeling"."""
        return units_in(self.code, what, self.region)

    @property
    def hospital(self) -> Unit:
        """The hospital for those who live here."""
        return serving(self.code, self.region)[0]

    @property
    def out_of_hours(self) -> Unit:
        """The out-of-hours clinic for those who live here."""
        return serving(self.code, self.region)[1]


@cache
def places(region: int = 0) -> tuple[Place, ...]:
    """Every municipality, Steinkjer first."""
    return tuple(_place(found, region) for found in municipalities().values())


def _place(of: Municipality, region: int) -> Place:
    return Place(of.number, of.name, of.towns, "nn" if of.nynorsk else "nb", region)


PLACES = places()
"""The municipalities of the smallest region."""

_STREETS = words(
    "Granlia Fjordvegen Kirkevegen Nergata Bakkegata Solbakken Skogvegen Bjørkevegen Elvegata Rognvegen Storgata Åsvegen "
    "Furuvegen Stasjonsvegen Myrvegen Lerkevegen Haugvegen Sjøgata Skolevegen Moavegen Lyngvegen Tunvegen Blåklokkevegen "
    "Strandvegen Hagavegen Kvernvegen Prestegårdsvegen Nyvegen Gamlevegen Øvregata Nordlia Vestlia Sørlia Brattbakken "
    "Trollvegen Orrevegen Tiurvegen Rypevegen Konvallvegen Hasselvegen Ospevegen Heggvegen Einervegen Multevegen Bekkevegen "
    "Fossevegen Bruvegen Kaivegen Fiskargata Smedvegen Meierivegen Ringvegen Parkvegen Torggata Idrettsvegen Vårvegen"
)


def place(rng: Random, *, early: bool, region: int = 0) -> Place:
    """A municipality by its share; the first inhabitants of any region live mostly where the personas do."""
    return rng.choices(places(region), cum_weights=_shares(early))[0]


@cache
def _shares(early: bool) -> list[float]:
    rest = 1 - sum(FOCUS.values())
    shares = [found.inhabitants / total() for found in municipalities().values()]
    if early:
        shares = [FOCUS.get(code, 0.0) + rest * share for code, share in zip(municipalities(), shares, strict=True)]
    return list(accumulate(shares))


def home(rng: Random, at: Place) -> Home:
    """An address in a municipality."""
    postal_code, town = rng.choice(at.towns)
    letter = rng.choice(("", "", "", "", "A", "B"))
    street = rng.choice(_STREETS)
    return Home(f"{street} {rng.randint(1, 88)}{letter}", postal_code, town, at.name, at.code)
