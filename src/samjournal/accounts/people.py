"""Accounts and the roles that each may choose from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Invalid, NotFound

_SQL = queries("samjournal.accounts")


@dataclass(frozen=True, slots=True)
class RoleAt:
    """A role at a unit: `code` as in `access.ROLES`, the ids of Organization, PractitionerRole and Practitioner."""

    code: str
    organization_id: str
    practitioner_role_id: str
    unit_name: str
    practitioner_id: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in: staff with one or more roles, or a citizen with an own record."""

    login: str
    name: str
    kind: str  # staff, citizen
    roles: tuple[RoleAt, ...] = ()
    practitioner_id: str | None = None
    patient_id: str | None = None


async def add(db: Connection, accounts: Sequence[Account]) -> None:
    """Store accounts with their roles, replacing those of the same login."""
    await db.executemany(
        _SQL.put_account, [(a.login, a.name, a.kind, a.practitioner_id, a.patient_id) for a in accounts]
    )
    await db.execute(_SQL.forget_roles, [a.login for a in accounts])
    await db.executemany(
        _SQL.add_role,
        [
            (a.login, role.practitioner_role_id, role.code, role.organization_id, role.unit_name)
            for a in accounts
            for role in a.roles
        ],
    )


async def account(db: Pool | Connection, login: str) -> Account | None:
    """The active account of a login, with its roles."""
    found = _accounts(await db.fetch(_SQL.accounts, login))
    return found[0] if found else None


async def know_as(db: Pool | Connection, login: str, numbers: Iterable[tuple[str, str]]) -> None:
    """Note the official numbers of a login, as (system, value). Of each kind of account the last who says so has it:
    whoever works here is a citizen too, by the same number."""
    for system, value in numbers:
        await db.execute(_SQL.know_as, system, value, login)


async def known_as(db: Pool | Connection, system: str, value: str, kind: str | None = None) -> Account | None:
    """The active account behind an official number, of a kind (staff, citizen) if one is named; else staff first."""
    login = await db.fetchval(_SQL.known_as, system, value, kind)
    return await account(db, login) if login is not None else None


async def login_of_patient(db: Pool | Connection, patient_ids: Iterable[str]) -> tuple[str, bool] | None:
    """The login of a citizen by the ids of the record, and whether it is active."""
    row = await db.fetchrow(_SQL.account_of_patient, list(patient_ids))
    return (row["login"], row["active"]) if row else None


async def in_role(db: Pool | Connection, login: str, role: str | None = None) -> tuple[Account, RoleAt]:
    """An account and one of its roles, named by code or PractitionerRole id. Raises NotFound, or Invalid when the
    person has several roles and none was named."""
    who = await account(db, login)
    if who is None:
        raise NotFound(f"There is no account {login}.")
    fitting = [at for at in who.roles if role in (None, at.code, at.practitioner_role_id)]
    if len(fitting) != 1:
        known = ", ".join(f"{at.practitioner_role_id} ({at.code}, {at.unit_name})" for at in who.roles)
        told = "several roles" if fitting else f"no role “{role}”"
        raise Invalid(f"{login} has {told}; name one with --role: {known}.")
    return who, fitting[0]


async def staff_named(db: Pool | Connection, text: str, *, most: int = 10) -> list[Account]:
    """Staff by login, or by a part of the name; who has the very login or the whole name is meant alone."""
    part = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    rows = await db.fetch(_SQL.staff_named, text, f"%{part}%", most)
    found = [one for row in rows if (one := await account(db, row["login"])) is not None]
    exact = [one for one in found if one.login == text] or [one for one in found if one.name.lower() == text.lower()]
    return exact if len(exact) == 1 else found


async def practitioners_of(db: Pool | Connection, logins: Iterable[str]) -> dict[str, str]:
    """The Practitioner behind each of some logins, closed ones too."""
    return {row["login"]: row["practitioner"] for row in await db.fetch(_SQL.practitioners_of, list(logins))}


async def logins_in(db: Pool | Connection, practitioner_roles: Iterable[str]) -> list[str]:
    """Who has held some PractitionerRoles, now or once."""
    return [row["login"] for row in await db.fetch(_SQL.logins_in, list(practitioner_roles))]


