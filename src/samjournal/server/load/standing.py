"""What the record has already of what comes, so that a repeated load doubles nothing and takes nothing back.

    wanted = Standing(door, permit, began)
    await wanted.there(entries)                    the references among them that are stored, deleted ones included
    await wanted.judge(entries)                    for each of these: what to do with the content that comes

Content that a version of the resource had before this load began is not written once more: whoever changed it since
knew better than the file.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from samjournal.access import Permit
from samjournal.fhir.errors import NotFound
from samjournal.record import Door, history, query_of, search, stored_among
from samjournal.server.load.entries import Entry

_AT_ONCE = 100
_VERSIONS = 50
_exact = msgspec.json.Decoder(float_hook=str)


class Verdict(Enum):
    """What the record says to content that comes under an id that it has."""

    SAME = "the newest version has this content"
    LEFT = "an earlier version had this content, and somebody changed it since"
    NEWER = "the same thing, with content that it never had"
    OTHER = "something else"


class Standing:
    """Compares what comes with what stands. `began` is when this load began."""

    def __init__(self, door: Door, permit: Permit, began: datetime) -> None:
        self._door = door
        self._permit = permit
        self._began = began

    async def there(self, wanted: Sequence[Entry]) -> set[str]:
        """References of those that are stored, deleted ones included."""
        stored = await stored_among(self._door, list({(one.type, one.id) for one in wanted}))
        return {f"{type_}/{id_}" for type_, id_ in stored}

    async def judge(self, some: Sequence[tuple[Entry, bytes]], *, loosely: bool = False) -> list[Verdict]:
        """What to do with each entry, by its resolved bytes. `loosely` does not compare where references lead."""
        newest = await self._newest([entry for entry, _ in some])
        return [await self._one(entry, comes, newest.get(entry.reference), loosely) for entry, comes in some]

    async def _newest(self, wanted: Sequence[Entry]) -> dict[str, bytes]:
        by_type: dict[str, list[str]] = defaultdict(list)
        for one in wanted:
            by_type[one.type].append(one.id)
        bodies: dict[str, bytes] = {}
        for type_, ids in by_type.items():
            for begin in range(0, len(ids), _AT_ONCE):
                some = ids[begin : begin + _AT_ONCE]
                pairs = [("_id", ",".join(some)), ("_count", str(_AT_ONCE)), ("_total", "none")]
                page = await search(self._door, self._permit, query_of(type_, pairs))
                bodies |= {one.reference: one.body for one in page.matches if one.body is not None}
        return bodies

    async def _one(self, entry: Entry, comes: bytes, newest: bytes | None, loosely: bool) -> Verdict:
        try:
            new = _content(comes)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return Verdict.NEWER  # It is told when it is read.
        if newest is not None and _alike(_content(newest), new, loosely):
            return Verdict.SAME
        versions = await self._versions(entry)
        if any(_alike(content, new, loosely) for at, content in versions if at < self._began):
            return Verdict.LEFT
        if not entry.claimed or any(_share_identifier(content, new) for _, content in versions):
            return Verdict.NEWER
        return Verdict.OTHER

    async def _versions(self, entry: Entry) -> list[tuple[datetime, Any]]:
        """The contents that the resource had, newest first."""
        try:
            versions, _ = await history(self._door, self._permit, entry.type, entry.id, count=_VERSIONS)
        except NotFound:
            return []
        return [(one.stored.at, _content(one.stored.body)) for one in versions if one.stored.body]


def _content(body: bytes) -> Any:
    """A resource without what the server gives it."""
    resource = _exact.decode(body)
    if not isinstance(resource, dict):
        return resource
    resource.pop("id", None)
    meta = resource.get("meta")
    if isinstance(meta, dict):
        for name in ("versionId", "lastUpdated", "_versionId", "_lastUpdated"):
            meta.pop(name, None)
        if not meta:
            del resource["meta"]
    return resource


def _alike(old: Any, new: Any, loosely: bool) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(
            (name == "reference" and _leads_alike(old[name], new[name], loosely))
            or _alike(old[name], new[name], loosely)
            for name in old
        )
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(_alike(one, other, loosely) for one, other in zip(old, new, strict=True))
    return type(old) is type(new) and bool(old == new)


def _leads_alike(old: Any, new: Any, loosely: bool) -> bool:
    """Whether two references may lead to the same: what is not resolved yet may lead anywhere."""
    return isinstance(old, str) and isinstance(new, str) and (loosely or "?" in new or new.startswith("urn:uuid:"))


def _share_identifier(old: Any, new: Any) -> bool:
    return bool(_identifiers(old) & _identifiers(new))


def _identifiers(resource: Any) -> set[tuple[str, str]]:
    held = resource.get("identifier") if isinstance(resource, dict) else None
    return {
        (one["system"], one["value"])
        for one in (held if isinstance(held, list) else [held])
        if isinstance(one, dict) and isinstance(one.get("system"), str) and isinstance(one.get("value"), str)
    }
