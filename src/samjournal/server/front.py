"""What the world sees of the server: by which name it is called, over what, by whom; and what each answer promises.

Outermost but for the log of requests, so nothing that is answered goes past it: pages, API, static files, refusals.

- With `--address https://…` a request counts as one over https, cookies bear `__Host-` and cannot be set by anybody
  else, browsers are told to come over https alone, and a request by another name is refused (421).
- `X-Forwarded-For` is believed of the machines named with `--proxies`, and of nobody else.
- Numbers about the server (`/metrics`) are for who reaches it directly.

rfc-editor.org/rfc/rfc6797 (HSTS) · rfc-editor.org/rfc/rfc9110#status.421 · w3.org/TR/CSP3
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable, Collection
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samjournal.fhir.errors import FhirError, Misdirected, NotFound
from samjournal.server.exits import Usage

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Refuse = Callable[[Scope, Receive, Send, FhirError], Awaitable[None]]

PROMISES: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    ),
}
"""Of every answer that promises nothing stricter itself, as pages do (`ui.security`)."""
HTTPS_ALONE: Final = "max-age=63072000; includeSubDomains"
"""Two years, in which a browser asks this name and those below it over https alone."""
PREFIX: Final = "__Host-"
"""A cookie so called was set over https, by this very host, for all of it (RFC 6265bis, section 4.1.3)."""
_PROMISED: Final = tuple((name.encode(), value.encode()) for name, value in PROMISES.items())
_OVERTAKEN: Final = frozenset({b"x-forwarded-proto", b"x-forwarded-host", b"x-forwarded-port", b"forwarded"})
"""What a visitor might say of how he came; we know it."""
_PROBES: Final = ("/health/", "/metrics")


class Front:
    """ASGI middleware. `address` is how the world calls us ("" for a server that is called as it listens)."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, address: str = "", proxies: Collection[Network] = ()) -> None:
        self.app, self.refuse = app, refuse
        parts = urlsplit(address)
        self.scheme, self.host = parts.scheme, parts.netloc.lower()
        self.proxies = tuple(proxies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        client, forwarded = self._whence(scope)
        scope = {**scope, "client": client}
        by_our_name = bool(self.host) and _header(scope, b"host").lower() == self.host
        if self.host and (by_our_name or forwarded):
            scope["scheme"] = self.scheme
        is_sealed = scope["scheme"] == "https"
        if is_sealed:
            scope["headers"] = [_own(name, value) for name, value in scope["headers"] if name not in _OVERTAKEN]

        async def send_promising(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = _promising(message["headers"])
                if is_sealed:
                    headers = [(name, _sealed(value) if name == b"set-cookie" else value) for name, value in headers]
                    headers.append((b"strict-transport-security", HTTPS_ALONE.encode()))
                message = {**message, "headers": headers}
            await send(message)

        if scope["path"] == "/metrics" and (forwarded or by_our_name):
            await self.refuse(scope, receive, send_promising, NotFound("There is no such page."))
        elif self.host and not by_our_name and not scope["path"].startswith(_PROBES):
            await self.refuse(scope, receive, send_promising, Misdirected(f"This server is called {self.host}."))
        else:
            await self.app(scope, receive, send_promising)

    def _whence(self, scope: Scope) -> tuple[tuple[str, int], bool]:
        """Who asks, and whether a proxy of ours says so."""
        client = scope.get("client") or ("", 0)
        if not self.proxies or not self._is_proxy(client[0]):
            return client, False
        told = [part.strip() for part in _header(scope, b"x-forwarded-for").split(",") if part.strip()]
        # Each machine adds whom it heard from at the end: the last that is no proxy of ours is who is outside.
        outside = next((one for one in reversed(told) if not self._is_proxy(one)), "")
        return (outside if _address(outside) else client[0], 0), bool(told)

    def _is_proxy(self, text: str) -> bool:
        found = _address(text)
        return found is not None and any(found in network for network in self.proxies)


def _promising(headers: Collection[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers, and what they do not promise yet. Names are in small letters, as ASGI has them."""
    told = {name for name, _ in headers}
    return [*headers, *(promise for promise in _PROMISED if promise[0] not in told)]


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks from a list with commas between. Raises Usage for what is none."""
    found: list[Network] = []
    for part in filter(None, map(str.strip, text.split(","))):
        try:
            found.append(ipaddress.ip_network(part))
        except ValueError:
            raise Usage(f"“{part}” is no address and no network: write 10.0.0.7 or 10.0.0.0/24.") from None
    return tuple(found)


def address_of(text: str) -> str:
    """The address that the world uses, without a slash at the end. Raises Usage."""
    address = text.strip().rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
        raise Usage(f"“{text}” is no address of a server: write https://samjournal.example.no.")
    if "@" in parts.netloc:
        raise Usage("An address holds no name and no password.")
    return address


@lru_cache(maxsize=4096)
def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _header(scope: Scope, wanted: bytes) -> str:
    """All lines of a header as one list, as RFC 9110 has it."""
    return ",".join(bytes(value).decode("latin-1") for name, value in scope["headers"] if name == wanted)


def _own(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    """Of the cookies that came over https, those that only we can have set, by the names that the program knows."""
    if name != b"cookie":
        return name, value
    parts = (part.strip() for part in value.decode("latin-1").split(";"))
    kept = "; ".join(part.removeprefix(PREFIX) for part in parts if part.startswith(PREFIX))
    return name, kept.encode("latin-1")


def _sealed(value: bytes) -> bytes:
    """A cookie as it is set over https: by a name that nobody else can use, for this host alone, over https alone."""
    first, *rest = (part.strip() for part in value.decode("latin-1").split(";"))
    kept = [part for part in rest if part.partition("=")[0].lower() not in ("domain", "path", "secure")]
    name = first if first.startswith(PREFIX) else PREFIX + first
    return "; ".join([name, *kept, "Path=/", "Secure"]).encode("latin-1")
