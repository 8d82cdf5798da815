"""Back-pressure over a real socket: who is answered, who waits, and who is told to come again."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from fuzz.site import Site, serving
from samjournal import accounts
from samjournal.rest.request import MAX_BODY, MAX_RATIO
from samjournal.server.connections import HEAD_FIELDS, HEAD_SIZE, Connection
from samjournal.server.limits import MIB, Bounds
from world import World, locked, observation

pytestmark = pytest.mark.anyio


def test_the_page_about_limits_tells_those_that_hold() -> None:
    page = (Path(__file__).parents[2] / "docs" / "explanation" / "limits.md").read_text(encoding="utf-8")
    told = Bounds()
    assert f"one of {told.in_work} places" in page
    assert f"at most {told.patience} seconds" in page
    assert f"wait for {told.of_one} places, the strangers of one address for {told.of_strangers}" in page
    assert f"When {told.waiting} wait" in page
    assert f"| {told.grace} seconds, and {told.rate // 1024} KiB more" in page
    assert f"begins within | {told.time} seconds" in page
    assert f"| {HEAD_SIZE // 1024} KiB, {HEAD_FIELDS} fields |" in page
    assert f"within | {Connection.head_seconds:.0f} seconds" in page
    assert f"kept for | {Connection.stalled_seconds:.0f} seconds" in page
    assert f"| form of a page | {told.form // MIB} MiB |" in page
    assert f"all together | {told.bodies // MIB} MiB |" in page
    assert f"above {told.large // 1024} KiB that are in work at once | {told.large_in_work // MIB} MiB" in page
    assert f"{MAX_BODY // MIB} MiB unpacked; no more than {MAX_RATIO} times" in page
    assert f"| connections | {Connection.most}," in page


@pytest.fixture(scope="module")
async def token(world: World) -> str:
    return await accounts.for_system(world.pool, "limits", None)


@asynccontextmanager
async def standing_still(world: World) -> AsyncIterator[None]:
    """Nobody can read the record while the block lasts."""
    async with locked(world.pool, "store.current, store.version"):
        yield


def ask(site: Site, path: str, token: str) -> asyncio.Task[httpx.Response]:
    async def get() -> httpx.Response:
        async with site.client({"authorization": f"Bearer {token}"}) as client:
            return await client.get(path)

    return asyncio.create_task(get())


def request(method: str, path: str, token: str, *, length: int, sent: bytes = b"") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {length}\r\n\r\n"
    ).encode() + sent


async def until(site: Site, *, in_work: int, waiting: int = 0) -> None:
    """Until so many are in work and wait: the metrics answer while nothing else does."""
    wanted = {f"samjournal_requests_in_work {in_work}.0", f"samjournal_requests_waiting {waiting}.0"}
    async with site.client() as client:
        for _ in range(2000):
            if wanted <= set((await client.get("/metrics")).text.splitlines()):
                return
    raise AssertionError(wanted)


async def test_who_waits_too_long_is_told_to_come_again_and_health_answers_meanwhile(
    world: World, database: str, token: str
) -> None:
    async with serving(database, bounds=Bounds(in_work=1, patience=0.05, pause=0)) as site:
        async with standing_still(world):
            first = ask(site, "/fhir/Patient/kari", token)
            await until(site, in_work=1)
            refused = await ask(site, "/fhir/Patient/kari", token)
            page = await ask(site, "/workspace", token)
            async with site.client() as client:
                assert (await client.get("/health/ready")).status_code == 200
        assert (await first).status_code == 200
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert refused.json()["issue"][0]["code"] == "transient"
    assert refused.json()["id"] == refused.headers["x-request-id"]
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "content-security-policy" in page.headers


async def test_one_client_cannot_take_all_places(world: World, database: str, token: str) -> None:
    other = await accounts.for_system(world.pool, "other", None)
    async with serving(database, bounds=Bounds(in_work=4, of_one=2, pause=0)) as site:
        for known in (token, other):
            assert (await ask(site, "/fhir/Patient/kari", known)).status_code == 200
        async with standing_still(world):
            mine = [ask(site, "/fhir/Patient/kari", token) for _ in range(2)]
            await until(site, in_work=2)
            refused = await ask(site, "/fhir/Patient/kari", token)
            theirs = ask(site, "/fhir/Patient/kari", other)
            await until(site, in_work=3)
        answered = await asyncio.gather(*mine, theirs)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
    assert refused.json()["issue"][0]["code"] == "throttled"
    assert [one.status_code for one in answered] == [200, 200, 200]


async def test_made_up_tokens_share_the_line_of_strangers(world: World, database: str, token: str) -> None:
    async with serving(database, bounds=Bounds(in_work=9, of_strangers=2, pause=0)) as site:
        assert (await ask(site, "/fhir/Patient/kari", token)).status_code == 200
        async with locked(world.pool, "accounts.token"):
            strangers = [ask(site, "/fhir/Patient/kari", f"made-up-{number}") for number in range(2)]
            await until(site, in_work=2)
            assert (await ask(site, "/fhir/Patient/kari", "made-up-2")).status_code == 429
            assert (await ask(site, "/fhir/Patient/kari", token)).status_code == 200
        assert [one.status_code for one in await asyncio.gather(*strangers)] == [401, 401]


async def test_what_takes_too_long_is_given_up_and_the_connection_works_on(
    world: World, database: str, token: str
) -> None:
    async with serving(database, bounds=Bounds(time=0.2)) as site:
        async with standing_still(world):
            asked = [ask(site, "/fhir/Observation?patient=kari", token) for _ in range(12)]
            given_up = await asyncio.gather(*asked)
        again = await asyncio.gather(*(ask(site, "/fhir/Patient/kari", token) for _ in range(12)))
    assert {one.status_code for one in given_up} == {503}
    assert "Read again" in given_up[0].text
    assert {one.status_code for one in again} == {200}


async def test_a_body_that_is_on_its_way_holds_nobody_up(database: str, token: str) -> None:
    body = json.dumps(observation("kari")).encode()
    async with serving(database, bounds=Bounds(in_work=1)) as site:
        slow = [await site.open() for _ in range(3)]
        for line in slow:
            await line.send(request("POST", "/fhir/Observation", token, length=len(body), sent=body[:20]))
        assert (await ask(site, "/fhir/Patient/kari", token)).status_code == 200
        for line in slow:
            await line.send(body[20:])
            assert (await line.answer())[0] == 201
            line.close()


async def test_a_body_that_stops_coming_is_given_up(database: str, token: str) -> None:
    async with serving(database, bounds=Bounds(grace=0.1)) as site:
        line = await site.open()
        await line.send(request("PUT", "/fhir/Patient/kari", token, length=1000, sent=b"{"))
        status, told = await line.answer()
        assert (status, json.loads(told)["issue"][0]["code"]) == (408, "timeout")
        form = b"POST /signin/demo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        line.close()
        line = await site.open()
        await line.send(form + b"Content-Type: application/x-www-form-urlencoded\r\n\r\nlogin")
        status, page = await line.answer()
        assert status == 408
        assert b"</html>" in page
        line.close()


async def test_an_answer_that_is_fetched_slowly_holds_nobody_up(database: str, token: str) -> None:
    async with serving(database, bounds=Bounds(in_work=1, time=5)) as site:
        slow = await site.open()
        slow.writer.transport.pause_reading()
        await slow.send(request("GET", "/fhir/metadata", token, length=0) * 40)
        assert (await ask(site, "/fhir/Patient/kari", token)).status_code == 200
        slow.close()


async def test_a_form_that_is_too_large_is_refused_with_a_page(world: World, database: str) -> None:
    async with serving(database) as site, site.client() as client:
        answer = await client.post("/signin/demo", data={"login": "x" * 2**20})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


async def test_more_bodies_than_there_is_room_for_are_sent_away(database: str, token: str) -> None:
    async with serving(database, bounds=Bounds(bodies=100_000)) as site:
        lines = [await site.open() for _ in range(2)]
        for line in lines:
            await line.send(request("PUT", "/fhir/Patient/kari", token, length=60_001, sent=b" " * 60_000))
        answers = {asyncio.create_task(line.answer()): line for line in lines}
        (refused,), (other,) = await asyncio.wait(answers, return_when=asyncio.FIRST_COMPLETED)
        await answers[other].send(b" ")
        assert (refused.result()[0], (await other)[0]) == (503, 400)
        for line in lines:
            line.close()
        assert (await ask(site, "/fhir/Patient/kari", token)).status_code == 200


@pytest.mark.parametrize(
    ("sent", "encoding", "status"),
    [
        (gzip.compress(json.dumps(observation("kari")).encode()), "gzip", 201),
        (gzip.compress(b'{"resourceType"') + gzip.compress(b':"Observation"}'), "gzip", 400),
        (gzip.compress(b" " * 2**26), "gzip", 413),
        (gzip.compress(gzip.compress(b"{}")), "gzip", 400),
        (gzip.compress(b"{}")[:-4], "gzip", 400),
        (b"{}", "gzip", 400),
        (b"", "gzip", 400),
        (b"{}", "br", 415),
        (b"{}", "gzip, gzip", 415),
        (json.dumps(observation("kari")).encode(), "identity", 201),
    ],
)
async def test_a_packed_body_is_unpacked_within_the_limits(
    world: World, sent: bytes, encoding: str, status: int
) -> None:
    async with await world.client() as client:
        answer = await client.post("/Observation", content=sent, headers={"content-encoding": encoding})
    assert answer.status_code == status, answer.text
    assert answer.json()["resourceType"] in ("Observation", "OperationOutcome")


async def test_a_large_body_is_taken_whole(world: World, database: str, token: str) -> None:
    entry = {"resource": observation("kari"), "request": {"method": "POST", "url": "Observation"}}
    bundle = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 1500}).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    async with serving(database, bounds=Bounds(large_in_work=len(bundle) + 1)) as site, site.client(headers) as client:
        plain = [client.post("/fhir", content=bundle) for _ in "ab"]
        packed = client.post("/fhir", content=gzip.compress(bundle), headers={"content-encoding": "gzip"})
        answers = await asyncio.gather(*plain, packed)
    assert [(answer.status_code, len(answer.json()["entry"])) for answer in answers] == [(200, 1500)] * 3


async def test_others_are_answered_while_a_large_bundle_is_checked_and_stored(database: str, token: str) -> None:
    entry = {"resource": observation("kari"), "request": {"method": "POST", "url": "Observation"}}
    bundle = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry] * 1500}).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    async with serving(database) as site, site.client(headers) as client:
        large = asyncio.create_task(client.post("/fhir", content=bundle))
        meanwhile = 0
        while not large.done():
            assert (await client.get("/fhir/Patient/kari")).status_code == 200
            meanwhile += 1
        assert large.result().status_code == 200
    assert meanwhile > 5
