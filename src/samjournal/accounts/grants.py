"""What people let apps do: a grant, the code that comes of it once, and the tokens that come of that.

    grant(db, made) -> str                       a code for the app, valid for a minute
    take(db, app, word, use) -> Granted | None   what a code or refresh token came of; the second time ends all of it
    issue(db, granted, …) -> Issued              an access token, and a refresh token where one was let
    granted_by(db, login)                        what somebody lets apps do now
    launch, launched                             a word for an app that is opened from a patient's page

docs/decisions/0055
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import asyncpg

from samjournal.accounts.tokens import digest, new
from samjournal.audit import Look, write
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.accounts")
SECONDS = 600
"""An access token of a person's app lasts so long."""
CODE_SECONDS = 60
LAUNCH_SECONDS = 300
Use = Literal["code", "refresh"]


@dataclass(frozen=True, slots=True)
class Granted:
    """One grant: who, in which role and perhaps for whom (`acts_for`), lets which app do what, of which patient. With a
    `session` it ends when that does. `name` is the app's."""

    app: str
    login: str
    practitioner_role_id: str
    scope: str
    redirect: str
    challenge: str
    acts_for: str | None = None
    session: str | None = None
    patient_id: str | None = None
    encounter_id: str | None = None
    nonce: str | None = None
    id: UUID | None = None
    name: str = ""
    starts: datetime | None = None
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens as they are sent."""

    access: str
    refresh: str | None
    seconds: int


async def grant(db: Connection, made: Granted, *, seconds: float) -> str:
    """Keep what somebody lets an app do for so long, and give the code that the app gets. The caller logs."""
    session = bytes.fromhex(made.session) if made.session else None
    id_ = await db.fetchval(
        _SQL.grant, made.app, made.login, made.practitioner_role_id, made.acts_for, session, made.patient_id,
        made.encounter_id, made.scope, made.redirect, made.challenge, made.nonce, float(seconds),
    )  # fmt: skip
    return await _put(db, replace(made, id=id_), "code", min(CODE_SECONDS, seconds), made.scope)


async def take(db: Pool, app: str, word: str, use: Use) -> Granted | None:
    """What a code or refresh token of an app came of; it is used by that. None for one that is unknown, another's, run
    out, or was used: then all that came of it ends, for one of the two who had it was not meant to."""
    async with db.transaction() as connection:
        row = await connection.fetchrow(_SQL.take_once, digest(word), app, use)
        if row is None:
            before = await connection.fetchval(_SQL.used_before, digest(word), app, use)
            if before is not None:
                await connection.fetchrow(_SQL.end_granted, before, "reuse")
            return None
    return _granted(row)


async def issue(db: Pool, granted: Granted, *, scope: str, refreshes: bool, who: Look) -> Issued:
    """Tokens for a grant, logged as `who`; none outlives it. The refresh token keeps all that was let, the access token
    has this scope."""
    assert granted.expires is not None
    left = max((granted.expires - datetime.now(UTC)).total_seconds(), 0)
    seconds = min(SECONDS, left)
    async with db.transaction() as connection:
        await connection.execute(_SQL.forget_tokens, granted.app)
        access = await _put(connection, granted, "access", seconds, scope)
        refresh = await _put(connection, granted, "refresh", left, granted.scope) if refreshes else None
        await write(connection, [who])
    return Issued(access, refresh, int(seconds))


async def _put(db: Connection, granted: Granted, use: str, seconds: float, scope: str) -> str:
    word = new()
    whom = (granted.login, granted.practitioner_role_id, None, scope, granted.acts_for, granted.app, granted.id)
    await db.execute(_SQL.issue_for_app, digest(word), *whom, use, float(seconds))
    return word


async def end_granted(db: Pool | Connection, id_: UUID, why: str) -> None:
    """End a grant: its tokens open nothing from now on."""
    await db.fetchrow(_SQL.end_granted, id_, why)


async def end_refresh(db: Pool, app: str, token: str) -> bool:
    """End all that a refresh token of an app came of; whether it was one."""
    id_ = await db.fetchval(_SQL.granted_by_token, digest(token), app)
    if id_ is not None:
        await end_granted(db, id_, "app")
    return id_ is not None


async def public_app_of(db: Pool, token: str) -> str | None:
    """The app that a refresh token is of, when it is one that keeps no key."""
    name: str | None = await db.fetchval(_SQL.public_app_of, digest(token))
    return name


async def is_refreshing(db: Pool, app: str, token: str) -> tuple[str, datetime, datetime] | None:
    """Scope, beginning and end of a refresh token that can be used still."""
    row = await db.fetchrow(_SQL.refresh_token, digest(token), app)
    return (row["scope"], row["created"], row["expires"]) if row else None


async def granted_by(db: Pool, login: str) -> list[Granted]:
    """What somebody lets apps do now, the newest first."""
    rows = await db.fetch(_SQL.granted_by, login)
    return [replace(_granted(row), name=row["name"]) for row in rows]


async def launch(db: Pool, app: str, session: str, patient_id: str, encounter_id: str | None) -> str:
    """A word for an app that somebody opens from a patient's page."""
    word = secrets.token_urlsafe(32)
    await db.execute(_SQL.forget_launches)
    whom = (bytes.fromhex(session), patient_id, encounter_id)
    await db.execute(_SQL.put_launch, digest(word), app, *whom, float(LAUNCH_SECONDS))
    return word


async def launched(db: Pool, app: str, session: str, word: str) -> tuple[str, str | None] | None:
    """Patient and encounter for whom an app was opened, in the same session; None for any other word."""
    row = await db.fetchrow(_SQL.launch, digest(word), app, bytes.fromhex(session))
    return (row["patient"], row["encounter"]) if row else None


def _granted(row: asyncpg.Record) -> Granted:
    return Granted(
        row["app"], row["login"], row["practitioner_role"], row["scope"], row["redirect"], row["challenge"],
        row["acts_for"], row["session"].hex() if row["session"] else None, row["patient"], row["encounter"],
        row["nonce"], row["id"], "", row["starts"], row["expires"],
    )  # fmt: skip


async def signing_keys(db: Pool, *, days: int) -> Sequence[tuple[str, bytes, datetime]]:
    """Keys for ID tokens not older than that, the newest first: name, PKCS #8, when it was made."""
    return [(row["id"], row["key"], row["made"]) for row in await db.fetch(_SQL.signing_keys, days)]


async def add_signing_key(db: Pool, id_: str, key: bytes) -> None:
    """Keep one more key."""
    await db.execute(_SQL.put_signing_key, id_, key)
