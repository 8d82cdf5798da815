"""What one running server is told. Made by the command line, read by `app.create`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from samjournal.accounts import LIMITS, Limits
from samjournal.exchange.certificates import Trusted
from samjournal.exchange.register import Remembering
from samjournal.exchange.transport import Transport
from samjournal.letters import Channels
from samjournal.notes import Speech
from samjournal.scheduling.video import Rooms
from samjournal.server.front import Network
from samjournal.server.limits import Bounds
from samjournal.signin import Identity


@dataclass(frozen=True, slots=True)
class Settings:
    """`dsn` is reachable and migrated when the application is created. `data_dir` is None with `--database`.

    `stopping` is set when the server was asked to stop: whoever keeps a connection open (event streams) ends then.
    `audit_dir` holds the key that seals the log; None: it is not sealed. `database_state` tells whether the embedded
    PostgreSQL is up, and if not, why. `origins` are those whose pages may ask the API from a browser.
    `messages_dir` is where messages come and go as files; None: they do not. `transports` carry them in other ways, by
    the code of `Endpoint.connectionType`; `register` is the address register; `trust` is whom messages may
    be signed by. `notices` is how people are told what is new; None: in a demo by files, else by letters that units
    print.
    `rooms` are where video visits are held; None: they have no link.
    `public` is the address that the world uses ("": the one it listens on), `proxies` are the machines before it whose
    word on who asks is believed, `contact` is where to tell of a weakness (security.txt; "": nowhere).
    `sessions` is how long somebody stays signed in.
    `speech` turns what is dictated into text; None: nobody dictates.
    `identity` is by whom people sign in, beside the made-up people of a demo.
    """

    dsn: str
    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path | None = None
    audit_dir: Path | None = None
    messages_dir: Path | None = None
    transports: Mapping[str, Transport] = field(default_factory=dict)
    register: Remembering | None = None
    trust: Trusted | None = None
    notices: Channels | None = None
    rooms: Rooms | None = None
    sessions: Limits = LIMITS
    connections: int = 10
    origins: tuple[str, ...] = ()
    public: str = ""
    proxies: tuple[Network, ...] = ()
    contact: str = ""
    speech: Speech | None = None
    identity: Identity = field(default_factory=Identity)
    bounds: Bounds = field(default_factory=Bounds)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    database_state: Callable[[], tuple[Literal["running", "down"], str]] = lambda: ("running", "")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that the server answers to; none when it is reachable from elsewhere, by names not known here."""
        outside = (urlsplit(self.public).netloc,) if self.public else ()
        if self.host not in ("127.0.0.1", "localhost", "::1"):
            return outside
        return (*outside, *(f"{name}:{self.port}" for name in ("127.0.0.1", "localhost", "[::1]")))

    @property
    def address(self) -> str:
        """Where people and programs find the server, without a slash at the end."""
        if self.public:
            return self.public
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def called(self, scheme: str, host: str) -> str | None:
        """The address by which somebody called us; None for one that is not known to be ours."""
        if self.public:
            return self.public
        return f"{scheme}://{host}" if host in self.hosts else None
