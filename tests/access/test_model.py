"""Every reader × everything in the record × every way to ask, against the model of the rules. Issue 5

Whatever an answer or a page shows is looked up by the word that each resource carries, and each thing that is named,
counted or told apart from what is absent is compared with what the model lets the reader see. How long an answer takes
is not measured here, but by `python -m bench.existence`: docs/reference/proof.md.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from access.model import Reader
from access.model_region import Answer, Region, stored
from access.model_sweep import ABSENT, alike, around, differently, forbidden, listed, swept, together
from access.model_world import CHILD, READERS, YOUTH
from samjournal import accounts, portal, workspace
from samjournal.accounts import Session
from samjournal.fhir.errors import FhirError
from samjournal.record import open_door
from samjournal.rest import holding
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from world import World

pytestmark = pytest.mark.anyio
SEED = int(os.environ.get("SAMJOURNAL_SEED", "1"))


@pytest.fixture(scope="module", autouse=True)
def in_haste() -> Iterator[None]:
    """Thousands of answers show nothing: here they are not held for long."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(holding, "TICK", 0.0001)
        yield


@pytest.fixture(scope="module")
async def bare(pool: Any) -> World:
    """An installation with nobody in it."""
    made = await accounts.create(pool, kind="demo")
    return World(await open_door(pool, secret=made.secret), pool)


@pytest.fixture(scope="module")
async def region(bare: World) -> AsyncIterator[Region]:
    async with stored(bare, SEED) as made:
        yield made


def each_reader(*kinds: str) -> list[Any]:
    return [
        pytest.param(one, id=f"{one.login}{'-' + one.level if one.level else ''}{'-app' if one.app else ''}")
        for one in READERS
        if not kinds or (one.kind in kinds and not one.app)
    ]


async def wrong_of(region: Region, reader: Reader, *, every: bool) -> list[str]:
    """All that is wrong for one reader. Not `every`: of lists and patients a part, another for each reader."""
    turn = READERS.index(reader)
    wrong = await swept(region, reader, every=every)
    types = sorted({thing.type for thing in region.told.things.values()})
    wrong += await together(
        [listed(region, reader, type_, every=every) for type_ in (types if every else types[turn % 6 :: 6])]
    )
    patients = [one for place, one in enumerate(region.told.names) if every or (place + turn) % 9 == 0]
    some = [one for place, one in enumerate(types) if every or (place + turn) % 9 == 0]
    wrong += await together([around(region, reader, patient, some) for patient in patients])
    return wrong + await differently(region, reader)


@pytest.mark.parametrize("reader", each_reader())
async def test_nobody_sees_more_than_the_model_says_nor_less(region: Region, reader: Reader) -> None:
    wrong = await wrong_of(region, reader, every=False)
    assert not wrong, told_of(wrong)


def told_of(wrong: list[str]) -> str:
    return f"{len(wrong)} wrong:\n" + "\n".join(line[:300] for line in wrong[:60])


# Pages.


class SignedIn:
    """Puts a reader into each request, as the server's session middleware does."""

    def __init__(self, app: ASGIApp, world: World, reader: Reader) -> None:
        self.app, self.world, self.reader = app, world, reader

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        who = await accounts.account(self.world.pool, self.reader.login)
        assert who is not None
        acts_for = self.reader.patient if self.reader.level else None
        people = (who.patient_id, who.practitioner_id, acts_for)
        state = scope.setdefault("state", {})
        state["session"] = Session("00", who.login, who.name, who.kind, who.roles[0], who.roles, *people)
        state["permit"] = await self.world.permit(self.reader.login, acts_for=acts_for)
        await self.app(scope, receive, send)


def browser(region: Region, reader: Reader) -> httpx.AsyncClient:
    routes = [*pages.routes(), *workspace.routes(), *portal.routes()]
    site = Starlette(routes=routes, exception_handlers={FhirError: error_page, 404: error_page})
    site.state.door = region.world.door
    transport = httpx.ASGITransport(app=SignedIn(site, region.world, reader))
    return httpx.AsyncClient(transport=transport, base_url="http://samjournal.test")


OF_PATIENT = ("", "/access", "/reason", "/wrong")
OF_STAFF = ("", "?q=zq", "/oversight", "/oversight/statistics", "/register", "/identity", "/corrections", "/help")
OF_CITIZEN = ("", "/results", "/results/8867-4", "/medicines", "/notes", "/appointments", "/record", "/log", "/blocks",
              "/representation")  # fmt: skip


async def wrong_pages(region: Region, reader: Reader, *, every: bool) -> list[str]:
    """What pages show that the reader may not see. *Find* tells staff the names of all, and those who act for somebody
    know who that is."""
    told = region.told
    turn = READERS.index(reader)
    names = [told.names[one] for one in ((CHILD, YOUTH) if reader.kind == "citizen" else told.names)]
    wrong = []
    if reader.kind == "citizen":
        paths = [f"/portal{page}" for page in OF_CITIZEN]
    else:
        paths = [f"/workspace{page}" for page in OF_STAFF]
        for place, patient in enumerate(told.names):
            of = OF_PATIENT if every else ("", OF_PATIENT[1 + (place + turn) % 3])
            paths += [f"/workspace/patients/{patient}{page}" for page in of]
        hidden = [one for one in told.things.values() if not region.model.sees(reader, one) and one.patient]
        paths += [
            f"/workspace/patients/{one.patient}/wrong?item={one.name}" for one in hidden[:: 40 if not every else 5]
        ]
    async with browser(region, reader) as client:
        for path in paths:
            region.asked += 1
            answer = await client.get(path)
            shown = Answer(answer.status_code, dict(answer.headers), answer.text)
            wrong += region.leaks(reader, path, shown, besides=names)
            if answer.status_code >= 500:
                wrong.append(f"{reader.login} {path}: {answer.status_code}")
            if path.count("/") == 3 and path.startswith("/workspace/patients/"):
                sees = region.model.sees(reader, told.things[f"Patient/{path.rpartition('/')[2]}"])
                if (answer.status_code == 200) != sees:
                    wrong.append(f"{reader.login} {path}: {answer.status_code}, and the record is open: {sees}")
    return wrong


