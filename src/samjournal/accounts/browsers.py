"""Browsers that are known again by a cookie of their own, and who is signed in where.

browser_at(db, cookie, device) -> (Browser, cookie)     the one of a cookie, or a new one with its cookie
meet(db, login, browser) -> bool                        he signs in by it; whether it is new to him, who has others
signins(db, login) -> list[Signin]                      where he is signed in, the last used first
seen_news(db, session)                                  he has looked at what was new
sign_out_of(db, login, id), sign_out_all(db, login)     one of them, or all
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from samjournal.accounts.sessions import Session
from samjournal.db.pool import Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.accounts")
LASTS: Final = 400 * 86_400
"""Seconds that a browser keeps the cookie: as long as browsers let us (RFC 6265bis)."""


@dataclass(frozen=True, slots=True)
class Browser:
    """`unit` is the Organization id of those who share it, None when it is not shared; `name` what they call it."""

    id: bytes
    device: str
    unit: str | None = None
    name: str = ""

    @property
    def is_shared(self) -> bool:
        return self.unit is not None


@dataclass(frozen=True, slots=True)
class Signin:
    """Where somebody is signed in: `way` is how he proved it, `began` and `used` when; `role` names his active
    PractitionerRole. `is_new`: the browser was new to him, and he has not looked before."""

    id: str
    way: str
    device: str
    role: str
    began: datetime
    used: datetime
    is_locked: bool
    is_shared: bool
    phone: UUID | None
    is_new: bool


async def browser_at(db: Pool, cookie: str | None, device: str) -> tuple[Browser, str]:
    """The browser that sent this cookie; a new one, and the cookie by which it is known again, when it sent none of
    ours."""
    if cookie and (found := await browser_of(db, cookie)) is not None:
        return found, cookie
    cookie = secrets.token_urlsafe(32)
    made = Browser(_kept(cookie), device)
    await db.execute(_SQL.remember_browser, made.id, made.device)
    return made, cookie


async def browser_of(db: Pool, cookie: str) -> Browser | None:
    """The browser of a cookie, if it is known."""
    row = await db.fetchrow(_SQL.browser, _kept(cookie))
    return Browser(**row) if row else None


async def meet(db: Pool, login: str, browser: Browser) -> bool:
    """Note that somebody signs in by a browser. True when it is another than those he used before."""
    return bool(await db.fetchval(_SQL.meet, login, browser.id))


async def seen_news(db: Pool, session: Session) -> None:
    """Note that he has looked at what was new. What somebody did by a new browser is not for that one to wave off."""
    await db.execute(_SQL.seen_news, session.login, session.at.browser)


async def signins(db: Pool, login: str) -> list[Signin]:
    """Where somebody is signed in, locked ones too."""
    return [
        Signin(
            row["id"].hex(),
            row["way"],
            row["device"],
            row["practitioner_role"] or "",
            row["created"],
            row["seen"],
            row["is_locked"],
            row["shared"],
            row["phone"],
            row["is_new"],
        )
        for row in await db.fetch(_SQL.signins, login)
    ]


async def tokens_of(db: Pool, login: str) -> int:
    """How many tokens stand for somebody: apps that he let in."""
    return int(await db.fetchval(_SQL.tokens_of, login))


async def sign_out_of(db: Pool, login: str, id_: str) -> None:
    """End one of somebody's own sessions, named as `Signin.id` is. Another's is left alone."""
    try:
        await db.execute(_SQL.close_own, login, bytes.fromhex(id_))
    except ValueError:
        return


async def sign_out_all(db: Pool, login: str) -> None:
    """End each of somebody's sessions and tokens. Paired phones stay paired, and prove who he is as before."""
    await db.execute(_SQL.close_sessions, login)
    await db.execute(_SQL.revoke_tokens, login)


def _kept(cookie: str) -> bytes:
    return sha256(cookie.encode()).digest()
