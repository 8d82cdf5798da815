"""The address register of NHN, asked over HTTP: SOAP or REST, with time limits, and again when it stumbles.

    Addresses(source)(her, fresh=False) -> Party        raises Unknown, Unreachable

A party is remembered for an hour. When the register does not answer, what it said last is used for as long as the
operator allows, and says of itself that it is old (`Party.failed`). HISD 1177.
"""

from __future__ import annotations

import asyncio
import base64
import http.client
import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from samjournal.exchange import answers
from samjournal.exchange.answers import Unreadable
from samjournal.exchange.register import Copy, Party, Unknown
from samjournal.exchange.transport import Unreachable

_log = logging.getLogger("samjournal.exchange")
_SERVICE: Final = "http://register.nhn.no/CommunicationParty"
_MOST: Final = 8 * 2**20
_Read = TypeVar("_Read")


@dataclass(frozen=True)
class Source:
    """Where the register is. `form` rest: `details` is an address with `{her}`; soap: the address of the service.
    `profile` and `agreement` are addresses with `{her}`, "" where profiles are not asked for; `certificates` two, for
    encryption and signature. `headers` may hold a secret, and are never
    logged. `again` are the seconds before it is asked a second and a third time."""

    form: Literal["soap", "rest"]
    details: str
    profile: str = ""
    agreement: str = ""
    certificates: tuple[str, str] = ("", "")
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: ssl.SSLContext | None = None
    patience: float = 10.0
    again: tuple[float, ...] = (0.2, 1.0)
    fresh_for: timedelta = timedelta(hours=1)
    old_for: timedelta = timedelta(days=3)


def basic(user: str, password: str) -> str:
    """The header of a user with a password."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Addresses:
    """The register, with what it said in the last hour."""

    def __init__(self, source: Source, copy: Copy | None = None) -> None:
        self._source, self._copy = source, copy
        self._known: dict[str, Party] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    def beside(self, copy: Copy) -> None:
        """Where to look when the register does not answer: known once there is a record."""
        self._copy = copy

    async def __call__(self, her: str, *, fresh: bool = False) -> Party:
        """One party by its HER-id; `fresh` asks the register even when it said so just now."""
        if not her.isdigit():
            raise Unknown(f"{her[:20]} is no HER-id")
        asked = datetime.now(UTC)
        async with self._asking.setdefault(her, asyncio.Lock()):
            known = self._known.get(her)
            if known is not None and known.asked > asked - (timedelta(0) if fresh else self._source.fresh_for):
                return known
            try:
                party = await self._ask(her)
            except Unreachable as error:
                return await self._old(her, known, str(error))
            except Unknown:
                self._known.pop(her, None)
                raise
            self._known[her] = party
            return party

    async def _old(self, her: str, known: Party | None, why: str) -> Party:
        last = known or (await self._copy(her) if self._copy is not None else None)
        if last is None or last.asked < datetime.now(UTC) - self._source.old_for:
            raise Unreachable(why)
        _log.warning("an old address is used", extra={"her": her, "asked": last.asked.isoformat(), "why": why})
        return replace(last, failed=why)

    async def _ask(self, her: str) -> Party:
        now = datetime.now(UTC)
        party = _understood(lambda data: answers.party(data, now), await self._details(her))
        if party.her != her:
            raise Unreachable(f"The register answers for {party.her} when it is asked for {her}.")
        for which in (self._source.profile, self._source.agreement):
            if which:
                data = await self._page(which.format(her=her), is_needed=False)
                party = _understood(partial(answers.with_profile, party), data) if data else party
        if not party.encryption or not party.signing:
            party = await self._with_certificates(party)
        return party

    async def _details(self, her: str) -> bytes:
        if self._source.form == "soap":
            return await self._soap("GetCommunicationPartyDetails", her)
        data = await self._page(self._source.details.format(her=her), is_needed=True)
        assert data is not None
        return data

    async def _with_certificates(self, party: Party) -> Party:
        if self._source.form == "soap":
            found = [
                await self._soap(f"GetCertificateDetailsFor{use}", party.her)
                for use in ("Encryption", "ValidatingSignature")
            ]
        else:
            found = [
                (await self._page(which.format(her=party.her), is_needed=False) or b"") if which else b""
                for which in self._source.certificates
            ]
        encryption, signing = (_understood(answers.certificates, data) if data else () for data in found)
        return replace(party, encryption=party.encryption or encryption, signing=party.signing or signing)

    async def _page(self, url: str, *, is_needed: bool) -> bytes | None:
        status, data = await self._asked("GET", url, None, {})
        if status == 404 and is_needed:
            raise Unknown("the register has nobody with this HER-id")
        if status == 404:
            return None
        if status != 200:
            raise Unreachable(f"The address register answers with {status}.")
        return data

    async def _soap(self, operation: str, her: str) -> bytes:
        """SOAP 1.2, or 1.1 in the words of WCF; a fault comes back as it is, for its code tells what is meant."""
        action = f"{_SERVICE}/ICommunicationPartyService/{operation}"
        body = (
            '<?xml version="1.0" encoding="utf-8"?>'
            '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
            f'<{operation} xmlns="{_SERVICE}"><herId>{escape(her)}</herId></{operation}>'
            "</s:Body></s:Envelope>"
        ).encode()
        kind = f'application/soap+xml; charset=utf-8; action="{action}"'
        status, data = await self._asked("POST", self._source.details, body, {"Content-Type": kind})
        if status == 200 or (status in (400, 500) and b"Fault" in data):
            return data
        raise Unreachable(f"The address register answers with {status}.")

    async def _asked(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        given = {**headers, **self._source.headers}
        for pause in (*self._source.again, None):
            try:
                async with asyncio.timeout(self._source.patience * 1.5):
                    status, data = await asyncio.to_thread(self._fetched, method, url, body, given)
                if status not in (429, 502, 503, 504) or pause is None:
                    return status, data
            except (OSError, TimeoutError, http.client.HTTPException) as error:
                if pause is None:
                    why = str(error) or type(error).__name__
                    raise Unreachable(f"The address register cannot be reached: {why}") from None
            await asyncio.sleep(pause)
        raise AssertionError

    def _fetched(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(url)
        host, port, patience = parts.hostname or "", parts.port, self._source.patience
        connection: http.client.HTTPConnection
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=patience, context=self._source.tls)
        else:
            connection = http.client.HTTPConnection(host, port, timeout=patience)
        try:
            path = parts.path or "/"
            connection.request(method, f"{path}?{parts.query}" if parts.query else path, body, dict(headers))
            answer = connection.getresponse()
            data = answer.read(_MOST + 1)
        finally:
            connection.close()
        if answer.length:
            raise http.client.IncompleteRead(data, answer.length)
        if len(data) > _MOST:
            raise http.client.HTTPException("the answer has no end")
        return answer.status, data


def _understood(read: Callable[[bytes], _Read], data: bytes) -> _Read:
    """What an answer says. One that says nothing counts as none: it may be better the next time."""
    try:
        return read(data)
    except Unreadable as error:
        raise Unreachable(str(error)) from None
