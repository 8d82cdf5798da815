"""An addition to a report or a note is taken for all of it: what it adds to leaves the list unread, or is never shown
because the addition came first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest

from exchange.letters import HOSPITAL, WARD
from exchange.test_envelope import OLD
from exchange.test_receiving import addressed, kept, took  # noqa: F401
from samjournal import access
from samjournal.messages import state_of
from samjournal.record.beside import matches
from world import World

pytestmark = pytest.mark.anyio
MADE = datetime.now(UTC) - timedelta(hours=2)


def version(document: str, status: str, id_: str, made: datetime) -> bytes:
    """A version in the older envelope, which alone knows additions."""
    data = OLD.replace("cef6ac80-5f27-11df-a08a-0800200c9a66", id_).replace("R-1", document)
    data = data.replace("2026-11-07T09:30:47", made.isoformat(timespec="seconds")).replace('"N" DN="Ny"', f'"{status}"')
    data = data.replace('974744570</Id><TypeId V="ENH"/>', f'{HOSPITAL}</Id><TypeId V="HER"/>')
    return data.replace('8750</Id><TypeId V="LAV"/>', f'{WARD}</Id><TypeId V="HER"/>').encode()


async def open_on(world: World, id_: str) -> int:
    """How many Tasks wait by a message, or by what it became."""
    (said,) = await kept(world, "Communication", id_)
    about = [each["reference"] for each in said.get("about", ()) if each["reference"].startswith("ServiceRequest/")]
    focus = ",".join([f"Communication/{said['id']}", *about])
    asked = [("focus", focus), ("status", "requested")]
    return len(await matches(world.door, access.for_job("messages"), "Task", asked))


@pytest.mark.parametrize("order", [*permutations("NAM"), *permutations("NA")], ids="".join)
async def test_both_are_read_whichever_comes_first(addressed: World, order: tuple[str, ...]) -> None:  # noqa: F811
    document, ids = str(uuid4()), {status: str(uuid4()) for status in "NAM"}
    written = {status: MADE + timedelta(minutes=at) for at, status in enumerate("NMA")}
    for status in order:
        data = version(document, status, ids[status], written[status])
        assert (await took(addressed, data)).state in ("received", "superseded")
    last = "M" if "M" in order else "N"
    for status in (last, "A"):
        (said,) = await kept(addressed, "Communication", ids[status])
        assert (status, state_of(said)) == (status, "received")
        assert await open_on(addressed, ids[status]) >= 1


async def test_a_cancellation_takes_the_addition_back_too(addressed: World) -> None:  # noqa: F811
    document = str(uuid4())
    ids = [str(uuid4()) for _ in range(4)]
    for at, status in enumerate("NACA"):
        await took(addressed, version(document, status, ids[at], MADE + timedelta(minutes=at)))
    states = [state_of((await kept(addressed, "Communication", one))[0]) for one in ids]
    assert states == ["cancelled", "cancelled", "received", "cancelled"]
