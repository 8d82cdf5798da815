"""Requests that are answered later, over HTTP. hl7.org/fhir/R4/async.html"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from samjournal import accounts
from samjournal.rest import Rest
from samjournal.store import jobs as stored
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio
LATER = {"prefer": "respond-async"}


@pytest.fixture
async def clean(world: World) -> World:
    await world.pool.execute("DELETE FROM store.job")
    return world


@asynccontextmanager
async def working(rest: Rest) -> AsyncIterator[None]:
    """Workers, until they are told to stop."""
    stopping = asyncio.Event()
    work = asyncio.create_task(rest.jobs.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await work


async def client(world: World, rest: Rest, login: str | None = None, **more: Any) -> httpx.AsyncClient:
    token = await accounts.for_user(world.pool, login) if login else await accounts.for_system(world.pool, "t", **more)
    transport = httpx.ASGITransport(app=rest, root_path="/fhir")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    return httpx.AsyncClient(transport=transport, base_url="http://test/fhir", headers=headers)


async def fetched(one: httpx.AsyncClient, place: str) -> httpx.Response:
    async with asyncio.timeout(20):
        while (answer := await one.get(place)).status_code == 202:
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["x-progress"]
    return answer


def entry(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    bundle = answer.json()
    assert bundle["type"] == "batch-response"
    (only,) = bundle["entry"]
    found: dict[str, Any] = only
    return found


async def asked(one: httpx.AsyncClient, path: str, **more: Any) -> str:
    answer = await one.request(more.pop("method", "GET"), path, headers={**LATER, **more.pop("headers", {})}, **more)
    assert answer.status_code == 202, answer.text
    return answer.headers["content-location"]


@pytest.mark.parametrize(
    "path",
    ["/Observation?patient=kari", "/Patient/kari/$everything", "/Observation/_history", "/_history",
     "/Patient/kari/_history", "/Observation/$lastn?patient=kari"],
)  # fmt: skip
async def test_the_answer_is_the_one_that_would_have_come_at_once(clean: World, path: str) -> None:
    await clean.put({**observation("kari"), "id": "here"})
    rest = Rest(clean.door)
    async with await client(clean, rest, "nurse") as one, working(rest):
        place = await asked(one, path)
        assert place.startswith("http://test/fhir/_async/")
        done = await fetched(one, place)
        at_once = (await one.get(path)).json()
    told = entry(done)
    assert told["response"]["status"] == "200 OK"
    for bundle in (told["resource"], at_once):
        bundle.pop("meta", None)
    assert told["resource"] == at_once
    assert parsedate_to_datetime(done.headers["expires"])


async def test_a_form_and_a_bundle_are_answered_later_too(clean: World) -> None:
    rest = Rest(clean.door)
    form = {"content-type": "application/x-www-form-urlencoded"}
    sent = {**observation("kari"), "note": [{"text": "later"}]}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"request": {"method": "POST", "url": "Observation"}, "resource": sent}
    ]}  # fmt: skip
    async with await client(clean, rest) as one, working(rest):
        searched = await asked(one, "/Patient/_search", method="POST", content="_id=kari", headers=form)
        written = await asked(one, "", method="POST", json=bundle)
        assert entry(await fetched(one, searched))["resource"]["total"] == 1
        told = entry(await fetched(one, written))["resource"]
        assert (told["type"], told["entry"][0]["response"]["status"]) == ("transaction-response", "201 Created")
        where = told["entry"][0]["response"]["location"].partition("/_history")[0]
        assert (await one.get(where)).json()["note"] == [{"text": "later"}]


async def test_what_is_wrong_is_told_when_it_is_fetched(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest) as one, working(rest):
        told = entry(await fetched(one, await asked(one, "/Observation?nothing=1")))
        absent = entry(await fetched(one, await asked(one, "/Patient/nobody/$everything")))
    assert told["response"]["status"] == "400 Bad Request"
    assert "nothing" in told["response"]["outcome"]["issue"][0]["diagnostics"]
    assert (absent["response"]["status"], "resource" in absent) == ("404 Not Found", False)


async def test_other_interactions_leave_the_preference_aside(clean: World) -> None:
    async with await clean.client() as one:
        assert (await one.get("/Patient/kari", headers=LATER)).status_code == 200
        made = await one.post("/Observation", json=observation("kari"), headers=LATER)
    assert made.status_code == 201


async def test_who_cancels_is_rid_of_it_before_and_after_it_is_done(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest) as one:
        waiting = await asked(one, "/Patient")
        assert (await one.get(waiting)).headers["x-progress"].startswith("waiting")
        assert (await one.delete(waiting)).status_code == 202
        assert (await one.get(waiting)).status_code == 404
        async with working(rest):
            done = await asked(one, "/Patient")
            assert (await fetched(one, done)).status_code == 200
        assert (await one.delete(done)).status_code == 202
        assert (await one.get(done)).status_code == 404
        assert (await one.delete(done)).status_code == 404
    assert await clean.pool.fetchval("SELECT count(*) FROM store.job") == 0


async def test_nobody_else_fetches_or_cancels_it(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest, "nurse") as one, working(rest):
        place = await asked(one, "/Patient/kari/$everything")
        assert (await fetched(one, place)).status_code == 200
        for other in (
            await client(clean, rest, "doctor"),
            await client(clean, rest, "kari"),
            await client(clean, rest),
        ):
            async with other:
                assert (await other.get(place)).status_code == 404
                assert (await other.delete(place)).status_code == 404
        async with await client(clean, rest, "nurse") as again:  # The same person with a new token.
            assert (await again.get(place)).status_code == 200
    async with await client(clean, rest, scope="system/Patient.rs") as narrow, working(rest):
        place = await asked(narrow, "/Patient")
        assert (await fetched(narrow, place)).status_code == 200
        async with await client(clean, rest) as wide:
            assert (await wide.get(place)).status_code == 404


async def test_an_answer_is_gone_when_the_record_is_closed_or_protected_meanwhile(clean: World) -> None:
    await clean.put(patient("liv", "Lie"), stay("liv-stay", "liv"))
    rest = Rest(clean.door)
    async with await client(clean, rest, "nurse") as one, working(rest):
        first = await asked(one, "/Patient/liv/$everything")
        assert "Lie" in (await fetched(one, first)).text
        label = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
        await clean.put({**patient("liv", "Lie"), "meta": {"security": [label]}})
        assert (await one.get(first)).status_code == 404
        second = await asked(one, "/Patient/liv/$everything")
        assert (await fetched(one, second)).status_code == 200
        await clean.put(stay("liv-stay", "liv", status="entered-in-error"))
        gone = await one.get(second)
        assert (gone.status_code, "Lie" in gone.text) == (404, False)


async def test_each_fetch_stands_in_the_citizens_log(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest, "nurse") as one, working(rest):
        place = await asked(one, "/Patient/kari/$everything")
        await fetched(one, place)
        before = await clean.pool.fetchval("SELECT count(*) FROM audit.look WHERE action = 'async' AND actor = 'nurse'")
        assert (await one.get(place)).status_code == 200
        after = await clean.pool.fetch("SELECT patient FROM audit.look WHERE action = 'async' AND actor = 'nurse'")
    assert len(after) == before + 1
    assert after[-1]["patient"] is not None


async def test_one_client_may_have_few_at_once(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest, "nurse") as one:
        places = [await asked(one, "/Patient") for _ in range(5)]
        refused = await one.get("/Patient", headers=LATER)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert "cancel" in refused.text
        async with await client(clean, rest, "doctor") as other:
            await asked(other, "/Patient")
        await one.delete(places[0])
        await asked(one, "/Patient")


async def test_what_a_stopped_server_left_is_taken_up_again(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest) as one:
        place = await asked(one, "/Patient?_id=kari")
        assert await stored.take(clean.pool) is not None  # By a worker that is gone now.
        await clean.pool.execute("UPDATE store.job SET beat = beat - $1::interval", timedelta(minutes=1))
        async with working(Rest(clean.door)):
            assert entry(await fetched(one, place))["resource"]["total"] == 1


async def test_a_write_that_was_cut_off_is_told_and_not_done_twice(clean: World) -> None:
    rest = Rest(clean.door)
    sent = {"resourceType": "Basic", "code": {"text": "twice"}}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"request": {"method": "POST", "url": "Basic"}, "resource": sent}
    ]}  # fmt: skip
    async with await client(clean, rest) as one:
        place = await asked(one, "", method="POST", json=bundle)
        assert await stored.take(clean.pool) is not None
        await clean.pool.execute("UPDATE store.job SET beat = beat - $1::interval", timedelta(minutes=1))
        async with working(Rest(clean.door)):
            told = entry(await fetched(one, place))
        assert told["response"]["status"].startswith("500")
        assert "read again" in told["response"]["outcome"]["issue"][0]["diagnostics"]
        assert (await one.get("/Basic")).json()["total"] == 0


async def test_a_token_that_was_withdrawn_opens_nothing_later(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest) as one:
        place = await asked(one, "/Patient")
        await clean.as_owner("UPDATE accounts.token SET expires = now() WHERE system = 't'")
        async with working(Rest(clean.door)), await client(clean, rest) as again:
            told = entry(await fetched(again, place))
    assert told["response"]["status"] == "401 Unauthorized"


async def test_answers_are_deleted_when_their_time_is_over(clean: World) -> None:
    rest = Rest(clean.door)
    async with await client(clean, rest) as one, working(rest):
        place = await asked(one, "/Patient")
        await fetched(one, place)
        await clean.pool.execute("UPDATE store.job SET ended = ended - interval '61 minutes'")
        await fetched(one, await asked(one, "/Patient"))  # Whoever asks next, tidies.
        assert (await one.get(place)).status_code == 404
        assert (await one.get("/_async/none")).status_code == 404
        assert (await one.post(place)).status_code == 405
