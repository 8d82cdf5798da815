"""Sessions on the server: a random cookie, its hash in the database, one active role. Requirement 2.2

    sign_in(db, account, proof, at=…, limits=…) -> (Session, cookie)
    session_of(db, cookie, used=…)      the session behind a cookie; `used` keeps it from ending unused
    prove_again(db, session, proof)     a proof in the middle of it: it lasts anew, under another cookie
    choose_role(db, session, role)      the same session with another role, under another cookie
    sign_out, sign_out_of, sign_out_everywhere

A session ends when it was not used for its `idle`, or its `whole` after the last full proof (`limits.py`). On a shared
PC it locks where others end. The cookie changes with each proof and each role; `Session.id` never does.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

import asyncpg

from samjournal.accounts.coming import came, left
from samjournal.accounts.limits import LIMITS, Limits
from samjournal.accounts.people import Account, RoleAt, account
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden, NotFound

_SQL = queries("samjournal.accounts")


@dataclass(frozen=True, slots=True)
class Proof:
    """How somebody proved who he is: `way` is what proved it (demo, idporten, helseid, …), `level` what the provider
    calls its strength (acr), `provider_session` the name (sid) under which the provider ends it. `units` are those of
    the organisation that it was said to be for; of all, where none was named."""

    way: str
    level: str = ""
    provider_session: str | None = None
    units: tuple[str, ...] = ()


DEMO: Final = Proof("demo")


@dataclass(frozen=True, slots=True)
class Place:
    """What somebody sits at: `device` is what the browser calls itself, `browser` the hash of its own cookie, `phone`
    the paired phone that proved it."""

    device: str = ""
    browser: bytes | None = None
    is_shared: bool = False
    phone: UUID | None = None


NOWHERE: Final = Place()


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in person. `role` is None until one of several was chosen; `id` names the session, not the cookie;
    `acts_for` is the patient whom a citizen acts for just now, and may be refused. `proven` is when he last proved who
    he is, by `proof`; `unlocked` when he last did, by a PIN code or that. `left` is in how many seconds it ends
    unused, `whole` in how many whatever he does, as of when it was asked for. `is_locked`: it opens nothing until he
    proves who he is; `place` is the page that was open then; `has_pin`: a PIN code is proof enough for that.
    `has_news`: somebody signed in as him in a browser that was new to us, and he has not looked yet."""

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
    unlocked: datetime | None = None
    at: Place = NOWHERE
    is_locked: bool = False
    has_news: bool = False
    place: str = ""
    has_pin: bool = False
    left: int = field(default=0, compare=False)
    whole: int = field(default=0, compare=False)


async def sign_in(
    db: Pool, who: Account, proof: Proof, *, at: Place = NOWHERE, limits: Limits = LIMITS
) -> tuple[Session, str]:
    """Open a session for somebody who has proved who he is, and give the cookie's value."""
    cookie, id_ = secrets.token_urlsafe(32), secrets.token_bytes(32)
    roles = within(who.roles, proof)
    role = roles[0].practitioner_role_id if len(roles) == 1 else None
    limit = limits.of(who.kind, proof.way, is_shared=at.is_shared)
    told = (proof.way, proof.level, proof.provider_session, at.device, at.browser, at.is_shared, at.phone)
    units = list(proof.units) or None
    await db.execute(_SQL.open_session, id_, _kept(cookie), who.login, role, limit.whole, limit.idle, *told, units)
    session = await _found(db, id_, used=False)
    if session is None:
        raise NotFound(f"Nobody here is called {who.login}.")
    await came(db, who.login, who.name, who.kind, session.role, by=f"{proof.way} {proof.level}".strip())
    return session, cookie


async def sign_in_demo(db: Pool, login: str, *, at: Place = NOWHERE, limits: Limits = LIMITS) -> tuple[Session, str]:
    """Open a session for a made-up person and give the cookie's value. Raises Forbidden where this is no demo,
    NotFound for an unknown login."""
    return await sign_in(db, await made_up(db, login), DEMO, at=at, limits=limits)


async def made_up(db: Pool, login: str) -> Account:
    """A made-up person of a demo. Raises as `sign_in_demo`."""
    if await db.fetchval(_SQL.kind) != "demo":
        raise Forbidden("Sign-in without proof of who you are exists in demo installations only.")
    who = await account(db, login)
    if who is None:
        raise NotFound(f"Nobody here is called {login}.")
    return who


async def session_of(db: Pool, cookie: str, *, used: bool = True) -> Session | None:
    """The session of a cookie, None when it ended or never was. That it was `used` is noted at most once a minute, by
    the same statement."""
    return _session(await db.fetchrow(_SQL.session, _kept(cookie), None, used))


async def session_now(db: Pool, session: Session, *, used: bool = False) -> Session | None:
    """The same session as it is by now, None when it has ended."""
    return await _found(db, bytes.fromhex(session.id), used=used)


