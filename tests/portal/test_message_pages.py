"""Messages on the portal's pages: written, sent once, kept when they were not sent, answered and read."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from starlette.applications import Starlette

from samjournal import portal, tasks, workspace
from samjournal.fhir.errors import FhirError
from samjournal.record import query_of, search
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from workspace.test_pages import AtTheDesk
from world import World, made, to

pytestmark = pytest.mark.anyio
PLACE = "/portal/messages"
WARD = "Organization/ward"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00IEND\xaeB`\x82"
Enter = Callable[[str], httpx.AsyncClient]


@pytest.fixture(scope="module")
async def enter(world: World) -> Enter:
    site = Starlette(
        routes=[*pages.routes(), *portal.routes(), *workspace.routes()],
        exception_handlers={FhirError: error_page, 404: error_page},
    )
    site.state.door = world.door
    await world.put(
        made("PractitionerRole", "doctor-role", practitioner=to("Practitioner/doctor"),
             organization=to("Organization/ward")),
        made("MedicationRequest", "drops", status="active", intent="order", subject=to("Patient/kari"),
             medicationCodeableConcept={"text": "Timolol"}, requester=to("PractitionerRole/doctor-role"),
             authoredOn="2026-11-01"),
        made("Composition", "note", status="final", type={"text": "Notat"}, subject=to("Patient/kari"),
             title="Innkomst", date="2026-11-20", author=[to("PractitionerRole/doctor-role")],
             encounter=to("Encounter/kari-stay")),
    )  # fmt: skip

    def browser(login: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=AtTheDesk(site, world, login))
        return httpx.AsyncClient(transport=transport, base_url="http://samjournal.test")

    return browser


def form(**more: Any) -> dict[str, Any]:
    said = {"to": WARD, "topic": "Vanndrivende", "words": "Kan jeg vente til kvelden?"}
    return {**said, "draft": str(uuid4()), "version_of": "0", "page": uuid4().hex, "act": "send", **more}


async def work(world: World) -> list[tasks.Said]:
    found = await search(world.door, world.system, query_of("Task", [("code", "urn:samjournal:task|answer")]))
    return [tasks.said(one.resource()) for one in found.matches if one.resource()["status"] != "completed"]


async def test_it_is_written_to_a_team_read_answered_and_the_answer_is_new_once(enter: Enter, world: World) -> None:
    kari, nurse = enter("kari"), enter("nurse")
    page = (await kari.get(f"{PLACE}/new")).text
    assert "Svarer innen 5 virkedager" in page
    assert "Ring 113" in page
    sent = await kari.post(f"{PLACE}/new", data=form())
    place = sent.headers["location"].partition("?")[0]
    assert "Sendt. Svar senest" in (await kari.get(place)).text
    (task,) = await work(world)
    opened = (await nurse.get(f"/workspace/inbox?tab=team&item={task.id}")).text
    assert "Kan jeg vente til kvelden?" in opened
    assert f'action="/workspace/inbox/{task.id}/done"' not in opened
    assert "Lest av dem. Svar senest" in (await kari.get(place)).text
    said = {"version": str(task.version), "role": "nurse-role", "words": "Ja, vent du."}
    done = await nurse.post(f"/workspace/inbox/{task.id}/answer", data=said)
    assert "did=answered" in done.headers["location"]
    assert 'class="p-new"' in (await kari.get(PLACE)).text
    shown = (await kari.get(place)).text
    assert "Ja, vent du." in shown
    assert "Besvart" in shown
    assert 'class="p-new"' not in (await kari.get(PLACE)).text
    assert "lest av pasienten" in (await nurse.get("/workspace/patients/kari/messages")).text


async def test_a_form_that_is_sent_twice_is_one_message(enter: Enter, world: World) -> None:
    kari, said = enter("kari"), form(topic="To ganger")
    first, second = [(await kari.post(f"{PLACE}/new", data=said)).headers["location"] for _ in range(2)]
    assert first == second
    again = form(words="Og en ting til.", topic="")
    place = first.partition("?")[0]
    for _ in range(2):
        assert (await kari.post(place, data=again)).headers["location"] == first
    assert (await kari.get(place)).text.count("Og en ting til.") == 1
    assert len([one for one in await work(world) if one.focus]) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"words": " "}, "Skriv meldingen."),
        ({"topic": ""}, "Skriv hva meldingen gjelder."),
        ({"to": ""}, "Velg hvem du vil skrive til."),
        ({"to": "Organization/homecare"}, "Du kan ikke skrive til dem herfra."),
        ({"to": "Organization/<script>"}, "Du kan ikke skrive til dem herfra."),
    ],
)
async def test_what_was_not_sent_stands_on_the_page_with_the_reason(
    enter: Enter, wrong: dict[str, str], said: str
) -> None:
    answer = await enter("kari").post(f"{PLACE}/new", data=form(**wrong))
    assert answer.status_code == 422
    assert said in answer.text
    kept = "Kan jeg vente til kvelden?" if "words" not in wrong else "Vanndrivende"
    assert kept in answer.text


async def test_a_draft_is_kept_found_again_and_goes_when_it_is_sent(enter: Enter, world: World) -> None:
    kari, one = enter("kari"), form(act="draft", topic="Halvferdig")
    saved = await kari.post(f"{PLACE}/new", data=one, headers={"accept": "application/json"})
    assert saved.json() == {"version": 1}
    assert f"draft={one['draft']}" in (await kari.get(PLACE)).text
    assert "Kan jeg vente" in (await kari.get(f"{PLACE}/new?draft={one['draft']}")).text
    other = {**one, "page": uuid4().hex, "words": "Fra en annen telefon"}
    assert (await kari.post(f"{PLACE}/new", data=other, headers={"accept": "application/json"})).status_code == 409
    moved = await kari.post(f"{PLACE}/new", data={**other, "act": "send"})
    assert (moved.status_code, "Fra en annen telefon" in moved.text) == (422, True)
    sent = await kari.post(f"{PLACE}/new", data={**one, "act": "send"})
    assert "did=sent" in sent.headers["location"]
    assert f"draft={one['draft']}" not in (await kari.get(PLACE)).text
    late = await kari.post(f"{PLACE}/new", data=one, headers={"accept": "application/json"})
    assert late.status_code == 409
    assert (await enter("elias").get(f"{PLACE}/new?draft={one['draft']}")).status_code == 404


async def test_a_picture_comes_along_and_what_is_none_is_told(enter: Enter, world: World) -> None:
    kari = enter("kari")
    wrong = await kari.post(f"{PLACE}/new", data=form(), files={"file": ("virus.png", b"MZ\x90\x00", "image/png")})
    assert (wrong.status_code, "Filen kan ikke legges ved" in wrong.text) == (422, True)
    large = await kari.post(f"{PLACE}/new", data=form(), files={"file": ("x.pdf", b"%PDF-" + bytes(6 << 20))})
    assert (large.status_code, "5 MB" in large.text) == (422, True)
    sent = await kari.post(
        f"{PLACE}/new", data=form(words="Se bildet."), files={"file": ("../sår.png", PNG, "text/html")}
    )
    page = (await kari.get(sent.headers["location"])).text
    assert "sår.png" in page
    address = re.findall(rf'href="({PLACE}/files/[^"?]+)"', page)[0]
    got = await kari.get(address)
    assert (got.content, got.headers["content-type"]) == (PNG, "image/png")
    assert (await enter("elias").get(address)).status_code == 404
    task = await about(world, "Se bildet.")
    assert "sår.png" in (await enter("nurse").get(f"/workspace/inbox?tab=team&item={task.id}")).text


async def test_a_wish_for_a_prescription_is_decided_and_stands_by_the_medicine(enter: Enter, world: World) -> None:
    kari, doctor = enter("kari"), enter("doctor")
    none = await kari.post("/portal/medicines/renew", data=form())
    assert (none.status_code, "Velg minst én medisin." in none.text) == (422, True)
    said = form(medicine="drops", pick_up="Apoteket på torget", words="Jeg har til fredag.")
    sent = await kari.post("/portal/medicines/renew", data=said)
    assert (await kari.post("/portal/medicines/renew", data=said)).headers["location"] == sent.headers["location"]
    task = await about(world, "Timolol")
    assert "Apoteket på torget" in await words_of(world, task)
    assert "Du har bedt om ny resept." in (await kari.get("/portal/medicines")).text
    assert 'value="drops"' not in (await kari.get("/portal/medicines/renew")).text
    answer = {"version": str(task.version), "role": "doctor-role", "words": "Den er sendt."}
    undecided = await doctor.post(f"/workspace/inbox/{task.id}/answer", data=answer)
    assert (undecided.status_code, "Velg hva som er bestemt." in undecided.text) == (422, True)
    done = await doctor.post(f"/workspace/inbox/{task.id}/answer", data={**answer, "outcome": "yes"})
    assert "did=answered" in done.headers["location"]
    assert "Resepten er fornyet" in (await kari.get("/portal/medicines")).text


async def test_a_demand_is_decided_with_a_reason_and_how_to_complain(enter: Enter, world: World) -> None:
    kari, doctor = enter("kari"), enter("doctor")
    assert (
        'value="Composition/note" selected' in (await kari.get("/portal/corrections/new?about=Composition/note")).text
    )
    empty = await kari.post("/portal/corrections/new", data=form(about="Composition/note", words=""))
    assert (empty.status_code, "Skriv hva som er feil" in empty.text) == (422, True)
    strange = await kari.post("/portal/corrections/new", data=form(about="Composition/none"))
    assert strange.status_code == 422
    before = await world.client()
    async with before as client:
        note = (await client.get("/Composition/note")).json()
    sent = await kari.post("/portal/corrections/new", data=form(about="Composition/note", words="Jeg røyker ikke."))
    task = await about(world, "røyker")
    shown = (await doctor.get(f"/workspace/inbox?tab=team&item={task.id}")).text
    assert "helsepersonelloven § 42" in shown
    assert "/workspace/patients/kari/notes/note" in shown
    answer = {"version": str(task.version), "role": "doctor-role", "outcome": "refused", "words": "Nei."}
    short = await doctor.post(f"/workspace/inbox/{task.id}/answer", data=answer)
    assert (short.status_code, "Skriv begrunnelsen." in short.text) == (422, True)
    await doctor.post(f"/workspace/inbox/{task.id}/answer", data={**answer, "words": "Det er fra da du var innlagt."})
    page = (await kari.get(sent.headers["location"])).text
    assert "Avslått" in page
    assert "klage til Statsforvalteren" in page
    async with await world.client() as client:
        assert (await client.get("/Composition/note")).json() == note


async def test_what_was_granted_is_work_of_whoever_granted_it(enter: Enter, world: World) -> None:
    kari, doctor = enter("kari"), enter("doctor")
    await kari.post("/portal/corrections/new", data=form(about="Composition/note", words="Jeg sluttet i fjor."))
    task = await about(world, "sluttet i fjor")
    answer = {"version": str(task.version), "role": "doctor-role", "outcome": "partly", "words": "Datoen rettes."}
    await doctor.post(f"/workspace/inbox/{task.id}/answer", data=answer)
    found = await search(world.door, world.system, query_of("Task", [("code", "urn:samjournal:task|do")]))
    (made_,) = [one for one in map(tasks.said, (each.resource() for each in found.matches)) if "Innkomst" in one.words]
    assert (made_.focus, made_.owner) == ("Composition/note", "PractitionerRole/doctor-role")
    assert made_.words == "Skriv rettelsen av «Innkomst» i journalen. Pasienten har fått delvis medhold."
    assert made_.due is not None
    assert "Skriv rettelsen av" in (await doctor.get("/workspace/inbox")).text


async def test_a_question_goes_on_to_another_team_and_she_is_told(enter: Enter, world: World) -> None:
    await world.put(
        made("EpisodeOfCare", "help", status="active", patient=to("Patient/kari"),
             managingOrganization=to("Organization/homecare"), period={"start": "2026-01-01"}),
    )  # fmt: skip
    kari, nurse = enter("kari"), enter("nurse")
    sent = await kari.post(f"{PLACE}/new", data=form(topic="Støttestrømper", words="Hvem tar dem på?"))
    task = await about(world, "Hvem tar")
    said = {
        "version": str(task.version),
        "role": "nurse-role",
        "owner": "Organization/homecare",
        "words": "De hjelper.",
    }
    strange = await nurse.post(f"/workspace/inbox/{task.id}/team", data={**said, "owner": "Organization/hospital"})
    assert "did=moved" in strange.headers["location"]
    done = await nurse.post(f"/workspace/inbox/{task.id}/team", data=said)
    assert "did=moved-on" in done.headers["location"]
    page = (await kari.get(sent.headers["location"])).text
    assert "De hjelper." in page
    moved = next(one for one in await work(world) if one.id == task.id)
    assert (moved.owner, moved.due) == ("Organization/homecare", task.due)
    opened = (await enter("homenurse").get(f"/workspace/inbox?tab=team&item={task.id}")).text
    assert "Hvem tar dem på?" in opened


async def test_staff_write_first_and_a_unit_says_what_it_answers(enter: Enter, world: World) -> None:
    nurse, kari = enter("nurse"), enter("kari")
    said = {"role": "nurse-role", "topic": "Time", "words": "Ta med sokker.", "answers": "no", "once": uuid4().hex}
    empty = await nurse.post("/workspace/patients/kari/messages", data={**said, "words": ""})
    assert (empty.status_code, "Skriv meldingen." in empty.text) == (422, True)
    for _ in range(2):
        assert (await nurse.post("/workspace/patients/kari/messages", data=said)).status_code == 303
    page = (await kari.get(PLACE)).text
    assert page.count(">Time<") == 1
    place = re.findall(r'href="(/portal/messages/[0-9a-f-]{36})"><span[^>]*>.*?<b>Time</b>', page, re.S)[0]
    assert "Denne meldingen tar ikke imot svar." in (await kari.get(place)).text
    promise = {"role": "nurse-role", "version": "0", "takes": "yes", "days": "1", "words": "Sår og stell"}
    assert (await nurse.post("/workspace/messages/promise", data={**promise, "days": "9"})).status_code == 422
    assert (await nurse.post("/workspace/messages/promise", data=promise)).status_code == 303
    assert (await nurse.post("/workspace/messages/promise", data=promise)).status_code == 409
    shown = (await kari.get(f"{PLACE}/new")).text
    assert "Svarer innen 1 virkedag" in shown
    assert "Sår og stell" in shown


async def test_what_was_begun_in_a_conversation_stands_there_again(enter: Enter) -> None:
    kari = enter("kari")
    sent = await kari.post(f"{PLACE}/new", data=form(topic="Samtale"))
    place = sent.headers["location"].partition("?")[0]
    one = form(act="draft", words="Begynt på dette")
    assert (await kari.post(place, data=one)).headers["location"] == f"{PLACE}?did=draft"
    opened = await kari.get(f"{PLACE}/new?draft={one['draft']}")
    assert opened.headers["location"] == place
    page = (await kari.get(place)).text
    assert "Begynt på dette</textarea>" in page
    assert one["draft"] in page
    assert "Begynt på dette" not in (await enter("nurse").get("/workspace/patients/kari/messages")).text


async def test_an_answer_that_another_system_wrote_stands_in_the_conversation(enter: Enter, world: World) -> None:
    kari = enter("kari")
    sent = await kari.post(f"{PLACE}/new", data=form(topic="Fra et annet system", words="Når kommer svaret?"))
    task = await about(world, "Når kommer svaret?")
    answer = made("Communication", "elsewhere", status="completed", subject=to("Patient/kari"),
                  sender=to("PractitionerRole/nurse-role"), recipient=[to("Patient/kari")],
                  inResponseTo=[to(task.focus)], sent="2026-11-29T12:00:00+01:00",
                  payload=[{"contentString": "Det kom i dag."}])  # fmt: skip
    await world.put(answer)
    async with await world.client("nurse") as client:
        work = (await client.get(f"/Task/{task.id}")).json()
        output = {"type": {"text": "Svar"}, "valueReference": to("Communication/elsewhere")}
        done = await client.put(f"/Task/{task.id}", json={**work, "status": "completed", "output": [output]})
    assert done.status_code == 200, done.text
    page = (await kari.get(sent.headers["location"])).text
    assert "Det kom i dag." in page
    assert "Besvart" in page


async def words_of(world: World, task: tasks.Said) -> str:
    async with await world.client() as client:
        message = (await client.get(f"/{task.focus}")).json()
    return " ".join(one.get("contentString", "") for one in message.get("payload", ()))


async def about(world: World, words: str) -> tasks.Said:
    """The work that a message with these words waits by."""
    (found,) = [one for one in await work(world) if words in await words_of(world, one)]
    return found
