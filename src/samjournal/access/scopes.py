"""Scopes of a token, in SMART's words: `patient/Observation.rs?category=laboratory user/Patient.r system/*.cruds`.

hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html; v1's .read, .write and .* are read too. Of our own:
`access.change` and `search.change`, for systems.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import parse_qsl

from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid

_SCOPE = re.compile(r"^(patient|user|system)/(\*|[A-Z][A-Za-z]+)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?$")
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
ACCESS = "access.change"
SEARCH = "search.change"
ACCOUNTS = "accounts.change"
"""Who works here and in which roles, over SCIM: it reads and writes nothing of the record."""
PATIENT, USER, SYSTEM = "patient", "user", "system"
_LOG = "AuditEvent"
_MOST = 5


class Grant(NamedTuple):
    """What one scope gives: letters of `cruds` on a type (`*`: every one), of the patient whom an app was opened for,
    of all that its user may, or of everybody; only what the search `query` finds. `word` is the scope as written."""

    level: str
    type: str
    letters: str
    query: tuple[tuple[str, str], ...] = ()
    word: str = ""

    def covers(self, other: Grant) -> bool:
        """Whether this one alone gives all that the other does."""
        return (
            self.level == other.level
            and self.type in ("*", other.type)
            and set(other.letters) <= set(self.letters)
            and set(self.query) <= set(other.query)
        )

    def both(self, other: Grant) -> Grant | None:
        """What this one and the other both give; None: nothing."""
        letters = "".join(letter for letter in self.letters if letter in other.letters)
        type_ = other.type if self.type == "*" else self.type
        if self.level != other.level or not letters or other.type not in ("*", type_):
            return None
        query = (*self.query, *(pair for pair in other.query if pair not in self.query))
        if query and type_ == "*":
            return None
        asked = "&".join(f"{name}={_sent(value)}" for name, value in query)
        return Grant(self.level, type_, letters, query, f"{self.level}/{type_}.{letters}{'?' if asked else ''}{asked}")


@dataclass(frozen=True, slots=True)
class Scopes:
    """What some scopes give together."""

    grants: tuple[Grant, ...]
    changes_access: bool = False
    changes_search: bool = False
    changes_accounts: bool = False

    def allow(self, interaction: str, type_: str) -> bool:
        """Whether anything of a type allows an interaction. The log is no part of a patient's record, and is not
        searched as one: only a scope of the whole of it gives it."""
        return any(
            one.type in ("*", type_)
            and interaction in one.letters
            and not (type_ == _LOG and (one.level == PATIENT or one.query))
            for one in self.grants
        )

    @property
    def is_narrow(self) -> bool:
        """Whether they give less than whole types: what is asked of each row, then."""
        return any(one.query or one.level == PATIENT for one in self.grants)

    @property
    def is_of_patient(self) -> bool:
        """Whether they give nothing beyond one patient."""
        return all(one.level == PATIENT for one in self.grants)

    def narrows(self, type_: str) -> bool:
        """Whether a search restricts what is seen of a type."""
        return any(one.query and one.type == type_ for one in self.grants)

    def cover(self, other: Scopes) -> bool:
        """Whether the other allow nothing that these do not."""
        return (self.changes_access or not other.changes_access) and all(
            any(mine.covers(one._replace(letters=letter)) for mine in self.grants)
            for one in other.grants
            for letter in one.letters
        )

    def within(self, allowed: Scopes) -> Scopes:
        """What both these and the allowed give, scope by scope: one that is allowed whole stays as it was written."""
        kept: list[Grant] = []
        for one in self.grants:
            if any(may.covers(one) for may in allowed.grants):
                kept.append(one)
            else:
                kept += [both for may in allowed.grants if (both := one.both(may)) is not None]
        return Scopes(
            tuple(dict.fromkeys(kept)),
            self.changes_access and allowed.changes_access,
            self.changes_search and allowed.changes_search,
            self.changes_accounts and allowed.changes_accounts,
        )

    @property
    def words(self) -> str:
        """The scopes as one text."""
        own = {ACCESS: self.changes_access, SEARCH: self.changes_search, ACCOUNTS: self.changes_accounts}
        return " ".join([*dict.fromkeys(one.word for one in self.grants), *(word for word, has in own.items() if has)])


def parse(scope: str | None, *, levels: Collection[str] = (SYSTEM,)) -> Scopes | None:
    """Scopes of a space-separated string, at these levels; None (everything) for None. Raises Invalid naming the word
    that is wrong."""
    if scope is None:
        return None
    if not scope.strip():
        raise Invalid("The scope is empty: write for example system/Observation.rs, or leave it out for all.")
    words = scope.split()
    own = {word for word in words if word in (ACCESS, SEARCH, ACCOUNTS) and SYSTEM in levels}
    grants = tuple(grant(word, levels=levels) for word in words if word not in own)
    return Scopes(grants, ACCESS in own, SEARCH in own, ACCOUNTS in own)


def grant(word: str, *, levels: Collection[str]) -> Grant:
    """What one scope gives. Raises Invalid."""
    match = _SCOPE.match(word)
    if not match or not match[3] or match[1] not in levels or (match[2] != "*" and match[2] not in load().resources):
        example = f"{next(iter(levels))}/Observation.rs"
        raise Invalid(f"Scope “{word[:80]}” cannot be read: write for example {example} or {example[:-14]}*.cruds.")
    return Grant(match[1], match[2], _V1.get(match[3], match[3]), _query(word, match[2], match[4]), word)


def _query(word: str, type_: str, text: str | None) -> tuple[tuple[str, str], ...]:
    if text is None:
        return ()
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict", max_num_fields=_MOST)
    except ValueError:
        raise Invalid(
            f"Scope “{word[:80]}” has a search that cannot be read: write name=value, at most {_MOST}."
        ) from None
    if type_ == "*":
        raise Invalid(f"Scope “{word[:80]}” searches in every type: name the one that it is about.")
    return tuple(pairs)


def _sent(value: str) -> str:
    """A value of a search as it stands in a scope, where no space, quote or backslash does. RFC 6749 section 3.3"""
    return re.sub(r"[^!#$'()*,\-./0-9:;<>?@A-Z\[\]^_`a-z{|}~]", lambda found: _escaped(found[0]), value)


def _escaped(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode())


CONTEXT = frozenset(
    {
        "openid", "fhirUser", "profile", "launch", "launch/patient", "launch/encounter", "online_access",
        "offline_access",
    }
)  # fmt: skip
"""Scopes of apps that are about who, whom and how long, not about resources."""


def of_app(scope: str) -> tuple[Scopes, frozenset[str]]:
    """What an app of people asks for or has: the scopes of resources, and those of context. Raises Invalid."""
    words = scope.split()
    context = frozenset(words) & CONTEXT
    resources = Scopes(tuple(grant(word, levels=(PATIENT, USER)) for word in words if word not in CONTEXT))
    return resources, context
