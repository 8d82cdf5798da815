"""The citizen's own referrals: the state that those who have it see, in the same words and days, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette

from referrals.region import sent, settled, stands
from samjournal import portal, referrals
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import FhirError, Forbidden
from samjournal.portal.referrals import STATES, STEPS, line
from samjournal.record import query_of, search
from samjournal.ui import pages
from samjournal.ui.errors import error_page
from samjournal.ui.language import language
from samjournal.workspace import referral_words
from samjournal.workspace.facts import Reader
from workspace.test_pages import AtTheDesk
from world import World

pytestmark = pytest.mark.anyio
Enter = Callable[[str], httpx.AsyncClient]


@pytest.fixture(scope="module", autouse=True)
async def region(world: World) -> World:
    return await settled(world)


@pytest.fixture
async def enter(world: World) -> Enter:
    site = Starlette(
        routes=[*pages.routes(), *portal.routes()], exception_handlers={FhirError: error_page, 404: error_page}
    )
    site.state.door = world.door

    def browser(login: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=AtTheDesk(site, world, login))
        return httpx.AsyncClient(transport=transport, base_url="http://samjournal.test")

    return browser


def soon(days: int) -> str:
    return (datetime.now(OSLO) + timedelta(days=days)).date().isoformat()


async def test_where_is_my_referral_now(enter: Enter, world: World) -> None:
    id_ = await sent(world)
    page = (await enter("kari").get("/portal/referrals")).text
    assert f'href="/portal/referrals/{id_}"' in page
    assert "Ikke åpnet ennå" in page
    shown = (await enter("kari").get(f"/portal/referrals/{id_}")).text
    assert "Noen der skal åpne og lese den" in shown
    assert "venter, frist" in shown
    clinic = await world.permit("clinic")
    await referrals.open_(world.door, clinic, id_)
    one = await stands(world, id_, clinic)
    await referrals.assess(world.door, clinic, id_, one.version, right=True, until=soon(30), words="Velkommen til oss")
    shown = (await enter("kari").get(f"/portal/referrals/{id_}")).text
    for said in ("Vurdert, venter på time", "Du har rett til helsehjelp innen", "Velkommen til oss", "kan du klage"):
        assert said in shown


async def test_it_is_nobody_elses_and_no_task_is_read_by_it(enter: Enter, world: World) -> None:
    id_ = await sent(world)
    assert (await enter("elias").get(f"/portal/referrals/{id_}")).status_code == 404
    assert id_ not in (await enter("elias").get("/portal/referrals")).text
    async with await world.client("kari") as client:
        assert (await client.get(f"/Task/{id_}")).status_code in (403, 404)
    with pytest.raises(Forbidden):
        await referrals.own(world.door, await world.permit("doctor"), [])


async def test_the_words_and_days_are_those_of_the_staff(world: World) -> None:
    assert (STATES, STEPS) == (referral_words.STATES, referral_words.STEPS)
    one, now = await stands(world, await sent(world)), datetime.now(UTC)
    nb = language("nb")
    theirs = referral_words.way(one, Reader("doctor", nb, now))
    mine = line(one, nb, now=now)
    assert [(point.name, point.is_done, point.is_here) for point in mine] == [
        (stop.name, stop.is_done, stop.is_here) for stop in theirs
    ]
    for point, stop in zip(mine, theirs, strict=True):
        assert not point.when or any(point.when in words for words in stop.lines)


async def test_a_referral_that_stopped_says_so(enter: Enter, world: World) -> None:
    id_ = await sent(world)
    clinic = await world.permit("clinic")
    await referrals.open_(world.door, clinic, id_)
    one = await stands(world, id_, clinic)
    await referrals.reject(world.door, clinic, id_, one.version, reason="For lite om plagene")
    shown = (await enter("kari").get(f"/portal/referrals/{id_}")).text
    assert "Avvist" in shown
    assert "Den som henviste deg, har fått beskjed" in shown
    page = await search(world.door, await world.permit("kari"), query_of("ServiceRequest", [("_id", id_)]))
    assert page.matches
