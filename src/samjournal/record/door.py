"""The door itself: what every interaction needs, and what comes back through it."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from samjournal.access import Permit, Persons
from samjournal.audit import Look, Looks
from samjournal.db.pool import Pool
from samjournal.fhir import numbers as types
from samjournal.fhir.errors import NotFound
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.protection import (
    CONFIDENTIALITY,
    NUMBERED,
    PROTECTED,
    is_protected,
    may_be_numbered,
    open_rendition,
    placeless,
    unnamed,
)
from samjournal.record.searched import refresh
from samjournal.record.together import Histories, Reads
from samjournal.terminology import LOADED


@dataclass(frozen=True, slots=True)
class Door:
    """The one way to the record. `secret` signs live keys."""

    pool: Pool
    looks: Looks
    reads: Reads
    histories: Histories
    persons: Persons
    secret: bytes


class Stored(msgspec.Struct, frozen=True, gc=False):
    """One version of a resource. `body` is None when it was deleted, `created` when nothing stood there."""

    type: str
    id: str
    version: int
    at: datetime
    body: bytes | None
    created: bool = False

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.id}"

    def resource(self) -> dict[str, Any]:
        """The resource as a dict. Numbers become floats: for reading, never for storing again."""
        if self.body is None:
            raise NotFound(f"{self.reference} was deleted.")
        decoded: dict[str, Any] = msgspec.json.decode(self.body)
        return decoded


async def open_door(pool: Pool, *, secret: bytes) -> Door:
    """A door to the record in a database; from then on codes are called what its code systems call them."""
    persons = Persons()
    await persons.refresh(pool)
    await LOADED.refresh(pool)
    await refresh(pool)
    return Door(pool, Looks(pool), Reads(pool), Histories(pool), persons, secret)


def stored_of(row: asyncpg.Record, permit: Permit) -> Stored:
    """A row of a search or read, in the rendition that the permit allows."""
    return Stored(types.name(row["type"]), row["id"], row["version"], row["at"], rendition(row["body"], row, permit))


def all_stored(rows: Sequence[asyncpg.Record], permit: Permit) -> list[Stored]:
    """The same for many rows. Most need no other rendition, and are not asked about it one by one."""
    return [
        Stored(
            types.name(type_ := row["type"]),
            row["id"],
            row["version"],
            row["at"],
            rendition(row["body"], row, permit) if row["protected"] or type_ in _OFTEN_RENDERED else row["body"],
        )
        for row in rows
    ]


def rendition(body: bytes | None, row: asyncpg.Record, permit: Permit) -> bytes | None:
    """The bytes as they lie, or made anew without the protected fields, and of what is kept of a protected patient
    without the places and people whom the reader does not know."""
    if row["type"] == _NUMBERED:
        return _numberless(body, permit)
    if body is None or not (row["protected"] or row["type"] in _LABELLED):
        return body
    if row["type"] not in _LABELLED:
        return body if sees_protected(permit, row) else placeless(body, permit.knows)
    if sees_protected(permit, row) or not (row["protected"] or _may_be_labelled(body)):
        return body
    resource = msgspec.json.decode(body)
    # Labels rule all versions; and a version that carried one keeps it when the newest does not.
    if row["protected"] or is_protected(resource):
        return compact_of(unnamed(open_rendition(resource), permit.knows))
    return body


def _numberless(body: bytes | None, permit: Permit) -> bytes | None:
    """The bytes of somebody who works here; each version for itself, since the newest may lack the number."""
    if body is None or permit.shows_protected(NUMBERED) or not may_be_numbered(body):
        return body
    resource = msgspec.json.decode(body)
    return compact_of(open_rendition(resource)) if is_protected(resource) else body


_NUMBERED = types.number(NUMBERED)
_LABELLED = frozenset(types.number(type_) for type_ in PROTECTED)
_OFTEN_RENDERED = _LABELLED | {_NUMBERED}


def _may_be_labelled(body: bytes) -> bool:
    """Whether a label may stand in the bytes, which are as the sender wrote them: JSON may escape any sign of it."""
    return _MARK in body or (b"\\" in body and b"\\u" in body)


_MARK = CONFIDENTIALITY.rpartition("/")[2].encode()


def sees_protected(permit: Permit, row: Mapping[str, Any] | asyncpg.Record) -> bool:
    """Whether the permit shows protected fields of a row: systems that may, and the person himself, but not of those
    who are named in his record."""
    shown = permit.shows_protected(types.name(row["type"]))
    return shown and (permit.unrestricted or row["patient"] in permit.own)


def look_of(permit: Permit, action: str, **what: Any) -> Look:
    """A line for the log, with who and in which role from the permit."""
    return Look(
        request=permit.request,
        actor=permit.actor,
        name=permit.name,
        role=permit.role,
        unit=permit.unit,
        organization_id=permit.organization,
        agent=permit.agent,
        app=permit.app,
        action=action,
        **what,
    )


def watch_key(door: Door, permit: Permit, patient: int) -> str:
    """What an open page listens for: a patient's key that only this session can use."""
    number = f"{patient & 0xFFFFFFFFFFFFFFFF:016x}"
    return f"{number}.{_sign(door, permit.session, number)}"


def watched(door: Door, session: str, watch: str) -> int | None:
    """The patient key behind a watch key of this session, None when it was not given to it."""
    number, _, signature = watch.partition(".")
    if not hmac.compare_digest(_sign(door, session, number).encode(), signature.encode()):
        return None
    return int.from_bytes(bytes.fromhex(number), "big", signed=True)


def _sign(door: Door, session: str, number: str) -> str:
    return hmac.new(door.secret, f"{session} {number}".encode(), hashlib.sha256).hexdigest()[:24]
