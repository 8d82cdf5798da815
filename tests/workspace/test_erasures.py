"""The page where another person confirms an erasure. samjournal.workspace.erasures"""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from samjournal import accounts, record
from samjournal.access import Erasure
from samjournal.db.pool import connect
from samjournal.db.rights import ERASURE, as_role
from samjournal.record import open_door
from workspace.test_oversight import _officer
from workspace.test_pages import enter  # noqa: F401
from world import World, observation, organization

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
PLACE = "/workspace/erasures"


@pytest.fixture(scope="module", autouse=True)
async def officers(world: World) -> None:
    await world.put(organization("other-trust"))
    async with world.pool.transaction() as db:
        await accounts.add(db, [_officer("berit", "hospital"), _officer("odd", "other-trust")])


async def proposed(world: World, database: str, id_: str) -> Erasure:
    """Proposed by the officer, as the command line does it."""
    await world.put({**observation("kari"), "id": id_})
    pool = await connect(as_role(database, ERASURE), size=2)
    door = await open_door(pool, secret=b"x" * 32)
    plan = await record.plan_of(door, "Observation", id_)
    made = await record.propose_erasure(door, await world.permit("berit"), plan, "2026/4711-3")
    await pool.close()
    return made


async def test_another_person_confirms_once(
    enter: Enter,  # noqa: F811
    world: World,
    database: str,
) -> None:
    one = await proposed(world, database, "by-two")
    assert "1 vedtak om sletting venter" in (await enter("doctor").get("/workspace")).text
    assert "vedtak om sletting" not in (await enter("berit").get("/workspace")).text

    mine = (await enter("berit").get(PLACE)).text
    assert "Observation/by-two" in mine
    assert "Du foreslo det, så en annen må bekrefte" in mine
    assert f'value="{one.id}"' not in mine
    refused = await enter("berit").post(PLACE, data={"id": str(one.id)})
    assert refused.headers["location"] == f"{PLACE}?done=no"

    theirs = (await enter("doctor").get(PLACE)).text
    assert "Vedtak 2026/4711-3. Foreslått av berit" in theirs
    assert f'value="{one.id}"' in theirs
    done = await enter("doctor").post(PLACE, data={"id": str(one.id)})
    assert done.headers["location"] == f"{PLACE}?done=yes"
    after = (await enter("berit").get(PLACE)).text
    assert "Bekreftet av doctor. Det er ikke slettet ennå." in after
    assert f'value="{one.id}"' not in after
    assert "vedtak om sletting" not in (await enter("doctor").get("/workspace")).text


async def test_who_does_not_decide_gets_no_page(enter: Enter, world: World, database: str) -> None:  # noqa: F811
    one = await proposed(world, database, "not-theirs")
    for login in ("nurse", "secretary"):
        assert (await enter(login).get(PLACE)).status_code == 403
        assert (await enter(login).post(PLACE, data={"id": str(one.id)})).status_code == 403
        assert "vedtak om sletting" not in (await enter(login).get("/workspace")).text


async def test_another_organisation_has_nothing_to_do_with_it(enter: Enter, world: World, database: str) -> None:  # noqa: F811
    one = await proposed(world, database, "elsewhere")
    assert "Observation/elsewhere" not in (await enter("odd").get(PLACE)).text
    answer = await enter("odd").post(PLACE, data={"id": str(one.id)})
    assert answer.headers["location"] == f"{PLACE}?done=no"
    assert f'value="{one.id}"' in (await enter("doctor").get(PLACE)).text


@pytest.mark.parametrize("id_", ["", "7", "019e0c1b-9f6a-7a3e-8d0f-3a8f0e6b6c11"])
async def test_what_is_not_there_is_not_confirmed(enter: Enter, id_: str) -> None:  # noqa: F811
    answer = await enter("doctor").post(PLACE, data={"id": id_})
    assert answer.headers["location"] == f"{PLACE}?done=no"
    assert "Det ble ikke bekreftet" in (await enter("doctor").get(answer.headers["location"])).text
