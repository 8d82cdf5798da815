"""A note waits for a signature that nobody is asked for any more: it is never finished, and the patient never sees it.

Whatever waits has one owner who can do it: a Task that is open is of a note that stands, and a note that waits has one.
"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal import patients
from samjournal.fhir.errors import Conflict
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
