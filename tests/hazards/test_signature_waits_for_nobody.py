"""A note waits for a signature that nobody is asked for any more: it is never finished, and the patient never sees it.

Whatever waits has one owner who can do it: a Task that is open is of a note that stands, and a note that waits has one.
"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import patients
from samjournal.fhir.errors import Conflict, Invalid
from samjournal.notes import Section, Written, sign_note
from workspace.test_note_page import tasks, written
from workspace.test_notes import NOTES, newest, posts
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


@pytest.fixture(autouse=True)
async def _people(world: World) -> None:
    await posts(world)


async def waiting(world: World, note: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [one for one in await tasks(world, note["id"]) if one[2] in ("requested", "in-progress", "on-hold")]


async def test_what_is_an_error_is_asked_of_nobody(enter: Enter, world: World) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", countersigner="Nils Pleier", act="prepare")
    assert len(await waiting(world, note)) == 2
    form = {"base": "1", "template": "error", "reason": "Ble diktert på feil pasient"}
    assert (await enter("secretary").post(f"{NOTES}/{note['id']}/edit", data=form)).status_code == 303
    assert await waiting(world, note) == []


async def test_a_note_that_waits_is_not_moved_away_from_who_is_asked(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    with pytest.raises(Conflict, match="not signed"):
        await patients.move(
            world.door, await world.permit("nurse"), f"Composition/{note['id']}", "elias", "Skrevet i feil journal"
        )
    assert len(await waiting(world, note)) == 1
    page = await enter("nurse").get(f"/workspace/patients/kari/wrong?what=Composition/{note['id']}&to=elias")
    assert "Det er ikke signert ennå." in page.text


async def test_at_every_step_a_note_that_waits_has_one_who_can_sign_it(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    address = f"{NOTES}/{note['id']}"
    assert await waiting(world, note) == [("doctor-role", "countersign", "requested")]
    back = {"version": "1", "act": "back", "words": "Legg til dosen"}
    assert (await enter("doctor").post(f"{address}/sign", data=back)).status_code == 303
    assert await waiting(world, note) == [("nurse-role", "sign", "requested")]
    # He is asked once more before the author has signed anew, or nobody is: either way somebody has it.
    again = await enter("secretary").post(f"{address}/countersigner", data={"countersigner": "Dina Lege"})
    assert again.status_code == 303
    assert len(await waiting(world, note)) == 2
    form = {"version": "1", "text": "Rolig natt. 5 mg.", "act": "sign"}
    assert (await enter("nurse").post(f"{address}/sign", data=form)).status_code == 303
    assert await waiting(world, note) == [("doctor-role", "countersign", "requested")]
    gone = await enter("nurse").post(f"{address}/countersigner", data={"countersigner": ""})
    assert gone.status_code == 303
    assert await waiting(world, note) == []
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["status"] == "final"


async def test_a_signature_is_given_on_the_note_and_not_in_the_inbox(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    client = await world.client("doctor")
    task = (await client.get("/Task", params={"focus": f"Composition/{note['id']}"})).json()["entry"][0]["resource"]
    for desk in ("secretary", "nurse", "doctor"):
        for act in ("done", "take", "back", "hand"):
            form = {"version": "1", "words": "Se på dette", "owner": "PractitionerRole/nurse-role"}
            answer = await enter(desk).post(f"/workspace/inbox/{task['id']}/{act}", data=form)
            assert "did=moved" in answer.headers["location"], (desk, act)
    assert await waiting(world, note) == [("doctor-role", "countersign", "requested")]
    form = {"version": "1", "text": "Rolig natt.", "act": "sign"}
    assert (await enter("doctor").post(f"{NOTES}/{note['id']}/sign", data=form)).status_code == 303
    undone = await enter("doctor").post("/workspace/inbox/undo", data={"task": task["id"], "version": "2"})
    assert "did=not-undone" in undone.headers["location"]
    assert await waiting(world, note) == []


async def test_nobody_countersigns_his_own_note_in_another_role_or_when_it_comes_back(
    enter: Enter, world: World
) -> None:
    await world.put(
        {
            "resourceType": "PractitionerRole",
            "id": "nurse-elsewhere",
            "active": True,
            "practitioner": {"reference": "Practitioner/nurse", "display": "Nils Pleier"},
            "organization": {"reference": "Organization/other-ward", "display": "Other ward"},
        }
    )
    permit = await world.permit("nurse")
    himself = Written("Natt", sections=(Section("", "Rolig."),), countersigner="nurse-elsewhere")
    with pytest.raises(Invalid, match="himself"):
        await sign_note(world.door, permit, "kari", himself)
    note = await written(enter, world, "doctor", countersigner="Nils Pleier", kind="mental-health")
    # The one that is asked is made the author's other post by somebody who writes Tasks.
    task = (await (await world.client()).get("/Task", params={"focus": f"Composition/{note['id']}"})).json()
    (asked,) = [one["resource"] for one in task["entry"]]
    await world.put({**asked, "owner": {"reference": "PractitionerRole/doctor-role"}})
    form = {"version": "1", "text": "Rolig natt.", "act": "sign"}
    answer = await enter("doctor").post(f"{NOTES}/{note['id']}/sign", data=form)
    assert answer.status_code == 403
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["status"] == "preliminary"
