"""Signatures over messages as others make them: XMLDSig by the book, with lxml and cryptography alone."""

from __future__ import annotations

import base64
import re

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from exchange.letters import MSGHEAD
from samjournal.exchange.cms import Key

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
CANONICAL = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
ENVELOPED = f'<Transform Algorithm="{DS}enveloped-signature"/>'
_METHODS: dict[str, tuple[str, str, hashes.HashAlgorithm]] = {
    "sha256": (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
        hashes.SHA256(),
    ),
    "sha1": (f"{DS}rsa-sha1", f"{DS}sha1", hashes.SHA1()),
}


def signed(
    message: bytes,
    key: Key,
    *,
    algorithm: str = "sha256",
    form: str = EXCLUSIVE,
    uri: str = "",
    transforms: str = "",
    over: str = "",
    certificates: int = 1,
    prefix: str = "",
) -> bytes:
    """The message with a signature as the last child of its root. `over` is an element (its path) that is signed in
    place of the whole, `uri` and `transforms` are what the signature says of it."""
    method, digest_method, made = _METHODS[algorithm]
    root = etree.fromstring(message, etree.XMLParser(huge_tree=True))
    part = root if not over else root.find(over)
    digest = _b64(_hash(_canonical(part, form), made))
    said = transforms or f'{ENVELOPED}<Transform Algorithm="{form}"/>'
    info = (
        f'<SignedInfo xmlns="{DS}"><CanonicalizationMethod Algorithm="{form}"/><SignatureMethod Algorithm="{method}"/>'
        f'<Reference URI="{uri}"><Transforms>{said}</Transforms><DigestMethod Algorithm="{digest_method}"/>'
        f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
    )
    info = _with(prefix, info)
    stands = info
    if prefix and form == CANONICAL:  # The plain form has every namespace that holds where it stands.
        stands = info.replace("SignedInfo xmlns", f'SignedInfo xmlns="{MSGHEAD}" xmlns', 1)
    value = _b64(key.key.sign(_canonical(etree.fromstring(stands), form), padding.PKCS1v15(), made))
    along = f"<X509Certificate>{_b64(key.certificate.public_bytes(Encoding.DER))}</X509Certificate>" * certificates
    whole = f'<Signature xmlns="{DS}">{info}<SignatureValue>{value}</SignatureValue><KeyInfo>'
    if certificates:
        whole += f"<X509Data>{along}</X509Data>"
    else:
        whole += "<KeyName>x</KeyName>"
    whole = _with(prefix, f"{whole}</KeyInfo></Signature>")
    return within(message, whole.encode())


def _with(prefix: str, told: str) -> str:
    """The marks with a prefix, where they have none."""
    if not prefix:
        return told
    return re.sub(r"<(/?)(?=[A-Z]\w*[ />])", rf"<\1{prefix}:", told).replace(" xmlns=", f" xmlns:{prefix}=")


def within(message: bytes, signature: bytes) -> bytes:
    """A message with something more as its last child."""
    at = message.rindex(b"</")
    return message[:at] + signature + message[at:]


def signature_of(message: bytes) -> bytes:
    """What is between its marks."""
    found = re.search(rb"<Signature .*</Signature>", message, re.DOTALL)
    assert found
    return found[0]


def _canonical(element: etree._Element, form: str) -> bytes:
    what = element.getroottree() if element.getparent() is None else element
    return etree.tostring(what, method="c14n", exclusive=form == EXCLUSIVE, with_comments=False)


def _hash(data: bytes, made: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(made)
    digest.update(data)
    return digest.finalize()


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
