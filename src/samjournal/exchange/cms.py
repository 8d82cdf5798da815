"""Messages sealed for the road: signed by who sends them, then encrypted for who gets them. RFC 5652.

    protected(data, signing, receiver) -> bytes                 raises ValueError
    opened(data, keys, trust, now) -> Opened                    raises Undecipherable, certificates.Unknowable

What `cryptography` makes (PKCS 7) it does not verify, so signatures are verified here, over the structures of
asn1crypto: docs/decisions/0040. AES and SHA-2 only; RSA, also as OAEP and PSS, and elliptic curves for signatures.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, padding
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric import padding as paddings
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from samjournal.exchange.certificates import SIGNATURE, Fault, Trust

_HASHES: Final[dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]]] = {
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


_MALFORMED = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError),
    *(UnsupportedAlgorithm, x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)
"""What the libraries raise for bytes that are not what they say."""


class Undecipherable(Exception):
    """What came cannot be opened. `condition` is what the transport calls it."""

    def __init__(self, condition: str, why: str) -> None:
        super().__init__(why)
        self.condition = condition


@dataclass(frozen=True, slots=True)
class Key:
    """A certificate with the key that belongs to it."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in it, who signed it, and what is wrong with that: `fault` is None for a signature that holds."""

    data: bytes
    signer: x509.Certificate | None
    fault: Fault | None


def protected(data: bytes, signing: Key, receiver: x509.Certificate) -> bytes:
    """Data signed (the content inside, the certificate along) and then encrypted with AES-256."""
    options = [pkcs7.PKCS7Options.Binary]
    signed = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(data)
        .add_signer(signing.certificate, signing.key, hashes.SHA256())
        .sign(Encoding.DER, options)
    )
    return (
        pkcs7.PKCS7EnvelopeBuilder()
        .set_data(signed)
        .set_content_encryption_algorithm(algorithms.AES256)
        .add_recipient(receiver)
        .encrypt(Encoding.DER, options)
    )


def opened(data: bytes, keys: Sequence[Key], trust: Trust, now: datetime) -> Opened:
    """What was sealed for one of the keys, and whether its signature and signer may be believed."""
    return verified(decrypted(data, keys), trust, now)


# --- Encryption -------------------------------------------------------------------------------------------------------


def decrypted(data: bytes, keys: Sequence[Key]) -> bytes:
    """The contents of enveloped data, by whichever of the keys it was made for."""
    try:
        info = cms.ContentInfo.load(data, strict=True)
        if info["content_type"].native != "enveloped_data":
            raise Undecipherable("transport:invalid-cms-pkcs", "It is not enveloped data.")
        enveloped = info["content"]
        wrapped, key = _wrapped(enveloped["recipient_infos"], keys)
        secret = _unwrapped(wrapped, key)
        return _plain(enveloped["encrypted_content_info"], secret)
    except _MALFORMED as error:
        raise Undecipherable("transport:invalid-cms-pkcs", f"It is no CMS that is read here: {error}"[:300]) from None


def _wrapped(recipients: Any, keys: Sequence[Key]) -> tuple[Any, Key]:
    for recipient in recipients:
        if recipient.name != "ktri":
            continue
        named = recipient.chosen["rid"]
        for key in keys:
            if _is_meant(named, key.certificate):
                return recipient.chosen, key
    raise Undecipherable("transport:invalid-certificate", "It is encrypted for a certificate that is not ours.")


def _is_meant(named: Any, certificate: x509.Certificate) -> bool:
    if named.name == "issuer_and_serial_number":
        one = named.chosen
        same = bool(one["issuer"].dump() == certificate.issuer.public_bytes())
        return same and bool(one["serial_number"].native == certificate.serial_number)
    return bool(named.chosen.native == _key_id(certificate))


def _key_id(certificate: x509.Certificate) -> bytes | None:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except x509.ExtensionNotFound:
        return None


