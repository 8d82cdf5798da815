"""History of one resource, of a type and of everything. hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from samjournal.record.change import Change, apply, prepare
from samjournal.store import history as statements
from samjournal.store.history import Place, Times
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio


def named(bundle: dict[str, Any]) -> list[str]:
    """What a history Bundle holds, as `Type/id version`, newest first."""
    return [
        "{} {}".format(entry["fullUrl"].removeprefix("http://test/fhir/"), entry["response"]["etag"][3:-1])
        for entry in bundle["entry"]
    ]


async def got(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return {"entry": [], **found}


def following(bundle: dict[str, Any]) -> str | None:
    links = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
    return links[0].removeprefix("http://test/fhir") if links else None


async def walked(client: httpx.AsyncClient, path: str | None) -> list[str]:
    """All of a history, page by page."""
    seen: list[str] = []
    while path is not None:
        bundle = await got(client, path)
        seen += named(bundle)
        path = following(bundle)
    return seen


async def test_the_history_of_a_type_has_every_version_newest_first(world: World) -> None:
    flag = {"resourceType": "Basic", "code": {"text": "x"}}
    async with await world.client() as client:
        for id_ in ("one", "two", "one"):
            (stored,) = await world.put({**flag, "id": id_})
            while datetime.now(UTC) - stored.at < timedelta(milliseconds=1):
                pass  # Of the same millisecond the order says nothing.
        await client.delete("/Basic/two")
        bundle = await got(client, "/Basic/_history")
        assert named(bundle) == ["Basic/two 2", "Basic/one 2", "Basic/two 1", "Basic/one 1"]
        assert [one["request"]["method"] for one in bundle["entry"]] == ["DELETE", "PUT", "POST", "POST"]
        assert "resource" not in bundle["entry"][0]
        assert bundle["entry"][1]["resource"]["meta"]["versionId"] == "2"
        assert await walked(client, "/Basic/_history?_count=1") == named(bundle)


async def test_the_history_of_everything_has_all_types(world: World) -> None:
    await world.put(patient("lately", "Lately"), stay("lately-stay", "lately"))
    last = await world.put({**observation("lately"), "id": "lately-o"})
    async with await world.client() as client:
        newest = named(await got(client, "/_history?_count=3"))
        whole = await walked(client, "/_history?_count=7")
    assert newest[0] == f"{last[0].reference} 1"
    assert {"Patient/lately 1", "Encounter/lately-stay 1"} == set(newest[1:])
    assert len(whole) == len(set(whole)) == await world.pool.fetchval("SELECT count(*) FROM store.version")


async def test_pages_are_stable_while_others_write(world: World) -> None:
    await world.put(*({**observation("kari"), "id": f"same-moment-{number}"} for number in range(30)))
    async with await world.client() as client:
        expected = await walked(client, "/Observation/_history?_count=1000")
        seen: list[str] = []
        path: str | None = "/Observation/_history?_count=7"
        while path is not None:
            bundle = await got(client, path)
            seen += named(bundle)
            await world.put({**observation("kari"), "id": "same-moment-3"})
            path = following(bundle)
    assert seen == expected


async def test_since_leaves_out_what_was_stored_before(world: World) -> None:
    (before,) = await world.put({**observation("kari"), "id": "since"})
    (then,) = await world.put({**observation("kari"), "id": "since"})
    while then.at == before.at:  # Both in one millisecond.
        (then,) = await world.put({**observation("kari"), "id": "since"})
    (after,) = await world.put({**observation("kari"), "id": "since"})
    async with await world.client() as client:
        moment = quote(then.at.isoformat())
        told = named(await got(client, f"/Observation/_history?_since={moment}"))
        assert told[-1] == f"Observation/since {then.version}"
        one = await got(client, f"/Observation/since/_history?_since={moment}")
        assert named(one) == [f"Observation/since {after.version}", f"Observation/since {then.version}"]
        assert "total" not in one
        assert named(await got(client, "/Observation/since/_history?_since=2999-01-01T00:00:00Z")) == []
        assert named(await got(client, "/_history?_since=2999-01-01T00:00:00Z")) == []


async def test_who_reads_on_from_the_bundle_misses_nothing_that_was_under_way(world: World) -> None:
    async with await world.client() as client:
        async with world.pool.transaction() as db:
            prepared = prepare(world.system, Change.update({**observation("kari"), "id": "under-way"}), checked=False)
            await apply(world.system, [prepared], db, None, None)
            await world.put({**observation("kari"), "id": "meanwhile"})
            first = await got(client, "/Observation/_history")
            assert "Observation/meanwhile 1" in named(first)
            assert "Observation/under-way 1" not in named(first)
        since = quote(first["meta"]["lastUpdated"])
        assert "Observation/under-way 1" in named(await got(client, f"/Observation/_history?_since={since}"))


async def test_at_gives_what_was_current_at_that_time(world: World) -> None:
    stored = [(await world.put({**observation("kari", value=n), "id": "when"}))[0] for n in range(3)]
    moments = ("2026-01-01T10:00:00Z", "2026-01-02T10:00:00Z", "2026-01-03T10:00:00Z")
    for version, moment in zip(stored, moments, strict=True):
        # Only the clock is put back; the versions are as they were stored.
        await world.as_owner(
            "SET session_replication_role = replica",  # The rule that versions are made once is not asked.
            f"UPDATE store.version SET at = '{moment}' WHERE id = 'when' AND version = {version.version}",
        )
    async with await world.client() as client:
        for path in ("/Observation/when/_history", "/Observation/_history", "/_history"):
            times = {
                "2026-01-01T09:00:00Z": [],
                "2026-01-01T12:00:00Z": ["Observation/when 1"],
                "2026-01-02": ["Observation/when 2", "Observation/when 1"],
                "2026-01-02T12:00:00Z": ["Observation/when 2"],
            }
            for at, expected in times.items():
                found = [one for one in named(await got(client, f"{path}?_at={at}")) if "/when" in one]
                assert found == expected, (path, at)


async def test_each_row_needs_a_relation_and_each_patient_is_logged(world: World) -> None:
    await world.put(stay("ward-stay", "kari"), patient("unseen", "Unseen"))
    await world.put(
        {**observation("unseen"), "id": "of-unseen"},
        {**observation("kari"), "id": "of-kari"},
        {**observation("elias"), "id": "of-elias"},
    )
    async with await world.client("nurse") as client:
        seen = await walked(client, "/Observation/_history?_count=2")
        everything = await walked(client, "/_history?_count=50")
    assert {"Observation/of-kari 1", "Observation/of-elias 1"} <= set(seen)
    assert "Observation/of-unseen 1" not in [*seen, *everything]
    assert "Patient/unseen 1" not in everything
    assert "Patient/kari 1" in everything
    looks = await world.pool.fetch("SELECT patient, patients FROM audit.look WHERE action = 'history'")
    told = {row["patient"] for row in looks} | {one for row in looks for one in row["patients"] or ()}
    owners = await world.pool.fetch("SELECT id, patient FROM access.person WHERE id IN ('kari', 'elias', 'unseen')")
    assert {row["id"] for row in owners if row["patient"] in told} == {"kari", "elias"}


async def test_a_protected_address_is_in_no_version(world: World) -> None:
    async with await world.client("nurse") as client:
        for path in ("/Patient/_history", "/_history", "/Patient/elias/_history"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert "Skjult vei" not in answer.text, path
    async with await world.client() as client:
        assert "Skjult vei" in (await client.get("/Patient/_history")).text


async def test_a_citizen_sees_the_own_history_alone(world: World) -> None:
    await world.put({**observation("kari"), "id": "mine"}, {**observation("ola"), "id": "not-mine"})
    async with await world.client("kari") as client:
        seen = await walked(client, "/Observation/_history")
    assert "Observation/mine 1" in seen
    assert "Observation/not-mine 1" not in seen


async def test_a_scope_keeps_to_its_types(world: World) -> None:
    async with await world.client(scope="system/Patient.r") as client:
        assert (await client.get("/Observation/_history")).status_code == 403
        assert {one.partition("/")[0] for one in await walked(client, "/_history")} == {"Patient"}


async def test_who_sees_little_of_much_is_served_in_bounded_steps(world: World) -> None:
    """Seven thousand newer versions of others lie before the nurse's own: no request walks through all of them."""
    await world.put({**observation("kari"), "id": "below"})
    await world.put(patient("crowd", "Crowd"))
    for start in range(0, 7200, 600):
        await world.put(*({**observation("crowd"), "id": f"crowd-{n}"} for n in range(start, start + 600)))
    async with await world.client("nurse") as client:
        first = await got(client, "/Observation/_history?_count=5")
        assert named(first) == []
        assert following(first) is not None
        assert "Observation/below 1" in await walked(client, following(first))


