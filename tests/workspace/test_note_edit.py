"""After the signature, over HTTP: additions, corrections with their reason, errors; and two who write at once."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import uuid4

import pytest

from workspace.test_note_page import form_of, tasks, written
from workspace.test_notes import NOTES, newest, posts
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


@pytest.fixture(autouse=True)
async def _people(world: World) -> None:
    await posts(world)


def fields(page: str) -> dict[str, Any]:
    """What the form on an edit or merge page holds as it is opened."""
    form = page[page.index('<form class="noteform') :]
    found: dict[str, Any] = {}
    for name, value in re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form):
        if name not in ("take",):
            found.setdefault(name, []).append(html.unescape(value))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>([^<]*)</textarea>', form):
        found.setdefault(name, []).append(html.unescape(text))
    return found


async def test_an_addition_is_its_author_s_and_leaves_the_rest_as_it_was(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", text="Rolig natt.")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    sent = fields((await doctor.get(f"{address}/edit?how=addition")).text)
    assert (await doctor.post(f"{address}/edit", data={**sent, "text": " "})).status_code == 422
    answer = await doctor.post(f"{address}/edit", data={**sent, "text": "Svar på prøvene: normale."})
    assert answer.headers["location"] == f"{address}?saved=changed"
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    first, added = stands["section"]  # type: ignore[misc]
    assert stands["status"] == "amended"
    assert first == note["section"][0]
    assert added["author"][0]["reference"] == "PractitionerRole/doctor-role"
    assert [one["party"]["reference"] for one in stands["attester"]] == [  # type: ignore[attr-defined]
        "PractitionerRole/nurse-role",
        "PractitionerRole/doctor-role",
    ]
    page = (await enter("nurse").get(address)).text
    assert "Tillegg" in page
    assert "Signert, med tillegg eller rettelse" in page
    assert (await (await world.client("kari")).get(f"/Composition/{note['id']}")).status_code == 200


async def test_a_correction_says_why_and_the_old_text_is_read_in_the_history(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", text="Fikk 50 mg.")
    address, nurse = f"{NOTES}/{note['id']}", enter("nurse")
    sent = fields((await nurse.get(f"{address}/edit?how=correction")).text)
    assert sent["text"] == ["Fikk 50 mg."]
    why = "Skrev feil dose, det var 5 mg"
    for wrong in ({"text": "Fikk 5 mg.", "reason": "feil"}, {"text": "Fikk 50 mg.", "reason": why}):
        refused = await nurse.post(f"{address}/edit", data={**sent, **wrong})
        assert refused.status_code == 422
        assert "Skriv i en setning hva som er galt" in refused.text
        assert wrong["text"] in refused.text
    answer = await nurse.post(f"{address}/edit", data={**sent, "text": "Fikk 5 mg.", "reason": why})
    assert answer.headers["location"] == f"{address}?saved=changed"
    page = (await enter("doctor").get(address)).text
    assert "<del>50</del>" in page
    assert "<ins>5</ins>" in page
    assert why in page
    client = await world.client("doctor")
    assert "50 mg" in (await client.get(f"/Composition/{note['id']}/_history/1")).text
    again = fields((await nurse.get(f"{address}/edit?how=correction")).text)
    assert again["text"] == ["Fikk 5 mg."], "why it was corrected is nobody's to rewrite"
    again |= {"text": ["Fikk 5 mg kl. 2."], "reason": "Klokkeslettet manglet her"}
    assert (await nurse.post(f"{address}/edit", data=again)).status_code == 303
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    assert [one["title"] for one in stands["section"]] == ["Notat", "Rettet", "Rettet"]  # type: ignore[attr-defined]


async def test_an_error_is_a_decision_with_a_reason_that_another_looks_over(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege", text="Gjelder naboen.")
    address, nurse = f"{NOTES}/{note['id']}", enter("nurse")
    sent = fields((await nurse.get(f"{address}/edit?how=error")).text)
    assert (await nurse.post(f"{address}/edit", data={**sent, "reason": "feil"})).status_code == 422
    answer = await nurse.post(f"{address}/edit", data={**sent, "reason": "Notatet gjelder en annen pasient"})
    assert answer.headers["location"] == f"{address}?saved=error"
    assert "Feilført. Skal ikke brukes." in (await enter("doctor").get(address)).text
    assert "Gjelder naboen." not in (await enter("doctor").get("/workspace/patients/kari")).text
    assert await tasks(world, note["id"]) == [("doctor-role", "countersign", "cancelled")]
    matter = await world.pool.fetchrow("SELECT actor, reason FROM access.review WHERE kind = 'entered-in-error'")
    assert tuple(matter) == ("nurse", "Notatet gjelder en annen pasient")
    refused = await enter("doctor").post(
        f"{address}/edit", data={**sent, "base": "2", "template": "addition", "text": "x"}
    )
    assert refused.status_code == 422


async def test_a_secretary_corrects_nothing_that_is_signed(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", text="Står slik.")
    address, desk = f"{NOTES}/{note['id']}", enter("secretary")
    assert "/edit?how=" not in (await desk.get(address)).text
    for how in ("addition", "correction", "error"):
        sent = {"template": how, "base": "1", "text": "Annet", "reason": "En grunn som er lang nok"}
        answer = await desk.post(f"{address}/edit", data=sent)
        assert answer.status_code == 422, how
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["status"] == "final"


async def test_two_who_correct_the_same_note_see_both_texts_and_lose_neither(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", text="Ingen feber. Spiser godt.")
    address, nurse, doctor = f"{NOTES}/{note['id']}", enter("nurse"), enter("doctor")
    first, second = [fields((await desk.get(f"{address}/edit?how=correction")).text) for desk in (nurse, doctor)]
    first |= {"text": ["Feber i natt. Spiser godt."], "reason": "Temperaturen var 38,4 i natt"}
    second |= {"text": ["Ingen feber. Spiser lite."], "reason": "Spiste nesten ingenting i dag"}
    assert (await nurse.post(f"{address}/edit", data=first)).status_code == 303
    page = await doctor.post(f"{address}/edit", data=second)
    assert page.status_code == 409
    assert "<mark>Feber i natt.</mark>" in page.text
    assert "<mark>lite.</mark>" in page.text
    assert "Nurse, Ward endret notatet i dag kl." in page.text
    chosen = {**fields(page.text), "take": "both", "act": "draft"}
    assert chosen["mine-reason"] == ["Spiste nesten ingenting i dag"]
    answer = await doctor.post(f"{address}/edit", data=chosen)
    assert answer.status_code == 303
    edit = fields((await doctor.get(answer.headers["location"])).text)
    assert edit["reason"] == ["Spiste nesten ingenting i dag"]
    assert edit["text"][0] == "Ingen feber. Spiser lite.\n\nFeber i natt. Spiser godt."
    edit["text"] = ["Feber i natt. Spiser lite."]
    edit["reason"] = "Slo sammen to rettelser"
    assert (await doctor.post(f"{address}/edit", data=edit)).headers["location"] == f"{address}?saved=changed"
    stands = await newest(world, "doctor", "Composition", _id=note["id"])
    assert "Feber i natt. Spiser lite." in stands["section"][0]["text"]["div"]  # type: ignore[index]


async def test_who_else_writes_on_a_note_is_shown_on_it(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", text="Til retting.")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    sent = fields((await doctor.get(f"{address}/edit?how=correction")).text)
    script = {"accept": "application/json"}
    saved = await doctor.post(f"{address}/edit", data={**sent, "text": "Halvskrevet", "act": "draft"}, headers=script)
    assert saved.json()["version"] == 1
    page = (await enter("nurse").get(address)).text
    assert "Doctor, Ward skriver på dette notatet" in page
    assert "Halvskrevet" not in page
    assert "Halvskrevet" in (await doctor.get(f"{address}/edit")).text


async def test_a_countersigner_whose_note_was_changed_gets_both_texts(enter: Enter, world: World) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare", text="Diktat en.")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    form = form_of((await doctor.get(address)).text)
    secretary = await world.client("secretary")
    stands = (await secretary.get(f"/Composition/{note['id']}")).json()
    stands["section"][0]["text"]["div"] = stands["section"][0]["text"]["div"].replace("en.", "to.")
    assert (await secretary.put(f"/Composition/{note['id']}", json=stands)).status_code == 200
    page = await doctor.post(f"{address}/sign", data={**form, "text": "Diktat en, rettet.", "act": "sign"})
    assert page.status_code == 409
    assert "<mark>to.</mark>" in page.text
    assert "Secretary, Ward endret notatet i dag kl." in page.text
    again = await doctor.post(f"{address}/sign", data={**fields(page.text), "take": "mine", "act": "draft"})
    assert again.status_code == 303
    form = form_of((await doctor.get(again.headers["location"])).text)
    assert (form["text"], form["base"][0]) == (["Diktat en, rettet."], "2")
    signed = await doctor.post(f"{address}/sign", data={**form, "act": "sign"})
    assert signed.headers["location"] == f"{address}?saved=signed"


SCRIPT = {"accept": "application/json"}


async def test_what_is_written_on_the_page_that_signs_stands_as_a_draft(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege", text="Uro i natt.", diagnosis="F05.9 Delir")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    form = form_of((await doctor.get(address)).text)
    typed = {**form, "text": ["Uro i natt. Fikk 0,5 mg."], "diagnosis": ["F05.8 Annet delir", "R41.0"]}
    saved = await doctor.post(f"{address}/sign", data={**typed, "act": "draft"}, headers=SCRIPT)
    assert saved.json()["version"] == 1
    out = await enter(None).post(f"{address}/sign", data={**typed, "act": "sign"})  # His session has ended meanwhile.
    assert out.status_code == 401
    assert "Uro i natt. Fikk 0,5 mg.</textarea>" in out.text
    quiet = await enter(None).post(f"{address}/sign", data={**typed, "act": "draft"}, headers=SCRIPT)
    assert quiet.status_code == 401, "so that the page says that he is signed out"
    phone = enter("doctor")  # Another device, or the same one after it was signed out.
    assert f"{address}/edit?draft=" in (await phone.get("/workspace/patients/kari")).text
    followed = await phone.get(f"{address}/edit?draft={form['draft'][0]}")
    page = (await phone.get(followed.headers["location"])).text
    assert "Bare du ser det." in page
    again = form_of(page)
    assert again["text"] == ["Uro i natt. Fikk 0,5 mg."]
    assert again["diagnosis"] == ["F05.8 Annet delir", "R41.0", ""]
    assert again["diagnosis-of"][0] == form["diagnosis-of"][0], "it stands for the same Condition"
    assert "Fikk 0,5 mg." not in (await enter("nurse").get(address)).text, "nobody else reads it"
    beside = {**form, "text": ["Fra nettbrettet"], "draft": str(uuid4()), "act": "draft"}
    where = (await doctor.post(f"{address}/sign", data=beside)).headers["location"]
    for draft, text in ((where, "Fra nettbrettet"), (followed.headers["location"], "Uro i natt. Fikk 0,5 mg.")):
        assert form_of((await phone.get(draft)).text)["text"] == [text], "both can be gone on with"
    gone = form_of((await phone.get(where)).text)
    assert (await phone.post(f"{address}/sign", data={**gone, "act": "discard"})).is_redirect
    lost = await doctor.post(
        f"{address}/sign", data={**typed, "text": ["Fra PC-en"], "page": "x", "act": "draft"}, headers=SCRIPT
    )
    assert lost.json() == {"problem": "moved"}
    both = await doctor.post(f"{address}/sign", data={**typed, "text": ["Fra PC-en"], "page": "x", "act": "sign"})
    assert both.status_code == 409
    assert "<mark>Fra PC-en</mark>" in both.text
    done = await phone.post(f"{address}/sign", data={**again, "act": "sign"})
    assert done.headers["location"] == f"{address}?saved=countersigned"
    assert f"{address}/edit?draft=" not in (await phone.get("/workspace/patients/kari")).text, "it ended with it"
    twice = await phone.post(f"{address}/sign", data={**again, "act": "sign"})
    assert twice.status_code == 409
    stands = (await (await world.client("doctor")).get(f"/Composition/{note['id']}")).json()
    assert "Fikk 0,5 mg." in stands["section"][0]["text"]["div"]
    codes = [one["reference"] for one in stands["section"][0]["entry"]]
    assert form["diagnosis-of"][0] in codes


async def test_what_was_written_on_a_note_that_another_came_to_sign_is_not_lost(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege", text="Til medsignering.")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    form = form_of((await doctor.get(address)).text) | {"text": ["Til medsignering, med tillegg."]}
    await doctor.post(f"{address}/sign", data={**form, "act": "draft"}, headers=SCRIPT)
    assert (await enter("nurse").post(f"{address}/countersigner", data={"countersigner": ""})).status_code == 303
    page = (await doctor.get(address)).text
    assert 'data-key="s"' not in page
    assert "Det du skrev, og som ikke er signert" in page
    assert "Til medsignering, med tillegg." in page
    edit = (await doctor.get(f"{address}/edit?draft={form['draft'][0]}")).text
    correction = fields(edit)
    assert correction["template"] == ["correction"]
    assert correction["text"][0] == "Til medsignering, med tillegg."
    correction["reason"] = "Det manglet et tillegg"
    merged = await doctor.post(f"{address}/edit", data={**correction, "act": "sign"})
    assert merged.status_code == 409, "what stands by now is shown beside it"
    chosen = {**fields(merged.text), "take": "mine", "act": "draft"}
    where = (await doctor.post(f"{address}/edit", data=chosen)).headers["location"]
    correction = fields((await doctor.get(where)).text)
    done = await doctor.post(f"{address}/edit", data={**correction, "act": "sign"})
    assert done.headers["location"] == f"{address}?saved=changed"


async def test_why_a_note_is_wrong_is_kept_beside_an_addition_that_was_begun(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", text="Står slik.")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    for how, text in (("addition", {"text": "Halvt tillegg"}), ("error", {"reason": "Gjelder en annen pasient"})):
        sent = {**fields((await doctor.get(f"{address}/edit?how={how}")).text), **text, "act": "draft"}
        assert (await doctor.post(f"{address}/edit", data=sent, headers=SCRIPT)).json()["version"] == 1, how
    error = fields((await doctor.get(f"{address}/edit?how=error")).text)
    assert error["reason"] == ["Gjelder en annen pasient"]
    addition = fields((await doctor.get(f"{address}/edit?how=addition")).text)
    assert addition["text"] == ["Halvt tillegg"]
    assert (await doctor.post(f"{address}/edit", data={**error, "act": "sign"})).status_code == 303
    assert "Gjelder en annen pasient" not in (await doctor.get("/workspace/inbox")).text
    assert "Står slik." in (await doctor.get(address)).text, "whoever has a draft of it sees that still"
    assert "Du har et utkast fra" in (await doctor.get(address)).text


async def test_a_diagnosis_that_others_changed_is_shown_beside_and_can_be_signed(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege", diagnosis="N30.0 Cystitt")
    address, doctor = f"{NOTES}/{note['id']}", enter("doctor")
    form = form_of((await doctor.get(address)).text) | {"diagnosis": ["N39.0 Urinveisinfeksjon", ""]}
    client = await world.client("doctor")
    condition = (await client.get(f"/{form['diagnosis-of'][0]}")).json()
    condition["code"] = {"text": "Pyelonefritt"}
    assert (await client.put(f"/{form['diagnosis-of'][0]}", json=condition)).status_code == 200
    page = await doctor.post(f"{address}/sign", data={**form, "act": "sign"})
    assert page.status_code == 409
    assert "<li>N39.0 Urinveisinfeksjon</li>" in page.text
    assert "<li>Pyelonefritt</li>" in page.text
    where = (await doctor.post(f"{address}/sign", data={**fields(page.text), "take": "mine", "act": "draft"})).headers
    again = form_of((await doctor.get(where["location"])).text)
    assert again["diagnosis"] == ["N39.0 Urinveisinfeksjon", ""]
    done = await doctor.post(f"{address}/sign", data={**again, "act": "sign"})
    assert done.headers["location"] == f"{address}?saved=countersigned"
    stands = (await client.get(f"/{form['diagnosis-of'][0]}")).json()
    assert stands["code"]["coding"][0]["code"] == "N39.0"
