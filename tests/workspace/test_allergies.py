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


ATC = "http://www.whocc.no/atc"
SNOMED = "http://snomed.info/sct"
FRAGMENT = {"hx-request": "true"}


@pytest.mark.parametrize(
    ("of", "typed", "value", "told"),
    [
        ("substance", "penisilin", f"{ATC}|J01C", "Mente du noe av dette?"),
        ("substance", "ibux", f"{ATC}|M01AE01", "Ibuprofen"),
        ("substance", "peanøt", f"{SNOMED}|762952008", "Peanøtter"),
        ("substance", "bjørkepollen", f"{SNOMED}|782576004", "Trepollen"),
        ("reaction", "elvebelst", "http://hl7.org/fhir/sid/icd-10|L50.9", "Mente du noe av dette?"),
        ("reaction", "hives", "http://hl7.org/fhir/sid/icd-10|L50.9", "Elveblest"),
    ],
)
async def test_a_substance_and_a_reaction_are_found_by_words_and_slips(
    enter: Enter,  # noqa: F811
    of: str,
    typed: str,
    value: str,
    told: str,
) -> None:
    found = (await enter("nurse").get("/workspace/codes", params={"of": of, of: typed}, headers=FRAGMENT)).text
    assert f'name="{of}_pick" value="{value}"' in found
    assert told in found
    assert "checked" not in found
    page = (await enter("nurse").get(PAGE, params={of: typed})).text
    assert f'name="{of}_pick" value="{value}"' in page, "without scripts too"


async def test_codes_of_what_is_no_substance_are_none(enter: Enter) -> None:  # noqa: F811
    for typed in ("hjertesvikt", "NEWS2", "ingen kjent allergi"):
        found = (await enter("nurse").get(f"/workspace/codes?of=substance&substance={typed}", headers=FRAGMENT)).text
        assert "Ingen kode passer." in found
    assert (await enter("nurse").get("/workspace/codes?of=substance&substance=", headers=FRAGMENT)).text.strip() == ""


async def test_what_was_chosen_is_stored_with_its_code(enter: Enter, world: World) -> None:  # noqa: F811
    form = {"do": "allergy", "substance": "ibux", "substance_pick": f"{ATC}|M01AE01", "reaction": "elveblest"}
    form["reaction_pick"] = "http://hl7.org/fhir/sid/icd-10|L50.9"
    assert (await enter("nurse").post(PAGE, data=form)).status_code == 303
    page = (await enter("nurse").get(PAGE)).text
    assert '<b>Ibuprofen</b> <span class="code">M01AE01</span>' in page
    system = await world.client(scope="system/*.rs")
    found = (await system.get("/AllergyIntolerance", params={"patient": "per", "code": f"{ATC}|M01AE01"})).json()
    (allergy,) = [one["resource"] for one in found["entry"]]
    assert allergy["category"] == ["medication"]
    assert allergy["reaction"][0]["manifestation"][0]["coding"][0]["code"] == "L50.9"
    again = await enter("nurse").post(PAGE, data={**form, "substance": "brufen"})
    assert again.status_code == 409, "the same substance by another word"


async def test_words_that_were_changed_after_the_choice_are_asked_about(enter: Enter) -> None:  # noqa: F811
    form = {"do": "allergy", "substance": "paracet", "substance_pick": f"{ATC}|J01C"}
    page = await enter("nurse").post(PAGE, data=form)
    assert page.status_code == 422
    assert "Velg koden på nytt." in page.text
    page = await enter("nurse").post(PAGE, data={**form, "substance_pick": f"{ATC}|X99"})
    assert "Koden er ikke i bruk lenger." in page.text


@pytest.mark.parametrize("field", ["substance", "reaction", "critical"])
@pytest.mark.parametrize("text", ["\u202eretnnA", "7" * 200])
async def test_what_nobody_can_read_is_refused(enter: Enter, field: str, text: str) -> None:  # noqa: F811
    form = {"do": "critical" if field == "critical" else "allergy", "substance": "Bie", field: text}
    page = await enter("nurse").post(PAGE, data=form)
    assert page.status_code == 422
    assert 'role="alert"' in page.text
