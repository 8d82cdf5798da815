"""That somebody signed in or out stands in the log of looks: who, in which role if one is active, and by which proof.

    came(db, session), left(db, session)

A try that fails names nobody for certain: it is in the log of the server (`server/attempts.py`).
"""

from __future__ import annotations

from samjournal.accounts.people import RoleAt
from samjournal.audit import Look, write
from samjournal.db.pool import Pool


async def came(db: Pool, login: str, name: str, kind: str, role: RoleAt | None, *, by: str) -> None:
    """Somebody signed in; `by` is the way and what the provider calls its strength."""
    await _noted(db, "signin", login, name, kind, role, by)


async def left(db: Pool, login: str, name: str, kind: str, role: RoleAt | None) -> None:
    """Somebody signed out."""
    await _noted(db, "signout", login, name, kind, role, "")


async def _noted(db: Pool, action: str, login: str, name: str, kind: str, role: RoleAt | None, why: str) -> None:
    look = Look(
        request="",
        actor=login,
        name=name,
        role=role.code if role else kind,
        unit=role.unit_name if role else "",
        action=action,
        why=why,
        organization_id=role.organization_id if role else "",
        agent=f"PractitionerRole/{role.practitioner_role_id}" if role else "",
    )
    async with db.acquire() as connection:
        await write(connection, [look])
