"""Writing a note over HTTP: drafts, signing, preparing for others, and what is said when it cannot be done."""

from __future__ import annotations

import re
from uuid import uuid4

import httpx
import pytest

from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
NOTES = "/workspace/patients/kari/notes"


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form of a note."""
    form = page[page.index('id="note-form"') :]
    return dict(re.findall(r'<input type="hidden" name="(role|draft|version|page|template)" value="([^"]*)"', form))


async def begun(desk: httpx.AsyncClient, text: str, **more: str) -> dict[str, str]:
    """A draft that the page's script has saved once."""
    form = {**hidden((await desk.get(f"{NOTES}/new?fresh=1")).text), "text": text, **more}
    answer = await desk.post(NOTES, data={**form, "act": "draft"}, headers={"accept": "application/json"})
    assert answer.status_code == 200, answer.text
    return {**form, "version": str(answer.json()["version"])}


async def posts(world: World) -> None:
    """The posts of those at work, as the register has them."""
    people = {"doctor": "Dina Lege", "nurse": "Nils Pleier", "secretary": "Siv Sekretær"}
    await world.put(
        *(
            {
                "resourceType": "PractitionerRole",
                "id": f"{login}-role",
                "active": True,
                "practitioner": {"reference": f"Practitioner/{login}", "display": name},
                "organization": {"reference": "Organization/ward", "display": "Ward"},
            }
            for login, name in people.items()
        )
    )


async def newest(world: World, login: str, type_: str, **asked: str) -> dict[str, object]:
    client = await world.client(login)
    bundle = (await client.get(f"/{type_}", params={"_sort": "-_lastUpdated", "_count": "1", **asked})).json()
    return bundle["entry"][0]["resource"]  # type: ignore[no-any-return]


async def test_a_draft_stands_when_the_page_is_opened_again_and_on_the_chart(enter: Enter) -> None:
    desk = enter("doctor")
    form = await begun(desk, "Pusten er lettere.", title="Visitt")
    page = (await desk.get(f"{NOTES}/new")).text
    assert "Pusten er lettere.</textarea>" in page
    assert 'value="Visitt"' in page
    assert hidden(page)["draft"] == form["draft"]
    assert hidden(page)["page"] != form["page"]
    chart = (await desk.get("/workspace/patients/kari")).text
    assert "Du har et utkast fra" in chart
    assert f"/notes/new?draft={form['draft']}" in chart
    other = (await enter("nurse").get("/workspace/patients/kari")).text
    assert "Doctor, Ward skriver her nå" in other
    assert "Pusten er lettere" not in other


async def test_a_signed_draft_is_a_note_and_is_signed_once(enter: Enter, world: World) -> None:
    desk = enter("doctor")
    form = await begun(desk, "Kan reise hjem i morgen.")
    answer = await desk.post(NOTES, data=form)
    assert answer.headers["location"] == "/workspace/patients/kari?saved=note"
    again = await desk.post(NOTES, data=form)
    assert again.headers["location"] == "/workspace/patients/kari?saved=already"
    note = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert note["status"] == "final"
    (signed,) = note["attester"]  # type: ignore[misc]
    assert (signed["mode"], signed["party"]["reference"]) == ("professional", "PractitionerRole/doctor-role")
    assert form["draft"] not in (await desk.get("/workspace/patients/kari")).text


async def test_without_a_script_a_button_saves_the_draft(enter: Enter) -> None:
    desk = enter("nurse")
    form = {**hidden((await desk.get(f"{NOTES}/new?fresh=1")).text), "text": "Uten skript", "act": "draft"}
    answer = await desk.post(NOTES, data=form)
    assert answer.headers["location"] == f"{NOTES}/new?draft={form['draft']}&saved=draft"
    page = (await desk.get(answer.headers["location"])).text
    assert "Uten skript</textarea>" in page
    assert "Bare du ser det." in page
    discarded = await desk.post(NOTES, data={**form, **hidden(page), "act": "discard"})
    assert discarded.headers["location"] == "/workspace/patients/kari?saved=discarded"
    assert "Uten skript" not in (await desk.get(f"{NOTES}/new")).text


