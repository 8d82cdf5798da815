"""What a timeline is made of, as data: kinds with their sources, professions, and how a filter asks each source.

wants(asked, types, count) -> Wants      the lists to read, and what had to be left out
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from samjournal.fhir.errors import Invalid
from samjournal.record import Want
from samjournal.ui.language import marked
from samjournal.workspace.entries import sort_of

PROFESSION: Final = "urn:oid:2.16.578.1.12.4.1.1.9060"
PAGE: Final = 120


@dataclass(frozen=True, slots=True)
class Source:
    """A type, narrowed by a search; `person` is the parameter of who did it, `contact` that of the contact: '' where
    R4 has none, so that it cannot be filtered by it."""

    type: str
    query: str = ""
    person: str = ""
    contact: str = "encounter"
    common: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One box to tick."""

    code: str
    name: str
    sources: tuple[Source, ...]


KINDS: Final = (
    Kind(
        "contacts",
        marked("Kontakter og opphold"),
        (Source("Encounter", person="participant", contact="_id"), Source("EpisodeOfCare", contact="")),
    ),
    Kind(
        "notes",
        marked("Notater og dokumenter"),
        (
            Source("Composition", person="author"),
            Source("DocumentReference", person="author"),
            Source("QuestionnaireResponse", person="author"),
        ),
    ),
    Kind(
        "results",
        marked("Prøvesvar"),
        (
            Source("Observation", "category=laboratory", "performer", common=True),
            Source("DiagnosticReport", person="performer"),
        ),
    ),
    Kind(
        "measurements",
        marked("Målinger"),
        (Source("Observation", "category:not=laboratory", "performer", common=True),),
    ),
    Kind(
        "medicines",
        marked("Legemidler og vaksiner"),
        (
            Source("MedicationRequest", person="requester"),
            Source("MedicationStatement", person="source", contact="context"),
            Source("MedicationAdministration", person="performer", contact="context"),
            Source("Immunization", person="performer", contact=""),
        ),
    ),
    Kind(
        "problems",
        marked("Diagnoser og allergier"),
        (
            Source("Condition", person="asserter"),
            Source("AllergyIntolerance", person="recorder", contact=""),
            Source("Flag", person="author"),
        ),
    ),
    Kind(
        "procedures",
        marked("Prosedyrer"),
        (Source("Procedure", person="performer"),),
    ),
    Kind(
        "plans",
        marked("Henvisninger, timer og planer"),
        (
            Source("ServiceRequest", person="requester"),
            Source("Appointment", person="actor", contact=""),
            Source("CarePlan", person="performer"),
            Source("Goal", contact=""),
            Source("Task", person="owner"),
            Source("Communication", person="sender"),
        ),
    ),
)
PROFESSIONS: Final = {
    "LE": marked("Lege"),
    "SP": marked("Sykepleier"),
    "HE": marked("Helsesekretær"),
    "FT": marked("Fysioterapeut"),
    "ET": marked("Ergoterapeut"),
    "HP": marked("Hjelpepleier"),
    "HF": marked("Helsefagarbeider"),
    "JO": marked("Jordmor"),
    "PS": marked("Psykolog"),
    "TL": marked("Tannlege"),
    "FA": marked("Farmasøyt"),
    "VE": marked("Vernepleier"),
}
"""Volven 9060, those who write in a record."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as it was chosen; empty is everything. `episode` is `Encounter/id` or `EpisodeOfCare/id`."""

    kinds: frozenset[str] = frozenset()
    unit: str = ""
    profession: str = ""
    episode: str = ""
    start: str = ""
    end: str = ""

    @property
    def narrows(self) -> bool:
        """Whether anything was chosen."""
        return self != Asked()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after this entry. An order that holds for all types: newest first, then type, then id."""

    moment: str | None
    type: str
    id: str

    def after(self, type_: str) -> tuple[str | None, str]:
        """Where the list of a type goes on: of the same moment what comes later by type and id."""
        if type_ == self.type:
            return self.moment, self.id
        return self.moment, "" if type_ > self.type else "~"

    @property
    def text(self) -> str:
        """As it stands in an address."""
        return f"{self.moment or ''}_{self.type}_{self.id}"


def place_of(text: str) -> Place | None:
    """The place that an address names; None for the first page. Raises Invalid for what is none."""
    if not text:
        return None
    moment, _, named = text.partition("_")
    type_, _, id_ = named.partition("_")
    if moment:
        try:
            at = datetime.fromisoformat(moment)
        except ValueError:
            at = None
        if at is None or at.tzinfo is None:
            raise Invalid("This page link is broken. Open the timeline anew.")
        moment = at.astimezone(UTC).isoformat()
    if not type_.isalpha() or not id_ or len(id_) > 64:
        raise Invalid("This page link is broken. Open the timeline anew.")
    return Place(moment or None, type_, id_)


@dataclass(frozen=True, slots=True)
class Wants:
    """The lists to read, and the types that a filter cannot be asked of."""

    lists: tuple[Want, ...]
    without: tuple[str, ...]


def wants(asked: Asked, may: Callable[[str], bool], place: Place | None) -> Wants:
    """The lists of a page of the timeline, of types that the reader may search."""
    lists: list[Want] = []
    without: list[str] = []
    for kind in KINDS:
        if asked.kinds and kind.code not in asked.kinds:
            continue
        for source in kind.sources:
            if not may(source.type):
                continue
            query = _query(source, asked)
            if query is None:
                without.append(source.type)
                continue
            name, after = f"{kind.code} {source.type}", place.after(source.type) if place else None
            lists.append(Want(name, source.type, query, PAGE, common=source.common, after=after))
    return Wants(tuple(lists), tuple(dict.fromkeys(without)))


def _query(source: Source, asked: Asked) -> str | None:
    """The search of a source; None where it cannot be filtered so."""
    by = sort_of(source.type)
    found = [("_sort", f"-{by}")]
    if asked.start:
        found.append((by, f"ge{asked.start}"))
    if asked.end:
        found.append((by, f"le{asked.end}"))
    if asked.unit:
        found.append(("_source", f"Organization/{asked.unit}"))
    if asked.profession:
        if not source.person:
            return None
        found.append((f"{source.person}:PractitionerRole.role", f"{PROFESSION}|{asked.profession}"))
    if asked.episode:
        of_episode = _episode(source, asked.episode)
        if of_episode is None:
            return None
        found.append(of_episode)
    return "&".join(filter(None, (source.query, urlencode(found))))


def _episode(source: Source, episode: str) -> tuple[str, str] | None:
    type_, _, id_ = episode.partition("/")
    if source.type == type_:
        return "_id", id_
    if type_ == "EpisodeOfCare" and source.type == "Encounter":
        return "episode-of-care", episode
    if not source.contact or source.contact == "_id":
        return None
    return (
        (source.contact, episode) if type_ == "Encounter" else (f"{source.contact}:Encounter.episode-of-care", episode)
    )
