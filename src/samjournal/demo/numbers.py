"""Synthetic identity numbers: month + 80, with valid check digits, as the national test population has them."""

from __future__ import annotations

from datetime import date
from random import Random

FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
DNR = "urn:oid:2.16.578.1.12.4.1.4.2"
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
ORGNR = "urn:oid:2.16.578.1.12.4.1.4.101"

_FIRST = (3, 7, 6, 1, 8, 9, 4, 5, 2)
_SECOND = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
_ORGANISATION = (3, 2, 7, 6, 5, 4, 3, 2)


def birth_number(rng: Random, born: date, *, woman: bool, used: set[str], temporary: bool = False) -> str:
    """A synthetic number that nobody in `used` has, and which is added to it; `temporary` makes a D-number."""
    day = born.day + (40 if temporary else 0)
    start = f"{day:02}{born.month + 80:02}{born.year % 100:02}"
    low, high = (0, 499) if born.year < 2000 else (500, 999)
    first = rng.randint(low, high)
    for step in range(high - low + 1):
        individual = low + (first - low + step) % (high - low + 1)
        number = with_check_digits(f"{start}{individual:03}")
        if (individual % 2 == 0) == woman and number is not None and number not in used:
            used.add(number)
            return number
    raise ValueError(f"Every synthetic number of {born} is taken: spread the births over more days.")


def with_check_digits(nine: str) -> str | None:
    """The eleven digits that begin with these nine, or None when the rules give none."""
    first = _remainder(nine, _FIRST)
    if first == 10:
        return None
    second = _remainder(f"{nine}{first}", _SECOND)
    return None if second == 10 else f"{nine}{first}{second}"


def organisation_number(position: int) -> str:
    """A valid organisation number in the range that is kept for synthetic units (it begins with 3)."""
    for eight in range(31000000 + position * 97, 39999999):
        check = _remainder(str(eight), _ORGANISATION)
        if check != 10:
            return f"{eight}{check}"
    raise ValueError(f"No organisation number is left at position {position}.")


def _remainder(digits: str, weights: tuple[int, ...]) -> int:
    return -sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True)) % 11
