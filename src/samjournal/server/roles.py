"""`samjournal database`, and what every command does first: the schema and the roles of the database as they must be.

The owner of the database makes both and does nothing else; the rest is done by the application's role, which cannot
change versions and looks. docs/explanation/least-privilege.md
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import asyncpg

from samjournal.db import migrate, rights
from samjournal.db.pool import translated
from samjournal.db.rights import APPLICATION, ERASURE, RightsRefused, Standing
from samjournal.server import exits

_log = logging.getLogger("samjournal.roles")
Tell = Callable[[str], None]


async def ready(dsn: str, *, is_own: bool, erases: bool = False, owns: bool = False) -> str:
    """The DSN to work with, after schema and roles were brought up to date where this connection may do that. Of the
    program's own PostgreSQL it is the application's, that of erasure, or the owner's where what is asked for `owns`; of
    another server it is what was given, with a warning when it may too much. Raises SchemaRefused, RightsRefused."""
    for name in await migrate.migrate(dsn):
        _log.info("migrated", extra={"migration": name})
    if is_own:
        if await rights.settle(dsn):
            _log.info("the roles of the database were made or set right")
        return dsn if owns else rights.as_role(dsn, ERASURE if erases else APPLICATION)
    found, may_erase = await _standing(dsn)
    if owns:
        if not found.too_much:
            raise RightsRefused(f"The role {found.role} of the database cannot do this. Connect as the owner.")
        return dsn
    if erases and not may_erase:
        raise RightsRefused(f"The role {found.role} of the database cannot erase. Connect as {ERASURE}.")
    if found.too_little:
        raise RightsRefused(
            f"The role {found.role} of the database cannot do what the program needs. Let the owner of the database run"
            f" `samjournal database prepare`, or: {'; '.join(found.too_little)}."
        )
    if may_erase and not erases and not found.too_much:
        found = replace(found, too_much=("erase",))
    if found.too_much:
        await _keep(dsn)
        _log.warning(
            "the role of the database may too much: let the owner run `samjournal database prepare`, and give the"
            f" server the role {APPLICATION}",
            extra={"role": found.role, "may": ", ".join(found.too_much)},
        )
    return dsn


async def _standing(dsn: str) -> tuple[Standing, bool]:
    with translated():
        connection = await asyncpg.connect(dsn, timeout=10)
    try:
        found = await rights.standing(connection)
        return found, not found.too_little and await rights.may_erase(connection)
    finally:
        await connection.close()


async def _keep(dsn: str) -> None:
    """Who serves as the owner keeps the grants of the other roles right as well, where he may."""
    try:
        await rights.settle(dsn)
    except RightsRefused as refused:
        _log.warning("the roles of the database are not as they must be", extra={"reason": str(refused)})


async def prepare(dsn: str, *, tell: Tell) -> int:
    """Bring schema and roles up to date, as the owner. Raises SchemaRefused, RightsRefused."""
    for name in await migrate.migrate(dsn):
        tell(f"Migrated: {name}.")
    done = await rights.settle(dsn)
    tell("The roles were made or set right." if done else "The roles are as they must be.")
    for role, what in rights.ROLES.items():
        tell(f"  {role}: {what}")
    if done:
        tell("A role that is new has no password. Give it one, or another way to sign in: ALTER ROLE … PASSWORD …")
    return exits.OK


def show(tell: Tell) -> None:
    """Print the SQL that makes the roles and grants them what they need."""
    for statement in rights.statements():
        tell(f"{statement};")
