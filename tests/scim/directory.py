"""A directory that speaks SCIM to the application, as the tests of SCIM use it."""

from __future__ import annotations

from typing import Any

import httpx

from samjournal import accounts
from samjournal.scim import Scim
from world import World

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
STAFF = "urn:samjournal:scim:1.0:Staff"
ROLE = "urn:samjournal:scim:1.0:RoleAtUnit"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


async def directory(world: World, scope: str = "accounts.change") -> httpx.AsyncClient:
    """A client of /scim/v2 with a token of its own."""
    token = await accounts.for_system(world.pool, "iam", scope)
    return client(world, {"authorization": f"Bearer {token}"})


def client(world: World, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=Scim(world.door))
    sent = {"content-type": "application/scim+json", **(headers or {})}
    return httpx.AsyncClient(transport=transport, base_url="http://test/scim/v2", headers=sent)


def user(name: str, *assignments: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A User with roles given by name."""
    given, _, family = name.partition(".")
    staff = {"assignments": list(assignments), **more.pop("staff", {})}
    return {
        "schemas": [USER, STAFF],
        "userName": name,
        "name": {"givenName": given.title(), "familyName": family.title() or "Hansen"},
        "active": True,
        STAFF: staff,
        **more,
    }


def at(code: str, unit: str, **more: Any) -> dict[str, Any]:
    """A role at a unit."""
    return {"code": code, "organizationId": unit, **more}


def operations(*some: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(some)}
