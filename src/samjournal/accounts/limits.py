"""How long somebody stays signed in, by who he is and what he sits at. docs/reference/sessions.md, decision 0059

LIMITS                          what holds where nobody said anything else
limits_from(path) -> Limits     the same with what a TOML file says otherwise; raises Invalid
LIMITS.of(kind, way, is_shared=…) -> Limit
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from samjournal.fhir.errors import Invalid

MOST: Final = {"idle": 60, "whole": 24 * 60}
"""Minutes that nobody may go beyond: an hour unused, a day on one proof (NIST SP 800-63B, AAL2)."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`idle` is how long a session may lie unused; `whole` how long it lasts from the last full proof of who somebody
    is, whatever he does."""

    idle: timedelta
    whole: timedelta


HOUR: Final = timedelta(hours=1)
STAFF: Final = Limit(HOUR / 2, 12 * HOUR)
SHARED: Final = Limit(HOUR / 12, 12 * HOUR)
BY_PHONE: Final = Limit(HOUR / 4, 12 * HOUR)
CITIZEN: Final = Limit(HOUR / 2, 8 * HOUR)


@dataclass(frozen=True, slots=True)
class Limits:
    """`staff` at a PC of their own, at a `shared` PC (which locks where others end), by a paired `phone`; `citizen`."""

    staff: Limit = STAFF
    shared: Limit = SHARED
    phone: Limit = BY_PHONE
    citizen: Limit = CITIZEN

    def of(self, kind: str, way: str, *, is_shared: bool = False) -> Limit:
        """The limit of a session."""
        if kind == "citizen":
            return self.citizen
        if is_shared:
            return self.shared
        return self.phone if way == PHONE else self.staff


PHONE: Final = "phone"
"""The way of who proved who he is by the passkey of a paired phone."""
LIMITS: Final = Limits()


def limits_from(path: Path) -> Limits:
    """Read `[staff]`, `[shared]`, `[phone]` and `[citizen]` with `idle` and `whole` in minutes. Raises Invalid that
    says what to mend."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{path} cannot be read as TOML: {error}.") from None
    known = [field.name for field in fields(Limits)]
    if strange := sorted(told.keys() - set(known)):
        raise Invalid(f"{path} says something about {', '.join(strange)}; it may about {', '.join(known)}.")
    return replace(LIMITS, **{name: _limit(path, name, values) for name, values in told.items()})


def _limit(path: Path, name: str, values: Any) -> Limit:
    if not isinstance(values, dict) or values.keys() - MOST.keys():
        raise Invalid(f"{path}: [{name}] takes `idle` and `whole`, in minutes.")
    limit: Limit = getattr(LIMITS, name)
    for word, minutes in values.items():
        if type(minutes) is not int or not 1 <= minutes <= MOST[word]:
            raise Invalid(f"{path}: `{word}` of [{name}] is a whole number of minutes from 1 to {MOST[word]}.")
        limit = replace(limit, **{word: timedelta(minutes=minutes)})
    if limit.idle > limit.whole:
        raise Invalid(f"{path}: [{name}] lies unused for longer than it lasts.")
    return limit
