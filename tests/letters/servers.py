"""The other side of each channel, as real servers on ports of their own: a mail server, an SMS gateway, a contact
register, a push service that opens what it gets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

Handler = Callable[[str, str, dict[str, str], bytes], Awaitable[tuple[int, bytes]]]


@contextlib.asynccontextmanager
async def http(handler: Handler) -> AsyncIterator[int]:
    """A server of HTTP/1.1 that answers each request by the handler and closes; its port."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = head[0].split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        status, data = await handler(method, path, headers, body)
        if status:
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode())
            writer.write(data)
            with contextlib.suppress(ConnectionError):  # Who asked may have been killed meanwhile.
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(served, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@dataclass
class SmsGateway:
    """Sends each idempotency key once. `answers` are statuses for the next requests; 0 hangs up after having taken it,
    as when a line breaks before the answer."""

    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: int = 0
    answers: list[int] = field(default_factory=list)

    async def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        self.asked += 1
        if headers.get("x-api-key") != "hemmelig":
            return 401, b""
        status = self.answers.pop(0) if self.answers else 201
        if status < 300:
            self.sent.setdefault(headers["idempotency-key"], json.loads(body))
        return status, json.dumps({"messages": [{"id": f"g-{headers['idempotency-key'][-4:]}"}]}).encode()


@dataclass
class ContactRegister:
    """The register's REST interface: people by number, as its documentation has them."""

    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    tokens: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        if path == "/token":
            claims = body.decode().partition("assertion=")[2].split(".")[1]
            self.tokens.append(json.loads(unb64(claims)))
            return 200, json.dumps({"access_token": f"t{len(self.tokens)}", "expires_in": 120}).encode()
        if headers.get("authorization") != f"Bearer t{len(self.tokens)}":
            return 401, b""
        if self.answers and (status := self.answers.pop(0)) != 200:
            return status, b""
        numbers = json.loads(body)["personidentifikatorer"]
        self.asked.append(numbers)
        absent = {"status": "IKKE_REGISTRERT"}
        found = [{"personidentifikator": one, **self.people.get(one, absent)} for one in numbers]
        return 200, json.dumps({"personer": found}).encode()


@dataclass
class MailServer:
    """A small SMTP server: what it was handed, and what it answers to RCPT."""

    messages: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    rcpt: list[str] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._served, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _served(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 test ESMTP")
        sender, to = "", list[str]()
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ")[0].upper()
            if verb in ("EHLO", "HELO"):
                await say("250 test")
            elif verb == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
                await say("250 ok")
            elif verb == "RCPT":
                answer = self.rcpt.pop(0) if self.rcpt else "250 ok"
                if answer.startswith("250"):
                    to.append(line.partition("<")[2].partition(">")[0])
                await say(answer)
            elif verb == "DATA":
                await say("354 go on")
                self.messages.append((sender, to, await reader.readuntil(b"\r\n.\r\n")))
                await say("250 taken")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 ok")
        writer.close()


class Device:
    """A browser with its keys, which reads what was encrypted for it. RFC 8291"""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.auth = bytes(range(16))
        self.p256dh = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def opened(self, body: bytes) -> dict[str, Any]:
        salt, (size, length) = body[:16], struct.unpack("!LB", body[16:21])
        theirs, text = body[21 : 21 + length], body[21 + length :]
        assert len(text) <= size
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
        material = derived(shared, self.auth, b"WebPush: info\x00" + self.p256dh + theirs, 32)
        key = derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = derived(material, salt, b"Content-Encoding: nonce\x00", 12)
        plain = AESGCM(key).decrypt(nonce, text, None).rstrip(b"\x00")
        assert plain[-1:] == b"\x02", "the last record"
        found: dict[str, Any] = json.loads(plain[:-1])
        return found


@dataclass
class PushService:
    """Takes what is signed by who sends (RFC 8292), and opens it with the browser's keys."""

    device: Device = field(default_factory=Device)
    shown: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    async def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        status = self.answers.pop(0) if self.answers else 201
        if status == 201:
            assert vouched(headers["authorization"])["sub"] == "mailto:drift@example.org"
            self.heads.append(headers)
            self.shown.append(self.device.opened(body))
        return status, b""


def vouched(header: str) -> dict[str, Any]:
    """The claims of VAPID, whose signature holds."""
    token, key = (part.partition("=")[2] for part in header.removeprefix("vapid ").split(", "))
    head, claims, signature = token.split(".")
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    whole = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(whole, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    found: dict[str, Any] = json.loads(unb64(claims))
    return found


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