def _unwrapped(recipient: Any, key: Key) -> bytes:
    algorithm = recipient["key_encryption_algorithm"]["algorithm"].native
    scheme: paddings.AsymmetricPadding
    if algorithm == "rsaes_pkcs1v15":
        scheme = paddings.PKCS1v15()
    elif algorithm == "rsaes_oaep":
        parameters = recipient["key_encryption_algorithm"]["parameters"]
        used = _oaep(parameters["hash_algorithm"]["algorithm"].native)
        mask = _oaep(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native)
        scheme = paddings.OAEP(paddings.MGF1(mask), used, None)
    else:
        raise Undecipherable("transport:decryption-failed", f"Keys wrapped by {algorithm} are not read.")
    try:
        return key.key.decrypt(recipient["encrypted_key"].native, scheme)
    except ValueError:
        raise Undecipherable("transport:decryption-failed", "Its key cannot be unwrapped.") from None


def _oaep(name: str) -> hashes.HashAlgorithm:
    return hashes.SHA1() if name == "sha1" else _HASHES[name]()  # noqa: S303 (OAEP's own default, safe there)


def _plain(content: Any, secret: bytes) -> bytes:
    algorithm = content["content_encryption_algorithm"]
    name = algorithm["algorithm"].native
    if name not in ("aes128_cbc", "aes192_cbc", "aes256_cbc"):
        raise Undecipherable("transport:decryption-failed", f"Contents encrypted by {name} are not read.")
    try:
        cipher = Cipher(algorithms.AES(secret), modes.CBC(algorithm["parameters"].native)).decryptor()
        padded = cipher.update(content["encrypted_content"].native) + cipher.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise Undecipherable("transport:decryption-failed", "Its contents cannot be decrypted.") from None


# --- Signatures -------------------------------------------------------------------------------------------------------


def verified(data: bytes, trust: Trust, now: datetime) -> Opened:
    """The contents of signed data with one signer, and whether he may be believed."""
    try:
        info = cms.ContentInfo.load(data, strict=True)
        if info["content_type"].native != "signed_data":
            raise Undecipherable("transport:invalid-cms-pkcs", "It is not signed data.")
        signed = info["content"]
        content = signed["encap_content_info"]["content"]
        if content.native is None:
            raise Undecipherable("transport:invalid-cms-pkcs", "The signed contents are not in it.")
        plain = bytes(content)
        certificates = [x509.load_der_x509_certificate(one.chosen.dump()) for one in signed["certificates"] or ()]
        signers = list(signed["signer_infos"])
        signer = next((one for one in certificates if len(signers) == 1 and _is_meant(signers[0]["sid"], one)), None)
        if signer is None or not _holds(signers[0], signer, plain, signed["encap_content_info"]["content_type"]):
            return Opened(plain, signer, SIGNATURE)
    except _MALFORMED as error:
        raise Undecipherable("transport:invalid-cms-pkcs", f"It is no CMS that is read here: {error}"[:300]) from None
    return Opened(plain, signer, trust.wrong(signer, "sign", now, certificates))


def _holds(info: Any, signer: x509.Certificate, plain: bytes, content_type: Any) -> bool:
    digest = info["digest_algorithm"]["algorithm"].native
    if digest not in _HASHES:
        return False
    attributes = info["signed_attrs"]
    over = plain
    if attributes:
        named: dict[str, Any] = {one["type"].native: one["values"][0] for one in attributes}
        if not {"message_digest", "content_type"} <= named.keys():
            return False
        if not hmac.compare_digest(named["message_digest"].native, hashlib.new(digest, plain).digest()):
            return False
        if named["content_type"].native != content_type.native:
            return False
        over = attributes.untag().dump()
    return _is_signature(info, signer, over, _HASHES[digest]())


def _is_signature(info: Any, signer: x509.Certificate, over: bytes, digest: hashes.HashAlgorithm) -> bool:
    algorithm = info["signature_algorithm"]
    signature, key = info["signature"].native, signer.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, over, ec.ECDSA(digest))
        elif not isinstance(key, rsa.RSAPublicKey):
            return False
        elif algorithm.signature_algo == "rsassa_pss":
            salt = algorithm["parameters"]["salt_length"].native
            key.verify(signature, over, paddings.PSS(paddings.MGF1(digest), salt), digest)
        else:
            key.verify(signature, over, paddings.PKCS1v15(), digest)
    except InvalidSignature:
        return False
    return True
