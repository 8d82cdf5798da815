"""One message names thousands of receivers, or one of them many times: each would get all of it with its files, and
whoever has work would have it twice."""

from __future__ import annotations

from uuid import uuid4

import pytest

from exchange.letters import HOSPITAL, WARD, dialog, message
from exchange.test_receiving import OTHER, addressed, kept, open_tasks, receipts, took  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio


async def test_whom_it_names_twice_gets_it_once(addressed: World) -> None:  # noqa: F811
    id_ = str(uuid4())
    copies = [(HOSPITAL, WARD), (HOSPITAL, OTHER), (HOSPITAL, OTHER)]
    outcome = await took(addressed, message(dialog(), id_=id_, copies=copies))
    assert receipts(outcome) == [("PRIM", "1"), ("COP", "1")]
    assert len(await kept(addressed, "Communication", id_)) == len(await open_tasks(addressed, id_)) == 2


async def test_one_to_thousands_is_looked_at_by_a_person(addressed: World) -> None:  # noqa: F811
    copies = [(HOSPITAL, str(810000 + number)) for number in range(3000)]
    outcome = await took(addressed, message(dialog(), copies=copies))
    assert (outcome.state, receipts(outcome)) == ("unplaced", [])
    assert outcome.owner
    assert "3001 receivers" in outcome.told
