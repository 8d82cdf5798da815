"""A sender's clock is years behind. His change is dated before the version that is here, is put away as the older of
the two, and he hears that it was taken over. A person sees which of them holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from exchange.letters import message, referral
from exchange.test_receiving import addressed, open_tasks, took  # noqa: F401
from world import World

pytestmark = pytest.mark.anyio
KIND = "HENVISNING_NYTILSTAND"


@pytest.mark.parametrize(("behind", "tasks"), [(timedelta(days=9000), 1), (timedelta(hours=50), 0)])
async def test_what_is_dated_long_ago_is_looked_at(
    addressed: World,  # noqa: F811
    behind: timedelta,
    tasks: int,
) -> None:
    now, document, ids = datetime.now(UTC), str(uuid4()), [str(uuid4()) for _ in range(3)]
    for id_, status, made in zip(
        ids, "NMM", (now - timedelta(days=2), now - timedelta(days=1), now - behind), strict=True
    ):
        outcome = await took(addressed, message(referral(document, status), kind=KIND, id_=id_, made=made))
    assert outcome.state == "superseded"
    found = await open_tasks(addressed, ids[2])
    assert len(found) == tasks
    assert all("Se hvilken som gjelder" in one.words and one.owner == "Organization/ward" for one in found)
