"""Where it is not a demo, there is no sandbox: not a word of it."""

from __future__ import annotations

import httpx
import pytest

from fuzz.site import serving
from samjournal import accounts
from samjournal.db.pool import Pool
from samjournal.server import arguments, cli, exits

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def production(pool: Pool) -> None:
    await accounts.create(pool, kind="production")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "OPTIONS"])
@pytest.mark.parametrize("path", ["/sandbox", "/sandbox/token"])
async def test_the_addresses_are_as_absent_as_any_other(database: str, method: str, path: str) -> None:
    async with serving(database) as site, site.client() as client:
        answer = await client.request(method, path)
        other = await client.request(method, "/nothing-of-the-kind")
    assert answer.status_code == other.status_code == 404
    assert _words(answer) == _words(other)


def _words(answer: httpx.Response) -> str:
    """The page without the number of the request and its own address."""
    return answer.text.replace(answer.headers["x-request-id"], "").replace(answer.request.url.path, "")


@pytest.mark.parametrize("more", [(), ("--client", "laboratory")])
async def test_the_command_refuses(database: str, more: tuple[str, ...]) -> None:
    options = arguments.parsed(["sandbox", "--database", database, *more])
    with pytest.raises(exits.Refused, match="demo only"):
        await cli.COMMANDS["sandbox"](options)
