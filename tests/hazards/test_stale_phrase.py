"""An old value told as today's, or a value of another patient: somebody is treated by a number that is not his.

The way to harm: a phrase puts a blood pressure into a note without saying when it was taken, or takes it from the
record that was open before.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from samjournal.notes import fill
from samjournal.ui.formats import OSLO
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]


def pressure(patient: str, at: datetime, systolic: int, diastolic: int, **more: Any) -> dict[str, Any]:
    def part(code: str, value: int) -> dict[str, Any]:
        quantity = {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
        return {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": quantity}

    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": at.isoformat(timespec="seconds"),
        "component": [part("8480-6", systolic), part("8462-4", diastolic)],
        **more,
    }


async def said(world: World, patient: str, text: str = ".bt") -> str:
    found = await fill(world.door, await world.permit("doctor"), patient, [text], "nb")
    return found.texts[0]


async def test_a_value_bears_its_time_and_an_old_one_says_so(world: World) -> None:
    old = datetime.now(OSLO) - timedelta(days=40)
    await world.make(pressure("kari", old, 180, 95))
    assert await said(world, "kari") == f"Blodtrykk 180/95 mmHg (sist målt {old:%d.%m.%Y kl. %H.%M})"
    new = datetime.now(OSLO).replace(hour=0, minute=0, second=1)
    await world.make(pressure("kari", new, 142, 86))
    assert await said(world, "kari") == f"Blodtrykk 142/86 mmHg ({new:%d.%m.%Y kl. %H.%M})"


async def test_what_does_not_stand_is_not_told(world: World) -> None:
    at = datetime.now(OSLO) - timedelta(seconds=1)
    for status in ("entered-in-error", "cancelled", "preliminary"):
        await world.make(pressure("kari", at, 66, 33, status=status))
    assert "66/33" not in await said(world, "kari")


async def test_a_value_is_of_the_patient_in_the_address_alone(enter: Enter, world: World) -> None:
    await world.make(pressure("elias", datetime.now(OSLO) - timedelta(minutes=1), 91, 51))
    desk = enter("doctor")
    mine = await desk.get("/workspace/patients/kari/phrase?name=bt")
    assert "91/51" not in mine.text
    assert "91/51" in (await desk.get("/workspace/patients/elias/phrase?name=bt")).json()["text"]
    closed: httpx.Response = await desk.get("/workspace/patients/ola/phrase?name=bt")
    assert closed.status_code in (403, 404)
    assert "text" not in closed.json()


async def test_nobody_signs_a_value_that_he_has_not_seen(enter: Enter, world: World) -> None:
    at = datetime.now(OSLO) - timedelta(days=2)
    await world.make(pressure("kari", at, 133, 77))
    desk = enter("doctor")
    before = await notes(world)
    answer = await desk.post("/workspace/patients/kari/notes", data={"text": "Rolig. .bt"})
    assert answer.status_code == 409
    assert "133/77" in answer.text or "142/86" in answer.text
    assert "Ingenting er signert ennå" in answer.text
    assert await notes(world) == before


async def notes(world: World) -> int:
    client = await world.client("doctor")
    found = await client.get("/Composition", params={"subject": "Patient/kari", "_summary": "count"})
    return int(found.json()["total"])
