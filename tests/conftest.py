"""One embedded PostgreSQL for the whole run, a fresh migrated database for each test module that asks for one.

`pool`      a samjournal.db.pool.Pool on the module's own database (migrated), as the application's role
`database`  its DSN, for programs that are started by the test
`owner`     a connection of the database's owner, for tests that do what the application cannot
`postgres`  the server, for tests that make databases themselves

Tests that ask for none of them never start a server.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from hypothesis import settings

from samjournal.db import postgres as embedded
from samjournal.db.cluster import USER
from samjournal.db.migrate import migrate
from samjournal.db.pool import Pool, connect
from samjournal.db.rights import APPLICATION, as_role, settle
from world import World, build

_TEMPLATE = "template_samjournal"
_numbers = itertools.count(1)

# The server lives for one test run only, so nothing has to reach the disk.
_FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "80"}


def pytest_configure(config: pytest.Config) -> None:
    # Drills (`make prove`) try many more cases than each run of the tests.
    settings.register_profile("each run", max_examples=100)
    settings.register_profile("drill", max_examples=1000)
    settings.load_profile("drill" if "drill" in config.option.markexpr else "each run")
    # What a shell starts with `&`, as `make test` does, is to ignore Ctrl-C, and so would every program started here.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    # Thousands of tests need not be gone through each time that garbage is looked for.
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def is_drill(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make prove`, which does everything more often than each run of the tests."""
    return "drill" in request.config.option.markexpr


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Postgres]:
    folder = embedded.at(tmp_path_factory.mktemp("postgres"))
    server = asyncio.run(_started(folder))
    yield server
    asyncio.run(embedded.stop(server))


@pytest.fixture(scope="module")
def database(postgres: embedded.Postgres, request: pytest.FixtureRequest) -> Iterator[str]:
    name = f"test_{next(_numbers)}_{Path(request.node.name).stem}"[:60].lower()
    asyncio.run(_execute(postgres.dsn, f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE} STRATEGY file_copy'))
    asyncio.run(_execute(postgres.dsn, f'REVOKE CREATE, TEMPORARY ON DATABASE "{name}" FROM PUBLIC'))
    yield as_role(postgres.dsn_of(name), APPLICATION)
    asyncio.run(_execute(postgres.dsn, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@pytest.fixture(scope="module")
async def pool(database: str) -> AsyncIterator[Pool]:
    connections = await connect(database, size=10)
    yield connections
    await connections.close(patience=2)


@pytest.fixture
async def owner(database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(as_role(database, USER))
    yield connection
    await connection.close()


async def _started(folder: embedded.Folder) -> embedded.Postgres:
    server = await embedded.start(folder, settings=_FAST)
    await _execute(server.dsn, f"CREATE DATABASE {_TEMPLATE}")
    await migrate(server.dsn_of(_TEMPLATE))
    await settle(server.dsn_of(_TEMPLATE))
    return server


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
async def world(pool: Pool) -> World:
    """A small world in a database of the module's own."""
    return await build(pool)
