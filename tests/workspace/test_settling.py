"""Two who save the same item, over HTTP: both versions with who and when, one is chosen of each field, none is lost."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from samjournal import problems, vitals
from samjournal.problems import Coded, Reaction
from workspace.test_note_page import tasks, written
from workspace.test_notes import NOTES, posts
from workspace.test_pages import enter  # noqa: F401
from world import World, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
CHART = "/workspace/patients/settled"


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    await world.put(patient("settled", "Berg"), stay("settled-stay", "settled"))


def fields(page: str) -> dict[str, Any]:
    """What the form that shows both holds as it is opened, with what is chosen to begin with."""
    form = page[page.index('<form class="noteform merging"') :]
    found: dict[str, Any] = {"address": re.findall(r'action="([^"]+)"', form)[0]}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(html.unescape(value))
    for name, value in re.findall(r'<input type="radio" name="([^"]+)" value="([^"]+)" checked', form):
        found[name] = value
    return found


async def resource(world: World, reference: str) -> dict[str, Any]:
    found: dict[str, Any] = (await (await world.client("doctor")).get(f"/{reference}")).json()
    return found


def code(of: dict[str, Any], element: str) -> str:
    return str(of[element]["coding"][0]["code"])


async def test_of_two_who_change_a_problem_one_chooses_between_both(enter: Enter, world: World) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    made = await problems.add(world.door, await world.permit("doctor"), "settled", Coded("Hodepine"))
    address = f"{CHART}/problems/{made.condition.id}"
    assert (await nurse.post(address, data={"do": "certainty", "certainty": "provisional", "version": "1"})).is_redirect
    page = await doctor.post(address, data={"do": "close", "day": "01.11.2026", "version": "1"})
    assert page.status_code == 409
    assert "Nurse, Ward endret det i dag kl." in page.text
    assert "Ingenting er overskrevet." in page.text
    for told in (
        "<mark>arbeidsdiagnose</mark>",
        "<mark>sikker</mark>",
        "<mark>01.11.2026</mark>",
        "<mark>pågår</mark>",
    ):
        assert told in page.text, told
    form = fields(page.text)
    assert (form["take-certainty"], form["take-over"]) == ("theirs", "mine"), "each keeps what he changed"
    stands = await resource(world, f"Condition/{made.condition.id}")
    assert code(stands, "clinicalStatus") == "active", "nothing was saved before it was chosen"
    done = await doctor.post(form.pop("address"), data=form)
    assert done.headers["location"] == f"{CHART}/problems?saved=changed"
    stands = await resource(world, f"Condition/{made.condition.id}")
    assert code(stands, "verificationStatus") == "provisional"
    assert (code(stands, "clinicalStatus"), stands["abatementDateTime"]) == ("resolved", "2026-11-01")


async def test_what_moves_again_while_one_chooses_is_shown_again(enter: Enter, world: World) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    made = await problems.add(world.door, await world.permit("doctor"), "settled", Coded("Svimmel"))
    address = f"{CHART}/problems/{made.condition.id}"

    async def change(certainty: str, version: str) -> httpx.Response:
        return await nurse.post(address, data={"do": "certainty", "certainty": certainty, "version": version})

    assert (await change("provisional", "1")).is_redirect
    form = fields((await doctor.post(address, data={"do": "certainty", "certainty": "refuted", "version": "1"})).text)
    assert (await change("differential", "2")).is_redirect
    again = await doctor.post(form.pop("address"), data={**form, "take-certainty": "mine"})
    assert again.status_code == 409
    assert "<mark>mulig</mark>" in again.text
    form = fields(again.text)
    assert (await doctor.post(form.pop("address"), data={**form, "take-certainty": "mine"})).is_redirect
    stands = await resource(world, f"Condition/{made.condition.id}")
    assert (code(stands, "verificationStatus"), code(stands, "clinicalStatus")) == ("refuted", "inactive")
    # One who wanted the same is told so, and there is nothing to choose.
    same = await nurse.post(address, data={"do": "certainty", "certainty": "refuted", "version": "3"})
    assert same.status_code == 409
    assert "likt hos begge" in same.text
    assert "Doctor, Ward endret det" in same.text
    assert 'type="radio"' not in same.text


async def test_what_another_marked_as_an_error_is_not_brought_back(enter: Enter, world: World) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    made = await problems.add(world.door, await world.permit("doctor"), "settled", Coded("Feil person"))
    address = f"{CHART}/problems/{made.condition.id}"
    assert (await nurse.post(address, data={"do": "wrong", "version": "1"})).is_redirect
    page = await doctor.post(address, data={"do": "certainty", "certainty": "differential", "version": "1"})
    assert page.status_code == 409
    assert "<mark>feilført</mark>" in page.text
    assert "<mark>mulig</mark>" in page.text
    assert 'type="radio"' not in page.text
    forged = {"do": "settle", "version": "2", "certainty": "differential", "over": ""}
    assert (await doctor.post(address, data=forged)).status_code == 409
    assert code(await resource(world, f"Condition/{made.condition.id}"), "verificationStatus") == "entered-in-error"


async def test_of_two_who_call_a_problem_something_else_one_chooses(enter: Enter, world: World) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    coded = Coded("Kneleddsartrose", "M17.9", "http://hl7.org/fhir/sid/icd-10")
    made = await problems.add(world.door, await world.permit("doctor"), "settled", coded)
    address = f"{CHART}/problems/{made.condition.id}"
    name = {"do": "name", "name_pick": "keep", "version": "1"}
    assert (await nurse.post(address, data={**name, "name": "Slitasje i høyre kne"})).is_redirect
    both = await doctor.post(address, data={**name, "name": "Kneartrose, venter på protese"})
    assert both.status_code == 409
    for told in ("Kneartrose, venter på protese", "Slitasje i høyre kne", "Nurse, Ward endret det i dag kl."):
        assert told in both.text, told
    form = fields(both.text)
    assert form["take-called"] == "mine"
    assert (await doctor.post(form.pop("address"), data=form)).is_redirect
    stands = await resource(world, f"Condition/{made.condition.id}")
    assert (stands["code"]["text"], stands["code"]["coding"][0]["code"]) == ("Kneartrose, venter på protese", "M17.9")
    # Who closes it meanwhile keeps the new name, unasked.
    both = await nurse.post(address, data={"do": "close", "version": "2"})
    form = fields(both.text)
    assert (form["take-called"], form["take-over"]) == ("theirs", "mine")
    assert (await nurse.post(form.pop("address"), data=form)).is_redirect
    stands = await resource(world, f"Condition/{made.condition.id}")
    assert (stands["code"]["text"], code(stands, "clinicalStatus")) == ("Kneartrose, venter på protese", "resolved")


async def test_of_two_who_change_an_allergy_one_chooses_between_both(enter: Enter, world: World) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    permit = await world.permit("doctor")
    made = await problems.record_allergy(
        world.door, permit, "settled", Coded("Penicillin"), Reaction("Utslett", "mild"), certainty="unconfirmed"
    )
    address = f"{CHART}/allergies/{made.id}"
    page = (await nurse.get(f"{CHART}/allergies")).text
    assert 'name="reaction" value="Utslett"' in page
    sent = {"do": "change", "reaction": "Anafylaksi", "severity": "severe", "certainty": "confirmed", "version": "1"}
    assert (await nurse.post(address, data=sent)).headers["location"].endswith("saved=changed")
    stands = await resource(world, f"AllergyIntolerance/{made.id}")
    assert (stands["criticality"], code(stands, "verificationStatus")) == ("high", "confirmed")
    for does in (
        {"do": "refuted"},
        {"do": "change", "reaction": "Kløe", "severity": "mild", "certainty": "unconfirmed"},
    ):
        moved = await doctor.post(address, data={**does, "version": "1"})
        assert moved.status_code == 409, does
        assert "Nurse, Ward endret det i dag kl." in moved.text
        assert "Anafylaksi" in moved.text
    form = fields(moved.text)
    assert (form["take-reaction"], form["take-severity"], form["take-certainty"]) == ("mine", "theirs", "theirs")
    assert (await doctor.post(form.pop("address"), data={**form, "take-reaction": "both"})).is_redirect
    stands = await resource(world, f"AllergyIntolerance/{made.id}")
    assert stands["reaction"][0]["manifestation"] == [{"text": "Kløe Anafylaksi"}]
    assert (stands["reaction"][0]["severity"], code(stands, "verificationStatus")) == ("severe", "confirmed")
    assert (await nurse.post(address, data={"do": "change", "certainty": "sikkert", "version": "3"})).status_code == 422


async def test_critical_information_that_another_changed_is_shown_before_it_ends(
    enter: Enter,  # noqa: F811
    world: World,
) -> None:
    doctor = enter("doctor")
    made = await problems.record_critical(world.door, await world.permit("nurse"), "settled", "Pacemaker")
    flag = await resource(world, f"Flag/{made.id}")
    flag["code"] = {"text": "Pacemaker, MR-sikker"}
    await world.put(flag, by="nurse")
    page = await doctor.post(f"{CHART}/allergies/{made.id}", data={"do": "ended", "version": "1"})
    assert page.status_code == 409
    assert "MR-sikker</mark>" in page.text
    form = fields(page.text)
    address = form.pop("address")
    assert (await doctor.post(address, data={**form, "take-state": "theirs"})).is_redirect
    assert (await resource(world, f"Flag/{made.id}"))["status"] == "active"
    assert (await doctor.post(address, data={**form, "take-state": "mine"})).is_redirect
    assert (await resource(world, f"Flag/{made.id}"))["status"] == "inactive"


async def test_of_two_who_change_a_template_one_chooses_between_both(enter: Enter) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    made = {"name": "Fallnotat", "kind": "progress", "text": "Fallet: Hvor og når\nPlan", "act": "save"}
    assert (await doctor.post("/workspace/templates", data=made)).is_redirect
    page = (await doctor.get("/workspace/templates")).text
    template = re.findall(r"code=([^\"#]+)#edit\">Fallnotat", page)[0]
    edit = {**made, "code": template, "version": "1"}
    theirs = {**edit, "text": "Fallet: Hvor og når\nFunn\n+ bt\nPlan"}
    assert (await nurse.post("/workspace/templates", data=theirs)).headers["location"].endswith("done=saved")
    mine = {**edit, "name": "Fall i avdelingen", "text": "Fallet: Hvor, når, og hvem som så det\nPlan"}
    both = await doctor.post("/workspace/templates", data=mine)
    assert both.status_code == 409
    assert "Nurse, Ward endret det i dag kl." in both.text
    form = fields(both.text)
    assert (form["take-name"], form["take-text"]) == ("mine", "both")
    assert form["mine-text"] == ["Fallet: Hvor, når, og hvem som så det\nPlan"]
    form |= {"take-text": "theirs"}
    assert (await doctor.post(form.pop("address"), data=form)).headers["location"].endswith("done=saved")
    page = (await doctor.get(f"/workspace/templates?code={template}")).text
    assert 'value="Fall i avdelingen"' in page
    assert "Fallet: Hvor og når\nFunn\n+ bt\nPlan</textarea>" in page
    # Who takes it out of use sees what another has made of it, and it stays in use until he has.
    taken = {"code": template, "version": "2", "act": "retire"}
    both = await nurse.post("/workspace/templates", data=taken)
    assert "<mark>ute av bruk</mark>" in both.text
    assert "Fall i avdelingen" in both.text
    form = fields(both.text)
    assert (await nurse.post(form.pop("address"), data=form)).headers["location"].endswith("done=retired")


async def test_of_two_who_change_the_unit_s_phrase_both_texts_are_kept(enter: Enter) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    phrase = {"shortcut": "fall", "text": "Ingen tegn til brudd.", "scope": "unit", "act": "save"}
    assert (await doctor.post("/workspace/phrases", data=phrase)).is_redirect
    edit = {**phrase, "version": "1"}
    assert (
        await nurse.post("/workspace/phrases", data={**edit, "text": "Ingen tegn til brudd. Pårørende varslet."})
    ).is_redirect
    both = await doctor.post("/workspace/phrases", data={**edit, "text": "Ingen tegn til brudd. CT bestilt."})
    assert both.status_code == 409
    for told in ("Nurse, Ward endret det", "<mark>CT bestilt.</mark>", "<mark>Pårørende varslet.</mark>"):
        assert told in both.text, told
    form = fields(both.text)
    assert form["take-text"] == "both"
    assert (await doctor.post(form.pop("address"), data=form)).headers["location"].endswith("done=saved")
    told = (await doctor.get("/workspace/patients/settled/phrase?name=fall")).json()
    assert told["text"] == "Ingen tegn til brudd. CT bestilt.\n\nIngen tegn til brudd. Pårørende varslet."
    dropped = await nurse.post("/workspace/phrases", data={**edit, "version": "2", "act": "drop"})
    assert "<mark>ute av bruk</mark>" in dropped.text
    form = fields(dropped.text) | {"take-status": "theirs"}
    assert (await nurse.post(form.pop("address"), data=form)).is_redirect
    assert (await nurse.get("/workspace/patients/settled/phrase?name=fall")).status_code == 200, "it is in use still"


async def test_of_two_who_choose_a_countersigner_one_sees_whom_the_other_asked(
    enter: Enter,  # noqa: F811
    world: World,
) -> None:
    await posts(world)
    other = {"resourceType": "PractitionerRole", "id": "third-role", "active": True}
    other |= {"practitioner": {"reference": "Practitioner/third", "display": "Tora Tredje"}}
    await world.put(other | {"organization": {"reference": "Organization/ward", "display": "Ward"}})
    note = await written(enter, world, "nurse", countersigner="Dina Lege", text="To velger samtidig.")
    address = f"{NOTES}/{note['id']}"
    nurse, secretary = enter("nurse"), enter("secretary")
    for desk in (nurse, secretary):
        assert 'name="asked" value="doctor-role"' in (await desk.get(address)).text
    chosen = await secretary.post(
        f"{address}/countersigner", data={"countersigner": "Tora Tredje", "asked": "doctor-role"}
    )
    assert chosen.headers["location"].endswith("saved=chosen")
    both = await nurse.post(f"{address}/countersigner", data={"countersigner": "", "asked": "doctor-role"})
    assert both.status_code == 409
    assert "Secretary, Ward endret det i dag kl." in both.text
    assert "Tora Tredje" in both.text
    assert ("third-role", "countersign", "requested") in await tasks(world, note["id"]), "nothing was overwritten"
    form = fields(both.text)
    where = form.pop("address")
    kept = await nurse.post(where, data={**form, "take-countersigner": "theirs"})
    assert kept.headers["location"].startswith(address)
    assert ("third-role", "countersign", "requested") in await tasks(world, note["id"])
    assert (
        (await nurse.post(where, data={**form, "take-countersigner": "mine"})).headers["location"].endswith("removed")
    )
    assert not [one for one in await tasks(world, note["id"]) if one[2] == "requested"]


async def test_of_two_who_correct_a_measurement_the_second_is_told(enter: Enter, world: World) -> None:  # noqa: F811
    doctor, nurse = enter("doctor"), enter("nurse")
    permit = await world.permit("nurse")
    done = await vitals.record(world.door, permit, "settled", {"temperature": 38.9})
    address = f"{CHART}/measurements/{done.measurements[0].id}"
    assert 'name="version" value="1"' in (await doctor.get(address)).text
    right = {"decision": "correct", "reason": "Leste feil", "version": "1"}
    assert (await nurse.post(address, data={**right, "temperature": "36,9"})).is_redirect
    told = await doctor.post(address, data={**right, "temperature": "37,9", "reason": "Skrev av feil"})
    assert told.status_code == 409
    assert "Nurse, Ward endret målingen i dag kl." in told.text
    assert "36,9 °C" in told.text
    assert "Rettet fra 38,9" in told.text
    assert 'value="37,9"' in told.text, "what was typed stands in the form"
    assert 'name="version" value="2"' in told.text
    struck = await doctor.post(address, data={"decision": "strike", "reason": "Feil pasient", "version": "1"})
    assert struck.status_code == 409
    observation = await resource(world, f"Observation/{done.measurements[0].id}")
    assert (observation["valueQuantity"]["value"], observation["status"]) == (36.9, "amended")
