"""A unit that asks sees what a change of role gives and takes before it holds; who is out waits for nobody. Row 2.6"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from samjournal import access, accounts, provisioning
from samjournal.access import ROLES
from samjournal.access.past import changed, keep
from samjournal.accounts import Account, RoleAt
from samjournal.provisioning import POWERS, between, difference
from samjournal.record import read
from samjournal.workspace.palette import PAGE, pages_of
from samjournal.workspace.role_changes import POWERS as SAID
from scim.directory import STAFF, at, directory, operations, user
from workspace.test_pages import enter
from world import World

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
JOB = access.for_job("provisioning")
Enter = Callable[[str | None], httpx.AsyncClient]


@pytest.fixture(scope="module")
async def iam(world: World) -> httpx.AsyncClient:
    """The ward has a leader, and asks to see what its people lose; the home care does not."""
    leader = {
        "resourceType": "PractitionerRole", "id": "leader-role", "active": True,
        "organization": {"reference": "Organization/ward"},
        "code": [{"coding": [{"system": "urn:samjournal:post", "code": "leader"}]}],
    }  # fmt: skip
    await world.put(leader)
    async with world.pool.transaction() as db:
        at_ward = RoleAt("nurse", "ward", "leader-role", "Ward")
        odd = RoleAt("operator", "hospital", "odd-role", "Hospital")
        await accounts.add(db, [Account("leader", "Lea Leder", "staff", (at_ward,), practitioner_id="leader"),
                                Account("odd", "Odd Drift", "staff", (odd,), practitioner_id="odd")])  # fmt: skip
    return await directory(world)


async def roles(world: World, login: str) -> set[str]:
    who = await accounts.account(world.pool, login)
    return {f"{one.code}@{one.organization_id}" for one in who.roles} if who else set()


async def moved(iam: httpx.AsyncClient, name: str) -> str:
    """A nurse of the ward whom the directory makes a secretary there."""
    login = str((await iam.post("/Users", json=user(name, at("nurse", "ward")))).json()["id"])
    answer = await iam.put(f"/Users/{login}", json=user(name, at("secretary", "ward")))
    assert answer.status_code == 200, answer.text
    return login


async def open_of(world: World, login: str) -> list[provisioning.Proposal]:
    found = await provisioning.proposals(world.door, await world.permit("leader"))
    return [one for one in found if one.login == login and one.state == "open"]


async def test_who_leads_sees_what_is_lost_and_approves_it(world: World, iam: httpx.AsyncClient, enter: Enter) -> None:
    desk = enter("leader")
    assert (await desk.post("/workspace/role-changes", data={"asks": "losses"})).status_code == 303
    login = await moved(iam, "skal.bytte")
    assert await roles(world, login) == {"nurse@ward", "secretary@ward"}
    [waits] = await open_of(world, login)
    assert (waits.loses, waits.gains) == ((("nurse", "ward"),), ())
    task = (await read(world.door, world.system, "Task", waits.task or "")).resource()
    assert task["owner"]["reference"] == "Organization/ward"
    assert "Bytte" not in str(task)
    page = (await desk.get("/workspace/role-changes")).text
    lost = page[page.index("Mister") : page.index("Får")]
    assert "Sykepleier, Ward" in lost
    assert "signere notater" in lost
    assert "Observation" in lost
    assert "Ny måling" in lost
    token = await accounts.for_user(world.pool, login, "nurse")
    done = await desk.post("/workspace/role-changes", data={"id": str(waits.id), "do": "approve"})
    assert done.headers["location"].endswith("did=approved")
    assert await roles(world, login) == {"secretary@ward"}
    assert await accounts.bearer(world.pool, token) is None
    assert (await read(world.door, world.system, "Task", waits.task or "")).resource()["status"] == "completed"
    again = await desk.post("/workspace/role-changes", data={"id": str(waits.id), "do": "refuse", "reason": "Nei takk"})
    assert again.headers["location"].endswith("did=moved")


async def test_what_is_refused_stays_and_is_not_asked_again(world: World, iam: httpx.AsyncClient, enter: Enter) -> None:
    await provisioning.ask(world.door, await world.permit("leader"), "losses")
    login, desk = await moved(iam, "skal.bli"), enter("leader")
    [waits] = await open_of(world, login)
    sent = {"id": str(waits.id), "do": "refuse"}
    assert (await desk.post("/workspace/role-changes", data=sent)).headers["location"].endswith("did=reason")
    await desk.post("/workspace/role-changes", data={**sent, "reason": "Trengs til nyttår"})
    await iam.put(f"/Users/{login}", json=user("skal.bli", at("secretary", "ward"), title="Sekretær"))
    assert await open_of(world, login) == []
    assert "nurse@ward" in await roles(world, login)


async def test_without_an_answer_the_directory_is_right(world: World, iam: httpx.AsyncClient) -> None:
    await provisioning.ask(world.door, await world.permit("leader"), "losses")
    login = await moved(iam, "ingen.svarte")
    [waits] = await open_of(world, login)
    await world.as_owner(f"UPDATE provisioning.proposal SET deadline = now() WHERE id = '{waits.id}'")
    await provisioning.see_to_people(world.door, JOB, datetime.now(UTC))
    assert await roles(world, login) == {"secretary@ward"}
    assert (await read(world.door, world.system, "Task", waits.task or "")).resource()["status"] == "completed"


async def test_who_is_out_waits_for_nobody(world: World, iam: httpx.AsyncClient) -> None:
    await provisioning.ask(world.door, await world.permit("leader"), "losses")
    login = await moved(iam, "rett.ut")
    [waits] = await open_of(world, login)
    off = operations({"op": "replace", "path": "active", "value": False})
    await iam.patch(f"/Users/{login}", json=off)
    assert await roles(world, login) == set()
    assert await open_of(world, login) == []
    assert (await read(world.door, world.system, "Task", waits.task or "")).resource()["status"] == "completed"


async def test_what_is_for_security_is_gone_at_once_and_what_comes_comes_by_itself(
    world: World, iam: httpx.AsyncClient
) -> None:
    await provisioning.ask(world.door, await world.permit("leader"), "losses")
    login = str((await iam.post("/Users", json=user("med.en.gang", at("nurse", "ward")))).json()["id"])
    now = user("med.en.gang", at("nurse", "ward"), at("doctor", "ward"))
    assert len((await iam.put(f"/Users/{login}", json=now)).json()["roles"]) == 2
    less = user("med.en.gang", at("doctor", "ward"), staff={"atOnce": True})
    less[STAFF]["assignments"] = [at("doctor", "ward")]
    await iam.put(f"/Users/{login}", json=less)
    assert await roles(world, login) == {"doctor@ward"}


async def test_a_directory_that_changes_its_mind_withdraws(world: World, iam: httpx.AsyncClient) -> None:
    await provisioning.ask(world.door, await world.permit("leader"), "losses")
    login = await moved(iam, "likevel.ikke")
    assert len(await open_of(world, login)) == 1
    await iam.put(f"/Users/{login}", json=user("likevel.ikke", at("secretary", "ward"), at("nurse", "ward")))
    assert await open_of(world, login) == []
    assert await roles(world, login) == {"nurse@ward", "secretary@ward"}


async def test_a_unit_that_wants_to_see_all_changes_sees_what_is_gained(world: World, iam: httpx.AsyncClient) -> None:
    await provisioning.ask(world.door, await world.permit("leader"), "changes")
    login = str((await iam.post("/Users", json=user("mer.makt", at("nurse", "ward")))).json()["id"])
    assert await roles(world, login) == {"nurse@ward"}
    await iam.put(f"/Users/{login}", json=user("mer.makt", at("nurse", "ward"), at("doctor", "ward")))
    assert await roles(world, login) == {"nurse@ward"}
    [waits] = await open_of(world, login)
    assert waits.gains == (("doctor", "ward"),)
    await provisioning.decide(world.door, await world.permit("leader"), str(waits.id), approves=True, reason="")
    await provisioning.settle(world.door, JOB, login)
    assert await roles(world, login) == {"nurse@ward", "doctor@ward"}
    await provisioning.ask(world.door, await world.permit("leader"), "never")


async def test_only_who_answers_for_the_unit_gets_in(world: World, iam: httpx.AsyncClient, enter: Enter) -> None:
    for login in ("nurse", "doctor", "secretary", "homenurse"):
        assert (await enter(login).get("/workspace/role-changes")).status_code == 403
        assert (await enter(login).post("/workspace/role-changes", data={"asks": "never"})).status_code == 403
    assert (await enter("odd").get("/workspace/role-changes")).status_code == 200


async def test_the_pages_of_a_role_are_those_that_let_it_in(world: World, enter: Enter) -> None:
    people = {code: f"page-{code}" for code in ROLES if code != "citizen"}
    async with world.pool.transaction() as db:
        held = {code: RoleAt(code, "hospital", f"{login}-role", "Hospital") for code, login in people.items()}
        some = [Account(login, login, "staff", (held[code],), practitioner_id=login) for code, login in people.items()]
        await accounts.add(db, some)
    guarded = {"/workspace/connections", "/workspace/register", "/workspace/identity",
               "/workspace/oversight", "/workspace/oversight/statistics"}  # fmt: skip
    for code, login in people.items():
        told = {entry.path for entry in pages_of([code]) if entry.group == PAGE}
        for path in guarded:
            answer = await enter(login).get(path)
            assert (answer.status_code == 200) is (path in told), f"{code} {path}"


def test_what_is_gained_and_lost_is_read_from_the_table_of_roles() -> None:
    told = difference([("doctor", "a")], [("secretary", "a"), ("secretary", "b")])
    assert set(told.lost.powers) == {"emergency", "erases", "signs"}
    assert set(told.gained.powers) == {"prepares", "plans"}
    assert told.gained.roles == (("secretary", "a"), ("secretary", "b"))
    assert "MedicationRequest" in told.lost.writes
    assert told.lost.reads == ()
    assert between(None, ROLES["operator"]).gained.powers == ("operates",)
    assert set(SAID) == set(POWERS)


async def test_a_role_that_a_new_version_changed_is_told_with_those_who_have_it(
    world: World, iam: httpx.AsyncClient, enter: Enter
) -> None:
    before = {**ROLES, "nurse": replace(ROLES["nurse"], registers=False)}
    await keep(world.pool, before)
    await keep(world.pool)
    rows: list[Any] = await changed(world.pool, datetime(2020, 1, 1, tzinfo=UTC))
    code, _, was, became = rows[0]
    assert code == "nurse"
    assert between(was, became).gained.powers == ("registers",)
    page = (await enter("odd").get("/workspace/role-changes")).text
    told = page[page.index("Roller som en ny versjon har endret") :]
    assert "registrere pasienter" in told
    assert "Nurse, Ward" in told
