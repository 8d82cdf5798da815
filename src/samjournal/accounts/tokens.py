"""Bearer tokens: opaque, kept as a hash, valid four hours. RFC 6750"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from samjournal.accounts.people import Account, RoleAt, account, in_role
from samjournal.audit import Look, write
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Invalid

_SQL = queries("samjournal.accounts")
HOURS = 4


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token stands for: a person in one role, who may act for a patient, or a system with its scopes. Of an app
    which one, for whom it was opened, and what let it (`granted`); an app that is a system itself has no person."""

    account: Account | None
    role: RoleAt | None
    system: str | None
    scope: str | None
    acts_for: str | None = None
    app: str = ""
    granted: UUID | None = None
    patient_id: str | None = None
    encounter_id: str | None = None
    begins: datetime | None = None
    expires: datetime | None = None


async def for_user(db: Pool | Connection, login: str, role: str | None = None, *, acts_for: str | None = None) -> str:
    """A token for a person in one role, as `in_role` finds it. `acts_for` is the patient whom a citizen acts for;
    whether he may is asked at each request. Raises Invalid for staff who would act for somebody."""
    who, at = await in_role(db, login, role)
    if acts_for is not None and who.kind != "citizen":
        raise Invalid("Citizens act for others; staff have roles.")
    return await _issue(db, login, at.practitioner_role_id, None, None, acts_for)


async def for_system(db: Pool | Connection, name: str, scope: str | None = None) -> str:
    """A token for a system; without scope it reads and writes every type."""
    return await _issue(db, None, None, name, scope)


async def bearer(db: Pool, token: str) -> Bearer | None:
    """Whom a token stands for; None when it is unknown, run out, or its person or role is gone."""
    return await bearer_of(db, digest(token))


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode()).digest()


async def bearer_of(db: Pool, kept: bytes) -> Bearer | None:
    """Whom a token stands for by what is kept of it."""
    row = await db.fetchrow(_SQL.token, kept)
    if row is None:
        return None
    beside = (row["app"] or "", row["granted"], row["patient"], row["encounter"], row["created"], row["expires"])
    if row["system"] is not None:
        return Bearer(None, None, row["system"], row["scope"], None, *beside)
    who = await account(db, row["login"])
    role = next((at for at in who.roles if at.practitioner_role_id == row["practitioner_role"]), None) if who else None
    return Bearer(who, role, None, row["scope"], row["acts_for"], *beside) if role else None


def new() -> str:
    """A token as it is sent: it says nothing, and cannot be guessed."""
    return f"sj_{secrets.token_urlsafe(32)}"


async def _issue(
    db: Pool | Connection,
    login: str | None,
    role: str | None,
    system: str | None,
    scope: str | None,
    acts_for: str | None = None,
) -> str:
    token = new()
    await db.execute(_SQL.issue_token, digest(token), login, role, system, scope, acts_for, HOURS)
    actor = login or system or ""
    issued = Look("token", actor, actor, role or "system", "", "token", why=scope or "every type")
    if isinstance(db, Pool):
        async with db.acquire() as connection:
            await write(connection, [issued])
    else:
        await write(db, [issued])
    return token
