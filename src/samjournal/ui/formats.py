"""Dates, clocks and numbers as they are written on the pages: Norwegian order, Europe/Oslo, decimal comma.

Formats: `i dag kl. 08.12`, `24.11`, `24.11.2025`, `1 240`, `−2,4`. English keeps the order of dates.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from samjournal.ui.language import Language, marked

OSLO: Final = ZoneInfo("Europe/Oslo")
NO_BREAK: Final = "\u00a0"
WEEKDAYS: Final = (
    marked("mandag"),
    marked("tirsdag"),
    marked("onsdag"),
    marked("torsdag"),
    marked("fredag"),
    marked("lørdag"),
    marked("søndag"),
)
MONTHS: Final = (
    marked("januar"),
    marked("februar"),
    marked("mars"),
    marked("april"),
    marked("mai"),
    marked("juni"),
    marked("juli"),
    marked("august"),
    marked("september"),
    marked("oktober"),
    marked("november"),
    marked("desember"),
)


def moment(value: str | date | None) -> datetime | date | None:
    """A FHIR date or dateTime, or one already parsed: a time in Oslo, a plain date, or None.

    A year or a month alone becomes its first day; `full_date` shows it as it was given.
    """
    if isinstance(value, datetime):
        return value.astimezone(OSLO)
    return value if value is None or isinstance(value, date) else _read(value)


@lru_cache(maxsize=4096)
def _read(value: str) -> datetime | date | None:
    """One page asks for the same few dates again and again."""
    try:
        if "T" not in value:
            return date.fromisoformat(value + "-01-01"[(len(value) - 4) :] if len(value) < 10 else value)
        parsed = datetime.fromisoformat(value)
    except ValueError:
        return None
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=OSLO)).astimezone(OSLO)


def order(value: str | date | None) -> datetime:
    """A key to sort FHIR dates by; what has no date comes first."""
    found = moment(value)
    if found is None:
        return datetime.min.replace(tzinfo=UTC)
    return found if isinstance(found, datetime) else datetime(found.year, found.month, found.day, tzinfo=OSLO)


def clock(value: str | date | None, *, language: Language) -> str:
    """`08.12`, or nothing when the value has no clock."""
    found = moment(value)
    if not isinstance(found, datetime):
        return ""
    return found.strftime("%H:%M" if language.code == "en" else "%H.%M")


def full_date(value: str | date | None) -> str:
    """`24.11.2026`; a year or a month alone stays what it is."""
    if isinstance(value, str) and len(value) == 4:
        return value
    found = moment(value)
    if found is None:
        return ""
    return found.strftime("%m.%Y" if isinstance(value, str) and len(value) == 7 else "%d.%m.%Y")


def day(value: str | date | None, *, now: datetime, language: Language) -> str:
    """`i dag`, `i går`, `i morgen`, `24.11` within half a year, else `24.11.2025`."""
    found = moment(value)
    if found is None:
        return ""
    if isinstance(value, str) and len(value) < 10:
        return full_date(value)
    days = (_date(found) - now.astimezone(OSLO).date()).days
    if days in _NEAR:
        return language(_NEAR[days])
    return found.strftime("%d.%m" if abs(days) < 183 else "%d.%m.%Y")


def when(value: str | date | None, *, now: datetime, language: Language) -> str:
    """`i dag kl. 08.12`, `24.11 kl. 08.12`; a date without clock as `day` says it."""
    found = moment(value)
    said = day(value, now=now, language=language)
    if not isinstance(found, datetime):
        return said
    return language("{day} kl. {clock}", day=said, clock=clock(found, language=language))


def weekday(value: str | date | None, *, language: Language) -> str:
    """`fredag`, or nothing when there is no date."""
    found = moment(value)
    return "" if found is None else language(WEEKDAYS[found.weekday()])


def long_day(value: str | date | None, *, language: Language) -> str:
    """`fredag 27. november`."""
    found = moment(value)
    if found is None:
        return ""
    return language(
        "{weekday} {day}. {month}",
        weekday=language(WEEKDAYS[found.weekday()]),
        day=found.day,
        month=language(MONTHS[found.month - 1]),
    )


def ago(value: str | date | None, *, now: datetime, language: Language) -> str:
    """How old something is, in words: `14 md.`, `3 døgn`, `26 t`, `5 min`."""
    seconds = (now - order(value)).total_seconds()
    if seconds >= 731 * 86400:
        return language("{n} år", n=int(seconds // (365.25 * 86400)))
    if seconds >= 60 * 86400:
        return language("{n} md.", n=int(seconds // (30.44 * 86400)))
    if seconds >= 48 * 3600:
        return language("{n} døgn", n=int(seconds // 86400))
    if seconds >= 2 * 3600:
        return language("{n} t", n=int(seconds // 3600))
    return language("{n} min", n=max(int(seconds // 60), 0))


def number(value: float, *, language: Language, decimals: int | None = None) -> str:
    """`1 240`, `3,4`, `−2,4`; as many decimals as the value has unless told."""
    text = f"{value:,.{decimals}f}" if decimals is not None else f"{value:,}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    if language.code != "en":
        text = text.replace(",", NO_BREAK).replace(".", ",")
    return text.replace("-", "\u2212")


def grouped(number_: str) -> str:
    """An identity number in the two groups it is read in: `148348 41291`."""
    return f"{number_[:6]}{NO_BREAK}{number_[6:]}" if len(number_) == 11 else number_


def phone(number_: str) -> str:
    """A Norwegian telephone number in the groups it is said in: `999 00 412`; others as they are."""
    digits = number_.removeprefix("+47").replace(" ", "")
    if len(digits) != 8 or not digits.isdigit():
        return number_
    groups = (3, 2, 3) if digits[0] in "49" else (2, 2, 2, 2)
    parts, at = [], 0
    for length in groups:
        parts.append(digits[at : at + length])
        at += length
    return NO_BREAK.join(parts)


def initials(name: str) -> str:
    """The first letters of the first and the last name."""
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def in_text(name: str) -> str:
    """What has a capital letter at the head of a line, inside a sentence: `lege` for `Lege`, but `GP`."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def age(born: str | None, *, at: datetime, language: Language) -> str:
    """`78 år`, `7 md.` below two years, `12 dager` below two months; in words when it is not known."""
    found = moment(born)
    if found is None:
        return language("alder ukjent")
    start, end = _date(found), at.astimezone(OSLO).date()
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    if months >= 24:
        return language("{n} år", n=months // 12)
    if months >= 2:
        return language("{n} md.", n=months)
    return language.count("{n} dag", "{n} dager", max((end - start).days, 0))


def _date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


_NEAR: Final = {-1: marked("i går"), 0: marked("i dag"), 1: marked("i morgen")}
