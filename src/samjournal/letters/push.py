"""Notices in the browser: encrypted for one browser (RFC 8291, RFC 8188), sent to its push service (RFC 8030), signed
by who sends (VAPID, RFC 8292).

    encrypted(text, p256dh, auth) -> bytes              the body, aes128gcm
    Push(key, subject).send(browser, ...) -> str        raises Gone, Unreachable, Refused

The push service reads nothing of it. Addresses of push services come from browsers, which may say anything: only those
whose host the operator knows are asked.
"""

from __future__ import annotations

import base64
import os
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from samjournal.letters.faults import Refused, Unreachable
from samjournal.letters.http import asked

HOSTS: Final = (
    "fcm.googleapis.com",
    "push.services.mozilla.com",
    "notify.windows.com",
    "push.apple.com",
)
"""The push services of the browsers that people have, with what lies under them."""
_RECORD: Final = 4096
_HOUR: Final = 3600


class Gone(Exception):
    """The browser shows no notices any more, or the person turned them off there."""


@dataclass(frozen=True, slots=True)
class Browser:
    """A subscription as the browser gave it: where, its public key (65 bytes) and its secret (16 bytes)."""

    endpoint: str
    p256dh: bytes
    auth: bytes


@dataclass(frozen=True)
class Push:
    """`key` is ours, by which the push service knows who sends; `subject` whom it writes to when something is wrong."""

    key: ec.EllipticCurvePrivateKey
    subject: str
    hosts: Sequence[str] = HOSTS
    patience: float = 10.0

    @property
    def public(self) -> str:
        """Our public key as a page gives it to the browser."""
        return b64(_point(self.key.public_key()))

    def may_go_to(self, endpoint: str) -> bool:
        """Whether an address is one of a push service that we know."""
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
        known = any(host == one or host.endswith(f".{one}") for one in self.hosts)
        local = host in ("127.0.0.1", "localhost") and host in self.hosts
        return known and (parts.scheme == "https" or local) and not parts.username

    async def send(
        self,
        browser: Browser,
        id_: UUID,
        *,
        title: str,
        text: str,
        link: str,
        language: str,
        is_urgent: bool,
        seconds: int,
    ) -> str:
        """Hand a notice to the push service, which keeps it for so many seconds while the browser is away. A later one
        with the same id takes its place, there and in the browser."""
        if not self.may_go_to(browser.endpoint):
            raise Refused("the push service is none that we know")
        words = {"title": title, "text": text, "link": link, "language": language, "tag": "samjournal"}
        body = encrypted(msgspec.json.encode(words), browser.p256dh, browser.auth)
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(seconds),
            "Urgency": "high" if is_urgent else "normal",
            "Topic": b64(id_.bytes),
            "Authorization": self._vapid(browser.endpoint),
        }
        answer = await asked("POST", browser.endpoint, body, headers, patience=self.patience)
        if answer.status in (404, 410):
            raise Gone
        if answer.status in (429, 401, 403) or answer.status >= 500:
            raise Unreachable(f"the push service answers {answer.status}")
        if not 200 <= answer.status < 300:
            raise Refused(f"the push service answers {answer.status}")
        return str(answer.status)

    def _vapid(self, endpoint: str) -> str:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(time.time()) + 12 * _HOUR,
            "sub": self.subject,
        }
        head = b64(msgspec.json.encode({"typ": "JWT", "alg": "ES256"}))
        signed = f"{head}.{b64(msgspec.json.encode(claims))}"
        r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(SHA256())))
        return f"vapid t={signed}.{b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}, k={self.public}"


def encrypted(text: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """One record of aes128gcm for one browser, with a key and a salt used once. Raises Refused for a key that is no
    point of the curve."""
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), p256dh)
    except (ValueError, InvalidKey):
        raise Refused("the browser's key is none") from None
    ours, salt = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
    point = _point(ours.public_key())
    shared = ours.exchange(ec.ECDH(), theirs)
    material = _derived(shared, auth, b"WebPush: info\x00" + p256dh + point, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\x00", 12)
    # 2: the last record. The rest is filled up, so that the length tells nothing.
    padded = text + b"\x02" + bytes(max(0, 1024 - len(text)))
    head = salt + struct.pack("!LB", _RECORD, len(point)) + point
    return head + AESGCM(key).encrypt(nonce, padded, None)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def b64(data: bytes) -> str:
    """As RFC 7515 writes bytes: safe in addresses, not filled up."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The same read; raises ValueError."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
