"""The people on the sign-in page. samjournal.signin.people"""

from __future__ import annotations

import pytest

from samjournal.demo.personas import PERSONAS
from samjournal.signin import people
from samjournal.ui.language import CODES, language


@pytest.mark.parametrize("code", CODES)
def test_every_persona_says_who_she_is_what_she_does_and_what_to_try(code: str) -> None:
    for persona in PERSONAS:
        card = people.card(persona, language(code))
        assert all((card.name, card.initials, card.title, card.about, card.attempt))


def test_staff_are_shown_with_each_unit_they_work_at() -> None:
    henrik = next(card for card in people.cards(PERSONAS, "staff", language("nb")) if card.login == "henrik")
    assert henrik.units == ("Medisin 3, Sykehuset Levanger", "Innherred legevakt")


def test_staff_and_citizens_are_told_apart_and_nobody_is_lost() -> None:
    staff, citizens = (people.cards(PERSONAS, kind, language("nb")) for kind in ("staff", "citizen"))
    assert len(staff) + len(citizens) == len(PERSONAS)
    assert "ragnhild" in [card.login for card in citizens]