async def session_by_name(db: Pool, id_: bytes) -> Session | None:
    """A session by what names it in the database."""
    return await _found(db, id_, used=False)


async def ended(db: Pool, cookie: str) -> str | None:
    """Whose session a cookie opened that has ended by itself not long ago, or is locked; None when it stands, or was
    signed out."""
    login: str | None = await db.fetchval(_SQL.ended, _kept(cookie))
    return login


async def standing(db: Pool, ids: list[str]) -> set[str]:
    """Those of some sessions that stand, and are not locked."""
    rows = await db.fetch(_SQL.standing, [bytes.fromhex(one) for one in ids])
    return {row["id"].hex() for row in rows}


async def _found(db: Pool, id_: bytes, *, used: bool) -> Session | None:
    return _session(await db.fetchrow(_SQL.session, None, id_, used))


async def act_for(db: Pool, session: Session, patient_id: str | None) -> Session:
    """Note whom a citizen acts for from now on, on all open pages; None: himself again. Whether he may is for `access`
    to say, now and at each request."""
    if session.kind != "citizen":
        raise Forbidden("Citizens act for others; staff have roles.")
    await db.execute(_SQL.act_for, bytes.fromhex(session.id), patient_id)
    return replace(session, acts_for=patient_id)


async def choose_role(db: Pool, session: Session, practitioner_role_id: str) -> tuple[Session, str]:
    """Make one of the person's own roles the active one, at once for all open pages, and give the cookie that opens
    the session from now on. Raises Forbidden for another's."""
    role = next((at for at in session.roles if at.practitioner_role_id == practitioner_role_id), None)
    if role is None:
        raise Forbidden("That role is not one of yours.")
    cookie = secrets.token_urlsafe(32)
    await db.execute(_SQL.choose_role, bytes.fromhex(session.id), role.practitioner_role_id, _kept(cookie))
    return replace(session, role=role), cookie


async def prove_again(db: Pool, session: Session, proof: Proof, *, limits: Limits = LIMITS) -> str:
    """Note that the same person proved again who he is, with full strength: the session lasts anew, and is open if it
    was locked. Gives the cookie that opens it from now on. Whoever calls has made sure that it is the same person."""
    cookie = secrets.token_urlsafe(32)
    limit = limits.of(session.kind, proof.way, is_shared=session.at.is_shared)
    told = (proof.way, proof.level, proof.provider_session, list(proof.units) or None)
    await db.execute(_SQL.prove_again, bytes.fromhex(session.id), _kept(cookie), limit.whole, *told)
    return cookie


async def sign_out(db: Pool, session: Session) -> None:
    """End a session: its cookie opens nothing from now on."""
    await db.execute(_SQL.close_session, bytes.fromhex(session.id))
    await left(db, session.login, session.name, session.kind, session.role)


async def sign_out_everywhere(db: Pool | Connection, login: str) -> None:
    """End all that somebody has open, and all by which he could open it anew without a full proof: each session with
    its PIN code, each token that stands for him, each paired phone."""
    await db.execute(_SQL.revoke_phones, login)
    await db.execute(_SQL.close_sessions, login)
    await db.execute(_SQL.revoke_tokens, login)


async def forget_ended(db: Pool) -> None:
    """Take away sessions that ended more than a day ago, forms that nobody came back for, and browsers of old."""
    for statement in (
        *(_SQL.forget_ended, _SQL.forget_forms, _SQL.forget_met, _SQL.forget_browsers),
        *(_SQL.forget_challenges, _SQL.forget_codes),
    ):
        await db.execute(statement)


def _kept(cookie: str) -> bytes:
    """What is kept of a cookie."""
    return sha256(cookie.encode()).digest()


def within(roles: tuple[RoleAt, ...], proof: Proof) -> tuple[RoleAt, ...]:
    """Of somebody's roles those that he proved himself for."""
    return tuple(role for role in roles if role.organization_id in proof.units) if proof.units else roles


def _session(row: asyncpg.Record | None) -> Session | None:
    """The session in a row, with the roles of its person; None when he may not sign in any more."""
    if row is None:
        return None
    proof = Proof(row["way"], row["level"], row["provider_session"], tuple(row["units"] or ()))
    roles = within(
        tuple(
            RoleAt(code, organization, role, unit, row["practitioner"] or "")
            for code, organization, role, unit in row["roles"]
        ),
        proof,
    )
    return Session(
        row["id"].hex(),
        row["login"],
        row["name"],
        row["kind"],
        next((at for at in roles if at.practitioner_role_id == row["practitioner_role"]), None),
        roles,
        row["patient"],
        row["practitioner"],
        acts_for=row["acts_for"],
        proof=proof,
        proven=row["proven"],
        unlocked=row["unlocked"],
        at=Place(row["device"], row["browser"], row["shared"], row["phone"]),
        is_locked=row["is_locked"],
        has_news=row["has_news"],
        place=row["place"],
        has_pin=row["has_pin"],
        left=row["left"],
        whole=row["whole"],
    )
