"""«Feil pasient» over HTTP: choose, find, confirm with both names and birth dates, done; and whom to tell."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from workspace.test_pages import enter  # noqa: F401
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
WHY = "Skrevet i journalen til naboen i neste seng"


@pytest.fixture(scope="module", autouse=True)
async def neighbours(world: World) -> None:
    await world.put(
        {**patient("per", "Berg"), "birthDate": "1951-01-02"}, {**patient("pal", "Dahl"), "birthDate": "1962-03-04"},
        patient("far", "Borte"), stay("per-stay", "per"), stay("pal-stay", "pal"),
        {**observation("per"), "id": "w-1", "code": {"text": "Puls i feil journal"}},
        {**observation("per"), "id": "w-2"},
    )  # fmt: skip


async def test_the_whole_way(enter: Enter, world: World) -> None:  # noqa: F811
    desk = enter("nurse")
    assert "/workspace/patients/per/wrong" in (await desk.get("/workspace/patients/per")).text
    assert "Puls i feil journal" in (await desk.get("/workspace/patients/per/wrong")).text
    found = await desk.get("/workspace/patients/per/wrong?what=Observation/w-1&q=Dahl")
    assert "what=Observation%2Fw-1&amp;to=pal" in found.text or "what=Observation/w-1&amp;to=pal" in found.text
    page = await desk.get("/workspace/patients/per/wrong?what=Observation/w-1&to=pal")
    for told in ("BERG, Per", "02.01.1951", "DAHL, Pal", "04.03.1962", "Skriv ikke hvem den andre er"):
        assert told in page.text
    form = {"what": "Observation/w-1", "to": "pal", "reason": "feil"}
    assert (await desk.post("/workspace/patients/per/wrong", data=form)).status_code == 422
    done = await desk.post("/workspace/patients/per/wrong", data={**form, "reason": WHY})
    assert done.status_code == 303
    assert "Her er det merket som feil" in (await desk.get(done.headers["location"])).text
    assert "Puls i feil journal" not in (await desk.get("/workspace/patients/per/wrong")).text
    assert "Puls i feil journal" in (await desk.get("/workspace/patients/pal/wrong")).text
    again = await desk.post("/workspace/patients/per/wrong", data={**form, "reason": WHY})
    assert again.status_code == 422
    assert "1 rettelse venter på enheten" in (await enter("doctor").get("/workspace")).text
    todo = await enter("doctor").get("/workspace/corrections")
    assert WHY in todo.text
    task = todo.text.partition('name="id" value="')[2].partition('"')[0]
    assert (await enter("homenurse").post("/workspace/corrections", data={"id": task})).headers["location"][-2:] == "no"
    assert (await enter("doctor").post("/workspace/corrections", data={"id": task})).headers["location"][-3:] == "yes"
    assert "Ingenting å følge opp" in (await enter("doctor").get("/workspace/corrections?done=yes")).text


async def test_without_a_relation_to_the_right_one_a_reason_is_asked_for(enter: Enter) -> None:  # noqa: F811
    page = await enter("nurse").get("/workspace/patients/per/wrong?what=Observation/w-2&to=far")
    assert page.status_code == 403
    assert "BORTE" not in page.text
    assert (await enter("homenurse").get("/workspace/patients/per/wrong")).status_code == 403


async def test_what_is_nobodys_is_told(enter: Enter) -> None:  # noqa: F811
    page = await enter("nurse").get("/workspace/patients/per/wrong?what=Observation/w-2&to=per")
    assert page.status_code == 422
    page = await enter("nurse").get("/workspace/patients/per/wrong?what=Observation/never&to=pal")
    assert "Hva er skrevet i feil journal?" in page.text
