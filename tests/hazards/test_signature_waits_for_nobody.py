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
    back = {"base": "1", "act": "back", "words": "Legg til dosen"}
    assert (await enter("doctor").post(f"{address}/sign", data=back)).status_code == 303
    assert await waiting(world, note) == [("nurse-role", "sign", "requested")]
    # He is asked once more before the author has signed anew, or nobody is: either way somebody has it.
    again = await enter("secretary").post(f"{address}/countersigner", data={"countersigner": "Dina Lege"})
    assert again.status_code == 303
    assert len(await waiting(world, note)) == 2
    form = {"base": "1", "text": "Rolig natt. 5 mg.", "act": "sign"}
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
    form = {"base": "1", "text": "Rolig natt.", "act": "sign"}
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
    form = {"base": "1", "text": "Rolig natt.", "act": "sign"}
    answer = await enter("doctor").post(f"{NOTES}/{note['id']}/sign", data=form)
    assert answer.status_code == 403
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["status"] == "preliminary"


async def test_what_comes_back_to_a_secretary_is_hers_to_correct_and_still_the_authors_to_sign(
    enter: Enter, world: World
) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare")
    address = f"{NOTES}/{note['id']}"
    client = await world.client("doctor")
    asked = (await client.get("/Task", params={"focus": f"Composition/{note['id']}"})).json()["entry"][0]["resource"]
    form = {"version": "1", "words": "Feil dose"}
    back = await enter("doctor").post(f"/workspace/inbox/{asked['id']}/back", data=form)
    assert "did=back" in back.headers["location"]
    assert sorted(await waiting(world, note)) == [
        ("doctor-role", "sign", "on-hold"),
        ("secretary-role", "do", "requested"),
    ]
    secretary = enter("secretary")
    page = (await secretary.get("/workspace/inbox")).text
    assert "Rett notatet:" in page
    assert address in page
    page = (await secretary.get(address)).text
    assert "Feil dose" in page
    corrected = {"base": "1", "text": "Rolig natt. 5 mg.", "act": "correct"}
    answer = await secretary.post(f"{address}/sign", data=corrected)
    assert answer.headers["location"].endswith("?saved=corrected"), answer.text
    assert await waiting(world, note) == [("doctor-role", "sign", "requested")]
    signed = await enter("doctor").post(
        f"{address}/sign", data={"base": "2", "text": "Rolig natt. 5 mg.", "act": "sign"}
    )
    assert signed.status_code == 303
    assert await waiting(world, note) == []
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    assert (stands["status"], "5 mg" in str(stands["section"])) == ("final", True)


@pytest.mark.parametrize("then", ["done", "undo", "sign", "error"])
async def test_however_a_correction_ends_the_note_has_one_to_sign_it_or_is_done(
    enter: Enter, world: World, then: str
) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare")
    address = f"{NOTES}/{note['id']}"
    client = await world.client("doctor")
    asked = (await client.get("/Task", params={"focus": f"Composition/{note['id']}"})).json()["entry"][0]["resource"]
    back = {"version": "1", "words": "Feil dose"}
    assert (await enter("doctor").post(f"/workspace/inbox/{asked['id']}/back", data=back)).status_code == 303
    if then == "done":
        found = (await client.get("/Task", params={"part-of": f"Task/{asked['id']}"})).json()["entry"]
        task = found[0]["resource"]["id"]
        await enter("secretary").post(f"/workspace/inbox/{task}/done", data={"version": "1", "words": "Den er rett"})
    elif then == "undo":
        await enter("doctor").post("/workspace/inbox/undo", data={"task": asked["id"], "version": "2"})
    elif then == "sign":
        await enter("doctor").post(f"{address}/sign", data={"base": "1", "text": "Rolig natt.", "act": "sign"})
    else:
        form = {"base": "1", "template": "error", "reason": "Ble diktert på feil pasient"}
        await enter("secretary").post(f"{address}/edit", data=form)
    expected = [("doctor-role", "sign", "requested")] if then in ("done", "undo") else []
    assert await waiting(world, note) == expected


async def test_the_door_refuses_a_signature_that_waits_on_who_cannot_give_it(enter: Enter, world: World) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare")
    client = await world.client("nurse")
    task = (await client.get("/Task", params={"focus": f"Composition/{note['id']}"})).json()["entry"][0]["resource"]
    owners = (
        "PractitionerRole/secretary-role",
        "PractitionerRole/nurse-role",
        "Practitioner/secretary",
        "Organization/ward",
    )
    for owner in owners:
        answer = await client.put(f"/Task/{task['id']}", json={**task, "owner": {"reference": owner}})
        assert answer.status_code == 403, owner
    for gone in ({**task, "status": "cancelled"}, {**task, "status": "completed"}):
        assert (await client.put(f"/Task/{task['id']}", json=gone)).status_code == 403
    assert (await client.delete(f"/Task/{task['id']}")).status_code == 403
    bare = {name: value for name, value in task.items() if name not in ("id", "meta")}
    asked = {**bare, "code": {"coding": [{"system": "urn:samjournal:task", "code": "countersign"}]}}
    for owner, status in (("secretary-role", 403), ("doctor-role", 403), ("nurse-elsewhere", 201)):
        answer = await client.post("/Task", json={**asked, "owner": {"reference": f"PractitionerRole/{owner}"}})
        assert answer.status_code == status, owner
    assert ("doctor-role", "sign", "requested") in await waiting(world, note)


async def test_what_was_opened_in_another_role_chooses_holds_and_shows_nothing(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    address = f"{NOTES}/{note['id']}"
    page = (await enter("nurse").get(address)).text
    assert page.count('name="role" value="nurse-role"') >= 1
    other = {"role": "nurse-elsewhere"}
    chosen = await enter("nurse").post(f"{address}/countersigner", data={**other, "countersigner": ""})
    assert chosen.status_code == 409
    assert await waiting(world, note) == [("doctor-role", "countersign", "requested")]
    for act in ("hold-back", "release"):
        form = {**other, "reason": "Pasienten skal høre det først"}
        answer = await enter("nurse").post(f"{address}/{act}", data=form)
        assert (answer.status_code, "byttet rolle" in answer.text) == (409, True), act
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["meta"]["versionId"] == "1"
