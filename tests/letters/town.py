"""People who are told: Kari with a phone, a child with two parents, somebody without any address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from following import changes_since
from samjournal import access, accounts, letters
from samjournal.access import representing as rules
from samjournal.accounts import Account, RoleAt
from samjournal.fhir.dates import OSLO
from samjournal.letters.channels import Channel, Channels, Parcel
from samjournal.record.feed import Cursor, feed_end
from world import FNR, Resource, World, made, patient, to

AWAKE = (0, 0)
HOME = [{"use": "home", "line": ["Tunvegen 7B"], "postalCode": "7715", "city": "Steinkjer"}]
NUMBERS = {"mina": "21839348420", "jon": "13859298346"}


@dataclass
class Taken:
    """A channel that takes what it gets, or does what it is told to."""

    parcels: list[Parcel] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    async def send(self, parcel: Parcel) -> str:
        if self.faults:
            raise self.faults.pop(0)
        self.parcels.append(parcel)
        return "ok"


@dataclass
class Town:
    """The world with its outbox: what changed is followed from where it was followed last."""

    world: World
    channels: Channels
    sms: Taken
    mail: Taken
    post: Taken
    cursor: Cursor
    now: datetime

    async def follow(self) -> int:
        changes, self.cursor = await changes_since(self.world.door, self.cursor)
        made = await letters.follow(self.world.door, self.job, changes, self.channels.quiet, self.now)
        await letters.follow_tasks(self.world.door, self.job, changes, self.now)
        return made

    async def pass_by(self, **time: float) -> None:
        """So much later whatever is due leaves."""
        self.now += timedelta(**time)
        await letters.gather(self.world.door, self.job, self.channels, self.now)
        while await letters.send(self.world.door, self.job, self.channels, self.now):
            pass

    async def run(self, **time: float) -> None:
        await self.follow()
        await self.pass_by(**(time or {"minutes": 3}))

    @property
    def job(self) -> access.Permit:
        return access.for_job("notices")

    def told(self) -> list[str]:
        return [one.to for one in (*self.sms.parcels, *self.mail.parcels)]

    async def rows(self, table: str, order: str = "made, id") -> list[Mapping[str, Any]]:
        return list(await self.world.pool.fetch(f"SELECT * FROM letters.{table} ORDER BY {order}"))


_PLACES: dict[str, int] = {}
"""Each appointment has a time of its own."""


def visit(id_: str, who: str = "kari", *, days: float = 10, **more: Any) -> Resource:
    place = _PLACES.setdefault(id_, len(_PLACES))
    start = (datetime.now(OSLO) + timedelta(days=days, minutes=10 * place)).replace(microsecond=0)
    return made(
        "Appointment",
        id_,
        status=str(more.pop("status", "booked")),
        start=start.isoformat(),
        end=(start + timedelta(minutes=5)).isoformat(),
        participant=[
            {"actor": to(f"Patient/{who}"), "status": "accepted"},
            {"actor": to("HealthcareService/ward-clinic"), "status": "accepted"},
        ],
        **more,
    )


def citizen(id_: str, *, born: str = "1985-01-01", phone: str = "", **more: Any) -> Resource:
    telecom = [{"system": "phone", "use": "mobile", "value": phone}] if phone else []
    return {
        **patient(id_, id_.title(), number=NUMBERS.get(id_)),
        "birthDate": born,
        "address": HOME,
        **({"telecom": telecom} if telecom else {}),
        **more,
    }


KARI = {**citizen("kari", phone="90000001"), "identifier": [{"system": FNR, "value": "11834826226"}]}


def parent(id_: str, child: str) -> Resource:
    codes = (
        ("http://terminology.hl7.org/CodeSystem/v3-RoleCode", "FTH" if id_ == "jon" else "MTH"),
        (rules.RESPONSIBILITY, "felles"),
    )
    coded = [{"coding": [{"system": system, "code": code}]} for system, code in codes]
    who = [{"system": FNR, "value": NUMBERS[id_]}]
    return made(
        "RelatedPerson", f"{id_}-of-{child}", patient=to(f"Patient/{child}"), relationship=coded, identifier=who
    )


async def settled(world: World) -> None:
    """The people, with logins of their own."""
    role = (RoleAt("citizen", "", "citizen", ""),)
    people = [Account(id_, id_.title(), "citizen", role, patient_id=id_) for id_ in ("mina", "jon", "odd", "ola")]
    async with world.pool.transaction() as db:
        await accounts.add(db, people)
    today = datetime.now(OSLO).date()
    await world.put(
        KARI,
        citizen("mina", phone="90000002"),
        citizen("jon", phone="90000003"),
        citizen("odd"),
        patient("ola", "Nordmann"),
        citizen("barn", born=f"{today.year - 6}-01-01"),
        citizen("ungdom", born=f"{today.year - 13}-01-01"),
        *(parent(who, child) for who in ("mina", "jon") for child in ("barn", "ungdom")),
    )


async def town_of(world: World, **more: Any) -> Town:
    """A town with an empty outbox, from now on."""
    await world.as_owner("TRUNCATE letters.notice, letters.sending, letters.wish, letters.subscription")
    await world.put(KARI, citizen("odd"))
    sms, mail, post = Taken(), Taken(), Taken()
    by_name: dict[str, Channel] = {"sms": sms, "email": mail, "letter": post}
    channels = Channels(by_name=by_name, address="https://samjournal.example", phone="73 00 00 00", quiet=AWAKE, **more)
    return Town(world, channels, sms, mail, post, await feed_end(world.door), datetime.now(UTC))


@pytest.fixture(scope="module")
async def peopled(world: World) -> World:
    await settled(world)
    return world


@pytest.fixture
async def town(peopled: World) -> Town:
    return await town_of(peopled)
