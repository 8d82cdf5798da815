"""Who sends what to whom about whom is read of both envelopes, of every version and every sender we know."""

from __future__ import annotations

import pytest

from exchange.letters import HOSPITAL, KARI, SENDER, SHARED, WARD, WITHOUT, dialog, message, referral
from samjournal.exchange import envelope, xml
from samjournal.exchange.readable import as_text, readable

OLD = """<Message xmlns="http://www.kith.no/xmlstds/henvisning/2005-07-08"><Type V="H"/>
<GenDate V="2026-11-07T09:30:47"/>
<MsgId>cef6ac80-5f27-11df-a08a-0800200c9a66</MsgId><ServReq><ServType V="N" DN="Ny"/><Id>R-1</Id>
<Patient><Name>Nordmann, Kari</Name><OffId>11834826226</OffId><TypeOffId V="FNR"/></Patient>
<ServProvider><HCP><Inst><Name>Sykehuset</Name><Id>974744570</Id><TypeId V="ENH"/>
<Dept><Name>Poliklinikken</Name><Id>8750</Id><TypeId V="LAV"/></Dept></Inst></HCP></ServProvider>
<Requester><HCP><Inst><Name>Legesenteret</Name><Id>56704</Id><TypeId V="HER"/>
<HCPerson><Name>Lege, Kari</Name><Id>9144889</Id><TypeId V="HPR"/></HCPerson></Inst></HCP></Requester>
</ServReq></Message>"""


def test_the_newer_envelope() -> None:
    read = envelope.read(xml.parse(message(referral("doc-1", "M"), kind="HENVISNING", copies=[(HOSPITAL, "800009")])))
    assert (read.kind.code, read.status, read.form) == ("HENVISNING", "M", "MsgHead")
    assert [one.ident("HER") for one in read.sender.levels] == [SENDER[1], SENDER[3]]
    assert read.sender.addressed.is_person
    assert [(party.addressed.ident("HER"), role) for party, role in read.receivers] == [
        (WARD, "PRIM"),
        ("800009", "COP"),
    ]
    assert read.patient is not None
    assert (read.patient.family, read.patient.idents[0].value) == (KARI[0], KARI[5])


def test_the_older_envelope() -> None:
    read = envelope.read(xml.parse(OLD.encode()))
    assert (read.kind.code, read.status, read.form, read.conversation) == ("HENVISNING", "N", "Message", "R-1")
    assert [one.name for one in read.sender.levels] == ["Legesenteret", "Lege, Kari"]
    ((receiver, role),) = read.receivers
    assert ([one.name for one in receiver.levels], role) == (["Sykehuset", "Poliklinikken"], "PRIM")
    assert read.patient is not None
    assert (read.patient.family, read.patient.given) == ("Nordmann", "Kari")


def test_what_is_said_by_yes_and_no_and_by_names_of_elements_is_said_in_words() -> None:
    body = """<Henvisning xmlns="http://ehelse.no/xmlstds/henvisning/2017-11-30"><DocumentId>cf4efb50-3198</DocumentId>
    <PaymentCat V="1" DN="Ordinær pasient"/><Horselsvikt>true</Horselsvikt><BorAlene>false</BorAlene></Henvisning>"""
    words = as_text(readable(envelope.read(xml.parse(message(body)))))
    assert words.split("\n") == ["Betaling: Ordinær pasient", "Hørselssvikt: ja", "Bor alene: nei"]


def test_what_is_no_message_is_said_to_be_none() -> None:
    with pytest.raises(envelope.NotAMessage, match="Ukjent of urn:x"):
        envelope.read(xml.parse(b'<Ukjent xmlns="urn:x"/>'))


def test_files_come_as_bytes_and_are_named() -> None:
    read = envelope.read(xml.parse(message(dialog(), attached="JVBERi0xLjQK")))
    assert [one.data for one in read.documents] == [None, b"%PDF-1.4\n"]
    assert "Røntgen (application/pdf)" in as_text(readable(read))


def official() -> list[str]:
    folders = (
        "examples/Henvisning",
        "examples/Epikrise",
        "examples/Dialogmelding",
        "examples/plo",
        "examples/Svarrapport",
    )
    more = ("examples/Rekvisisjon", "examples/eresept", "acceptance-cases", "digital-dialog-helsenorge")
    return [str(path) for folder in (*folders, *more) for path in sorted((SHARED / folder).rglob("*.xml"))]


@pytest.mark.skipif(not SHARED.is_dir(), reason=WITHOUT)
def test_every_official_message_is_read_and_can_be_read_by_a_person() -> None:
    """What is on purpose no XML is 18 of them; what has no envelope is no message."""
    broken, bare, read = 0, 0, 0
    for path in official():
        try:
            root = xml.parse(open(path, "rb").read())  # noqa: SIM115, PTH123
        except xml.NotWellFormed:
            broken += 1
            continue
        try:
            found = envelope.read(root)
        except envelope.NotAMessage:
            bare += 1
            continue
        read += 1
        assert found.kind.code, path
        assert found.id, path
        words = as_text(readable(found))
        if found.content is not None:
            assert words, path
            for said in _said(found.content):
                assert said in words.replace("\n", " "), (path, said)
    assert broken == 18
    assert read > 650
    assert bare < 25


def _said(content: xml.Element) -> list[str]:
    """The free text of a message, its first words: nothing of it may be left out."""
    found = []
    for one in content.iter("{*}TextResultValue", "{*}Sporsmal", "{*}TekstNotatInnhold", "{*}Description"):
        words = " ".join((one.text or "").split())
        found += [" ".join(words.split()[:3])] if words else []
    return found
