"""Sealed messages: only who is meant reads them, and only who is trusted has signed them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs7
from hypothesis import given
from hypothesis import strategies as st

from exchange.authorities import DAY, Authority, party_key
from samjournal.exchange.certificates import Unknowable, trusted
from samjournal.exchange.cms import Key, Opened, Undecipherable, decrypted, opened, protected, verified

DATA = "<Melding>Ærlig talt</Melding>".encode("iso-8859-1")
CA = Authority()
TRUST = CA.trust()
GP, WARD = CA.signing("Legesenteret"), CA.encryption("Sykehuset")


class Forger(Authority):
    """Issues and lists in another's name, with a party's key."""

    @property
    def key(self) -> rsa.RSAPrivateKey:
        return party_key("sign")


def now() -> datetime:
    return datetime.now(UTC)


def sent(signing: Key, trust: Authority = CA) -> Opened:
    return opened(protected(DATA, signing, WARD.certificate), [WARD], trust.trust(), now())


def test_what_was_sealed_is_opened_as_it_was() -> None:
    got = sent(GP)
    assert (got.data, got.fault) == (DATA, None)
    assert got.signer is not None
    assert got.signer == GP.certificate
    assert DATA not in protected(DATA, GP, WARD.certificate)


def test_the_certificate_before_last_still_opens_what_was_made_for_it() -> None:
    new = CA.encryption("Sykehuset, ny")
    assert opened(protected(DATA, GP, WARD.certificate), [new, WARD], CA.trust(), now()).data == DATA


@pytest.mark.parametrize(
    ("signing", "expected"),
    [
        (CA.signing("Utløpt", after=-20 * DAY, until=-DAY), ("S02", "transport:expired-certificate")),
        (CA.signing("Fremtidig", after=DAY, until=2 * DAY), ("S02", "transport:expired-certificate")),
        (CA.encryption("Feil bruk"), ("S02", "transport:invalid-certificate")),
        (CA.issue("Uten bruk"), ("S02", "transport:invalid-certificate")),
        (Authority("Another CA").signing("Fremmed"), ("S02", "transport:invalid-certificate")),
        (Forger("Self").issue("Self", "content_commitment"), ("S02", "transport:invalid-certificate")),
    ],
)
def test_a_signer_who_may_not_be_believed_is_named_with_the_codes(signing: Key, expected: tuple[str, str]) -> None:
    got = sent(signing)
    assert got.fault is not None
    assert (got.fault.code, got.fault.condition) == expected
    assert got.data == DATA


def test_a_party_is_no_authority() -> None:
    """Whoever has a certificate could issue others in any name, if nobody looked."""
    parent = CA.signing("Legesenteret")
    forged = Forger("Legesenteret signing").signing("Sykehuset")
    data = pkcs7.PKCS7SignatureBuilder().set_data(DATA).add_signer(forged.certificate, forged.key, hashes.SHA256())
    signed = data.add_certificate(parent.certificate).sign(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    got = verified(signed, CA.trust(), now())
    assert got.fault is not None
    assert got.fault.code == "S02"


def test_what_was_taken_back_is_refused_and_an_old_list_tells_nothing() -> None:
    ca = Authority("Strict CA")
    gone, sound = ca.signing("Tilbakekalt"), ca.signing("Gyldig")
    ca.revoked.append(gone.certificate.serial_number)
    got = sent(gone, ca)
    assert got.fault is not None
    assert (got.fault.code, got.fault.condition) == ("S03", "transport:revoked-certificate")
    assert sent(sound, ca).fault is None
    old = trusted([ca.certificate], [ca.list_(until=-timedelta(hours=1))])
    got = verified(decrypted(protected(DATA, gone, WARD.certificate), [WARD]), old, now())
    assert got.fault is not None
    with pytest.raises(Unknowable):
        opened(protected(DATA, sound, WARD.certificate), [WARD], old, now())


def test_a_list_that_another_wrote_in_the_name_of_an_authority_is_none() -> None:
    ca = Authority("Strict CA")
    forged = trusted([ca.certificate], [Forger("Strict CA").list_()])
    assert forged.lists[0].issuer == ca.certificate.subject
    with pytest.raises(Unknowable):
        opened(protected(DATA, ca.signing("Gyldig"), WARD.certificate), [WARD], forged, now())


def test_an_authority_between_that_was_taken_back_takes_all_of_its_own_along() -> None:
    root = Authority("Root CA")
    between = Authority("Issuing CA", issuer=root)
    signing = between.signing("Legesenteret")
    both = [root.certificate, between.certificate]
    data = decrypted(protected(DATA, signing, WARD.certificate), [WARD])
    assert verified(data, trusted(both, [root.list_(), between.list_()]), now()).fault is None
    root.revoked.append(between.certificate.serial_number)
    got = verified(data, trusted(both, [root.list_(), between.list_()]), now())
    assert got.fault is not None
    assert got.fault.code == "S03"


def test_contents_that_were_changed_after_signing_are_noticed() -> None:
    signed = decrypted(protected(DATA, GP, WARD.certificate), [WARD])
    got = verified(signed.replace(b"talt", b"tolt"), CA.trust(), now())
    assert got.fault is not None
    assert (got.fault.code, got.fault.condition) == ("S01", "transport:invalid-signature")


def test_a_signature_by_old_means_is_none() -> None:
    """The digest decides, not the sender: what says SHA-1 is not looked at further."""
    signed = decrypted(protected(DATA, GP, WARD.certificate), [WARD])
    sha256, sha1 = bytes.fromhex("0609608648016503040201"), bytes.fromhex("0609608648016503040209")
    assert signed.count(sha256) >= 2
    got = verified(signed.replace(sha256, sha1), CA.trust(), now())
    assert got.fault is not None
    assert got.fault.code == "S01"


def test_what_is_for_another_or_no_cms_at_all_is_named() -> None:
    with pytest.raises(Undecipherable) as other:
        decrypted(protected(DATA, GP, CA.encryption("En annen").certificate), [WARD])
    assert other.value.condition == "transport:invalid-certificate"
    with pytest.raises(Undecipherable) as none:
        decrypted(b"<xml/>", [WARD])
    assert none.value.condition == "transport:invalid-cms-pkcs"
    cut = bytearray(protected(DATA, GP, WARD.certificate))
    cut[-1] ^= 1
    with pytest.raises(Undecipherable):
        opened(bytes(cut), [WARD], CA.trust(), now())


@given(st.data())
def test_bytes_that_were_changed_anywhere_never_pass_as_signed(data: st.DataObject) -> None:
    signed = bytearray(_SIGNED)
    at = data.draw(st.integers(0, len(signed) - 1))
    signed[at] ^= data.draw(st.integers(1, 255))
    try:
        got = verified(bytes(signed), TRUST, now())
    except Undecipherable:
        return
    assert got.fault is not None or got.data == DATA


_SIGNED = decrypted(protected(DATA, GP, WARD.certificate), [WARD])


def _pem(folder: Path, name: str, key: Key) -> Path:
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.certificate.public_bytes(Encoding.PEM)
        + key.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return path


@pytest.mark.parametrize("means", [[], ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"]])
def test_openssl_and_we_understand_each_other(tmp_path: Path, means: list[str]) -> None:
    """What another's hand signs (also by PSS) and encrypts (also by OAEP) is read, and it reads ours."""
    gp, ward = _pem(tmp_path, "gp", GP), _pem(tmp_path, "ward", WARD)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(CA.certificate.public_bytes(Encoding.PEM))

    def openssl(data: bytes, *arguments: str | Path) -> bytes:
        return subprocess.run(["openssl", "cms", *arguments], input=data, capture_output=True, check=True).stdout

    pss = ["-keyopt", "rsa_padding_mode:pss"] if means else []
    signed = openssl(DATA, "-sign", "-binary", "-nodetach", "-md", "sha256", "-signer", gp, *pss, "-outform", "DER")
    sealed = openssl(signed, "-encrypt", "-binary", "-aes256", "-recip", ward, *means, "-outform", "DER")
    got = opened(sealed, [WARD], CA.trust(), now())
    assert (got.data, got.fault) == (DATA, None)
    ours = protected(DATA, GP, WARD.certificate)
    inside = openssl(ours, "-decrypt", "-binary", "-inform", "DER", "-inkey", ward, "-recip", ward)
    told = openssl(inside, "-verify", "-binary", "-inform", "DER", "-CAfile", ca, "-purpose", "any")
    assert told == DATA
