"""A result on its own page over HTTP: when the patient sees it, shown before its time, and held back with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from workspace.test_pages import enter  # noqa: F401
from world import World, made, observation, to

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
RESULTS = "/workspace/patients/kari/results"
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
REASON = "Pasienten skal høre det av legen sin først"


def report(id_: str, service: str, status: str = "final", **more: Any) -> dict[str, Any]:
    category = [{"coding": [{"system": SERVICE, "code": service}]}]
    return made("DiagnosticReport", id_, status=status, category=category, code={"text": "Gentest"},
                subject=to("Patient/kari"), conclusion="Bærer av varianten", **more)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
async def _reports(world: World) -> None:
    await world.put(
        {**observation("kari"), "id": "in-gene"},
        report("gene", "GE", result=[to("Observation/in-gene")]),
        report("plain", "LAB"),
        report("unfinished", "GE", status="preliminary"),
    )


async def seen(world: World) -> set[str]:
    """What the patient reads of them."""
    async with await world.client("kari") as citizen:
        found = [await citizen.get(f"/{one}?patient=kari&_count=100") for one in ("DiagnosticReport", "Observation")]
    return {one["resource"]["id"] for page in found for one in page.json().get("entry", ())}


async def test_who_has_talked_with_the_patient_shows_it_at_once_and_takes_it_back(
    enter: Enter,  # noqa: F811
    world: World,
) -> None:
    assert not {"gene", "in-gene"} & await seen(world)
    doctor, address = enter("doctor"), f"{RESULTS}/DiagnosticReport/gene"
    page = (await doctor.get(address)).text
    assert "Bærer av varianten" in page
    assert "når noen har snakket med" in page
    shown = await doctor.post(f"{address}/release", data={"role": "doctor-role"})
    assert shown.headers["location"] == f"{address}?saved=released"
    assert {"gene", "in-gene"} <= await seen(world)
    page = (await doctor.get(f"{address}?saved=released")).text
    assert "Pasienten ser svaret." in page
    assert "/release" not in page
    held = await doctor.post(f"{address}/hold-back", data={"role": "doctor-role", "reason": REASON})
    assert held.headers["location"] == f"{address}?saved=held"
    assert not {"gene", "in-gene"} & await seen(world)
    row = await world.pool.fetchrow("SELECT kind, reason FROM access.review WHERE source = 'DiagnosticReport/gene'")
    assert tuple(row or ()) == ("held-back", REASON)
    assert "det er holdt tilbake" in (await doctor.get(address)).text


async def test_a_reason_is_asked_for_and_what_was_written_stands(enter: Enter, world: World) -> None:  # noqa: F811
    answer = await enter("doctor").post(f"{RESULTS}/DiagnosticReport/plain/hold-back", data={"reason": "Nei"})
    assert (answer.status_code, "Skriv litt mer" in answer.text, 'value="Nei"' in answer.text) == (422, True, True)
    assert "plain" in await seen(world)


async def test_who_does_not_decide_is_offered_and_may_nothing(enter: Enter, world: World) -> None:  # noqa: F811
    address = f"{RESULTS}/DiagnosticReport/plain"
    for login in ("nurse", "secretary"):
        desk = enter(login)
        page = (await desk.get(address)).text
        assert "hold-back" not in page, login
        assert (await desk.post(f"{address}/hold-back", data={"reason": REASON})).status_code == 403, login
        assert (await desk.post(f"{address}/release")).status_code == 403, login
    other = await enter("doctor").post(f"{address}/hold-back", data={"reason": REASON, "role": "other-role"})
    assert (other.status_code, "byttet rolle" in other.text) == (409, True)
    assert "plain" in await seen(world)


async def test_what_is_not_signed_is_nobodys_to_show_and_what_is_listed_goes_with_its_report(
    enter: Enter,  # noqa: F811
) -> None:
    doctor = enter("doctor")
    page = (await doctor.get(f"{RESULTS}/DiagnosticReport/unfinished")).text
    assert "når det er signert" in page
    assert "/release" not in page
    page = (await doctor.get(f"{RESULTS}/Observation/in-gene")).text
    assert f"{RESULTS}/DiagnosticReport/gene" in page
    assert "hold-back" not in page


async def test_the_address_of_another_patient_or_type_is_refused(enter: Enter, world: World) -> None:  # noqa: F811
    doctor = enter("doctor")
    for address in (
        "/workspace/patients/elias/results/DiagnosticReport/plain",
        f"{RESULTS}/Composition/plain",
        f"{RESULTS}/DiagnosticReport/nowhere",
    ):
        assert (await doctor.get(address)).status_code == 404, address
        assert (await doctor.post(f"{address}/hold-back", data={"reason": REASON})).status_code == 404, address
        assert (await doctor.post(f"{address}/release")).status_code == 404, address
    assert "plain" in await seen(world)
