"""`samjournal serve`: database, schema, application and socket, and all of it stopped in the right order."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import ipaddress
import logging
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from samjournal import access, record
from samjournal.access import past
from samjournal.accounts import LIMITS, Limits
from samjournal.accounts.installation import Installation
from samjournal.db.folder import until
from samjournal.db.partitions import make_months
from samjournal.db.pool import Pool, connect
from samjournal.db.postgres import Postgres, running
from samjournal.exchange.connections import Connections, connections
from samjournal.exchange.table import Misconfigured
from samjournal.notes import Speech
from samjournal.server import installing, roles, welcome
from samjournal.server.connections import Connection, most_connections
from samjournal.server.exits import OK, NotReady, Refused, Usage
from samjournal.server.front import Network
from samjournal.server.identity import identity
from samjournal.server.sealing import folder_of
from samjournal.server.settings import Settings
from samjournal.server.tls import Tls
from samjournal.signin import Identity

_log = logging.getLogger("samjournal.serve")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for. `demo`: how many inhabitants; `sure`: how often a warning was waved off."""

    data_dir: Path | None
    database: str | None
    host: str
    port: int
    demo: int | None
    sure: int
    log: Path | None
    origins: tuple[str, ...] = ()
    audit_dir: Path | None = None
    messages_dir: Path | None = None
    connections: Path | None = None
    sessions: Limits = LIMITS
    speech: Speech | None = None
    address: str = ""
    proxies: tuple[Network, ...] = ()
    contact: str = ""
    tls: Tls | None = None
    identity: Path | None = None


async def serve(options: Options) -> int:
    """Run until asked to stop by Ctrl-C, SIGTERM or a closed terminal."""
    if options.demo is not None:
        _refuse_to_show_a_demo(options)
    stopping = asyncio.Event()
    server = Server()
    work = asyncio.create_task(_serve(options, stopping, server), name="serve")
    asked = 0

    def stop() -> None:
        nonlocal asked
        asked += 1
        stopping.set()
        if server.started:
            server.should_exit = True
            server.force_exit = asked > 1
        elif asked == 1:
            work.cancel()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)
    try:
        return await work
    except asyncio.CancelledError:
        if not asked:
            raise
        return OK


async def _serve(options: Options, stopping: asyncio.Event, server: Server) -> int:
    with contextlib.closing(_listening_place(options.host, options.port)) as place:
        found = _connections(options.connections)
        settings = Settings(
            dsn=options.database or "",
            host=options.host,
            port=place.getsockname()[1],
            data_dir=options.data_dir,
            audit_dir=folder_of(options.data_dir, options.audit_dir),
            messages_dir=options.messages_dir or (options.data_dir / "messages" if options.data_dir else None),
            transports=found.transports,
            register=found.register,
            trust=found.trust,
            notices=found.notices,
            rooms=found.rooms,
            sessions=options.sessions,
            stopping=stopping,
            origins=options.origins,
            speech=options.speech,
            public=options.address or (options.tls.address(options.host, place) if options.tls else ""),
            proxies=options.proxies,
            contact=options.contact,
        )
        settings = replace(settings, identity=_identity(options.identity, settings.address))
        async with _database(options, settings) as (settings, _postgres):
            installation = await _prepared(options, settings)
            if installation.demo:
                _refuse_to_show_a_demo(options)
            elif not settings.identity.providers:
                _log.warning("nobody can sign in to the pages: no provider is named with --identity")
            server.configure(await _application(settings), tls=options.tls)
            announced = asyncio.create_task(_announce(server, settings, installation, options))
            try:
                await server.serve(sockets=[place])
            finally:
                announced.cancel()
            if not server.started:
                raise NotReady("The server did not start. The log has the reason.")
            _log.info("stopped answering; stopping the database")
    return OK


def _connections(path: Path | None) -> Connections:
    """What the operator set up to carry messages, the address register, and whom he trusts. Raises Usage, which says
    what is wrong in the file."""
    try:
        return connections(path) if path is not None else Connections()
    except Misconfigured as error:
        raise Usage(str(error)) from None


def _identity(path: Path | None, address: str) -> Identity:
    """By whom people sign in, who find us at an address. Raises Usage, which says what is wrong in the file."""
    try:
        return identity(path, address) if path is not None else Identity()
    except Misconfigured as error:
        raise Usage(str(error)) from None


