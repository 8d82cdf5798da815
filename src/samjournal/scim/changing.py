"""Users and groups created, replaced, patched and taken away. RFC 7644 sections 3.3, 3.5, 3.6"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from samjournal import provisioning
from samjournal.access import Permit
from samjournal.fhir.errors import NotFound
from samjournal.provisioning import Wish
from samjournal.record import Door
from samjournal.scim import groups, users
from samjournal.scim.documents import Document, understood
from samjournal.scim.errors import Refused
from samjournal.scim.patching import patched
from samjournal.scim.schemas import GROUP, USER, Kind

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@dataclass(frozen=True, slots=True)
class Order:
    """One change: of what, by whom, with which body, of which version (None: whatever stands)."""

    door: Door
    permit: Permit
    kind: Kind
    base: str
    id: str | None
    body: Any
    version: int | None = None


def version_of(header: str | None) -> int | None:
    """The version in If-Match; None for none and for *. Raises Refused."""
    if header is None or header.strip() == "*":
        return None
    found = _ETAG.fullmatch(header.strip())
    if found is None:
        raise Refused('If-Match is an ETag as this server writes it: W/"3".', status=412)
    return int(found[1])


async def read(door: Door, kind: Kind, id_: str, base: str) -> Document:
    """One user or group. Raises NotFound."""
    if kind is USER:
        person = await provisioning.person(door.pool, id_)
        if person is None:
            raise NotFound("There is no User with this id.")
        return users.shown(person, base)
    team = await provisioning.team(door.pool, id_)
    if team is None:
        raise NotFound("There is no Group with this id.")
    return groups.shown(team, base)


async def create(order: Order) -> Document:
    """POST."""
    document = understood(order.body, order.kind)
    if order.kind is USER:
        wish = await users.wish(order.door, order.permit, document, None)
        return users.shown((await provisioning.put(order.door, order.permit, wish))[0], order.base)
    return await _put_team(order, document)


async def replace(order: Order) -> Document:
    """PUT: what is said, and nothing of what is not; roles, numbers and members that are not spoken of stay."""
    assert order.id is not None
    document = understood(order.body, order.kind)
    if order.kind is USER:
        standing = await _standing(order)
        return await _put(order, await users.wish(order.door, order.permit, document, standing))
    team = await provisioning.team(order.door.pool, order.id)
    if team is None:
        raise NotFound("There is no Group with this id.")
    return await _put_team(order, _filled(document, groups.shown(team, order.base), GROUP.extension))


async def patch(order: Order) -> Document:
    """PATCH."""
    assert order.id is not None
    standing = await read(order.door, order.kind, order.id, order.base)
    document = patched(standing, order.body, order.kind)
    if order.kind is USER:
        return await _put(order, await users.wish(order.door, order.permit, document, await _standing(order)))
    return await _put_team(order, document)


async def remove(order: Order) -> None:
    """DELETE: a person is out at once, and stays in the record, which he wrote in; the directory finds him
    no more. A group is gone."""
    assert order.id is not None
    if order.kind is GROUP:
        await provisioning.remove_team(order.door, order.permit, order.id, version=order.version)
        return
    await provisioning.remove(order.door, order.permit, order.id, version=order.version)


async def _standing(order: Order) -> provisioning.Person:
    assert order.id is not None
    found = await provisioning.person(order.door.pool, order.id)
    if found is None:
        raise NotFound("There is no User with this id.")
    return found


async def _put(order: Order, wish: Wish) -> Document:
    made, _ = await provisioning.put(order.door, order.permit, wish, login=order.id, version=order.version)
    return users.shown(made, order.base)


async def _put_team(order: Order, document: Document) -> Document:
    wish = await groups.wish(order.door, order.permit, document)
    made = await provisioning.put_team(order.door, order.permit, wish, id_=order.id, version=order.version)
    return groups.shown(made, order.base)


def _filled(document: Document, standing: Document, extension: str) -> Document:
    """A group is renamed without emptying it, and without taking its role from it."""
    kept = {name: standing[name] for name in ("members", extension) if name in standing and name not in document}
    return {**kept, **document}
