"""A second opinion: the compliance checks of a SCIM client library. scim2-tester.readthedocs.io"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from scim2_client import BaseSyncSCIMClient
from scim2_models import ResourceType, Schema, ScimProvider
from scim2_tester import Status, check_server

from samjournal import accounts
from samjournal.db.pool import Pool
from samjournal.record import open_door
from samjournal.scim import schemas
from scim.directory import directory
from world import World

pytestmark = pytest.mark.anyio
BASE = "http://test/scim/v2"


class Through(BaseSyncSCIMClient):
    """The library's client over the application, which lives in the loop of the test."""

    def __init__(self, application: httpx.AsyncClient, loop: asyncio.AbstractEventLoop, **named: Any) -> None:
        super().__init__(**named)
        self._application, self._loop = application, loop

    def request(self, method: str, url: str, **named: Any) -> Any:
        sent = {name: value for name, value in named.items() if name in ("params", "json", "headers", "content")}
        asked = self._application.request(method, url, **sent)
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(60)


async def test_a_client_library_finds_nothing_wrong(pool: Pool) -> None:
    made = await accounts.create(pool, kind="production")
    iam = await directory(World(await open_door(pool, secret=made.secret), pool))
    # What the extensions take is no text at random: units and roles that there are. They have tests of their own.
    kinds = [{**one, "schemaExtensions": []} for one in schemas.resource_types(BASE)]
    provider = ScimProvider.from_discovery(
        [Schema.model_validate(one) for one in schemas.schemas(BASE) if ":core:" in one["id"]],
        [ResourceType.model_validate(one) for one in kinds],
    )
    client = Through(iam, asyncio.get_running_loop(), provider=provider)
    results = await asyncio.to_thread(check_server, client)
    wrong = [f"{one.title}: {one.reason}" for one in results if one.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert not wrong, "\n".join(wrong)
    assert sum(one.status == Status.SUCCESS for one in results) > 40
