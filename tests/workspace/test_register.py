"""Registering over HTTP: who may be the same is shown first, and a number is nobody's twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import httpx
import pytest

from samjournal.fhir.errors import NumberHeld
from samjournal.patients import NewPerson, register
from workspace.test_pages import enter  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
NEW = {"number": "", "family": "Nyhus", "given": "Nora", "birth": "24.12.1990", "gender": "female"}


async def test_somebody_new_is_registered_and_opens_nothing(enter: Enter, world: World) -> None:  # noqa: F811
    answer = await enter("secretary").post("/workspace/register", data=NEW)
    assert answer.status_code == 303
    id_ = answer.headers["location"].rpartition("=")[2]
    assert "Pasienten er registrert" in (await enter("secretary").get(answer.headers["location"])).text
    assert (await enter("secretary").get(f"/workspace/patients/{id_}")).status_code == 403
    look = await world.pool.fetchrow("SELECT actor, why FROM audit.look WHERE action = 'register'")
    assert tuple(look) == ("secretary", "identity")


async def test_who_may_be_the_same_is_shown_before_anything_is_stored(enter: Enter, world: World) -> None:  # noqa: F811
    again = {**NEW, "family": "Twice", "given": "Tea", "birth": "02.05.1960"}
    first = await enter("secretary").post("/workspace/register", data=again)
    assert first.status_code == 303
    shown = await enter("secretary").post("/workspace/register", data=again)
    assert shown.status_code == 409
    assert "trolig samme person" in shown.text
    assert (
        "02.05.1960"
        not in shown.text.partition("<form")[2].partition("Er det en av disse?")[2].partition("</table>")[0]
    )
    id_ = first.headers["location"].rpartition("=")[2]
    other = await enter("secretary").post("/workspace/register", data={**again, "seen": "somebody"})
    assert other.status_code == 409, "others were shown than those who are alike now"
    assert (await enter("secretary").post("/workspace/register", data={**again, "seen": id_})).status_code == 303


async def test_a_number_that_somebody_has_is_refused(enter: Enter) -> None:  # noqa: F811
    held = {**NEW, "number": "118348 26226", "family": "Annen", "birth": "01.01.1950"}
    answer = await enter("secretary").post("/workspace/register", data={**held, "seen": "kari"})
    assert answer.status_code == 409
    assert "Nummeret er i bruk" in answer.text


async def test_two_who_register_the_same_number_at_once_make_one_patient(world: World) -> None:
    permit = await world.permit("secretary")
    asked = [register(world.door, permit, NewPerson(f"Samtidig {n}", number="13116900216")) for n in range(4)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    with pytest.raises(NumberHeld):
        await register(world.door, permit, NewPerson("Siden", number="13116900216"))


@pytest.mark.parametrize(("field", "value", "told"), [
    ("number", "11834826227", "kontrollsifrene"), ("birth", "31.02.1990", "24.12.1948"), ("family", "", "etternavn"),
    ("birth", "01.01.2190", "dag som har vært"),
])  # fmt: skip
async def test_what_is_wrong_is_told_at_its_field(enter: Enter, field: str, value: str, told: str) -> None:  # noqa: F811
    answer = await enter("secretary").post("/workspace/register", data={**NEW, field: value})
    assert answer.status_code == 422
    assert f'id="new-{field}-error"' in answer.text
    assert told in answer.text


async def test_a_local_help_number_is_refused_in_words_of_its_own(enter: Enter) -> None:  # noqa: F811
    answer = await enter("secretary").post("/workspace/register", data={**NEW, "number": "24529000053"})
    assert answer.status_code == 422
    assert "Et hjelpenummer fra ett sykehus gjelder bare der." in answer.text


async def test_who_does_not_register_gets_no_page(enter: Enter) -> None:  # noqa: F811
    assert (await enter("homenurse").get("/workspace/register")).status_code == 403
    assert (await enter("homenurse").post("/workspace/register", data=NEW)).status_code == 403
    assert "/workspace/register" not in (await enter("homenurse").get("/workspace")).text
