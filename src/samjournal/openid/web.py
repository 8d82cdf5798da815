"""Requests to a provider: bounded in time and size, never led elsewhere.

What it answers is JSON or nothing; a redirect is no answer. Certificates are checked by the machine's authorities.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from samjournal.openid.errors import Away

SECONDS: Final = 8.0
"""For one request with its answer, whatever happens."""
SIZE: Final = 256 * 1024
"""Bytes of an answer: keys and metadata are a few thousand."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `told` is the JSON object of the body, empty where it was none."""

    status: int
    headers: Mapping[str, str]
    told: dict[str, Any]


class Web:
    """The way to providers, one for all of them. `transport` is another in tests."""

    def __init__(
        self,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        seconds: float = SECONDS,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        self._transport, self._seconds, self._authorities = transport, seconds, authorities
        self._client: httpx.AsyncClient | None = None

    def _open(self) -> httpx.AsyncClient:
        # Made within the loop that uses it.
        if self._client is None:
            checked = self._transport is None and (self._authorities or ssl.create_default_context())
            self._client = httpx.AsyncClient(
                transport=self._transport,
                verify=checked,
                timeout=self._seconds,
                follow_redirects=False,
                headers={"accept": "application/json", "accept-encoding": "identity"},
            )
        return self._client

    async def get(self, address: str) -> Answer:
        """A document of the provider. Raises Away."""
        return await self._send("GET", address, None, {})

    async def post(self, address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """A form to the provider. Raises Away."""
        return await self._send("POST", address, form, headers)

    async def _send(
        self, method: str, address: str, form: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Answer:
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._open().stream(method, address, data=form, headers=dict(headers)) as answer,
            ):
                if answer.headers.get("content-encoding", "identity") != "identity":
                    raise Away("the answer is packed, which was not asked for")
                body = bytearray()
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > SIZE:
                        raise Away("the answer is too large")
        except TimeoutError:
            raise Away("no answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError) as error:
            raise Away(f"no answer: {type(error).__name__}") from None
        if answer.status_code >= 500 or 300 <= answer.status_code < 400:
            raise Away(f"the answer has status {answer.status_code}")
        return Answer(answer.status_code, answer.headers, _object(bytes(body)))

    async def close(self) -> None:
        """Let go of what is open."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _object(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
