"""Norwegian numbers of people, professionals and organisations. skatteetaten.no/en/person/national-registry

    read(value) -> PersonNumber | None        11 digits of a known form with right check digits, or None
    PersonNumber(value, kind, synthetic, rule)   kind: "fnr" | "dnr" | "fhn" | "hnr"; rule: "today" | "2032"
    with_check_digits(nine, *, rule="today") -> str | None   the 11 digits; None where there are none
    serials(year) -> range                    the serials of a birth year; odd for men, even for women
    synthetic(birth, serial) -> str | None    a made-up birth number, month + 80; None: try the next serial
    birth_date(number) -> date | None         what today's numbers tell of the birth date; D-numbers too
    is_organization_number(value), is_hpr_number(value) -> bool
    spaced(value) -> str                      "131169 00216", "987 654 321"; other text as it is
    age(birth, on) -> int                     whole years; birth is a date or a FHIR date ("1948", "1948-03")
    FNR, DNR, FHN, HPR, ORGANIZATION, HER     identifier systems; SYSTEMS by kind

From 2032 on the first check digit may leave a remainder of 0, 1, 2 or 3, and new numbers tell neither sex nor
century: read both from the register. Numbers that fail are kept as given, marked, never dropped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

FNR = "urn:oid:2.16.578.1.12.4.1.4.1"
DNR = "urn:oid:2.16.578.1.12.4.1.4.2"
FHN = "urn:oid:2.16.578.1.12.4.1.4.3"
HPR = "urn:oid:2.16.578.1.12.4.1.4.4"
ORGANIZATION = "urn:oid:2.16.578.1.12.4.1.4.101"
HER = "urn:oid:2.16.578.1.12.4.1.2"
HNR = "HNR"

Kind = Literal["fnr", "dnr", "fhn", "hnr"]
Rule = Literal["today", "2032"]
SYSTEMS: dict[Kind, str] = {"fnr": FNR, "dnr": DNR, "fhn": FHN, "hnr": HNR}
FIRST_WEIGHTS = (3, 7, 6, 1, 8, 9, 4, 5, 2)
SECOND_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
ORGANIZATION_WEIGHTS = (3, 2, 7, 6, 5, 4, 3, 2)
TENOR, NHN, LOCAL = 80, 65, 40
ELEVEN = re.compile(r"[0-9]{11}")


@dataclass(frozen=True, slots=True)
class PersonNumber:
    """A number of known form with right check digits. A month + 40 is an H-number, or NAV's test people."""

    value: str
    kind: Kind
    synthetic: bool
    rule: Rule


def read(value: str) -> PersonNumber | None:
    """The number, if it is one: spaces are allowed for, wrong check digits are not."""
    digits = value.replace(" ", "")
    if not ELEVEN.fullmatch(digits):
        return None
    form = _form(digits)
    rule = _rule(digits)
    if form is None or rule is None:
        return None
    return PersonNumber(digits, form[0], form[1], rule)


def with_check_digits(nine: str, *, rule: Rule = "today") -> str | None:
    """The nine digits with their two check digits; None where no first check digit fits."""
    first = -_sum(nine, FIRST_WEIGHTS) % 11
    if first == 10 and rule == "2032":
        first = 0
    if first == 10:
        return None
    ten = nine + str(first)
    second = -_sum(ten, SECOND_WEIGHTS) % 11
    return None if second == 10 else ten + str(second)


def synthetic(birth: date, serial: int) -> str | None:
    """A birth number that no real person has (month + 80). The serial must fit the century: `serials`."""
    return with_check_digits(f"{birth.day:02}{birth.month + TENOR:02}{birth.year % 100:02}{serial:03}")


def serials(year: int) -> range:
    """The serial numbers that today's birth numbers use for a year of birth; odd for men, even for women."""
    if 1900 <= year <= 1999:
        return range(500)
    if 2000 <= year <= 2039:
        return range(500, 1000)
    if 1854 <= year <= 1899:
        return range(500, 750)
    raise ValueError(f"birth numbers of today cannot tell of the year {year}")


def birth_date(number: PersonNumber) -> date | None:
    """The birth date that a birth or D-number of today's rule tells; ask the register for others."""
    if number.kind in ("fhn", "hnr") or number.rule != "today":
        return None
    day, month = _day_and_month(number.value)
    short, serial = int(number.value[4:6]), int(number.value[6:9])
    for century in (1900, 2000, 1800):
        year = century + short
        if (1854 <= year <= 2039) and _serial_fits(year, serial) and _is_date(year, month, day):
            return date(year, month, day)
    return None


def is_organization_number(value: str) -> bool:
    """Nine digits, the last a check digit, the first 8 or 9."""
    digits = value.replace(" ", "")
    if not re.fullmatch(r"[89][0-9]{8}", digits):
        return False
    return -_sum(digits, ORGANIZATION_WEIGHTS) % 11 == int(digits[8])


def is_hpr_number(value: str) -> bool:
    """Seven to nine digits; there is no check digit."""
    return re.fullmatch(r"[0-9]{7,9}", value) is not None


def spaced(value: str) -> str:
    """As people read it: birth numbers six and five, organisation numbers by three; other text as it is."""
    if re.fullmatch(r"[0-9]{11}", value):
        return f"{value[:6]} {value[6:]}"
    if re.fullmatch(r"[0-9]{9}", value):
        return f"{value[:3]} {value[3:6]} {value[6:]}"
    return value


def age(birth: date | str, on: date) -> int:
    """Whole years on a day. A partial date counts from its first day; 29 February turns on 1 March."""
    if isinstance(birth, str):
        year, month, day = (int(part) for part in (birth + "-01-01")[:10].split("-"))
    else:
        year, month, day = birth.year, birth.month, birth.day
    return on.year - year - ((on.month, on.day) < (month, day))


def _form(digits: str) -> tuple[Kind, bool] | None:
    """The kind by its form and whether it is surely synthetic; None when the digits have no known form."""
    day, month = int(digits[:2]), int(digits[2:4])
    kind: Kind = "fnr"
    if 41 <= day <= 71:
        kind, day = "dnr", day - 40
    known = {0: False, TENOR: True, NHN: True, LOCAL: False}
    for added, made_up in known.items():
        years = (century + int(digits[4:6]) for century in (1800, 1900, 2000))
        if any(_is_date(year, month - added, day) for year in years):
            return ("hnr" if added == LOCAL and kind == "fnr" else kind), made_up or (kind == "dnr" and added > 0)
    return ("fhn", False) if digits[0] in "89" else None


def _rule(digits: str) -> Rule | None:
    """The rule by which both check digits are right; today's before that of 2032."""
    if (_sum(digits, SECOND_WEIGHTS) + int(digits[10])) % 11:
        return None
    remainder = (_sum(digits, FIRST_WEIGHTS) + int(digits[9])) % 11
    if remainder == 0:
        return "today"
    return "2032" if remainder <= 3 else None


def _sum(digits: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def _day_and_month(digits: str) -> tuple[int, int]:
    day, month = int(digits[:2]), int(digits[2:4])
    added = next((one for one in (TENOR, NHN, LOCAL) if month > one), 0)
    return day - 40 if day > 40 else day, month - added


def _serial_fits(year: int, serial: int) -> bool:
    if 1940 <= year <= 1999 and 900 <= serial <= 999:
        return True
    return serial in serials(year)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
