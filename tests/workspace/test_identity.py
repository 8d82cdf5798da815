"""Who is who over HTTP: proposed by a secretary, looked at side by side, merged by another, parted again."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from patients.test_merging import keeper
from samjournal import accounts
from workspace.test_pages import enter  # noqa: F401
from world import CONFIDENTIALITY, HIDDEN_ADDRESS, World, observation, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
PAGE = "/workspace/identity"
WHY = "Samme navn, fødselsdato og adresse i begge"


@pytest.fixture(scope="module", autouse=True)
async def records(world: World) -> None:
    async with world.pool.transaction() as db:
        await accounts.add(db, [keeper("gerd"), keeper("jon")])
    hidden = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}
    phone = {"telecom": [{"system": "phone", "value": "99999999"}]}
    await world.put(
        {**patient("aud-1", "Berg"), "gender": "female", "address": [{"city": "Levanger"}]},
        {**patient("aud-2", "Berg"), "name": [{"family": "Berg", "given": ["Aud-1"]}], "gender": "male"},
        {
            **patient("aud-3", "Berg"),
            **hidden,
            "address": [{"city": "Hemmelig"}],
            **phone,
        },
        stay("aud-2-stay", "aud-2"),
    )


async def test_the_whole_way_to_one_record_and_back(enter: Enter, world: World) -> None:  # noqa: F811
    desk = enter("secretary")
    assert (
        "/workspace/identity/compare?one=aud-1&amp;other=aud-2" in (await desk.get(PAGE, params={"one": "aud-1"})).text
    )
    page = await desk.get(f"{PAGE}/compare", params={"one": "aud-1", "other": "aud-2"})
    assert "BERG, Aud-1" in page.text
    assert "<td><span>1948</span></td>" in page.text, "the year alone of whom the ward does not have"
    assert page.text.count('class="differs"') == 1, "the sex"
    assert "Levanger" not in page.text, "the address is for who decides"
    form = {"one": "aud-1", "other": "aud-2", "staying": "aud-2", "reason": "kort"}
    short = await desk.post(f"{PAGE}/propose", data=form)
    assert short.status_code == 422
    assert "Skriv grunnen i en setning" in short.text
    sent = await desk.post(f"{PAGE}/propose", data={**form, "reason": WHY})
    assert sent.headers["location"] == f"{PAGE}?done=proposed"
    assert "Forslaget er sendt" in (await desk.get(sent.headers["location"])).text
    again = await desk.post(f"{PAGE}/propose", data={**form, "reason": WHY})
    assert again.status_code == 422
    task = await _task(world)
    keeps = enter("gerd")
    assert "1 forslag om å slå sammen journaler venter" in (await keeps.get("/workspace")).text
    waiting = await keeps.get(PAGE)
    assert WHY in waiting.text
    side = await keeps.get(f"{PAGE}/compare", params={"task": task})
    assert "Kjønnet er ulikt" in side.text
    assert "Levanger" in side.text
    assert "11.03.1948" in side.text
    assert (await desk.post(f"{PAGE}/decide", data={"task": task, "decision": "confirm"})).status_code == 403
    done = await keeps.post(f"{PAGE}/decide", data={"task": task, "decision": "confirm"})
    assert done.headers["location"] == f"{PAGE}?done=merged"
    chart = await enter("nurse").get("/workspace/patients/aud-1")
    assert chart.status_code == 200
    twice = await keeps.post(f"{PAGE}/decide", data={"task": task, "decision": "confirm"})
    assert twice.status_code == 422
    await world.put({**observation("aud-2"), "id": "aud-later"})
    since = await enter("jon").get(f"{PAGE}/merged/aud-1")
    assert "måling eller svar" in since.text
    assert (await enter("jon").post(f"{PAGE}/merged/aud-1", data={"reason": ""})).status_code == 422
    parted = await enter("jon").post(f"{PAGE}/merged/aud-1", data={"reason": "To søsken, se fødselsmelding"})
    assert parted.headers["location"] == f"{PAGE}?done=parted"
    assert (await enter("nurse").get("/workspace/patients/aud-1")).status_code == 403
    assert (await enter("jon").get(f"{PAGE}/merged/aud-1")).status_code == 409


async def _task(world: World) -> str:
    found: str = await world.pool.fetchval("SELECT id FROM store.version WHERE body LIKE '%\"Task\"%'::bytea LIMIT 1")
    return found


async def test_who_proposed_is_told_that_another_must_merge(enter: Enter, world: World) -> None:  # noqa: F811
    form = {"one": "aud-1", "other": "aud-3", "staying": "aud-1", "reason": WHY}
    assert (await enter("gerd").post(f"{PAGE}/propose", data=form)).status_code == 303
    link = (await enter("gerd").get(PAGE)).text.partition("compare?task=")[2].partition('"')[0]
    assert "Du foreslo dette selv" in (await enter("gerd").get(f"{PAGE}/compare?task={link}")).text
    assert (await enter("gerd").post(f"{PAGE}/decide", data={"task": link, "decision": "confirm"})).status_code == 403
    decline = {"task": link, "decision": "decline", "reason": "De er to søstre"}
    assert (await enter("gerd").post(f"{PAGE}/decide", data=decline)).headers["location"] == f"{PAGE}?done=declined"


async def test_a_protected_address_is_hidden_from_who_decides_too(enter: Enter) -> None:  # noqa: F811
    page = await enter("gerd").get(f"{PAGE}/compare", params={"one": "aud-1", "other": "aud-3"})
    assert not HIDDEN_ADDRESS.search(page.text)
    assert "beskyttet" in page.text


async def test_who_does_not_register_gets_no_page(enter: Enter) -> None:  # noqa: F811
    desk = enter("homenurse")
    for path in (PAGE, f"{PAGE}/compare?one=aud-1&other=aud-2", f"{PAGE}/merged/aud-1"):
        assert (await desk.get(path)).status_code == 403
    assert (await enter("secretary").get(f"{PAGE}/merged/aud-1")).status_code == 403
    assert (await enter("gerd").get(f"{PAGE}/compare?one=aud-1&other=never")).status_code == 404


async def test_a_record_keeper_opens_no_record(enter: Enter, world: World) -> None:  # noqa: F811
    await world.put(stay("gerds", "kari", unit="hospital"))
    assert (await enter("gerd").get("/workspace/patients/kari")).status_code == 404
    async with await world.client("gerd") as client:
        assert (await client.get("/Patient/kari")).status_code == 404
        assert (await client.get("/Observation?patient=kari")).status_code == 403


async def test_a_record_keeper_closes_a_record_and_opens_it_again(enter: Enter, world: World) -> None:  # noqa: F811
    await world.put(patient("stengt", "Gammel"), stay("stengt-stay", "stengt"))
    asked = {"one": "stengt", "decision": "close", "reason": "Vedtak om ny identitet"}
    assert (await enter("secretary").post(f"{PAGE}/close", data=asked)).status_code == 403
    assert "Steng journalen" in (await enter("gerd").get(PAGE, params={"one": "stengt"})).text
    assert (await enter("gerd").post(f"{PAGE}/close", data={**asked, "reason": ""})).status_code == 422
    assert (await enter("gerd").post(f"{PAGE}/close", data=asked)).headers["location"] == f"{PAGE}?done=closed"
    assert (await enter("gerd").post(f"{PAGE}/close", data=asked)).status_code == 422
    assert "sperret" in (await enter("nurse").get("/workspace/patients/stengt")).text
    assert "Journalen er stengt" in (await enter("gerd").get(PAGE, params={"one": "stengt"})).text
    back = await enter("gerd").post(f"{PAGE}/close", data={**asked, "decision": "reopen"})
    assert back.headers["location"] == f"{PAGE}?done=reopened"
    assert (await enter("nurse").get("/workspace/patients/stengt")).status_code == 200