@pytest.mark.parametrize("types", [["Observation"], ["Encounter", "Observation", "Patient"]])
async def test_the_newest_versions_are_found_by_index(world: World, types: list[str]) -> None:
    await world.as_owner("ANALYZE store.version, store.current")
    place = Place(datetime(2999, 1, 1, tzinfo=UTC), 1, "x", 1)
    text, values = statements.of_types(
        types, may=world.system.condition, count=51, after=place, floor=None, everything=True, times=Times()
    )
    plan = "\n".join(row[0] for row in await world.pool.fetch(f"EXPLAIN {text}", *values))
    assert "version_by_time" in plan
    assert "Seq Scan" not in plan, plan


async def test_history_comes_in_parts_and_counts(world: World) -> None:
    await world.put({**observation("kari"), "id": "parts", "note": [{"text": "x"}]})
    async with await world.client() as client:
        for path in ("/Observation/parts/_history?_summary=true", "/Observation/_history?_elements=code&_count=1"):
            (entry, *_) = (await got(client, path))["entry"]
            assert "note" not in entry["resource"]
            assert "SUBSETTED" in json.dumps(entry["resource"]["meta"])
        counted = await got(client, "/Observation/parts/_history?_summary=count")
        assert (counted["total"], counted["entry"]) == (1, [])


