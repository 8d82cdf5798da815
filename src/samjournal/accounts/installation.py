"""What kind of installation this is: a demo, with made-up people and demo sign-in, or production."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.accounts")


@dataclass(frozen=True, slots=True)
class Installation:
    """`secret` signs what pages hand back and never leaves the server."""

    kind: str
    secret: bytes
    details: str

    @property
    def demo(self) -> bool:
        return self.kind == "demo"


async def installation(db: Pool | Connection) -> Installation | None:
    """The installation's one row, None before it was created."""
    row = await db.fetchrow(_SQL.installation)
    return Installation(**row) if row else None


async def create(db: Pool | Connection, *, kind: str, details: str = "") -> Installation:
    """Say once what this installation is. What it is does not change afterwards."""
    await db.execute(_SQL.create_installation, kind, secrets.token_bytes(32), details)
    made = await installation(db)
    assert made is not None
    return made
