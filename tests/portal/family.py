"""A family at the portal: Mina and Jon are the parents of Odin (7); Kari may give Per a right to act for her."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from hazards.test_representation import HOME, NUMBERS, citizen, parent, years_ago
from portal.site import as_
from samjournal import accounts
from samjournal.accounts import Account, RoleAt
from samjournal.record import give
from world import Resource, World, appointment, patient

ROLE = (RoleAt("citizen", "", "citizen", ""),)


async def make_family(world: World) -> World:
    """Everybody with a login of his own, and an appointment of Odin's and of Kari's in three days."""
    people = [Account(id_, id_.title(), "citizen", ROLE, patient_id=id_) for id_ in ("mina", "jon", "per", "odin")]
    async with world.pool.transaction() as db:
        await accounts.add(db, people)
    await world.put(
        citizen("mina"),
        citizen("jon", address=HOME),
        citizen("per"),
        citizen("odin", born=years_ago(7)),
        patient("kari", "Nordmann", number="11834826226"),
        parent("mina"),
        parent("jon"),
        {**booked("odin"), "id": "odin-visit", "description": "Vaksine"},
        {**booked("kari"), "id": "kari-visit", "description": "Kontroll"},
    )
    return world


def booked(id_: str, *, days: int = 3) -> Resource:
    """An appointment at the ward so many days ahead, at ten o'clock UTC."""
    start = (datetime.now(UTC) + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)
    made = appointment(id_, "HealthcareService/ward-clinic", start=start.isoformat())
    return {**made, "end": (start + timedelta(minutes=30)).isoformat()}


async def power(world: World, level: str = "", types: tuple[str, ...] = ()) -> str:
    """Kari lets Per act for her; the Consent."""
    kari = await world.permit("kari")
    return (await give(world.door, kari, NUMBERS["per"], "per", level=level, types=types)).reference


def acting(site: httpx.Client, login: str, id_: str) -> httpx.Client:
    """The browser of somebody who acts for a patient."""
    as_(site, login)
    answer = site.post("/portal/representation/act", data={"id": id_})
    assert answer.status_code == 303, answer.text[:500]
    return site
