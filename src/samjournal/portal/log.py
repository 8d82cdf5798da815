"""«Hvem har lest journalen min»: every look, in sentences, day by day. hl7.org/fhir/R4/auditevent.html"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from samjournal.audit import Seen
from samjournal.portal.words import ROLES, WHYS, kinds
from samjournal.ui.formats import OSLO
from samjournal.ui.language import Language, marked

SENTENCES = {
    "read": marked("Leste journalen din: {kinds}."),
    "create": marked("Skrev i journalen din: {kinds}."),
    "update": marked("Endret i journalen din: {kinds}."),
    "delete": marked("Fjernet fra journalen din: {kinds}."),
    "find": marked("Søkte deg opp. Så bare navn og fødselsår."),
    "reason": marked("Oppga en grunn for å åpne journalen din."),
    "export": marked("Hentet ut opplysninger: {kinds}."),
}
VERBS = {
    "open": "read",
    "look": "read",
    "vread": "read",
    "search": "read",
    "history": "read",
    "write": "create",
    "patch": "update",
    "change": "update",
    "state-reason": "reason",
}
OTHERS, WITHOUT, OWN = "others", "without", "own"


@dataclass(frozen=True, slots=True)
class Entry:
    """One look. `reason` is what the reader gave when there was no agreement with the patient."""

    at: datetime
    who: str
    role: str
    place: str
    did: str
    why: str
    reason: str | None
    without: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    entries: tuple[Entry, ...]


def read(look: Seen, _: Language) -> Entry:
    """One look in words."""
    without = look.why == "reason"
    action = VERBS.get(look.action, look.action)
    return Entry(
        at=look.at.astimezone(OSLO),
        who=look.name or _("Uten navn"),
        role=_(ROLES[look.role]) if look.role in ROLES else look.role or "",
        place=look.unit or "",
        did=_(
            SENTENCES.get(action, SENTENCES["read"]), kinds=kinds(look.types, _) or _("opplysninger om deg")
        ),
        why="" if without else _(WHYS[look.why]) if look.why in WHYS else _("Ingen grunn er oppgitt."),
        reason=look.reason if without else None,
        without=without,
        own=look.why == "self",
    )


def entries(looks: Iterable[Seen], _: Language) -> list[Entry]:
    """All looks in words, newest first."""
    return sorted((read(look, _) for look in looks), key=lambda entry: entry.at, reverse=True)


def chosen(found: Sequence[Entry], show: str) -> list[Entry]:
    """The part of the list the citizen asked for: others, those without an agreement, or her own."""
    if show == OWN:
        return [entry for entry in found if entry.own]
    if show == WITHOUT:
        return [entry for entry in found if entry.without]
    return [entry for entry in found if not entry.own]


def by_day(found: Iterable[Entry]) -> list[Day]:
    """The entries under the day they happened."""
    return [Day(day, tuple(group)) for day, group in groupby(found, key=lambda entry: entry.at.date())]


def last_visit(found: Iterable[Entry], *, before: datetime) -> datetime | None:
    """When the citizen was here last, not counting the visit that is going on."""
    return max((entry.at for entry in found if entry.own and entry.at < before), default=None)
