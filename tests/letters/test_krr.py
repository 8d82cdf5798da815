"""The contact register over HTTP: its words understood, its token renewed, its faults carried."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from letters.servers import ContactRegister, http
from samjournal.letters.contacts import Contact, Remembering, language_of, of_record, postal
from samjournal.letters.faults import Unreachable
from samjournal.letters.krr import Krr, Maskinporten, Source

pytestmark = pytest.mark.anyio
KEY = rsa.generate_private_key(65537, 2048)
KARI, OLA, EVA = "11834826226", "01010112345", "02020212345"
PEOPLE = {
    KARI: {
        "status": "AKTIV",
        "reservasjon": "NEI",
        "varslingsstatus": "KAN_VARSLES",
        "spraak": "nn",
        "kontaktinformasjon": {"mobiltelefonnummer": "+4790000000", "epostadresse": "kari@example.org"},
    },
    OLA: {
        "status": "AKTIV",
        "reservasjon": "JA",
        "varslingsstatus": "KAN_VARSLES",
        "kontaktinformasjon": {"mobiltelefonnummer": "+4791111111"},
    },
    EVA: {
        "status": "AKTIV",
        "reservasjon": "NEI",
        "varslingsstatus": "KAN_IKKE_VARSLES",
        "kontaktinformasjon": {"mobiltelefonnummer": "+4792222222"},
    },
}


@asynccontextmanager
async def register(told: ContactRegister) -> AsyncIterator[Krr]:
    async with http(told) as port:
        base = f"http://127.0.0.1:{port}"
        by = Maskinporten(f"{base}/token", "https://maskinporten.example/", "client-1", KEY, "kid-1")
        yield Krr(Source(f"{base}/rest/v1/personer", by, patience=2, again=(0.0, 0.0)))


async def test_who_can_be_told_who_is_reserved_and_who_is_not_known() -> None:
    told = ContactRegister(PEOPLE)
    async with register(told) as krr:
        found = await krr([KARI, OLA, EVA, "03030312345"])
    assert found[KARI] == Contact("+4790000000", "kari@example.org", language="nn")
    assert found[OLA].is_reserved
    assert not found[EVA].is_usable
    assert not found["03030312345"].is_usable
    (claims,) = told.tokens
    assert claims["scope"] == "krr:global/kontaktinformasjon.read"
    assert claims["iss"] == "client-1"
    assert claims["exp"] - claims["iat"] <= 120


async def test_a_token_is_asked_for_once_and_anew_when_it_is_refused() -> None:
    told = ContactRegister(PEOPLE)
    async with register(told) as krr:
        await krr([KARI])
        await krr([OLA])
        assert len(told.tokens) == 1
        told.tokens.append({})  # the register knows another token now
        await krr([EVA])
    assert len(told.tokens) == 3


async def test_a_register_that_is_busy_is_asked_again_and_one_that_is_broken_is_told() -> None:
    told = ContactRegister(PEOPLE, answers=[503, 503, 200])
    async with register(told) as krr:
        assert (await krr([KARI]))[KARI].mobile
        told.answers = [500]
        with pytest.raises(Unreachable, match="500"):
            await krr([KARI])


async def test_a_thousand_are_asked_at_a_time() -> None:
    told = ContactRegister()
    async with register(told) as krr:
        await krr([f"{number:011}" for number in range(1500)])
    assert [len(one) for one in told.asked] == [1000, 500]


async def test_what_was_said_is_remembered_and_used_while_the_register_is_away() -> None:
    asked: list[Sequence[str]] = []
    away = False

    async def source(numbers: Sequence[str]) -> dict[str, Contact]:
        asked.append(numbers)
        if away:
            raise Unreachable("away")
        return {one: Contact(mobile="1") for one in numbers}

    kept = Remembering(source)
    assert (await kept(["a"]))["a"].mobile == "1"
    await kept(["a"])
    assert len(asked) == 1
    away = True
    kept._said["a"] = (datetime.now(UTC) - timedelta(hours=5), kept._said["a"][1])
    assert (await kept(["a"]))["a"].mobile == "1"
    kept._said["a"] = (datetime.now(UTC) - timedelta(hours=25), kept._said["a"][1])
    with pytest.raises(Unreachable):
        await kept(["a"])
    assert len(asked) == 2, "it is left alone for a moment after it did not answer"
    kept.rest, away = timedelta(0), False
    assert (await kept(["a"]))["a"].mobile == "1"


def test_without_a_register_the_record_says_how_somebody_is_reached() -> None:
    patient = {
        "telecom": [
            {"system": "phone", "value": "73 00 00 00", "use": "home"},
            {"system": "phone", "value": "999 00 412"},
            {"system": "email", "value": "a@b.no", "period": {"end": "2020"}},
            {"system": "email", "value": "c@d.no"},
        ],
        "communication": [{"language": {"coding": [{"code": "no-NN"}]}, "preferred": True}],
    }
    assert of_record(patient) == Contact("999 00 412", "c@d.no", language="nn")
    assert [language_of(one) for one in ("nb-NO", "nn_NO", "en-GB", "se", "no")] == ["nb", "nn", "en", "", "nb"]


def test_an_envelope_is_whole_or_none() -> None:
    home = {"use": "home", "line": ["Vegen 1"], "postalCode": "7600", "city": "Levanger"}
    box = {**home, "type": "postal", "line": ["Postboks 2"]}
    name = [{"given": ["Kari"], "family": "Nordmann"}]
    assert postal({"name": name, "address": [home, box]}) == ["Kari Nordmann", "Postboks 2", "7600 Levanger"]
    assert postal({"name": name, "address": [{**home, "city": ""}]}) == []
    assert postal({"address": [home]}) == []
