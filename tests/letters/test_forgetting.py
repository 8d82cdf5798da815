"""What is not kept: of what was erased nothing, of the rest two years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from letters.town import Town, peopled, town, visit
from samjournal import letters
from samjournal.letters.wishes import Wish
from samjournal.record.feed import Changed

__all__ = ["peopled", "town"]
pytestmark = pytest.mark.anyio


def erased(type_: str, id_: str) -> Changed:
    return Changed(datetime.now(UTC), 0, type_, id_, 1, "X")


async def test_of_what_was_erased_nothing_is_kept(town: Town) -> None:
    await letters.keep(town.world.door, await town.world.permit("kari"), "kari", Wish())
    await town.world.put(visit("f1"), visit("f2", "barn"))
    await town.run()
    await letters.forget(town.world.door, [erased("Appointment", "f1")])
    assert {row["source"] for row in await town.rows("notice")} == {"Appointment/f2"}
    await letters.forget(town.world.door, [erased("Patient", "kari"), erased("Patient", "barn")])
    assert await town.rows("notice") == []
    assert "kari" not in {row["person_id"] for row in await town.rows("sending")}
    assert await town.rows("wish", "person") == []


async def test_what_is_old_goes_and_what_waits_stays(town: Town) -> None:
    await town.world.put(visit("f3"))
    await town.run()
    await town.world.put(visit("f4"))
    await town.follow()
    await letters.tidy(town.world.door, town.now)
    assert len(await town.rows("notice")) == 2
    await letters.tidy(town.world.door, town.now + timedelta(days=800))
    assert [row["source"] for row in await town.rows("notice")] == ["Appointment/f4"]
    assert await town.rows("sending") == []
