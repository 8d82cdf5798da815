"""Files in the portal: those of what the citizen reads, and of nothing that is kept from him."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from exchange.test_kinds_received import became, discharged
from exchange.test_kinds_written import SCAN
from exchange.test_receiving import addressed, kept, took  # noqa: F401
from portal.test_referrals import Enter, enter
from samjournal.notes import hold_back
from world import World, made, to

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


async def test_a_file_goes_with_its_note_and_is_kept_back_with_it(enter: Enter, addressed: World) -> None:  # noqa: F811
    data = discharged(str(uuid4()), files=(SCAN,))
    await took(addressed, data)
    note = next(one for one in await became(addressed, data) if one["resourceType"] == "Composition")
    kari = enter("kari")
    article = (await kari.get("/portal/notes")).text.partition(f'id="note-{note["id"]}"')[2].partition("</article>")[0]
    original, scan = (one for one in re.findall(r'href="(/portal/documents/[^"]+)"', article) if "?" not in one)
    opened = await kari.get(scan)
    assert (opened.content, opened.headers["content-type"]) == (SCAN.data, "application/pdf")
    assert (await kari.get(original)).headers["content-disposition"].startswith("attachment; ")
    assert (await enter("elias").get(scan)).status_code == 404
    why = "Pasienten skal få vite det i en samtale først."
    await hold_back(addressed.door, await addressed.permit("doctor"), note["id"], why)
    assert (await kari.get(scan)).status_code == 404
    assert scan not in (await kari.get("/portal/notes")).text


async def test_what_nothing_names_is_not_there(enter: Enter, world: World) -> None:
    content = [{"attachment": {"contentType": "text/plain", "data": "SGVp"}}]
    await world.put(made("DocumentReference", "loose", status="current", content=content, subject=to("Patient/kari")))
    assert (await enter("kari").get("/portal/documents/loose/1")).status_code == 404
