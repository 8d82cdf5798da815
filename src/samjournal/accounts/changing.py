"""Accounts of people at work as a directory changes them: opened, renamed, given and deprived of roles, closed.

All of it is done in a transaction of the caller, with what the record says of the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from samjournal.accounts.people import RoleAt, role_at
from samjournal.accounts.sessions import sign_out_everywhere
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.accounts")


@dataclass(frozen=True, slots=True)
class Whole:
    """An account, closed or not, with what it has: roles with their ends."""

    login: str
    name: str
    kind: str
    practitioner_id: str | None
    active: bool
    roles: tuple[tuple[RoleAt, datetime | None], ...]


async def whole(db: Connection, login: str) -> Whole | None:
    """An account as it is, locked until the end of the transaction."""
    row = await db.fetchrow(_SQL.account_whole, login)
    if row is None:
        return None
    roles = tuple((role_at(each), each["ends"]) for each in await db.fetch(_SQL.roles_of, login))
    return Whole(login, row["name"], row["kind"], row["practitioner"], row["active"], roles)


async def open_account(db: Connection, login: str, name: str, practitioner_id: str, *, active: bool) -> None:
    """Somebody at work who is new here, with no role yet."""
    await db.execute(_SQL.open_account, login, name, practitioner_id, active)


async def change_account(db: Connection, login: str, name: str, practitioner_id: str, *, active: bool) -> None:
    """What somebody is called, and whether he gets in. Who does not is out at once: sessions and tokens end."""
    await db.execute(_SQL.change_account, login, name, practitioner_id, active)
    if not active:
        await sign_out_everywhere(db, login)


async def give_role(db: Connection, login: str, at: RoleAt, ends: datetime | None) -> None:
    """A role from now on, until it ends."""
    await db.execute(_SQL.give_role, login, at.practitioner_role_id, at.code, at.organization_id, at.unit_name, ends)


async def renew_role(db: Connection, login: str, at: RoleAt, ends: datetime | None) -> None:
    """A role that goes on, and ends at another time or at a unit that is called otherwise."""
    await db.execute(_SQL.take_roles, login, [at.practitioner_role_id])
    await give_role(db, login, at, ends)


async def take_roles(db: Connection, login: str, practitioner_roles: Collection[str]) -> None:
    """Roles that somebody has no longer: tokens in them end, and sessions in them stand without a role."""
    if practitioner_roles:
        await db.execute(_SQL.take_roles, login, list(practitioner_roles))
        await db.execute(_SQL.end_in_roles, login, list(practitioner_roles))
        await db.execute(_SQL.leave_roles, login, list(practitioner_roles))


async def numbers_of(db: Pool | Connection, login: str) -> dict[str, str]:
    """Under which official numbers a login is known, by system."""
    return {row["system"]: row["value"] for row in await db.fetch(_SQL.numbers_of, login)}


async def renumber(db: Connection, login: str, system: str, value: str | None) -> None:
    """What of a system was his is no longer, but `value`."""
    await db.execute(_SQL.unknow_as, login, system, value or "")


async def numbered(db: Pool | Connection, system: str, value: str) -> str | None:
    """The login that is known under an official number, closed or not."""
    found: str | None = await db.fetchval(_SQL.numbered, system, value)
    return found
