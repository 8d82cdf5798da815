"""A doctor lets somebody act for a patient who cannot consent; nobody else of the staff does."""

from __future__ import annotations

import re

import httpx
import pytest

from samjournal.accounts import Account, RoleAt, add
from samjournal.record import explain
from workspace.test_pages import Enter, enter
from world import World, made, patient, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
PAGE = "/workspace/patients/kari/representation"
NUMBER = "01877298420"
SAID = {
    "number": NUMBER,
    "family": "Per",
    "level": "standard",
    "form": "DocumentReference/kari-form",
    "words": "Demens, forstår ikke hva et samtykke er",
    "until": "",
}


@pytest.fixture(autouse=True)
async def ready(world: World) -> None:
    async with world.pool.transaction() as db:
        role = (RoleAt("citizen", "", "citizen", ""),)
        await add(db, [Account("per", "Per", "citizen", role, patient_id="per")])
    document = {"status": "current", "subject": to("Patient/kari"), "date": "2026-11-01T10:00:00Z"}
    await world.put(
        made("Practitioner", "doctor"),
        {**patient("per", "Per", number=NUMBER), "birthDate": "1985-01-01"},
        made("DocumentReference", "kari-form", **document, content=[{"attachment": {"title": "Skjema for fullmakt"}}]),
    )
    async with await world.client() as client:
        for entry in (await client.get("/Consent")).json().get("entry", ()):
            await client.delete(f"/Consent/{entry['resource']['id']}")


async def send(client: httpx.AsyncClient, **more: str) -> httpx.Response:
    return await client.post(PAGE, data={**SAID, **more})


async def test_a_doctor_lets_somebody_act_and_takes_it_back(enter: Enter, world: World) -> None:
    doctor = enter("doctor")
    page = (await doctor.get(PAGE)).text
    assert "Ingen kan opptre for pasienten." in page
    assert '<option value="DocumentReference/kari-form">Skjema for fullmakt 2026-11-01</option>' in page
    assert PAGE in (await doctor.get("/workspace/patients/kari/access")).text
    sent = await send(doctor)
    assert sent.status_code == 303
    page = (await doctor.get(sent.headers["location"])).text
    assert "Lagret. Personen kan opptre for pasienten fra nå." in page
    assert "<b>NORDMANN, Kari</b>, født" in page, "the page says whom it is about"
    assert "<b>Per Per</b>, bestemt av en lege: vanlig fullmakt" in page
    assert (await world.permit("per", acts_for="kari")).bond == "without-capacity"
    matter = await world.pool.fetchrow("SELECT actor, reason FROM access.review WHERE kind = 'without-capacity'")
    assert tuple(matter) == ("doctor", SAID["words"])
    (source,) = re.findall(r'name="source" value="([^"]+)"', page)
    assert (await enter("nurse").post(f"{PAGE}/withdraw", data={"source": source})).status_code == 403
    assert (await doctor.post(f"{PAGE}/withdraw", data={"source": source})).status_code == 303
    assert "Ingen kan opptre for pasienten." in (await doctor.get(PAGE)).text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"family": "Feil"}, "Vi fant ingen"),
        ({"number": "21839348420"}, "Vi fant ingen"),
        ({"words": "fordi"}, "Velg skjemaet"),
        ({"form": ""}, "Velg skjemaet"),
        ({"form": "DocumentReference/none"}, "Velg skjemaet"),
        ({"level": "child"}, "Velg skjemaet"),
        ({"until": "snart"}, "Skriv siste dag"),
        ({"until": "2020-01-01"}, "Siste dag må være i dag eller senere"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_written_stays(enter: Enter, more: dict[str, str], said: str) -> None:
    answer = await send(enter("doctor"), **more)
    assert answer.status_code == 422
    assert said in answer.text
    assert (more.get("words") or SAID["words"]) in answer.text
    assert "Ingen kan opptre for pasienten." in answer.text


async def test_without_a_document_the_form_is_not_offered(enter: Enter, world: World) -> None:
    async with await world.client() as client:
        assert (await client.delete("/DocumentReference/kari-form")).is_success
    page = (await enter("doctor").get(PAGE)).text
    assert "Det ligger ikke noe dokument i journalen som kan være skjemaet." in page
    assert 'name="number"' not in page


@pytest.mark.parametrize("login", ["nurse", "secretary", "homenurse"])
async def test_nobody_else_does(enter: Enter, login: str) -> None:
    assert (await enter(login).get(PAGE)).status_code == 403
    assert (await send(enter(login))).status_code == 403


async def test_a_doctor_without_relation_does_not_either(enter: Enter, world: World) -> None:
    assert (await explain(world.door, await world.permit("doctor"), "ola")).opens is None
    page = "/workspace/patients/ola/representation"
    assert (await enter("doctor").get(page)).status_code in (403, 404)
    assert (await enter("doctor").post(page, data=SAID)).status_code in (403, 404)
