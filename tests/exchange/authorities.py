"""A certificate authority made for the tests, with the certificates of two parties: one signs, the other is encrypted
for, as virksomhetssertifikater are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from itertools import count

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from samjournal.exchange.certificates import Trust, trusted
from samjournal.exchange.cms import Key

_serials = count(1000)
DAY = timedelta(days=1)


@cache
def party_key(what: str) -> rsa.RSAPrivateKey:
    """One for all who do this: making keys takes longer than all else here."""
    return rsa.generate_private_key(65537, 2048)


@cache
def _authority_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _named(name: str, organisation: str = "", serial: str = "") -> x509.Name:
    told = {
        NameOID.COUNTRY_NAME: "NO",
        NameOID.COMMON_NAME: name,
        NameOID.ORGANIZATION_IDENTIFIER: organisation,
        NameOID.SERIAL_NUMBER: serial,
    }
    return x509.Name([x509.NameAttribute(kind, value) for kind, value in told.items() if value])


def _usage(*which: str) -> x509.KeyUsage:
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    names += ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{name: name in which for name in names})


@dataclass
class Authority:
    """Issues certificates and takes them back."""

    name: str = "Test CA"
    issuer: Authority | None = None
    revoked: list[int] = field(default_factory=list)

    @property
    def key(self) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
        return _authority_key(self.name)

    @property
    def certificate(self) -> x509.Certificate:
        by = self.issuer or self
        return (
            self._built(_named(self.name), self.key.public_key(), by, 1, _now() - 30 * DAY, _now() + 300 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
            .sign(by.key, hashes.SHA256())
        )

    def issue(
        self,
        name: str,
        *usage: str,
        after: timedelta = -DAY,
        until: timedelta = 100 * DAY,
        organisation: str = "",
        serial: str = "",
        lists: str = "",
    ) -> Key:
        """A certificate with its key, good from `after` to `until` from now on; `organisation` and `serial` stand in
        its subject."""
        key = party_key("encrypt" if "key_encipherment" in usage else "sign")
        made = self._built(
            _named(name, organisation, serial), key.public_key(), self, next(_serials), _now() + after, _now() + until
        ).add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if lists:
            at = x509.DistributionPoint([x509.UniformResourceIdentifier(lists)], None, None, None)
            made = made.add_extension(x509.CRLDistributionPoints([at]), critical=False)
        if usage:
            made = made.add_extension(_usage(*usage), critical=True)
        return Key(made.sign(self.key, hashes.SHA256()), key)

    def speaking(self, name: str) -> Key:
        """A certificate for TLS, of a machine that is 127.0.0.1 or of who comes to it."""
        own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        key = party_key("speak")
        made = (
            self._built(_named(name), key.public_key(), self, next(_serials), _now() - DAY, _now() + 100 * DAY)
            .add_extension(_usage("digital_signature", "key_encipherment"), critical=True)
            .add_extension(own, critical=False)
            .add_extension(both, critical=False)
        )
        return Key(made.sign(self.key, hashes.SHA256()), key)

    def signing(self, name: str, **period: timedelta) -> Key:
        return self.issue(f"{name} signing", "content_commitment", **period)

    def encryption(self, name: str, **period: timedelta) -> Key:
        return self.issue(f"{name} encryption", "digital_signature", "key_encipherment", "data_encipherment", **period)

    def list_(self, until: timedelta = DAY) -> x509.CertificateRevocationList:
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(_named(self.name))
            .last_update(_now() - 2 * DAY)
            .next_update(_now() + until)
        )
        for serial in self.revoked:
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_now() - DAY).build()
            made = made.add_revoked_certificate(one)
        return made.sign(self.key, hashes.SHA256())

    def trust(self) -> Trust:
        return trusted([self.certificate], [self.list_()])

    @staticmethod
    def _built(
        subject: x509.Name,
        key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey,
        by: Authority,
        serial: int,
        after: datetime,
        until: datetime,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_named(by.name))
            .public_key(key)
            .serial_number(serial)
            .not_valid_before(after)
            .not_valid_after(until)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False)
        )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
