"""Whether the signature that a message carries over itself holds, and whether its signer may be believed. XMLDSig 1.1.

    is_signed(root) -> bool                     whether there is a signature anywhere in it
    uses_sha1(root) -> bool                     whether its signature is made with SHA-1
    wrong(data, numbers, now, trust=…) -> Fault | None     raises certificates.Unknowable where nobody can tell now

MsgHead 1.2 ends with a `ds:Signature`. What is signed must be what is read: so one signature, a child of the root, with
one reference to the whole document, from which nothing but the signature itself is taken out. Whatever else XMLDSig can
say (parts by id, XPath, XSLT, other documents, keys without a certificate) is refused before anything is computed.
libxml2 makes the canonical form, `cryptography` judges the signature, `certificates` whom to believe (decision 0045).
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree

from samjournal.exchange.certificates import SIGNATURE, Fault, Trusted
from samjournal.exchange.xml import Element

_NAME: Final = "http://www.w3.org/2000/09/xmldsig#"
DS: Final = f"{{{_NAME}}}"
_EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CANONICAL: Final = frozenset(
    {_EXCLUSIVE, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "http://www.w3.org/2006/12/xml-c14n11"}
)
_ENVELOPED: Final = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_PREFIXES: Final = f"{{{_EXCLUSIVE}}}InclusiveNamespaces"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_MORE: Final = "http://www.w3.org/2001/04/xmldsig-more#"
_PSS: Final = "http://www.w3.org/2007/05/xmldsig-more#"
_SHA1: Final = (f"{_NAME}rsa-sha1", f"{_NAME}sha1")
_DIGESTS: Final[Mapping[str, hashes.HashAlgorithm]] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": hashes.SHA256(),
    f"{_MORE}sha384": hashes.SHA384(),
    "http://www.w3.org/2001/04/xmlenc#sha512": hashes.SHA512(),
    f"{_NAME}sha1": hashes.SHA1(),  # noqa: S303 (of whom the operator says so)
}
_METHODS: Final[Mapping[str, tuple[str, hashes.HashAlgorithm]]] = {
    f"{_NAME}rsa-sha1": ("rsa", hashes.SHA1()),  # noqa: S303
    **{f"{_MORE}rsa-{one.name}": ("rsa", one) for one in _DIGESTS.values() if one.name != "sha1"},
    **{f"{_MORE}ecdsa-{one.name}": ("ecdsa", one) for one in _DIGESTS.values() if one.name != "sha1"},
    **{f"{_PSS}{one.name}-rsa-MGF1": ("pss", one) for one in _DIGESTS.values() if one.name != "sha1"},
}
_CERTIFICATES: Final = 10
_WIDE: Final = 200
"""So many attributes an element may have: the canonical form takes their square to make."""
_IN_SCOPE: Final = 40
_LISTED: Final = 10
_MANY: Final = 100_000
"""So many namespaces in scope, prefixes in a list, and elements: it takes the product of all three."""

ELSEWHERE: Final = Fault("S01", SIGNATURE.condition, "signaturen gjelder ikke hele meldingen")
OLD: Final = Fault("S01", SIGNATURE.condition, "signaturen er laget med SHA-1, som ikke godtas")
OTHERS: Final = Fault("S02", "transport:invalid-certificate", "sertifikatet er ikke avsenderens")


def is_signed(root: Element) -> bool:
    """Whether there is a signature in a message, wherever it lies."""
    return next(root.iter(f"{DS}Signature"), None) is not None


def uses_sha1(root: Element) -> bool:
    """Whether a message that was parsed is signed with SHA-1, or one of its digests is made with it."""
    info = root.find(f"{DS}Signature/{DS}SignedInfo")
    return info is not None and any(_of(one) in _SHA1 for one in info.iter(f"{DS}*"))


def wrong(
    data: bytes,
    numbers: Collection[str],
    now: datetime,
    *,
    trust: Trusted | None = None,
    allows_sha1: bool = False,
) -> Fault | None:
    """What is wrong with the signature in a message (`data` was parsed before, and `is_signed`). `numbers` are those of
    the sender's organisations, as far as they are known. Without `trust` nobody asks who signed: that what stands there
    was not changed is all that is known then."""
    root = _parsed(data)
    signature = _over_all(root)
    if signature is None or _is_hostile(root):
        return ELSEWHERE
    if uses_sha1(root) and not allows_sha1:
        return OLD
    certificates = _certificates(signature)
    signer = _leaf(certificates)
    if signer is None or not _holds(root, signature, signer, allows_sha1=allows_sha1):
        return SIGNATURE
    if trust is None:
        return None
    if (fault := trust().wrong(signer, "sign", now, certificates)) is not None:
        return fault
    number = organisation_of(signer)
    return OTHERS if number and numbers and number not in numbers else None


def organisation_of(certificate: x509.Certificate) -> str:
    """The number of the organisation that a certificate is of, "" for a person's: `NTRNO-` and the number since SEID 2,
    the plain number before."""
    for kind, form in ((NameOID.ORGANIZATION_IDENTIFIER, r"NTRNO-(\d{9})"), (NameOID.SERIAL_NUMBER, r"(\d{9})")):
        for one in certificate.subject.get_attributes_for_oid(kind):
            if found := re.fullmatch(form, str(one.value)):
                return found[1]
    return ""


def _parser() -> etree.XMLParser:
    """As it came, but for comments, which no form that is taken here covers."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True
    )


