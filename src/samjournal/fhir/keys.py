"""64-bit keys: of patients, organisations and search tokens. One hash, so that the same thing has one key everywhere.

A key is the first 8 bytes of BLAKE2b as a signed integer (PostgreSQL's bigint). Of two patients with the same key the
second is refused when it is stored (`access.person`), so a key never opens somebody else's record.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b

_LITERAL = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")

SYSTEM = 0
"""The key of what lives under no patient."""


def hash64(text: str) -> int:
    """The key of any text."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=65_536)
def key(reference: str) -> int:
    """The key of a literal reference such as `Patient/7` or `Organization/medisin-3`."""
    return hash64(reference)


def token_key(name: str, text: str) -> int:
    """The key of a token value: `name` is `Type.parameter`, `text` is `code`, `system|code` or `system|`."""
    return hash64(f"{name}={text}")


def patient_key(patient_id: str) -> int:
    """The key of a patient by logical id."""
    return key(f"Patient/{patient_id}")


def local(reference: str) -> str | None:
    """`Type/id` of a literal reference to this server (a version is left out), None for anything else."""
    match = _LITERAL.fullmatch(reference)
    return match[1] if match else None
