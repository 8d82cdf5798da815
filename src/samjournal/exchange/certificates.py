"""Whether a certificate may be believed: issued by who is trusted, in its time, not taken back, and made for this use.

    trusted(authorities, lists) -> Trust            what the operator trusts, and what was taken back
    Trust.wrong(certificate, use, now) -> Fault | None      raises Unknowable where nobody can tell now

RFC 5280; virksomhetssertifikater: one signs (non-repudiation), another one is encrypted for. The path is built by
`cryptography`, which knows no revocation lists: those are looked up here, for each certificate on the path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final, Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import verification

Use = Literal["sign", "encrypt"]
_FRESH: Final = timedelta(minutes=1)
"""So long a verdict is remembered: lists of real authorities take a while to look through."""
_KEPT: Final = 5000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a signature or a certificate: the code of 8221 that a receipt gives, what the transport calls
    it, and words for whoever sent it."""

    code: str
    condition: str
    words: str


SIGNATURE: Final = Fault("S01", "transport:invalid-signature", "signaturen kan ikke bekreftes")
EXPIRED: Final = Fault("S02", "transport:expired-certificate", "sertifikatet gjelder ikke lenger, eller ikke ennå")
INVALID: Final = Fault("S02", "transport:invalid-certificate", "sertifikatet er ikke utstedt av noen vi stoler på")
MISUSED: Final = Fault("S02", "transport:invalid-certificate", "sertifikatet er ikke laget for denne bruken")
REVOKED: Final = Fault("S03", "transport:revoked-certificate", "sertifikatet er trukket tilbake")


class Unknowable(Exception):
    """Whether a certificate was taken back cannot be told now: its issuer's list is missing or too old."""


Fetch = Callable[[x509.Certificate, datetime], Sequence[x509.CertificateRevocationList]]
"""Gets the lists that a certificate names (`fetched.Fetched`)."""


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom the operator trusts: roots, the authorities between, and revocation lists. Without `checks` nobody looks
    whether a certificate was taken back: for trying things out alone. `fetch` gets the lists of which none that was
    installed is good, from where a certificate says they are."""

    roots: tuple[x509.Certificate, ...]
    between: tuple[x509.Certificate, ...] = ()
    lists: tuple[x509.CertificateRevocationList, ...] = ()
    checks: bool = True
    fetch: Fetch | None = None
    _found: dict[tuple[bytes, Use], tuple[datetime, Fault | None]] = field(
        default_factory=dict, compare=False, repr=False
    )

    def wrong(
        self, certificate: x509.Certificate, use: Use, now: datetime, others: Sequence[x509.Certificate] = ()
    ) -> Fault | None:
        """What is wrong with a certificate for one use; `others` came along with it and may lie on its path."""
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            return EXPIRED
        key = (certificate.fingerprint(hashes.SHA256()), use)
        until, fault = self._found.get(key, (now, None))
        if now < until:
            return fault
        fault = self._judged(certificate, use, now, others)
        if len(self._found) > _KEPT:
            self._found.clear()
        if fault is None or fault is REVOKED:
            # Other faults may come from what did not come along this time.
            self._found[key] = (now + _FRESH, fault)
        return fault

    def _judged(
        self, certificate: x509.Certificate, use: Use, now: datetime, others: Sequence[x509.Certificate]
    ) -> Fault | None:
        if not is_for(certificate, use):
            return MISUSED
        path = self._path(certificate, now, others)
        if path is None:
            return INVALID
        if self.checks and any(self._is_revoked(one, issuer, now) for one, issuer in pairwise(path)):
            return REVOKED
        return None

    def _path(
        self, certificate: x509.Certificate, now: datetime, others: Sequence[x509.Certificate]
    ) -> Sequence[x509.Certificate] | None:
        if not self.roots:
            return None
        verifier = (
            verification.PolicyBuilder()
            .store(verification.Store(list(self.roots)))
            .time(now)
            .extension_policies(
                ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(),
                ee_policy=verification.ExtensionPolicy.permit_all(),
            )
            .build_client_verifier()
        )
        try:
            return verifier.verify(certificate, [*self.between, *others]).chain
        except verification.VerificationError:
            return None

    def _is_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
        lists = _lists_of(self.lists, certificate, issuer)
        if self.fetch is not None and not any(_is_good(one, now) for one in lists):
            lists += _lists_of(self.fetch(certificate, now), certificate, issuer)
        if any(one.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None for one in lists):
            return True
        if not any(_is_good(one, now) for one in lists):
            raise Unknowable(f"No revocation list of {issuer.subject.rfc4514_string()} that is still good.")
        return False


Trusted = Callable[[], Trust]
"""Whom the operator trusts, as of now."""


def trusted(
    authorities: Iterable[x509.Certificate],
    lists: Iterable[x509.CertificateRevocationList],
    *,
    checks: bool = True,
    fetch: Fetch | None = None,
) -> Trust:
    """What is trusted: of the authorities those that signed themselves are roots."""
    known = list(authorities)
    return Trust(
        roots=tuple(one for one in known if one.subject == one.issuer),
        between=tuple(one for one in known if one.subject != one.issuer),
        lists=tuple(lists),
        checks=checks,
        fetch=fetch,
    )


def is_for(certificate: x509.Certificate, use: Use) -> bool:
    """Whether a certificate is made for a use: signing asks for non-repudiation, encrypting for either encipherment."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return usage.content_commitment if use == "sign" else usage.key_encipherment or usage.data_encipherment


def _lists_of(
    lists: Iterable[x509.CertificateRevocationList], certificate: x509.Certificate, issuer: x509.Certificate
) -> list[x509.CertificateRevocationList]:
    return [one for one in lists if one.issuer == certificate.issuer and _is_signed_by(one, issuer)]


def _is_good(one: x509.CertificateRevocationList, now: datetime) -> bool:
    return one.next_update_utc is None or now <= one.next_update_utc


def _is_signed_by(one: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    try:
        return one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]
    except (InvalidSignature, TypeError, ValueError):
        return False
