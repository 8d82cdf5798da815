"""The providers that people prove to who they are, as this installation has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from samjournal.openid import Party


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider: `name` stands in addresses, `shown` is what people call it, `kind` is citizen or staff."""

    name: str
    shown: str
    kind: str
    party: Party


@dataclass(frozen=True, slots=True)
class Identity:
    """Where browsers find this installation, and by whom people sign in to it. Without providers nobody does."""

    address: str = ""
    providers: tuple[Provider, ...] = ()

    def named(self, name: str) -> Provider | None:
        """The provider of that name."""
        return next((one for one in self.providers if one.name == name), None)

    def of(self, kind: str) -> Sequence[Provider]:
        """Those for staff, or for citizens."""
        return [one for one in self.providers if one.kind == kind]
