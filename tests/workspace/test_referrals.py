"""Referrals over HTTP: written in three choices, kept as a draft, sent, opened by a look, assessed, booked, listed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from referrals.region import sent, settled, stands
from samjournal.fhir.dates import OSLO
from workspace.test_pages import enter  # noqa: F401
from world import World, observation

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
PLACE = "/workspace/patients/kari/referrals"
CONDITION = {
    "resourceType": "Condition",
    "id": "kari-heart",
    "clinicalStatus": {
        "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
    },
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "I50.9"}], "text": "Hjertesvikt"},
    "subject": {"reference": "Patient/kari"},
}
CHOSEN = {"pick": "Condition/kari-heart", "when": "fortnight", "receiver": "clinic", "text": "Tungpust i trapp."}


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    now = datetime.now(OSLO).isoformat(timespec="seconds")
    vital = [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}
    ]
    pulse = observation("kari", value=64, at=now) | {"id": "kari-pulse", "category": vital}
    pulse["valueQuantity"] |= {"unit": "/min", "system": "http://unitsofmeasure.org", "code": "/min"}
    await world.put(CONDITION, pulse)
    return await settled(world)


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the form of a new referral."""
    form = page.partition('id="note-form"')[2].partition("</form>")[0]
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))


def version(page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found is not None
    return found[1]


async def test_three_choices_why_and_signed(enter: Enter, world: World) -> None:  # noqa: F811
    desk = enter("doctor")
    page = (await desk.get(f"{PLACE}/new")).text
    for told in ("Hjertesvikt", "Klar for mottak", "leses av Mette Brattland", "Ingen henvisninger er sendt før", "64"):
        assert told in page, told
    assert page.count("checked") >= 2, "what the chart has comes along by itself"
    form = {
        **fields(page),
        **CHOSEN,
        "questions": "Kan hun reise hjem?\nTrenger hun ekko?",
        "with": "Observation/kari-pulse",
    }
    done = await desk.post(PLACE, data=form)
    assert done.status_code == 303, done.text
    shown = (await desk.get(done.headers["location"])).text
    asked = ("Trenger hun ekko?", "64", "Oppgave til Ward og Clinic", "Purr", "Trekk tilbake")
    for told in ("Signert og sendt", "Henvisning til Clinic", "Ikke åpnet ennå", "Åpnes innen", *asked):
        assert told in shown, told
    assert "Vurder henvisningen" not in shown
    one = await stands(world, done.headers["location"].partition("?")[0].rpartition("/")[2])
    assert one.about["coding"][0]["code"] == "I50.9"
    assert one.help_by == (datetime.now(OSLO) + timedelta(days=14)).date().isoformat()
    again = await desk.post(PLACE, data={**CHOSEN})
    assert again.status_code == 409
    assert "Det er en åpen henvisning til samme mottaker" in again.text
    assert (await desk.post(PLACE, data={**CHOSEN, "another": "yes"})).status_code == 303


async def test_what_is_missing_is_told_and_what_was_written_stands(enter: Enter) -> None:  # noqa: F811
    answer = await enter("doctor").post(PLACE, data={"q": "svimmelhet", "text": "Svimmel i tre uker."})
    assert answer.status_code == 422
    assert "Velg når pasienten bør få hjelp." in answer.text
    assert "Velg hvem som skal ha henvisningen." in answer.text
    assert "Svimmel i tre uker." in answer.text
    found = await enter("doctor").post(PLACE, data={"q": "hjertesvikt", "act": "find", "receiver-q": "gym"})
    assert "I50.9" in found.text
    assert "Kan ikke ta imot" in found.text


async def test_the_draft_is_kept_and_ends_with_the_referral(enter: Enter) -> None:  # noqa: F811
    desk = enter("doctor")
    form = {**fields((await desk.get(f"{PLACE}/new?fresh=1")).text), **CHOSEN, "receiver": "heart", "act": "draft"}
    saved = await desk.post(PLACE, data=form, headers={"accept": "application/json"})
    assert saved.json()["version"] == 1
    page = (await desk.get(f"{PLACE}/new")).text
    assert "Tungpust i trapp." in page
    assert 'value="fortnight" selected' in page
    moved = await desk.post(
        PLACE, data={**form, "text": "Annet", "page": "another"}, headers={"accept": "application/json"}
    )
    assert moved.status_code == 409
    inbox = (await desk.get("/workspace/inbox")).text
    assert f"{PLACE}/new?draft=" in inbox
    done = await desk.post(PLACE, data={**fields(page), **CHOSEN, "receiver": "heart", "act": "sign"})
    assert done.status_code == 303, done.text
    assert "Tungpust i trapp." not in (await desk.get(f"{PLACE}/new")).text
    assert (
        "saved=already"
        in (await desk.post(PLACE, data={**fields(page), **CHOSEN, "receiver": "heart"})).headers["location"]
    )


async def test_the_receiver_opens_by_looking_and_takes_it_on(enter: Enter, world: World) -> None:  # noqa: F811
    id_ = await sent(world)
    clinic, place = enter("clinic"), f"{PLACE}/{id_}"
    listed = (await clinic.get("/workspace/referrals")).text
    assert listed.index("Skal åpnes") < listed.index(id_) < listed.index("Skal vurderes")
    page = (await clinic.get(place)).text
    assert "Venter på vurdering" in page
    assert "Vurderes innen" in page
    listed = (await clinic.get("/workspace/referrals?sort=patient")).text
    assert listed.index("Skal vurderes") < listed.index(id_)
    until = (datetime.now(OSLO) + timedelta(days=20)).strftime("%d.%m.%Y")
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"do": "assess"}, "Velg om pasienten"),
        ({"do": "assess", "right": "yes", "until": "snart"}, "Skriv fristen"),
        ({"do": "assess", "right": "no"}, "Skriv hvorfor"),
        ({"do": "forward", "to": "Gym", "words": "Trening"}, "kan ta imot nå"),
        ({"do": "reject", "words": " "}, "Skriv hvorfor"),
    )
    for form, told in wrong:
        answer = await clinic.post(place, data={**form, "version": version(page)})
        assert answer.status_code == 422, form
        assert told in answer.text
    done = await clinic.post(
        place, data={"do": "assess", "right": "yes", "until": until, "words": "Hei", "version": version(page)}
    )
    assert done.status_code == 303, done.text
    moved = await clinic.post(place, data={"do": "reject", "words": "Nei likevel", "version": version(page)})
    assert moved.status_code == 409
    assert "Nei likevel" in moved.text
    page = (await clinic.get(place)).text
    assert "rett til helsehjelp innen" in page
    assert "Vurdering av henvisningen" in page
    day = (datetime.now(OSLO) + timedelta(days=5)).date().isoformat()
    office = enter("office")
    assert "Sett opp timen" in (await office.get(place)).text
    booked = await office.post(
        place, data={"do": "book", "day": day, "time": "10:30", "minutes": "45", "version": version(page)}
    )
    assert booked.status_code == 303, booked.text
    page = (await clinic.get(place)).text
    assert "Har time" in page
    closed = await clinic.post(place, data={"do": "close", "words": "Ekko gjort", "version": version(page)})
    assert closed.status_code == 303, closed.text
    assert id_ in (await clinic.get("/workspace/referrals?ended=1")).text
    theirs = (await enter("doctor").get("/workspace/patients/kari/referrals")).text
    assert "Avsluttet" in theirs
    assert "Ferdig" in theirs


async def test_the_sender_sees_where_it_is_and_is_told_when_it_comes_back(enter: Enter, world: World) -> None:  # noqa: F811
    id_ = await sent(world)
    place = f"{PLACE}/{id_}"
    await enter("clinic").post(place, data={"do": "reject", "words": "Hører til Hjerte", "version": "1"})
    page = (await enter("doctor").get(place)).text
    assert "Hører til Hjerte" in page
    assert "Avvist" in page
    team = (await enter("doctor").get("/workspace/inbox?tab=team")).text
    assert "er avvist: Hører til Hjerte" in team
    mine = await sent(world)
    assert mine in (await enter("nurse").get("/workspace/referrals?list=sent")).text
    other = f"/workspace/patients/ola/referrals/{mine}"
    assert (await enter("doctor").get(other)).status_code in (403, 404)
    back = await enter("doctor").post(f"{PLACE}/{mine}", data={"do": "withdraw", "words": "Innlagt", "version": "1"})
    assert back.status_code == 303
    assert (await enter("secretary").post(PLACE, data={**CHOSEN, "another": "yes"})).status_code == 403
