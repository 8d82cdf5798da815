"""One request over HTTP, with a limit in time and size. RFC 9110

    await asked("POST", url, body, headers) -> Answer       raises Unreachable when there is none

No redirect is followed: where a secret goes is the operator's to say.
"""

from __future__ import annotations

import asyncio
import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from samjournal.letters.faults import Unreachable

_MOST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `after` is Retry-After in seconds, where it was told so."""

    status: int
    data: bytes
    after: int | None = None


async def asked(
    method: str,
    url: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    tls: ssl.SSLContext | None = None,
    patience: float = 10.0,
) -> Answer:
    """The answer, whatever its status. `patience` is in seconds."""
    try:
        async with asyncio.timeout(patience * 2):
            return await asyncio.to_thread(_fetched, method, url, body, dict(headers or {}), tls, patience)
    except (OSError, TimeoutError, http.client.HTTPException, ValueError) as error:
        # What the library says may hold the address, which may hold a secret: its kind will do.
        raise Unreachable(f"no answer ({type(error).__name__})") from None


def _fetched(
    method: str,
    url: str,
    body: bytes | None,
    headers: dict[str, str],
    tls: ssl.SSLContext | None,
    patience: float,
) -> Answer:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, port, timeout=patience, context=tls or ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, port, timeout=patience)
    try:
        path = parts.path or "/"
        connection.request(method, f"{path}?{parts.query}" if parts.query else path, body, headers)
        answer = connection.getresponse()
        data = answer.read(_MOST + 1)
        if len(data) > _MOST:
            raise http.client.HTTPException("the answer has no end")
        after = answer.getheader("Retry-After", "")
        return Answer(answer.status, data, int(after) if after.isdigit() else None)
    finally:
        connection.close()
