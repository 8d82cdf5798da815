"""A note on its own page over HTTP: signed, countersigned, sent back, and who is asked to countersign."""

from __future__ import annotations

import re
from typing import Any

import pytest

from samjournal import accounts
from workspace.test_notes import NOTES, hidden, newest, posts
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


@pytest.fixture(autouse=True)
async def _people(world: World) -> None:
    await posts(world)


async def written(enter: Enter, world: World, login: str, **form: str) -> dict[str, Any]:
    """A note that somebody has sent off, with what it waits for."""
    desk = enter(login)
    sent = {**hidden((await desk.get(f"{NOTES}/new?fresh=1")).text), "text": "Rolig natt.", **form}
    answer = await desk.post(NOTES, data=sent)
    assert answer.status_code == 303, answer.text
    return await newest(world, "doctor", "Composition", subject="Patient/kari")


def form_of(page: str) -> dict[str, Any]:
    """What the form to sign with holds as it is opened."""
    form = page[page.index('<form class="noteform" id="note-form"') :]
    texts = re.findall(r"<textarea[^>]*>([^<]*)</textarea>", form)
    fields = re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form)
    found: dict[str, Any] = {"text": texts}
    for name, value in fields:
        found.setdefault(name, []).append(value)
    return {name: found[name] for name in found if name not in ("words", "act")}


async def tasks(world: World, note: str) -> list[tuple[str, str, str]]:
    """What was asked about a note: of whom, what, and what came of it."""
    client = await world.client("doctor")
    bundle = (await client.get("/Task", params={"focus": f"Composition/{note}", "_sort": "authored-on"})).json()
    found = [one["resource"] for one in bundle.get("entry", ())]
    return sorted(
        (one["owner"]["reference"].split("/")[1], one["code"]["coding"][0]["code"], one["status"]) for one in found
    )


async def test_a_countersigner_changes_text_diagnoses_and_tariffs_on_one_page_and_signs_once(
    enter: Enter, world: World
) -> None:
    note = await written(
        enter, world, "nurse", countersigner="Dina Lege", diagnosis="J44.9 Kols", text="Puster tungt om natta."
    )
    address = f"{NOTES}/{note['id']}"
    assert "Signert av forfatteren, venter på medsignering" in (await enter("secretary").get(address)).text
    doctor = enter("doctor")
    page = (await doctor.get(address)).text
    assert "Medsigner" in page
    form = form_of(page)
    assert form["text"] == ["Puster tungt om natta."]
    assert form["diagnosis"] == ["J44.9 Kols", ""]
    form["text"] = ["Puster tungt om natta. Øker inhalasjonene."]
    form["diagnosis"] = ["J44.1 Kols med forverring", "I50.0"]
    form["tariff"] = ["2ad Konsultasjon"]
    answer = await doctor.post(f"{address}/sign", data={**form, "act": "sign"})
    assert answer.headers["location"] == f"{address}?saved=countersigned"
    client = await world.client("doctor")
    signed = (await client.get(f"/Composition/{note['id']}")).json()
    assert signed["status"] == "final"
    assert [(one["mode"], one["party"]["reference"]) for one in signed["attester"]] == [
        ("professional", "PractitionerRole/nurse-role"),
        ("legal", "PractitionerRole/doctor-role"),
    ]
    assert "Øker inhalasjonene" in signed["section"][0]["text"]["div"]
    entries = [one["reference"] for one in signed["section"][0]["entry"]]
    resources = [(await client.get(f"/{one}")).json() for one in entries]
    assert [one["code"]["coding"][0]["code"] for one in resources] == ["J44.1", "I50.0", "2ad"]
    stay = (await client.get("/Encounter/kari-stay")).json()
    assert [one["condition"]["reference"] for one in stay["diagnosis"]] == entries[:2]
    assert await tasks(world, note["id"]) == [("doctor-role", "countersign", "completed")]
    assert (await (await world.client("kari")).get(f"/Composition/{note['id']}")).status_code == 200
    page = (await doctor.get(address)).text
    assert "<del>" not in page[: page.index("Versjoner")]
    assert "<ins>" in page
    assert 'data-key="s"' not in page, "it is signed"
    again = await doctor.post(f"{address}/sign", data={**form, "act": "sign"})
    assert again.status_code == 409


