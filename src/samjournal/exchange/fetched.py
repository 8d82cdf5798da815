"""Revocation lists from where certificates say that they are: `cRLDistributionPoints` over HTTP.

    Fetched()(certificate, now) -> list         the lists at its places, or those fetched before that still hold

Only places in certificates that a trusted authority issued are asked (`certificates` finds that out first); who signed
a list is looked at there too, so the way it came by need not be secret. Nothing follows a redirect. What cannot be had
is []: nobody can tell then. RFC 5280 §4.2.1.13, §5
"""

from __future__ import annotations

import http.client
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509

_log = logging.getLogger("samjournal.exchange")
_LARGEST: Final = 32 * 2**20
"""Bytes of a list; those of large authorities are a few megabytes."""
_LONGEST: Final = timedelta(days=1)
"""So long a list that does not say when the next one comes is used."""
_REST: Final = timedelta(minutes=1)
"""So long a place that gave nothing is left alone."""


@dataclass
class Fetched:
    """What was fetched, by address, until when it is used. `patience` is in seconds."""

    patience: float = 10.0
    _kept: dict[str, tuple[datetime, x509.CertificateRevocationList | None]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __call__(self, certificate: x509.Certificate, now: datetime) -> Sequence[x509.CertificateRevocationList]:
        """Waits for the network: not for the loop."""
        found = (self._at(place, now) for place in places(certificate))
        return [one for one in found if one is not None]

    def _at(self, place: str, now: datetime) -> x509.CertificateRevocationList | None:
        with self._lock:
            until, known = self._kept.get(place, (now, None))
            if now < until:
                return known
            found = self._asked(place)
            if found is None and known is not None and now <= (known.next_update_utc or until):
                self._kept[place] = (now + _REST, known)
                return known
            until = now + _REST
            if found is not None:
                until = max(until, min(found.next_update_utc or now + _LONGEST, now + _LONGEST))
            self._kept[place] = (until, found)
            return found

    def _asked(self, place: str) -> x509.CertificateRevocationList | None:
        try:
            return _read(_got(place, self.patience))
        except (OSError, ValueError, http.client.HTTPException) as error:
            _log.warning(
                "a revocation list cannot be had", extra={"at": place, "why": str(error) or type(error).__name__}
            )
            return None


def places(certificate: x509.Certificate) -> list[str]:
    """Where its lists are, by HTTP. Lists for some reasons alone tell nothing of the others, and stay out."""
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return []
    names = [name for one in points if one.reasons is None and not one.crl_issuer for name in one.full_name or ()]
    found = (name.value for name in names if isinstance(name, x509.UniformResourceIdentifier))
    return [one for one in found if one.startswith(("http://", "https://"))]


def _got(place: str, patience: float) -> bytes:
    parts = urlsplit(place)
    if not parts.hostname:
        raise ValueError("the address names no machine")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=patience)
    try:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise ValueError(f"it answers {answer.status}")
        data = answer.read(_LARGEST + 1)
    finally:
        connection.close()
    if len(data) > _LARGEST:
        raise ValueError("it is too large")
    return data


def _read(data: bytes) -> x509.CertificateRevocationList:
    pem = data.lstrip().startswith(b"-----BEGIN")
    found = x509.load_pem_x509_crl(data) if pem else x509.load_der_x509_crl(data)
    if any(one.critical and one.oid == x509.DeltaCRLIndicator.oid for one in found.extensions):
        raise ValueError("it tells only what is new")
    return found
