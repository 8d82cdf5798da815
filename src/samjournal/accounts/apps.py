"""Apps and systems that connect by SMART on FHIR, as their operator registered them. docs/reference/smart.md

read(bytes) -> App                what a file says of one; the words are those of RFC 7591 where it has them
put, remove, app, apps            those that there are
for_app(db, app, scope)           a token of a system's own, which says nothing and lasts minutes
use_assertion(db, app, …)         whether an assertion is used for the first time
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import asyncpg
import msgspec

from samjournal.accounts.tokens import digest, new
from samjournal.audit import Look, write
from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Invalid, NotFound

_SQL = queries("samjournal.accounts")
Kind = Literal["public", "confidential", "backend"]
_KINDS: dict[str, Kind] = {"public": "public", "confidential-asymmetric": "confidential", "backend": "backend"}
BACKEND_SECONDS = 300
"""A token of a backend service lasts so long; it asks anew with an assertion. SMART Backend Services."""
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class App:
    """One app. `redirects` are compared letter by letter; `jwks` are its public keys, or `jwks_uri` says where they
    are; `scope` is the most that it may be given; `launch` is where a patient's page opens it; `used_by` are `citizen`,
    `staff` (all of them) and roles; `owner` answers for it."""

    client_id: str
    name: str
    kind: Kind
    scope: str
    owner: str
    redirects: tuple[str, ...] = ()
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    launch: str | None = None
    used_by: tuple[str, ...] = ()

    def is_for(self, kind: str, role: str) -> bool:
        """Whether somebody of a kind (staff, citizen) in a role may use it."""
        return kind in self.used_by or role in self.used_by

    @property
    def origins(self) -> frozenset[str]:
        """The origins of its pages, from which a browser may ask."""
        parts = (urlsplit(address) for address in self.redirects)
        return frozenset(f"{one.scheme}://{one.netloc}" for one in parts if one.scheme in ("http", "https"))


class _File(msgspec.Struct, forbid_unknown_fields=True):
    client_id: str
    client_name: str
    kind: Literal["public", "confidential-asymmetric", "backend"]
    scope: str
    owner: str
    redirect_uris: list[str] = []
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None
    launch_url: str | None = None
    used_by: list[str] = []


def read(text: bytes) -> App:
    """The app that a file (JSON) describes. Raises Invalid, which says what is wrong and what to write instead."""
    try:
        told = msgspec.json.decode(text, type=_File)
    except msgspec.DecodeError as error:
        raise Invalid(f"The file is not the description of an app: {error}.") from None
    made = App(
        told.client_id.strip(), told.client_name.strip(), _KINDS[told.kind], " ".join(told.scope.split()),
        told.owner.strip(), tuple(told.redirect_uris), told.jwks, told.jwks_uri, told.launch_url, tuple(told.used_by),
    )  # fmt: skip
    for name, value in (("client_id", made.client_id), ("client_name", made.name), ("owner", made.owner)):
        if not value or not value.isprintable() or len(value) > 200:
            raise Invalid(f"{name} is empty, longer than 200 letters, or has letters that are not shown.")
    _refuse_odd_keys(made)
    _refuse_odd_addresses(made)
    return made


def _refuse_odd_keys(made: App) -> None:
    has_keys = (made.jwks is not None) + (made.jwks_uri is not None)
    if made.kind == "public" and has_keys:
        raise Invalid("A public app keeps no secret, so it has no keys: leave jwks and jwks_uri out.")
    if made.kind != "public" and has_keys != 1:
        raise Invalid("Give the public keys of the app as jwks, or jwks_uri where they are: one of the two.")
    if made.jwks is not None:
        keys = made.jwks.get("keys")
        if not isinstance(keys, list) or not keys or not all(isinstance(one, dict) for one in keys):
            raise Invalid('jwks is {"keys": […]}, with at least one public key.')
        if any(secret in one for one in keys for secret in ("d", "k", "p", "q")):
            raise Invalid(
                "jwks holds a private key. Keep it with the app alone, make a new one, and send the public half."
            )
    if made.jwks_uri is not None and not _is_safe(made.jwks_uri):
        raise Invalid("jwks_uri is an https address (http on this machine alone).")


def _refuse_odd_addresses(made: App) -> None:
    if made.kind == "backend":
        if made.redirects or made.launch or made.used_by:
            raise Invalid("A backend service has no person: leave redirect_uris, launch_url and used_by out.")
        return
    if not made.redirects:
        raise Invalid("Name the redirect_uris of the app, each whole: they are compared letter by letter.")
    if not made.used_by:
        raise Invalid("Say in used_by who may use the app: citizen, staff, or roles.")
    for address in made.redirects:
        parts = urlsplit(address)
        native = "." in parts.scheme and bool(parts.path)
        if parts.fragment or "*" in address or not (native or _is_safe(address)):
            raise Invalid(f"The redirect {address[:120]} is no https address (http on this machine alone) without “#”.")
    if made.launch is not None and (not _is_safe(made.launch) or urlsplit(made.launch).fragment):
        raise Invalid("launch_url is an https address (http on this machine alone) without “#”.")


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    if not parts.hostname or parts.username is not None or not address.isascii() or any(map(str.isspace, address)):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)


async def put(db: Pool, one: App) -> None:
    """Register an app, or what is new of it."""
    jwks = msgspec.json.encode(one.jwks).decode() if one.jwks is not None else None
    told = (one.client_id, one.name, one.kind, list(one.redirects), jwks, one.jwks_uri, one.scope, one.launch)
    await db.execute(_SQL.put_app, *told, list(one.used_by), one.owner)


async def remove(db: Pool, client_id: str) -> None:
    """Take an app away, with all tokens and all that people let it do. Raises NotFound."""
    async with db.transaction() as connection:
        if await connection.fetchval(_SQL.remove_app, client_id) is None:
            raise NotFound(f"There is no app {client_id[:80]}.")
        await connection.execute(_SQL.end_app, client_id)
        await connection.execute(_SQL.end_granted_to, client_id)


async def app(db: Pool, client_id: str) -> App | None:
    """One app that is registered."""
    row = await db.fetchrow(_SQL.apps, client_id)
    return _app(row) if row is not None else None


async def apps(db: Pool) -> list[App]:
    """All that are registered, by name."""
    return [_app(row) for row in await db.fetch(_SQL.apps, None)]


async def app_names(db: Pool, client_ids: Iterable[str]) -> dict[str, str]:
    """What some apps are called, those that were removed too."""
    return {row["client_id"]: row["name"] for row in await db.fetch(_SQL.app_names, list(client_ids))}


def _app(row: asyncpg.Record) -> App:
    jwks = msgspec.json.decode(row["jwks"]) if row["jwks"] is not None else None
    return App(
        row["client_id"], row["name"], row["kind"], row["scope"], row["owner"], tuple(row["redirects"]), jwks,
        row["jwks_uri"], row["launch"], tuple(row["used_by"]),
    )  # fmt: skip


async def for_app(db: Pool, one: App, scope: str) -> str:
    """A token for a backend service, within a scope; it is logged, and lasts `BACKEND_SECONDS`."""
    token = new()
    async with db.transaction() as connection:
        await connection.execute(_SQL.forget_tokens, one.client_id)
        kept = (digest(token), None, None, one.client_id, scope, None, one.client_id, None, "access")
        await connection.execute(_SQL.issue_for_app, *kept, BACKEND_SECONDS)
        issued = Look("token", one.client_id, one.name, "system", "", "token", why=scope, app=one.client_id)
        await write(connection, [issued])
    return token


async def use_assertion(db: Pool, client_id: str, jti: str, expires: datetime) -> bool:
    """Note that an assertion was used; whether it is the first time."""
    await db.execute(_SQL.forget_assertions, client_id)
    return await db.fetchval(_SQL.use_assertion, client_id, jti, expires) is not None


async def end_token(db: Pool, client_id: str, token: str) -> None:
    """End an access token, if it is the app's own."""
    await db.execute(_SQL.end_token, digest(token), client_id)


_KNOWN: WeakKeyDictionary[Pool, tuple[float, list[App]]] = WeakKeyDictionary()
_REMEMBERED = 5.0


async def remembered(db: Pool) -> list[App]:
    """All that are registered, as they were some seconds ago: pages and browsers ask for them all the time. Raises
    Unavailable."""
    until, known = _KNOWN.get(db, (float("-inf"), []))
    if time.monotonic() > until:
        known = await apps(db)
        _KNOWN[db] = time.monotonic() + _REMEMBERED, known
    return known
