"""Dates, clocks and numbers on the pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from samjournal.ui import formats
from samjournal.ui.language import language

NB, EN = language("nb"), language("en")
NOW = datetime(2026, 11, 24, 8, 45, tzinfo=UTC)  # 09.45 in Oslo


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2026-11-24T07:12:00Z", "i dag kl. 08.12"),
        ("2026-11-23T23:30:00Z", "i dag kl. 00.30"),
        ("2026-11-23T13:20:00Z", "i går kl. 14.20"),
        ("2026-11-25T12:00:00+01:00", "i morgen kl. 12.00"),
        ("2026-11-21T03:10:00+01:00", "21.11 kl. 03.10"),
        ("2025-05-17T10:00:00+02:00", "17.05.2025 kl. 10.00"),
        ("2026-11-24T08:12:00", "i dag kl. 08.12"),
        ("2026-11-24", "i dag"),
        ("2019", "2019"),
        ("2019-03", "03.2019"),
        ("in spring", ""),
        (None, ""),
    ],
)
def test_a_moment_is_written_as_people_say_it(value: str | None, said: str) -> None:
    assert formats.when(value, now=NOW, language=NB) == said


def test_english_keeps_the_order_and_takes_a_colon() -> None:
    assert formats.when("2026-11-24T07:12:00Z", now=NOW, language=EN) == "today at 08:12"


@pytest.mark.parametrize(
    ("value", "said"),
    [(3.4, "3,4"), (4820, "4\u00a0820"), (-2.4, "\u22122,4"), (72.0, "72"), (100.0, "100"), (0.05, "0,05")],
)
def test_a_number_has_decimal_comma_space_and_a_real_minus(value: float, said: str) -> None:
    assert formats.number(value, language=NB) == said


@pytest.mark.parametrize(
    ("born", "said"),
    [
        ("1948-03-14", "78 år"),
        ("1948-11-25", "77 år"),
        ("2025-11-24", "12 md."),
        ("2026-11-10", "14 dager"),
        ("2026-11-23", "1 dag"),
        (None, "alder ukjent"),
    ],
)
def test_age_is_told_in_the_unit_that_fits(born: str | None, said: str) -> None:
    assert formats.age(born, at=NOW, language=NB) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("2026-11-24T08:40:00Z", "5 min"),
        ("2026-11-23T06:45:00Z", "26 t"),
        ("2026-11-20T08:45:00Z", "4 døgn"),
        ("2025-09-20", "14 md."),
        ("2019-01-01", "7 år"),
        ("2024-11-25", "23 md."),
        ("2024-11-20", "2 år"),
    ],
)
def test_how_old_something_is_stands_in_words(value: str, said: str) -> None:
    assert formats.ago(value, now=NOW, language=NB) == said


def test_what_has_no_date_is_sorted_first() -> None:
    assert formats.order(None) < formats.order("1900-01-01") < formats.order("1900-01-01T12:00:00Z")


def test_initials_are_those_of_first_and_last_name() -> None:
    assert [formats.initials(name) for name in ("Ayla Demir", "Ole Johan By Moe", "Ada", "")] == ["AD", "OM", "A", ""]


@pytest.mark.parametrize(("name", "said"), [("Lege", "lege"), ("GP", "GP"), ("", ""), ("Bare lese", "bare lese")])
def test_a_name_inside_a_sentence_has_no_capital(name: str, said: str) -> None:
    assert formats.in_text(name) == said
