"""Finding patients for a page: a line for each, with no more than the reader may know before the record is open."""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.access import Permit
from samjournal.record import Card, Door, find_cards, my_cards


@dataclass(frozen=True, slots=True)
class Found:
    """One line of a list of patients. `birth_date` is a year alone without a relation; None is not known."""

    id: str
    name: str
    birth_date: str | None
    number: str | None
    gender: str | None
    municipality: str | None
    protected: bool
    deceased: bool
    relation: bool
    why: str | None


async def find(door: Door, permit: Permit, text: str) -> list[Found]:
    """At most 20 people who fit a typed line, those in the reader's care first. Logged."""
    return [_found(card) for card in await find_cards(door, permit, text)]


async def mine(door: Door, permit: Permit) -> list[Found]:
    """The patients in the active role's care now."""
    return [_found(card) for card in await my_cards(door, permit)]


def _found(card: Card) -> Found:
    return Found(
        id=card.id,
        name=f"{card.family.upper()}, {card.given}" if card.family else card.given,
        birth_date=card.birth,
        number=card.number,
        gender=card.gender,
        municipality=card.municipality,
        protected=card.protected,
        deceased=card.deceased,
        relation=card.why is not None,
        why=card.why,
    )
