"""A form that was sent when nobody could take it: after the session had ended, or before a new proof. Decision 0059

    keep(db, login, path, body) -> name       seals it; the name goes to the browser, and opens it
    kept(db, login, name) -> Kept | None      the form again, for the same person in the same browser
    drop(db, name)                            it was sent after all, or thrown away

What may be about a patient lies here without any permit, so it lies sealed: the key is in the name, of which nothing is
kept. Neither the program nor who reads the database can open it without the browser that sent it.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from samjournal.db.pool import Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.accounts")
LASTS: Final = timedelta(hours=1)
MOST: Final = 1_000_000
"""Bytes of a form that is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A form by where it was sent, `path`, and its fields in their order."""

    path: str
    fields: tuple[tuple[str, str], ...]


async def keep(db: Pool, login: str, path: str, body: bytes) -> str:
    """Seal a form (application/x-www-form-urlencoded) and give the name that opens it again, for an hour."""
    secret = secrets.token_bytes(32)
    # The key is used once, so its nonce need not differ.
    sealed = AESGCM(_key(secret)).encrypt(bytes(12), path.encode() + b"\n" + body, login.encode())
    await db.execute(_SQL.keep_form, _id(secret), login, sealed, LASTS)
    return urlsafe_b64encode(secret).decode()


async def kept(db: Pool, login: str, name: str) -> Kept | None:
    """The form of that name, when it was this person's; None when there is none."""
    secret = _secret(name)
    if secret is None:
        return None
    sealed = await db.fetchval(_SQL.kept_form, _id(secret), login)
    if sealed is None:
        return None
    try:
        opened = AESGCM(_key(secret)).decrypt(bytes(12), sealed, login.encode())
    except InvalidTag:
        return None
    path, _, body = opened.partition(b"\n")
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    return Kept(path.decode(), tuple(fields))


async def drop(db: Pool, name: str) -> None:
    """Take a form away."""
    if (secret := _secret(name)) is not None:
        await db.execute(_SQL.drop_form, _id(secret))


def _id(secret: bytes) -> bytes:
    return sha256(b"id" + secret).digest()


def _key(secret: bytes) -> bytes:
    return sha256(b"key" + secret).digest()


def _secret(name: str) -> bytes | None:
    try:
        secret = urlsafe_b64decode(name.encode())
    except (Error, ValueError):
        return None
    return secret if len(secret) == 32 else None
