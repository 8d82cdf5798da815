"""Synthetic identity numbers that nobody else in the demo has. skatteetaten.no/en/person/national-registry"""

from __future__ import annotations

from datetime import date
from random import Random

from samjournal.fhir.identifiers import ORGANIZATION_WEIGHTS, TENOR, serials, with_check_digits

TEMPORARY = 40
"""What a D-number adds to the day."""


def birth_number(rng: Random, born: date, *, woman: bool, used: set[str], temporary: bool = False) -> str:
    """A synthetic number, month + 80, that is not in `used`, and is added to it; `temporary`: a D-number."""
    day = born.day + (TEMPORARY if temporary else 0)
    start = f"{day:02}{born.month + TENOR:02}{born.year % 100:02}"
    fitting = [serial for serial in serials(born.year) if (serial % 2 == 0) == woman]
    first = rng.randrange(len(fitting))
    for serial in fitting[first:] + fitting[:first]:
        number = with_check_digits(f"{start}{serial:03}")
        if number is not None and number not in used:
            used.add(number)
            return number
    raise ValueError(f"Every synthetic number of {born} is taken: spread the births over more days.")


def organisation_number(position: int) -> str:
    """A number with the right check digit that no real body has: theirs begin with 8 or 9, this with 3."""
    for eight in range(31_000_000 + position * 97, 40_000_000):
        check = -sum(int(d) * w for d, w in zip(str(eight), ORGANIZATION_WEIGHTS, strict=True)) % 11
        if check != 10:
            return f"{eight}{check}"
    raise ValueError(f"No organisation number is left at position {position}.")
