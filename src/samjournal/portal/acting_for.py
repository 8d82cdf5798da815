"""The people whom a citizen acts for, each with the next appointment: what the first page tells beside his own.

people(door, session, permit, _, now=) -> list[Person]        nobody for who acts for another just now

Each is opened as that person, at the level of the right that holds now, and logged in that person's log. Whose right
ends meanwhile is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from samjournal.access import LEVELS, Permit, for_session
from samjournal.accounts import Session
from samjournal.fhir.errors import NotRepresenting
from samjournal.portal import appointments, facts
from samjournal.portal.appointments import Appointment
from samjournal.portal.representing import level_name
from samjournal.portal.visit_names import in_words_of
from samjournal.portal.words import KINDS, capital, kinds, listed
from samjournal.record import Door, Want, may_act_for, open_chart
from samjournal.record.representing import Acting
from samjournal.ui.formats import age, in_text, long_day
from samjournal.ui.language import Language

MOST: Final = 8
"""People told of; who acts for more (a guardian) finds all of them on the page of whom he may act for."""
AHEAD: Final = Want("ahead", "Appointment", "_sort=-date", 50)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom one acts for. `level` is as what, in words; `next` the next appointment, None where there is none;
    `sees` is what the right shows where that is not appointments, else ''."""

    id: str
    name: str
    given: str
    initials: str
    age: str
    level: str
    next: Appointment | None
    said: str


async def people(door: Door, session: Session, permit: Permit, _: Language, *, now: datetime) -> list[Person]:
    """Whom somebody acts for, by name. Raises Busy."""
    if permit.represents is not None:
        return []
    found = []
    for one in (await may_act_for(door, permit))[:MOST]:
        try:
            found.append(await _person(door, session, permit, one, _, now))
        except NotRepresenting:
            continue
    return found


async def _person(door: Door, session: Session, permit: Permit, one: Acting, _: Language, now: datetime) -> Person:
    theirs = await for_session(door.pool, replace(session, acts_for=one.id), request=permit.request)
    if theirs is None:
        raise NotRepresenting("You may not act for this person, or not any longer.")
    snapshot = await open_chart(door, theirs, one.id, (AHEAD,))
    full = facts.name(snapshot.patient)
    ahead = await in_words_of(door, theirs, snapshot.lists["ahead"], _)
    coming = appointments.next_one(ahead, _, now=now)
    return Person(
        id=one.id,
        name=full,
        given=facts.given_name(snapshot.patient),
        initials=facts.initials(full),
        age=age(snapshot.patient.get("birthDate"), at=now, language=_),
        level=in_text(level_name(one.level, _)),
        next=coming,
        said=_said(theirs, one, coming, _),
    )


def _said(theirs: Permit, one: Acting, coming: Appointment | None, _: Language) -> str:
    """The next appointment in a line; that there is none; or what is seen, where appointments are not."""
    assert theirs.represents is not None
    reads = theirs.represents.level.reads
    if coming is not None and coming.start is not None:
        return _("{what} {day}", what=coming.about, day=long_day(coming.start, language=_))
    if "Appointment" in reads:
        return _("Ingen timer framover")
    return capital(listed(kinds(sorted(reads & set(KINDS) - {"Patient"}), _), _)) or LEVELS[one.level].names[0]
