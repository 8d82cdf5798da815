"""Ids that the server gives."""

from __future__ import annotations

import os
import time
from uuid import UUID


def new_id() -> str:
    """A server's id: uuid version 7, ordered by time. RFC 9562 section 5.7"""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (
        (milliseconds << 80) | (0x7 << 76) | ((random >> 64 & 0xFFF) << 64) | (0b10 << 62) | (random & (1 << 62) - 1)
    )
    return str(UUID(int=value))
