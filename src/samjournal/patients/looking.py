"""Who may be the same person as somebody described: what the record has that is alike, as *find* shows it.

match(door, permit, asked) -> list[Match]     a Patient, or what is known of one; the most alike first
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Forbidden
from samjournal.patients.matching import GRADES, Likeness, liken, numbers
from samjournal.record import Card, Door, find_alike, read

MOST = 20


class Match(NamedTuple):
    """Somebody who may be meant: no more of him than *find* shows, and how alike he is."""

    card: Card
    likeness: Likeness


async def match(door: Door, permit: Permit, asked: dict[str, Any], *, besides: Sequence[str] = ()) -> list[Match]:
    """At most 20 people who are possibly, probably or certainly the one that is described, the most alike first; not
    those whose ids are `besides`. Each is logged. Raises Forbidden, TooMany, Busy."""
    found = await find_alike(door, permit, searches(asked), lambda known: _likely(asked, known), besides=besides)
    matches = [Match(card, likeness) for card, likeness in found]
    return sorted(matches, key=lambda one: (GRADES.index(one.likeness.grade), -one.likeness.score, one.card.id))[:MOST]


def _likely(asked: dict[str, Any], known: dict[str, Any]) -> Likeness | None:
    likeness = liken(asked, known)
    return None if likeness.grade == "certainly-not" else likeness


def searches(asked: dict[str, Any]) -> list[list[tuple[str, str]]]:
    """The searches that together find everybody who may be alike: by number; by birth date and either name; by both
    names and year of birth."""
    found = [[("identifier", value)] for _, value, _ in numbers(asked)]
    birth = str(asked.get("birthDate") or "")
    for name in asked.get("name") or ():
        families, givens = _words(name.get("family")), _words((name.get("given") or [None])[0])
        if not (families or givens) and name.get("text"):
            givens, families = (words := _words(name["text"]))[:1], words[-1:]
        if len(birth) == 10:
            found += [[("birthdate", birth), ("name", word)] for word in [*families[:1], *givens[:1]]]
        if families and givens:
            both = [("name", families[0]), ("name", givens[0])]
            found.append([*both, ("birthdate", birth[:4])] if birth else both)
    if len(birth) == 10 and not asked.get("name"):
        found.append([("birthdate", birth), *([("gender", asked["gender"])] if asked.get("gender") else [])])
    return [list(one) for one in dict.fromkeys(tuple(one) for one in found)]


def _words(text: Any) -> list[str]:
    return [re.sub(r"([$|\\,])", r"\\\1", word) for word in str(text or "").split()]


async def alike_to(door: Door, permit: Permit, id_: str) -> list[Match]:
    """Who may be the same person as a patient who is registered, for whoever registers. Raises Forbidden, NotFound."""
    if not permit.registers:
        raise Forbidden(f"The role {permit.role} does not register people.")
    stored = await read(door, keeping(permit, "Patient"), "Patient", id_)
    return await match(door, permit, stored.resource(), besides=door.persons.ids(id_))
