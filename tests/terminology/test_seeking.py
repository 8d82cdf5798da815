"""Codes of diagnoses by everyday words, abbreviations and slips; why each was found. Requirement 7.13"""

from __future__ import annotations

import pytest

from samjournal import terminology
from samjournal.terminology import Hit
from samjournal.terminology.seeking import _wordings
from samjournal.terminology.systems import ICD_10, ICPC_2
from world import World

pytestmark = pytest.mark.anyio


def system(id_: str, url: str, *concepts: dict[str, object]) -> dict[str, object]:
    listed = [{"code": code, "display": text} for code, text in (("Q01", "Fyll"),)] if not concepts else list(concepts)
    return {
        "resourceType": "CodeSystem",
        "id": id_,
        "url": url,
        "version": "1",
        "status": "active",
        "content": "complete",
        "language": "nb",
        "concept": listed,
    }


ICPC = system(
    "icpc-2",
    ICPC_2,
    {"code": "S98", "display": "Urticaria"},
    {"code": "K77", "display": "Hjertesvikt"},
    {"code": "R95", "display": "Kronisk obstruktiv lungesykdom"},
    {"code": "T90", "display": "Diabetes type 2"},
    {"code": "K86", "display": "Hypertensjon ukomplisert", "designation": [{"value": "Trykksykdom"}]},
    {"code": "K99", "display": "Gammel hjertesvikt", "property": [{"code": "inactive", "valueBoolean": True}]},
)


@pytest.fixture(scope="module", autouse=True)
async def lists(world: World) -> None:
    await world.put(ICPC)
    await terminology.LOADED.refresh(world.pool)
    await terminology.ready(world.pool)


def codes(typed: str, **how: object) -> list[str]:
    return [hit.code for hit in terminology.seek(typed, **how)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "code", "why", "by"),
    [
        ("elveblest", "S98", "word", "elveblest"),
        ("elvblest", "S98", "slip", "elveblest"),
        ("urtikar", "S98", "word", "urtikaria"),
        ("urticaria", "S98", "name", "Urticaria"),
        ("KOLS", "R95", "word", "Kols"),
        ("dm2", "T90", "word", "DM2"),
        ("Hjertes", "K77", "name", "Hjertesvikt"),
        ("svikt", "K77", "part", "Hjertesvikt"),
        ("trykksyk", "K86", "word", "Trykksykdom"),
        ("k77", "K77", "code", "K77"),
        ("Hjretesvikt", "K77", "slip", "Hjertesvikt"),
    ],
)
async def test_the_first_hit_is_what_was_meant_and_says_why(typed: str, code: str, why: str, by: str) -> None:
    first = terminology.seek(typed, only=ICPC_2)[0]
    assert (first.code, first.why, first.by) == (code, why, by)


async def test_what_is_not_there_is_not_found_nor_what_is_withdrawn() -> None:
    assert codes("qxqxqx") == []
    assert codes("") == codes("k") == []
    assert "K99" not in codes("hjertesvikt", count=50)
    assert not terminology.is_offered(ICPC_2, "K99")
    assert terminology.is_offered(ICPC_2, "S98")


async def test_of_a_list_that_is_loaded_only_its_codes_are_found_and_of_another_our_own_texts() -> None:
    assert codes("fotsopp", only=ICPC_2) == []
    assert "I50.9" in codes("hjertesvikt", only=ICD_10)


async def test_the_own_list_comes_first_and_own_codes_before_others() -> None:
    assert codes("hjertesvikt")[0] == "K77"
    assert codes("hjertesvikt", first=ICD_10)[0] == "I50.9"
    own = {(ICD_10, "I50.0"): 0}
    assert codes("hjertesvikt", first=ICD_10, own=own)[0] == "I50.0"
    assert terminology.seek("hjertesvikt", own=own)[0].is_own


async def test_a_hit_is_called_what_the_page_calls_it() -> None:
    assert terminology.seek("hjertesvikt", language="nn", first=ICD_10, only=ICD_10)[0] == Hit(
        ICD_10, "I50.9", "Hjartesvikt", "name", "Hjertesvikt"
    )


async def test_what_is_loaded_later_is_found(world: World) -> None:
    await world.put({**ICPC, "concept": [*ICPC["concept"], {"code": "S74", "display": "Fotsopp"}], "version": "2"})  # type: ignore[misc]
    assert codes("fotsopp", only=ICPC_2) == []
    await terminology.LOADED.refresh(world.pool, {"icpc-2"})
    await terminology.ready(world.pool)
    assert codes("fotsopp", only=ICPC_2) == ["S74"]


async def test_everyday_words_are_words_each_for_a_code_once() -> None:
    pairs = _wordings(terminology.SOUGHT)
    assert len(pairs) > 300
    assert len(set(pairs)) == len(pairs)
    assert all(word == word.strip() and len(word) > 1 and code == code.strip() for (_, code), word in pairs)
