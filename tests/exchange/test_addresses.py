"""The address register: who takes what, told on two levels; and what becomes of us when it stumbles."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from exchange.letters import SHARED, WITHOUT
from exchange.registry import MESSAGING, NHN, REGISTRIES, Registry, cutting, hanging, registry, saying
from samjournal.exchange import answers
from samjournal.exchange.addresses import Addresses, Source, basic
from samjournal.exchange.answers import Unreadable
from samjournal.exchange.register import Party, Unknown
from samjournal.exchange.transport import Unreachable

pytestmark = [pytest.mark.anyio, pytest.mark.skipif(not SHARED.exists(), reason=WITHOUT)]

GP = "93238"
SERVICE = "8094866"
THEN = datetime(2016, 6, 1, tzinfo=UTC)
"""When the certificates of the examples held."""


@pytest.fixture
def ar() -> Iterator[Registry]:
    with registry() as one:
        yield one


def soap(ar: Registry, **changes: object) -> Addresses:
    return Addresses(replace(Source("soap", f"{ar.url}/v1/AR", patience=0.5, again=(0.01, 0.01)), **changes))  # type: ignore[arg-type]


def rest(ar: Registry, **changes: object) -> Addresses:
    source = Source(
        "rest", f"{ar.url}/details/{{her}}", profile=f"{ar.url}/profile/{{her}}", patience=0.5, again=(0.01, 0.01)
    )
    return Addresses(replace(source, **changes))  # type: ignore[arg-type]


def details() -> bytes:
    return (MESSAGING / "CommunicationDetails_93238.xml").read_bytes()


async def test_a_party_is_told_by_soap_with_the_organisation_above(ar: Registry) -> None:
    told = saying((NHN / "get-communication-party-details-service-response.xml").read_bytes())
    ar.answers[f"GetCommunicationPartyDetails/{SERVICE}"] = told
    for use in ("Encryption", "ValidatingSignature"):
        data = (MESSAGING / f"GetCertificateDetailsFor{use}_93238.xml").read_bytes()
        ar.answers[f"GetCertificateDetailsFor{use}/{SERVICE}"] = saying(data)
    party = await soap(ar, headers={"Authorization": basic("oss", "hemmelig")})(SERVICE)
    assert (party.her, party.name, party.level) == (SERVICE, "Meldingsvalidering", "Service")
    assert (party.parent, party.parent_name, party.organisation_number) == ("112374", "Norsk Helsenett SF", "994598759")
    assert party.is_active
    assert party.is_valid
    assert party.kinds is None
    assert party.certificate(THEN) == party.encryption[0]
    assert party.unfit("EPIKRISE", THEN) == ""
    assert "sertifikat" in party.unfit("EPIKRISE", datetime.now(UTC)), "the certificate of the example is out of date"
    assert ar.asked[0][1]["authorization"].startswith("Basic ")


async def test_a_party_is_told_by_rest_with_what_it_takes_and_its_queues(ar: Registry) -> None:
    ar.answers["details/8141705"] = saying((REGISTRIES / "CommunicationDetailsRest_8141705.json").read_bytes())
    party = await rest(ar)("8141705")
    assert (party.name, party.parent, party.parent_name) == ("Allmennlege", "8141703", "TestsenteretHN")
    assert party.queues["async"] == "tb.test.nhn.no/NHNTESTServiceBus/8141703_async"
    assert set(party.queues) == {"async", "sync", "syncreply", "error"}
    ar.answers[f"details/{GP}"] = saying(details())
    ar.answers[f"profile/{GP}"] = saying((REGISTRIES / "CPP_93238.xml").read_bytes())
    party = await rest(ar)(GP)
    assert party.kinds is not None
    assert {"DIALOG_INNBYGGER_DIGITALBRUKER", "APPREC"} <= party.kinds
    assert "EPIKRISE" not in party.kinds
    assert len(party.encryption) == len(party.signing) == 1
    assert party.encryption != party.signing
    assert "tar ikke imot EPIKRISE" in party.unfit("EPIKRISE", THEN)


async def test_an_agreement_names_its_id_and_what_the_other_one_takes(ar: Registry) -> None:
    told = Party("93252", "Part", "Service", "", "", "", True, True, THEN)
    data = (REGISTRIES / "CPA_Rest_49391409-e528-4919-b4a3-9ccdab72c8c1.xml").read_bytes()
    agreed = answers.with_profile(told, data)
    assert agreed.agreement == "49391409-e528-4919-b4a3-9ccdab72c8c1"
    assert agreed.kinds
    for nil in ("CPA_94867.xml", "CPP_94867.xml"):
        assert answers.with_profile(told, (MESSAGING / nil).read_bytes()) == told


@pytest.mark.parametrize(
    ("wrong", "right", "words"),
    [
        (b"<Active>true</Active>", b"<Active>false</Active>", "ikke lenger i bruk"),
        (
            b"<IsValidCommunicationParty>true</IsValidCommunicationParty>",
            b"<IsValidCommunicationParty>false</IsValidCommunicationParty>",
            "ikke satt opp",
        ),
        (b"", b"", "ikke noe sertifikat"),
    ],
)
async def test_an_inactive_party_and_one_without_a_certificate_are_told_in_words(
    ar: Registry, wrong: bytes, right: bytes, words: str
) -> None:
    ar.answers[f"details/{GP}"] = saying(details().replace(wrong, right, 1) if wrong else details())
    assert words in (await rest(ar)(GP)).unfit("DIALOG_NOTAT", THEN)


async def test_nobody_by_a_number_is_unknown_and_not_away(ar: Registry) -> None:
    fault = (NHN / "get-communication-party-details-not-found-response.xml").read_bytes()
    ar.answers["GetCommunicationPartyDetails/404"] = saying(fault, 500)
    with pytest.raises(Unknown):
        await soap(ar)("404")
    with pytest.raises(Unknown):
        await rest(ar)("404")
    with pytest.raises(Unknown):
        await rest(ar)("93238'; --")
    assert len(ar.asked) == 2


async def test_a_register_that_stumbles_is_asked_again(ar: Registry) -> None:
    ar.answers[f"details/{GP}"] = saying(details())
    ar.first = [saying(b"busy", 503), cutting]
    assert (await rest(ar)(GP)).her == GP
    assert [what for what, _ in ar.asked[:3]] == [f"details/{GP}"] * 3


@pytest.mark.parametrize("how", ["hangs", "fails", "garbage", "json", "bomb", "another"])
async def test_a_register_that_says_nothing_of_use_is_away_and_says_how(ar: Registry, how: str) -> None:
    done = threading.Event()
    bomb = b'<!DOCTYPE a [<!ENTITY b "bbbb">]><CommunicationParty><HerId>&b;</HerId></CommunicationParty>'
    ar.answers[f"details/{GP}"] = {
        "hangs": hanging(done),
        "fails": saying(b"oh no", 500),
        "garbage": saying(b"<html>Pause</html>"),
        "json": saying(b'{"herId": "93238", "communicationParty": [1]}'),
        "bomb": saying(bomb),
        "another": saying(details().replace(b"<HerId>93238", b"<HerId>11111")),
    }[how]
    with pytest.raises(Unreachable) as error:
        await rest(ar, patience=0.1)(GP)
    done.set()
    assert str(error.value)
    with pytest.raises(Unreachable):
        await Addresses(Source("rest", "http://127.0.0.1:9/{her}", again=()))(GP)


async def test_what_was_said_is_remembered_and_what_is_old_says_so(ar: Registry) -> None:
    ar.answers[f"details/{GP}"] = saying(details())
    one = rest(ar, profile="")
    found = await asyncio.gather(*(one(GP) for _ in range(5)))
    assert len(ar.asked) == 1
    assert not found[0].failed
    await one(GP, fresh=True)
    assert len(ar.asked) == 2
    ar.answers.clear()
    ar.first = [saying(b"", 503)] * 3
    old = await one(GP, fresh=True)
    assert old.failed
    assert old.name == found[0].name
    with pytest.raises(Unknown):
        await one(GP, fresh=True)
    ar.first = [saying(b"", 503)] * 3
    with pytest.raises(Unreachable):
        await one(GP, fresh=True)


async def test_a_copy_beside_helps_while_it_is_not_too_old(ar: Registry) -> None:
    now = datetime.now(UTC)
    kept = replace(answers.party(details(), now - timedelta(days=1)))

    async def copy(her: str) -> Party | None:
        return kept

    away = Source("rest", "http://127.0.0.1:9/{her}", again=())
    assert (await Addresses(away, copy)(GP)).failed
    with pytest.raises(Unreachable):
        await Addresses(replace(away, old_for=timedelta(hours=2)), copy)(GP)


def test_every_example_answer_is_read_or_said_to_be_none() -> None:
    files = [*NHN.glob("*.xml"), *REGISTRIES.glob("CommunicationDetails*"), *MESSAGING.glob("CommunicationDetails*")]
    assert len(files) >= 12
    read = 0
    for file in files:
        try:
            party = answers.party(file.read_bytes(), THEN)
        except Unknown:
            assert "not-found" in file.name
        else:
            read += 1
            assert party.her.isdigit()
            assert party.name
    assert read >= 11
    with pytest.raises(Unreadable):
        answers.certificates(b"<Certificate>c2xl</Certificate>")
