"""Every text on the pages stands in three languages, and nynorsk is written, not copied."""

from __future__ import annotations

import re

import pytest

from samjournal.ui.language import FACES as PACKAGES
from samjournal.ui.language import entries
from ui.texts import FACES, texts


@pytest.mark.parametrize("code", ["nn", "en"])
@pytest.mark.parametrize("face", FACES)
def test_every_text_of_a_face_is_in_its_catalogue(face: str, code: str) -> None:
    missing = texts(face) - set(entries(PACKAGES / face / "locale" / f"{code}.po"))
    assert not missing


@pytest.mark.parametrize("code", ["nn", "en"])
@pytest.mark.parametrize("face", FACES)
def test_a_catalogue_has_nothing_that_no_page_says(face: str, code: str) -> None:
    assert not set(entries(PACKAGES / face / "locale" / f"{code}.po")) - texts(face)


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
