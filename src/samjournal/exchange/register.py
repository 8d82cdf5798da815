"""Whom messages go to: a communication party, as the address register tells of it on two levels.

    Party.unfit(kind, now) -> str       why nothing of this kind can be sent to it now, in words; "" when it can
    Register(her, fresh=False)          asks for one; raises Unknown, transport.Unreachable

HIS 1153 (two levels), HISD 1177 (what parties say that they take).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, Protocol

from cryptography import x509

Purpose = Literal["async", "sync", "syncreply", "error"]
Level = Literal["Organization", "Service", "Person", "Department"]
LEVELS: Final[dict[str, Level]] = {
    "Organization": "Organization",
    "Service": "Service",
    "Person": "Person",
    "OrganizationPerson": "Person",
    "Department": "Department",
}
"""What the register calls kinds of parties."""


class Unknown(Exception):
    """The register has nobody with this HER-id."""


@dataclass(frozen=True, slots=True)
class Party:
    """One party. `her` is its HER-id, `parent` that of the organisation above ("" for none); `kinds` are the codes of
    8279 that it takes, None where nobody says; `queues` the addresses by purpose, as they are registered; `asked` when
    the register said so, and `failed` why it could not be asked again since."""

    her: str
    name: str
    level: Level
    parent: str
    parent_name: str
    organisation_number: str
    is_active: bool
    is_valid: bool
    asked: datetime
    kinds: frozenset[str] | None = None
    agreement: str = ""
    queues: Mapping[Purpose, str] = field(default_factory=dict)
    encryption: tuple[x509.Certificate, ...] = ()
    signing: tuple[x509.Certificate, ...] = ()
    failed: str = ""

    def unfit(self, kind: str, now: datetime) -> str:
        """Why no message of a kind can be sent here."""
        who = f"{self.name} (HER-id {self.her})"
        if not self.is_active:
            return f"{who} er ikke lenger i bruk i Adresseregisteret."
        if not self.is_valid:
            return f"{who} er ikke satt opp for meldinger i Adresseregisteret."
        if self.kinds is not None and kind not in self.kinds:
            return f"{who} tar ikke imot {kind}."
        if self.certificate(now) is None:
            return f"{who} har ikke noe sertifikat som meldinger kan krypteres for nå."
        return ""

    def certificate(self, now: datetime) -> x509.Certificate | None:
        """What is encrypted for: of those that hold now, the newest."""
        good = [one for one in self.encryption if one.not_valid_before_utc <= now <= one.not_valid_after_utc]
        return max(good, key=lambda one: one.not_valid_before_utc, default=None)


class Register(Protocol):
    """Where parties are asked for."""

    async def __call__(self, her: str, *, fresh: bool = False) -> Party: ...


Copy = Callable[[str], Awaitable[Party | None]]
"""What was said last of a HER-id, as it was kept beside."""


class Remembering(Register, Protocol):
    """A register that can look elsewhere when it does not answer."""

    def beside(self, copy: Copy) -> None: ...
