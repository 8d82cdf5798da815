"""Allergies and critical information over HTTP: recorded, ruled out, asked, and what the head of the chart says."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from workspace.test_pages import enter  # noqa: F401
from world import World, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
CHART = "/workspace/patients/per"
PAGE = f"{CHART}/allergies"


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    await world.put(patient("per", "Berg"), stay("per-stay", "per"))


async def test_not_asked_none_known_and_listed_are_three_things_on_page_and_chart(enter: Enter) -> None:  # noqa: F811
    desk = enter("nurse")
    for address in (PAGE, CHART):
        assert "Allergi: ikke spurt" in (await desk.get(address)).text
    assert (await desk.post(PAGE, data={"do": "none"})).status_code == 303
    for address in (PAGE, CHART):
        page = (await desk.get(address)).text
        assert "Ingen kjent allergi, spurt i dag" in page
        assert "ikke spurt" not in page
    form = {"do": "allergy", "substance": "Penicillin", "reaction": "Elveblest", "severity": "severe", "since": "2019"}
    assert (await desk.post(PAGE, data=form)).status_code == 303
    for address in (PAGE, CHART):
        page = (await desk.get(address)).text
        assert "Penicillin" in page
        assert "Elveblest" in page
        assert "spurt i dag" not in page.partition("</header>")[0]
    refused = await desk.post(PAGE, data={"do": "none"})
    assert refused.status_code == 409
    assert "Penicillin står i journalen" in refused.text
    assert (await desk.post(PAGE, data=form)).status_code == 409
    page = (await desk.get(PAGE)).text
    found = re.search(
        r'action="([^"]+)">.{0,200}?name="version" value="(\d+)"><input[^>]+value="refuted"', page, re.DOTALL
    )
    assert found is not None
    assert (await desk.post(found[1], data={"do": "refuted", "version": "9"})).status_code == 409
    assert (await desk.post(found[1], data={"do": "refuted", "version": found[2]})).status_code == 303
    page = (await desk.get(PAGE)).text
    assert "Allergi: ikke spurt" in page
    assert "avkreftet" in page


@pytest.mark.parametrize(
    "form",
    [
        {"do": "allergy", "substance": " "},
        {"do": "allergy", "substance": "Nøtter", "since": "i fjor"},
        {"do": "allergy", "substance": "Nøtter", "since": "2999"},
        {"do": "critical", "critical": ""},
    ],
)
async def test_what_cannot_be_is_said_and_kept(enter: Enter, form: dict[str, str]) -> None:  # noqa: F811
    page = await enter("doctor").post(PAGE, data=form)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    if form.get("substance", "").strip():
        assert 'value="Nøtter"' in page.text


async def test_critical_information_stands_in_the_head_until_it_ends(enter: Enter) -> None:  # noqa: F811
    desk = enter("doctor")
    assert (await desk.post(PAGE, data={"do": "critical", "critical": "Pacemaker"})).status_code == 303
    assert "Pacemaker" in (await desk.get(CHART)).text.partition("</header>")[2].partition("</header>")[0]
    page = (await desk.get(PAGE)).text
    found = re.search(
        r'action="([^"]+)">.{0,200}?name="version" value="(\d+)"><input[^>]+value="ended"', page, re.DOTALL
    )
    assert found is not None
    assert (await desk.post(found[1], data={"do": "ended", "version": found[2], "role": "x"})).status_code == 409
    assert (await desk.post(found[1], data={"do": "ended", "version": found[2]})).status_code == 303
    assert "Pacemaker" not in (await desk.get(CHART)).text
    assert (await desk.post(found[1], data={"do": "ended", "version": "2"})).status_code == 409


async def test_another_role_and_who_may_not(enter: Enter) -> None:  # noqa: F811
    page = await enter("doctor").post(PAGE, data={"do": "allergy", "substance": "Bie", "role": "other"})
    assert page.status_code == 409
    assert 'name="substance" value="Bie"' in page.text
    assert 'name="substance"' not in (await enter("secretary").get(PAGE)).text
    assert (await enter("secretary").post(PAGE, data={"do": "none"})).status_code == 403
    assert (await enter("homenurse").get(PAGE)).status_code == 403
