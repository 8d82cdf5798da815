"""«Hvem kan ikke lese»: the citizen's blocks, and whom she may keep out: those who have to do with her."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from samjournal.record import OwnBlock, Snapshot
from samjournal.ui.language import Language

EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who can be kept out: a unit or a person, by reference and name."""

    whom: str
    name: str
    is_unit: bool


def choices(snapshot: Snapshot, standing: Iterable[OwnBlock]) -> list[Choice]:
    """The units and persons in the record, units first, without those who are kept out already."""
    blocked = {
        known for one in standing if one.is_enforced and not one.is_part for known in (one.whom, one.name) if known
    }
    found: dict[str, Choice] = {}
    for reference in _named(snapshot):
        whom, name = reference.get("reference", ""), reference.get("display", "")
        type_ = whom.partition("/")[0]
        if name and blocked.isdisjoint((whom, name)) and type_ in ("Organization", "Practitioner", "PractitionerRole"):
            # Somebody in several roles is one person.
            found.setdefault(name, Choice(whom, name, type_ == "Organization"))
    return sorted(found.values(), key=lambda one: (not one.is_unit, one.name.casefold()))


def _named(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    for encounter in snapshot.lists.get("stays", ()):
        yield encounter.get("serviceProvider", {})
        yield from (one.get("individual", {}) for one in encounter.get("participant", ()))
    for service in snapshot.lists.get("home-care", ()):
        yield service.get("managingOrganization", {})
    for note in snapshot.lists.get("notes", ()):
        yield from note.get("author", ())
    yield from snapshot.patient.get("generalPractitioner", ())


def named(one: OwnBlock, _: Language) -> str:
    """Whom a block keeps out, in words."""
    if one.whom is None and one.is_enforced:
        return _("Alle som arbeider i helsetjenesten")
    return one.name or _("Noen som ikke står med navn")


def of_documents(standing: Iterable[OwnBlock], _: Language) -> dict[str, str]:
    """Whom each document (`Composition/7`) is blocked for, in words."""
    found: dict[str, list[str]] = {}
    for one in standing:
        for document in one.documents if one.is_enforced else ():
            found.setdefault(document, []).append(named(one, _))
    return {document: ", ".join(names) for document, names in found.items()}