@contextlib.asynccontextmanager
async def _database(options: Options, settings: Settings) -> AsyncIterator[tuple[Settings, Postgres | None]]:
    if options.data_dir is None:
        yield replace(settings, dsn=await roles.ready(settings.dsn, is_own=False)), None
        return
    async with running(options.data_dir, purpose="serve", patience=10) as postgres:
        dsn = await roles.ready(postgres.dsn, is_own=True)
        yield (
            replace(settings, dsn=dsn, database_state=lambda: (postgres.state, postgres.reason)),
            postgres,
        )


async def _prepared(options: Options, settings: Settings) -> Installation:
    """The installation marked as what it is, the demo people made where they are asked for."""
    pool = await connect(settings.dsn, size=4, statement_timeout=60)
    try:
        await make_months(pool)
        await access.key_units(pool)
        if taken := await record.occupy_stored(pool, datetime.now(UTC)):
            _log.info("the times of appointments of an earlier release are taken", extra={"appointments": taken})
        for role in await past.keep(pool):
            _log.info("what a role may do is kept", extra={"role": role})
        installation = await installing.settled(pool, demo=options.demo is not None, data_dir=options.data_dir)
        if options.demo is not None:
            await _demo(pool, options.demo, options.data_dir)
        return installation
    finally:
        await pool.close()


async def _demo(pool: Pool, inhabitants: int, data_dir: Path | None) -> None:
    from samjournal.server.demo import make_demo

    await make_demo(pool, inhabitants=inhabitants, tell=welcome.tell, data_dir=data_dir)


async def _application(settings: Settings) -> Any:
    from samjournal.server.app import create

    return create(settings)


async def _announce(server: Server, settings: Settings, installation: Installation, options: Options) -> None:
    from samjournal.server.memory import keep_memory

    await until(lambda: server.started, patience=float("inf"))
    # What was made at the start lives as long as the server: the garbage collector need not look at it again.
    gc.collect()
    gc.freeze()
    # A page of results is thousands of objects that are in no cycle: to look for one so often is a waste.
    gc.set_threshold(20_000, 20, 50)
    keep_memory()
    _log.info("ready", extra={"address": settings.address})
    welcome.show(settings.address, demo=installation.demo, log=options.log)


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: the order of stopping is ours, and PostgreSQL comes last."""

    def __init__(self) -> None:
        super().__init__(uvicorn.Config(app=_nothing, log_config=None))

    def configure(self, app: Any, *, connection: type[Connection] = Connection, tls: Tls | None = None) -> None:
        most = most_connections(connection.most)
        self.config = uvicorn.Config(
            app=app,
            loop="none",
            http=type(connection.__name__, (connection,), {"most": most}),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=8,
            ssl_context_factory=tls.context if tls else None,
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _nothing(*_: Any) -> None:
    raise AssertionError


def _listening_place(host: str, port: int) -> socket.socket:
    """The address, taken before anything else is started, so that a taken port is told at once."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        # asyncio sends small answers at once (TCP_NODELAY) only where the socket says that it is TCP.
        place = socket.socket(family, kind, protocol)
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(address)
    except socket.gaierror:
        raise NotReady(f"{host} is not an address of this machine.") from None
    except OverflowError:
        raise NotReady(f"{port} is not a port: choose one between 1024 and 65535.") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise NotReady(
                f"Port {port} is taken by another program. Choose another: make run PORT={port + 1}"
            ) from None
        if error.errno == errno.EACCES:
            raise NotReady(f"Port {port} is only for root. Choose one above 1023: make run PORT=8000") from None
        raise NotReady(f"{host}:{port} cannot be used: {error.strerror}.") from None
    return place


def _refuse_to_show_a_demo(options: Options) -> None:
    """Neither on an address that others reach, nor behind something that shows it to them under another."""
    shown = urlsplit(options.address).hostname
    reached = next((host for host in (options.host, shown) if host and not is_loopback(host)), None)
    if reached is None or options.sure >= 2:
        return
    raise Refused(
        f"This is a demo installation: everybody who reaches {reached} may sign in as anybody. It answers on"
        " 127.0.0.1 only. If the network is yours alone, give --i-know-this-is-a-demo twice."
    )


def is_loopback(host: str) -> bool:
    """Whether the address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
