"""Messages out on the page of the unit: each with its state in words, and what did not arrive with a way on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from exchange.test_outbox import connected, endpoint, signed, standing  # noqa: F401
from exchange.test_receiving import addressed  # noqa: F401
from samjournal import access, messages, tasks
from samjournal.messages.outgoing import Outgoing
from samjournal.messages.states import Sent
from samjournal.record import query_of, search
from samjournal.record.beside import resources
from samjournal.ui.language import language
from samjournal.workspace.facts import Reader
from samjournal.workspace.message_sent import sent
from workspace.test_pages import enter  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
JOB = access.for_job("messages")
PAGE = "/workspace/messages"


async def stopped(world: World, state: Sent = "no-route") -> Outgoing:
    """One that did not arrive."""
    out = await signed(world)
    one = (await resources(world.door, JOB, [("Communication", out.id)]))[f"Communication/{out.id}"]
    await messages.failed(world.door, JOB, one, state, "Mottakeren finnes ikke.", datetime.now(UTC))
    return out


async def work(world: World, id_: str) -> list[tasks.Said]:
    asked = query_of("Task", [("focus", f"Communication/{id_}"), ("code", "urn:samjournal:task|deliver")])
    return [
        tasks.said(one.resource()) for one in (await search(world.door, await world.permit("doctor"), asked)).matches
    ]


def form(version: int = 2, **more: str) -> dict[str, str]:
    return {"role": "doctor-role", "version": str(version), **more}


async def test_what_was_sent_says_how_far_it_has_come(enter: Enter, connected: World) -> None:  # noqa: F811
    out = await signed(connected)
    page = (await enter("doctor").get(f"{PAGE}?tab=out")).text
    shown = page[page.index(f'id="sent-{out.id}"') - 400 :].partition("</article>")[0]
    for said in ("Hjertespesialisten", "Signert, ikke sendt ennå", "NORDMANN, Kari", "signert i dag"):
        assert said in shown
    assert out.id not in (await enter("homenurse").get(f"{PAGE}?tab=out")).text


async def test_what_did_not_arrive_is_an_alarm_and_has_a_page(enter: Enter, connected: World) -> None:  # noqa: F811
    out = await stopped(connected)
    desk, page = enter("doctor"), f"{PAGE}/sent/{out.id}"
    assert f'href="{page}"' in (await desk.get(f"{PAGE}?tab=out")).text
    assert "kom ikke fram)" in (await desk.get(PAGE)).text
    (task,) = await work(connected, out.id)
    assert f'href="{page}"' in (await desk.get(f"/workspace/inbox?tab=team&item={task.id}")).text
    shown = (await desk.get(page)).text
    assert "Kunne ikke sendes" in shown
    assert "Mottakeren finnes ikke." in shown
    assert (await desk.post(page, data=form())).status_code == 422
    assert (await desk.post(page, data={**form(way="resend"), "role": "other"})).status_code == 409
    done = await desk.post(page, data=form(way="resend"))
    assert done.headers["location"] == f"{PAGE}?tab=out&did=resend"
    assert messages.state_of(await standing(connected, out.id)) == "signed"
    assert (await desk.post(page, data=form(way="resend"))).status_code == 409
    assert "Noen har alt sett til meldingen" in (await desk.get(page)).text
    assert (await enter("homenurse").get(page)).status_code == 404


@pytest.mark.parametrize("way", ["paper", "phone"])
async def test_on_paper_and_by_phone_takes_words(enter: Enter, connected: World, way: str) -> None:  # noqa: F811
    out = await stopped(connected, "timed-out")
    desk, page = enter("doctor"), f"{PAGE}/sent/{out.id}"
    refused = await desk.post(page, data=form(way=way, words=""))
    assert refused.status_code == 422
    assert "Skriv hvem som fikk den, og når." in refused.text
    done = await desk.post(page, data=form(way=way, words="Kari ved ekspedisjonen, i dag kl. 10"))
    assert done.status_code == 303, done.text[-900:]
    assert messages.state_of(await standing(connected, out.id)) == way
    assert [one.status for one in await work(connected, out.id)] == ["completed"]


async def test_another_can_have_it_who_takes_such_messages(enter: Enter, connected: World) -> None:  # noqa: F811
    out = await stopped(connected)
    await connected.put(
        {"resourceType": "Organization", "id": "other-heart", "name": "Hjerteklinikken Sør"},
        endpoint("other-heart", "other-heart", name="Hjerteklinikken Sør"),
        {"resourceType": "Organization", "id": "shut-heart", "name": "Hjerteklinikken Nord"},
        endpoint("shut-heart", "shut-heart", name="Hjerteklinikken Nord", status="test"),
    )
    desk, page = enter("doctor"), f"{PAGE}/sent/{out.id}"
    shown = (await desk.get(f"{page}?q=Hjerteklinikken")).text
    assert 'value="other-heart"' in shown
    assert 'value="shut-heart" disabled' in shown
    assert "prøvemeldingen er ikke besvart" in shown
    assert (await desk.post(page, data=form(way="other", receiver="shut-heart"))).status_code == 409
    done = await desk.post(page, data=form(way="other", receiver="other-heart"))
    assert done.headers["location"].endswith("did=other")
    assert messages.state_of(await standing(connected, out.id)) == "other-receiver"


async def test_it_is_not_ticked_off(enter: Enter, connected: World) -> None:  # noqa: F811
    """The way to harm: the work on a letter that never arrived is done, and nobody sent it."""
    out = await stopped(connected)
    (task,) = await work(connected, out.id)
    said = {"version": str(task.version), "role": "doctor-role", "tab": "team"}
    done = await enter("doctor").post(f"/workspace/inbox/{task.id}/done", data=said)
    assert done.headers["location"].endswith("did=moved"), done.headers["location"]
    async with await connected.client("doctor") as client:
        body = (await client.get(f"/Task/{task.id}")).json()
        assert (await client.put(f"/Task/{task.id}", json={**body, "status": "completed"})).status_code == 403


async def test_a_state_that_lasts_too_long_says_so(enter: Enter, connected: World) -> None:  # noqa: F811
    out = await standing(connected, (await signed(connected)).id)
    now = datetime.now(UTC)
    for later, late in ((timedelta(minutes=30), False), (timedelta(hours=2), True)):
        (one,) = sent([out], {}, Reader("doctor", language("nb"), now + later))
        assert one.late is late