async def test_a_countersigner_is_changed_three_times_and_one_has_it_in_his_inbox(enter: Enter, world: World) -> None:
    for login, name in (("olav", "Olav Overlege"), ("tora", "Tora Turnus")):
        role = accounts.RoleAt("doctor", "ward", f"{login}-role", "Ward")
        account = accounts.Account(login, name, "staff", (role,), practitioner_id=login)
        async with world.pool.transaction() as db:
            await accounts.add(db, [account])
        post = {"resourceType": "PractitionerRole", "id": f"{login}-role", "active": True}
        post |= {"practitioner": {"reference": f"Practitioner/{login}", "display": name}}
        await world.put(post | {"organization": {"reference": "Organization/ward", "display": "Ward"}})
    note = await written(enter, world, "nurse", countersigner="Dina Lege", title="Endret tre ganger")
    address = f"{NOTES}/{note['id']}"
    asked = {"doctor": "Dina Lege", "olav": "Olav Overlege", "tora": "Tora Turnus"}
    for chooser, whom in (("nurse", "olav"), ("secretary", "tora"), ("nurse", "olav")):
        answer = await enter(chooser).post(f"{address}/countersigner", data={"countersigner": asked[whom]})
        assert answer.headers["location"] == f"{address}?saved=chosen", whom
        open_ = [one for one in await tasks(world, note["id"]) if one[2] not in ("cancelled", "completed")]
        assert open_ == [(f"{whom}-role", "countersign", "requested")], "one open Task, at the right person"
        for login in asked:
            inbox = (await enter(login).get("/workspace/inbox")).text
            assert ("Endret tre ganger" in inbox) == (login == whom), (login, "has it although", whom, "is asked")
            assert ("Medsigner <kbd>" in (await enter(login).get(address)).text) == (login == whom)
    page = (await enter("nurse").get(address)).text
    lines = re.findall(r"<li>(.*?)</li>", page[page.index('class="askings"') :].partition("</ul>")[0])
    told = [" ".join(re.sub(r"<[^>]+>", "", line).split()) for line in lines]
    assert [one.partition(" tatt bort")[0] for one in told[:3]] == list(asked.values()), "in their order"
    assert told[3].startswith("Olav Overlege bedt om å medsignere")
    for line, taken_by, chosen_by in zip(
        told, ("Nurse", "Secretary", "Nurse"), ("Nurse", "Nurse", "Secretary"), strict=False
    ):
        assert re.search(rf"tatt bort som medsignerer i dag kl\. \d\d\.\d\d, {taken_by}", line), line
        assert re.search(rf"valgt av {chosen_by}[^,]* i dag kl", line), line
    for login in ("doctor", "tora"):
        form = {"base": "1", "text": "Rolig natt.", "act": "sign"}
        assert (await enter(login).post(f"{address}/sign", data=form)).status_code in (403, 409), login
    refused = await enter("doctor").post(f"{address}/countersigner", data={"countersigner": ""})
    assert refused.status_code == 422, "neither its author nor a secretary"
    form = form_of((await enter("olav").get(address)).text)
    assert (await enter("olav").post(f"{address}/sign", data={**form, "act": "sign"})).is_redirect
    assert "Endret tre ganger" not in (await enter("olav").get("/workspace/inbox")).text
    late = await enter("nurse").post(f"{address}/countersigner", data={"countersigner": "Tora Turnus"})
    assert late.status_code == 422, "it is signed: nobody is asked any more"