async def test_the_links_keep_what_was_asked(world: World) -> None:
    for _ in range(3):
        await world.put({**observation("kari"), "id": "linked"})
    async with await world.client() as client:
        for path in ("/Observation/linked/_history", "/Observation/_history"):
            bundle = await got(client, f"{path}?_count=1&_since=2020-01-01T00:00:00Z&_summary=true")
            assert bundle["link"][0]["url"] == (
                f"http://test/fhir{path}?_count=1&_since=2020-01-01T00%3A00%3A00Z&_summary=true"
            )
            second = following(bundle)
            assert second is not None
            assert "_since=2020" in second
            assert "_summary=true" in second
            assert named(await got(client, second)) == ["Observation/linked 2"]


@pytest.mark.parametrize(
    "query",
    [
        "_count=x",
        "_count=-1",
        "_since=yesterday",
        "_at=2026-13",
        "_sort=date",
        "_since=2026-01-01&_since=2026-01-01",
        "_summary=some",
        "foo=1",
    ],
)
@pytest.mark.parametrize("path", ["/Patient/kari/_history", "/Patient/_history", "/_history"])
async def test_what_is_not_understood_is_refused(world: World, path: str, query: str) -> None:
    async with await world.client() as client:
        answer = await client.get(f"{path}?{query}")
    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize("cursor", ["AAAA", "", "WzEsMSwieCIsIngiXQ", "WzEsMSwiMjAyNi0wMS0wMSIsIngiXQ", "%00"])
async def test_a_broken_page_link_is_refused(world: World, cursor: str) -> None:
    async with await world.client() as client:
        answer = await client.get(f"/Patient/_history?_cursor={cursor}")
    assert answer.status_code in (200, 400), answer.text


async def test_head_and_a_batch_read_histories_too(world: World) -> None:
    entries = [
        {"request": {"method": "GET", "url": "Patient/_history?_count=1"}},
        {"request": {"method": "GET", "url": "_history?_count=1"}},
    ]
    async with await world.client() as client:
        assert (await client.head("/Patient/_history")).status_code == 200
        answer = await client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    kinds = [entry["resource"]["type"] for entry in answer.json()["entry"]]
    assert kinds == ["history", "history"]


async def test_a_list_narrows_a_history_to_what_it_names(world: World) -> None:
    for value in (1, 2, 3):
        await world.put(
            {**observation("kari", value=value), "id": "listed"}, {**observation("kari"), "id": f"not-{value}"}
        )
    await world.put({**observation("ola"), "id": "of-ola-listed"}, {**observation("kari", value=5), "id": "one-of"})
    await world.put({**observation("kari", value=6), "id": "one-of"})
    names = ("Observation/listed", "Observation/one-of/_history/1", "Observation/of-ola-listed", "Patient/kari")
    entries = [{"item": {"reference": name}} for name in names]
    await world.put({"resourceType": "List", "id": "some", "status": "current", "mode": "working",
                     "entry": entries, "subject": {"reference": "Patient/kari"}})  # fmt: skip
    mine = {f"Observation/listed {version}" for version in (1, 2, 3)} | {"Observation/one-of 1"}
    async with await world.client() as client:
        assert set(await walked(client, "/Observation/_history?_list=some&_count=2")) == {
            *mine, "Observation/of-ola-listed 1"
        }  # fmt: skip
        of_all = await walked(client, "/_history?_list=List/some")
        assert "Patient/kari 1" in of_all
        assert (await client.get("/_history?_list=none")).status_code == 404
        assert (await client.get("/Observation/listed/_history?_list=some")).status_code == 400
    async with await world.client("nurse") as client:
        assert set(await walked(client, "/Observation/_history?_list=some")) == mine


async def test_a_history_is_sorted_in_its_one_order(world: World) -> None:
    async with await world.client() as client:
        assert named(await got(client, "/Patient/_history?_sort=-_lastUpdated")) == named(
            await got(client, "/Patient/_history")
        )
        answer = await client.get("/Patient/_history?_sort=name")
    assert (answer.status_code, "newest first" in answer.text) == (400, True)
