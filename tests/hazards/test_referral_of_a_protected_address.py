"""A referral of somebody whose address is protected: both units do their part, and neither page tells of the other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import httpx
import pytest

from referrals.region import about, settled, stands
from samjournal import referrals
from samjournal.fhir.dates import OSLO
from workspace.test_pages import enter  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]


async def test_it_goes_all_the_way(world: World, enter: Enter) -> None:  # noqa: F811
    await settled(world)
    doctor, clinic = await world.permit("doctor"), await world.permit("clinic")
    id_ = (await referrals.refer(world.door, doctor, "elias", about())).id
    place = f"/workspace/patients/elias/referrals/{id_}"
    page = await enter("clinic").get(place)
    assert page.status_code == 200, page.text[:500]
    assert "Venter på vurdering" in page.text
    assert (await stands(world, id_)).state == "opened"
    until = (datetime.now(OSLO) + timedelta(days=20)).date().isoformat()
    version = (await stands(world, id_)).version
    await referrals.assess(world.door, clinic, id_, version, right=True, until=until, words="Velkommen")
    one = await stands(world, id_)
    assert (one.state, one.receiver, one.sender) == ("assessed", "Organization/clinic", "Organization/ward")
    sent = await enter("doctor").get(place)
    assert sent.status_code == 200
    async with await world.client("doctor") as client:
        told = (await client.get(f"/Task/{id_}")).text
    assert "clinic" not in told
    assert "Mette" not in told
    assert "ward" in told
    await referrals.remind(world.door, doctor, id_, one.version)
    one = await stands(world, id_)
    await referrals.withdraw(world.door, doctor, id_, one.version, reason="Innlagt")
    assert (await stands(world, id_)).state == "withdrawn"
