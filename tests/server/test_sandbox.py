"""Ready-made systems: in a demo a token for the asking, within its scopes and logged; elsewhere nothing. RFC 6749"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator

import httpx
import pytest

from fuzz.site import Site, serving
from samjournal.access import scopes
from samjournal.demo.clients import CLIENTS
from samjournal.server import sandbox
from samjournal.server.limits import Bounds
from world import World, locked, patient

pytestmark = pytest.mark.anyio
FORM = {"grant_type": "client_credentials", "client_id": "laboratory"}


@pytest.fixture(scope="module")
async def site(world: World, database: str) -> AsyncIterator[Site]:
    await world.put(patient("ragnhild", "Solbakk"))
    async with serving(database) as running:
        yield running


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with site.client() as one:
        yield one


async def token(client: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await client.post("/sandbox/token", data={**FORM, **form})


async def test_a_token_is_given_as_the_standard_has_it_and_opens_the_api(client: httpx.AsyncClient) -> None:
    answer = await token(client)
    assert answer.status_code == 200
    assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
    given = answer.json()
    assert given.keys() == {"access_token", "token_type", "expires_in", "scope"}
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 4 * 3600)
    bearer = {"authorization": f"Bearer {given['access_token']}"}
    assert (await client.get("/fhir/Patient", headers=bearer)).status_code == 200
    assert (await client.get("/fhir/Condition", headers=bearer)).status_code == 403


async def test_every_token_is_logged_with_its_system_and_scope(client: httpx.AsyncClient, world: World) -> None:
    count = "SELECT count(*) FROM audit.look WHERE action = 'token' AND actor = 'research' AND why = $1"
    before = await world.pool.fetchval(count, "system/Condition.s")
    await token(client, client_id="research", scope="system/Condition.s")
    await token(client, client_id="research", scope="system/Condition.c")
    assert await world.pool.fetchval(count, "system/Condition.s") == before + 1


async def test_less_than_all_may_be_asked_for(client: httpx.AsyncClient) -> None:
    given = (await token(client, scope="system/Patient.r")).json()
    assert given["scope"] == "system/Patient.r"
    bearer = {"authorization": f"Bearer {given['access_token']}"}
    assert (await client.get("/fhir/Patient/ragnhild", headers=bearer)).status_code == 200
    assert (await client.get("/fhir/Patient", headers=bearer)).status_code == 403


@pytest.mark.parametrize(
    "scope", ["system/*.r", "system/Patient.rsd", "system/Condition.r", "system/Patient.r access.change", "", "x"]
)
async def test_more_than_the_client_has_is_refused(client: httpx.AsyncClient, scope: str) -> None:
    sent = "&".join(f"{name}={value}" for name, value in {**FORM, "scope": scope or "%20"}.items())
    answer = await client.post(
        "/sandbox/token", content=sent, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("sent", "headers", "status", "error"),
    [
        ("client_id=laboratory", {}, 400, "invalid_request"),
        ("grant_type=password&client_id=laboratory", {}, 400, "unsupported_grant_type"),
        ("grant_type=client_credentials", {}, 401, "invalid_client"),
        ("grant_type=client_credentials&client_id=nobody", {}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": "Basic %%%"}, 401, "invalid_client"),
        ("grant_type=client_credentials", {"authorization": "Bearer laboratory"}, 401, "invalid_client"),
        ("client_id=research&grant_type=client_credentials&client_id=research", {}, 400, "invalid_request"),
        ("grant_type=client_credentials&client_id=%FF", {}, 400, "invalid_request"),
        ("x=" + "x" * 5000, {}, 400, "invalid_request"),
        ('{"grant_type": "client_credentials"}', {"content-type": "application/json"}, 400, "invalid_request"),
        (
            "grant_type=client_credentials&client_id=laboratory",
            {"authorization": "Basic " + b64encode(b"research:").decode()},
            400,
            "invalid_request",
        ),
    ],
)
async def test_what_cannot_be_given_is_told_in_the_words_of_the_standard(
    client: httpx.AsyncClient, sent: str, headers: dict[str, str], status: int, error: str
) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded", **headers}
    answer = await client.post("/sandbox/token", content=sent, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["error_description"].isascii()
    assert ("www-authenticate" in answer.headers) is (status == 401)


async def test_a_client_may_name_itself_by_basic_with_any_secret(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sandbox/token", data={"grant_type": "client_credentials"}, auth=("research", "x"))
    assert answer.status_code == 200
    assert "system/Patient" not in answer.json()["scope"]


async def test_everything_that_the_list_says_to_try_works(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/sandbox")).json()
    assert {one["client_id"] for one in listed["clients"]} == {one.name for one in CLIENTS}
    for one in listed["clients"]:
        given = (await client.post(listed["token_endpoint"], data={**FORM, "client_id": one["client_id"]})).json()
        assert one["try"]
        for each in one["try"]:
            headers = {"authorization": f"Bearer {given['access_token']}", **each.get("headers", {})}
            if "body" in each:
                headers["content-type"] = "application/fhir+json"
            answer = await client.request(each["method"], each["path"], json=each.get("body"), headers=headers)
            assert answer.status_code in (200, 201), (each, answer.text)


async def test_what_is_tried_twice_is_stored_once(client: httpx.AsyncClient) -> None:
    (one,) = [one for one in CLIENTS if one.name == "welfare-technology"]
    given = (await token(client, client_id=one.name)).json()
    bearer = {"authorization": f"Bearer {given['access_token']}", "content-type": "application/fhir+json"}
    for each in (*one.tries, *one.tries):
        await client.request(
            each.method, f"/fhir/{each.path}", json=each.body, headers={**bearer, **dict(each.headers)}
        )
    found = await client.get("/fhir/Observation?identifier=urn:example:device|P-100-1&_summary=count", headers=bearer)
    assert found.json()["total"] == 1


@pytest.mark.parametrize("path", ["/sandbox", "/sandbox/token"])
async def test_a_name_that_somebody_else_gave_this_machine_is_not_answered(
    client: httpx.AsyncClient, path: str
) -> None:
    method = "POST" if path.endswith("token") else "GET"
    answer = await client.request(method, path, data=FORM, headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


async def test_a_page_of_another_site_gets_no_token(client: httpx.AsyncClient) -> None:
    answer = await client.post("/sandbox/token", data=FORM, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 403


async def test_who_asks_for_too_many_at_once_is_told_to_come_again(world: World, database: str) -> None:
    async with (
        serving(database, bounds=Bounds(of_strangers=2, pause=0)) as site,
        locked(world.pool, "accounts.token"),
        site.client() as client,
    ):
        asked = [asyncio.create_task(token(client)) for _ in range(5)]
        done, waiting = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
        while len(done) < 3:
            more, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            done |= more
        assert {one.result().status_code for one in done} == {429}
        assert all(int(one.result().headers["retry-after"]) > 0 for one in done)
        for one in waiting:
            one.cancel()


@pytest.mark.parametrize("one", CLIENTS, ids=lambda one: one.name)
def test_scopes_of_every_client_are_read_and_are_less_than_everything(one: sandbox.Client) -> None:
    read = scopes.parse(one.scope)
    assert read is not None
    assert not read.changes_access
    assert "*" not in {one.type for one in read.grants}


@pytest.mark.parametrize(
    ("has", "wanted", "covered"),
    [
        ("system/*.cruds", "system/Patient.rs", True),
        ("system/*.r system/Patient.s", "system/Patient.rs", True),
        ("system/Patient.rs", "system/*.r", False),
        ("system/Patient.read", "system/Patient.write", False),
        ("system/*.r", "system/Patient.r access.change", False),
        ("system/*.r access.change", "system/Patient.r", True),
    ],
)
def test_scopes_cover_others_that_allow_nothing_more(has: str, wanted: str, covered: bool) -> None:
    mine, others = scopes.parse(has), scopes.parse(wanted)
    assert mine is not None
    assert others is not None
    assert mine.cover(others) is covered
