"""Sign-ins by a provider: those that have begun and are not back yet, and what is kept of those that succeeded."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from samjournal.accounts.sessions import Session
from samjournal.db.pool import Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.accounts")
MINUTES: Final = 10
"""How long somebody may take to prove who he is."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has begun: at which provider, what its token must hold and its code is worth nothing without, the
    page that was asked for, and when, in seconds since 1970."""

    provider: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    after: str
    began: float = 0


@dataclass(frozen=True, slots=True)
class Provided:
    """What a provider told when it proved who somebody is: its own name for him, and the ID token, which it wants to
    see again when the session ends."""

    provider: str
    subject: str
    id_token: str = field(repr=False)


async def begin_attempt(db: Pool, attempt: Attempt, *, state: str, browser: str) -> None:
    """Keep a sign-in by what the provider sends back, for the browser that has a cookie of that value. Those that have
    run out are forgotten."""
    told = (attempt.provider, attempt.nonce, attempt.verifier, attempt.after)
    await db.execute(_SQL.forget_attempts)
    await db.execute(_SQL.begin_attempt, _kept(state), _kept(browser), *told, MINUTES)


async def end_attempt(db: Pool, provider: str, *, state: str, browser: str) -> Attempt | None:
    """The sign-in that came back, once; None when there is none, it has run out, or it began at another provider or in
    another browser. It is over then too: its code may have been stolen."""
    row = await db.fetchrow(_SQL.end_attempt, _kept(state), MINUTES)
    if row is None or not row["valid"] or row["provider"] != provider:
        return None
    if not hmac.compare_digest(row["browser"], _kept(browser)):
        return None
    return Attempt(row["provider"], row["nonce"], row["verifier"], row["after"], row["began"])


async def note_provided(db: Pool, session: Session, told: Provided) -> None:
    """Keep with a session what the provider wants to see again when it ends."""
    await db.execute(_SQL.note_provided, bytes.fromhex(session.id), told.provider, told.subject, told.id_token)


async def provided(db: Pool, session: Session) -> Provided | None:
    """What the provider told that opened a session."""
    row = await db.fetchrow(_SQL.provided, bytes.fromhex(session.id))
    return Provided(row["provider"], row["subject"], row["id_token"]) if row else None


async def sign_out_at(db: Pool, provider: str, *, session: str | None, subject: str | None = None) -> int:
    """End the session that a provider opened under its own name of it, or all of a person whom it calls `subject`; how
    many there were."""
    rows = await db.fetch(_SQL.close_provided, provider, session, subject)
    return len(rows)


def _kept(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
