"""People at work as a directory knows them, and what they have here. Requirement 2.3

person(db, login) -> Person | None             one, whether the directory has spoken of him or not
listed(db, most=, offset=, after=) -> list     all of them by login, in pages
named(db, user_name), called(db, external_id)  logins
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from samjournal.accounts import RoleAt
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.provisioning")
Key = tuple[str, str]
"""A role at a unit: the code, and the id of the Organization."""


@dataclass(frozen=True, slots=True)
class Given:
    """A role at a unit that the directory gives to somebody by name, from and until (None: it does not say)."""

    code: str
    organization: str
    starts: datetime | None = None
    ends: datetime | None = None

    @property
    def key(self) -> Key:
        return self.code, self.organization


@dataclass(frozen=True, slots=True)
class Membership:
    """A group that somebody is in; without `code` it gives nothing yet."""

    id: str
    name: str
    code: str | None
    organization: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at work. `content` is what the directory says beside, in SCIM's words; `active` what it says of that;
    `gets_in` whether he can sign in; `roles` what he has now, with their ends. `said`: it has spoken of him at all."""

    login: str
    user_name: str
    external_id: str | None
    content: dict[str, Any]
    hpr: str | None
    practitioner_id: str | None
    name: str
    said: bool
    gets_in: bool
    version: int
    created: datetime
    modified: datetime
    unsettled: datetime | None = None
    given: tuple[Given, ...] = ()
    teams: tuple[Membership, ...] = ()
    roles: tuple[tuple[RoleAt, datetime | None], ...] = ()

    @property
    def active(self) -> bool:
        return bool(self.content.get("active", True if self.said else self.gets_in))

    def wanted(self, now: datetime) -> dict[Key, datetime | None]:
        """The roles that he is given now, each with its end. What a group gives has none."""
        return wanted(self.active, self.given, self.teams, now)


def wanted(
    active: bool, given: Sequence[Given], teams: Sequence[Membership], now: datetime
) -> dict[Key, datetime | None]:
    """The roles that somebody is given at a moment, each with its end (None: none is known). Nobody who is not active
    has any."""
    if not active:
        return {}
    found: dict[Key, datetime | None] = {}
    for one in given:
        if (one.starts is None or one.starts <= now) and (one.ends is None or one.ends > now):
            found[one.key] = one.ends
    for team in teams:
        if team.code is not None and team.organization is not None:
            found[team.code, team.organization] = None
    return found


async def person(db: Pool | Connection, login: str, *, gone: bool = False) -> Person | None:
    """Somebody at work, by login; with `gone` also one whom the directory knows no longer."""
    found = await several(db, [login], gone=gone)
    return found[0] if found else None


async def several(db: Pool | Connection, logins: Sequence[str], *, gone: bool = False) -> list[Person]:
    """Some people at work, those that there are, by login."""
    return await _whole(db, await db.fetch(_SQL.people, list(logins), None, len(logins) or 1, 0, gone))


async def listed(db: Pool | Connection, *, most: int, offset: int = 0, after: str | None = None) -> list[Person]:
    """People at work by login: `most` of them, from the `offset`-th, or those after a login."""
    return await _whole(db, await db.fetch(_SQL.people, None, after, most, offset, False))


async def count(db: Pool | Connection) -> int:
    """How many people at work there are."""
    return int(await db.fetchval(_SQL.count_people))


async def named(db: Pool | Connection, user_name: str) -> str | None:
    """The login of whom a directory calls by a user name, in whatever case."""
    found: str | None = await db.fetchval(_SQL.by_user_name, user_name.lower())
    return found


async def called(db: Pool | Connection, external_id: str) -> list[str]:
    """The logins of those with an id of the directory's own."""
    return [row["login"] for row in await db.fetch(_SQL.by_external_id, external_id)]


async def _whole(db: Pool | Connection, rows: Sequence[Any]) -> list[Person]:
    found = {
        row["login"]: Person(
            login=row["login"],
            user_name=row["user_name"] or row["login"],
            external_id=row["external_id"],
            content=msgspec.json.decode(row["content"]) if row["content"] else {},
            hpr=row["hpr"],
            practitioner_id=row["practitioner"],
            name=row["name"],
            said=row["said"],
            gets_in=row["gets_in"],
            version=row["version"] or 1,
            created=row["created"] or row["opened"],
            modified=row["modified"] or row["opened"],
            unsettled=row["unsettled"],
        )
        for row in rows
    }
    logins = list(found)
    if not logins:
        return []
    roles: dict[str, list[tuple[RoleAt, datetime | None]]] = {}
    for row in await db.fetch(_SQL.roles_of, logins):
        at = RoleAt(row["code"], row["organization"], row["practitioner_role"], row["unit"])
        roles.setdefault(row["login"], []).append((at, row["ends"]))
    given: dict[str, list[Given]] = {}
    for row in await db.fetch(_SQL.given_of, logins):
        one = Given(row["code"], row["organization"], row["starts"], row["ends"])
        given.setdefault(row["login"], []).append(one)
    teams: dict[str, list[Membership]] = {}
    for row in await db.fetch(_SQL.teams_of, logins):
        team = Membership(row["id"], row["name"], row["code"], row["organization"])
        teams.setdefault(row["login"], []).append(team)
    return [
        replace(
            one,
            roles=tuple(roles.get(login, ())),
            # What somebody had before the directory spoke of him counts as given, until it says otherwise.
            given=tuple(given.get(login, ())) if one.said else tuple(_had(roles.get(login, ()))),
            teams=tuple(teams.get(login, ())),
        )
        for login, one in found.items()
    ]


def _had(roles: Sequence[tuple[RoleAt, datetime | None]]) -> list[Given]:
    return [Given(at.code, at.organization_id, None, ends) for at, ends in roles]
