"""Requests as bytes, sent as they are: what a well-behaved client would never send is what is wanted here."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from fuzz.site import PATIENCE, Site
from samjournal.fhir import errors

CANARY = "Kanarifugl"
"""A word that is sent in queries, bodies, forms and paths, and must never stand in the log."""
CODES = {one.kind for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.FhirError)} - {
    errors.FhirError.kind
}


@dataclass(frozen=True)
class Call:
    """One request."""

    method: str
    target: bytes
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunked: bool = False
    who: str = "nobody"

    def by(self, header: str, credentials: dict[str, str]) -> Call:
        """The same, sent by whom it says: with a header made of his credential, if he has one."""
        if self.who not in credentials:
            return self
        return replace(self, headers=(*self.headers, (header, credentials[self.who])))

    def bytes(self, host: str, *, keep: bool = False) -> bytes:
        """The request on the wire; with `keep` the connection may be used again."""
        named = {name.lower() for name, _ in self.headers}
        lines = [b"%b %b HTTP/1.1" % (self.method.encode(), self.target)]
        lines += [] if "host" in named else [b"host: %b" % host.encode()]
        lines += [f"{name}: {value}".encode("latin-1", "replace") for name, value in self.headers]
        lines += [] if keep else [b"connection: close"]
        if self.chunked:
            lines.append(b"transfer-encoding: chunked")
            half = len(self.body) // 2
            parts = [part for part in (self.body[:half], self.body[half:]) if part]
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        else:
            lines += [b"content-length: %d" % len(self.body)] if self.body or self.method in ("POST", "PUT") else []
            body = self.body
        return b"\r\n".join(lines) + b"\r\n\r\n" + body


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


async def send(site: Site, call: Call) -> Answer:
    """The answer to a request on a connection of its own. Of an event stream only the beginning."""
    line = await site.open()
    try:
        async with asyncio.timeout(PATIENCE):
            line.writer.write(call.bytes(f"127.0.0.1:{site.port}"))
            head = await line.reader.readuntil(b"\r\n\r\n")
            if head.startswith(b"HTTP/1.1 100 "):
                head = await line.reader.readuntil(b"\r\n\r\n")
            first, *rest = head.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in rest if one)}
            streams = headers.get("content-type", "").startswith("text/event-stream")
            body = b"" if streams else await line.reader.read()
            if body and headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            return Answer(int(first.split()[1]), headers, body)
    finally:
        line.close()


def judge(call: Call, answer: Answer) -> None:
    """What holds of every answer, whatever was asked."""
    told = (call, answer)
    assert answer.status < 500 or answer.status == 503, told
    if answer.status in (429, 503):
        assert int(answer.headers["retry-after"]) > 0, told
    for slip in (b"Traceback", b"asyncpg", b"/site-packages/", b"SELECT "):
        assert slip not in answer.body, told
    if call.method == "HEAD" or answer.status in (204, 304):
        assert answer.body == b"", told
    elif call.target.startswith(b"/fhir"):
        _judge_fhir(told, answer)
    else:
        _judge_page(told, answer)


def _judge_fhir(told: object, answer: Answer) -> None:
    if answer.media == "application/fhir+xml":
        assert answer.body.startswith(b"<"), told
        assert answer.status < 400 or b"OperationOutcome" in answer.body, told
        return
    if answer.body or answer.status >= 400:
        assert answer.media == "application/fhir+json", told
        resource = msgspec.json.decode(answer.body)
        if answer.status >= 400:
            assert resource["resourceType"] == "OperationOutcome", told
            assert all(len(issue["diagnostics"]) >= 10 for issue in resource["issue"]), told
            assert resource["issue"], told
            assert all(_code(issue) in CODES for issue in resource["issue"]), told


def _code(issue: dict[str, Any]) -> str:
    """The code of ours by which a program tells an error from all others."""
    (coding,) = issue["details"]["coding"]
    assert coding["system"] == errors.SYSTEM
    return str(coding["code"])


def _judge_page(told: object, answer: Answer) -> None:
    if 300 <= answer.status < 400:
        where = answer.headers["location"]
        assert where.startswith("/"), told
        assert not where.startswith(("//", "/\\")), told
    elif answer.status >= 400 and answer.media == "text/html":
        assert b"<h1" in answer.body, told
    elif answer.status >= 400 and answer.media != "application/json":
        assert answer.media == "text/plain", told
