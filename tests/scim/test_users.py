"""People at work come, change and go as a directory says. RFC 7643, RFC 7644"""

import httpx
import pytest

from samjournal import accounts
from samjournal.accounts import Proof
from samjournal.record import read
from scim.directory import STAFF, USER, at, client, directory, operations, user
from world import World

pytestmark = pytest.mark.anyio
FNR, HPR = "11834826226", "7654321"


@pytest.fixture(scope="module")
async def iam(world: World) -> httpx.AsyncClient:
    return await directory(world)


async def test_a_joiner_has_account_role_and_post_at_once(world: World, iam: httpx.AsyncClient) -> None:
    sent = user("nora.lund", at("nurse", "ward"), title="Spesialsykepleier", externalId="e-1",
                emails=[{"value": "nora@hnt.no", "type": "work"}],
                staff={"hprNumber": HPR, "nationalIdentityNumber": FNR})  # fmt: skip
    answer = await iam.post("/Users", json=sent)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["location"] == made["meta"]["location"] == f"http://test/scim/v2/Users/{made['id']}"
    assert made[STAFF]["hprNumber"] == HPR
    assert FNR not in answer.text
    assert made["roles"] == [{"value": "nurse@ward", "display": "Sykepleier, Ward", "type": "nurse"}]
    who = await accounts.known_as(world.pool, "urn:oid:2.16.578.1.12.4.1.4.1", FNR)
    assert who is not None
    assert (who.login, who.name, who.roles[0].code) == (made["id"], "Nora Lund", "nurse")
    post = (await read(world.door, world.system, "PractitionerRole", who.roles[0].practitioner_role_id)).resource()
    assert post["active"] is True
    assert post["organization"]["reference"] == "Organization/ward"
    assert post["code"][0]["text"] == "Spesialsykepleier"
    practitioner = (await read(world.door, world.system, "Practitioner", who.practitioner_id or "")).resource()
    assert practitioner["name"][0]["family"] == "Lund"
    assert practitioner["telecom"] == [{"system": "email", "value": "nora@hnt.no", "use": "work"}]


