"""What is new since a reader's last look is marked as seen by a key, and never what he has not been shown."""

from __future__ import annotations

import re

import pytest

from workspace.test_pages import Enter, enter
from workspace.test_timeline import note
from world import World

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
CHART = "/workspace/patients/kari"


async def looked_before(world: World, hours: int = 2) -> None:
    """The nurse saw the chart some hours ago."""
    await world.as_owner(f"UPDATE audit.look SET at = at - interval '{hours} hours' WHERE action = 'chart'")


def field(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page[page.index("/seen") :])
    assert found, name
    return found[1]


async def test_what_is_new_is_marked_as_seen(world: World, enter: Enter) -> None:
    nurse = enter("nurse")
    await nurse.get(CHART)
    await looked_before(world)
    await world.put(note("new", "2026-11-20T10:00:00+01:00", "Nytt."))
    page = (await nurse.get(CHART)).text
    assert 'class="ny"' in page
    assert "Merk som sett" in page
    assert "only=new" in page
    form = {"look": field(page, "look"), "until": field(page, "until")}
    refused = await nurse.post(f"{CHART}/seen", data={**form, "until": "2026-01-01T00:00:00+00:00"})
    assert refused.status_code == 409
    assert "Noe kom til etter at siden ble vist" in refused.text
    later = await nurse.post(f"{CHART}/seen", data={**form, "until": "2099-01-01T00:00:00+00:00"})
    assert later.headers["location"] == f"{CHART}?saved=seen"
    page = (await nurse.get(CHART)).text
    assert 'class="ny"' not in page
    assert "ingenting nytt" in page


async def test_it_stays_new_to_others(world: World, enter: Enter) -> None:
    await enter("doctor").get(CHART)
    await looked_before(world)
    await world.put(note("another", "2026-11-20T10:00:00+01:00", "Nytt."))
    nurse = enter("nurse")
    page = (await nurse.get(CHART)).text
    form = {"look": field(page, "look"), "until": "2099-01-01T00:00:00+00:00"}
    await nurse.post(f"{CHART}/seen", data=form)
    assert 'class="ny"' in (await enter("doctor").get(CHART)).text


async def test_a_form_without_the_moment_is_refused_and_nobody_marks_a_closed_record(
    world: World, enter: Enter
) -> None:
    assert (await enter("nurse").post(f"{CHART}/seen", data={})).status_code == 400
    closed = {"until": "2099-01-01T00:00:00+00:00"}
    assert (await enter("homenurse").post(f"{CHART}/seen", data=closed)).status_code == 403
    found = await world.pool.fetch("SELECT 1 FROM audit.look WHERE action = 'seen' AND actor = 'homenurse'")
    assert not found
