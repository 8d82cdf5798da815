"""Sessions on the server: a random cookie, its hash in the database, one active role. Requirement 2.2."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from samjournal.accounts.people import Account, RoleAt, account
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden, NotFound

_SQL = queries("samjournal.accounts")
HOURS = 12
"""A session ends this long after sign-in, whatever happens."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody proved who he is: `way` is what proved it (demo, idporten, helseid, …), `level` what the provider
    calls its strength (acr), `provider_session` the name (sid) under which the provider ends it."""

    way: str
    level: str = ""
    provider_session: str | None = None


DEMO = Proof("demo")


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person. `role` is None until one of several was chosen; `id` names the session, not the cookie;
    `acts_for` is the patient whom a citizen acts for just now, and may be refused. `proven` is when he last proved who
    he is, by `proof`."""

    id: str
    login: str
    name: str
    kind: str
    role: RoleAt | None
    roles: tuple[RoleAt, ...]
    patient_id: str | None
    practitioner_id: str | None = None
    acts_for: str | None = None
    proof: Proof = DEMO
    proven: datetime | None = None


async def sign_in(db: Pool, who: Account, proof: Proof) -> tuple[Session, str]:
    """Open a session for somebody who has proved who he is, and give the cookie's value."""
    cookie = secrets.token_urlsafe(32)
    role = who.roles[0] if len(who.roles) == 1 else None
    id_ = sha256(cookie.encode()).digest()
    at = role.practitioner_role_id if role else None
    proven = await db.fetchval(
        _SQL.open_session, id_, who.login, at, HOURS, proof.way, proof.level, proof.provider_session
    )
    return replace(_session(id_, who, role), proof=proof, proven=proven), cookie


async def sign_in_demo(db: Pool, login: str) -> tuple[Session, str]:
    """Open a session for a made-up person and give the cookie's value. Raises Forbidden where this is no demo,
    NotFound for an unknown login."""
    if await db.fetchval(_SQL.kind) != "demo":
        raise Forbidden("Sign-in without proof of who you are exists in demo installations only.")
    who = await account(db, login)
    if who is None:
        raise NotFound(f"Nobody here is called {login}.")
    return await sign_in(db, who, DEMO)


async def session_of(db: Pool, cookie: str) -> Session | None:
    """The session of a cookie, None when it ended or never was."""
    return await _found(db, sha256(cookie.encode()).digest())


async def session_now(db: Pool, session: Session) -> Session | None:
    """The same session as it is by now, None when it has ended."""
    return await _found(db, bytes.fromhex(session.id))


async def _found(db: Pool, id_: bytes) -> Session | None:
    row = await db.fetchrow(_SQL.session, id_)
    if row is None:
        return None
    who = await account(db, row["login"])
    if who is None:
        return None
    role = next((at for at in who.roles if at.practitioner_role_id == row["practitioner_role"]), None)
    return replace(
        _session(id_, who, role),
        acts_for=row["acts_for"],
        proof=Proof(row["way"], row["level"], row["provider_session"]),
        proven=row["proven"],
    )


async def act_for(db: Pool, session: Session, patient_id: str | None) -> Session:
    """Note whom a citizen acts for from now on, on all open pages; None: himself again. Whether he may is for `access`
    to say, now and at each request."""
    if session.kind != "citizen":
        raise Forbidden("Citizens act for others; staff have roles.")
    await db.execute(_SQL.act_for, bytes.fromhex(session.id), patient_id)
    return replace(session, acts_for=patient_id)


async def choose_role(db: Pool, session: Session, practitioner_role_id: str) -> Session:
    """Make one of the person's own roles the active one, at once for all open pages. Raises Forbidden for another."""
    role = next((at for at in session.roles if at.practitioner_role_id == practitioner_role_id), None)
    if role is None:
        raise Forbidden("That role is not one of yours.")
    await db.execute(_SQL.choose_role, bytes.fromhex(session.id), role.practitioner_role_id)
    return replace(session, role=role)


async def sign_out(db: Pool, session: Session) -> None:
    """End a session: its cookie opens nothing from now on."""
    await db.execute(_SQL.close_session, bytes.fromhex(session.id))


async def sign_out_everywhere(db: Pool | Connection, login: str) -> None:
    """End all that somebody has open: each session, and each token that stands for him."""
    await db.execute(_SQL.close_sessions, login)
    await db.execute(_SQL.revoke_tokens, login)


def _session(id_: bytes, who: Account, role: RoleAt | None) -> Session:
    return Session(id_.hex(), who.login, who.name, who.kind, role, who.roles, who.patient_id, who.practitioner_id)