async def test_a_draft_saved_elsewhere_is_not_overwritten_and_the_script_is_told(enter: Enter) -> None:
    desk = enter("doctor")
    form = await begun(desk, "Første")
    script = {"accept": "application/json"}
    phone = {**form, "page": "phone", "text": "Fra telefonen", "act": "draft"}
    assert (await desk.post(NOTES, data=phone, headers=script)).json()["version"] == 2
    refused = await desk.post(NOTES, data={**form, "text": "Fra kontoret", "act": "draft"}, headers=script)
    assert (refused.status_code, refused.json()) == (409, {"problem": "moved"})
    signed = await desk.post(NOTES, data={**form, "text": "Fra kontoret"})
    assert signed.status_code == 409
    assert "<mark>kontoret</mark>" in signed.text
    assert "<mark>telefonen</mark>" in signed.text
    assert "Fra telefonen</textarea>" in (await desk.get(f"{NOTES}/new?draft={form['draft']}")).text


async def test_a_secretary_prepares_a_note_and_the_doctor_is_asked_to_sign(enter: Enter, world: World) -> None:
    await posts(world)
    desk = enter("secretary")
    page = (await desk.get(f"{NOTES}/new?fresh=1")).text
    assert "Send til signering" in page
    assert 'value="sign"' not in page
    form = {**hidden(page), "text": "Diktert: god effekt av behandlingen.", "act": "prepare"}
    missing = await desk.post(NOTES, data=form)
    assert missing.status_code == 422
    assert "Velg hvem som skal signere." in missing.text
    unknown = await desk.post(NOTES, data={**form, "signer": "Ingen Slik"})
    assert "Ingen som heter det" in unknown.text
    answer = await desk.post(NOTES, data={**form, "signer": "Dina Lege"})
    assert answer.headers["location"] == "/workspace/patients/kari?saved=prepared"
    note = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert (note["status"], note["author"][0]["reference"]) == ("preliminary", "PractitionerRole/doctor-role")  # type: ignore[index]
    assert "attester" not in note
    task = await newest(world, "doctor", "Task", focus=f"Composition/{note['id']}")
    assert task["code"]["coding"] == [{"system": "urn:samjournal:task", "code": "sign"}]  # type: ignore[index]
    assert task["owner"]["reference"] == "PractitionerRole/doctor-role"  # type: ignore[index]
    assert task["requester"]["reference"] == "PractitionerRole/secretary-role"  # type: ignore[index]
    assert (await (await world.client("kari")).get(f"/Composition/{note['id']}")).status_code == 404


async def test_a_note_to_be_countersigned_waits_and_the_countersigner_is_asked(enter: Enter, world: World) -> None:
    await posts(world)
    form = {**hidden((await enter("nurse").get(f"{NOTES}/new?fresh=1")).text), "text": "Se over, er du snill."}
    answer = await enter("nurse").post(NOTES, data={**form, "countersigner": "Dina Lege"})
    assert answer.headers["location"] == "/workspace/patients/kari?saved=countersign"
    note = await newest(world, "doctor", "Composition", subject="Patient/kari")
    assert (note["status"], len(note["attester"])) == ("preliminary", 1)  # type: ignore[arg-type]
    task = await newest(world, "doctor", "Task", focus=f"Composition/{note['id']}")
    assert task["code"]["coding"][0]["code"] == "countersign"  # type: ignore[index]


async def test_a_secretary_who_sends_a_form_to_sign_prepares_at_most(enter: Enter, world: World) -> None:
    answer = await enter("secretary").post(NOTES, data={"text": "Signert av meg", "act": "sign", "draft": str(uuid4())})
    assert answer.status_code == 422
    assert "Velg hvem som skal signere." in answer.text
