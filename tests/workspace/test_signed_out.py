"""A note that was being written when the session ended is not lost."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette

from samjournal.workspace import routes

pytestmark = pytest.mark.anyio


async def _post(path: str, **form: str) -> httpx.Response:
    transport = httpx.ASGITransport(app=Starlette(routes=routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(path, data=form, headers={"accept-language": "nb"})


async def test_what_was_written_stands_on_the_page_that_says_so() -> None:
    answer = await _post("/workspace/patients/kari/notes", title="Kveld", text="Sov godt & <lenge>")
    assert answer.status_code == 401
    assert "Sov godt &amp; &lt;lenge&gt;" in answer.text
    assert "Kveld" in answer.text
    assert "/signin?next=/workspace/patients/kari" in answer.text


async def test_only_what_was_typed_is_shown_and_the_way_back_leads_to_a_page() -> None:
    answer = await _post("/workspace/patients/kari/notes", kind="mental-health", text="Sov godt")
    assert "mental-health" not in answer.text
    answer = await _post("/workspace/patients/kari/notes/n1/hold-back", reason="Det haster ikke")
    assert '/signin?next=/workspace/patients/kari"' in answer.text
    answer = await _post("/workspace/identity/merged/kari", reason="To søstre med samme navn")
    assert '/signin?next=/workspace/identity"' in answer.text


async def test_an_empty_form_goes_to_sign_in() -> None:
    answer = await _post("/workspace/patients/kari/notes", title="", text="")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/workspace")
