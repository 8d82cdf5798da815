"""A resource as it was just stored: what projections are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Stored:
    """A resource as just stored: None when deleted; `existed` when it was there before, and `before` what it was then,
    as bytes, where that is at hand."""

    type: str
    id: str
    resource: dict[str, Any] | None
    existed: bool
    before: bytes | None = None

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"
