"""Which added search parameters this program indexes by and searches, and how it stands with all of them.

all_standing(db) -> list[Standing]      those that are active, then those that are only stored
refresh(db)                             learn what is active; `fhir.custom` knows it from then on
refresh_if_changed(db) -> bool          the same where something changed: one small question
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from samjournal.db.pool import Connection, Pool
from samjournal.fhir import custom
from samjournal.store import added
from samjournal.store.added import Active, Mark, Renewal

_TYPE = "SearchParameter"


@dataclass(frozen=True, slots=True)
class Indexed:
    """How far the resources of a type are indexed: `done` of `total` (None: not counted yet), `rate` in a second."""

    type: str
    code: str
    ready: bool
    done: int
    total: int | None
    rate: float | None

    @property
    def part(self) -> float:
        """From 0 to 1."""
        return 1.0 if self.ready else min(self.done / self.total, 1.0) if self.total else 0.0

    def told(self) -> str:
        if self.ready:
            return "all resources are indexed"
        if self.total is None:
            return "the resources are about to be indexed"
        rate = f", {self.rate:.0f} a second" if self.rate else ""
        return f"{min(self.done, self.total)} of {self.total} resources are indexed{rate}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A SearchParameter that is stored or was activated, and how far each of its types is. `changed` says that what is
    stored by now is not what was activated."""

    id: str
    code: str
    kind: str
    active: bool
    changed: bool
    types: tuple[Indexed, ...]


class _Stored(NamedTuple):
    """A SearchParameter that is stored, as far as it matters here."""

    version: int
    code: str
    kind: str
    bases: tuple[str, ...]


class _Known:
    """What this program knows of the record that it serves."""

    mark: Mark | None = None
    asked: int = 0
    learnt: int = 0
    stored: tuple[str, dict[str, _Stored]] = ("", {})
    progress: Sequence[Indexed] = ()


def added_progress() -> Sequence[Indexed]:
    """How far each active parameter is, as this program learnt it last."""
    return _Known.progress


async def all_standing(db: Pool | Connection) -> list[Standing]:
    """How it stands with all that are stored or active, those that are active first."""
    return _standing(await added.active(db), await added.renewals(db), await _stored(db))


def _standing(active: Sequence[Active], renewals: Sequence[Renewal], stored: dict[str, _Stored]) -> list[Standing]:
    far = {one.type: one for one in renewals}
    found = []
    for id_ in dict.fromkeys([*(one.custom.id for one in active), *stored]):
        mine = [one for one in active if one.custom.id == id_]
        lies = stored.get(id_)
        code, kind = (
            (mine[0].custom.code, mine[0].custom.kind) if mine else (lies.code, lies.kind) if lies else ("", "")
        )
        types = tuple(_progress(one, far[one.custom.type]) for one in mine)
        changed = any(lies is None or one.version != lies.version for one in mine)
        found.append(Standing(id_, code, kind, bool(mine), changed, types))
    return sorted(found, key=lambda one: (not one.active, one.id))


async def _stored(db: Pool | Connection) -> dict[str, _Stored]:
    """What is stored; read anew only when something is stored or deleted."""
    mark = (await added.mark(db)).stored
    if _Known.stored[0] != mark:
        _Known.stored = (mark, {one.id: _read(one.version, one.body) for one in await added.stored(db)})
    return _Known.stored[1]


def _read(version: int, body: bytes) -> _Stored:
    resource: dict[str, Any] = msgspec.json.decode(body)
    return _Stored(version, resource.get("code", ""), resource.get("type", ""), tuple(resource.get("base", ())))


def _progress(one: Active, far: Renewal) -> Indexed:
    if one.since <= far.ready:
        return Indexed(one.custom.type, one.custom.code, True, far.done, far.total, None)
    seconds = (datetime.now(UTC) - far.begun).total_seconds() if far.begun else 0.0
    rate = far.done / seconds if seconds > 0 else None
    return Indexed(one.custom.type, one.custom.code, False, far.done, far.total, rate)


async def refresh(db: Pool | Connection) -> None:
    """Read anew what this program indexes by and searches. Of several at once the one that was asked for last is
    believed: what an earlier one read may be older."""
    _Known.asked += 1
    asked = _Known.asked
    mark = await added.mark(db)
    active, renewals, stored = await added.active(db), await added.renewals(db), await _stored(db)
    if asked < _Known.learnt:
        return
    _Known.learnt = asked
    versions = {one.type: one.wanted for one in renewals}
    ready = {one.type: one.ready for one in renewals}
    searched = {(one.custom.type, one.custom.code) for one in active if one.since <= ready.get(one.custom.type, 0)}
    everything = _standing(active, renewals, stored)
    waiting = _waiting(everything, stored)
    custom.set_active([one.custom for one in active], frozenset(searched), versions, waiting)
    _Known.mark = mark
    _Known.progress = [far for one in everything for far in one.types]


def _waiting(everything: list[Standing], stored: dict[str, _Stored]) -> dict[tuple[str, str], tuple[str, bool]]:
    """Why what is stored is not searched, and whether it soon will be."""
    waiting: dict[tuple[str, str], tuple[str, bool]] = {}
    for one in everything:
        for type_ in () if one.active else stored[one.id].bases:
            told = (
                f"“{one.code}” of {type_} is stored as {_TYPE}/{one.id}, but it is not active, so it is not searched."
            )
            waiting[type_, one.code] = (told, False)
    for one in everything:
        for far in one.types:
            if not far.ready:
                told = f"“{one.code}” of {far.type} is searched as soon as everything is indexed by it: {far.told()}."
                waiting[far.type, one.code] = (told, True)
    return waiting


async def refresh_if_changed(db: Pool) -> bool:
    """Learn what is active where something changed; whether it did."""
    if await added.mark(db) == _Known.mark:
        return False
    await refresh(db)
    return True
