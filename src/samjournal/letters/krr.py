"""The contact and reservation register (KRR) over REST, with a token from Maskinporten.

    Krr(source)(numbers) -> {number: Contact}       raises Unreachable

docs.digdir.no/docs/Kontaktregisteret (lookup of 1 to 1000 people, attributes), docs.digdir.no/docs/Maskinporten (JWT
grant, RFC 7523). Contact information may be used when the register says KAN_VARSLES; who is reserved is told too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode
from uuid import uuid4

import msgspec
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from samjournal.letters.contacts import Contact, language_of
from samjournal.letters.faults import Unreachable
from samjournal.letters.http import Answer, asked
from samjournal.letters.push import b64

SCOPE: Final = "krr:global/kontaktinformasjon.read"
_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MOST: Final = 1000
_EARLY: Final = 10
"""A token is asked for anew so many seconds before it ends."""
_AGAIN: Final = (0.2, 1.0)


@dataclass(frozen=True)
class Maskinporten:
    """Where tokens are given, and who we are there: the client's id, its key and the key's id."""

    token: str
    audience: str
    client: str
    key: rsa.RSAPrivateKey
    key_id: str

    def assertion(self, now: float) -> str:
        """A signed claim to be the client, for two minutes."""
        head = {"alg": "RS256", "kid": self.key_id}
        claims = {
            "aud": self.audience,
            "iss": self.client,
            "scope": SCOPE,
            "iat": int(now),
            "exp": int(now) + 110,
            "jti": str(uuid4()),
        }
        signed = f"{b64(msgspec.json.encode(head))}.{b64(msgspec.json.encode(claims))}"
        return f"{signed}.{b64(self.key.sign(signed.encode(), padding.PKCS1v15(), SHA256()))}"


@dataclass(frozen=True)
class Source:
    """`people` is the address of the lookup; `bearer` a token that does not end, for a register of a test."""

    people: str
    maskinporten: Maskinporten | None = None
    bearer: str = ""
    patience: float = 10.0
    again: Sequence[float] = _AGAIN


@dataclass
class Krr:
    """The register."""

    source: Source
    _token: tuple[str, float] = ("", 0.0)
    _asking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def __call__(self, numbers: Sequence[str]) -> Mapping[str, Contact]:
        found: dict[str, Contact] = {}
        for begin in range(0, len(numbers), _MOST):
            found |= _understood(await self._people(numbers[begin : begin + _MOST]))
        return found

    async def _people(self, numbers: Sequence[str]) -> bytes:
        body = msgspec.json.encode({"personidentifikatorer": list(numbers)})
        answer = await self._tried(body)
        if answer.status == 401:
            # The token ended before its time, or its keys were changed: once more with a new one.
            self._token = ("", 0.0)
            answer = await self._tried(body)
        if answer.status != 200:
            raise Unreachable(f"the contact register answers {answer.status}")
        return answer.data

    async def _tried(self, body: bytes) -> Answer:
        for pause in (*self.source.again, None):
            try:
                headers = {
                    "Content-Type": "application/json",
                    "Accept": "application/json",
                    "Authorization": f"Bearer {await self._bearer()}",
                }
                answer = await asked("POST", self.source.people, body, headers, patience=self.source.patience)
                if answer.status not in (429, 502, 503, 504) or pause is None:
                    return answer
            except Unreachable:
                if pause is None:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError

    async def _bearer(self) -> str:
        given_by = self.source.maskinporten
        if given_by is None:
            return self.source.bearer
        async with self._asking:
            token, ends = self._token
            now = time.time()
            if token and now < ends:
                return token
            body = urlencode({"grant_type": _GRANT, "assertion": given_by.assertion(now)}).encode()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            answer = await asked("POST", given_by.token, body, headers, patience=self.source.patience)
            if answer.status != 200:
                raise Unreachable(f"Maskinporten answers {answer.status}")
            try:
                told = msgspec.json.decode(answer.data)
                self._token = (str(told["access_token"]), now + float(told["expires_in"]) - _EARLY)
            except (msgspec.DecodeError, KeyError, TypeError, ValueError):
                raise Unreachable("Maskinporten answers what is no token") from None
            return self._token[0]


def _understood(data: bytes) -> dict[str, Contact]:
    try:
        people: list[Mapping[str, Any]] = msgspec.json.decode(data)["personer"]
        return {str(one["personidentifikator"]): _contact(one) for one in people}
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        raise Unreachable("the contact register answers what is no list of people") from None


def _contact(person: Mapping[str, Any]) -> Contact:
    """A person as the register has it. Who is not in it, or did not confirm what stands there, is reached by none."""
    is_there = person.get("status") == "AKTIV"
    told = person.get("kontaktinformasjon") or {}
    return Contact(
        mobile=str(told.get("mobiltelefonnummer") or "") if is_there else "",
        email=str(told.get("epostadresse") or "") if is_there else "",
        is_reserved=person.get("reservasjon") == "JA",
        is_usable=is_there and person.get("varslingsstatus", "KAN_VARSLES") == "KAN_VARSLES",
        language=language_of(str(person.get("spraak") or "")),
    )