def _parsed(data: bytes) -> Element:
    return etree.fromstring(data, _parser())


# --- What may be asked for --------------------------------------------------------------------------------------------


def _over_all(root: Element) -> Element | None:
    """The signature over the whole document; None where there is another one, or it is over something else. What lies
    in it (time stamps, countersignatures) is about the signature, and is not read."""
    signatures = root.findall(f"{DS}Signature")
    if len(signatures) != 1:
        return None
    (signature,) = signatures
    inner = sum(1 for _ in signature.iter(f"{DS}Signature"))
    if sum(1 for _ in root.iter(f"{DS}Signature")) != inner or not _is_plain(signature):
        return None
    return signature


def _is_plain(signature: Element) -> bool:
    info = signature.find(f"{DS}SignedInfo")
    if info is None or info is not next(signature.iterchildren("*"), None):
        return False
    names = [one.tag for one in info.iterchildren("*")]
    if names != [f"{DS}CanonicalizationMethod", f"{DS}SignatureMethod", f"{DS}Reference"]:
        return False
    canonical, _, reference = info.iterchildren("*")
    if not _is_canonical(canonical) or reference.get("URI") != "":
        return False
    if [one.tag for one in reference.iterchildren("*")] != [f"{DS}Transforms", f"{DS}DigestMethod", f"{DS}DigestValue"]:
        return False
    transforms = reference.findall(f"{DS}Transforms/*")
    enveloped, *others = transforms or (None,)
    return (
        enveloped is not None
        and enveloped.tag == f"{DS}Transform"
        and enveloped.get("Algorithm") == _ENVELOPED
        and len(enveloped) == 0
        and len(others) <= 1
        and all(one.tag == f"{DS}Transform" and _is_canonical(one) for one in others)
    )


def _is_canonical(method: Element) -> bool:
    """One of the canonical forms without comments, which may name prefixes and nothing else."""
    return method.get("Algorithm") in _CANONICAL and all(
        one.tag == _PREFIXES and len(one.get("PrefixList", "").split()) <= _LISTED and place == 0
        for place, one in enumerate(method.iterchildren())
    )


def _is_hostile(root: Element) -> bool:
    """Whether its canonical form would take long to make."""
    depth = count = 0
    for event, one in etree.iterwalk(root, events=("start", "start-ns", "end-ns")):
        if event == "start":
            count += 1
            if count > _MANY or len(one.attrib) > _WIDE:
                return True
            continue
        depth += 1 if event == "start-ns" else -1
        if depth > _IN_SCOPE:
            return True
    return False


# --- Whether it holds -------------------------------------------------------------------------------------------------


