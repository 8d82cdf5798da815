"""The page on which a person finds the patient of a message, and what the inbox shows of it."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from exchange.test_receiving import addressed, open_tasks  # noqa: F401
from messages.test_matching import waiting
from workspace.test_pages import enter  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]


async def test_the_patient_is_found_from_the_inbox_on(enter: Enter, addressed: World) -> None:  # noqa: F811
    _, name = await waiting(addressed)
    desk, page = enter("doctor"), f"/workspace/messages/{name}"
    inbox = (await desk.get("/workspace/inbox?tab=team")).text
    assert f'href="{page}"' in inbox
    assert "Faller oftere" in inbox
    found = (await desk.get(f"{page}?q=Nordmann")).text
    assert "Pasient: Nordmann, Kari, født 1948-03-11, FNR 11834826227" in found
    assert 'value="kari"' in found
    form = {"version": "1", "role": "doctor-role", "q": "Nordmann"}
    assert (await desk.post(page, data={**form, "role": "other"})).status_code == 409
    assert (await desk.post(page, data=form)).status_code == 422
    done = await desk.post(page, data={**form, "patient": "kari"})
    assert (done.status_code, done.headers["location"]) == (303, "/workspace/inbox?tab=team&did=matched")
    assert "Meldingen ligger i pasientens journal" in (await desk.get(done.headers["location"])).text
    again = await desk.post(page, data={**form, "patient": "ola"})
    assert again.status_code == 409
    assert "Noen har alt sett til meldingen" in again.text


async def test_it_is_not_done_before_somebody_has_found_him(enter: Enter, addressed: World) -> None:  # noqa: F811
    """The way to harm: the task is ticked off, the message lies in nobody's record, and its sender is told nothing."""
    id_, name = await waiting(addressed)
    form = {"version": "1", "role": "doctor-role", "tab": "team"}
    done = await enter("doctor").post(f"/workspace/inbox/{name}/done", data=form)
    assert done.headers["location"].endswith("did=moved"), done.headers["location"]
    async with await addressed.client("doctor") as client:
        task = (await client.get(f"/Task/{name}")).json()
        refused = await client.put(f"/Task/{name}", json={**task, "status": "completed"})
        assert refused.status_code == 403
        assert "finding the patient" in refused.text
        assert (await client.put(f"/Task/{name}", json={**task, "priority": "urgent"})).status_code == 200
    assert len(await open_tasks(addressed, id_)) == 1
    page = (await enter("doctor").get(f"/workspace/inbox?tab=team&item={name}")).text
    assert f"/workspace/inbox/{name}/done" not in page


async def test_it_goes_back_with_a_reason(enter: Enter, addressed: World) -> None:  # noqa: F811
    _, name = await waiting(addressed)
    desk, page = enter("secretary"), f"/workspace/messages/{name}"
    done = await desk.post(page, data={"version": "1", "role": "secretary-role", "refuse": "E36"})
    assert done.headers["location"] == "/workspace/inbox?tab=team&did=refused"


async def test_it_is_not_there_for_others(enter: Enter, addressed: World) -> None:  # noqa: F811
    _, name = await waiting(addressed)
    assert (await enter("homenurse").get(f"/workspace/messages/{name}")).status_code == 404
    assert (await enter("doctor").get("/workspace/messages/nothing")).status_code == 404
