"""Every text on the pages stands in three languages, and nynorsk is written, not copied."""

from __future__ import annotations

import re

import pytest

from samjournal.ui.language import FACES as PACKAGES
from samjournal.ui.language import MANY, entries, language
from ui.texts import FACES, texts


@pytest.mark.parametrize("code", ["nn", "en"])
@pytest.mark.parametrize("face", FACES)
def test_every_text_of_a_face_is_in_its_catalogue(face: str, code: str) -> None:
    missing = texts(face) - set(entries(PACKAGES / face / "locale" / f"{code}.po"))
    assert not missing


@pytest.mark.parametrize("code", ["nn", "en"])
@pytest.mark.parametrize("face", FACES)
def test_a_catalogue_has_nothing_that_no_page_says(face: str, code: str) -> None:
    said = entries(PACKAGES / face / "locale" / f"{code}.po")
    assert not {text.removeprefix(MANY) for text in said} - texts(face)


@pytest.mark.parametrize("code", ["nn", "en"])
@pytest.mark.parametrize("face", FACES)
def test_a_translation_keeps_the_values_of_the_text(face: str, code: str) -> None:
    for text, said in entries(PACKAGES / face / "locale" / f"{code}.po").items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", said)), text


@pytest.mark.parametrize("face", FACES)
def test_nynorsk_is_its_own_language(face: str) -> None:
    catalogue = entries(PACKAGES / face / "locale" / "nn.po")
    long = {text: said for text, said in catalogue.items() if len(text) > 20}
    assert sum(text != said for text, said in long.items()) > len(long) * 0.8


@pytest.mark.parametrize("code", ["nn", "en"])
def test_the_faces_say_the_same_text_the_same_way(code: str) -> None:
    said: dict[str, str] = {}
    for face in FACES:
        for text, here in entries(PACKAGES / face / "locale" / f"{code}.po").items():
            assert said.setdefault(text, here) == here, text


@pytest.mark.parametrize(("number", "said"), [(0, "0 hits"), (1, "1 hit"), (2, "2 hits")])
def test_english_tells_one_from_several_where_bokmal_does_not(number: int, said: str) -> None:
    assert language("en").count("{n} treff", "{n} treff", number) == said
    assert language("nn").count("{n} treff", "{n} treff", number) == f"{number} treff"


# Forms that nynorsk does not have, or that were used beside others: participles agree, and a word has one form.
NOT_NYNORSK = re.compile(
    r"\b(dei (blir|vart|er|var) slått|Ingen journalar er slått|Saka (er|var) følgt|gje|oppgjeven|føreslå|tyder)\b", re.I
)


@pytest.mark.parametrize("face", FACES)
def test_nynorsk_has_one_form_of_each_word_and_participles_agree(face: str) -> None:
    for text, said in entries(PACKAGES / face / "locale" / "nn.po").items():
        assert not NOT_NYNORSK.search(said), text


@pytest.mark.parametrize("face", FACES)
def test_english_has_one_word_for_each_idea(face: str) -> None:
    # Words that were used beside others for the same: fødselsnummer, gjennomgang, oppslag, skille.
    for text, said in entries(PACKAGES / face / "locale" / "en.po").items():
        assert not re.search(
            r"\b(birth number|help number|looked over|the look\b(?!-)|looks by|parted?\b (?:two|the|your))", said, re.I
        ), text
