"""What a directory wishes for somebody, judged, and what that means for his roles. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from samjournal.access import ROLES
from samjournal.fhir import identifiers
from samjournal.fhir.errors import Conflict, Invalid
from samjournal.provisioning.people import Given, Key


class Taken(Conflict):
    """Somebody else has what must be one's own alone: a user name or an official number."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a directory says of somebody. `fnr` is a national number, None: it does not say; `given` None: as it is.
    `at_once`: what is taken away is gone now, whatever the unit asks."""

    user_name: str
    external_id: str | None
    content: dict[str, Any]
    hpr: str | None = None
    fnr: str | None = None
    given: tuple[Given, ...] | None = None
    at_once: bool = False

    @property
    def active(self) -> bool:
        return bool(self.content.get("active", True))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with somebody's roles, by key: those to give with their ends, to renew, and to take."""

    give: dict[Key, datetime | None]
    renew: dict[Key, datetime | None]
    take: tuple[Key, ...]

    @property
    def changes(self) -> bool:
        return bool(self.give or self.renew or self.take)

    @property
    def told(self) -> str:
        """For the log: +doctor@medisin-3 -nurse@medisin-2."""
        gained = [f"+{code}@{unit}" for code, unit in self.give]
        return " ".join([*gained, *(f"-{code}@{unit}" for code, unit in self.take)])


def planned(has: dict[Key, datetime | None], wants: dict[Key, datetime | None]) -> Plan:
    """From what somebody has to what he is given."""
    return Plan(
        {key: ends for key, ends in wants.items() if key not in has},
        {key: ends for key, ends in wants.items() if key in has and has[key] != ends},
        tuple(key for key in has if key not in wants),
    )


def check(wish: Wish) -> None:
    """Raises Invalid for numbers, roles and times that there are not."""
    if wish.hpr is not None and not identifiers.is_hpr_number(wish.hpr):
        raise Invalid("hprNumber is no HPR number: seven to nine digits.")
    if wish.fnr is not None:
        number = identifiers.read(wish.fnr)
        if number is None or number.kind not in ("fnr", "dnr"):
            raise Invalid("nationalIdentityNumber is no birth number or D-number: a digit is wrong.")
    for one in wish.given or ():
        role = ROLES.get(one.code)
        if role is None or one.code == "citizen":
            known = ", ".join(code for code in ROLES if code != "citizen")
            raise Invalid(f"There is no role “{one.code[:40]}”: {known}.")
        if one.starts and one.ends and one.ends <= one.starts:
            raise Invalid(f"The role {one.code} would end before it begins.")