@pytest.mark.parametrize("reader", each_reader("staff", "citizen"))
async def test_no_page_shows_more(region: Region, reader: Reader) -> None:
    wrong = await wrong_pages(region, reader, every=False)
    assert not wrong, told_of(wrong)


# Answers that are fetched later, and what is written.


@pytest.mark.parametrize("login", ["doctor", "psychiatrist", "mother", "all"])
async def test_what_is_answered_later_has_no_more(region: Region, login: str) -> None:
    reader = next(one for one in READERS if one.login == login)
    stopping = asyncio.Event()
    work = asyncio.create_task(region.rest.jobs.run(stopping))
    try:
        for path in ("Observation?_count=1000&_total=accurate", "_history?_count=1000", "Observation?_summary=count"):
            begun = await region.ask(reader, path, prefer="respond-async")
            assert begun.status == 202, begun.text
            place = begun.headers["content-location"].partition("/fhir/")[2]
            async with asyncio.timeout(20):
                while (answer := await region.ask(reader, place)).status == 202:
                    pass
            assert answer.status == 200
            wrong = region.leaks(reader, path, answer)
            (entry,) = answer.json["entry"]
            if "history" not in path:
                total = entry["resource"]["total"]
                wrong += [f"{path}: {total}"] if total != len(region.seen(reader, "Observation")) else []
            assert not wrong, told_of(wrong)
    finally:
        stopping.set()
        await work


@pytest.mark.parametrize("reader", each_reader("staff", "citizen"))
async def test_writing_what_is_not_seen_is_as_writing_what_is_absent(region: Region, reader: Reader) -> None:
    """Comes last: a condition that finds nothing may create something."""
    hidden = [one for one in region.told.things.values() if not region.model.sees(reader, one) and one.patient]
    patch = [{"op": "add", "path": "/language", "value": "nb"}]
    wrong = []
    for thing in hidden[:: max(1, len(hidden) // 6)]:
        for method, tail, body, headers in (
            ("PUT", "/{}", True, {}),
            ("PUT", "/{}", True, {"if_match": 'W/"1"'}),
            ("PATCH", "/{}", patch, {"content_type": "application/json-patch+json"}),
            ("DELETE", "/{}", None, {}),
            ("DELETE", "/{}?_force=true", None, {}),
            ("DELETE", "?_id={}", None, {}),
            ("PATCH", "?_id={}", patch, {"content_type": "application/json-patch+json"}),
            ("POST", "/{}/$meta-add", {"resourceType": "Parameters"}, {}),
            ("POST", "/{}/$validate", None, {}),
        ):
            answers = []
            for id_ in (ABSENT, thing.id):
                sent = {**region.told.newest(thing.name), "id": id_} if body is True else body
                path = f"{thing.type}{tail.format(id_)}"
                answers.append(await region.ask(reader, path, method=method, body=sent, **headers))
            if not alike(*answers, thing.id):
                found = thing.type == "Patient" and answers[1].status == 403 and not forbidden(reader, "Patient")
                if not found:
                    told = f"{answers[0].status} absent, {answers[1].status} {answers[1].text[:120]}"
                    wrong.append(
                        f"{reader.login} {method} {thing.name} {tail} {region.model.why(reader, thing)}: {told}"
                    )
            wrong += region.leaks(reader, f"{method} {thing.name}", answers[1])
    assert not wrong, told_of(wrong)


# All of it.


@pytest.mark.drill
async def test_nor_in_another_region_with_all_of_it(bare: World, request: pytest.FixtureRequest) -> None:
    """Comes after the rest, in whose place it puts another region; any other by SAMJOURNAL_SEED."""
    if "drill" not in request.config.option.markexpr:
        pytest.skip("takes minutes: make prove runs it")
    await empty(bare)
    async with stored(bare, SEED + 1) as region:
        wrong = [line for reader in READERS for line in await wrong_of(region, reader, every=True)]
        wrong += [
            line
            for reader in READERS
            if reader.kind != "system" and not reader.app
            for line in await wrong_pages(region, reader, every=True)
        ]
        print(f"seed {SEED + 1}: {region.asked} requests for {len(region.told.things)} things, {len(READERS)} readers")
        assert not wrong, told_of(wrong)


async def empty(world: World) -> None:
    """Nothing is left of the region before."""
    found = await world.pool.fetch(
        "SELECT schemaname || '.' || tablename AS name FROM pg_tables WHERE schemaname IN ('store', 'access')"
        " AND tablename NOT IN ('parameter', 'renewal', 'rights', 'claim')"
    )
    await world.as_owner(
        "SET session_replication_role = replica", f"TRUNCATE {', '.join(row['name'] for row in found)} CASCADE"
    )
