"""What leaves says that there is something new, in three languages, and nothing of anybody's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from samjournal.letters.kinds import CHANNELS, KINDS
from samjournal.letters.words import LANGUAGES, letter, said, texts

ALLOWED = {"link", "phone"}
TELLING = re.compile(
    r"pasient|lege|sykehus|sjukehus|klinikk|avdeling|prøve|time\b|timen|svar|resept|henvis|tilvis|kreft|psyk|gravid"
    r"|hospital|clinic|doctor|result|appointment|patient|fødselsnummer|navn|namn|\bname",
    re.IGNORECASE,
)


def each(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from each(one)
    elif isinstance(value, list):
        for one in value:
            yield from each(one)


def test_every_language_has_the_same_texts() -> None:
    assert set(texts()) == set(LANGUAGES)
    shapes = {language: {name: set(text) for name, text in texts()[language].items()} for language in LANGUAGES}
    assert shapes["nb"] == shapes["nn"] == shapes["en"]


@pytest.mark.parametrize("text", list(each(texts())))
def test_no_text_has_a_field_of_a_patient_or_a_word_that_tells(text: str) -> None:
    assert set(re.findall(r"\{(.*?)\}", text)) <= ALLOWED
    assert TELLING.search(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_has_a_confidential_address_is_not_even_told_from_whom(language: str) -> None:
    words = said("bare", language, link="https://samjournal.example/portal")
    assert "samjournal" not in f"{words.title} {words.text}".lower()
    assert "http" not in words.text


def test_every_kind_has_a_text_and_names_in_three_languages() -> None:
    for kind in KINDS.values():
        assert kind.text in texts()["nb"]
        assert len({*kind.names}) >= 2
        assert all(kind.names)
        assert not (kind.is_fixed and kind.starts_off)
    assert set(CHANNELS) == {"push", "sms", "email"}


def test_an_sms_is_one_sms() -> None:
    for language in LANGUAGES:
        for text in ("new", "reminder", "bare"):
            assert len(said(text, language, link="https://samjournal.example.no/portal").text) <= 160


def test_a_letter_tells_where_to_sign_in_and_whom_to_call() -> None:
    found = letter("nn", link="https://x.example/portal", phone="73 00 00 00", day=date(2026, 11, 29))
    assert found["link"] == "https://x.example/portal"
    assert found["after"][-1] == "Telefon: 73 00 00 00"
    assert found["date"] == "29.11.2026"
    assert letter("nn", link="", phone="", day=date(2026, 11, 29))["after"][-1] != "Telefon: "
