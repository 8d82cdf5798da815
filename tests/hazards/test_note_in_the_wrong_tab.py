"""A note is written for one patient and stored with another: two tabs, a page that came back, an address typed over.

The patient stands in the address of the form and on the page; a draft belongs to one patient, and neither it nor what
is to be signed, countersigned or corrected is taken in the record of another.
"""

from __future__ import annotations

import pytest

from workspace.test_note_page import written
from workspace.test_notes import begun, posts
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
OTHER = "/workspace/patients/elias/notes"


async def test_a_draft_of_one_patient_is_not_signed_for_another(enter: Enter, world: World) -> None:
    desk = enter("nurse")
    form = await begun(desk, "Gjelder Kari alene.")
    before = await world.pool.fetchval("SELECT count(*) FROM store.version")
    for act in ("sign", "draft", "discard"):
        answer = await desk.post(OTHER, data={**form, "act": act})
        assert answer.status_code in (404, 409), act
    assert await world.pool.fetchval("SELECT count(*) FROM store.version") == before
    assert (await desk.get(f"{OTHER}/new?draft={form['draft']}")).status_code == 404
    assert "Gjelder Kari alene." not in (await desk.get(f"{OTHER}/new")).text


async def test_a_note_is_not_signed_or_changed_under_the_address_of_another(enter: Enter, world: World) -> None:
    await posts(world)
    note = await written(enter, world, "nurse", countersigner="Dina Lege", text="Kun om Kari.")
    doctor = enter("doctor")
    for address, form in (
        ("sign", {"base": "1", "text": "Kun om Kari.", "act": "sign"}),
        ("sign", {"base": "1", "words": "Se på dosen", "act": "back"}),
        ("countersigner", {"countersigner": "Nils Pleier"}),
        ("edit", {"base": "1", "template": "error", "reason": "En grunn som er lang nok"}),
        ("hold-back", {"reason": "En grunn som er lang nok"}),
        ("release", {}),
    ):
        answer = await doctor.post(f"{OTHER}/{note['id']}/{address}", data=form)
        assert answer.status_code == 404, address
    stands = await (await world.client("doctor")).get(f"/Composition/{note['id']}")
    assert (stands.json()["status"], stands.json()["meta"]["versionId"]) == ("preliminary", "1")


async def test_whose_note_it_is_stands_in_the_title_and_the_head_of_the_page(enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace/patients/kari/notes/new")).text
    assert "NORDMANN, Kari" in page[: page.index("</title>")]
    assert '<header class="banner">' in page
    assert "for NORDMANN, Kari" in page


async def test_what_is_added_to_one_note_is_not_signed_on_another(enter: Enter, world: World) -> None:
    doctor, text = enter("doctor"), "Gjelder det første notatet."
    first = await written(enter, world, "doctor", text="Første.")
    other = await written(enter, world, "doctor", text="Andre.")
    notes = "/workspace/patients/kari/notes"
    draft = {"draft": "0d6a2f04-0000-4000-8000-0000000000aa", "version": "0", "page": "p", "base": "1"}
    form = {**draft, "template": "addition", "text": text}
    saved = await doctor.post(f"{notes}/{first['id']}/edit", data={**form, "act": "draft"})
    assert saved.status_code == 303
    for wrong in (f"{notes}/{other['id']}/edit", f"{notes}/new"):
        page = await doctor.get(f"{wrong}?draft={draft['draft']}")
        assert page.headers["location"] == saved.headers["location"], "it is gone on with where it belongs"
    sent = {**form, "version": "1", "act": "sign"}
    assert (await doctor.post(f"{notes}/{other['id']}/edit", data=sent)).status_code == 404
    assert (await doctor.post(notes, data=sent)).status_code == 404
    assert text in (await doctor.get(saved.headers["location"])).text
    assert (await doctor.post(f"{notes}/{first['id']}/edit", data=sent)).status_code == 303
