"""Profiles, tags and security labels: read alone, added and taken away. hl7.org/fhir/R4/resource-operation-meta.html

What is added or taken away makes a new version: versions are never changed, and who added a tag must be seen. Security
labels follow the rule of every write: people change them by named actions only. One such action is this: what somebody
keeps from those who act for the patient (access/representing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from samjournal import access
from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Conflict, Forbidden, PreconditionFailed, Unprocessable
from samjournal.record.change import Change, Decision, change
from samjournal.record.door import Door, Stored, stored_of
from samjournal.record.preconditions import Condition, seen
from samjournal.record.read import read
from samjournal.record.search import look_at_many
from samjournal.store import labelled

MOST = 5000
"""So many resources at most are looked through for the labels of a type or of all."""
_ATTEMPTS = 5
Meta = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labels:
    """Profiles, tags and security labels."""

    profiles: tuple[str, ...] = ()
    tags: tuple[Meta, ...] = ()
    security: tuple[Meta, ...] = ()

    @classmethod
    def of(cls, meta: Meta) -> Labels:
        return cls(tuple(meta.get("profile", ())), tuple(meta.get("tag", ())), tuple(meta.get("security", ())))

    def and_(self, other: Labels) -> Labels:
        """Both, each label once, by system and code."""
        return Labels(
            tuple(dict.fromkeys((*self.profiles, *other.profiles))),
            _once((*self.tags, *other.tags)),
            _once((*self.security, *other.security)),
        )

    def without(self, other: Labels) -> Labels:
        return Labels(
            tuple(one for one in self.profiles if one not in other.profiles),
            _left(self.tags, other.tags),
            _left(self.security, other.security),
        )

    def within(self, meta: Meta) -> Meta:
        """A meta element with these labels instead of its own."""
        kept = {name: value for name, value in meta.items() if name not in ("profile", "tag", "security")}
        lists = {"profile": self.profiles, "security": self.security, "tag": self.tags}
        return {**kept, **{name: list(values) for name, values in lists.items() if values}}


async def meta_of(door: Door, permit: Permit, type_: str, id_: str) -> Meta:
    """The meta element of one resource. Raises as `read` does."""
    return _meta(await read(door, permit, type_, id_))


async def labels_of_types(door: Door, permit: Permit, type_: str | None) -> Labels:
    """The labels that stand on any resource of a type, or of all types, that the reader may see. Raises Forbidden,
    Unprocessable when too many bear some."""
    if type_ is not None:
        permit.demand("r", type_)
    types = [type_] if type_ else [one for one in sorted(load().resources) if permit.may("r", one)]
    if not types:
        raise Forbidden(f"The role {permit.role} reads no type.")
    async with door.pool.acquire() as db:
        found = await _labelled(permit, types, db)
        look = await look_at_many(permit, "meta", found[0], db)
    if look is not None:
        await door.looks.write(look)
    labels = Labels()
    for one in found[1]:
        labels = labels.and_(Labels.of(one))
    return labels


async def _labelled(permit: Permit, types: Sequence[str], db: Connection) -> tuple[list[Any], list[Meta]]:
    text, values = labelled.of_types(types, may=permit.condition, limit=MOST + 1)
    rows = await db.fetch(text, *values)
    if len(rows) > MOST:
        raise Unprocessable(
            f"More than {MOST} resources bear profiles, tags or labels: too many to gather. Search them by _profile,"
            " _tag or _security, or ask for the $meta of one type or resource."
        )
    distinct = {msgspec.json.encode(meta): meta for meta in (_meta(stored_of(row, permit)) for row in rows)}
    return rows, list(distinct.values())


async def change_labels(
    door: Door,
    permit: Permit,
    type_: str,
    id_: str,
    becoming: Callable[[Labels], Labels],
    *,
    condition: Condition | None = None,
    action: str | None = None,
    decision: Decision | None = None,
) -> Meta:
    """Give a resource other labels as a new version, or leave it when that changes nothing; its meta element then.
    Raises what `read` and `change` raise."""
    if permit.kind != "citizen":
        permit.demand("u", type_)
    for _ in range(_ATTEMPTS):
        stored = await read(door, permit, type_, id_)
        if condition is not None and (failing := condition.failing(stored.version, there=True)):
            raise PreconditionFailed(f"{stored.reference} {failing}.")
        before = Labels.of(_meta(stored))
        after = becoming(before)
        if after == before:
            return _meta(stored)
        rights, named = permit, action
        if access.may_withhold(permit, _differing(before, after)):
            rights, named = access.acting(permit, type_), action or "withhold"
        rights.demand("u", type_)
        try:
            (changed,) = await change(door, rights, [_changed(stored, after)], action=named, decision=decision)
        except PreconditionFailed:
            continue
        return _meta(changed)
    raise Conflict(f"Others keep changing {type_}/{id_}. Try again in a moment.")


def _differing(before: Labels, after: Labels) -> set[tuple[object, object]]:
    """The security labels that come or go; empty where anything else changes."""
    if (before.profiles, before.tags) != (after.profiles, after.tags):
        return set()
    return set(map(_key, before.security)) ^ set(map(_key, after.security))


def _changed(stored: Stored, labels: Labels) -> Change:
    """The same bytes with another meta element."""
    assert stored.body is not None
    members = msgspec.json.decode(stored.body, type=dict[str, msgspec.Raw])
    meta = labels.within({name: value for name, value in _meta(stored).items() if name not in _OF_THE_SERVER})
    members["meta"] = msgspec.Raw(msgspec.json.encode(meta))
    if not meta:
        del members["meta"]
    compact = msgspec.json.encode(members)
    return Change("update", stored.type, stored.id, msgspec.json.decode(compact), compact, seen(stored.version))


_OF_THE_SERVER = ("versionId", "lastUpdated")


class _WithMeta(msgspec.Struct):
    meta: dict[str, Any] = {}


def _meta(stored: Stored) -> Meta:
    assert stored.body is not None
    return msgspec.json.decode(stored.body, type=_WithMeta).meta


def _key(label: Meta) -> tuple[object, object]:
    return label.get("system"), label.get("code")


def _once(labels: Iterable[Meta]) -> tuple[Meta, ...]:
    found: dict[tuple[object, object], Meta] = {}
    for label in labels:
        found.setdefault(_key(label), label)
    return tuple(found.values())


def _left(labels: Iterable[Meta], gone: Iterable[Meta]) -> tuple[Meta, ...]:
    keys = {_key(label) for label in gone}
    return tuple(label for label in labels if _key(label) not in keys)
