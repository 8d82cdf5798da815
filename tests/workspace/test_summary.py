"""A discharge summary over HTTP: signed and sent with one key, later or by another, and where it is. Rows 7.7-7.9"""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from notes.test_summaries import JOB, about, furnish, place, signed
from samjournal.messages.states import TEXTS
from samjournal.notes import Section, write_note
from samjournal.record.beside import matches
from samjournal.workspace.summary_view import STATES, WHY
from workspace.test_note_page import form_of as signing_form
from workspace.test_note_template import form_of
from workspace.test_notes import NOTES
from workspace.test_pages import Enter, enter
from world import World, made, to

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


@pytest.fixture(autouse=True)
async def _region(world: World) -> None:
    await furnish(world)


def receivers(page: str) -> dict[str, list[str]]:
    """The fields of whom it goes to, as the page has them."""
    part = page[page.index('id="receivers"') : page.index("</fieldset>", page.index('id="receivers"'))]
    chosen = re.findall(r'name="to" value="([^"]*)" checked', part)
    return {
        "to": chosen,
        "receiver": re.findall(r'name="receiver" value="([^"]*)"', part),
        "added": re.findall(r'name="added" value="([^"]*)"', part),
    }


async def opened(desk: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """The form of a new summary, with a text under each heading."""
    page = (await desk.get(f"{NOTES}/new?template=epikrise")).text
    form = form_of(page, texts=[f"Tekst {at}" for at in range(5)], act="sign", draft=str(uuid4()), kind="discharge")
    blocks = re.findall(r'<input type="hidden" name="(block|seen-[^"]*)" value="([^"]*)"', page)
    shown: dict[str, Any] = {"block": [value for name, value in blocks if name == "block"]}
    shown |= {name: value for name, value in blocks if name != "block"}
    taken = {f"take-{key}": "take" for key in shown["block"]}
    return page, {**form, **shown, **taken, **receivers(page)}


async def test_signing_sends_it_to_both_who_shall_have_it(enter: Enter, world: World) -> None:
    desk = enter("doctor")
    page, form = await opened(desk)
    assert form["to"] == ["heart", "office"]
    assert "Klar for mottak: Frida Fastlege leser i denne journalen" in page
    assert "Klar for mottak: sendes som melding" in page
    assert "Signer og send" in page
    answer = await desk.post(NOTES, data={**form, "diagnosis": ["I50.0 Hjertesvikt"]})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].endswith("?saved=signedsent")
    shown = (await desk.get(answer.headers["location"])).text
    assert "Epikrisen er signert og sendt." in shown
    sent = shown[shown.index('id="sent-heading"') :]
    assert "Hjertespesialisten" in sent
    assert "Signert i dag" in sent
    assert "Mottatt i dag" in sent
    note = answer.headers["location"].rpartition("/")[2].partition("?")[0]
    letter = (await desk.get(f"{NOTES}/{note}/letter")).text
    for words in ("Slik fastlegen ser den", "I50.0 Hjertesvikt", "Tekst 0", "Signert av Doctor", "1 side"):
        assert words in letter


async def test_who_is_left_out_without_a_reason_stops_the_signature_and_the_text_stands(
    enter: Enter, world: World
) -> None:
    desk = enter("doctor")
    _, form = await opened(desk)
    refused = await desk.post(NOTES, data={**form, "to": ["heart"]})
    assert refused.status_code == 422
    assert "skriv hvorfor den ikke skal sendes dit" in refused.text
    assert "Tekst 3</textarea>" in refused.text
    assert receivers(refused.text)["to"] == ["heart"]
    answer = await desk.post(NOTES, data={**form, "to": ["heart"], "reason-office": "Pasienten ønsker det ikke"})
    shown = (await desk.get(answer.headers["location"])).text
    assert "Ikke sendt til" in shown
    assert "Pasienten ønsker det ikke" in shown


async def test_it_is_signed_alone_when_somebody_says_so_and_sent_later(enter: Enter, world: World) -> None:
    desk = enter("doctor")
    _, form = await opened(desk)
    assert (await desk.post(NOTES, data={**form, "act": "sign-only"})).headers["location"].endswith("?saved=note")
    (note, *_) = await matches(
        world.door, JOB, "Composition", [("subject", "Patient/kari"), ("_sort", "-_lastUpdated")]
    )
    assert await about(world, note) == []
    office = enter("secretary")
    page = (await office.get(f"{NOTES}/{note.id}")).text
    assert "Ikke sendt til noen." in page
    sent = {**receivers(page), "base": str(note.version), "role": "secretary-role", "act": "send"}
    assert "Sendes av Secretary på vegne av Doctor" in (await office.get(f"{NOTES}/{note.id}/letter")).text
    assert (await office.post(f"{NOTES}/{note.id}/send", data={**sent, "base": "9"})).status_code == 412
    assert (await office.post(f"{NOTES}/{note.id}/send", data={**sent, "role": "other"})).status_code == 409
    answer = await office.post(f"{NOTES}/{note.id}/send", data=sent)
    assert answer.headers["location"] == f"{NOTES}/{note.id}?saved=sent"
    page = (await desk.get(f"{NOTES}/{note.id}")).text
    assert "Sendt av Secretary på vegne av Doctor" in page
    assert "Sendt av Secretary på vegne av Doctor" in (await desk.get(f"{NOTES}/{note.id}/letter")).text
    again = await office.post(f"{NOTES}/{note.id}/send", data=sent)
    assert again.status_code == 409
    assert "En av mottakerne har alt fått denne versjonen" in again.text


