"""Synthetic identity numbers that nobody else in the demo has. skatteetaten.no/en/person/national-registry"""

from __future__ import annotations

from datetime import date
from functools import cache
from hashlib import blake2b
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


def organisation_number(name: str) -> str:
    """A number with the right check digit that no real body has: theirs begin with 8 or 9, this with 3."""
    start = _spread(name, 9_000_000)
    for step in range(10):
        eight = 31_000_000 + (start + step) % 9_000_000
        check = -sum(int(d) * w for d, w in zip(str(eight), ORGANIZATION_WEIGHTS, strict=True)) % 11
        if check != 10:
            return f"{eight}{check}"
    raise AssertionError


def professional_number(login: str) -> str:
    """An HPR number: nine digits, which no real one has yet. The 4 is there since with it no two of them meet."""
    return str(100_000_000 + _spread(f"hpr 4 {login}", 900_000_000))


def _spread(name: str, count: int) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest()) % count


class Numbers:
    """Birth numbers in order of asking, none of them twice: a count for each birth date and sex is all it keeps."""

    def __init__(self, taken: set[str]) -> None:
        self._taken = taken
        self._given: dict[tuple[date, bool, bool], int] = {}

    def take(self, born: date, *, woman: bool, temporary: bool = False) -> str:
        """The next number of somebody born that day."""
        key = (born, woman, temporary)
        for step in range(self._given.get(key, 0), 250):
            serial = _fitting(born.year, woman)[(born.toordinal() * 131 + step * 77) % 250]
            day = born.day + (TEMPORARY if temporary else 0)
            number = with_check_digits(f"{day:02}{born.month + TENOR:02}{born.year % 100:02}{serial:03}")
            if number is not None and number not in self._taken:
                self._given[key] = step + 1
                return number
        raise ValueError(f"Every synthetic number of {born} is taken: spread the births over more days.")


@cache
def _fitting(year: int, woman: bool) -> list[int]:
    return [serial for serial in serials(year) if (serial % 2 == 0) == woman]