async def test_without_a_countersigner_a_note_that_its_author_signed_is_done(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    address = f"{NOTES}/{note['id']}"
    answer = await enter("secretary").post(f"{address}/countersigner", data={"countersigner": ""})
    assert answer.headers["location"] == f"{address}?saved=removed"
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["status"] == "final"
    assert await tasks(world, note["id"]) == [("doctor-role", "countersign", "cancelled")]


async def test_what_is_sent_back_is_signed_anew_and_asked_of_the_same_again(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    address, doctor, nurse = f"{NOTES}/{note['id']}", enter("doctor"), enter("nurse")
    form = {"base": "1", "act": "back"}
    assert (await doctor.post(f"{address}/sign", data={**form, "words": " "})).status_code == 422
    answer = await doctor.post(f"{address}/sign", data={**form, "words": "Skriv hvilken dose"})
    assert answer.headers["location"] == f"{address}?saved=back"
    page = (await nurse.get(address)).text
    assert "Skriv hvilken dose" in page
    sent = form_of(page)
    sent["text"] = ["Rolig natt. 5 mg gitt."]
    answer = await nurse.post(f"{address}/sign", data={**sent, "act": "sign"})
    assert answer.headers["location"] == f"{address}?saved=signed"
    assert await tasks(world, note["id"]) == [
        ("doctor-role", "countersign", "rejected"),
        ("doctor-role", "countersign", "requested"),
        ("nurse-role", "sign", "completed"),
    ]
    assert (await newest(world, "doctor", "Composition", _id=note["id"]))["status"] == "preliminary"


async def test_the_doctor_signs_what_a_secretary_prepared_and_nobody_else_does(enter: Enter, world: World) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare", countersigner="Nils Pleier")
    address = f"{NOTES}/{note['id']}"
    assert "Ikke signert" in (await enter("nurse").get("/workspace/patients/kari")).text
    for login in ("secretary", "nurse"):
        page = (await enter(login).get(address)).text
        assert 'data-key="s"' not in page, login
        refused = await enter(login).post(f"{address}/sign", data={"base": "1", "text": "x", "act": "sign"})
        assert refused.status_code in (403, 409), login
    assert ("nurse-role", "countersign", "on-hold") in await tasks(world, note["id"])
    form = form_of((await enter("doctor").get(address)).text)
    answer = await enter("doctor").post(f"{address}/sign", data={**form, "act": "sign"})
    assert answer.headers["location"] == f"{address}?saved=signed"
    assert await tasks(world, note["id"]) == [
        ("doctor-role", "sign", "completed"),
        ("nurse-role", "countersign", "requested"),
    ]


async def test_an_older_version_is_not_signed_over_a_newer(enter: Enter, world: World) -> None:
    note = await written(enter, world, "secretary", signer="Dina Lege", act="prepare")
    address = f"{NOTES}/{note['id']}"
    form = form_of((await enter("doctor").get(address)).text)
    secretary = await world.client("secretary")
    stands = (await secretary.get(f"/Composition/{note['id']}")).json()
    assert (await secretary.put(f"/Composition/{note['id']}", json={**stands, "title": "Rettet"})).status_code == 200
    answer = await enter("doctor").post(f"{address}/sign", data={**form, "act": "sign"})
    assert answer.status_code == 409
    assert "Det er skrevet to steder på en gang" in answer.text
    assert (await newest(world, "doctor", "Composition", _id=note["id"])).get("attester") is None


async def test_a_note_is_not_shown_in_the_record_of_another(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse")
    answer = await enter("nurse").get(f"/workspace/patients/elias/notes/{note['id']}")
    assert answer.status_code == 404
    assert "Rolig natt" not in answer.text


async def test_a_reserved_note_is_countersigned_and_stays_reserved(enter: Enter, world: World) -> None:
    note = await written(
        enter, world, "nurse", countersigner="Dina Lege", kind="mental-health", diagnosis="F32.1 Depresjon"
    )
    address = f"{NOTES}/{note['id']}"
    form = form_of((await enter("doctor").get(address)).text)
    answer = await enter("doctor").post(f"{address}/sign", data={**form, "act": "sign"})
    assert answer.headers["location"] == f"{address}?saved=countersigned"
    signed = await newest(world, "doctor", "Composition", _id=note["id"])
    assert [one["code"] for one in signed["meta"]["security"]] == ["PSY"]  # type: ignore[index]


async def test_a_diagnosis_that_the_patient_has_is_referred_to_and_not_made_anew(enter: Enter, world: World) -> None:
    first = await written(enter, world, "doctor", text="En.", diagnosis="E11.9 Diabetes type 2")
    second = await written(enter, world, "doctor", text="To.", diagnosis="e11.9")
    assert first["section"][0]["entry"] == second["section"][0]["entry"]
    found = (await (await world.client("doctor")).get("/Condition", params={"patient": "kari", "code": "E11.9"})).json()
    assert found["total"] == 1
    stay = (await (await world.client("doctor")).get("/Encounter/kari-stay")).json()
    references = [one["condition"]["reference"] for one in stay["diagnosis"]]
    assert len(references) == len(set(references)), "it stands on the contact once"


async def test_who_signs_nothing_is_not_asked_to_countersign(enter: Enter, world: World) -> None:
    note = await written(enter, world, "nurse", countersigner="Dina Lege")
    page = (await enter("nurse").get(f"{NOTES}/{note['id']}")).text
    assert "Dina Lege" in page
    assert "Siv Sekretær" not in page[page.index("<datalist") :]
    asked = await enter("nurse").post(f"{NOTES}/{note['id']}/countersigner", data={"countersigner": "Siv Sekretær"})
    assert asked.status_code == 422
    assert "Ingen som heter det" in asked.text
    api = await enter("nurse").post(NOTES, data={"text": "x", "countersigner": "secretary-role"})
    assert api.status_code == 422
