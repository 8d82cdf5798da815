"""Paired phones: a passkey that stays in the phone, and the code on a PC's screen that pairs it. Requirement 2.5

begin_pairing(db, session) -> code       for three minutes; a new one takes the place of the former
whose_code(db, code) -> Account | None   who gave it, while his session stands
pair(db, code, passkey) -> (Account, id) the code is used up; raises Forbidden when it is gone
phones(db, login), phone_of(db, credential), used(db, id, counter)
revoke(db, login, id)                    the phone is out, and what is open on it ends
challenge(db), redeem(db, challenge)     what a passkey is to sign, once
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from samjournal.accounts.people import Account, account
from samjournal.accounts.sessions import Session
from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden

_SQL = queries("samjournal.accounts")
CODE_LASTS: Final = timedelta(minutes=3)
CHALLENGE_LASTS: Final = timedelta(minutes=5)
SIGNS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Of a code that is typed: none that is taken for another."""
LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class Passkey:
    """What a phone gives when it is paired: id of the credential, public key (COSE), how often it has signed."""

    credential: bytes
    public_key: bytes
    counter: int
    device: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A paired phone."""

    id: UUID
    login: str
    public_key: bytes
    counter: int
    device: str
    made: datetime
    used: datetime


async def begin_pairing(db: Pool, session: Session) -> str:
    """A code by which one phone is paired with whoever is signed in."""
    code = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    await db.execute(_SQL.begin_pairing, _kept(code), session.login, bytes.fromhex(session.id), CODE_LASTS)
    return code


async def whose_code(db: Pool, code: str) -> Account | None:
    """Who gave a code that can still be used."""
    login = await db.fetchval(_SQL.whose_code, _kept(code))
    return await account(db, login) if login is not None else None


async def pair(db: Pool, code: str, passkey: Passkey) -> tuple[Account, UUID]:
    """Pair a phone. Raises Forbidden when the code is unknown, used or run out."""
    told = (passkey.credential, passkey.public_key, passkey.counter, passkey.device)
    row = await db.fetchrow(_SQL.pair, _kept(code), *told)
    who = await account(db, row["login"]) if row is not None else None
    if row is None or who is None:
        raise Forbidden("The code is used, or older than three minutes. Ask for a new one on the PC.")
    return who, row["id"]


async def phones(db: Pool, login: str) -> list[Phone]:
    """The phones of somebody, the last used first."""
    return [Phone(**row) for row in await db.fetch(_SQL.phones, login)]


async def phone_of(db: Pool, credential: bytes) -> Phone | None:
    """The phone of a passkey, when it is paired."""
    row = await db.fetchrow(_SQL.phone_of, credential)
    return Phone(**row) if row else None


async def used(db: Pool, phone: Phone, counter: int) -> None:
    """Note that a phone proved who its owner is."""
    await db.execute(_SQL.phone_used, phone.id, counter)


async def revoke(db: Pool, login: str, id_: str) -> None:
    """Take somebody's phone away: its sessions go with it, and all tokens that stand for him, since nobody knows which
    of them an app on it has. Another's is left alone."""
    try:
        gone = await db.fetchval(_SQL.revoke_phone, login, UUID(id_))
    except ValueError:
        return
    if gone is not None:
        await db.execute(_SQL.revoke_tokens, login)


async def challenge(db: Pool) -> bytes:
    """Something new for a passkey to sign."""
    made = secrets.token_bytes(32)
    await db.execute(_SQL.challenge, made, CHALLENGE_LASTS)
    return made


async def redeem(db: Pool, made: bytes) -> bool:
    """Whether a challenge was given out, and not used before; it is from now on."""
    return await db.fetchval(_SQL.redeem, made) is not None


def _kept(code: str) -> bytes:
    """What is kept of a code, however it was typed."""
    return sha256("".join(sign for sign in code.upper() if sign in SIGNS).encode()).digest()
