"""The page of statistics. samjournal.workspace.statistics"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import httpx
import pytest

from samjournal import accounts
from samjournal.audit import Tally
from samjournal.record import open_chart
from samjournal.ui.language import language
from samjournal.workspace.statistics import bars, kinds, period, units
from workspace.test_oversight import _officer
from workspace.test_pages import enter  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]
NB = language("nb")
TODAY = date(2026, 11, 28)
DAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ((None, None), (date(2026, 11, 1), TODAY)),
        (("2026-11-20", "2026-11-21"), (date(2026, 11, 20), date(2026, 11, 21))),
        (("2026-11-20", "2030-01-01"), (date(2026, 11, 20), TODAY)),
        (("2026-12-20", None), (TODAY, TODAY)),
        (("1900-01-01", None), (date(2025, 11, 27), TODAY)),
        (("x", "y"), (date(2026, 11, 1), TODAY)),
    ],
)
def test_the_days_that_are_asked_for(asked: tuple[str | None, str | None], found: tuple[date, date]) -> None:
    assert period(*asked, today=TODAY) == found


def test_a_bar_is_as_high_as_its_part_of_the_most() -> None:
    assert [bar.height for bar in bars([0, 5, 10])] == [0, 50, 100]
    assert [bar.height for bar in bars([0])] == [0]


def test_units_and_kinds_are_told_in_words_with_shares() -> None:
    found = [
        Tally(DAY, "a", "Medisin 3", "", 8, 4),
        Tally(DAY, "a", "Medisin 3", "stay", 6, 4),
        Tally(DAY, "a", "Medisin 3", "reason", 2, 1),
        Tally(TODAY, "b", "Ortopedi", "", 1, 1),
        Tally(TODAY, "b", "Ortopedi", "emergency", 1, 1),
    ]
    first, second = units(found, NB)
    assert (first.name, first.looks, first.reason, first.emergency, first.people) == (
        "Medisin 3", "8", "25,0 %", "0,0 %", "4,0")  # fmt: skip
    assert (second.name, second.emergency) == ("Ortopedi", "100,0 %")
    assert kinds(found, NB)[0] == ("innleggelse", "6", "66,7 %")


@pytest.mark.parametrize("why", ["stay", "reason", "relation", "nobody", "identity", "booking"])
@pytest.mark.parametrize("code", ["nb", "nn", "en"])
def test_what_opened_records_has_words_of_its_own(why: str, code: str) -> None:
    ((name, _count, _share),) = kinds([Tally(DAY, "a", "Medisin 3", why, 1, 1)], language(code))
    assert name not in ("annet", "anna", "other", why) or why == "stay"


async def test_only_who_answers_for_access_sees_it_and_it_names_no_patient(enter: Enter, world: World) -> None:  # noqa: F811
    async with world.pool.transaction() as db:
        await accounts.add(db, [_officer("berit", "hospital"), _officer("odd", "homecare")])
    await open_chart(world.door, await world.permit("nurse"), "kari", [])
    page = await enter("berit").get("/workspace/oversight/statistics")
    assert "Ward" in page.text
    assert "innleggelse" in page.text
    assert "<rect" in page.text
    assert "Kari" not in page.text
    assert "Ingen åpnet en journal" in (await enter("odd").get("/workspace/oversight/statistics")).text
    assert (await enter("nurse").get("/workspace/oversight/statistics")).status_code == 403