async def test_others_are_found_by_name_and_added(enter: Enter, world: World) -> None:
    await world.put(place("ward-other", "homecare", "folder", "Hjemmetjenesten, Levanger"))
    note = await signed(world)
    desk = enter("doctor")
    base = {"base": str(note.version), "role": "doctor-role"}
    page = (await desk.get(f"{NOTES}/{note.id}")).text
    looked = await desk.post(
        f"{NOTES}/{note.id}/send",
        data={**receivers(page), **base, "act": "receiver", "other": "hjemmetjenesten, Levanger; Ukjent"},
    )
    assert looked.status_code == 200
    assert "Ingen mottaker heter Ukjent." in looked.text
    found = receivers(looked.text)
    assert (found["to"], found["added"]) == (["heart", "office", "homecare"], ["homecare"])
    answer = await desk.post(f"{NOTES}/{note.id}/send", data={**found, **base, "act": "send"})
    assert answer.status_code == 303, answer.text
    assert len(await about(world, note)) == 2


async def test_the_last_signature_sends_it_and_codes_are_changed_on_the_same_page(enter: Enter, world: World) -> None:
    note = await signed(world, by="nurse", countersigner="doctor-role", diagnoses=("I50.0 Hjertesvikt",))
    nurse = (await enter("nurse").get(f"{NOTES}/{note.id}")).text
    assert 'id="receivers"' not in nurse
    desk = enter("doctor")
    page = (await desk.get(f"{NOTES}/{note.id}")).text
    form = signing_form(page)
    assert form["diagnosis"] == ["I50.0 Hjertesvikt", ""]
    form |= {**receivers(page), "act": "sign", "diagnosis": ["I50.1 Venstresidig hjertesvikt"]}
    answer = await desk.post(f"{NOTES}/{note.id}/sign", data=form)
    assert answer.headers["location"].endswith("?saved=signedsent"), answer.text
    assert "I50.1 Venstresidig hjertesvikt" in (await desk.get(f"{NOTES}/{note.id}/letter")).text
    assert len(await about(world, note)) == 1


async def test_who_cannot_be_reached_is_shown_with_why(enter: Enter, world: World) -> None:
    await world.put(place("heart-out", "heart", "folder", "Hjertespesialisten", status="suspended"))
    page, form = await opened(enter("doctor"))
    assert form["to"] == ["office"]
    assert "Er stengt for meldinger" in page
    answer = await enter("doctor").post(NOTES, data=form)
    shown = (await enter("doctor").get(answer.headers["location"])).text
    assert "Oppgave hos enheten" in shown
    await world.put(place("heart-out", "heart", "folder", "Hjertespesialisten"))


async def test_a_suspected_diagnosis_is_not_read_as_certain_and_one_ruled_out_is_none(
    enter: Enter, world: World
) -> None:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    for code, state in (("J18.9", "provisional"), ("I26.9", "refuted"), ("I50.0", "confirmed")):
        status = {"coding": [{"system": system, "code": state}]}
        coding = {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}], "text": f"Navn {state}"}
        await world.put(
            made("Condition", f"c-{state}", code=coding, verificationStatus=status, subject=to("Patient/kari"))
        )
    entries = ("Condition/c-provisional", "Condition/c-refuted", "Condition/c-confirmed/_history/1")
    note = await signed(world, sections=(Section("Diagnoser", "Se over.", entries),))
    letter = (await enter("doctor").get(f"{NOTES}/{note.id}/letter")).text
    assert "J18.9 Navn provisional (ikke sikker)" in letter
    assert "I50.0 Navn confirmed<" in letter
    assert "I26.9" not in letter


async def test_more_than_two_pages_are_warned_of_in_a_letter_too(enter: Enter, world: World) -> None:
    note = await signed(world, sections=(Section("Forløp", "linje\n" * 120),))
    assert "Notatet er på 3 sider" in (await enter("doctor").get(f"{NOTES}/{note.id}/letter")).text


async def test_an_ordinary_note_has_none_of_this(enter: Enter, world: World) -> None:
    note = await write_note(world.door, await world.permit("doctor"), "kari", title="Visitt", text="Bra.")
    page = (await enter("doctor").get(f"{NOTES}/{note.id}")).text
    assert "Sendt til" not in page
    assert (await enter("doctor").get(f"{NOTES}/{note.id}/letter")).status_code == 404
    answer = await enter("doctor").post(f"{NOTES}/{note.id}/send", data={"base": "1", "to": ["heart"], "other": ""})
    assert answer.status_code == 409


async def test_states_are_in_the_words_of_messages() -> None:
    assert {state: words for state, words in TEXTS.items() if state in STATES} == STATES
    assert set(WHY) == {
        "no-sender",
        "no-endpoint",
        "untested",
        "nobody",
        "kind",
        "not-yet",
        "over",
        "closed",
        "reserved",
    }
