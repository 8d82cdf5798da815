"""A leaver is out at once, and what he left becomes the team's work; nothing of his history changes. Requirement 2.3"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx
import pytest

from samjournal import access, accounts, provisioning
from samjournal.accounts import Proof
from samjournal.notes import Section, Written, packed
from samjournal.record import DraftText, drafts_about, read, save_draft
from samjournal.record.beside import matches
from samjournal.tasks import written
from scim.directory import STAFF, at, directory, operations, user
from world import World

pytestmark = pytest.mark.anyio
JOB = access.for_job("provisioning")


@pytest.fixture(scope="module")
async def iam(world: World) -> httpx.AsyncClient:
    return await directory(world)


async def tasks_about(world: World, focus: str) -> list[dict[str, Any]]:
    return [one.resource() for one in await matches(world.door, JOB, "Task", [("focus", focus)])]


async def test_what_a_leaver_left_is_the_teams_work(world: World, iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("siri.gaar", at("doctor", "ward")))).json()
    permit = await world.permit(made["id"])
    post = f"PractitionerRole/{permit.practitioner_role}"
    now = datetime.now(UTC)
    draft = Written("Visitt", sections=(Section("", "Pasienten er bedre."),))
    await save_draft(world.door, permit, "kari", str(uuid4()), DraftText(packed(draft), title="Visitt", page="p"))
    note = {
        "resourceType": "Composition", "status": "preliminary", "type": {"text": "Notat"}, "title": "Innkomst",
        "subject": {"reference": "Patient/kari"}, "date": now.isoformat(), "author": [{"reference": post}],
    }  # fmt: skip
    unsigned = await world.make(note)
    signed = await world.make({**note, "status": "final", "title": "Epikrise"})
    work = await world.make(
        written(kind="do", patient="kari", owner={"reference": post}, at=now, due=now, words="Ring datteren")
    )
    assert (await iam.delete(f"/Users/{made['id']}")).status_code == 204
    assert await provisioning.see_to_people(world.door, JOB, datetime.now(UTC)) == 1
    moved = (await read(world.door, world.system, "Task", work.id)).resource()
    assert moved["owner"]["reference"] == "Organization/ward"
    about = await tasks_about(world, f"Composition/{unsigned.id}")
    assert [one["owner"]["reference"] for one in about] == ["Organization/ward"]
    assert "har sluttet" in about[0]["description"]
    drafted = await matches(world.door, JOB, "Composition", [("author", post), ("status", "preliminary")])
    kept = next(one.resource() for one in drafted if one.id != unsigned.id)
    assert "Pasienten er bedre." in kept["section"][0]["text"]["div"]
    assert kept["title"] == "Visitt"
    assert len(await tasks_about(world, f"Composition/{kept['id']}")) == 1
    assert (await read(world.door, world.system, "Composition", signed.id)).version == 1
    assert (await read(world.door, world.system, "Composition", unsigned.id)).version == 1
    # Once more, there is nothing to do.
    assert await provisioning.see_to_people(world.door, JOB, datetime.now(UTC)) == 0
    assert len(await tasks_about(world, f"Composition/{unsigned.id}")) == 1


async def test_an_open_page_is_told_when_the_session_or_its_role_has_ended(
    world: World, iam: httpx.AsyncClient
) -> None:
    made = (await iam.post("/Users", json=user("aapen.side", at("nurse", "ward"), at("nurse", "homecare")))).json()
    who = await accounts.account(world.pool, made["id"])
    assert who is not None
    session, _ = await accounts.sign_in(world.pool, who, Proof("helseid", "4"))
    ward = next(one for one in who.roles if one.organization_id == "ward")
    await accounts.choose_role(world.pool, session, ward.practitioner_role_id)
    other, _ = await accounts.sign_in(world.pool, who, Proof("helseid", "4"))
    homecare = next(one for one in who.roles if one.organization_id == "homecare")
    await accounts.choose_role(world.pool, other, homecare.practitioner_role_id)
    both = [session.id, other.id]
    assert await accounts.standing(world.pool, both) == set(both)
    gone = {"op": "remove", "path": f'{STAFF}:assignments[organizationId eq "ward"]'}
    await iam.patch(f"/Users/{made['id']}", json=operations(gone))
    # The role is gone and the session is not: it asks for another role.
    now = await accounts.session_now(world.pool, session)
    assert now is not None
    assert now.role is None
    assert await accounts.standing(world.pool, both) == {other.id}
    off = operations({"op": "replace", "path": "active", "value": False})
    await iam.patch(f"/Users/{made['id']}", json=off)
    assert await accounts.standing(world.pool, both) == set()


async def test_roles_begin_and_end_by_the_clock(world: World, iam: httpx.AsyncClient) -> None:
    made = (
        await iam.post("/Users", json=user("vikar.to", at("nurse", "ward", **{"from": "2999-01-01T00:00:00Z"})))
    ).json()
    assert await accounts.account(world.pool, made["id"]) is None
    login = made["id"]
    await world.as_owner(f"UPDATE provisioning.given SET starts = now() WHERE login = '{login}'")
    await provisioning.see_to_people(world.door, JOB, datetime.now(UTC))
    who = await accounts.account(world.pool, login)
    assert who is not None
    assert [one.code for one in who.roles] == ["nurse"]
    token = await accounts.for_user(world.pool, login)
    await world.as_owner(
        f"UPDATE provisioning.given SET ends = now() WHERE login = '{login}'",
        f"UPDATE accounts.role SET ends = now() WHERE login = '{login}'",
    )
    assert await accounts.bearer(world.pool, token) is None
    await provisioning.see_to_people(world.door, JOB, datetime.now(UTC))
    post = (await read(world.door, world.system, "PractitionerRole", who.roles[0].practitioner_role_id)).resource()
    assert post["active"] is False
    assert await accounts.account(world.pool, login) is None


async def test_of_two_syncs_at_once_none_is_lost(world: World, iam: httpx.AsyncClient) -> None:
    made = (await iam.post("/Users", json=user("samtidig.en"))).json()
    group = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "members": [{"value": made["id"]}]}
    names = ("doctor@homecare", "nurse@homecare", "gp@homecare")
    done = await asyncio.gather(*(iam.post("/Groups", json={**group, "displayName": name}) for name in names))
    assert [one.status_code for one in done] == [201, 201, 201]
    await provisioning.see_to_people(world.door, JOB, datetime.now(UTC))
    who = await accounts.account(world.pool, made["id"])
    assert who is not None
    assert {f"{one.code}@{one.organization_id}" for one in who.roles} == set(names)
    assert await drafts_about(world.door, await world.permit("doctor"), "kari") == []