async def test_the_same_once_more_changes_nothing(world: World, iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("per.moe", at("doctor", "ward")))).json()
    again = await iam.put(f"/Users/{made['id']}", json=user("per.moe", at("doctor", "ward")))
    assert again.headers["etag"] == 'W/"1"'
    assert (await read(world.door, world.system, "Practitioner", made["id"])).version == 1


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"userName": "PER.moe"}, "uniqueness"),
        ({STAFF: {"hprNumber": HPR}}, "uniqueness"),
        ({STAFF: {"hprNumber": "12"}}, "invalidValue"),
        ({STAFF: {"nationalIdentityNumber": "11834826227"}}, "invalidValue"),
        ({STAFF: {"assignments": [at("surgeon", "ward")]}}, "invalidValue"),
        ({STAFF: {"assignments": [at("doctor", "nowhere")]}}, "invalidValue"),
        ({STAFF: {"assignments": [{"code": "doctor"}]}}, "invalidValue"),
        ({STAFF: {"assignments": [at("doctor", "ward", until="tomorrow")]}}, "invalidValue"),
        ({"schemas": ["urn:x"]}, "invalidSyntax"),
        ({"active": "perhaps"}, "invalidValue"),
        ({"userName": ""}, "invalidValue"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_done(
    world: World, iam: httpx.AsyncClient, change: dict[str, object], kind: str
) -> None:
    before = await world.pool.fetchval("SELECT count(*) FROM accounts.account")
    answer = await iam.post("/Users", json={**user("ny.en"), **change})
    assert answer.status_code == (409 if kind == "uniqueness" else 400)
    told = answer.json()
    assert told["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
    assert (told["scimType"], told["status"]) == (kind, str(answer.status_code))
    assert told["detail"]
    assert FNR[:10] not in answer.text
    assert await world.pool.fetchval("SELECT count(*) FROM accounts.account") == before


async def test_a_leaver_is_out_at_once_and_stays_in_the_record(world: World, iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("ola.vik", at("doctor", "ward")))).json()
    who = await accounts.account(world.pool, made["id"])
    assert who is not None
    _, cookie = await accounts.sign_in(world.pool, who, Proof("helseid", "4"))
    token = await accounts.for_user(world.pool, who.login)
    off = operations({"op": "Replace", "path": "active", "value": "False"})
    assert (await iam.patch(f"/Users/{made['id']}", json=off)).status_code == 200
    assert await accounts.session_of(world.pool, cookie) is None
    assert await accounts.bearer(world.pool, token) is None
    post = (await read(world.door, world.system, "PractitionerRole", who.roles[0].practitioner_role_id)).resource()
    assert post["active"] is False
    assert post["period"]["end"]
    gone = (await iam.get(f"/Users/{made['id']}")).json()
    assert gone["active"] is False
    assert "roles" not in gone
    # He comes back: the same post, open again.
    back = await iam.patch(f"/Users/{made['id']}", json=operations({"op": "Replace", "value": {"active": "True"}}))
    assert back.json()["roles"][0]["value"] == "doctor@ward"
    assert (await accounts.account(world.pool, made["id"])) is not None
    assert (await accounts.account(world.pool, made["id"])).roles == who.roles  # type: ignore[union-attr]
    assert await accounts.session_of(world.pool, cookie) is None


async def test_who_is_removed_is_found_again_by_his_number(world: World, iam: httpx.AsyncClient) -> None:
    sent = user("slettet.en", at("nurse", "ward"), staff={"hprNumber": "8888888"})
    made = (await iam.post("/Users", json=sent)).json()
    token = await accounts.for_user(world.pool, made["id"])
    assert (await iam.delete(f"/Users/{made['id']}")).status_code == 204
    assert await accounts.bearer(world.pool, token) is None
    assert (await iam.get(f"/Users/{made['id']}")).status_code == 404
    assert (await iam.get("/Users", params={"filter": 'userName eq "slettet.en"'})).json()["totalResults"] == 0
    assert (await read(world.door, world.system, "Practitioner", made["id"])).resource()["active"] is False
    # Somebody else may be called so; he himself is known by his number, and has what he wrote.
    other = (await iam.post("/Users", json=user("slettet.en", at("nurse", "ward")))).json()
    assert other["id"] != made["id"]
    back = (await iam.post("/Users", json={**sent, "userName": "slettet.to"})).json()
    assert back["id"] == made["id"]
    assert back["roles"][0]["value"] == "nurse@ward"


async def test_who_loses_one_role_goes_on_in_the_other(world: World, iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("to.roller", at("nurse", "ward"), at("home-nurse", "homecare")))).json()
    who = await accounts.account(world.pool, made["id"])
    assert who is not None
    nurse = next(one for one in who.roles if one.code == "nurse")
    session, _ = await accounts.sign_in(world.pool, who, Proof("helseid", "4"))
    _, cookie = await accounts.choose_role(world.pool, session, nurse.practitioner_role_id)
    token = await accounts.for_user(world.pool, who.login, "nurse")
    other = await accounts.for_user(world.pool, who.login, "home-nurse")
    path = f'{STAFF}:assignments[code eq "nurse"]'
    answer = await iam.patch(f"/Users/{made['id']}", json=operations({"op": "remove", "path": path}))
    assert [one["value"] for one in answer.json()["roles"]] == ["home-nurse@homecare"]
    now = await accounts.session_of(world.pool, cookie)
    assert now is not None
    assert now.role is None
    assert await accounts.bearer(world.pool, token) is None
    assert await accounts.bearer(world.pool, other) is not None


async def test_a_role_ends_on_the_dot(world: World, iam: httpx.AsyncClient) -> None:
    until = await world.pool.fetchval("SELECT now() + interval '1 hour'")
    made = (await iam.post("/Users", json=user("vikar.en", at("nurse", "ward", until=until.isoformat())))).json()
    who = await accounts.account(world.pool, made["id"])
    assert who is not None
    assert len(who.roles) == 1
    await world.as_owner(f"UPDATE accounts.role SET ends = now() WHERE login = '{made['id']}'")
    assert (await accounts.account(world.pool, made["id"])).roles == ()  # type: ignore[union-attr]


async def test_an_account_that_is_here_already_is_taken_over(world: World, iam: httpx.AsyncClient) -> None:
    found = (await iam.get("/Users", params={"filter": 'userName eq "NURSE"'})).json()
    assert found["totalResults"] == 1
    nurse = found["Resources"][0]
    assert nurse["roles"][0]["value"] == "nurse@ward"
    answer = await iam.put("/Users/nurse", json=user("nurse.jensen", at("nurse", "ward")))
    assert answer.status_code == 200, answer.text
    assert (await accounts.account(world.pool, "nurse")).roles[0].practitioner_role_id == "nurse-role"  # type: ignore[union-attr]
    assert (await iam.get("/Users", params={"filter": 'userName eq "nurse"'})).json()["totalResults"] == 0


