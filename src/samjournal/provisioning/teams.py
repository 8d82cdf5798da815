"""Groups of a directory: each stands for a role at a unit, and gives it to its members.

What is in a group is kept first, and then each of its people gets what he is given by now (`putting.settle`): those who
went out before anybody else. What is cut off in between is gone on with by the job (`seeing.see_to_people`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samjournal import audit
from samjournal.access import ROLES, Permit
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Invalid, NotFound, VersionMoved
from samjournal.provisioning.putting import settle
from samjournal.provisioning.wishes import Taken
from samjournal.record import Door, new_id
from samjournal.record.door import look_of

_SQL = queries("samjournal.provisioning")


@dataclass(frozen=True, slots=True)
class Team:
    """A group; `members` as login and name. Without `code` it gives nothing yet."""

    id: str
    name: str
    external_id: str | None
    code: str | None
    organization: str | None
    version: int
    created: datetime
    modified: datetime
    members: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TeamWish:
    """What a directory says of a group."""

    name: str
    external_id: str | None
    code: str | None
    organization: str | None
    members: frozenset[str]


async def team(db: Pool | Connection, id_: str, *, members: bool = True) -> Team | None:
    """One group with its members."""
    found = await _whole(db, await db.fetch(_SQL.teams, [id_], None, 1, 0), members=members)
    return found[0] if found else None


async def teams(
    db: Pool | Connection, *, most: int, offset: int = 0, after: str | None = None, members: bool = True
) -> list[Team]:
    """Groups by id."""
    return await _whole(db, await db.fetch(_SQL.teams, None, after, most, offset), members=members)


async def count_teams(db: Pool | Connection) -> int:
    """How many groups there are."""
    return int(await db.fetchval(_SQL.count_teams))


async def team_named(db: Pool | Connection, name: str) -> str | None:
    """The id of the group that is called so, in whatever case."""
    found: str | None = await db.fetchval(_SQL.team_named, name.lower())
    return found


async def put_team(
    door: Door, permit: Permit, wish: TeamWish, *, id_: str | None = None, version: int | None = None
) -> Team:
    """A group as the directory says; each member gets the role, and who is one no longer loses it at once. Raises
    Taken, NotFound, VersionMoved, Invalid for members, roles and units that there are not."""
    if wish.code is not None and (wish.code not in ROLES or wish.code == "citizen"):
        raise Invalid(f"There is no role “{wish.code[:40]}”: {', '.join(code for code in ROLES if code != 'citizen')}.")
    standing = await team(door.pool, id_) if id_ else None
    if id_ is not None and standing is None:
        raise NotFound("There is no group with this id.")
    if await team_named(door.pool, wish.name) not in (None, id_):
        raise Taken(f"A group is called {wish.name[:120]} already.")
    known = {row["login"] for row in await door.pool.fetch(_SQL.known, list(wish.members))}
    if unknown := sorted(wish.members - known):
        raise Invalid(f"Nobody who works here has the id {unknown[0][:64]}: members are known by the id of their User.")
    before = frozenset(login for login, _ in standing.members) if standing else frozenset()
    means = (wish.code, wish.organization)
    is_other = standing is not None and (standing.code, standing.organization) != means
    mine = id_ or new_id()

    async def in_transaction(db: Connection) -> None:
        stands = await db.fetchval(_SQL.lock_team, mine)
        if stands is not None and version is not None and stands != version:
            raise VersionMoved(f"The newest version is {stands}, not {version}. Read it again, then change it.")
        said = (mine, wish.name, wish.name.lower(), wish.external_id, wish.code, wish.organization)
        await db.execute(_SQL.put_team, *said)
        await _move(db, permit, mine, wish.members - before, before - wish.members, also=before if is_other else ())

    if standing is None or (standing.name, standing.external_id, standing.code, standing.organization) != (
        wish.name, wish.external_id, *means) or before != wish.members:  # fmt: skip
        if version is not None and standing is not None and standing.version != version:
            raise VersionMoved(f"The newest version is {standing.version}, not {version}.")
        await door.pool.change(in_transaction)
        moved = (before ^ wish.members) | (before if is_other else frozenset())
        for login in sorted(moved, key=lambda one: (one in wish.members, one)):
            await settle(door, permit, login)
    made = await team(door.pool, mine)
    assert made is not None
    return made


async def remove_team(door: Door, permit: Permit, id_: str, *, version: int | None = None) -> None:
    """A group that is no more: what it gave is gone at once."""
    standing = await team(door.pool, id_)
    if standing is None:
        raise NotFound("There is no group with this id.")
    if version is not None and standing.version != version:
        raise VersionMoved(f"The newest version is {standing.version}, not {version}.")
    gone = [login for login, _ in standing.members]

    async def in_transaction(db: Connection) -> None:
        await _move(db, permit, id_, (), gone)
        await db.execute(_SQL.remove_team, id_)

    await door.pool.change(in_transaction)
    for login in gone:
        await settle(door, permit, login)


@dataclass(frozen=True, slots=True)
class Unmapped:
    """A group that stands for no role, and how many are in it."""

    id: str
    name: str
    members: int


async def unmapped(db: Pool | Connection) -> list[Unmapped]:
    """Groups that give nothing yet, by name."""
    return [Unmapped(row["id"], row["name"], row["members"]) for row in await db.fetch(_SQL.unmapped)]


async def _move(
    db: Connection,
    permit: Permit,
    id_: str,
    came: Collection[str],
    went: Collection[str],
    also: Collection[str] = (),
) -> None:
    moved = sorted({*came, *went, *also})
    if moved:
        if adopted := [row["login"] for row in await db.fetch(_SQL.adopt, moved)]:
            await db.execute(_SQL.adopt_roles, adopted)
        await db.execute(_SQL.unsettle, moved)
    await db.execute(_SQL.part, id_, list(went))
    await db.execute(_SQL.join, id_, list(came))
    told = f"group {id_}: {len(came)} in, {len(went)} out"
    await audit.write(db, [look_of(permit, "provision", why="directory", reason=told)])


async def _whole(db: Pool | Connection, rows: Sequence[Any], *, members: bool) -> list[Team]:
    by_team: dict[str, list[tuple[str, str]]] = {}
    if members and rows:
        ids = [row["id"] for row in rows]
        for one in await db.fetch(_SQL.members_of, ids):
            by_team.setdefault(one["team"], []).append((one["login"], one["name"]))
    return [
        Team(
            row["id"],
            row["name"],
            row["external_id"],
            row["code"],
            row["organization"],
            row["version"],
            row["created"],
            row["modified"],
            tuple(by_team.get(row["id"], ())),
        )
        for row in rows
    ]
