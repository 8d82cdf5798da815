"""`samjournal demo`: a region of synthetic people, through the door as everything else.

What was cut off is finished by asking for the same again, and a demo grows when more inhabitants are asked for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypeVar

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.demo.chart import Chart, Resource
from samjournal.demo.clock import clock
from samjournal.demo.organisations import register
from samjournal.demo.region import Depth, Region
from samjournal.demo.staff import accounts as demo_accounts
from samjournal.demo.workers import workers
from samjournal.fhir.errors import NotFound
from samjournal.fhir.identifiers import DNR, FNR, HPR
from samjournal.fhir.parsing import Parsed, compact_of
from samjournal.record import Arrival, Door, bulk, existing, is_done, open_door, read, take_in
from samjournal.server.demo_size import Size, refuse_if_too_big, size_of, written
from samjournal.server.exits import Refused, Usage
from samjournal.server.load.flights import Patience
from samjournal.server.load.progress import duration

SEED = 2026
MOST_INHABITANTS = 1_000_000
_AT_ONCE = 400
"""Resources in one transaction: some tenths of a second's work."""
_PEOPLE: dict[Depth, int] = {"register": 290, "years": 60}
"""How many are asked for at once whether they are stored."""
_MANY = 20_000
"""From so many resources on the database gathers its index entries."""
_EVERY = 10.0
Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for: the same order always gives the same resources."""

    inhabitants: int
    depth: Depth
    seed: int
    moment: datetime

    @property
    def done(self) -> bytes:
        """The claim that says all of it is there."""
        depth = () if self.depth == "years" else (self.depth,)
        return _key(self.seed, "done", str(self.inhabitants), *depth)


async def make_demo(
    pool: Pool,
    *,
    inhabitants: int,
    tell: Tell,
    depth: Depth | None = None,
    seed: int | None = None,
    data_dir: Path | None = None,
) -> bool:
    """Make the demo people, or the rest of them if an earlier attempt was cut off; nothing if they are all there.

    `tell` shows one line to the person at the terminal. With no inhabitants there are units, personas' accounts and
    no patients. Without `depth` a register that is there is enough, else the people get their years. False when all was
    there already. Raises Refused when the disk of `data_dir` is too small or the
    record holds another demo.
    """
    if inhabitants > MOST_INHABITANTS:
        raise Usage(f"A demo region has at most {MOST_INHABITANTS:,} inhabitants; the real one has some 750,000.")
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    permit = access.for_system("demo", scope=None, request="demo")
    demo = await _known(door, permit)
    if demo is not None and seed not in (None, demo.seed):
        raise Refused(
            f"This record holds a demo with seed {demo.seed}. Name another data folder, or --seed {demo.seed}."
        )
    fresh = demo is None
    demo = demo or _Demo(SEED if seed is None else seed, datetime.now(UTC).replace(microsecond=0))
    if depth is None and await is_done(door, Order(inhabitants, "register", demo.seed, demo.moment).done):
        return False
    depth = depth or "years"
    order = Order(inhabitants, depth, demo.seed, demo.moment)
    if await is_done(door, order.done):
        return False
    size = size_of(inhabitants, depth)
    if inhabitants:
        tell(f"A region of {inhabitants:,}: {size}.")
        refuse_if_too_big(size, inhabitants, depth, data_dir)
    async with pool.transaction() as db:
        await accounts.add(db, demo_accounts())
    making = _Making(door, permit, order, size, tell)
    began, before = time.monotonic(), await asyncio.to_thread(written, data_dir)
    if inhabitants:
        async with _gathered(door, size):
            await making.run(fresh=fresh)
    await take_in(door, permit, [], claim=order.done)
    grown = await asyncio.to_thread(written, data_dir) - before
    tell(making.told(time.monotonic() - began, grown))
    return True


def _gathered(door: Door, size: Size) -> AbstractAsyncContextManager[None]:
    return bulk(door) if size.resources >= _MANY else nullcontext()


class _Making:
    """One order on its way into the record, two batches at once."""

    def __init__(self, door: Door, permit: Permit, order: Order, size: Size, tell: Tell) -> None:
        self._door, self._permit, self._order, self._size, self._tell = door, permit, order, size, tell
        self._patience = Patience(tell)
        self._logins = _logins()
        self._under_way: set[asyncio.Task[None]] = set()
        self._people = self._resources = 0
        self._began = self._shown = time.monotonic()

    async def run(self, *, fresh: bool) -> None:
        """Store the register, then everybody; `fresh`: nothing of this demo is stored yet."""
        order = self._order
        await self._store([_Demo(order.seed, order.moment).resource])
        look = not fresh and not await self._deepens()
        working = workers(order.seed, clock(order.moment))
        region = Region(order.inhabitants, order.seed, order.moment, order.depth)
        try:
            for some in _slices(register(order.inhabitants, working), _AT_ONCE):
                await self._send(self._store(some))
                self._show()
            cast = {chart.id: chart for chart in region.cast()}
            there = await self._there(list(cast)) if look else set()
            await self._charts(chart for chart in cast.values() if chart.id not in there)
            self._people = region.by_hand
            del cast  # One of them is long.
            for people in _slices(region.people(), _PEOPLE[order.depth]):
                there = await self._there([person.id for person, _ in people]) if look else set()
                wanted = (one for one in people if one[0].id not in there)
                await self._charts(region.chart(*one) for one in wanted)
                self._people += len(people)
                self._show()
            while self._under_way:
                await self._landed()
        finally:
            for task in self._under_way:
                task.cancel()
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _deepens(self) -> bool:
        """Whether people who are in the register already now get their histories."""
        key = _key(self._order.seed, "register")
        if self._order.depth == "register":
            await take_in(self._door, self._permit, [], claim=key)
        return self._order.depth == "years" and await is_done(self._door, key)

    async def _there(self, ids: Sequence[str]) -> set[str]:
        """Whose chart is stored. A Patient goes in with or after the rest, so who is there has all of it."""
        return await existing(self._door, "Patient", ids)

    async def _charts(self, charts: Iterable[Chart]) -> None:
        for some in _batches(charts):
            await self._send(self._store_charts(some))

    async def _store_charts(self, some: Sequence[Chart]) -> None:
        resources = [resource for chart in some for resource in chart.resources]
        for slice_ in reversed(list(_slices(resources, _AT_ONCE + _AT_ONCE // 4))):
            await self._store(slice_)

    async def _store(self, resources: Sequence[Resource]) -> None:
        arrivals = [Arrival.of(Parsed(one, compact_of(one)), one["id"]) for one in resources]
        taken = await self._patience(lambda: take_in(self._door, self._permit, arrivals))
        if refused := [one for one in taken if one.outcome == "refused"]:
            raise AssertionError(f"{refused[0].type}/{refused[0].id}: {refused[0].issues[0]}")
        self._resources += len(taken)
        await self._know(resources)

    async def _know(self, resources: Sequence[Resource]) -> None:
        """Under which official numbers those of them who can sign in are known to whoever proves who they are."""
        for one in resources:
            if (login := self._logins.get((one["resourceType"], one["id"]))) and "identifier" in one:
                numbers = [(each["system"], each["value"]) for each in one["identifier"] if each.get("use") != "old"]
                await accounts.know_as(self._door.pool, login, [each for each in numbers if each[0] in (FNR, DNR, HPR)])

    async def _send(self, batch: Coroutine[None, None, None]) -> None:
        self._under_way.add(asyncio.create_task(batch))
        await asyncio.sleep(0)
        while len(self._under_way) > 2:
            await self._landed()

    async def _landed(self) -> None:
        done, self._under_way = await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    def _show(self) -> None:
        now = time.monotonic()
        if now - self._shown < _EVERY:
            return
        self._shown = now
        rate = self._resources / (now - self._began)
        left = max(0, self._size.resources - self._resources) / max(rate, 1)
        of = f"{self._people:,} of {self._order.inhabitants:,} people"
        self._tell(f"  {of}, {rate:,.0f} resources a second, some {duration(left)} left")

    def told(self, seconds: float, grown: int) -> str:
        """What was made, for the end."""
        rate = self._resources / max(seconds, 0.001)
        disk = f", {grown / 1e6:,.0f} MB" if grown > 0 else ""
        whole = f"{self._resources:,} resources{disk} in {duration(seconds)}, {rate:,.0f} a second"
        return f"Made {self._people:,} people: {whole}."


def _logins() -> dict[tuple[str, str], str]:
    """The login of each Patient and Practitioner who can sign in."""
    found = {("Practitioner", one.practitioner_id): one.login for one in demo_accounts() if one.practitioner_id}
    found |= {("Patient", one.patient_id): one.login for one in demo_accounts() if one.patient_id}
    return found


def _batches(source: Iterable[Chart]) -> Iterator[list[Chart]]:
    """Charts of some hundred resources together; a long one by itself."""
    some: list[Chart] = []
    count = 0
    for chart in source:
        if some and count + len(chart.resources) > _AT_ONCE:
            yield some
            some, count = [], 0
        some.append(chart)
        count += len(chart.resources)
    if some:
        yield some


def _slices(source: Iterable[T], size: int) -> Iterator[list[T]]:
    items = iter(source)
    while some := list(islice(items, size)):
        yield some


_ABOUT = "demo-region"


@dataclass(frozen=True, slots=True)
class _Demo:
    """What the record says of the demo in it: the first attempt writes it, and all others follow it."""

    seed: int
    moment: datetime

    @property
    def resource(self) -> Resource:
        return {
            "resourceType": "Basic",
            "id": _ABOUT,
            "identifier": [
                {"system": "urn:samjournal:demo:seed", "value": str(self.seed)},
                {"system": "urn:samjournal:demo:moment", "value": self.moment.isoformat()},
            ],
            "code": {"text": "Demo region"},
            "created": self.moment.date().isoformat(),
        }


async def _known(door: Door, permit: Permit) -> _Demo | None:
    try:
        found = (await read(door, permit, "Basic", _ABOUT)).resource()
    except NotFound:
        return None
    seed, moment = (identifier["value"] for identifier in found["identifier"])
    return _Demo(int(seed), datetime.fromisoformat(moment))


def _key(seed: int, *parts: str) -> bytes:
    return sha256("\n".join(("demo", str(seed), *parts)).encode()).digest()
