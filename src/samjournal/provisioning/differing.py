"""What a change of roles gives and takes: roles, rights and types, by the table of roles itself. Requirement 2.6. Pure.

difference(before, after) -> Difference     of the roles that somebody has, before and after
between(was, now) -> Difference             of one role, in two versions of the table
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Final

from samjournal.access import ROLES
from samjournal.access.roles import ANY, Role
from samjournal.provisioning.people import Key

POWERS: Final = tuple(one.name for one in fields(Role) if one.type == "bool")
"""The fields of a role that are a right of its own: finds, signs, emergency …"""


@dataclass(frozen=True, slots=True)
class Side:
    """What is gained, or lost: roles at units, rights, and types that are read, written, and written unread."""

    roles: tuple[Key, ...] = ()
    powers: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    writes_unread: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        return not (self.roles or self.powers or self.reads or self.writes or self.writes_unread)


@dataclass(frozen=True, slots=True)
class Difference:
    """Both sides of a change."""

    gained: Side
    lost: Side


def difference(before: Collection[Key], after: Collection[Key]) -> Difference:
    """What somebody gains and loses who had some roles and gets others."""
    return Difference(_side(after, before), _side(before, after))


def between(was: Role | None, now: Role | None) -> Difference:
    """What everybody in a role gains and loses when the role itself changes; None: it is not there."""
    return Difference(_of_roles(_list(now), _list(was)), _of_roles(_list(was), _list(now)))


def _side(of: Collection[Key], without: Collection[Key]) -> Side:
    side = _of_roles(_roles(of), _roles(without))
    roles = tuple(sorted(set(of) - set(without)))
    return Side(roles, side.powers, side.reads, side.writes, side.writes_unread)


def _of_roles(these: list[Role], others: list[Role]) -> Side:
    powers = tuple(
        name
        for name in POWERS
        if any(getattr(one, name) for one in these) and not any(getattr(one, name) for one in others)
    )
    return Side((), powers, *(_types(these, others, name) for name in ("reads", "writes", "writes_unread")))


def _types(these: list[Role], others: list[Role], name: str) -> tuple[str, ...]:
    mine: set[str] = {type_ for one in these for type_ in getattr(one, name)}
    theirs: set[str] = {type_ for one in others for type_ in getattr(one, name)}
    if ANY in theirs:
        return ()
    return (ANY,) if ANY in mine else tuple(sorted(mine - theirs))


def _roles(keys: Collection[Key]) -> list[Role]:
    return [ROLES[code] for code, _ in keys if code in ROLES]


def _list(role: Role | None) -> list[Role]:
    return [role] if role is not None else []
