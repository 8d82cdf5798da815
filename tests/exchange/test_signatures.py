"""Signatures within messages: what was signed is what is read, and whoever signed it is trusted. XMLDSig 1.1."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.authorities import DAY, Authority
from exchange.letters import SHARED, WITHOUT, dialog, message
from exchange.signing import CANONICAL, DS, ENVELOPED, EXCLUSIVE, signature_of, signed, within
from samjournal.exchange import envelope, xml
from samjournal.exchange.certificates import Unknowable
from samjournal.exchange.signatures import is_signed, organisation_of, uses_sha1, wrong

CA = Authority()
TRUST = CA.trust()
NUMBER = "983044778"
GP = CA.signing("Legesenteret")
PLAIN = message(dialog("Hun faller oftere enn før."), attached="JVBERi0xLjQK")
SIGNED = signed(PLAIN, GP)
NOW = datetime.now(UTC)


def code(data: bytes, *numbers: str, old: bool = False, ca: Authority | None = CA) -> str:
    """What a message is answered for its signature, "" for nothing."""
    xml.parse(data)
    found = wrong(data, numbers, NOW, trust=ca.trust if ca else None, allows_sha1=old)
    return found.code if found else ""


@pytest.mark.parametrize("prefix", ["", "ds"])
@pytest.mark.parametrize("form", [EXCLUSIVE, CANONICAL])
def test_what_was_signed_and_came_as_it_was_holds(form: str, prefix: str) -> None:
    data = signed(PLAIN, GP, form=form, prefix=prefix)
    assert is_signed(xml.parse(data))
    assert not is_signed(xml.parse(PLAIN))
    assert code(data) == ""


def test_what_stands_beside_the_root_is_signed_too() -> None:
    sheet = PLAIN.replace(b"<MsgHead", b'<?xml-stylesheet href="visning.xsl"?>\n<MsgHead', 1)
    data = signed(sheet, GP, form=CANONICAL)
    assert code(data) == ""
    assert code(data.replace(b"visning.xsl", b"visning.xsd")) == "S01"


@pytest.mark.skipif(not SHARED.exists(), reason=WITHOUT)
@pytest.mark.parametrize("name", ["M22 Oppgjørsresultat.xml", "M23 Utbetaling.xml"])
def test_what_others_signed_holds(name: str) -> None:
    """Those of the national examples that nobody laid out anew after they were signed."""
    folder = SHARED / "examples" / "eresept" / "Utleverer sender oppgjørskrav til Helfo"
    data = (folder / name).read_bytes()
    old = uses_sha1(xml.parse(data))
    assert wrong(data, (), NOW, allows_sha1=old) is None
    found = wrong(data.replace(b"MsgId>", b"MsgId> ", 1), (), NOW, allows_sha1=old)
    assert found is not None
    assert found.code == "S01"


CHANGED = {
    "its text": SIGNED.replace(b"oftere", b"sjelden"),
    "its attachment": SIGNED.replace(b"JVBERi0xLjQK", b"JVBERi0xLjUK"),
    "who sent it": SIGNED.replace(b"900002", b"900009"),
    "a part that is new": SIGNED.replace(b"<Signature", b"<Document/><Signature", 1),
    "an instruction in it": SIGNED.replace(b"<MsgInfo>", b"<MsgInfo><?a b?>"),
    "its digest": re.sub(rb"<DigestValue>.{4}", b"<DigestValue>AAAA", SIGNED),
    "its value": re.sub(rb"<SignatureValue>.{4}", b"<SignatureValue>AAAA", SIGNED),
    "no value": re.sub(rb"<SignatureValue>.*</SignatureValue>", b"<SignatureValue/>", SIGNED),
    "no base64": re.sub(rb"<SignatureValue>.*</SignatureValue>", b"<SignatureValue>!</SignatureValue>", SIGNED),
    "its certificate": SIGNED.replace(
        signature_of(SIGNED), signature_of(SIGNED).replace(b"<X509Certificate>M", b"<X509Certificate>N")
    ),
    "no certificate": signed(PLAIN, GP, certificates=0),
    "too many certificates": signed(PLAIN, GP, certificates=11),
    "a method of its own": SIGNED.replace(b"xmldsig-more#rsa-sha256", b"xmldsig-more#hmac-sha256"),
    "a method that nobody knows": SIGNED.replace(b"xmldsig-more#rsa-sha256", b"xmldsig-more#rot-13"),
    "a signature that says nothing": within(PLAIN, f'<Signature xmlns="{DS}"/>'.encode()),
}


@pytest.mark.parametrize("data", CHANGED.values(), ids=CHANGED)
def test_what_was_changed_does_not_hold(data: bytes) -> None:
    assert data != SIGNED
    assert code(data) == "S01"
    assert code(data, ca=None) == "S01"


def _wrapped(where: str) -> bytes:
    """What was signed lies within another message, which is the one that would be read."""
    inner = SIGNED[SIGNED.index(b"<MsgHead") :]
    forged = message(dialog("Forfalsket."))
    match where:
        case "in the contents":
            return forged.replace(b"</Content>", inner + b"</Content>", 1)
        case "in an object":
            own = signature_of(SIGNED)
            kept = inner.replace(own, b"")
            return within(forged, own.replace(b"</Signature>", b"<Object>" + kept + b"</Object></Signature>"))
        case "beside":
            return within(forged, inner)
        case _:
            own = signature_of(SIGNED)
            return within(forged, inner.replace(own, b"") + own)


NOT_ALL = {
    "two signatures": signed(SIGNED, GP),
    "the same signature twice": within(SIGNED, signature_of(SIGNED)),
    "one in the contents": _wrapped("in the contents"),
    "one with what it signed in it": _wrapped("in an object"),
    "one in a message beside": _wrapped("beside"),
    "one after a message beside": _wrapped("after"),
    "over another element": signed(
        PLAIN.replace(b"<MsgInfo>", b'<MsgInfo Id="info">'), GP, uri="#info", over="{*}MsgInfo"
    ),
    "over the root by its id": signed(PLAIN.replace(b"<MsgHead ", b'<MsgHead Id="all" '), GP, uri="#all"),
    "over a file": signed(PLAIN, GP, uri="file:///etc/passwd"),
    "over an address": signed(PLAIN, GP, uri="http://127.0.0.1:9/x"),
    "only what an XPath takes": signed(
        PLAIN,
        GP,
        transforms=f'{ENVELOPED}<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
        "<XPath>ancestor-or-self::MsgInfo</XPath></Transform>",
    ),
    "what a stylesheet makes of it": signed(
        PLAIN,
        GP,
        transforms=f'{ENVELOPED}<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
        '<stylesheet xmlns="http://www.w3.org/1999/XSL/Transform" version="1.0"/></Transform>',
    ),
    "with comments": signed(PLAIN, GP, transforms=f'{ENVELOPED}<Transform Algorithm="{EXCLUSIVE}WithComments"/>'),
    "a thousand transforms": signed(PLAIN, GP, transforms=ENVELOPED + f'<Transform Algorithm="{EXCLUSIVE}"/>' * 1000),
    "no transform": signed(PLAIN, GP, transforms=f'<Transform Algorithm="{EXCLUSIVE}"/>'),
    "two references": re.sub(rb"(<Reference.*</Reference>)", rb"\1\1", SIGNED),
}


@pytest.mark.parametrize("data", NOT_ALL.values(), ids=NOT_ALL)
def test_a_signature_that_is_not_over_what_is_read_does_not_hold(data: bytes) -> None:
    assert code(data, ca=None) == "S01"


def test_a_comment_parts_no_words_that_were_signed_as_one() -> None:
    """The canonical form has no comments, so nobody can see by the signature that one was put in."""
    data = SIGNED.replace(b"faller oftere", b"faller <!-- -->oftere")
    assert code(data) == ""
    (first, *_) = envelope.read(xml.parse(data)).documents
    assert first.body is not None
    parts = [one.text for one in first.body.iter() if one.text and "faller" in one.text]
    assert parts == ["Hun faller oftere enn før."]


SIGNERS = {
    "not valid any more": (CA.signing("Utløpt", after=-20 * DAY, until=-DAY), "S02"),
    "not valid yet": (CA.signing("Fremtidig", after=DAY, until=2 * DAY), "S02"),
    "made for encryption": (CA.encryption("Feil bruk"), "S02"),
    "made for nothing": (CA.issue("Uten bruk"), "S02"),
    "of an authority that nobody trusts": (Authority("Fremmed CA").signing("Fremmed"), "S02"),
    "of nobody but himself": (Authority("Seg selv", issuer=None).signing("Seg selv"), "S02"),
}


@pytest.mark.parametrize(("key", "expected"), SIGNERS.values(), ids=SIGNERS)
def test_whom_nobody_trusts_is_told_so(key: object, expected: str) -> None:
    data = signed(PLAIN, key)  # type: ignore[arg-type]
    assert code(data) == expected
    assert code(data, ca=None) == ""  # (nobody said whom to trust: it holds, and that is all that is asked)


def test_a_certificate_that_was_taken_back() -> None:
    ca = Authority("CA som trekker tilbake")
    key = ca.signing("Tidligere ansatt")
    data = signed(PLAIN, key)
    assert code(data, ca=ca) == ""
    ca.revoked.append(key.certificate.serial_number)
    assert code(data, ca=ca) == "S03"


def test_without_a_list_that_is_good_nobody_can_tell() -> None:
    ca = Authority("CA uten ny liste")
    data = signed(PLAIN, ca.signing("Legen"))
    from samjournal.exchange.certificates import trusted

    old = trusted([ca.certificate], [ca.list_(until=-DAY)])
    with pytest.raises(Unknowable):
        wrong(data, (), NOW, trust=lambda: old)


def test_an_authority_between_may_come_along() -> None:
    between = Authority("CA imellom", issuer=CA)
    data = signed(PLAIN, between.signing("Legen"))
    assert code(data) == "S02"


@pytest.mark.parametrize(
    ("attributes", "number"),
    [
        ({"organisation": f"NTRNO-{NUMBER}"}, NUMBER),
        ({"serial": NUMBER}, NUMBER),
        ({"serial": "9578-4050-100732353"}, ""),
        ({}, ""),
    ],
)
def test_a_certificate_is_its_senders(attributes: dict[str, str], number: str) -> None:
    key = CA.issue("Legesenteret", "content_commitment", **attributes)  # type: ignore[arg-type]
    data = signed(PLAIN, key)
    assert organisation_of(key.certificate) == number
    assert code(data) == ""
    assert code(data, "971033541", NUMBER) == ""
    assert code(data, "971033541") == ("S02" if number else "")


def test_sha_1_is_refused_if_nobody_bears_with_it() -> None:
    data = signed(PLAIN, GP, algorithm="sha1")
    assert uses_sha1(xml.parse(data))
    assert (code(data), code(data, old=True)) == ("S01", "")
    assert code(data.replace(b"oftere", b"sjelden"), old=True) == "S01"
    mixed = SIGNED.replace(b"http://www.w3.org/2001/04/xmlenc#sha256", f"{DS}sha1".encode())
    assert code(mixed) == "S01"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(PLAIN) - 1), st.integers(1, 255))
def test_no_byte_of_it_can_be_changed(place: int, by: int) -> None:
    start = SIGNED.index(b"<MsgHead")
    place = start + place % (SIGNED.index(b"<Signature") - start)
    data = bytearray(SIGNED)
    data[place] ^= by
    try:
        same = _read(bytes(data)) == _read(SIGNED)
        found = code(bytes(data)) if is_signed(xml.parse(bytes(data))) else "unsigned"
    except xml.NotWellFormed:
        return  # T01
    assert found == "S01" or same


def _read(data: bytes) -> bytes:
    """What is read of a message, however its marks are written (`'` for `"`, a tab for a blank between them)."""
    from lxml import etree

    try:
        return etree.tostring(xml.parse(data), method="c14n")
    except etree.LxmlError:
        return data  # A namespace that is relative has no canonical form.


def _many(what: str) -> bytes:
    match what:
        case "namespaces":
            names = "".join(f' xmlns:n{one}="urn:{one}"' for one in range(20_000))
            return PLAIN.replace(b"<MsgInfo>", f"<MsgInfo{names}>{'<a/>' * 20_000}".encode())
        case "attributes":
            names = "".join(f" a{one}='{one}'" for one in range(20_000))
            return PLAIN.replace(b"<MsgInfo>", f"<MsgInfo{names}>".encode())
        case "elements without end":
            return PLAIN.replace(b"<MsgInfo>", b"<MsgInfo>" + b"<a/>" * 110_000)
        case _:
            return PLAIN.replace(b"<MsgInfo>", b"<MsgInfo>" + b"<a/>" * 50_000)


@pytest.mark.parametrize(
    ("what", "expected"),
    [("namespaces", "S01"), ("attributes", "S01"), ("elements without end", "S01"), ("elements", "")],
)
def test_what_would_take_long_takes_no_time(what: str, expected: str) -> None:
    data = _many(what)
    data = within(data, signature_of(SIGNED)) if expected else signed(data, GP)
    begun = time.process_time()
    assert code(data, ca=None) == expected
    assert time.process_time() - begun < 2


def test_a_list_of_more_prefixes_than_anybody_has() -> None:
    names = f'<e:InclusiveNamespaces xmlns:e="{EXCLUSIVE}" PrefixList="{"a " * 11}"/>'
    inner = f'{ENVELOPED}<Transform Algorithm="{EXCLUSIVE}">{names}</Transform>'
    assert code(signed(PLAIN, GP, transforms=inner)) == "S01"
    few = inner.replace("a " * 11, "xs")
    assert code(signed(PLAIN, GP, transforms=few)) == ""


def test_large_attachments_are_signed_too() -> None:
    data = signed(message(dialog(), attached="QUFB" * 3_000_000), GP)
    assert code(data) == ""
