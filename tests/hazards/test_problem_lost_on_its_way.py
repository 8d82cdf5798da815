"""Hazard: a diagnosis was added from a note and is not on the list, or on the list and not where claims read it; and a
slip of the finger chooses another diagnosis in silence. Requirements 1.3, 7.13, 7.15"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from samjournal.record import query_of, read, search
from samjournal.store import writing
from workspace.test_pages import enter  # noqa: F401
from world import World, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
PAGE = "/workspace/patients/per/problems"


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    await world.put(patient("per", "Berg"), stay("per-stay", "per"), note("n-1"), note("n-2"))


def note(id_: str) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        "id": id_,
        "status": "final",
        "type": {"text": "Notat"},
        "subject": {"reference": "Patient/per"},
        "encounter": {"reference": "Encounter/per-stay"},
        "date": "2026-11-29T10:00:00+01:00",
        "author": [{"reference": "PractitionerRole/doctor-role"}],
        "title": "Notat",
    }


async def everywhere(world: World, note_: str) -> tuple[int, int, int]:
    """How many diagnoses stand in the record, on the note, and on the contact."""
    listed = await search(world.door, world.system, query_of("Condition", [("patient", "per")]))
    written = (await read(world.door, world.system, "Composition", note_)).resource()
    contact = (await read(world.door, world.system, "Encounter", "per-stay")).resource()
    entries = [one for section in written.get("section", ()) for one in section.get("entry", ())]
    return len(listed.matches), len(entries), len(contact.get("diagnosis", ()))


async def test_it_stands_everywhere_or_nowhere_and_the_page_says_which(
    enter: Enter,  # noqa: F811
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form = {"q": "kols", "pick": f"{ICD_10}|J44.9", "note": "n-1"}
    real, before = writing.put, await everywhere(world, "n-1")

    async def then_the_disk_is_full(*asked: Any, **more: Any) -> None:
        await real(*asked, **more)
        raise OSError("No space left on device")

    # After all of it was written, and before it is committed.
    monkeypatch.setattr(writing, "put", then_the_disk_is_full)
    page = await enter("doctor").post(PAGE, data=form)
    monkeypatch.undo()
    assert page.status_code == 503
    assert "Det ble ikke lagret" in page.text
    assert all(f'name="{name}" value="{value}"' in page.text for name, value in form.items())
    assert await everywhere(world, "n-1") == before == (0, 0, 0)
    assert (await enter("doctor").post(PAGE, data=form)).status_code == 303
    assert await everywhere(world, "n-1") == (1, 1, 1)


async def test_from_a_second_note_it_is_the_same_one_on_all_of_them(enter: Enter, world: World) -> None:  # noqa: F811
    form = {"q": "kols", "pick": f"{ICD_10}|J44.9", "note": "n-2"}
    offered = await enter("doctor").post(PAGE, data=form)
    assert offered.status_code == 409
    assert await everywhere(world, "n-2") == (1, 0, 1)
    existing = offered.text.partition('name="existing" value="')[2].partition('"')[0]
    assert (await enter("doctor").post(PAGE, data={**form, "existing": existing})).status_code == 303
    assert await everywhere(world, "n-2") == (1, 1, 1)


@pytest.mark.parametrize("typed", ["elvblest", "hjretesvikt", "kolls", "migrne", "hjertesvikt"])
async def test_what_is_typed_chooses_no_code_by_itself(enter: Enter, world: World, typed: str) -> None:  # noqa: F811
    before = await everywhere(world, "n-1")
    page = await enter("doctor").get(f"{PAGE}?q={typed}")
    assert 'type="radio"' in page.text
    assert not [one for one in page.text.split("<input") if 'name="pick"' in one and "checked" in one.partition(">")[0]]
    assert (await enter("doctor").post(PAGE, data={"q": typed})).status_code == 422
    # What was chosen for other words is not taken for these.
    assert (await enter("doctor").post(PAGE, data={"q": typed, "pick": f"{ICD_10}|C61"})).status_code == 422
    assert await everywhere(world, "n-1") == before
