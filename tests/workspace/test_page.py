"""What every page of one patient has: that something is kept from the reader is said, and a reason is asked for."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

import httpx
import pytest
from starlette.routing import Route

from referrals.region import referral
from samjournal.fhir.reserved import ACT_CODE
from samjournal.workspace.routes import routes
from workspace.test_pages import Enter, enter
from workspace.test_timeline import note
from world import World, made, observation, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
PATIENT: Final = "/workspace/patients/{id}"
UCUM: Final = "http://unitsofmeasure.org"
SAID: Final = "Noe i journalen vises ikke for deg."
PARTS: Final = {"note": "plain", "measurement": "pulse", "type": "Observation", "result": "pulse", "referral": "sent"}
"""What the addresses name besides the patient."""
SUMMARY: Final = {"type": {"coding": [{"system": "http://loinc.org", "code": "18842-5"}]}}
ELSEWHERE: Final = {
    f"{PATIENT}/access": "says by which ties the record is open, or is not",
    f"{PATIENT}/reason": "is where it is opened",
    f"{PATIENT}/phrase": "is no page: what a phrase says now",
    f"{PATIENT}/notes/preview": "shows a draft, and is opened by one",
    f"{PATIENT}/notes/{{note}}/paper": "is no page: the note as a PDF",
    f"{PATIENT}/apps/{{app}}": "is no page: an app is opened, from a page of ours alone",
    f"{PATIENT}/documents/{{document}}/{{n:int}}": "is no page: a file as it came",
}
READ: Final = {one.path for one in routes() if isinstance(one, Route) and "GET" in (one.methods or ())}
PAGES: Final = sorted(path for path in READ - set(ELSEWHERE) if path.startswith(PATIENT))


@pytest.fixture(scope="module")
async def kept(world: World) -> World:
    """The nurse may not see one note of Kari's, which belongs to the home-care unit."""
    await world.put(
        made("PractitionerRole", "nurse-role", organization=to("Organization/ward")),
        note("plain", "2026-11-20T10:00:00+01:00", "Har det bra.") | SUMMARY,
        note("secret", "2026-11-20T11:00:00+01:00", "Bare for oss.")
        | {"meta": {"security": [{"system": ACT_CODE, "code": "PSY"}]}, "custodian": to("Organization/homecare")},
        *referral("sent", "kari"),
        observation("kari") | {"id": "pulse", "valueQuantity": {"value": 64, "code": "/min", "system": UCUM}},
    )
    return world


def test_all_pages_are_known() -> None:
    assert len(PAGES) > 10
    assert all(one.startswith(PATIENT) for one in ELSEWHERE)


@pytest.mark.parametrize("address", PAGES)
async def test_what_is_kept_back_is_said_on_every_page_of_the_patient(kept: World, enter: Enter, address: str) -> None:
    login = "doctor" if address.endswith("/representation") else "nurse"
    page = await enter(login).get(address.format(id="kari", **PARTS))
    assert page.status_code == 200
    assert page.text.count(SAID) == 1
    assert "Bare for oss" not in page.text


async def test_a_draft_and_two_texts_side_by_side_say_it_too(kept: World, enter: Enter) -> None:
    desk, draft = enter("nurse"), str(uuid4())
    written = {"draft": draft, "title": "Natt", "text": "Sov.", "kind": "progress", "act": "preview", "version": "0"}
    sent = await desk.post("/workspace/patients/kari/notes", data={**written, "page": str(uuid4())})
    assert (await desk.get(sent.headers["location"])).text.count(SAID) == 1
    both = await desk.post("/workspace/patients/kari/notes", data={**written, "page": str(uuid4()), "text": "Våken."})
    assert both.status_code == 409
    assert both.text.count(SAID) == 1


@pytest.mark.parametrize("address", [one for one in PAGES if not one.endswith("/edit")])
async def test_without_a_relation_every_page_asks_for_a_reason(kept: World, enter: Enter, address: str) -> None:
    login = "doctor" if address.endswith("/representation") else "nurse"
    page = await enter(login).get(address.format(id="ola", **PARTS))
    asks(page)


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("problems/plain", {"do": "close"}),
        ("allergies/plain", {"do": "refuted"}),
        ("measurements/scale", {"decision": "2", "reason": "Kjent KOLS, avtalt med lege"}),
        ("seen", {"until": "2026-11-20T10:00:00+01:00"}),
    ],
)
async def test_a_form_of_a_record_that_has_closed_asks_for_one_too(
    kept: World, enter: Enter, address: str, sent: dict[str, str]
) -> None:
    page = await enter("doctor").post(f"/workspace/patients/ola/{address}", data=sent)
    assert page.status_code in (403, 404)
    if page.status_code == 403:
        asks(page)


def asks(page: httpx.Response) -> None:
    assert page.status_code == 403
    assert 'name="reason"' in page.text
