"""Receipts as the standard asks: addresses mirrored, the original named, roles by version, an entry for each fault."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from exchange.letters import HOSPITAL, SHARED, WARD, WITHOUT, dialog, message
from exchange.test_envelope import OLD
from samjournal.exchange import apprec, envelope, xml
from samjournal.exchange.schemas import fitted

NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)


def answered(data: bytes, *errors: xml.Coded, receiver: int = 0) -> tuple[envelope.Envelope, bytes]:
    read = envelope.read(xml.parse(data))
    return read, apprec.write(apprec.answering(read, read.receivers[receiver], errors, NOW))


def test_the_newer_receipt_mirrors_the_addresses_and_names_the_original() -> None:
    read, written = answered(message(dialog(), copies=[(HOSPITAL, "800009")]))
    receipt = apprec.read(xml.parse(written))
    assert (receipt.version, receipt.status, receipt.errors, receipt.role) == ("1.1", "1", (), "PRIM")
    assert (receipt.original, receipt.original_made) == (read.id, read.made)
    assert receipt.original_kind.code == read.kind.code
    assert [one.ident("HER") for one in receipt.sender.levels] == [HOSPITAL, WARD]
    assert receipt.receiver == read.sender
    _, copied = answered(message(dialog(), copies=[(HOSPITAL, "800009")]), receiver=1)
    assert apprec.read(xml.parse(copied)).role == "COP"


def test_the_older_receipt_has_the_older_roles() -> None:
    _, written = answered(OLD.encode(), apprec.fault("E21", "tjenesten"), apprec.fault("E10"))
    receipt = apprec.read(xml.parse(written))
    assert (receipt.version, receipt.status, receipt.role) == ("1.0", "2", "SPR")
    assert [(one.code, one.system, one.words) for one in receipt.errors] == [
        ("E21", apprec.ERRORS, "tjenesten"),
        ("E10", apprec.ERRORS, ""),
    ]
    assert not receipt.is_positive


@pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
@pytest.mark.parametrize("data", [message(dialog()), OLD.encode()], ids=["1.1", "1.0"])
def test_what_we_write_is_valid(data: bytes) -> None:
    folders = [SHARED / "xsd" / name for name in ("applikasjonskvittering", "felleskomponenter")]
    schemas = fitted({path.name: path.read_bytes() for folder in folders for path in folder.glob("*.xsd")})
    for errors in ((), (apprec.fault("T02", "x" * 300), apprec.fault("E36"))):
        _, written = answered(data, *errors)
        assert schemas.knows(xml.parse(written))
        assert schemas.wrong(xml.parse(written)) == ""


@pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
def test_receipts_of_others_are_read_or_said_to_be_none() -> None:
    folder = SHARED / "fiks-nhn" / "msh-client" / "src" / "test" / "resources" / "app-rec"
    read, refused = [], []
    for path in sorted(folder.rglob("*.xml")):
        try:
            read.append(apprec.read(xml.parse(path.read_bytes())).status)
        except envelope.NotAMessage:
            refused.append(path.name)
    assert len(read) >= 6
    assert "unknown-status.xml" in refused
