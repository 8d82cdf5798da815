"""A block of a note that is not true any more, or is another patient's: a medicine that was stopped stands as taken.

The way to harm: what was pulled into a note is signed hours later though the record says something else by then, or the
page of one patient sends the versions of another.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from workspace.test_note_template import form_of
from workspace.test_notes import NOTES, newest
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


def medicine(id_: str, name: str, patient: str = "kari", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": {"reference": f"Patient/{patient}"},
        "dosageInstruction": [{"text": "1 x 2"}],
        **more,
    }


def blocks(page: str, *dropped: str) -> dict[str, str]:
    """The blocks of a page as a browser sends them."""
    seen = dict(re.findall(r'name="seen-([^"]+)" value="([^"]*)"', page))
    taken = {f"take-{key}": "1" for key in seen if key not in dropped}
    return {**{f"seen-{key}": value for key, value in seen.items()}, **taken, "block": list(seen)}  # type: ignore[dict-item]


async def test_a_block_keeps_the_version_that_it_was_made_of(enter: Enter, world: World) -> None:
    await world.put(medicine("furix", "Furix 40 mg"))
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    answer = await desk.post(NOTES, data=form_of(page, texts=["Tung i pusten."], **blocks(page)))
    assert answer.headers["location"].endswith("?saved=note")
    note: dict[str, Any] = await newest(world, "doctor", "Composition", subject="Patient/kari")
    history = next(one for one in note["section"] if one["title"] == "Sykehistorie")
    assert "Furix 40 mg 1 x 2" in history["text"]["div"]
    assert {"reference": "MedicationRequest/furix/_history/1"} in history["entry"]
    shown = (await desk.get(f"{NOTES}/{note['id']}")).text
    assert "Furix 40 mg 1 x 2" in shown
    assert "Endret i journalen etter at" not in shown
    await world.put(medicine("furix", "Furix 20 mg"))
    shown = (await desk.get(f"{NOTES}/{note['id']}")).text
    assert "Endret i journalen etter at" in shown
    assert "Furix 40 mg" in shown  # the text of the note is what was signed


async def test_what_has_changed_since_it_was_shown_is_not_signed_unseen(enter: Enter, world: World) -> None:
    await world.put(medicine("marevan", "Marevan"))
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    assert "Marevan" in page
    await world.put(medicine("marevan", "Marevan", status="stopped"))
    answer = await desk.post(NOTES, data=form_of(page, texts=["Fallt på badet."], **blocks(page)))
    assert answer.status_code == 409
    assert "Endret siden du så det" in answer.text
    assert "Marevan" not in answer.text
    assert "Fallt på badet.</textarea>" in answer.text
    again = await desk.post(NOTES, data=form_of(answer.text, texts=["Fallt på badet."], **blocks(answer.text)))
    assert again.headers["location"].endswith("?saved=note")


async def test_a_block_that_was_dropped_leaves_nothing(enter: Enter, world: World) -> None:
    await world.put(medicine("paracet", "Paracet 1 g"))
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    await desk.post(NOTES, data=form_of(page, texts=["Hodepine."], **blocks(page, "1-med", "1-cave")))
    note: dict[str, Any] = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert [one["title"] for one in note["section"]] == ["Kontaktårsak"]
    assert "entry" not in note["section"][0]


async def test_versions_of_another_patient_bring_nothing_of_his(enter: Enter, world: World) -> None:
    await world.put(medicine("hemmelig", "Antabus", "elias"))
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/new?template=legevakt")).text
    forged = {**blocks(page), "seen-1-med": "MedicationRequest/hemmelig/_history/1"}
    answer = await desk.post(NOTES, data=form_of(page, texts=["Prøve."], **forged))
    assert answer.status_code == 409
    assert "Antabus" not in answer.text
