"""The page where another person confirms an erasure. samjournal.workspace.erasures"""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from samjournal import accounts, record
from samjournal.access import Erasure
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
    """Proposed by the officer, through the application's own role in the database."""
    await world.put({**observation("kari"), "id": id_})
    plan = await record.plan_of(world.door, "Observation", id_)
    return await record.propose_erasure(world.door, await world.permit("berit"), plan, "2026/4711-3")


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


def form(what: str, act: str = "propose", **more: str) -> dict[str, str]:
    return {"what": what, "decision": "2026/99-1", "act": act, "role": "berit-role", **more}


async def test_a_privacy_officer_sees_what_would_go_and_proposes_it_signed_in(
    enter: Enter,  # noqa: F811
    world: World,
) -> None:
    note = {"hasMember": [{"reference": "Observation/on-page"}]}
    await world.put({**observation("kari"), "id": "on-page"}, {**observation("kari"), "id": "refers", **note})
    officer = enter("berit")
    assert "Se hva som slettes" in (await officer.get(PLACE)).text
    looked = await officer.post(f"{PLACE}/propose", data=form("Observation/on-page", "look"))
    assert looked.status_code == 200
    assert "Observation/refers" in looked.text
    assert "Observation/on-page" not in (await enter("doctor").get(PLACE)).text, "nothing is proposed by looking"
    done = await officer.post(f"{PLACE}/propose", data=form("Observation/on-page"))
    assert done.headers["location"] == f"{PLACE}?done=proposed"
    row = await world.pool.fetchrow("SELECT * FROM access.erasure WHERE resource = 'on-page'")
    assert row is not None
    assert (row["proposed_by"], row["decision"], row["confirmed"]) == ("berit", "2026/99-1", None)
    mine = await officer.post(PLACE, data={"id": str(row["id"])})
    assert mine.headers["location"] == f"{PLACE}?done=no", "nobody confirms what he proposed"
    theirs = await enter("doctor").post(PLACE, data={"id": str(row["id"])})
    assert theirs.headers["location"] == f"{PLACE}?done=yes"


async def test_nobody_else_proposes_and_not_in_another_role(enter: Enter, world: World) -> None:  # noqa: F811
    await world.put({**observation("kari"), "id": "unproposed"})
    for login in ("doctor", "nurse", "secretary"):
        sent = {**form("Observation/unproposed"), "role": f"{login}-role"}
        assert (await enter(login).post(f"{PLACE}/propose", data=sent)).status_code == 403, login
    assert "Se hva som slettes" not in (await enter("doctor").get(PLACE)).text
    other = {**form("Observation/unproposed"), "role": "other-role"}
    assert (await enter("berit").post(f"{PLACE}/propose", data=other)).status_code == 409
    assert await world.pool.fetchval("SELECT count(*) FROM access.erasure WHERE resource = 'unproposed'") == 0


@pytest.mark.parametrize(
    ("what", "more", "told"),
    [
        ("Observation", {}, "Skriv type og id"),
        ("Observation/nowhere", {}, "Det finnes ikke her"),
        ("Observation/another-trust", {}, "Det finnes ikke her"),
        ("Observation/wrong", {"version": "1"}, "Det er den nyeste versjonen"),
        ("Observation/wrong", {"version": "x"}, "Versjonen er et tall"),
        ("Observation/wrong", {"decision": " "}, "Skriv hvor vedtaket er arkivert"),
        ("Patient/kari", {}, "Det ligger mer under pasienten"),
        ("Nothing/7", {}, "Det finnes ikke noe slikt"),
        ("Observation/wrong", {"everything": "yes"}, "Alt i journalen slettes av en pasient"),
    ],
)
async def test_what_cannot_be_proposed_is_told(
    enter: Enter,  # noqa: F811
    world: World,
    what: str,
    more: dict[str, str],
    told: str,
) -> None:
    theirs = {"performer": [{"reference": "Organization/other-trust"}]}
    await world.put({**observation("kari"), "id": "another-trust", **theirs})
    wrong = await world.make(observation("kari"))
    sent = form(what.replace("Observation/wrong", wrong.reference), **more)
    answer = await enter("berit").post(f"{PLACE}/propose", data=sent)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert await world.pool.fetchval("SELECT count(*) FROM access.erasure WHERE resource = $1", wrong.id) == 0
    assert await world.pool.fetchval("SELECT count(*) FROM access.erasure WHERE resource = 'another-trust'") == 0
