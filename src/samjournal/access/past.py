"""What each role could do on a past day. Roles are code: each set of rights is kept when a server starts with it.

keep(db) -> list[str]            keep what roles may do today, where that is another than what was kept last
changed(db, since) -> list       roles that are others since a moment, as they were and as they became
roles_at(db, at) -> list[Role]   the roles as they were; empty before the first was kept
"""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec

from samjournal.access.roles import ROLES, Role
from samjournal.db.pool import Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.access")
_GONE = b""
"""The digest of a role that is not there any more."""


async def keep(db: Pool, roles: dict[str, Role] | None = None) -> list[str]:
    """Keep what the roles may do, where it changed; the codes of those that did."""
    now = {code: _written(role) for code, role in (ROLES if roles is None else roles).items()}
    digests = {code: sha256(text).digest() for code, text in now.items()}
    kept = {row["role"]: bytes(row["digest"]) for row in await db.fetch(_SQL.last_rights)}
    gone = [code for code, digest in kept.items() if code not in now and digest != _GONE]
    changed = [code for code in now if kept.get(code) != digests[code]]
    for code in [*changed, *gone]:
        text = now[code].decode() if code in now else None
        await db.execute(_SQL.keep_rights, code, digests.get(code, _GONE), text)
    return [*changed, *gone]


async def roles_at(db: Pool, at: datetime) -> list[Role]:
    """The roles as they were at a moment, as far as they were kept by then."""
    rows = await db.fetch(_SQL.rights_at, at)
    return [_read(msgspec.json.decode(row["rights"])) for row in rows if row["rights"] is not None]


async def changed(db: Pool, since: datetime) -> list[tuple[str, datetime, Role | None, Role | None]]:
    """Roles that became others since a moment: code, when, as it was and as it became; None: it was not there."""

    def read(told: str | None) -> Role | None:
        return _read(msgspec.json.decode(told)) if told is not None else None

    rows = await db.fetch(_SQL.rights_since, since)
    return [(row["role"], row["since"], read(row["before"]), read(row["rights"])) for row in rows]


def _written(role: Role) -> bytes:
    """A role as JSON, the same for the same rights."""
    told = {one.name: getattr(role, one.name) for one in fields(role)}
    plain = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}
    return msgspec.json.encode(plain, order="deterministic")


def _read(told: dict[str, Any]) -> Role:
    """A role of then: what has no name today is left out, and what it did not have yet is as today without."""
    known = {one.name for one in fields(Role)}
    types = ("reads", "writes", "writes_unread")
    values: dict[str, Any] = {
        name: frozenset(value) if name in types else value for name, value in told.items() if name in known
    }
    return Role(**{**values, "names": tuple(values["names"])})
