# ruff: noqa: E501 - sentences and table rows stay on one line
"""Where people live: postal places of six municipalities, and street names that many villages have."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from samjournal.demo.people import Home


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality as the demo fills it; `share` of the inhabitants live there."""

    code: str
    name: str
    share: float
    towns: tuple[tuple[str, str], ...]
    language: str = "nb"


PLACES = (
    Place("5006", "Steinkjer", 0.48, (("7713", "Steinkjer"), ("7715", "Steinkjer"), ("7725", "Steinkjer"), ("7730", "Beitstad"))),
    Place("5038", "Verdal", 0.20, (("7650", "Verdal"), ("7656", "Verdal"))),
    Place("5053", "Inderøy", 0.10, (("7670", "Inderøy"), ("7671", "Inderøy"))),
    Place("5041", "Snåsa", 0.05, (("7760", "Snåsa"),)),
    Place("1520", "Ørsta", 0.10, (("6150", "Ørsta"), ("6151", "Ørsta")), "nn"),
    Place("1566", "Surnadal", 0.07, (("6650", "Surnadal"), ("6652", "Surnadal")), "nn"),
)  # fmt: skip

_STREETS = [
    "Granlia",
    "Fjordvegen",
    "Kirkevegen",
    "Nergata",
    "Bakkegata",
    "Solbakken",
    "Skogvegen",
    "Bjørkevegen",
    "Elvegata",
    "Rognvegen",
    "Storgata",
    "Åsvegen",
    "Furuvegen",
    "Stasjonsvegen",
    "Myrvegen",
    "Lerkevegen",
    "Haugvegen",
    "Sjøgata",
    "Skolevegen",
    "Moavegen",
    "Lyngvegen",
    "Tunvegen",
    "Blåklokkevegen",
]


def place(rng: Random) -> Place:
    """A municipality, by its share."""
    return rng.choices(PLACES, [found.share for found in PLACES])[0]


def home(rng: Random, at: Place) -> Home:
    """An address in a municipality."""
    postal_code, town = rng.choice(at.towns)
    letter = rng.choice(("", "", "", "", "A", "B"))
    return Home(f"{rng.choice(_STREETS)} {rng.randint(1, 88)}{letter}", postal_code, town, at.name, at.code)
