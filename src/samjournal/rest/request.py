"""A request as the interactions see it, and its body read within limits."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec.structs import replace
from starlette.types import Receive

from samjournal.access import Permit
from samjournal.fhir import xml
from samjournal.fhir.addresses import relative
from samjournal.fhir.errors import Invalid, TooLarge, UnsupportedMedia
from samjournal.fhir.parsing import Parsed, parse
from samjournal.record import Condition, condition
from samjournal.rest import formats

Pairs = tuple[tuple[str, str], ...]
MAX_BODY = 40 * 1024 * 1024
MAX_QUERY = 16 * 1024
MAX_PARTS = 1_000_000
MAX_RATIO = 100
"""How many times larger than sent an unpacked body may be, beyond its first MiB: records pack 10 to 40 times."""
LARGE = 256 * 1024
"""Bodies above this are unpacked and parsed in a thread, so that they hold nobody else up."""


@dataclass(slots=True)
class Used:
    """What a client has used since it was first seen: requests, those that were wrong or refused, seconds from request
    to answer; and the costly operations that are being answered now. `sent_away` were refused before anybody looked at
    them."""

    kind: str
    since: datetime
    requests: int = 0
    failed: int = 0
    refused: int = 0
    seconds: float = 0.0
    costly: int = 0
    sent_away: int = 0


class Request(msgspec.Struct, frozen=True):
    """Method, path below /fhir, decoded query, headers in small letters, and who asks. `base` is the address that we
    were called by, `own` are all of ours."""

    method: str
    path: tuple[str, ...]
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str]
    body: bytes
    permit: Permit | None
    base: str
    own: tuple[str, ...] = ()
    sent: Parsed | None = None
    used: Used | None = None
    statement: Callable[[], bytes] | None = None
    """The CapabilityStatement as this address tells it; not there for what is answered later."""

    def who(self) -> Permit:
        assert self.permit is not None
        return self.permit

    def parsed(self) -> Parsed:
        """The resource in the body. Raises UnsupportedMedia, Invalid."""
        if self.sent is not None:
            return self.sent
        format_ = formats.sent(self.headers)
        if not self.body:
            raise Invalid("The request has no body.")
        if format_ == "xml":
            if self.body.count(b"<") > 2 * MAX_PARTS:
                raise TooLarge(f"The body has more than {2 * MAX_PARTS} tags. Send it in smaller Bundles.")
            return relative(xml.read(self.body), self.own)
        if self.body.count(b"{") + self.body.count(b"[") > MAX_PARTS:
            raise TooLarge(f"The body has more than {MAX_PARTS} objects and arrays. Send it in smaller Bundles.")
        return relative(parse(self.body), self.own)

    def condition(self) -> Condition | None:
        """Which version a write may find. Raises Invalid."""
        return condition(self.headers.get("if-match"), self.headers.get("if-none-match"))

    def prefers(self, what: str) -> bool:
        """Whether a preference is sent; several stand with commas between (RFC 7240), and clients write semicolons."""
        return what in self.headers.get("prefer", "").replace(" ", "").replace(";", ",").split(",")


async def parsed_ahead(request: Request) -> Request:
    """The request with its resource parsed already, when its body is so large that it is better done in a thread."""
    media = request.headers.get("content-type", "")
    if (
        len(request.body) < LARGE
        or request.path[:1] == ("Binary",)
        or media.startswith(("application/x-www-form-urlencoded", "application/json-patch"))
    ):
        return request
    return replace(request, sent=await asyncio.to_thread(request.parsed))


async def body_of(headers: dict[str, str], receive: Receive) -> bytes:
    """The whole body, unpacked; refused as soon as it is known to be too large."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > MAX_BODY:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("The connection ended before the whole body had come.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise _too_large()
        if not message.get("more_body"):
            return await _unpacked(b"".join(parts), headers.get("content-encoding", "identity").strip().lower())


async def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding in ("identity", "") or not body:
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise UnsupportedMedia(f"A body is sent as it is or with Content-Encoding gzip, not {encoding[:40]}.")
    # A small body may be a large one packed.
    return gunzip(body) if len(body) * MAX_RATIO < LARGE else await asyncio.to_thread(gunzip, body)


def gunzip(packed: bytes) -> bytes:
    """A gzip body unpacked, a piece at a time, no further than the limits. RFC 1952. Raises Invalid, TooLarge."""
    most = min(MAX_BODY, 2**20 + len(packed) * MAX_RATIO)
    parts: list[bytes] = []
    size, left = 0, packed
    try:
        while left:
            member = zlib.decompressobj(wbits=31)
            while left and not member.eof:
                parts.append(member.decompress(left, 2**20))
                size += len(parts[-1])
                if size > most:
                    raise _too_large()
                left = member.unconsumed_tail
            if not member.eof:
                raise Invalid("The gzip body is not whole: its end is missing. Send it again.")
            left = member.unused_data
    except zlib.error as error:
        raise Invalid(f"The body is not gzip, as its Content-Encoding says ({error}).") from None
    return b"".join(parts)


def _too_large() -> TooLarge:
    return TooLarge(
        f"The body is larger than {MAX_BODY // 2**20} MiB, or packed too tightly. Send it in smaller Bundles, or use"
        " samjournal load."
    )


def path_of(raw: str) -> tuple[str, ...]:
    """The decoded parts of a path below /fhir."""
    parts = raw.strip("/")
    if "%" in parts:
        return tuple(unquote(part) for part in parts.split("/"))
    return tuple(parts.split("/")) if parts else ()


def query_of(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The decoded names and values of a query string or form. Raises Invalid, TooLarge."""
    if not raw:
        return ()
    if len(raw) > MAX_QUERY:
        raise TooLarge(f"The query is {len(raw)} characters long; at most {MAX_QUERY} are read. Use POST _search.")
    try:
        return tuple(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict", max_num_fields=200))
    except ValueError:
        raise Invalid("The query is not a list of name=value pairs in UTF-8, at most 200.") from None
