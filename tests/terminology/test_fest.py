"""FEST gives its catalogues of codes, and the ATC codes of its medicines."""

from __future__ import annotations

import io

import pytest

from samjournal.fhir.errors import Invalid
from samjournal.terminology.fest import Fest
from samjournal.terminology.systems import ATC, VOLVEN

FEST = """<?xml version="1.0" encoding="utf-8"?>
<FEST xmlns="http://www.kith.no/xmlstds/eresept/m30/2014-12-01">
 <HentetDato>2026-11-15T02:00:00</HentetDato>
 <KatLegemiddelMerkevare><OppfLegemiddelMerkevare><Id>ID_1</Id><Status V="A" DN="Aktiv"/>
  <LegemiddelMerkevare xmlns="http://www.kith.no/xmlstds/eresept/forskrivning/2014-12-01">
   <Atc V="C01DA14" S="2.16.578.1.12.4.1.1.7180" DN="Isosorbidmononitrat"/></LegemiddelMerkevare>
 </OppfLegemiddelMerkevare></KatLegemiddelMerkevare>
 <KatKodeverk><OppfKodeverk><Id>ID_2</Id><Status V="A" DN="Aktiv"/>
  <Info><Id>2.16.578.1.12.4.1.1.7180</Id><Betegnelse>ATC</Betegnelse></Info>
  <Element><Id>ID_3</Id><Kode>C01</Kode><Term>Midler ved hjertesykdom</Term><Sprak V="no"/></Element>
  <Element><Id>ID_4</Id><ParentId>ID_3</ParentId><Kode>C01D</Kode><Term>Kardilaterende midler</Term></Element>
  <Element><Id>ID_5</Id><Kode>C01</Kode><Term>Cardiac therapy</Term><Sprak V="en"/></Element>
 </OppfKodeverk><OppfKodeverk><Id>ID_6</Id><Status V="U" DN="Utgått"/>
  <Info><Id>2.16.578.1.12.4.1.1.7448</Id><Betegnelse>Legemiddelform</Betegnelse></Info>
  <Element><Id>ID_7</Id><Kode>743</Kode><Term>Depotkapsel, hard</Term></Element>
 </OppfKodeverk></KatKodeverk></FEST>"""


def test_catalogues_and_medicines_give_codes_with_what_they_lie_under() -> None:
    atc, forms = Fest().read(io.BytesIO(FEST.encode()))
    assert (atc.system, atc.version) == (ATC, "2026-11-15")
    assert {code: item.display for code, item in atc.items.items()} == {
        "C01DA14": "Isosorbidmononitrat",
        "C01": "Midler ved hjertesykdom",
        "C01D": "Kardilaterende midler",
    }
    assert (atc.items["C01"].en, atc.items["C01D"].parent) == ("Cardiac therapy", "C01")
    assert (forms.system, forms.title) == (f"{VOLVEN}7448", "Legemiddelform")
    assert not forms.items["743"].active


def test_a_file_that_breaks_off_says_at_which_line() -> None:
    with pytest.raises(Invalid, match="line 6: it is not XML"):
        Fest().read(io.BytesIO(FEST[: FEST.index("<Atc") + 10].encode()))


def test_entities_are_not_read() -> None:
    with pytest.raises(Invalid, match="DOCTYPE"):
        Fest().read(io.BytesIO(b'<!DOCTYPE FEST [<!ENTITY a "b">]><FEST>&a;</FEST>'))