async def test_lists_are_filtered_sorted_paged_and_cut(iam: httpx.AsyncClient) -> None:
    asked = {"filter": 'name.familyName pr and not (userName sw "to.")', "sortBy": "userName", "count": "2",
             "startIndex": "2", "attributes": "userName,name.familyName"}  # fmt: skip
    page = (await iam.get("/Users", params=asked)).json()
    names = [one["userName"] for one in page["Resources"]]
    assert names == sorted(names)
    assert len(names) == 2 < page["totalResults"]
    assert set(page["Resources"][0]) == {"schemas", "id", "userName", "name"}
    assert set(page["Resources"][0]["name"]) == {"familyName"}
    by_mail = {"filter": 'emails[type eq "work" and value ew "@HNT.no"]'}
    assert (await iam.get("/Users", params=by_mail)).json()["totalResults"] == 1
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": 'externalId eq "e-1"'}
    assert (await iam.post("/Users/.search", json=body)).json()["Resources"][0]["userName"] == "nora.lund"
    wrong = await iam.get("/Users", params={"filter": "userName eq nora"})
    assert (wrong.status_code, wrong.json()["scimType"]) == (400, "invalidFilter")
    hidden = await iam.get("/Users", params={"filter": f'{STAFF}:nationalIdentityNumber eq "{FNR}"'})
    assert hidden.status_code == 400


async def test_a_version_that_has_moved_is_not_written_over(iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("etag.en"))).json()
    where, old = f"/Users/{made['id']}", {"if-match": 'W/"1"'}
    rename = operations({"op": "replace", "path": "displayName", "value": "E. Tag"})
    assert (await iam.patch(where, json=rename, headers=old)).headers["etag"] == 'W/"2"'
    assert (await iam.patch(where, json=rename | {}, headers=old)).status_code == 412
    assert (await iam.get(where, headers={"if-none-match": 'W/"2"'})).status_code == 304


async def test_nobody_gets_in_without_the_scope_by_name(world: World) -> None:
    assert (await client(world).get("/Users")).status_code == 401
    assert (await client(world).get("/ServiceProviderConfig")).status_code == 200
    for scope in ("system/*.cruds access.change", "system/Practitioner.cruds"):
        assert (await (await directory(world, scope)).get("/Users")).status_code == 403
    unscoped = await accounts.for_system(world.pool, "all", None)
    assert (await client(world, {"authorization": f"Bearer {unscoped}"}).get("/Users")).status_code == 403
    person = await accounts.for_user(world.pool, "doctor")
    assert (await client(world, {"authorization": f"Bearer {person}"}).get("/Users")).status_code == 403


async def test_the_token_opens_nothing_of_the_record(world: World) -> None:
    reader = await world.client(scope="accounts.change")
    assert (await reader.get("/Patient/kari")).status_code == 403
    assert (await reader.get("/Practitioner")).status_code == 403


async def test_all_of_it_stands_in_the_log(world: World, iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("logg.en", at("nurse", "ward")))).json()
    await iam.get(f"/Users/{made['id']}")
    rows = await world.pool.fetch(
        "SELECT actor, action, reason FROM audit.look WHERE shown LIKE $1 ORDER BY at", f"%{made['id']}%"
    )
    assert [(row["actor"], row["action"]) for row in rows] == [("iam", "provision"), ("iam", "read-accounts")]
    assert rows[0]["reason"] == "in +nurse@ward"


async def test_many_come_in_one_bulk_and_each_stands_for_itself(iam: httpx.AsyncClient) -> None:
    title = operations({"op": "add", "path": "title", "value": "X"})
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("bulk.a")},
            {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("bulk.a")},
            {"method": "PATCH", "path": "/Users/bulkId:a", "data": title},
        ],
    }  # fmt: skip
    done = (await iam.post("/Bulk", json=body)).json()["Operations"]
    assert [one["status"] for one in done] == ["201", "409", "200"]
    assert done[1]["response"]["scimType"] == "uniqueness"


async def test_unknown_addresses_and_methods_are_answered_as_the_standard_says(iam: httpx.AsyncClient) -> None:
    for path, method, status in (("/Dogs", "GET", 404), ("/Users/none", "GET", 404), ("/Users", "DELETE", 405),
                                 ("/Me", "GET", 501)):  # fmt: skip
        answer = await iam.request(method, path)
        assert answer.status_code == status
        assert answer.json()["status"] == str(status)
    assert (await iam.post("/Users", content=b"{")).json()["scimType"] == "invalidSyntax"
    assert (await iam.post("/Users", json={"schemas": [USER]})).json()["scimType"] == "invalidValue"
