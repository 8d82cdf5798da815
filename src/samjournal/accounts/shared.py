"""Shared PCs: who has signed in on one this shift, locked or not, and the PIN code that opens it again. Decision 0060

    share(db, session, unit, name), unshare(db, session)  the browser at which he sits is a unit's shared PC, or no more
    on_shift(db, browser) -> list[OnShift]                whose sessions lie on it
    lock(db, session, place)                              it opens nothing until he proves who he is
    set_pin(db, session, pin)                             for this PC, until the session ends; raises Invalid
    open_by_pin(db, browser, login, pin) -> cookie        raises Forbidden; after five wrong ones a full proof is needed
    lying(db, browser, login) -> Session | None           his session there, which a full proof opens again

A PIN code proves little alone: it counts on a PC where the same person proved fully who he is some hours ago. It is
kept as argon2id (RFC 9106) with the session, and goes with it.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from samjournal.accounts.limits import LIMITS, Limits
from samjournal.accounts.sessions import Session, session_by_name
from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden, Invalid

_SQL = queries("samjournal.accounts")
TRIES: Final = 5
_DIGITS: Final = re.compile(r"[0-9]{6,12}\Z", re.ASCII)
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's smaller setting: a try costs some 30 ms and 19 MB."""


@dataclass(frozen=True, slots=True)
class OnShift:
    """Somebody whose session lies on a shared PC; `has_pin`: a PIN code opens it; `used`: when it was used last."""

    login: str
    name: str
    unit: str
    has_pin: bool
    used: datetime


async def share(db: Pool, session: Session, unit: str, name: str, *, limits: Limits = LIMITS) -> None:
    """Make the browser of a session a unit's shared PC, from this session on. Raises Forbidden where there is none."""
    if session.at.browser is None:
        raise Forbidden("This browser keeps no cookie by which it could be known again.")
    await db.execute(_SQL.share, session.at.browser, unit, name, session.login)
    await db.execute(_SQL.share_session, bytes.fromhex(session.id), limits.shared.idle)


async def unshare(db: Pool, session: Session) -> None:
    """Make it an ordinary PC: what lies on it ends, but for the session that asks."""
    await db.execute(_SQL.unshare, session.at.browser)
    await db.execute(_SQL.close_lying, session.at.browser, bytes.fromhex(session.id))
    await db.execute(_SQL.unshare_session, bytes.fromhex(session.id))


async def on_shift(db: Pool, browser: bytes) -> list[OnShift]:
    """Who can go on at a shared PC, the last one first."""
    return [OnShift(**row) for row in await db.fetch(_SQL.on_shift, browser, TRIES)]


async def lock(db: Pool, session: Session, place: str) -> None:
    """Lock a session on a shared PC; `place` is the page that was open. Another's stays as it is."""
    await db.execute(_SQL.lock, bytes.fromhex(session.id), place[:500])


async def set_pin(db: Pool, session: Session, pin: str) -> None:
    """Let a PIN code open this session again on its PC. Raises Invalid for one that is guessed soon, Forbidden where
    the PC is not shared."""
    if not session.at.is_shared:
        raise Forbidden("PIN codes are for shared PCs.")
    if not _DIGITS.match(pin) or is_plain(pin):
        raise Invalid("A PIN code has 6 to 12 digits, and not the same or the next one each time.")
    hashed = await asyncio.to_thread(_HASHER.hash, pin)
    await db.execute(_SQL.set_pin, bytes.fromhex(session.id), hashed)


def is_plain(pin: str) -> bool:
    """Whether the digits repeat or count: 000000, 121212, 123456, 987654."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return len(steps) == 1 or len(set(pin)) < 3


async def open_by_pin(db: Pool, browser: bytes, login: str, pin: str) -> str:
    """Open somebody's session on a shared PC, and give its new cookie. Each try is counted before it is looked at.
    Raises Forbidden for a wrong one, and when there is none to open or no try is left."""
    row = await db.fetchrow(_SQL.try_pin, browser, login, TRIES)
    if row is None:
        raise Forbidden("There is no PIN code for this PC, or no try is left: sign in as usual.")
    try:
        await asyncio.to_thread(_HASHER.verify, row["pin"], pin[:20])
    except (Argon2Error, InvalidHashError):
        raise Forbidden("The PIN code is wrong.") from None
    cookie = secrets.token_urlsafe(32)
    await db.execute(_SQL.unlock, row["id"], sha256(cookie.encode()).digest())
    return cookie


async def lying(db: Pool, browser: bytes, login: str) -> Session | None:
    """Somebody's session on a shared PC, locked or not."""
    id_ = await db.fetchval(_SQL.lying, browser, login)
    return await session_by_name(db, id_) if id_ is not None else None