async def codes_of(db: Pool | Connection, practitioner_roles: Iterable[str]) -> dict[str, str]:
    """The role that accounts have in some PractitionerRoles; those without an account are not in it."""
    rows = await db.fetch(_SQL.codes_of, list(practitioner_roles))
    return {row["practitioner_role"]: row["code"] for row in rows}


async def units_of(db: Pool | Connection, practitioners: Iterable[str]) -> dict[str, set[str]]:
    """The units at which some Practitioners have roles, by their ids."""
    found: dict[str, set[str]] = {}
    for row in await db.fetch(_SQL.units_of, list(practitioners)):
        found.setdefault(row["practitioner"], set()).add(row["organization"])
    return found


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody held, from and until (None: still)."""

    at: RoleAt
    starts: datetime
    ends: datetime | None


async def roles_held(db: Pool | Connection, login: str, begin: datetime, end: datetime) -> list[Held]:
    """The roles that a login held at some time between two moments, the latest first."""
    return [
        Held(
            RoleAt(row["code"], row["organization"], row["practitioner_role"], row["unit"]), row["starts"], row["ends"]
        )
        for row in await db.fetch(_SQL.roles_held, login, begin, end)
    ]


@dataclass(frozen=True, slots=True)
class Post:
    """A role that somebody can sign in to: whose it is, and where."""

    practitioner_role_id: str
    organization_id: str
    name: str
    practitioner_id: str


async def colleagues(db: Pool | Connection, organization_id: str) -> list[Account]:
    """Who can sign in to a role at a unit, by name, each with the roles there."""
    return _accounts(await db.fetch(_SQL.colleagues, organization_id))


async def posts(db: Pool | Connection, *, roles: Iterable[str] = (), practitioners: Iterable[str] = ()) -> list[Post]:
    """Those of some PractitionerRoles, and of those of some Practitioners, that somebody can sign in to."""
    rows = await db.fetch(_SQL.held_now, list(roles), list(practitioners))
    return [Post(row["practitioner_role"], row["organization"], row["name"], row["practitioner"] or "") for row in rows]


async def manned(db: Pool | Connection, organizations: Iterable[str], codes: Iterable[str]) -> set[str]:
    """At which of some units somebody can sign in to one of some roles."""
    return {row["organization"] for row in await db.fetch(_SQL.manned, list(organizations), list(codes))}


async def staffed(
    db: Pool | Connection, organizations: Iterable[str], codes: Iterable[str]
) -> dict[str, dict[str, str]]:
    """Who can sign in to one of some roles at some units: PractitionerRole ids with names, by unit, by name."""
    found: dict[str, dict[str, str]] = {}
    for row in await db.fetch(_SQL.staffed, list(organizations), list(codes)):
        found.setdefault(row["organization"], {})[row["practitioner_role"]] = row["name"]
    return found


async def most_manned(db: Pool | Connection, codes: Iterable[str]) -> tuple[str, str] | None:
    """The unit at which most people can sign in to one of some roles, and its name; None when nobody can."""
    row = await db.fetchrow(_SQL.most_manned, list(codes))
    return (row["organization"], row["unit"]) if row else None


async def list_accounts(db: Pool | Connection) -> list[Account]:
    """Every active account, by login."""
    return _accounts(await db.fetch(_SQL.accounts, None))


def _accounts(rows: Sequence[asyncpg.Record]) -> list[Account]:
    by_login: dict[str, list[asyncpg.Record]] = {}
    for row in rows:
        by_login.setdefault(row["login"], []).append(row)
    return [
        Account(
            login=login,
            name=same[0]["name"],
            kind=same[0]["kind"],
            practitioner_id=same[0]["practitioner"],
            patient_id=same[0]["patient"],
            roles=tuple(role_at(row) for row in same if row["code"]),
        )
        for login, same in by_login.items()
    ]


def role_at(row: asyncpg.Record) -> RoleAt:
    """The role in a row of `accounts.role` joined with its account."""
    return RoleAt(row["code"], row["organization"], row["practitioner_role"], row["unit"], row["practitioner"] or "")
