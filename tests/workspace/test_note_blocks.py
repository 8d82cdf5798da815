"""Phrases and blocks where a note that stands is signed, added to or corrected, over HTTP. Rows 4.3, 7.6"""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from hazards.test_moved_block import blocks, medicine
from workspace.test_note_edit import fields
from workspace.test_note_template import form_of
from workspace.test_notes import NOTES, newest, posts
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


@pytest.fixture(autouse=True)
async def _people(world: World) -> None:
    await posts(world)


async def with_medicines(enter: Enter, world: World, **more: str) -> dict[str, Any]:
    """A note by the template of the emergency clinic that took the medicines along, and not the allergies."""
    await world.put(medicine("eliquis", "Eliquis 5 mg"))
    nurse = enter("nurse")
    page = (await nurse.get(f"{NOTES}/new?template=legevakt")).text
    sent = form_of(page, texts=["Falt hjemme."], **blocks(page, "1-cave"), **more)
    assert (await nurse.post(NOTES, data=sent)).status_code == 303
    note = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert "Eliquis 5 mg 1 x 2" in note["section"][1]["text"]["div"]  # type: ignore[index]
    return note


def opened(page: str) -> dict[str, Any]:
    """The form of a page as it is opened, with what is chosen of each block."""
    form = page[page.index('id="note-form"') - 60 :]
    found = fields(form)
    for name in [name for name in found if name.startswith("take-")]:
        del found[name]
    for name, value in re.findall(r'<input type="(?:radio|checkbox)" name="(take-[^"]+)" value="(\w+)" checked', form):
        found[name] = value
    return found


def text_of(section: dict[str, Any]) -> str:
    return html.unescape(str(section["text"]["div"]))


def versions(section: dict[str, Any]) -> list[str]:
    return [one["reference"] for one in section.get("entry", ()) if "/_history/" in one["reference"]]


async def test_a_countersigner_keeps_a_block_pulls_it_anew_and_adds_another(enter: Enter, world: World) -> None:
    note = await with_medicines(enter, world, countersigner="Dina Lege")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    page = (await doctor.get(address)).text
    form = opened(page)
    assert form["take-1-med"] == "keep"
    assert "take-1-cave" not in form
    assert form["heading"] == ["Kontaktårsak", "Sykehistorie", "Funn", "Vurdering og tiltak"], "what is empty too"
    assert "Hva du tror det er, hvor sikkert" in page, "and what belongs there"
    await world.put(medicine("eliquis", "Eliquis 2,5 mg"))
    chosen = form | {"take-1-med": "new", "take-1-cave": "new"}
    stale = await doctor.post(f"{address}/sign", data={**chosen, "act": "sign"})
    assert stale.status_code == 409, "he has not seen what the record says now"
    assert "Noe som hentes inn i notatet, er endret" in stale.text
    again = opened(stale.text)
    assert (again["take-1-med"], again["take-1-cave"]) == ("new", "new"), "what was chosen stands"
    again["text"][3] = "Ingen blødning. Kontroll i morgen."
    done = await doctor.post(f"{address}/sign", data={**again, "act": "sign"})
    assert done.headers["location"] == f"{address}?saved=countersigned"
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    first, history, plan = stands["section"]  # type: ignore[misc]
    assert text_of(first) == text_of(note["section"][0])
    assert "Eliquis 2,5 mg" in text_of(history)
    assert "Eliquis 5 mg" not in text_of(history)
    assert "Allergier: ikke funnet i journalen" in text_of(history)
    assert versions(history) == ["MedicationRequest/eliquis/_history/2"]
    assert "Kontroll i morgen" in text_of(plan)


async def test_what_is_kept_is_signed_as_it_was(enter: Enter, world: World) -> None:
    note = await with_medicines(enter, world, countersigner="Dina Lege")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    before = versions(note["section"][1])
    form = opened((await doctor.get(address)).text)
    await world.put(medicine("eliquis", "Eliquis seponert", status="stopped"))
    assert (await doctor.post(f"{address}/sign", data={**form, "act": "sign"})).is_redirect
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    assert [text_of(one) for one in stands["section"]] == [  # type: ignore[attr-defined]
        text_of(one) for one in note["section"]
    ]
    assert versions(stands["section"][1]) == before  # type: ignore[index]


async def test_a_correction_drops_a_block_with_its_link_and_an_addition_pulls_one(enter: Enter, world: World) -> None:
    note = await with_medicines(enter, world)
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    page = (await doctor.get(f"{address}/edit?how=correction")).text
    assert "Ta bort" in page
    form = opened(page) | {"take-1-med": "drop", "reason": "Listen var en annens"}
    draft = await doctor.post(f"{address}/edit", data={**form, "act": "draft"})
    form = opened((await doctor.get(draft.headers["location"])).text)
    assert form["take-1-med"] == "drop", "a draft keeps what was chosen"
    assert (await doctor.post(f"{address}/edit", data={**form, "act": "sign"})).is_redirect
    stands: Any = await newest(world, "doctor", "Composition", _id=note["id"])
    assert [one["title"] for one in stands["section"]] == ["Kontaktårsak", "Rettet"]
    form = opened((await doctor.get(f"{address}/edit?how=addition")).text)
    assert not [name for name in form if name.startswith("take-")], "nothing is taken along unasked"
    assert {"0-med", "0-cave"} <= set(form["block"])
    added = form | {"text": "Medisinlisten slik den er:", "take-0-med": "new"}
    assert (await doctor.post(f"{address}/edit", data={**added, "act": "sign"})).is_redirect
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    addition = stands["section"][-1]
    assert addition["title"] == "Tillegg"
    assert "Eliquis" in text_of(addition)
    assert versions(addition)[0].startswith("MedicationRequest/eliquis/_history/")


@pytest.mark.parametrize("how", ["sign", "addition", "correction"])
async def test_phrases_are_filled_in_and_seen_before_they_are_signed(enter: Enter, world: World, how: str) -> None:
    note = await with_medicines(enter, world, **({"countersigner": "Dina Lege"} if how == "sign" else {}))
    doctor, page = enter("doctor"), f"{NOTES}/{note['id']}{'' if how == 'sign' else f'/edit?how={how}'}"
    address = f"{NOTES}/{note['id']}/{'sign' if how == 'sign' else 'edit'}"
    shown = (await doctor.get(page)).text
    assert 'data-phrase=".bt"' in shown
    form = opened(shown)
    form["text"] = ["Puls nå .puls", *form["text"][1:]]
    form["reason"] = "Pulsen manglet i notatet"
    script = await doctor.post(address, data={**form, "act": "draft"}, headers={"accept": "application/json"})
    assert script.json()["version"] == 1, "the page's script saves it as it is typed"
    told = await doctor.post(address, data={**form, "version": "1", "act": "sign"})
    assert told.status_code == 409
    assert "Disse frasene er fylt ut nå: .puls." in told.text
    assert "Puls nå Puls: ikke funnet i journalen" in told.text
    again = opened(told.text)
    assert (await doctor.post(address, data={**again, "act": "sign"})).is_redirect
