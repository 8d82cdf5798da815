"""A version on its way to the tables."""

from __future__ import annotations

import msgspec

from samjournal.store.rows import Index


class NewVersion(msgspec.Struct, frozen=True):
    """One version to be written. `body` and `index` are None when it deletes."""

    type: str
    id: str
    version: int
    method: str  # C, U, D; X: erased
    patient: int
    owner: int
    author: str
    body: bytes | None
    index: Index | None
