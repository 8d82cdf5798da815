"""Groups give roles at units to their members, and take them at once. Entra, and others, send PATCH in their ways."""

import httpx
import pytest

from samjournal import accounts
from samjournal.fhir.identifiers import ORGANIZATION
from scim.directory import GROUP, ROLE, at, directory, operations, user
from world import World, organization

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def iam(world: World) -> httpx.AsyncClient:
    number = {"identifier": [{"system": ORGANIZATION, "value": "974749025"}]}
    await world.put({**organization("clinic"), **number})
    return await directory(world)


async def joiner(iam: httpx.AsyncClient, name: str) -> str:
    return str((await iam.post("/Users", json=user(name))).json()["id"])


async def roles(world: World, login: str) -> list[str]:
    who = await accounts.account(world.pool, login)
    return [f"{one.code}@{one.organization_id}" for one in who.roles] if who else []


async def test_who_is_put_into_a_group_has_its_role_and_who_is_taken_out_of_all_is_out(
    world: World, iam: httpx.AsyncClient
) -> None:
    ida, ole = await joiner(iam, "ida.by"), await joiner(iam, "ole.by")
    assert await roles(world, ida) == []
    sent = {"schemas": [GROUP, ROLE], "displayName": "HNT-KLIN-LEGE", "externalId": "g-1", "members": [{"value": ida}],
            ROLE: {"code": "doctor", "organizationNumber": "974749025"}}  # fmt: skip
    made = await iam.post("/Groups", json=sent)
    assert made.status_code == 201, made.text
    group = made.json()
    assert group[ROLE] == {"code": "doctor", "organizationId": "clinic"}
    assert await roles(world, ida) == ["doctor@clinic"]
    where = f"/Groups/{group['id']}"
    added = await iam.patch(where, json=operations({"op": "Add", "path": "members", "value": [{"value": ole}]}))
    assert {one["value"] for one in added.json()["members"]} == {ida, ole}
    token = await accounts.for_user(world.pool, ida)
    gone = {"op": "Remove", "path": f'members[value eq "{ida}"]'}
    assert (await iam.patch(where, json=operations(gone))).status_code == 200
    assert await roles(world, ida) == []
    assert await accounts.bearer(world.pool, token) is None
    shown = (await iam.get(f"/Users/{ole}")).json()
    assert shown["groups"] == [
        {"value": group["id"], "$ref": f"http://test/scim/v2{where}", "display": "HNT-KLIN-LEGE", "type": "direct"}
    ]
    assert shown["roles"][0]["value"] == "doctor@clinic"
    # Renaming neither empties it nor takes its role from it; without the group the role is gone.
    renamed = await iam.put(where, json={"schemas": [GROUP], "displayName": "HNT-KLINIKK-LEGE"})
    assert renamed.json()["members"][0]["value"] == ole
    assert (await iam.delete(where)).status_code == 204
    assert await roles(world, ole) == []
    assert (await iam.get(where)).status_code == 404


async def test_a_group_that_says_no_role_gives_nothing_until_it_does(world: World, iam: httpx.AsyncClient) -> None:
    eva = await joiner(iam, "eva.by")
    made = (
        await iam.post("/Groups", json={"schemas": [GROUP], "displayName": "Alle", "members": [{"value": eva}]})
    ).json()
    assert ROLE not in made
    assert await roles(world, eva) == []
    change = {"op": "add", "path": ROLE, "value": {"code": "nurse", "organizationId": "ward"}}
    await iam.patch(f"/Groups/{made['id']}", json=operations(change))
    assert await roles(world, eva) == ["nurse@ward"]


async def test_a_name_can_say_role_and_unit_by_itself(world: World, iam: httpx.AsyncClient) -> None:
    for name in ("secretary@clinic", "nurse@974749025"):
        made = (await iam.post("/Groups", json={"schemas": [GROUP], "displayName": name})).json()
        assert made[ROLE]["organizationId"] == "clinic"
    wrong = await iam.post("/Groups", json={"schemas": [GROUP], "displayName": "nurse@nowhere"})
    assert (wrong.status_code, wrong.json()["scimType"]) == (400, "invalidValue")


async def test_what_a_group_gives_and_what_was_given_by_name_stand_beside_each_other(
    world: World, iam: httpx.AsyncClient
) -> None:
    made = (await iam.post("/Users", json=user("begge.to", at("nurse", "ward")))).json()
    sent = {"schemas": [GROUP], "displayName": "doctor@ward", "members": [{"value": made["id"]}]}
    group = (await iam.post("/Groups", json=sent)).json()
    assert await roles(world, made["id"]) == ["doctor@ward", "nurse@ward"] or set(await roles(world, made["id"])) == {
        "doctor@ward",
        "nurse@ward",
    }
    await iam.put(f"/Users/{made['id']}", json={**user("begge.to"), "displayName": "B. T."})
    assert await roles(world, made["id"]) == ["doctor@ward"]
    await iam.delete(f"/Groups/{group['id']}")
    assert await roles(world, made["id"]) == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"members": [{"value": "nobody"}]}, 400),
        ({"members": [{"value": "x", "type": "Group"}]}, 400),
        ({"displayName": "Dobbel"}, 409),
        ({ROLE: {"code": "doctor"}}, 400),
        ({ROLE: {"organizationId": "ward"}}, 400),
        ({ROLE: {"code": "king", "organizationId": "ward"}}, 400),
    ],
)
async def test_what_is_wrong_in_a_group_is_said(iam: httpx.AsyncClient, change: dict[str, object], status: int) -> None:
    await iam.post("/Groups", json={"schemas": [GROUP], "displayName": "Dobbel"})
    answer = await iam.post("/Groups", json={"schemas": [GROUP], "displayName": "Feil", **change})
    assert answer.status_code == status, answer.text
    assert (await iam.get("/Groups", params={"filter": 'displayName eq "Feil"'})).json()["totalResults"] == 0


async def test_somebody_who_was_here_before_keeps_what_he_had(world: World, iam: httpx.AsyncClient) -> None:
    sent = {"schemas": [GROUP], "displayName": "record-keeper@ward", "members": [{"value": "doctor"}]}
    await iam.post("/Groups", json=sent)
    assert set(await roles(world, "doctor")) == {"doctor@ward", "record-keeper@ward"}
