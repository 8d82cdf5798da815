"""Looks that ask for a question: the rules as data, and what they find, put on the review list.

    RULES                                  each with its code, what it is called, and what it means
    judged(rule set, facts) -> list        the codes of the rules that fit a look
    note(db, findings) -> int              keep findings, and let each wait on the review list; the number of new ones
    withdrawn(db, looks) -> set            the looks whose relation is not there any more
    is_unusual(patients, usual) -> bool    whether somebody opened far more records in an hour than he does

A rule asks, it does not accuse: most of what it finds has a good reason, which somebody must be able to give. It names
nothing of what stands in the record. docs/reference/audit-log.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.access")
LATER = timedelta(days=1)
"""So long after a look it is asked whether what opened it is there still."""
MANY, TIMES = 20, 3
"""More than so many patients in an hour, and more than so many times what is usual for the same person."""
USUAL = timedelta(days=28)
"""Over so many days the usual is reckoned, of the hours in which he opened any."""


@dataclass(frozen=True, slots=True)
class Person:
    """What two people are compared by: numbers, families' names (folded), and streets, each with its postal code."""

    numbers: frozenset[str] = frozenset()
    families: frozenset[str] = frozenset()
    streets: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Facts:
    """A look: who looked, at whom, whether the patient works in the same organisation, or is known to many."""

    reader: Person
    patient: Person
    is_colleague: bool = False
    is_well_known: bool = False

    @property
    def is_himself(self) -> bool:
        return bool(self.reader.numbers & self.patient.numbers)


@dataclass(frozen=True, slots=True)
class Rule:
    """A question that a look may ask. `fits` is None where it is asked of more than one look (`withdrawn`, `many`)."""

    code: str
    names: tuple[str, str, str]  # bokmål, nynorsk, English
    description: str
    fits: Callable[[Facts], bool] | None = None


RULES = {
    rule.code: rule
    for rule in (
        Rule(
            "himself",
            ("Egen journal", "Eigen journal", "Own record"),
            "The patient is the reader himself: the same national number.",
            lambda look: look.is_himself,
        ),
        Rule(
            "colleague",
            ("Kollega", "Kollega", "Colleague"),
            "The patient works in the reader's organisation: a Practitioner of the same national number has a role"
            " there.",
            lambda look: look.is_colleague and not look.is_himself,
        ),
        Rule(
            "neighbour",
            ("Nabo eller samme husstand", "Nabo eller same hushald", "Neighbour or same household"),
            "The same street and postal code as the reader. Not asked where the address of either is protected.",
            lambda look: bool(look.reader.streets & look.patient.streets) and not look.is_himself,
        ),
        Rule(
            "surname",
            ("Samme etternavn", "Same etternamn", "Same surname"),
            "The same family name as the reader.",
            lambda look: bool(look.reader.families & look.patient.families) and not look.is_himself,
        ),
        Rule(
            "well-known",
            ("Kjent person", "Kjend person", "Well-known person"),
            "The Patient carries the security label CEL (v3 ActCode, celebrity).",
            lambda look: look.is_well_known and not look.is_himself,
        ),
        Rule(
            "withdrawn",
            ("Grunnlaget er borte", "Grunnlaget er borte", "The relation is gone"),
            "A day later no relation is there that held when the record was opened: what made it was cancelled,"
            " entered in error or deleted.",
        ),
        Rule(
            "many",
            ("Uvanlig mange pasienter", "Uvanleg mange pasientar", "Unusually many patients"),
            f"More than {MANY} different patients in an hour, and more than {TIMES} times what is usual for the same"
            f" person in the {USUAL.days} days before.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One look that a rule asks about; `patient` is a key, 0 where it is about several; `told` is more to say."""

    look: UUID
    rule: str
    patient: int
    actor: str
    role: str
    organization: str
    at: datetime
    told: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A look by somebody at work: his keys (`parties`), and the patient whose record was opened."""

    look: UUID
    at: datetime
    actor: str
    patient: int
    parties: tuple[int, ...]


def judged(facts: Facts) -> list[str]:
    """The codes of the rules that one look fits."""
    return [rule.code for rule in RULES.values() if rule.fits is not None and rule.fits(facts)]


def is_unusual(patients: int, usual: float | None) -> bool:
    """Whether so many in an hour are far more than usual; None: nothing is known of him yet."""
    return patients > MANY and patients > TIMES * (usual or 0)


async def note(db: Connection, findings: Iterable[Finding]) -> int:
    """Keep what was found, once, and let it wait on the review list: one line for a reader and a patient, by the rules
    that fit, until it was looked over. The number of new findings."""
    rows = [(f.look, f.rule, f.patient, f.actor, f.organization, f.at, f.role, f.told) for f in findings]
    if not rows:
        return 0
    count: int = await db.fetchval(_SQL.note_findings, *map(list, zip(*rows, strict=True)))
    return count


async def withdrawn(db: Connection, looks: Sequence[Opened]) -> set[UUID]:
    """Those of some looks for which no relation stands that held then. What the reader made for himself does not."""
    if not looks:
        return set()
    pairs = [(place, party) for place, one in enumerate(looks) for party in one.parties]
    rows = await db.fetch(
        _SQL.withdrawn,
        [one.look for one in looks],
        [one.patient for one in looks],
        [one.at for one in looks],
        [one.actor for one in looks],
        [place for place, _ in pairs],
        [party for _, party in pairs],
    )
    return {row["look"] for row in rows}


async def roots(db: Connection, organizations: Iterable[str]) -> dict[str, str]:
    """The organisation that each of some units belongs to in the end, by id."""
    asked = [f"Organization/{one}" for one in dict.fromkeys(organizations) if one]
    rows = await db.fetch(_SQL.roots, asked) if asked else []
    return {row["unit"].removeprefix("Organization/"): row["root"].removeprefix("Organization/") for row in rows}


async def under(db: Pool | Connection, organizations: Iterable[str]) -> dict[str, list[str]]:
    """Each of some units with all that lies under it, as references."""
    asked = [f"Organization/{one}" for one in dict.fromkeys(organizations) if one]
    found: dict[str, list[str]] = {}
    for row in await db.fetch(_SQL.under_each, asked) if asked else []:
        found.setdefault(row["unit"].removeprefix("Organization/"), []).append(row["id"])
    return found


async def workplaces(db: Connection, practitioners: Iterable[str]) -> dict[str, set[str]]:
    """Where some Practitioners work by their PractitionerRoles: ids of units, by id. Most never get an account."""
    found: dict[str, set[str]] = {}
    for row in await db.fetch(_SQL.workplaces, [f"Practitioner/{id_}" for id_ in practitioners]):
        unit = row["unit"].removeprefix("Organization/")
        found.setdefault(row["practitioner"].removeprefix("Practitioner/"), set()).add(unit)
    return found


async def note_pace(db: Connection, hour: datetime, paces: Sequence[tuple[str, int]]) -> dict[str, float]:
    """Keep how many patients each opened in an hour; what was usual for each before."""
    # A line of nobody's says that the hour was reckoned, also when nobody opened any.
    actors, counts = [actor for actor, _ in paces] + [""], [count for _, count in paces] + [0]
    usual = await db.fetch(_SQL.usual, actors, hour - USUAL, hour)
    await db.execute(_SQL.note_pace, actors, hour, counts, hour - USUAL)
    return {row["actor"]: float(row["usual"]) for row in usual}


async def last_pace(db: Connection) -> datetime | None:
    """The last hour that was reckoned."""
    hour: datetime | None = await db.fetchval(_SQL.last_pace)
    return hour