def _certificates(signature: Element) -> Sequence[x509.Certificate]:
    """The certificates that came along; none where one of them is no certificate."""
    found = list(islice(signature.iterfind(f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate"), _CERTIFICATES + 1))
    if len(found) > _CERTIFICATES:
        return ()
    try:
        return [x509.load_der_x509_certificate(_bytes(one)) for one in found]
    except (ValueError, UnsupportedAlgorithm, x509.InvalidVersion):
        return ()


def _leaf(certificates: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The one that issued none of the others."""
    leaves = [
        one for one in certificates if not any(other.issuer == one.subject for other in certificates if other != one)
    ]
    return leaves[0] if len(leaves) == 1 else None


def _holds(root: Element, signature: Element, signer: x509.Certificate, *, allows_sha1: bool) -> bool:
    """Whether the digest is of the document without its signature, and the signature is the signer's."""
    info = next(signature.iterchildren("*"))
    canonical, method, reference = info.iterchildren("*")
    _, digest, expected = reference.iterchildren("*")
    made, (kind, signed_with) = _DIGESTS.get(_of(digest)), _METHODS.get(_of(method), ("", None))
    if made is None or signed_with is None:
        return False
    if not allows_sha1 and "sha1" in (made.name, signed_with.name):
        return False
    try:
        value = _bytes(signature.find(f"{DS}SignatureValue"))
        if not _is_by(signer, kind, signed_with, value, _canonical(_alone(info, canonical), canonical)):
            return False
        _take_out(signature)
        *_, last = reference.iterfind(f"{DS}Transforms/*")
        hashed = hashes.Hash(made)
        hashed.update(_canonical(root, last))
        return hmac.compare_digest(hashed.finalize(), _bytes(expected))
    except (etree.LxmlError, UnsupportedAlgorithm, ValueError):
        return False


def _is_by(signer: x509.Certificate, kind: str, used: hashes.HashAlgorithm, value: bytes, over: bytes) -> bool:
    key = signer.public_key()
    try:
        if kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            half = (key.key_size + 7) // 8
            if len(value) != 2 * half:
                return False
            pair = (int.from_bytes(value[:half]), int.from_bytes(value[half:]))
            key.verify(encode_dss_signature(*pair), over, ec.ECDSA(used))
        elif kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, over, padding.PKCS1v15(), used)
        elif kind == "pss" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, over, padding.PSS(padding.MGF1(used), used.digest_size), used)
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _canonical(element: Element, method: Element) -> bytes:
    """The canonical form without comments; of a root with the instructions beside it. Enveloped alone means the plain
    form."""
    prefixes = next((one.get("PrefixList", "").split() for one in method.iterchildren("*")), None)
    exclusive = _of(method) == _EXCLUSIVE
    tree = element.getroottree()
    return etree.tostring(
        tree,
        method="c14n",
        exclusive=exclusive,
        with_comments=False,
        inclusive_ns_prefixes=prefixes if exclusive else None,
    )


def _alone(info: Element, method: Element) -> Element:
    """What is signed as a document of its own, with the namespaces that hold where it stands and, as the plain form
    wants it, with the language and the handling of blanks: in place it would get namespaces that it does not have."""
    alone = etree.fromstring(etree.tostring(info, with_tail=False), _parser())
    if _of(method) != _EXCLUSIVE:
        for above in info.iterancestors():
            for name in (f"{_XML}lang", f"{_XML}space"):
                if name in above.attrib and name not in alone.attrib:
                    alone.set(name, above.attrib[name])
    return alone


def _take_out(signature: Element) -> None:
    """The signature away, the words after it kept."""
    above, before = signature.getparent(), signature.getprevious()
    assert above is not None
    if before is not None:
        before.tail = (before.tail or "") + (signature.tail or "")
    else:
        above.text = (above.text or "") + (signature.tail or "")
    above.remove(signature)


def _of(method: Element) -> str:
    return method.get("Algorithm") or ""


def _bytes(element: Element | None) -> bytes:
    """What base64 says. Raises ValueError."""
    if element is None or len(element):
        raise ValueError
    return base64.b64decode("".join((element.text or "").split()), validate=True)
