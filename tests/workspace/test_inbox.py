"""The inbox over HTTP: what waits, what can be done with it, and what is said when somebody else was there first."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from following import changes_since
from samjournal import access, tasks
from samjournal.fhir.dates import OSLO
from samjournal.record import DraftText, Stored, save_draft
from samjournal.record.feed import feed_end
from workspace.test_pages import enter  # noqa: F401
from world import World, made, to

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
INBOX = "/workspace/inbox"
NURSE = "PractitionerRole/nurse-role"


async def _asked(world: World, words: str, owner: str = NURSE) -> Stored:
    return await tasks.make(world.door, await world.permit("doctor"), patient="kari", words=words, owner=owner)


def _form(one: Stored, login: str = "nurse", **more: str) -> dict[str, str]:
    return {"version": str(one.version), "role": f"{login}-role", "tab": "mine", **more}


async def test_what_waits_is_on_the_page_and_counted_on_every_page(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Bytte venekanyle i venstre arm")
    page = (await enter("nurse").get(INBOX)).text
    assert "Bytte venekanyle i venstre arm" in page
    assert "NORDMANN, Kari" in page
    assert f'action="/workspace/inbox/{one.id}/done"' in page
    assert re.search(r'class="badge">.*?1<', (await enter("nurse").get("/workspace")).text)
    assert "Bytte venekanyle i venstre arm" not in (await enter("homenurse").get(INBOX)).text
    assert (await enter(None).get(INBOX)).status_code == 303


async def test_done_with_one_key_and_undone_with_one(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Ring datteren om hjemreise")
    desk = enter("nurse")
    done = await desk.post(f"{INBOX}/{one.id}/done", data=_form(one))
    assert done.status_code == 303
    page = (await desk.get(done.headers["location"])).text
    assert "Gjort." in page
    assert "Ring datteren om hjemreise" not in page
    undone = await desk.post(f"{INBOX}/undo", data={"task": one.id, "version": "2", "role": "nurse-role"})
    assert "Ring datteren om hjemreise" in (await desk.get(undone.headers["location"])).text
    again = await desk.post(f"{INBOX}/undo", data={"role": "nurse-role"})
    assert again.headers["location"].endswith("did=nothing")


async def test_of_two_at_once_the_second_is_told(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Ta blodprøve i morgen tidlig", "Organization/ward")
    taken = await enter("nurse").post(f"{INBOX}/{one.id}/take", data=_form(one, tab="team"))
    assert "did=taken" in taken.headers["location"]
    late = await enter("doctor").post(f"{INBOX}/{one.id}/done", data=_form(one, "doctor"))
    assert "did=moved" in late.headers["location"]
    assert "en annen har gjort noe" in (await enter("doctor").get(late.headers["location"])).text


async def test_handed_on_sent_back_and_something_more_to_do(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Bestill rullestol")
    desk = enter("nurse")
    refused = await desk.post(f"{INBOX}/{one.id}/back", data=_form(one, words=""))
    assert refused.status_code == 422
    assert "Skriv noen ord" in refused.text
    made_ = await desk.post(
        f"{INBOX}/{one.id}/make",
        data=_form(one, words="Ring hjelpemiddelsentralen", owner="PractitionerRole/secretary-role", patient="kari",
                   due="week"),
    )  # fmt: skip
    assert "did=made" in made_.headers["location"]
    theirs = (await enter("secretary").get(INBOX)).text
    assert "Ring hjelpemiddelsentralen" in theirs
    back = await desk.post(f"{INBOX}/{one.id}/back", data=_form(one, words="Legen må skrive under"))
    assert "did=back" in back.headers["location"]
    page = (await enter("doctor").get(f"{INBOX}?item={one.id}")).text
    assert "«Legen må skrive under» Nurse" in page
    handed = await enter("doctor").post(
        f"{INBOX}/{one.id}/hand",
        data={"version": "2", "role": "doctor-role", "owner": "PractitionerRole/secretary-role", "words": "Kan du?"},
    )
    assert "did=handed" in handed.headers["location"]


async def test_another_role_does_nothing_and_is_told(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Skift bandasje")
    answer = await enter("nurse").post(f"{INBOX}/{one.id}/done", data={**_form(one), "role": "other-role"})
    assert answer.headers["location"].endswith("did=role")
    assert "Skift bandasje" in (await enter("nurse").get(answer.headers["location"])).text


async def test_a_result_shows_what_is_to_be_acknowledged(enter: Enter, world: World) -> None:  # noqa: F811
    since = await feed_end(world.door)
    now = datetime.now(UTC)
    kalium = {
        "status": "final", "category": [{"coding": [{"code": "laboratory"}]}], "subject": to("Patient/kari"),
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "referenceRange": [{"low": {"value": 3.6}, "high": {"value": 4.6}}],
    }  # fmt: skip
    await world.put(
        made("ServiceRequest", "order", status="completed", intent="order", subject=to("Patient/kari"),
             requester=to("PractitionerRole/doctor-role")),
        made("Observation", "before", **kalium, effectiveDateTime=(now - timedelta(days=90)).isoformat(),
             valueQuantity={"value": 4.4, "unit": "mmol/L"}),
        made("Observation", "grave", **kalium, effectiveDateTime=now.isoformat(), basedOn=[to("ServiceRequest/order")],
             valueQuantity={"value": 6.4, "unit": "mmol/L"}, interpretation=[{"coding": [{"code": "HH"}]}]),
    )  # fmt: skip
    changes, _ = await changes_since(world.door, since)
    assert await tasks.take_in(world.door, access.for_job("results"), changes, now) == 1
    desk = enter("doctor")
    page = (await desk.get(INBOX)).text
    assert "Haster" in page
    assert "Kritisk: kalium 6,4 mmol/L" in page
    for shown in ("kritisk høy", "3,6\u20134,6", "<b>4,4</b>", "Kvitter og neste"):
        assert shown in page
    task, version = re.findall(r'/workspace/inbox/(ack-\w+)/done"[^>]*>.*?name="version" value="(\d+)"', page, re.S)[0]
    done = await desk.post(f"{INBOX}/{task}/done", data={"version": version, "role": "doctor-role"})
    assert "did=acknowledge" in done.headers["location"]


async def test_a_closed_record_is_not_shown_and_said(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Vurder sondemat")
    block = made("Consent", "block", status="active", scope={"coding": [{"code": "patient-privacy"}]},
                 category=[{"text": "block"}], patient=to("Patient/kari"), policyRule={"text": "x"},
                 provision={"type": "deny", "actor": [{"role": {"text": "x"}, "reference": to("Practitioner/nurse")}]},
                 )  # fmt: skip
    await world.put(block)
    page = (await enter("nurse").get(f"{INBOX}?item={one.id}")).text
    assert "Vurder sondemat" not in page
    assert "stengt for deg" in page
    await world.put({**block, "status": "inactive"})
    assert "Vurder sondemat" in (await enter("nurse").get(INBOX)).text


async def test_a_refresh_gets_the_list_alone(enter: Enter, world: World) -> None:  # noqa: F811
    await _asked(world, "Mål væskebalanse")
    part = (await enter("nurse").get(INBOX, headers={"hx-request": "true"})).text
    assert "Mål væskebalanse" in part
    assert "<html" not in part


async def test_who_has_one_open_that_another_did_is_told(enter: Enter, world: World) -> None:  # noqa: F811
    one = await _asked(world, "Måle blodsukker")
    await tasks.finish(world.door, await world.permit("secretary"), one.id, one.version)
    part = await enter("nurse").get(f"{INBOX}?item={one.id}", headers={"hx-request": "true"})
    assert "gjort av en annen" in part.text


async def test_who_oversees_has_no_inbox(enter: Enter) -> None:  # noqa: F811
    assert "/workspace/inbox" in (await enter("nurse").get("/workspace")).text


async def test_who_is_away_is_said_and_ended(enter: Enter) -> None:  # noqa: F811
    desk = enter("nurse")
    form = {"whose": NURSE, "substitute": "PractitionerRole/doctor-role", "role": "nurse-role"}
    refused = await desk.post(f"{INBOX}/away", data={**form, "first": "i morgen", "last": "31.12.2099"})
    assert refused.status_code == 422
    assert "dag.måned.år" in refused.text
    today = datetime.now(OSLO).strftime("%d.%m.%Y")
    refused = await desk.post(f"{INBOX}/away", data={**form, "whose": form["substitute"], "substitute": NURSE,
                                                      "first": today, "last": today})  # fmt: skip
    assert "Du kan ikke gjøre deg selv til stedfortreder" in refused.text
    done = await desk.post(f"{INBOX}/away", data={**form, "first": today, "last": today})
    page = (await enter("secretary").get(done.headers["location"])).text
    assert "i dag til og med i dag. Doctor står inn." in page
    id_ = re.findall(r'name="id" value="([^"]+)"', page)[0]
    ended = await enter("doctor").post(f"{INBOX}/away/end", data={"id": id_})
    assert "Ingen er meldt borte" in (await desk.get(ended.headers["location"])).text
    again = await desk.post(f"{INBOX}/away/end", data={"id": id_})
    assert again.headers["location"].endswith("done=no")


async def test_a_draft_stands_there_for_its_author_alone(enter: Enter, world: World) -> None:  # noqa: F811
    id_ = str(uuid4())
    begun = DraftText(b"{}", title="Innkomst, halvferdig", version=0, page="one")
    await save_draft(world.door, await world.permit("doctor"), "kari", id_, begun)
    page = (await enter("doctor").get(INBOX)).text
    assert "Utkast som ikke er signert" in page
    assert f'href="/workspace/patients/kari/notes/new?draft={id_}"' in page
    assert "Innkomst, halvferdig" not in (await enter("nurse").get(INBOX)).text


async def test_a_message_is_answered_where_it_stands_and_what_is_said_of_it_is_so(enter: Enter, world: World) -> None:  # noqa: F811
    message = made(
        "Communication", "question", status="completed", subject=to("Patient/kari"), sender=to("Patient/kari"),
        topic={"text": "Timen"}, payload=[{"contentString": "Kan jeg komme senere?"}],
    )  # fmt: skip
    now = datetime.now(UTC)
    work = tasks.written(kind="answer", patient="kari", owner=to(NURSE), at=now, due=now + timedelta(days=2),
                         focus="Communication/question")  # fmt: skip
    await world.put(message)
    one, desk = await world.make(work), enter("nurse")
    page = (await desk.get(f"{INBOX}?item={one.id}")).text
    assert "Svar til Kari Nordmann" in page
    assert "Pasienten ser svaret i portalen" in page
    empty = await desk.post(f"{INBOX}/{one.id}/answer", data=_form(one, words=" "))
    assert (empty.status_code, "Skriv svaret." in empty.text) == (422, True)
    unsaid = await desk.post(f"{INBOX}/{one.id}/done", data=_form(one))
    assert unsaid.status_code == 422
    late = await desk.post(f"{INBOX}/{one.id}/answer", data={**_form(one, words="Ja, klokka 14."), "version": "7"})
    assert (late.status_code, "Ja, klokka 14.</textarea>" in late.text) == (409, True)
    long = "Ja, klokka 14. " * 100
    done = await desk.post(f"{INBOX}/{one.id}/answer", data=_form(one, words=long))
    assert "did=answered" in done.headers["location"]
    assert "Pasienten ser det i portalen." in (await desk.get(done.headers["location"])).text
    async with await world.client("kari") as citizen:
        found = (await citizen.get("/Communication?subject=Patient/kari&_sort=-sent")).json()["entry"]
    assert found[0]["resource"]["payload"][0]["contentString"] == long.strip()
