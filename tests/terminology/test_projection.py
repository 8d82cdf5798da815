"""What a CodeSystem says is found at once, by name, word, code and hierarchy, and goes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from samjournal.db.live import Hub
from samjournal.db.queries import queries
from samjournal.demo import chart
from samjournal.record import Change, change, compare_projections
from samjournal.server.worker import follow_feed, sort_codes
from samjournal.terminology import LOADED, below, find, seek, standing, text
from samjournal.terminology.systems import ICD_10, ICPC_2
from samjournal.ui.language import language
from samjournal.workspace import facts
from world import World

pytestmark = pytest.mark.anyio
LOCAL = "http://example.no/local"


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    LOADED.clear()
    yield
    LOADED.clear()


def code_system(id_: str, url: str, *codes: tuple[str, str], **more: Any) -> dict[str, Any]:
    made = {"resourceType": "CodeSystem", "id": id_, "url": url, "status": "active", "content": "complete"}
    concepts = [{"code": code, "display": display} for code, display in codes]
    return {**made, "language": "nb", "concept": concepts, **more}


HEART = code_system(
    "icd-10",
    f"{ICD_10}-no",
    ("I50", "Hjertesvikt"),
    ("I500", "Kongestiv hjertesvikt"),
    ("I509", "Uspesifisert hjertesvikt"),
    ("P290", "Hjertesvikt hos nyfødt"),
    ("J81", "Lungeødem"),
)


async def put(world: World, *resources: dict[str, Any]) -> None:
    await world.put(*resources)
    await LOADED.refresh(world.pool)


async def codes(world: World, typed: str, system: str = ICD_10) -> list[str]:
    return [found.code for found in await find(world.pool, system, typed)]


async def test_a_loaded_system_replaces_our_texts_and_ours_stay_where_it_has_none(world: World) -> None:
    assert text(ICD_10, "I50.9", "nb") == "Hjertesvikt"
    await put(world, HEART)
    assert text(ICD_10, "I50.9", "nb") == "Uspesifisert hjertesvikt"
    assert text("urn:oid:2.16.578.1.12.4.1.1.7110", "I509", "nb") == "Uspesifisert hjertesvikt"
    assert text(ICD_10, "I50.9", "en") == "Heart failure"
    assert text(ICD_10, "P29.0", "en") == "Hjertesvikt hos nyfødt"
    assert text(ICD_10, "A46", "nb") == "Rosen"


async def test_codes_are_found_by_words_in_any_order_and_by_code_the_closest_first(world: World) -> None:
    await put(world, HEART)
    assert await codes(world, "hjertesv") == ["I50", "P29.0", "I50.0", "I50.9"]
    assert await codes(world, "nyf hjer") == ["P29.0"]
    assert await codes(world, "i50") == ["I50", "I50.0", "I50.9"]
    assert await codes(world, "I50.9") == await codes(world, "i509") == ["I50.9"]
    assert await codes(world, "svikt kong") == ["I50.0"]
    assert await codes(world, "LUNGEØDEM") == ["J81"]
    assert await codes(world, "lungeodem") == []


@pytest.mark.parametrize("typed", ["", "  ", "'", "% _", "':*", "\\", "a' | 'b", "x" * 3000, "🙂", "1 & 2"])
async def test_whatever_is_typed_is_only_looked_for(world: World, typed: str) -> None:
    await put(world, HEART)
    assert await codes(world, typed) == []


async def test_what_lies_under_a_code_is_found_though_the_list_lacks_the_code_itself(world: World) -> None:
    await put(world, HEART, code_system("icpc-2", ICPC_2, ("K77", "Hjertesvikt"), ("K78", "Atrieflimmer")))
    assert await below(world.pool, ICD_10, "I50") == {"I50", "I50.0", "I50.9"}
    assert await below(world.pool, ICD_10, "P29") == {"P29", "P29.0"}
    assert await below(world.pool, "urn:oid:2.16.578.1.12.4.1.1.7170", "K") == {"K", "K77", "K78"}


async def test_a_withdrawn_code_keeps_its_text_and_is_not_offered(world: World) -> None:
    gone = {"code": "B", "display": "Beta", "property": [{"code": "inactive", "valueBoolean": True}]}
    await put(world, {**code_system("local", LOCAL), "concept": [{"code": "A", "display": "Alfa"}, gone]})
    assert text(LOCAL, "B", "nb") == "Beta"
    assert await codes(world, "beta", LOCAL) == []


async def test_a_changed_and_a_deleted_system_take_their_codes_with_them(world: World) -> None:
    await put(world, code_system("local", LOCAL, ("A", "Alfa"), ("B", "Beta")))
    await put(world, code_system("local", LOCAL, ("A", "Annet")))
    assert [text(LOCAL, code, "nb") for code in "AB"] == ["Annet", None]
    await change(world.door, world.system, [Change.delete("CodeSystem", "local")])
    await LOADED.refresh(world.pool, {"local"})
    assert text(LOCAL, "A", "nb") is None
    assert "local" not in {row.source for row in await standing(world.pool)}


async def test_a_supplement_gives_another_language(world: World) -> None:
    nynorsk = {"code": "A", "designation": [{"language": "nn", "value": "Eitt"}]}
    supplement = {**code_system("local-nn", f"{LOCAL}-nn"), "content": "supplement", "supplements": LOCAL}
    await put(world, code_system("local", LOCAL, ("A", "Ett")), {**supplement, "concept": [nynorsk]})
    assert [text(LOCAL, "A", language) for language in ("nb", "nn", "en")] == ["Ett", "Eitt", "Ett"]


async def test_a_naming_system_makes_two_names_one(world: World) -> None:
    naming = {
        "resourceType": "NamingSystem",
        "id": "local",
        "name": "Local",
        "status": "active",
        "kind": "codesystem",
        "date": "2026",
        "uniqueId": [{"type": "uri", "value": LOCAL}, {"type": "oid", "value": "1.2.3"}],
    }
    await put(world, code_system("local", LOCAL, ("A", "Alfa")), naming)
    assert text("urn:oid:1.2.3", "A", "nb") == "Alfa"
    assert await codes(world, "alf", "urn:oid:1.2.3") == ["A"]


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM terminology.concept WHERE code = 'I50'",
        "UPDATE terminology.concept SET nb = 'Galt' WHERE code = 'I50'",
        "UPDATE terminology.system SET version = '0' WHERE source = 'icd-10'",
    ],
)
async def test_the_doctor_finds_and_mends_what_drifted(world: World, damage: str) -> None:
    await put(world, HEART)

    async def wrong(*, rebuild: bool) -> list[str]:
        found = [drift async for drift in compare_projections(world.door, world.system, rebuild=rebuild)]
        return [reference for drift in found for reference in drift.wrong]

    assert await wrong(rebuild=False) == []
    await world.as_owner(damage)
    assert await wrong(rebuild=True) == ["CodeSystem/icd-10"]
    assert await wrong(rebuild=False) == []


async def test_a_search_among_many_codes_uses_the_indexes(world: World) -> None:
    many = [(f"X{number}", f"Tilstand nummer {number} av slag{number % 97}") for number in range(20_000)]
    await put(world, code_system("many", "http://example.no/many", *many))
    await world.as_owner("VACUUM ANALYZE terminology.concept")
    statement = queries("samjournal.terminology").find_words
    values = (["http://example.no/many"], "'slag17':* & '1797':*", "slag171797", "slag171797zz", "slag17 1797", 20)
    plan = await world.pool.fetch(f"EXPLAIN {statement}", *values)
    assert "Seq Scan" not in "\n".join(row[0] for row in plan)
    assert await codes(world, "1797 slag51", "http://example.no/many") == ["X1797"]
    assert await codes(world, "x19999", "http://example.no/many") == ["X19999"]


class _Listening(Hub):
    """Tells when the reader of the feed has been round, and what a code is called then."""

    def __init__(self) -> None:
        super().__init__()
        self.rounds: asyncio.Queue[str | None] = asyncio.Queue()

    def publish(self, patients: Iterable[int]) -> None:
        super().publish(set(patients))
        self.rounds.put_nowait(text(LOCAL, "FEED", "nb"))


async def test_a_server_hears_of_a_system_that_another_process_added(world: World) -> None:
    hub, stopping = _Listening(), asyncio.Event()
    reader = asyncio.create_task(follow_feed(world.door, hub, stopping))
    try:
        assert await asyncio.wait_for(hub.rounds.get(), 30) is None
        await world.put(code_system("feed", LOCAL, ("FEED", "Hørt")))
        async with asyncio.timeout(30):
            while await hub.rounds.get() != "Hørt":
                pass
    finally:
        stopping.set()
        await reader


async def test_codes_are_sorted_before_anybody_asks_and_anew_when_others_are_loaded(world: World) -> None:
    """The pages search what the jobs made; nobody calls `ready` here."""
    hub, stopping = _Listening(), asyncio.Event()
    jobs = [
        asyncio.create_task(job) for job in (follow_feed(world.door, hub, stopping), sort_codes(world.door, stopping))
    ]
    try:
        await world.put(code_system("icd-10", ICD_10, ("R99.1", "Fjellkuldeskjelv")))
        async with asyncio.timeout(30):
            while _found("fjellkuldeskjelv") != ["R99.1"]:
                await hub.rounds.get()
    finally:
        stopping.set()
        await asyncio.gather(*jobs)


def _found(typed: str) -> list[str]:
    try:
        return [hit.code for hit in seek(typed)]
    except LookupError:
        return []  # Nothing is sorted yet.


async def test_what_is_made_of_the_codes_is_made_anew_only_when_they_changed(world: World) -> None:
    await put(world, code_system("once", LOCAL, ("ONE", "Første")))
    before = LOADED.changes
    for _ in range(3):
        await LOADED.refresh(world.pool)
    assert LOADED.changes == before
    await put(world, code_system("once", LOCAL, ("ONE", "Første"), ("TWO", "Andre")))
    await LOADED.refresh(world.pool)
    assert LOADED.changes > before
    assert text(LOCAL, "TWO", "nb") == "Andre"


async def test_the_chart_and_a_new_demo_say_what_the_loaded_system_says(world: World) -> None:
    await put(world, HEART)
    coded = {"coding": [{"system": ICD_10, "code": "I50.9", "display": "Hjertesvikt"}]}
    assert facts.said(coded, language("nb")) == "Uspesifisert hjertesvikt"
    assert chart.concept(ICD_10, "I50.9")["coding"][0]["display"] == "Uspesifisert hjertesvikt"
