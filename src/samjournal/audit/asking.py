"""The log as it is asked for: looks by patient, time, reader, unit and action, newest first, a page at a time.

    search(db, asked, count, after) -> list[Row]     newest first, from the look `after` (its time and id) on
    counted(db, asked) -> int                        how many there are
    one(db, asked, id) -> Row | None                 one look, if it is among those asked for

A page stays as it was while new looks come: they are newer than where it began.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection

Place = tuple[datetime, UUID]
_COLUMNS = """l.id, l.at, l.request, l.actor, l.name, l.role, l.organization AS unit, l.organization_id, l.agent, l.app,
    l.action, l.patient, l.patients, l.why, l.reason, l.shown, l.page"""


class Row(msgspec.Struct, frozen=True):
    """One look as it was logged; `unit` is the unit's name, `patient` and `patients` are keys."""

    id: UUID
    at: datetime
    request: str
    actor: str
    name: str
    role: str
    unit: str
    organization_id: str
    agent: str
    app: str
    action: str
    patient: int | None
    patients: Sequence[int] | None
    why: str
    reason: str | None
    shown: str
    page: UUID | None


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is asked for: one that begins so, or with a word that does; that holds it; or that is it."""

    text: str
    how: str = ""  # '', contains, exact


@dataclass(frozen=True, slots=True)
class Asked:
    """Which looks are wanted; None: any. `times` are stretches (from, until), alternatives within each of the tuples,
    all of which must hold. `agents` are references of readers and units, `folded` leaves refreshes of a page out,
    `without` some actions."""

    patients: tuple[int, ...] | None = None
    organizations: tuple[str, ...] | None = None
    times: tuple[tuple[tuple[datetime | None, datetime | None], ...], ...] = ()
    agents: tuple[tuple[str, ...], ...] = ()
    names: tuple[tuple[Name, ...], ...] = ()
    actors: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    actions: tuple[str, ...] | None = None
    ids: tuple[UUID, ...] | None = None
    without: tuple[str, ...] = ()
    folded: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether nothing can fit."""
        return () in (self.patients, self.organizations, self.actors, self.roles, self.actions, self.ids)


async def search(db: Connection, asked: Asked, *, count: int, after: Place | None = None) -> list[Row]:
    """So many looks at most, newest first."""
    if asked.is_nothing or count < 1:
        return []
    arguments = Arguments()
    text = f"{_found(asked, arguments, count, after)} ORDER BY at DESC, id DESC LIMIT {arguments.add(count, 'int')}"
    return [Row(**dict(row)) for row in await db.fetch(text, *arguments.values)]


async def counted(db: Connection, asked: Asked) -> int:
    """How many looks fit."""
    if asked.is_nothing:
        return 0
    arguments = Arguments()
    text = f"SELECT count(*) FROM ({_found(asked, arguments, None, None)}) fitting"
    total: int = await db.fetchval(text, *arguments.values)
    return total


async def one(db: Connection, asked: Asked, id_: UUID) -> Row | None:
    """One look by its id."""
    found = await search(db, replace(asked, ids=(id_,)), count=1)
    return found[0] if found else None


def _found(asked: Asked, arguments: Arguments, count: int | None, after: Place | None) -> str:
    """The looks that fit. Those at a patient lie in two places: by himself, and among others when a search is
    unfolded; of each as many as a page holds."""
    wanted = " AND ".join(_conditions(asked, arguments, after)) or "true"
    if asked.patients is None:
        return f"SELECT {_COLUMNS} FROM audit.look l WHERE {wanted}"
    patients = arguments.add(list(asked.patients), "bigint[]")
    limit = "" if count is None else f" ORDER BY l.at DESC, l.id DESC LIMIT {arguments.add(count, 'int')}"
    return f"""SELECT * FROM (
        (SELECT {_COLUMNS} FROM audit.look l WHERE l.patient = ANY({patients}) AND {wanted}{limit})
        UNION
        (SELECT DISTINCT ON (l.at, l.id) {_COLUMNS} FROM audit.seen s JOIN audit.look l ON l.id = s.look AND l.at = s.at
         WHERE s.patient = ANY({patients}) AND {wanted}{limit or " ORDER BY l.at, l.id"})) at_patients"""


def _conditions(asked: Asked, arguments: Arguments, after: Place | None) -> list[str]:
    found = []
    if after is not None:
        at, id_ = after
        found.append(f"(l.at, l.id) < ({arguments.add(at, 'timestamptz')}, {arguments.add(id_, 'uuid')})")
    if asked.without:
        found.append(f"l.action <> ALL({arguments.add(list(asked.without), 'text[]')})")
    if asked.folded:
        found.append("l.page IS NULL")
    for column, values, type_ in (
        ("l.organization_id", asked.organizations, "text[]"),
        ("l.actor", asked.actors, "text[]"),
        ("l.role", asked.roles, "text[]"),
        ("l.action", asked.actions, "text[]"),
        ("l.id", asked.ids, "uuid[]"),
    ):
        if values is not None:
            found.append(f"{column} = ANY({arguments.add(list(values), type_)})")
    if asked.organizations is not None:
        found.append("l.organization_id <> ''")
    found += [_any(_within(one, arguments) for one in alternatives) for alternatives in asked.times]
    for references in asked.agents:
        units = [one.removeprefix("Organization/") for one in references if one.startswith("Organization/")]
        agents = arguments.add(list(references), "text[]")
        found.append(f"(l.agent = ANY({agents}) OR l.organization_id = ANY({arguments.add(units, 'text[]')}))")
    found += [_any(_called(name, arguments) for name in alternatives) for alternatives in asked.names]
    return found


def _any(conditions: object) -> str:
    return f"({' OR '.join(conditions)})"  # type: ignore[arg-type]


def _within(stretch: tuple[datetime | None, datetime | None], arguments: Arguments) -> str:
    lo, hi = stretch
    parts = [f"l.at >= {arguments.add(lo, 'timestamptz')}"] if lo else []
    parts += [f"l.at < {arguments.add(hi, 'timestamptz')}"] if hi else []
    return f"({' AND '.join(parts) or 'true'})"


def _called(name: Name, arguments: Arguments) -> str:
    if name.how == "exact":
        return f"l.name = {arguments.add(name.text, 'text')}"
    plain = name.text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    if name.how == "contains":
        return f"lower(l.name) LIKE {arguments.add(f'%{plain}%', 'text')}"
    first, later = arguments.add(f"{plain}%", "text"), arguments.add(f"% {plain}%", "text")
    return f"(lower(l.name) LIKE {first} OR lower(l.name) LIKE {later})"
